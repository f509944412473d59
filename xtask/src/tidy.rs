//! `cargo xtask tidy`: the rules of the house that no compiler checks.
//!
//! Each rule is one function from the workspace to what it finds wrong, and is shown to find it by
//! a test on a workspace written down in the test.

mod adapter;
mod architecture;
mod arrow;
mod code;
mod facade;
mod file;
mod graph;
mod manifest;
mod word;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    what: String,
    expected: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
            expected: expected.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}, expected {}",
            self.path, self.line, self.what, self.expected
        )
    }
}

type Rule = fn(&Workspace) -> Vec<Finding>;

const RULES: &[Rule] = &[
    arrow::allowed,
    adapter::manifest,
    adapter::source,
    architecture::dependencies,
    architecture::picture,
    code::constructs,
    code::own_folder,
    facade::only_names,
    file::length,
    file::module_names,
    file::root,
    file::test_keys,
    manifest::inheritance,
    manifest::package,
    manifest::own_crates,
    manifest::versions,
    manifest::lints,
    manifest::companions,
    manifest::licences,
    word::of_one_machine,
    word::verification_off,
];

/// Prints what every rule finds; any finding is an error.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(workspace)).collect();
    findings.extend(graph::run(workspace)?);
    findings.sort();
    findings.dedup();
    for note in file::long_front_pages(workspace) {
        println!("note: {note}");
    }
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!(
            "tidy: {} rules, {} crates, {} files",
            RULES.len() + graph::RULES,
            workspace.crates.len(),
            workspace.files.len()
        );
        return Ok(());
    }
    bail!("tidy found {} things", findings.len());
}

/// The findings as lines, for tests.
#[cfg(test)]
fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_was_expected() {
        let finding = Finding::new("crates/a/Cargo.toml", 3, "version is 1", "2");
        assert_eq!(
            finding.to_string(),
            "crates/a/Cargo.toml:3: version is 1, expected 2"
        );
    }
}
