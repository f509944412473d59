//! The oldest compiler, without having it: what the packages of the graph declare.

use anyhow::{Result, bail};
use cargo_metadata::MetadataCommand;
use cargo_metadata::semver::Version;

use crate::workspace::Workspace;

/// No package of the graph asks for a newer compiler than our crates do. That our own code keeps to
/// it is clippy's to see.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.root.join("Cargo.toml"))
        .exec()?;
    let ours = metadata.workspace_packages();
    let Some(oldest) = ours
        .iter()
        .filter_map(|package| package.rust_version.as_ref())
        .min()
    else {
        bail!("no crate of ours has a rust-version");
    };
    let declared: Vec<(String, &Version)> = metadata
        .packages
        .iter()
        .filter_map(|package| {
            Some((
                format!("{} {}", package.name, package.version),
                package.rust_version.as_ref()?,
            ))
        })
        .collect();
    let newer = newer_than(oldest, &declared);
    if !newer.is_empty() {
        bail!(
            "rust-version is {oldest}, but needed is more by: {}",
            newer.join(", ")
        );
    }
    println!(
        "{} of {} packages declare a rust-version, none above {oldest}",
        declared.len(),
        metadata.packages.len()
    );
    Ok(())
}

fn newer_than(oldest: &Version, declared: &[(String, &Version)]) -> Vec<String> {
    let newer = declared.iter().filter(|(_, version)| *version > oldest);
    newer
        .map(|(package, version)| format!("{package} ({version})"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_needs_a_newer_compiler_is_found() {
        let (old, new) = (Version::new(1, 70, 0), Version::new(1, 90, 0));
        let declared = [("a 1.0.0".to_owned(), &old), ("b 2.0.0".to_owned(), &new)];
        assert_eq!(
            newer_than(&Version::new(1, 89, 0), &declared),
            ["b 2.0.0 (1.90.0)"]
        );
    }
}
