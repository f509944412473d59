//! cargo-deny: licences, bans and sources of everything in the lock file.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// The version whose reading of deny.toml this was written against.
const VERSION: &str = "0.20.2";

/// Runs the checks that need no database of advisories, which would have to be fetched from
/// elsewhere.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let program = installed(workspace)?;
    let mut command = Command::new(program);
    command
        .current_dir(&workspace.root)
        .args(["--locked", "check", "licenses", "bans", "sources"]);
    process::run(&mut command)
}

/// The program at its version, built from the registry once and kept under cargo's home.
///
/// It has a folder of its own, so that neither replaces another version that the person at this
/// machine uses.
fn installed(workspace: &Workspace) -> Result<PathBuf> {
    let folder = cargo_home()?
        .join("bankauth-tools")
        .join(format!("cargo-deny-{VERSION}"));
    let program = folder
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let root = folder.to_string_lossy();
        let arguments = [
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            "--root",
            &root,
        ];
        process::run(&mut process::cargo(&workspace.root, &arguments))?;
    }
    Ok(program)
}

pub(super) fn cargo_home() -> Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .context("neither CARGO_HOME nor HOME is set")
}
