//! Each library crate copied, with what it declares to need of ours, into an empty workspace, and
//! its tests run there.

use std::path::Path;

use anyhow::{Context, Result};
use toml_edit::{Array, DocumentMut, value};
use walkdir::WalkDir;

use crate::manifest::Manifest;
use crate::process::{self, Count};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace, count: &mut Count) -> Result<()> {
    let scratch = workspace.scratch("alone")?;
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    let target = scratch
        .ancestors()
        .nth(2)
        .context("the scratch folder lies in no target folder")?;
    for manifest in workspace.libraries() {
        let folder = scratch.join(manifest.name());
        let members = members_folder(manifest);
        for member in workspace.closure(manifest) {
            copy(
                &workspace.root.join(member.folder()),
                &folder.join(&members).join(member.name()),
            )?;
        }
        let text = workspace
            .files
            .get("Cargo.toml")
            .context("no manifest at the root")?;
        std::fs::write(folder.join("Cargo.toml"), root_manifest(text, &members)?)?;
        std::fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        test(manifest, &folder, target, count)
            .with_context(|| format!("{} alone", manifest.name()))?;
    }
    Ok(())
}

/// The folder of the members, called after the crate.
///
/// Cargo names what it builds by the path below the workspace's root; copies of one crate in
/// several of these workspaces, and the original, must not be taken for each other in the target
/// folder that they share.
fn members_folder(manifest: &Manifest) -> String {
    format!("for-{}", manifest.name())
}

/// The root's manifest with other members: the same profiles, so that what is compiled already is
/// used again.
fn root_manifest(text: &str, members: &str) -> Result<String> {
    let mut document: DocumentMut = text.parse()?;
    document["workspace"]["members"] = value(Array::from_iter([format!("{members}/*")]));
    Ok(document.to_string())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let copied = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&copied)?;
        } else {
            std::fs::copy(entry.path(), &copied)
                .with_context(|| entry.path().display().to_string())?;
        }
    }
    Ok(())
}

fn test(manifest: &Manifest, folder: &Path, target: &Path, count: &mut Count) -> Result<()> {
    let mut arguments = vec!["test", "--no-fail-fast", "-p", manifest.name()];
    arguments.extend(manifest.vendored());
    process::run_tests(
        process::cargo(folder, &arguments).env("CARGO_TARGET_DIR", target),
        count,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_a_copy_keeps_the_profiles() {
        let text = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"xtask\"]\n\n# why\n[profile.dev]\nopt-level = 1\n";
        assert_eq!(
            root_manifest(text, "for-a").unwrap(),
            "[workspace]\nresolver = \"3\"\nmembers = [\"for-a/*\"]\n\n# why\n[profile.dev]\nopt-level = 1\n"
        );
    }
}
