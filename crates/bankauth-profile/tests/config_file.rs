//! The configuration file through its public API: what is read, what is refused, what an edit leaves alone.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{fs, path::PathBuf};

use bankauth_profile::{ConfigFile, EnvironmentName, ProfileError, Provider, scopes};
use proptest::prelude::*;
use tempfile::TempDir;

const ACME: &str = r#"# mine
[profile.acme]   # the company
provider = "revolut-business"
environment = "sandbox"
client_id = "id"
redirect_uri = "https://example.com/callback"
private_key = "acme.key.pem"
"#;

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bankauth.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn error(text: &str) -> String {
    let (folder, path) = file(text);
    let error = ConfigFile::read(&path)
        .and_then(|config| config.profile("acme"))
        .unwrap_err();
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(&error) {
        text = format!("{text}: {source}");
    }
    text.replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn a_profile_is_read_and_its_paths_start_at_the_file() {
    let (folder, path) = file(ACME);
    let config = ConfigFile::read(&path).unwrap();
    assert_eq!(config.names(), ["acme"]);
    let profile = config.profile("acme").unwrap();
    assert_eq!(profile.provider(), Provider::RevolutBusiness);
    assert_eq!(profile.environment(), EnvironmentName::Sandbox);
    assert_eq!(profile.client_id().unwrap(), "id");
    assert_eq!(
        profile.path("private_key").unwrap(),
        folder.path().join("acme.key.pem")
    );
    assert_eq!(
        profile.credential_id().unwrap().as_str(),
        "revolut-business.sandbox.id"
    );
    assert!(scopes(&profile).unwrap().is_empty());
}

#[test]
fn a_file_that_does_not_exist_has_no_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let config = ConfigFile::read(&folder.path().join("bankauth.toml")).unwrap();
    assert!(config.names().is_empty());
    assert!(matches!(
        config.profile("acme").unwrap_err(),
        ProfileError::UnknownProfile { .. }
    ));
}

#[test]
fn inline_tables_are_as_good_as_others() {
    let custom = ACME.replace("\"sandbox\"", "\"custom\"")
        + r#"endpoints = { token = "https://127.0.0.1:1/t", consent = "https://127.0.0.1:1/c", api = "https://127.0.0.1:1/a" }"#;
    let (_folder, path) = file(&custom);
    let profile = ConfigFile::read(&path).unwrap().profile("acme").unwrap();
    assert_eq!(
        profile.value("endpoints.api"),
        Some("https://127.0.0.1:1/a")
    );
    // Two servers are two credentials.
    let id = profile.credential_id().unwrap();
    assert_eq!(
        id.as_str(),
        "revolut-business.custom.id.https%3A%2F%2F127%2E0%2E0%2E1%3A1%2Ft"
    );
}

#[test]
fn what_is_wrong_is_named() {
    let with = |good: &str, bad: &str| error(&ACME.replace(good, bad));
    insta::assert_snapshot!(with("\"id\"", "[\"id\"]"), @"profile `acme`, key `client_id`: array is no text, expected a string in quotation marks");
    insta::assert_snapshot!(with("\"id\"", "\" id\""), @"profile `acme`, key `client_id`: an empty text, or one with spaces around it or control characters in it, expected the value alone");
    insta::assert_snapshot!(with("client_id", "client-id"), @"profile `acme` has no key `client-id`; did you mean `client_id`?");
    insta::assert_snapshot!(with("client_id = \"id\"", "scope = \"READ WRITE\""), @"profile `acme`, key `scope` cannot be used: the scopes `READ WRITE` have spaces, expected commas alone, as in READ,WRITE");
    insta::assert_snapshot!(with("client_id = \"id\"", "store = \"floppy\""), @"profile `acme`, key `store`: `floppy`, expected `file`");
    insta::assert_snapshot!(with("provider = \"revolut-business\"\n", ""), @"profile `acme` lacks `provider`: one of revolut-business");
    insta::assert_snapshot!(with("environment = \"sandbox\"\n", ""), @"profile `acme` lacks `environment`: one of sandbox, production, custom");
    insta::assert_snapshot!(with("client_id = \"id\"", "endpoints.token = \"https://a.example\""), @"profile `acme`, key `endpoints.token`: an endpoint beside environment `sandbox`, expected environment `custom`, or no endpoints");
    insta::assert_snapshot!(with("[profile.acme]", "[profile]\nacme = 1\n[other]"), @"FOLDER/bankauth.toml, line 1: `profile` has to be a table of tables, as in `[profile.acme]`");
    insta::assert_snapshot!(with("client_id = \"id\"", "client_id = \"marked"), @"FOLDER/bankauth.toml, line 5: invalid basic string, expected `\"`");
}

#[test]
fn an_edit_leaves_comments_and_order_alone() {
    let (_folder, path) = file(ACME);
    let mut config = ConfigFile::read(&path).unwrap();
    config.set("acme", "client-id", "other").unwrap();
    config.set("acme", "scope", "READ,PAY").unwrap();
    config.write().unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        ACME.replace("\"id\"", "\"other\"") + "scope = \"READ,PAY\"\n"
    );
}

#[test]
fn an_edit_that_would_break_the_profile_changes_nothing() {
    let (_folder, path) = file(ACME);
    let mut config = ConfigFile::read(&path).unwrap();
    for (key, value) in [
        ("redirect_uri", "/relative"),
        ("environment", "moon"),
        ("environment", "custom"),
        ("colour", "red"),
        ("client_id", ""),
    ] {
        assert!(config.set("acme", key, value).is_err(), "{key} = {value}");
    }
    config.write().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), ACME);
}

#[test]
fn names_of_profiles_are_checked() {
    let (_folder, path) = file(ACME);
    let config = ConfigFile::read(&path).unwrap();
    for name in ["", "a b", "../x", "a.b", "é", &"x".repeat(65)] {
        assert!(
            matches!(
                config.check_new_name(name).unwrap_err(),
                ProfileError::ProfileName { .. }
            ),
            "{name}"
        );
    }
    assert!(matches!(
        config.check_new_name("acme").unwrap_err(),
        ProfileError::ProfileExists { .. }
    ));
    assert!(config.check_new_name("acme-2_B").is_ok());
}

#[test]
fn the_mode_and_the_target_of_a_link_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = file(ACME);
    let real = folder.path().join("elsewhere.toml");
    fs::rename(&path, &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    let mut config = ConfigFile::read(&path).unwrap();
    config.set("acme", "scope", "READ").unwrap();
    config.write().unwrap();
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(fs::read_to_string(&real).unwrap().contains("READ"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}", name in "\\PC{0,8}", value in "\\PC{0,16}") {
        let (_folder, path) = file(&format!("{ACME}{text}"));
        if let Ok(mut config) = ConfigFile::read(&path) {
            let _ = config.profile("acme");
            let _ = config.profile(&name);
            let _ = config.set("acme", &name, &value);
            let _ = config.set("acme", "client_id", &value);
        }
    }

    /// Whatever is accepted is read back as it was given.
    #[test]
    fn a_value_comes_back(value in "[!-~]([ -~]{0,30}[!-~])?") {
        let (_folder, path) = file(ACME);
        let mut config = ConfigFile::read(&path).unwrap();
        config.set("acme", "client_id", &value).unwrap();
        config.write().unwrap();
        let profile = ConfigFile::read(&path).unwrap().profile("acme").unwrap();
        prop_assert_eq!(profile.value("client_id"), Some(value.as_str()));
    }
}
