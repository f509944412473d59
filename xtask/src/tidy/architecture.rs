//! docs/architecture.md says what is so: a reason for each direct dependency, and the arrows in its
//! picture.

use std::collections::BTreeSet;

use super::Finding;
use crate::manifest::{Kind, Manifest};
use crate::workspace::Workspace;

const PAGE: &str = "docs/architecture.md";

/// The heading over the dependency tables.
const HEADING: &str = "## Dependencies";

/// The heading over the table of what only tests use.
const TEST_HEADING: &str = "### For tests only";

/// A line of a dependency table: `| package | crates | reason |`.
#[derive(Debug)]
struct Row<'a> {
    line: usize,
    package: &'a str,
    crates: Vec<&'a str>,
    reason: &'a str,
    for_tests: bool,
}

/// Every direct dependency on a package from outside stands in a table with its reason, and nothing
/// else does.
pub(super) fn dependencies(workspace: &Workspace) -> Vec<Finding> {
    let page = page(workspace);
    let rows = rows(page);
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        for dependency in manifest.dependencies() {
            if workspace.crate_named(&dependency.name).is_some() {
                continue;
            }
            let for_tests = dependency.kind == Kind::Test;
            let name = short(manifest);
            let is_row = |row: &&Row<'_>| {
                row.for_tests == for_tests
                    && row.package == dependency.name
                    && row.crates.contains(&name)
            };
            if !rows.iter().any(|row| is_row(&row)) {
                let table = if for_tests {
                    "of what only tests use "
                } else {
                    ""
                };
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    format!("{} without a reason", dependency.name),
                    format!(
                        "a row `{}` for {name} in the table {table}in {PAGE}",
                        dependency.name
                    ),
                ));
            }
        }
    }
    for row in &rows {
        if row.reason.is_empty() {
            findings.push(Finding::new(
                PAGE,
                row.line,
                format!("{} without a reason", row.package),
                "one line of reason",
            ));
        }
        for name in &row.crates {
            if !uses(workspace, name, row) {
                let what = format!("{name} does not depend on {}", row.package);
                findings.push(Finding::new(
                    PAGE,
                    row.line,
                    what,
                    "rows of what the manifests say",
                ));
            }
        }
    }
    findings
}

fn uses(workspace: &Workspace, name: &str, row: &Row<'_>) -> bool {
    let manifest = workspace
        .crates
        .iter()
        .find(|manifest| short(manifest) == name);
    manifest.is_some_and(|manifest| {
        let mut dependencies = manifest.dependencies().iter();
        dependencies
            .any(|known| known.name == row.package && (known.kind == Kind::Test) == row.for_tests)
    })
}

/// The picture has the arrows that the manifests have. A broken arrow is a dependency that a
/// feature turns on.
pub(super) fn picture(workspace: &Workspace) -> Vec<Finding> {
    let drawn = arrows(page(workspace));
    let mut findings = Vec::new();
    let mut there = BTreeSet::new();
    for manifest in &workspace.crates {
        for dependency in manifest
            .dependencies()
            .iter()
            .filter(|dependency| dependency.kind != Kind::Test)
        {
            let Some(other) = workspace.crate_named(&dependency.name) else {
                continue;
            };
            let arrow = (short(manifest), short(other), dependency.optional);
            there.insert(arrow);
            if !drawn.iter().any(|(_, drawn)| *drawn == arrow) {
                let what = format!("{} is not in the picture", shown(arrow));
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    what,
                    format!("that arrow in {PAGE}"),
                ));
            }
        }
    }
    for (line, arrow) in drawn {
        if !there.contains(&arrow) {
            findings.push(Finding::new(
                PAGE,
                line,
                shown(arrow),
                "the arrows of the manifests",
            ));
        }
    }
    findings
}

type Arrow<'a> = (&'a str, &'a str, bool);

fn shown((from, to, optional): Arrow<'_>) -> String {
    format!("{from} {} {to}", if optional { "-.->" } else { "-->" })
}

/// The arrows of the Mermaid pictures of a page; `a --> b & c` is two.
fn arrows(page: &str) -> Vec<(usize, Arrow<'_>)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (line, number) in page.lines().zip(1..) {
        if line.starts_with("```") {
            inside = line == "```mermaid";
            continue;
        }
        let optional = line.contains("-.->");
        let Some((from, to)) = line.split_once(if optional { "-.->" } else { "-->" }) else {
            continue;
        };
        if inside {
            found.extend(
                to.split('&')
                    .map(|to| (number, (from.trim(), to.trim(), optional))),
            );
        }
    }
    found
}

fn rows(page: &str) -> Vec<Row<'_>> {
    let mut found = Vec::new();
    let mut inside = false;
    let mut for_tests = false;
    for (line, number) in page.lines().zip(1..) {
        if line.starts_with("## ") {
            inside = line == HEADING;
        }
        if line.starts_with('#') {
            for_tests = line == TEST_HEADING;
        }
        if !inside {
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, package, crates, reason, _] = cells.as_slice() else {
            continue;
        };
        // A package stands between backticks; the head of a table does not.
        let Some(package) = package
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix('`'))
        else {
            continue;
        };
        let crates = crates.split(',').map(str::trim).collect();
        found.push(Row {
            line: number,
            package,
            crates,
            reason,
            for_tests,
        });
    }
    found
}

/// The crate as the page calls it, without the project's name before it.
fn short(manifest: &Manifest) -> &str {
    manifest
        .name()
        .strip_prefix("bankauth-")
        .unwrap_or_else(|| manifest.name())
}

fn page(workspace: &Workspace) -> &str {
    workspace
        .files
        .get(PAGE)
        .map(String::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown as lines;

    const KEYS: &str = "[package]\nname = \"bankauth-keys\"\n[dependencies]\nrcgen = \"0\"\n[dev-dependencies]\ninsta = \"1\"\n";

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let page = "| `house` | rooms | any |\n## Dependencies\n| package | crates | reason |\n|---|---|---|\n| `rcgen` | keys |  |\n\n### For tests only\n\n";
        let workspace = Workspace::of(&[("crates/bankauth-keys/Cargo.toml", KEYS), (PAGE, page)]);
        assert_eq!(
            lines(&dependencies(&workspace)),
            [
                "crates/bankauth-keys/Cargo.toml:6: insta without a reason, expected a row `insta` for keys in the table of what only \
                 tests use in docs/architecture.md",
                "docs/architecture.md:5: rcgen without a reason, expected one line of reason",
            ]
        );
    }

    #[test]
    fn a_row_that_no_manifest_bears_out_is_found() {
        let page = "## Dependencies\n| `rcgen` | keys, jwt | writes certificates |\n### For tests only\n| `insta` | keys | snapshots |\n";
        let workspace = Workspace::of(&[("crates/bankauth-keys/Cargo.toml", KEYS), (PAGE, page)]);
        assert_eq!(
            lines(&dependencies(&workspace)),
            [
                "docs/architecture.md:2: jwt does not depend on rcgen, expected rows of what the manifests say"
            ]
        );
    }

    #[test]
    fn the_picture_is_compared_with_the_manifests_both_ways() {
        let tokens =
            "[package]\nname = \"bankauth-tokens\"\n[dependencies]\nbankauth-grants = \"0\"\n";
        let facade = "[package]\nname = \"bankauth\"\n[dependencies]\nbankauth-tokens = { version = \"0\", optional = true }\n";
        let page = "a --> prose\n```mermaid\nflowchart TD\n  tokens --> grants & jwt\n  bankauth --> tokens\n```\n";
        let workspace = Workspace::of(&[
            ("crates/bankauth/Cargo.toml", facade),
            (
                "crates/bankauth-grants/Cargo.toml",
                "[package]\nname = \"bankauth-grants\"",
            ),
            ("crates/bankauth-tokens/Cargo.toml", tokens),
            (PAGE, page),
        ]);
        assert_eq!(
            lines(&picture(&workspace)),
            [
                "crates/bankauth/Cargo.toml:4: bankauth -.-> tokens is not in the picture, expected that arrow in docs/architecture.md",
                "docs/architecture.md:4: tokens --> jwt, expected the arrows of the manifests",
                "docs/architecture.md:5: bankauth --> tokens, expected the arrows of the manifests",
            ]
        );
    }
}
