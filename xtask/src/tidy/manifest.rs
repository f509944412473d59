//! Each manifest stands alone, so that its crate can be copied; what they have in common stays
//! equal.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike};

use super::Finding;
use crate::manifest::Manifest;
use crate::workspace::Workspace;

/// What every `[package]` says.
const PACKAGE: [(&str, &str); 3] = [
    ("edition", "2024"),
    ("license", "MIT OR Apache-2.0"),
    ("rust-version", "1.89"),
];

/// What lies beside the manifest of every published crate.
const COMPANIONS: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The crate whose lint tables the others repeat.
const MODEL: &str = "bankauth";

/// Nothing is inherited from the workspace: a copied crate would not find it.
pub(super) fn inheritance(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        let mut lines = Vec::new();
        inherited(manifest, manifest.table(), &mut lines);
        let expected = "the value itself, a copied crate has no workspace";
        findings.extend(
            lines
                .into_iter()
                .map(|line| Finding::new(manifest.path(), line, "workspace = true", expected)),
        );
    }
    findings
}

fn inherited(manifest: &Manifest, table: &dyn TableLike, lines: &mut Vec<usize>) {
    for (key, item) in table.iter() {
        if key == "workspace" && item.as_bool() == Some(true) {
            lines.push(manifest.line_of(item));
        } else if let Some(inner) = item.as_table_like() {
            inherited(manifest, inner, lines);
        }
    }
}

/// Edition, licence and oldest compiler are the same everywhere, and what is published describes
/// itself.
pub(super) fn package(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        for (key, expected) in PACKAGE {
            let found = manifest.package(key);
            if found != Some(expected) {
                findings.push(wrong_field(manifest, key, found, expected));
            }
        }
        if !manifest.is_published() {
            continue;
        }
        if manifest.package("readme") != Some("README.md") {
            findings.push(wrong_field(
                manifest,
                "readme",
                manifest.package("readme"),
                "README.md",
            ));
        }
        if manifest.package("description").is_none_or(str::is_empty) {
            findings.push(wrong_field(manifest, "description", None, "one sentence"));
        }
    }
    findings
}

fn wrong_field(manifest: &Manifest, key: &str, found: Option<&str>, expected: &str) -> Finding {
    let item = manifest
        .table()
        .get("package")
        .and_then(|package| package.get(key));
    let line = item.map_or(1, |item| manifest.line_of(item));
    let what = found.map_or_else(|| format!("no {key}"), |found| format!("{key} is {found}"));
    Finding::new(manifest.path(), line, what, expected)
}

/// A crate of ours is named with its folder and its version: the folder for a copy, the version for
/// the registry.
pub(super) fn own_crates(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        for dependency in manifest.dependencies() {
            let Some(other) = workspace.crate_named(&dependency.name) else {
                continue;
            };
            let version = other.package("version").unwrap_or_default();
            let path = format!("../{}", other.name());
            if dependency.version.as_deref() != Some(version)
                || dependency.path.as_deref() != Some(path.as_str())
            {
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    format!("{} without its version or its folder", other.name()),
                    format!("version = \"{version}\", path = \"{path}\""),
                ));
            }
        }
    }
    findings
}

/// A package from outside is asked for in the same version everywhere.
pub(super) fn versions(workspace: &Workspace) -> Vec<Finding> {
    let mut first: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        for dependency in manifest.dependencies() {
            let Some(version) = dependency.version.as_deref() else {
                continue;
            };
            let (known, known_in) = *first
                .entry(&dependency.name)
                .or_insert_with(|| (version, manifest.path()));
            if known != version {
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    format!("{} {version}", dependency.name),
                    format!("{known} as in {known_in}"),
                ));
            }
        }
    }
    findings
}

/// The lint tables of all crates are those of the facade.
pub(super) fn lints(workspace: &Workspace) -> Vec<Finding> {
    let Some(model) = workspace.crate_named(MODEL) else {
        return Vec::new();
    };
    let expected = lint_levels(model);
    let mut findings = Vec::new();
    for manifest in workspace
        .crates
        .iter()
        .filter(|manifest| manifest.folder().starts_with("crates/"))
    {
        let found = lint_levels(manifest);
        let line = manifest
            .table()
            .get("lints")
            .map_or(1, |item| manifest.line_of(item));
        for (lint, level) in &expected {
            if found.get(lint) != Some(level) {
                let what = found
                    .get(lint)
                    .map_or_else(|| format!("no {lint}"), |level| format!("{lint} = {level}"));
                findings.push(Finding::new(
                    manifest.path(),
                    line,
                    what,
                    format!("{lint} = {level} as in {}", model.path()),
                ));
            }
        }
        for lint in found.keys().filter(|lint| !expected.contains_key(*lint)) {
            findings.push(Finding::new(
                manifest.path(),
                line,
                lint,
                format!("the lints of {}", model.path()),
            ));
        }
    }
    findings
}

fn lint_levels(manifest: &Manifest) -> BTreeMap<String, String> {
    let mut levels = BTreeMap::new();
    let tools = manifest.table().get("lints").and_then(Item::as_table_like);
    for (tool, table) in tools.into_iter().flat_map(TableLike::iter) {
        for (lint, level) in table.as_table_like().into_iter().flat_map(TableLike::iter) {
            levels.insert(
                format!("{tool}.{lint}"),
                level.as_str().unwrap_or("a table").to_owned(),
            );
        }
    }
    levels
}

/// A published crate brings its README and its licences.
pub(super) fn companions(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in workspace
        .crates
        .iter()
        .filter(|manifest| manifest.is_published())
    {
        for name in COMPANIONS {
            if !workspace
                .files
                .contains_key(&format!("{}/{name}", manifest.folder()))
            {
                let expected = "it in the folder of every published crate";
                findings.push(Finding::new(
                    manifest.path(),
                    1,
                    format!("no {name}"),
                    expected,
                ));
            }
        }
    }
    findings
}

/// The licences in the crates are those at the root.
pub(super) fn licences(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &workspace.files {
        let Some((_, name)) = path.rsplit_once('/') else {
            continue;
        };
        if name.starts_with("LICENSE-") && workspace.files.get(name) != Some(text) {
            findings.push(Finding::new(
                path,
                1,
                "another text",
                format!("that of {name} at the root"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    const GOOD: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.89\"\nlicense = \"MIT OR Apache-2.0\"\n\
                        readme = \"README.md\"\ndescription = \"A sentence\"\n";

    fn one(text: &str) -> Workspace {
        Workspace::of(&[("crates/a/Cargo.toml", text)])
    }

    #[test]
    fn what_is_inherited_from_the_workspace_is_found() {
        let text = "[package]\nname = \"a\"\nedition.workspace = true\n[dependencies]\nserde = { workspace = true }\n[lints]\nworkspace = true\n";
        let lines: Vec<usize> = inheritance(&one(text))
            .iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [3, 5, 7]);
    }

    #[test]
    fn a_package_that_differs_is_found() {
        assert_eq!(shown(&package(&one(GOOD))), [""; 0]);
        let text = GOOD
            .replace("1.89", "1.90")
            .replace("readme = \"README.md\"\n", "");
        assert_eq!(
            shown(&package(&one(&text))),
            [
                "crates/a/Cargo.toml:5: rust-version is 1.90, expected 1.89",
                "crates/a/Cargo.toml:1: no readme, expected README.md",
            ]
        );
    }

    #[test]
    fn a_crate_of_ours_without_version_is_found() {
        let text = format!("{GOOD}[dependencies]\nb = {{ path = \"../b\" }}\n");
        let other = GOOD.replace("\"a\"", "\"b\"");
        let workspace = Workspace::of(&[
            ("crates/a/Cargo.toml", &text),
            ("crates/b/Cargo.toml", &other),
        ]);
        assert_eq!(
            shown(&own_crates(&workspace)),
            [
                "crates/a/Cargo.toml:10: b without its version or its folder, expected version = \"0.1.0\", path = \"../b\""
            ]
        );
    }

    #[test]
    fn two_versions_asked_for_are_found() {
        let text = |version: &str| format!("{GOOD}[dependencies]\nhttp = \"{version}\"\n");
        let workspace = Workspace::of(&[
            ("crates/a/Cargo.toml", &text("1")),
            ("crates/b/Cargo.toml", &text("1.2")),
        ]);
        assert_eq!(
            shown(&versions(&workspace)),
            ["crates/b/Cargo.toml:10: http 1.2, expected 1 as in crates/a/Cargo.toml"]
        );
    }

    #[test]
    fn lints_that_differ_are_found() {
        let model = GOOD.replace("\"a\"", "\"bankauth\"")
            + "[lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n";
        let other = format!(
            "{GOOD}[lints.rust]\nunsafe_code = \"deny\"\n[lints.clippy]\npedantic = \"warn\"\n"
        );
        let workspace = Workspace::of(&[
            ("crates/a/Cargo.toml", &other),
            ("crates/bankauth/Cargo.toml", &model),
        ]);
        let found = shown(&lints(&workspace));
        assert_eq!(found.len(), 3);
        assert!(
            found[0].contains("no rust.missing_docs, expected rust.missing_docs = warn as in"),
            "{}",
            found[0]
        );
        assert!(
            found[1].contains("rust.unsafe_code = deny, expected"),
            "{}",
            found[1]
        );
        assert!(
            found[2].contains("clippy.pedantic, expected the lints of"),
            "{}",
            found[2]
        );
    }

    #[test]
    fn a_published_crate_without_licence_is_found_and_an_unpublished_one_is_not() {
        let kept = format!("{}publish = false\n", GOOD.replace("\"a\"", "\"b\""));
        let workspace = Workspace::of(&[
            ("crates/a/Cargo.toml", GOOD),
            ("crates/a/README.md", ""),
            ("crates/a/LICENSE-MIT", ""),
            ("crates/b/Cargo.toml", &kept),
        ]);
        assert_eq!(
            shown(&companions(&workspace)),
            [
                "crates/a/Cargo.toml:1: no LICENSE-APACHE, expected it in the folder of every published crate"
            ]
        );
    }

    #[test]
    fn another_licence_text_is_found() {
        let workspace = Workspace::of(&[
            ("LICENSE-MIT", "MIT"),
            ("crates/a/LICENSE-MIT", "MIT"),
            ("crates/b/LICENSE-MIT", "mine"),
        ]);
        assert_eq!(
            shown(&licences(&workspace)),
            ["crates/b/LICENSE-MIT:1: another text, expected that of LICENSE-MIT at the root"]
        );
    }
}
