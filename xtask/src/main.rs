//! The project's own commands. `cargo xtask` without arguments lists them.

mod ci;
mod fixtures;
mod manifest;
mod process;
mod program;
mod rust;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;

const USAGE: &str = "\
cargo xtask COMMAND

  test                all tests: the whole workspace, then each crate with snapshots alone
  tidy                the rules of the house, read from manifests, sources and the graph
  fixtures            makes the derived test data again
  fixtures --check    says what differs from the committed test data, changes nothing
  ci                  what must pass before a change lands; prints the seconds of each step
  ci --fast           the quick part of it: lock file, fmt, tidy, clippy
  ci --full           all of it, then cargo-deny, rust-version, each library crate alone in an
                      empty workspace, every combination of features, cargo package

OPENSSL_NO_VENDOR=1 links the system's OpenSSL where it would be built from source.";

/// Exit code for a command line that means nothing here.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        [] | ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        ["test"] => with_workspace(test::run),
        ["tidy"] => with_workspace(tidy::run),
        ["fixtures"] => with_workspace(fixtures::write),
        ["fixtures", "--check"] => with_workspace(fixtures::check),
        ["ci"] => with_workspace(|workspace| ci::run(workspace, ci::Extent::Usual)),
        ["ci", "--fast"] => with_workspace(|workspace| ci::run(workspace, ci::Extent::Fast)),
        ["ci", "--full"] => with_workspace(|workspace| ci::run(workspace, ci::Extent::Full)),
        other => {
            eprintln!("error: no such command: {}\n\n{USAGE}", other.join(" "));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn with_workspace(command: impl FnOnce(&Workspace) -> Result<()>) -> Result<()> {
    command(&Workspace::read()?)
}
