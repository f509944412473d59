//! `cargo xtask test`: every test there is.
//!
//! Cargo unifies features over what it builds together, and one package of the graph turns on a
//! feature of `serde_json` that changes the order of JSON keys. A snapshot that holds in the whole
//! workspace may therefore fail in the crate alone, which is how its users build it; so the crates
//! with snapshots are tested both ways.

use anyhow::Result;

use crate::manifest::Manifest;
use crate::process::{self, Count};
use crate::program;
use crate::workspace::Workspace;

/// Runs everything and prints the sum, also after a failure.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut count = Count::default();
    let result = run_counting(workspace, &mut count);
    if count != Count::default() {
        println!("\n{count}");
    }
    result
}

/// As [`run`], for a caller that prints the sum itself.
pub(crate) fn run_counting(workspace: &Workspace, count: &mut Count) -> Result<()> {
    program::ensure()?;
    let root = &workspace.root;
    // The program's default feature `vendored` holds for the whole workspace, so that no OpenSSL
    // headers are needed.
    process::run_tests(
        &mut process::cargo(root, &["test", "--workspace", "--no-fail-fast"]),
        count,
    )?;
    for manifest in workspace
        .crates
        .iter()
        .filter(|manifest| has_snapshots(manifest))
    {
        let mut arguments = vec!["test", "--no-fail-fast", "-p", manifest.name()];
        arguments.extend(manifest.vendored());
        process::run_tests(&mut process::cargo(root, &arguments), count)?;
    }
    Ok(())
}

fn has_snapshots(manifest: &Manifest) -> bool {
    manifest
        .dependencies()
        .iter()
        .any(|dependency| dependency.name == "insta")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_snapshots_if_its_tests_use_insta() {
        let with = "[package]\nname = \"a\"\n[dev-dependencies]\ninsta = \"1\"";
        assert!(has_snapshots(
            &Manifest::parse("crates/a/Cargo.toml", with).unwrap()
        ));
        let without = "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"";
        assert!(!has_snapshots(
            &Manifest::parse("crates/a/Cargo.toml", without).unwrap()
        ));
    }
}
