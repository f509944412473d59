//! What openssl makes works here, and openssl accepts what is made here.

use std::{fs, path::Path, process::Command};

use crate::scene::{Scene, openssl};

/// Makes `privatecert.pem` and `publiccert.cer` by the commands of the bank's guide.
fn guide(folder: &Path, traditional: bool) {
    let mut genrsa = vec!["genrsa", "-out", "privatecert.pem"];
    genrsa.extend(traditional.then_some("-traditional"));
    genrsa.push("2048");
    openssl(folder, &genrsa);
    let request = [
        "req",
        "-new",
        "-x509",
        "-key",
        "privatecert.pem",
        "-out",
        "publiccert.cer",
        "-days",
        "1825",
    ];
    openssl(folder, &[&request[..], &["-subj", "/C=GB"]].concat());
}

#[test]
fn key_and_certificate_made_by_the_guides_commands_work_unchanged() {
    for traditional in [false, true] {
        let scene = Scene::new();
        guide(scene.folder.path(), traditional);
        let text = fs::read_to_string(scene.path("privatecert.pem")).unwrap();
        assert_eq!(text.contains("BEGIN RSA PRIVATE KEY"), traditional);
        let web_app = scene.web_app();
        fs::write(
            scene.config(),
            format!(
                "[profile.acme]\nprovider = \"revolut-business\"\nenvironment = \"custom\"\nredirect_uri = \"https://example.com/callback\"\nprivate_key = \"privatecert.pem\"\ncertificate = \"publiccert.cer\"\nca_bundle = \"ca.pem\"\n[profile.acme.endpoints]\ntoken = \"{}\"\nconsent = \"{}\"\napi = \"{}\"\n",
                web_app.token_endpoint(),
                web_app.consent_page(),
                web_app.api_base(),
            ),
        )
        .unwrap();
        scene.upload("publiccert.cer");
        scene.login();
        scene.run(&["get", "acme", "/accounts"]).expect(0);
    }
}

#[test]
fn init_over_a_key_that_openssl_made() {
    let scene = Scene::new();
    guide(scene.folder.path(), true);
    let before = fs::read(scene.path("privatecert.pem")).unwrap();
    scene
        .init(&["--country", "GB", "--key", "privatecert.pem"])
        .expect(0);
    assert_eq!(fs::read(scene.path("privatecert.pem")).unwrap(), before);
    assert!(!scene.path("acme.key.pem").exists());
    scene.upload("acme.cer");
    scene.login();
}

#[test]
fn openssl_accepts_our_certificate_and_assertion() {
    let scene = Scene::registered();
    let folder = scene.folder.path();
    let text = openssl(folder, &["x509", "-in", "acme.cer", "-noout", "-text"]);
    assert!(
        text.contains("Signature Algorithm: sha256WithRSAEncryption")
            && text.contains("Public-Key: (2048 bit)")
    );
    assert!(
        openssl(folder, &["verify", "-CAfile", "acme.cer", "acme.cer"]).contains("acme.cer: OK")
    );

    let assertion = scene.run(&["-q", "assertion", "acme"]).expect(0).out;
    let (input, signature) = assertion.trim_end().rsplit_once('.').unwrap();
    fs::write(folder.join("input"), input).unwrap();
    fs::write(folder.join("signature"), base64(signature)).unwrap();
    openssl(
        folder,
        &[
            "x509",
            "-in",
            "acme.cer",
            "-pubkey",
            "-noout",
            "-out",
            "public.pem",
        ],
    );
    let verified = openssl(
        folder,
        &[
            "dgst",
            "-sha256",
            "-verify",
            "public.pem",
            "-signature",
            "signature",
            "input",
        ],
    );
    assert_eq!(verified.trim(), "Verified OK");
}

#[test]
fn an_assertion_above_five_minutes_warns() {
    let scene = Scene::registered();
    assert!(
        !scene
            .run(&["assertion", "acme", "--lifetime", "5m"])
            .expect(0)
            .err
            .contains("warning")
    );
    let ran = scene
        .run(&["assertion", "acme", "--lifetime", "90days"])
        .expect(0);
    assert!(
        ran.err
            .contains("warning: whoever gets hold of this assertion"),
        "{}",
        ran.err
    );
    scene
        .run(&["assertion", "acme", "--lifetime", "0s"])
        .expect(2);
}

#[test]
fn the_token_fits_into_a_curl_command() {
    let scene = Scene::logged_in();
    let script = format!(
        "curl -sS --cacert ca.pem -H \"Authorization: Bearer $('{}' --config bankauth.toml --state-dir state -q token acme)\" {}/accounts",
        env!("CARGO_BIN_EXE_bankauth"),
        scene.web_app().api_base(),
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(scene.folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the program curl is needed for this test: {output:?}"
    );
    let accounts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(accounts.as_array().unwrap().len(), 2);
}

/// Decodes base64url by openssl, which knows the other alphabet alone.
fn base64(text: &str) -> Vec<u8> {
    let mut text = text.replace('-', "+").replace('_', "/");
    text.push_str(&"=".repeat((4 - text.len() % 4) % 4));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text"), text).unwrap();
    openssl(
        folder.path(),
        &["base64", "-d", "-A", "-in", "text", "-out", "bytes"],
    );
    fs::read(folder.path().join("bytes")).unwrap()
}
