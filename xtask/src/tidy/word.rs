//! Words that do not belong in any text of the project.

use super::Finding;
use crate::workspace::Workspace;

/// No path of one machine, nothing from outside the project, no private package mirror.
///
/// The words are put together here, or this file would be the first to be found.
pub(super) fn of_one_machine(workspace: &Workspace) -> Vec<Finding> {
    let paths = ["home", "root", "tmp", "Users", "work"].map(|folder| format!("/{folder}/"));
    let words = [
        ["..", "shared"].join("/"),
        ["art", "ifactory"].concat(),
        ["before", "stop"].join("-"),
    ];
    let mut findings = Vec::new();
    for (path, text) in &workspace.files {
        for (line, number) in text.lines().zip(1..) {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                findings.push(Finding::new(
                    path,
                    number,
                    word,
                    "text that speaks of the project alone",
                ));
            }
            for word in paths.iter().filter(|word| has_absolute(line, word)) {
                findings.push(Finding::new(
                    path,
                    number,
                    word,
                    "a path that exists on every machine",
                ));
            }
        }
    }
    findings
}

/// TLS is always verified: nothing turns it off, in tests neither.
pub(super) fn verification_off(workspace: &Workspace) -> Vec<Finding> {
    let words = [
        ["danger", "accept_invalid_certs"].join("_"),
        ["danger", "accept_invalid_hostnames"].join("_"),
        ["SslVerifyMode", "NONE"].join("::"),
    ];
    let mut findings = Vec::new();
    for (path, text) in workspace.rust_files() {
        for (line, number) in text.lines().zip(1..) {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                findings.push(Finding::new(
                    path,
                    number,
                    word,
                    "TLS verified against a CA that is named",
                ));
            }
        }
    }
    findings
}

/// Whether a path that begins at the root of a machine stands in the line; `https://host/home/` is
/// none.
fn has_absolute(line: &str, folder: &str) -> bool {
    let continues =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '}' | '/' | '*');
    line.match_indices(folder)
        .any(|(start, _)| !line[..start].chars().next_back().is_some_and(continues))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    #[test]
    fn a_path_of_one_machine_is_found_and_a_url_is_not() {
        let folder = ["", "home", ""].join("/");
        let text = format!("see https://example.com{folder}page\ncd {folder}me\n");
        let workspace = Workspace::of(&[("README.md", &text)]);
        assert_eq!(
            shown(&of_one_machine(&workspace)),
            [format!(
                "README.md:2: {folder}, expected a path that exists on every machine"
            )]
        );
    }

    #[test]
    fn a_folder_outside_of_the_project_is_found() {
        let word = ["..", "shared"].join("/");
        let workspace = Workspace::of(&[("docs/a.md", &format!("read {word}/design.md"))]);
        assert_eq!(
            shown(&of_one_machine(&workspace)),
            [format!(
                "docs/a.md:1: {word}, expected text that speaks of the project alone"
            )]
        );
    }

    #[test]
    fn verification_turned_off_is_found() {
        let word = ["danger", "accept_invalid_certs"].join("_");
        let workspace =
            Workspace::of(&[("crates/a/tests/tls.rs", &format!("client.{word}(true)"))]);
        assert_eq!(
            shown(&verification_off(&workspace)),
            [format!(
                "crates/a/tests/tls.rs:1: {word}, expected TLS verified against a CA that is named"
            )]
        );
    }
}
