//! The facade gives names and does nothing.

use super::Finding;
use crate::rust;
use crate::workspace::Workspace;

/// What begins an item that is more than a name.
const ITEMS: [&str; 9] = [
    "const",
    "enum",
    "fn",
    "impl",
    "macro_rules!",
    "static",
    "struct",
    "trait",
    "type",
];

/// The facade's sources hold documentation, modules and re-exports.
pub(super) fn only_names(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace
        .sources()
        .filter(|(path, _)| path.starts_with("crates/bankauth/src/"))
    {
        let code = rust::code_only(text);
        for item in ITEMS {
            for line in rust::lines_with(&code, item) {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("the facade holds a {item}"),
                    "only re-exports",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    #[test]
    fn logic_in_the_facade_is_found() {
        let code = "//! A type, a fn.\n#[cfg(feature = \"keys\")]\npub use bankauth_keys as keys;\npub fn helper() {}\n";
        let workspace = Workspace::of(&[
            ("crates/bankauth/src/lib.rs", code),
            ("crates/bankauth-keys/src/lib.rs", "pub fn f() {}"),
        ]);
        assert_eq!(
            shown(&only_names(&workspace)),
            ["crates/bankauth/src/lib.rs:4: the facade holds a fn, expected only re-exports"]
        );
    }
}
