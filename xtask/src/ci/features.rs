//! The library crates under every combination of their features, by clippy, which compiles less
//! than a build and sees more.

use anyhow::{Context, Result};

use crate::manifest::Manifest;
use crate::process::{self, Count};
use crate::workspace::Workspace;

/// With more features than this, combinations of up to two and the whole set stand for the rest.
const ALL_SUBSETS_UP_TO: usize = 6;

/// Each library crate as its leanest user has it.
pub(super) fn without_default(workspace: &Workspace, _: &mut Count) -> Result<()> {
    workspace
        .libraries()
        .try_for_each(|manifest| check(workspace, manifest, &[]))
}

/// Each library crate under every combination.
pub(super) fn powerset(workspace: &Workspace, _: &mut Count) -> Result<()> {
    for manifest in workspace.libraries() {
        let features = manifest.features();
        // `vendored` says how OpenSSL is built and turns on no code of ours; `default` is a
        // combination like any other.
        let own: Vec<&str> = features
            .into_iter()
            .filter(|feature| !matches!(*feature, "default" | "vendored"))
            .collect();
        for combination in combinations(&own) {
            check(workspace, manifest, &combination)?;
        }
    }
    Ok(())
}

fn check(workspace: &Workspace, manifest: &Manifest, features: &[&str]) -> Result<()> {
    let list = features.join(",");
    let mut arguments = vec![
        "clippy",
        "--quiet",
        "-p",
        manifest.name(),
        "--lib",
        "--no-default-features",
    ];
    if !features.is_empty() {
        arguments.extend(["--features", &list]);
    }
    arguments.extend(manifest.vendored());
    arguments.extend(["--", "--deny", "warnings"]);
    process::run(&mut process::cargo(&workspace.root, &arguments))
        .with_context(|| format!("{} with features [{list}]", manifest.name()))
}

/// The sets of features to try, the empty one first.
fn combinations<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    let largest = if features.len() <= ALL_SUBSETS_UP_TO {
        features.len()
    } else {
        2
    };
    let mut found: Vec<Vec<&str>> = vec![vec![]];
    for feature in features {
        let smaller = found.iter().filter(|set| set.len() < largest);
        let with: Vec<Vec<&str>> = smaller
            .map(|set| set.iter().copied().chain([*feature]).collect())
            .collect();
        found.extend(with);
    }
    if largest < features.len() {
        found.push(features.to_vec());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_features_are_tried_in_every_combination() {
        assert_eq!(
            combinations(&["a", "b"]),
            [vec![], vec!["a"], vec!["b"], vec!["a", "b"]]
        );
        assert_eq!(combinations(&["a", "b", "c", "d", "e", "f"]).len(), 64);
    }

    #[test]
    fn many_features_are_tried_in_pairs_and_all_together() {
        let many = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let tried = combinations(&many);
        assert_eq!(tried.len(), 1 + 8 + 28 + 1);
        assert_eq!(tried.last().unwrap(), &many);
    }
}
