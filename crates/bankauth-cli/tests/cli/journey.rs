//! From an empty folder to an authorised call.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::scene::{REDIRECT_URI, Scene, finished};

#[test]
fn the_demonstration_succeeds_and_needs_no_folder_of_the_user() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bankauth"));
    command
        .arg("demo")
        .env_remove("HOME")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME");
    let ran = finished(command).expect(0);
    for step in [
        "1. Key and certificate",
        "5. Exchange",
        "8. Refresh",
        "9. Accounts again",
        "Done: every step was checked",
    ] {
        assert!(ran.out.contains(step), "{step} is missing in:\n{}", ran.out);
    }
    assert!(
        ran.out.contains("Current GBP account: 100.0 GBP"),
        "{}",
        ran.out
    );
    assert_eq!(ran.err, "");
}

#[test]
fn init_says_every_click_and_prints_the_whole_certificate() {
    let scene = Scene::new();
    let ran = scene
        .init(&["--country", "GB", "--organization", "Acme, Inc."])
        .expect(0);
    let pem = fs::read_to_string(scene.path("acme.cer")).unwrap();
    assert!(ran.out.contains(&pem), "{}", ran.out);
    assert_eq!(
        fs::metadata(scene.path("acme.key.pem"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    let (before, rest) = ran.out.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let after = rest.split_once("-----END CERTIFICATE-----").unwrap().1;
    let text = scene.settled(&format!("{before}CERTIFICATE{after}"));
    let text = text
        .lines()
        .map(|line| line.split(", valid until").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    insta::assert_snapshot!(text);
    let config = scene.settled(&fs::read_to_string(scene.config()).unwrap());
    insta::assert_snapshot!(config, @r#"
    [profile.acme]
    provider = "revolut-business"
    environment = "custom"
    redirect_uri = "https://example.com/callback"
    private_key = "acme.key.pem"
    certificate = "acme.cer"
    ca_bundle = "FOLDER/ca.pem"

    [profile.acme.endpoints]
    token = "https://BANK/api/1.0/auth/token"
    consent = "https://BANK/app-confirm"
    api = "https://BANK/api/1.0"
    "#);
    assert!(
        !fs::read_to_string(scene.config())
            .unwrap()
            .contains("PRIVATE")
    );
}

#[test]
fn from_an_empty_folder_to_an_authorised_call() {
    let scene = Scene::registered();
    let client_id = fs::read_to_string(scene.config()).unwrap();
    let ran = scene
        .run(&["login", "acme", "--scope", "READ,WRITE", "--print-url"])
        .expect(0);
    assert!(
        ran.out.starts_with(&scene.web_app().consent_page()),
        "{}",
        ran.out
    );
    assert!(
        ran.out.trim_end().ends_with("&scope=READ%2CWRITE"),
        "{}",
        ran.out
    );
    assert!(client_id.contains("client_id = "));
    for word in ["Enable access", "Authorise", "two-factor"] {
        assert!(ran.err.contains(word), "{word} is missing in {}", ran.err);
    }
    let address = scene.web_app().authorise(ran.out.trim()).unwrap();
    let ran = scene
        .run(&["login", "acme", "--redirected-to", address.expose_secret()])
        .expect(0);
    assert_eq!(ran.out, "");

    let token = scene.run(&["token", "acme"]).expect(0);
    assert!(
        token.out.starts_with("oa_sand_")
            && token.out.ends_with('\n')
            && token.out.lines().count() == 1
    );
    assert_eq!(
        token.err,
        "profile acme: revolut-business, environment custom\n"
    );
    assert_eq!(scene.run(&["-q", "token", "acme"]).expect(0).err, "");

    let accounts = scene.run(&["-q", "get", "acme", "/accounts"]).expect(0);
    let accounts: serde_json::Value = serde_json::from_str(&accounts.out).unwrap();
    assert_eq!(accounts.as_array().unwrap().len(), 2);
    assert_eq!(accounts[0]["id"], "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1");
    assert_eq!(accounts[1]["balance"], 1234.0);
}

#[test]
fn login_at_a_prompt_reads_the_pasted_address() {
    let scene = Scene::registered();
    let url = scene.run(&["login", "acme", "--print-url"]).expect(0);
    assert!(url.err.contains("FULL RIGHTS"), "{}", url.err);
    let address = scene.web_app().authorise(url.out.trim()).unwrap();
    let ran = scene
        .run_with(
            &["login", "acme", "--no-browser"],
            &format!("  {}\n", address.expose_secret()),
        )
        .expect(0);
    assert_eq!(ran.out, url.out);
    assert!(
        ran.err.contains("warning: paste only the address"),
        "{}",
        ran.err
    );
    scene.run(&["token", "acme"]).expect(0);
}

#[test]
fn login_with_the_code_alone() {
    let scene = Scene::registered();
    let address = scene.redirected_to();
    let code = address.split_once("code=").unwrap().1;
    scene.run(&["login", "acme", "--code", code]).expect(0);
    scene.run(&["token", "acme"]).expect(0);
}

#[test]
fn an_expired_token_is_renewed_and_the_refresh_token_kept() {
    let scene = Scene::expired();
    let token = scene.run(&["token", "acme"]).expect(0).out;
    assert_eq!(scene.run(&["token", "acme"]).expect(0).out, token);
    assert_eq!(scene.web_app().counters().refreshes, 1);
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}

#[test]
fn a_token_that_somebody_else_ended_is_replaced_once() {
    let scene = Scene::logged_in();
    let client_id = scene.run(&["--json", "show", "acme"]).expect(0).out;
    let shown: serde_json::Value = serde_json::from_str(&client_id).unwrap();
    assert_eq!(
        scene
            .web_app()
            .end_access_tokens(shown["client_id"].as_str().unwrap()),
        1
    );
    scene.run(&["get", "acme", "/accounts"]).expect(0);
    assert_eq!(scene.web_app().counters().refreshes, 1);
}

#[test]
fn a_refresh_token_is_imported_from_standard_input() {
    let scene = Scene::logged_in();
    let record = fs::read_to_string(scene.token_file()).unwrap();
    let record: serde_json::Value =
        serde_json::from_str(record.split_once('\n').unwrap().1).unwrap();
    let refresh_token = record["refresh_token"].as_str().unwrap();
    fs::remove_dir_all(scene.state()).unwrap();
    scene.run(&["token", "acme"]).expect(5);
    let ran = scene
        .run_with(&["import", "acme"], &format!("{refresh_token}\n"))
        .expect(0);
    assert!(!ran.err.contains(refresh_token) && !ran.out.contains(refresh_token));
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}

#[test]
fn show_holds_no_secret() {
    let scene = Scene::logged_in();
    let token = scene.run(&["token", "acme"]).expect(0).out;
    let record = fs::read_to_string(scene.token_file()).unwrap();
    let record: serde_json::Value =
        serde_json::from_str(record.split_once('\n').unwrap().1).unwrap();
    for arguments in [&["show", "acme"][..], &["--json", "show", "acme"]] {
        let ran = scene.run(arguments).expect(0);
        for secret in [
            token.trim(),
            record["refresh_token"].as_str().unwrap(),
            "PRIVATE KEY",
        ] {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{}",
                ran.out
            );
        }
        assert!(
            ran.out.contains("RSA 2048") && ran.out.contains("C=GB"),
            "{}",
            ran.out
        );
    }
    let shown: serde_json::Value =
        serde_json::from_str(&scene.run(&["--json", "show", "acme"]).out).unwrap();
    assert_eq!(shown["certificate_details"]["belongs_to_key"], true);
    assert_eq!(shown["token"]["refresh_token"], true);
}

#[test]
fn production_is_said_aloud() {
    let scene = Scene::new();
    let arguments = [
        "init",
        "revolut-business",
        "--profile",
        "real",
        "--redirect-uri",
        REDIRECT_URI,
        "--country",
        "GB",
    ];
    let sandbox = scene.run(&arguments).expect(0);
    assert_eq!(
        sandbox.err,
        "profile real: revolut-business, environment sandbox\n"
    );
    assert!(sandbox.out.contains("https://sandbox-business.revolut.com"));
    let real = scene
        .run(
            &[
                &arguments[..3],
                &["real2"],
                &arguments[4..],
                &["--environment", "production"],
            ]
            .concat(),
        )
        .expect(0);
    assert_eq!(
        real.err,
        "profile real2: revolut-business, environment production (real money)\n"
    );
    assert!(real.out.contains("at https://business.revolut.com\n"));
}

#[test]
fn a_test_bank_in_another_process_is_found_by_its_description() {
    use std::io::{BufRead as _, BufReader};
    let scene = Scene::new();
    let mut command = scene.command(&["-q", "testbank", "serve", "--dir", "there"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.trim_end().ends_with("there/testbank.json"), "{line}");
    let text = fs::read_to_string(scene.path("there/testbank.json")).unwrap();
    let description: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bank = &description["revolut-business"];
    for key in ["token", "consent", "api"] {
        assert!(
            bank[key]
                .as_str()
                .unwrap()
                .starts_with("https://127.0.0.1:"),
            "{text}"
        );
    }
    assert!(
        description["control"]
            .as_str()
            .unwrap()
            .ends_with("/control")
    );
    assert!(
        fs::read_to_string(description["ca"].as_str().unwrap())
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
