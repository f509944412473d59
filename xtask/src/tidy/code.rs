//! What no source of ours contains.

use super::Finding;
use crate::rust;
use crate::workspace::Workspace;

/// A construct and what stands in its place.
const CONSTRUCTS: [(&str, &str); 6] = [
    ("unsafe", "safe code"),
    ("todo!", "finished code"),
    ("unimplemented!", "finished code"),
    ("dbg!", "no debugging output"),
    ("#[allow", "#[expect(lint, reason = \"…\")]"),
    ("#![allow", "#![expect(lint, reason = \"…\")]"),
];

/// Nothing unsafe, unfinished or silenced, and no test ignored without a reason.
pub(super) fn constructs(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.rust_files() {
        let code = rust::code_only(text);
        for (construct, expected) in CONSTRUCTS {
            for line in rust::lines_with(&code, construct) {
                findings.push(Finding::new(path, line, construct, expected));
            }
        }
        for line in rust::lines_with(&code, "#[ignore]") {
            findings.push(Finding::new(
                path,
                line,
                "#[ignore]",
                "#[ignore = \"why, and how to run it\"]",
            ));
        }
    }
    findings
}

/// A crate's sources and tests read only files of its own folder, so that it can be copied.
pub(super) fn own_folder(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.rust_files() {
        let Some(depth) = depth_in_crate(path) else {
            continue;
        };
        for (line, number) in text.lines().zip(1..) {
            let includes = line
                .split("include_")
                .skip(1)
                .filter_map(|rest| rest.split('"').nth(1));
            let climbs_out = includes.map(climbs).any(|climbs| climbs > depth);
            let from_manifest = line.contains("CARGO_MANIFEST_DIR") && line.contains("/..");
            if climbs_out || from_manifest {
                findings.push(Finding::new(
                    path,
                    number,
                    "a file outside of the crate's folder",
                    "a file inside it",
                ));
            }
        }
    }
    findings
}

/// How many folders a file lies below its crate's folder.
fn depth_in_crate(path: &str) -> Option<usize> {
    let inside = path.strip_prefix("crates/")?.split_once('/')?.1;
    Some(inside.matches('/').count())
}

fn climbs(path: &str) -> usize {
    path.split('/').take_while(|part| *part == "..").count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    #[test]
    fn unfinished_and_silenced_code_is_found_in_code_only() {
        let code = "//! unsafe, todo!()\nfn f() { todo!() }\n#[allow(dead_code)]\nconst A: &str = \"dbg!\";\n#[ignore]\n#[ignore = \"needs a server\"]\n";
        let workspace = Workspace::of(&[("crates/a/src/lib.rs", code)]);
        assert_eq!(
            shown(&constructs(&workspace)),
            [
                "crates/a/src/lib.rs:2: todo!, expected finished code",
                "crates/a/src/lib.rs:3: #[allow, expected #[expect(lint, reason = \"…\")]",
                "crates/a/src/lib.rs:5: #[ignore], expected #[ignore = \"why, and how to run it\"]",
            ]
        );
    }

    #[test]
    fn a_file_of_another_folder_is_found() {
        let outside = "const A: &str = include_str!(\"../../b/data.pem\");\nlet p = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../b\");\n";
        let inside = "const A: &str = include_str!(\"../tests/data/key.pem\");\n";
        let workspace = Workspace::of(&[
            ("crates/a/src/lib.rs", outside),
            ("crates/a/src/key.rs", inside),
        ]);
        assert_eq!(
            shown(&own_folder(&workspace)),
            [
                "crates/a/src/lib.rs:1: a file outside of the crate's folder, expected a file inside it",
                "crates/a/src/lib.rs:2: a file outside of the crate's folder, expected a file inside it",
            ]
        );
    }
}
