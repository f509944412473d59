//! Which of our crates may know which.

use super::Finding;
use crate::workspace::Workspace;

/// The libraries that the profile puts together.
const LIBRARIES: [&str; 10] = [
    "bankauth-figurepay",
    "bankauth-grants",
    "bankauth-jwt",
    "bankauth-keys",
    "bankauth-revolut",
    "bankauth-revsto",
    "bankauth-store-postgres",
    "bankauth-store-redis",
    "bankauth-tatrabanka",
    "bankauth-tokens",
];

/// The crates that hold one bank each.
pub(super) const ADAPTERS: [&str; 4] = [
    "bankauth-figurepay",
    "bankauth-revolut",
    "bankauth-revsto",
    "bankauth-tatrabanka",
];

/// Every arrow between our crates, those of tests too, is one that the house has.
pub(super) fn allowed(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in &workspace.crates {
        let name = manifest.name();
        let Some(may) = may_know(name) else {
            findings.push(Finding::new(
                manifest.path(),
                1,
                format!("{name} has no place in the house"),
                "a line for it in xtask/src/tidy/arrow.rs and in docs/architecture.md",
            ));
            continue;
        };
        for dependency in manifest.dependencies() {
            let is_ours = workspace.crate_named(&dependency.name).is_some();
            if is_ours && !may.contains(&dependency.name.as_str()) {
                findings.push(Finding::new(
                    manifest.path(),
                    dependency.line,
                    format!("{name} depends on {}", dependency.name),
                    if may.is_empty() {
                        "none of our crates".to_owned()
                    } else {
                        format!("only {}", may.join(", "))
                    },
                ));
            }
        }
    }
    findings
}

/// What a crate may depend on. Whoever adds a crate adds it here, and to the picture in
/// docs/architecture.md.
fn may_know(name: &str) -> Option<Vec<&'static str>> {
    let with = |more: &[&'static str]| LIBRARIES.iter().chain(more).copied().collect();
    match name {
        "bankauth-keys" | "bankauth-jwt" | "bankauth-grants" | "bankauth-testbank" | "xtask" => {
            Some(vec![])
        }
        "bankauth-tokens" | "bankauth-revsto" | "bankauth-figurepay" | "bankauth-tatrabanka" => {
            Some(vec!["bankauth-grants"])
        }
        "bankauth-revolut" => Some(vec!["bankauth-grants", "bankauth-jwt"]),
        "bankauth-store-postgres" | "bankauth-store-redis" => Some(vec!["bankauth-tokens"]),
        "bankauth-profile" => Some(LIBRARIES.to_vec()),
        "bankauth" => Some(with(&["bankauth-profile"])),
        "bankauth-cli" | "journeys" => {
            Some(with(&["bankauth", "bankauth-profile", "bankauth-testbank"]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::shown;

    #[test]
    fn an_arrow_that_the_house_does_not_have_is_found_in_tests_too() {
        let workspace = Workspace::of(&[
            (
                "crates/bankauth-keys/Cargo.toml",
                "[package]\nname = \"bankauth-keys\"",
            ),
            (
                "crates/bankauth-jwt/Cargo.toml",
                "[package]\nname = \"bankauth-jwt\"\n[dev-dependencies]\nbankauth-keys = \"0\"",
            ),
            (
                "crates/bankauth-tokens/Cargo.toml",
                "[package]\nname = \"bankauth-tokens\"\n[dependencies]\nserde = \"1\"\nbankauth-jwt = \"0\"",
            ),
        ]);
        assert_eq!(
            shown(&allowed(&workspace)),
            [
                "crates/bankauth-jwt/Cargo.toml:4: bankauth-jwt depends on bankauth-keys, expected none of our crates",
                "crates/bankauth-tokens/Cargo.toml:5: bankauth-tokens depends on bankauth-jwt, expected only bankauth-grants",
            ]
        );
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        let workspace = Workspace::of(&[(
            "crates/bankauth-more/Cargo.toml",
            "[package]\nname = \"bankauth-more\"",
        )]);
        assert!(shown(&allowed(&workspace))[0].contains("bankauth-more has no place in the house"));
    }

    #[test]
    fn the_arrows_of_the_house_pass() {
        let workspace = Workspace::of(&[
            (
                "crates/bankauth-grants/Cargo.toml",
                "[package]\nname = \"bankauth-grants\"",
            ),
            (
                "crates/bankauth-jwt/Cargo.toml",
                "[package]\nname = \"bankauth-jwt\"",
            ),
            (
                "crates/bankauth-revolut/Cargo.toml",
                "[package]\nname = \"bankauth-revolut\"\n[dependencies]\nbankauth-grants = \"0\"\nbankauth-jwt = \"0\"",
            ),
        ]);
        assert_eq!(shown(&allowed(&workspace)), [""; 0]);
    }

    #[test]
    fn every_adapter_has_a_place() {
        assert!(ADAPTERS.iter().all(|name| may_know(name).is_some()));
    }
}
