//! A crate of one bank holds that bank's facts and does no input or output of its own.

use super::Finding;
use super::arrow::ADAPTERS;
use crate::manifest::{Kind, Manifest};
use crate::rust;
use crate::workspace::Workspace;

/// Packages that an adapter does not bring to whoever uses it.
pub(super) const FOREIGN_IO: [&str; 4] = ["hyper", "reqwest", "rustls", "tokio"];

const STD_IO: [&str; 4] = ["env", "fs", "net", "process"];

const CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];

/// No runtime, no sender and no TLS among an adapter's own dependencies.
pub(super) fn manifest(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in adapters(workspace) {
        for dependency in manifest.dependencies() {
            if dependency.kind != Kind::Test && FOREIGN_IO.contains(&dependency.name.as_str()) {
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    format!("{} depends on {}", manifest.name(), dependency.name),
                    "input and output only through grants' HttpSend",
                ));
            }
        }
    }
    findings
}

/// No files, sockets, environment or clock in an adapter's sources. Its unit tests may.
pub(super) fn source(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let folders: Vec<String> = adapters(workspace)
        .map(|manifest| format!("{}/src/", manifest.folder()))
        .collect();
    for (path, text) in workspace.sources() {
        if !folders.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let code = rust::code_only(rust::before_tests(text));
        for module in STD_IO {
            for line in rust::lines_with_std(&code, module) {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("std::{module}"),
                    "an adapter without input and output",
                ));
            }
        }
        for clock in CLOCKS {
            for line in rust::lines_with(&code, clock) {
                findings.push(Finding::new(path, line, clock, "the time as an argument"));
            }
        }
    }
    findings
}

fn adapters(workspace: &Workspace) -> impl Iterator<Item = &Manifest> {
    workspace
        .crates
        .iter()
        .filter(|manifest| ADAPTERS.contains(&manifest.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    const REVOLUT: &str = "[package]\nname = \"bankauth-revolut\"\n";

    #[test]
    fn an_adapter_with_a_sender_of_its_own_is_found_but_its_tests_may_have_one() {
        let text =
            format!("{REVOLUT}[dependencies]\nreqwest = \"0\"\n[dev-dependencies]\ntokio = \"1\"");
        let workspace = Workspace::of(&[("crates/bankauth-revolut/Cargo.toml", &text)]);
        assert_eq!(
            shown(&manifest(&workspace)),
            [
                "crates/bankauth-revolut/Cargo.toml:4: bankauth-revolut depends on reqwest, expected input and output only through grants' HttpSend"
            ]
        );
    }

    #[test]
    fn an_adapter_that_reads_files_or_the_clock_is_found() {
        let code = "/// `std::fs` in prose\nuse std::{fs, fmt};\nfn f() { SystemTime::now(); }\n#[cfg(test)]\nmod tests { use std::net; }\n";
        let workspace = Workspace::of(&[
            ("crates/bankauth-revolut/Cargo.toml", REVOLUT),
            ("crates/bankauth-revolut/src/flow.rs", code),
            ("crates/bankauth-keys/src/file.rs", "use std::fs;"),
        ]);
        assert_eq!(
            shown(&source(&workspace)),
            [
                "crates/bankauth-revolut/src/flow.rs:2: std::fs, expected an adapter without input and output",
                "crates/bankauth-revolut/src/flow.rs:3: SystemTime::now, expected the time as an argument",
            ]
        );
    }
}
