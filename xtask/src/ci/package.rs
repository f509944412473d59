//! Each crate as it would be published, built from its package alone.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::deny::cargo_home;

use crate::manifest::system_openssl;
use crate::process::{self, Count};
use crate::workspace::Workspace;

/// Packages every published crate and builds each from what it packaged.
pub(super) fn run(workspace: &Workspace, _: &mut Count) -> Result<()> {
    let published: Vec<&str> = workspace
        .crates
        .iter()
        .filter(|manifest| manifest.is_published())
        .map(|manifest| manifest.name())
        .collect();
    forget_unpacked(&cargo_home()?.join("registry/src"), &published)?;
    let mut arguments = vec!["package", "--workspace", "--locked", "--allow-dirty"];
    let unpublished = workspace
        .crates
        .iter()
        .filter(|manifest| !manifest.is_published());
    arguments.extend(unpublished.flat_map(|manifest| ["--exclude", manifest.name()]));
    if !system_openssl() {
        arguments.extend(["--features", "vendored"]);
    }
    process::run(&mut process::cargo(&workspace.root, &arguments))
}

/// Removes what an earlier run unpacked of our crates: cargo takes a crate of the same name and version for unchanged, and
/// would build against yesterday's. Folders of local registries have a name that begins with a dash, having no host.
fn forget_unpacked(sources: &Path, published: &[&str]) -> Result<()> {
    let Ok(registries) = fs::read_dir(sources) else {
        return Ok(());
    };
    for registry in registries {
        let registry = registry?;
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for unpacked in fs::read_dir(registry.path())? {
            let unpacked = unpacked?;
            let name = unpacked.file_name().to_string_lossy().into_owned();
            let is_ours = |ours: &&str| {
                let version = name
                    .strip_prefix(*ours)
                    .and_then(|rest| rest.strip_prefix('-'));
                version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
            };
            if published.iter().any(is_ours) {
                fs::remove_dir_all(unpacked.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_crates_of_local_registries_are_forgotten() {
        let folder = std::env::temp_dir().join(format!("xtask-package-{}", std::process::id()));
        let keep = [
            "host-1/bankauth-keys-0.1.0",
            "-1/serde-1.0.0",
            "-1/bankauth-other-x",
        ];
        let forget = ["-1/bankauth-keys-0.1.0", "-2/bankauth-0.2.0-rc.1"];
        for path in keep.iter().chain(&forget) {
            fs::create_dir_all(folder.join(path)).unwrap();
        }
        forget_unpacked(&folder, &["bankauth", "bankauth-keys"]).unwrap();
        assert!(keep.iter().all(|path| folder.join(path).exists()));
        assert!(!forget.iter().any(|path| folder.join(path).exists()));
        fs::remove_dir_all(&folder).unwrap();
    }
}
