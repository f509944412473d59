//! What a crate brings along, read from the graph that cargo resolves for that crate by itself.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Finding;
use super::adapter::FOREIGN_IO;
use super::arrow::ADAPTERS;
use crate::process;
use crate::workspace::Workspace;

/// For each crate of ours, the names of all packages that it brings along.
type Graph = BTreeMap<String, BTreeSet<String>>;

type Rule = fn(&Graph) -> Vec<Finding>;

const GRAPH_RULES: &[Rule] = &[
    banned,
    adapters_without_io,
    openssl_under_jwt,
    x509_under_keys,
];

/// How many rules there are, for the closing line.
pub(super) const RULES: usize = GRAPH_RULES.len();

/// Reads each crate's graph, with all its features and on every platform, and applies the rules to
/// it.
pub(super) fn run(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut graph = Graph::new();
    for manifest in &workspace.crates {
        let arguments = [
            "tree",
            "--package",
            manifest.name(),
            "--edges",
            "normal",
            "--all-features",
            "--target",
            "all",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ];
        let output = process::output(&mut process::cargo(&workspace.root, &arguments))?;
        graph.insert(
            manifest.name().to_owned(),
            names(&String::from_utf8_lossy(&output)),
        );
    }
    Ok(GRAPH_RULES.iter().flat_map(|rule| rule(&graph)).collect())
}

/// The first word of each line.
fn names(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// One of two TLS and signature libraries that we do not ship, and one with an open timing advisory
/// (RUSTSEC-2023-0071).
fn banned(graph: &Graph) -> Vec<Finding> {
    without(
        graph,
        |_| true,
        &["native-tls", "ring", "rsa"],
        "a graph without it, in every crate",
    )
}

fn adapters_without_io(graph: &Graph) -> Vec<Finding> {
    let expected = "an adapter that brings neither sender, runtime nor TLS";
    without(
        graph,
        |name| ADAPTERS.contains(&name),
        &FOREIGN_IO,
        expected,
    )
}

/// Whoever signs no JWT compiles no OpenSSL.
fn openssl_under_jwt(graph: &Graph) -> Vec<Finding> {
    let signs_nothing = |name: &str| !graph[name].contains("bankauth-jwt");
    without(
        graph,
        signs_nothing,
        &["openssl-sys"],
        "OpenSSL only under bankauth-jwt",
    )
}

/// Whoever handles no certificate compiles no X.509. The test bank makes its own.
fn x509_under_keys(graph: &Graph) -> Vec<Finding> {
    let handles_none = |name: &str| {
        let brings = |other: &str| graph[name].contains(other);
        !brings("bankauth-keys") && !brings("bankauth-testbank")
    };
    without(
        graph,
        handles_none,
        &["rcgen", "x509-parser"],
        "X.509 only under bankauth-keys",
    )
}

fn without(
    graph: &Graph,
    applies: impl Fn(&str) -> bool,
    unwanted: &[&str],
    expected: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, packages) in graph.iter().filter(|(name, _)| applies(name)) {
        for package in unwanted
            .iter()
            .filter(|package| packages.contains(**package))
        {
            let what = format!(
                "{name} brings {package} (`cargo tree -p {name} --all-features --target all -i {package}`)"
            );
            findings.push(Finding::new("Cargo.lock", 1, what, expected));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(crates: &[(&str, &[&str])]) -> Graph {
        let set = |(name, packages): &(&str, &[&str])| {
            let all = packages
                .iter()
                .chain([name])
                .map(|package| (*package).to_owned());
            ((*name).to_owned(), all.collect())
        };
        crates.iter().map(set).collect()
    }

    fn found(findings: &[Finding]) -> Vec<&str> {
        findings
            .iter()
            .map(|finding| finding.what.split(" (").next().unwrap())
            .collect()
    }

    #[test]
    fn names_are_read_from_the_tree() {
        let tree = "bankauth-jwt v0.1.0 (path)\nbase64 v0.22.1\nserde v1.0.0 (*)\n\n";
        assert_eq!(
            names(tree).into_iter().collect::<Vec<_>>(),
            ["bankauth-jwt", "base64", "serde"]
        );
    }

    #[test]
    fn a_banned_package_is_found_in_any_crate() {
        let graph = graph(&[
            ("bankauth-keys", &["ring"]),
            ("bankauth-cli", &["aws-lc-rs", "rsa"]),
        ]);
        assert_eq!(
            found(&banned(&graph)),
            ["bankauth-cli brings rsa", "bankauth-keys brings ring"]
        );
    }

    #[test]
    fn an_adapter_that_brings_a_runtime_is_found() {
        let graph = graph(&[
            ("bankauth-revolut", &["http", "tokio"]),
            ("bankauth-tokens", &["tokio"]),
        ]);
        assert_eq!(
            found(&adapters_without_io(&graph)),
            ["bankauth-revolut brings tokio"]
        );
    }

    #[test]
    fn openssl_is_found_where_nothing_signs() {
        let graph = graph(&[
            ("bankauth-grants", &["openssl-sys"]),
            ("bankauth-jwt", &["openssl-sys"]),
            ("bankauth-revolut", &["bankauth-jwt", "openssl-sys"]),
        ]);
        assert_eq!(
            found(&openssl_under_jwt(&graph)),
            ["bankauth-grants brings openssl-sys"]
        );
    }

    #[test]
    fn x509_is_found_where_no_certificate_is_handled() {
        let graph = graph(&[
            ("bankauth-jwt", &["x509-parser"]),
            ("bankauth-keys", &["rcgen", "x509-parser"]),
            ("bankauth-testbank", &["rcgen"]),
        ]);
        assert_eq!(
            found(&x509_under_keys(&graph)),
            ["bankauth-jwt brings x509-parser"]
        );
    }
}
