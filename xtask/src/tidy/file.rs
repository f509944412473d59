//! How long a file is, what it is called and where it lies.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::rust;
use crate::workspace::Workspace;

/// A file with more lines than this before its unit tests holds more than one subject.
const LONGEST: usize = 400;

/// A `lib.rs` that is longer has begun to hold code; said, not refused.
const LONGEST_FRONT_PAGE: usize = 120;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 8] = [
    "common", "helper", "helpers", "misc", "mod", "types", "util", "utils",
];

/// Everything that lies at the root.
const ROOT: [&str; 16] = [
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".gitattributes",
    ".gitignore",
    ".rustfmt.toml",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "deny.toml",
    "docs",
    "xtask",
];

/// What files of keys and certificates are called.
const KEY_EXTENSIONS: [&str; 8] = ["cer", "crt", "csr", "der", "key", "p12", "p8", "pem"];

/// What the README beside such files says.
const TEST_MARK: &str = "TEST ONLY";

/// No file is longer than one subject needs.
pub(super) fn length(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.sources() {
        let lines = rust::before_tests(text).lines().count();
        if lines > LONGEST {
            let what = format!("{lines} lines before the tests");
            findings.push(Finding::new(
                path,
                LONGEST,
                what,
                format!("at most {LONGEST}, one subject per file"),
            ));
        }
    }
    findings
}

/// The `lib.rs` that are longer than a front page, for a note.
pub(super) fn long_front_pages(workspace: &Workspace) -> Vec<String> {
    let front_pages = workspace
        .sources()
        .filter(|(path, _)| path.ends_with("/src/lib.rs"));
    let long = front_pages.filter_map(|(path, text)| {
        let lines = text.lines().count();
        (lines > LONGEST_FRONT_PAGE)
            .then(|| format!("{path}: {lines} lines, a front page has {LONGEST_FRONT_PAGE}"))
    });
    long.collect()
}

/// No module is named after nothing, neither as a file nor in a line of code.
pub(super) fn module_names(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let expected = "a singular noun of what it holds";
    for (path, text) in workspace.rust_files() {
        let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
        if let Some(name) = parts.iter().find(|part| EMPTY_NAMES.contains(part)) {
            findings.push(Finding::new(
                path,
                1,
                format!("a module called {name}"),
                expected,
            ));
        }
        for (line, number) in rust::code_only(text).lines().zip(1..) {
            let Some((_, rest)) = line.split_once("mod ") else {
                continue;
            };
            let name = rest.trim_end_matches([' ', '{', ';']);
            if EMPTY_NAMES.contains(&name) {
                findings.push(Finding::new(
                    path,
                    number,
                    format!("a module called {name}"),
                    expected,
                ));
            }
        }
    }
    findings
}

/// Nothing lies at the root but what the house has there.
pub(super) fn root(workspace: &Workspace) -> Vec<Finding> {
    let at_root: BTreeSet<&str> = workspace
        .files
        .keys()
        .filter_map(|path| path.split('/').next())
        .collect();
    let strange = at_root.into_iter().filter(|name| !ROOT.contains(name));
    let expected = "nothing at the root but what xtask/src/tidy/file.rs lists";
    strange
        .map(|name| Finding::new(name, 1, "a stranger at the root", expected))
        .collect()
}

/// Beside keys and certificates that are committed stands that they are for tests. Said once per
/// folder.
pub(super) fn test_keys(workspace: &Workspace) -> Vec<Finding> {
    let mut unmarked = BTreeMap::new();
    for path in workspace.files.keys() {
        let Some((folder, name)) = path.rsplit_once('/') else {
            continue;
        };
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let readme = workspace.files.get(&format!("{folder}/README.md"));
        let is_marked = readme.is_some_and(|text| text.contains(TEST_MARK));
        if KEY_EXTENSIONS.contains(&extension) && !is_marked {
            unmarked.entry(folder).or_insert(path);
        }
    }
    let finding = |(folder, path): (&str, &String)| {
        let expected =
            format!("{folder}/README.md that says {TEST_MARK} and how the files were made");
        Finding::new(path, 1, "a key or certificate without a mark", expected)
    };
    unmarked.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let long = "x\n".repeat(401);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{long}", "x\n".repeat(400));
        let workspace = Workspace::of(&[
            ("crates/a/src/long.rs", &long),
            ("crates/a/src/tested.rs", &tested),
        ]);
        assert_eq!(
            shown(&length(&workspace)),
            [
                "crates/a/src/long.rs:400: 401 lines before the tests, expected at most 400, one subject per file"
            ]
        );
    }

    #[test]
    fn a_long_front_page_is_noted() {
        let long = "//!\n".repeat(121);
        let workspace = Workspace::of(&[
            ("crates/a/src/lib.rs", &long),
            ("crates/b/src/lib.rs", "//!\n"),
        ]);
        assert_eq!(
            long_front_pages(&workspace),
            ["crates/a/src/lib.rs: 121 lines, a front page has 120"]
        );
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        let workspace = Workspace::of(&[
            ("crates/a/src/utils.rs", ""),
            ("crates/a/tests/bank/mod.rs", ""),
            ("crates/a/src/lib.rs", "mod key;\nmod helpers {\n}\n"),
        ]);
        assert_eq!(
            shown(&module_names(&workspace)),
            [
                "crates/a/src/lib.rs:2: a module called helpers, expected a singular noun of what it holds",
                "crates/a/src/utils.rs:1: a module called utils, expected a singular noun of what it holds",
                "crates/a/tests/bank/mod.rs:1: a module called mod, expected a singular noun of what it holds",
            ]
        );
    }

    #[test]
    fn a_stranger_at_the_root_is_found() {
        let workspace =
            Workspace::of(&[("notes.md", ""), ("README.md", ""), ("docs/notes.md", "")]);
        assert_eq!(
            shown(&root(&workspace)),
            [
                "notes.md:1: a stranger at the root, expected nothing at the root but what xtask/src/tidy/file.rs lists"
            ]
        );
    }

    #[test]
    fn a_key_that_is_not_marked_as_one_for_tests_is_found() {
        let workspace = Workspace::of(&[
            ("crates/a/tests/data/key.pem", ""),
            ("crates/a/tests/data/public.der", ""),
            ("crates/b/tests/data/key.pem", ""),
            (
                "crates/b/tests/data/README.md",
                "TEST ONLY. Made by openssl.",
            ),
        ]);
        let found = test_keys(&workspace);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/a/tests/data/key.pem");
    }
}
