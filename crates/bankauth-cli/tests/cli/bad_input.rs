//! Bad input: a clear error, the right exit code, and nothing lost.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use crate::scene::{REDIRECT_URI, Scene, openssl};

fn init(scene: &Scene, redirect_uri: &str, more: &[&str]) -> String {
    let mut arguments = vec![
        "init",
        "revolut-business",
        "--profile",
        "acme",
        "--redirect-uri",
        redirect_uri,
    ];
    arguments.extend(more);
    let ran = scene.run(&arguments).expect(2);
    assert!(
        !scene.config().exists()
            && !scene.path("acme.key.pem").exists()
            && !scene.path("acme.cer").exists()
    );
    scene.settled(&ran.err)
}

#[test]
fn init_refuses_what_no_bank_takes_and_writes_nothing() {
    let scene = Scene::new();
    insta::assert_snapshot!(init(&scene, "/callback", &["--country", "GB"]), @"error: profile `acme`, key `redirect_uri` cannot be used: the redirect URI is relative or no URL, expected an absolute https URL without fragment, user name or password");
    insta::assert_snapshot!(init(&scene, "https://example.com/#fragment", &["--country", "GB"]), @"error: profile `acme`, key `redirect_uri` cannot be used: the redirect URI is a URL with a fragment, expected an absolute https URL without fragment, user name or password");
    insta::assert_snapshot!(init(&scene, "https://me:marked@example.com/", &["--country", "GB"]), @"error: profile `acme`, key `redirect_uri` cannot be used: the redirect URI is a URL with a user name or password, expected an absolute https URL without fragment, user name or password");
    insta::assert_snapshot!(init(&scene, REDIRECT_URI, &[]), @"error: profile `acme`, key `certificate` cannot be used: the subject is empty, expected at least one attribute such as the country");
    insta::assert_snapshot!(init(&scene, REDIRECT_URI, &["--country", "", "--organization", " "]), @"error: profile `acme`, key `certificate` cannot be used: the subject is empty, expected at least one attribute such as the country");
    insta::assert_snapshot!(init(&scene, REDIRECT_URI, &["--country", "gb"]), @r#"error: profile `acme`, key `certificate` cannot be used: the country is "gb", expected two upper-case letters such as "GB""#);
    insta::assert_snapshot!(init(&scene, REDIRECT_URI, &["--country", "GB", "--common-name", &"x".repeat(65)]), @"error: profile `acme`, key `certificate` cannot be used: the common name has 65 characters, expected at most 64");
    insta::assert_snapshot!(init(&scene, REDIRECT_URI, &["--country", "GB", "--environment", "custom"]), @"error: profile `acme` lacks `endpoints.token`: environment `custom` has no endpoints of its own");
}

#[test]
fn init_overwrites_nothing() {
    let scene = Scene::registered();
    let before: Vec<_> = ["bankauth.toml", "acme.key.pem", "acme.cer"]
        .map(|name| fs::read(scene.path(name)).unwrap())
        .into();
    insta::assert_snapshot!(scene.settled(&scene.init(&["--country", "GB"]).expect(2).err), @"error: profile `acme` exists already in FOLDER/bankauth.toml, expected a new name");
    // A key that is there without a profile is not overwritten either.
    fs::write(scene.config(), "").unwrap();
    insta::assert_snapshot!(scene.settled(&scene.init(&["--country", "GB"]).expect(2).err), @"error: FOLDER/acme.cer exists already, and nothing is overwritten");
    assert_eq!(fs::read(scene.path("acme.key.pem")).unwrap(), before[1]);
    assert_eq!(fs::read(scene.path("acme.cer")).unwrap(), before[2]);
}

#[test]
fn an_unknown_profile_and_a_misspelt_key_are_named_with_the_nearest() {
    let scene = Scene::registered();
    insta::assert_snapshot!(scene.settled(&scene.run(&["token", "acmee"]).expect(2).err), @"error: there is no profile `acmee` in FOLDER/bankauth.toml; did you mean `acme`?");
    insta::assert_snapshot!(scene.settled(&scene.run(&["set", "acme", "redirect-url", "x"]).expect(2).err), @"error: profile `acme` has no key `redirect-url`; did you mean `redirect_uri`?");
    insta::assert_snapshot!(scene.settled(&scene.run(&["set", "acme", "redirect-uri", "x"]).expect(2).err), @"error: profile `acme`, key `redirect_uri` cannot be used: the redirect URI is relative or no URL, expected an absolute https URL without fragment, user name or password");
    let config = fs::read_to_string(scene.config()).unwrap();
    for (good, bad) in [
        ("client_id =", "clientid ="),
        ("\"revolut-business\"", "\"revolut-busines\""),
        ("\"custom\"", "\"sandbx\""),
        (
            "redirect_uri = \"https://example.com/callback\"",
            "redirect_uri = 1",
        ),
        ("[profile.acme]", "[profile.acme"),
        ("private_key = \"acme.key.pem\"", ""),
    ] {
        assert!(config.contains(good), "{good} is not in {config}");
        fs::write(scene.config(), config.replacen(good, bad, 1)).unwrap();
        let ran = scene.run(&["token", "acme"]).expect(2);
        insta::with_settings!({ snapshot_suffix => bad.chars().filter(char::is_ascii_alphanumeric).collect::<String>() }, {
            insta::assert_snapshot!(scene.settled(&ran.err));
        });
    }
}

#[test]
fn comments_in_the_configuration_survive_set() {
    let scene = Scene::registered();
    let config = fs::read_to_string(scene.config()).unwrap();
    fs::write(scene.config(), format!("# mine\n{config}")).unwrap();
    scene.run(&["set", "acme", "scope", "READ"]).expect(0);
    let config = fs::read_to_string(scene.config()).unwrap();
    assert!(
        config.starts_with("# mine\n") && config.contains("scope = \"READ\""),
        "{config}"
    );
}

/// Puts another file in the place of the profile's key and says what `token` makes of it.
fn with_key(scene: &Scene, name: &str) -> String {
    scene.run(&["set", "acme", "private-key", name]).expect(0);
    fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    scene.settled(&scene.run(&["-q", "token", "acme"]).expect(2).err)
}

#[test]
fn a_key_file_that_cannot_be_used_is_named_for_what_it_is() {
    let scene = Scene::logged_in();
    let folder = scene.folder.path();
    openssl(
        folder,
        &[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            "ec.pem",
        ],
    );
    openssl(folder, &["genrsa", "-out", "other.pem", "2048"]);
    openssl(
        folder,
        &[
            "pkcs8",
            "-topk8",
            "-in",
            "other.pem",
            "-out",
            "encrypted.pem",
            "-passout",
            "pass:marked",
        ],
    );
    openssl(
        folder,
        &["rsa", "-in", "other.pem", "-pubout", "-out", "public.pem"],
    );
    openssl(folder, &["genrsa", "-out", "short.pem", "1024"]);
    insta::assert_snapshot!(with_key(&scene, "encrypted.pem"), @"error: profile `acme`, key `private_key` cannot be used: FOLDER/encrypted.pem: the private key is under a passphrase (ENCRYPTED PRIVATE KEY) and none was given, expected the passphrase");
    insta::assert_snapshot!(with_key(&scene, "public.pem"), @"error: profile `acme`, key `private_key` cannot be used: FOLDER/public.pem: expected a private key, found a public key; give the private key that it was made from");
    insta::assert_snapshot!(with_key(&scene, "acme.cer"), @"error: profile `acme`, key `private_key` cannot be used: FOLDER/acme.cer: expected a private key, found a certificate; give the private key that it was made from");
    insta::assert_snapshot!(with_key(&scene, "ec.pem"), @"error: profile `acme`, key `private_key`: a P-256 key, expected an RSA key: Revolut Business takes RS256 alone");
    insta::assert_snapshot!(with_key(&scene, "short.pem"), @"error: profile `acme`, key `private_key` cannot be used: FOLDER/short.pem: the RSA key has 1024 bits, expected 2048 or more; generate a new key");
    insta::assert_snapshot!(with_key(&scene, "other.pem"), @"error: profile `acme`, key `certificate` cannot be used: the certificate belongs to another private key: it holds the public key with SHA-256 HASH, expected HASH; give the pair that was made together");
    scene
        .run(&["set", "acme", "private-key", "acme.key.pem"])
        .expect(0);
    fs::set_permissions(
        scene.path("acme.key.pem"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    insta::assert_snapshot!(scene.settled(&scene.run(&["-q", "token", "acme"]).expect(2).err), @"error: profile `acme`, key `private_key` cannot be used: FOLDER/acme.key.pem: the file has mode 0644 and is open to other users, expected mode 0600 (`chmod 600`)");
    fs::set_permissions(
        scene.path("acme.key.pem"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    scene.run(&["token", "acme"]).expect(0);
}

#[test]
fn a_pasted_address_that_holds_no_code_is_named_for_what_it_is() {
    let scene = Scene::registered();
    let paste = |address: &str, code: i32| {
        scene
            .run(&["-q", "login", "acme", "--redirected-to", address])
            .expect(code)
            .err
    };
    let denied = {
        let url = scene.run(&["login", "acme", "--print-url"]).expect(0).out;
        scene
            .web_app()
            .deny(url.trim())
            .unwrap()
            .expose_secret()
            .to_owned()
    };
    insta::assert_snapshot!(paste(&denied, 3), @"error: no consent was given: access_denied");
    insta::assert_snapshot!(paste(REDIRECT_URI, 2), @"error: the pasted address has no parameter `code`, expected the address that the browser shows after the consent");
    insta::assert_snapshot!(paste("https://other.example/callback?code=oa_sand_marked", 2), @"error: the pasted address belongs to https://other.example/callback, expected https://example.com/callback");
    insta::assert_snapshot!(paste("oa_sand_marked", 2), @"error: the pasted text is not an absolute URL, expected the whole address from the browser, beginning with https://example.com/callback");
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--code", &format!("{REDIRECT_URI}?code=oa_sand_marked")]).expect(2).err, @"error: --code is an address, expected the code alone; --redirected-to takes the address");
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--redirected-to", "-"]).expect(2).err, @"error: standard input is empty, expected the address from the browser");
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--scope", "READ WRITE"]).expect(2).err, @"error: the scopes `READ WRITE` have spaces, expected commas alone, as in READ,WRITE");
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--scope", "READ,RAED"]).expect(2).err, @"error: the scope `RAED` is none, expected READ, WRITE, PAY or READ_SENSITIVE_CARD_DATA");
}

#[test]
fn a_code_that_is_used_up_or_too_old_costs_no_token() {
    let scene = Scene::registered();
    let address = scene.redirected_to();
    scene
        .run(&["login", "acme", "--redirected-to", &address])
        .expect(0);
    let token = scene.run(&["token", "acme"]).expect(0).out;
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--redirected-to", &address]).expect(3).err, @"
    error: the token endpoint refused: invalid_grant: The authorization code is invalid or has expired (status 400)
    hint: a code lives for two minutes and is used once: open the consent page again and exchange the new code at once
    ");
    scene.web_app().set_code_lifetime(Duration::ZERO);
    let address = scene.redirected_to();
    insta::assert_snapshot!(scene.run(&["-q", "login", "acme", "--redirected-to", &address]).expect(3).err, @"
    error: the token endpoint refused: invalid_grant: The authorization code is invalid or has expired (status 400)
    hint: a code lives for two minutes and is used once: open the consent page again and exchange the new code at once
    ");
    assert_eq!(scene.run(&["token", "acme"]).expect(0).out, token);
}

#[test]
fn an_authorisation_that_the_bank_ended_asks_for_the_user_and_is_kept() {
    let scene = Scene::expired();
    let shown: serde_json::Value =
        serde_json::from_str(&scene.run(&["--json", "show", "acme"]).expect(0).out).unwrap();
    scene
        .web_app()
        .end_refresh_tokens(shown["client_id"].as_str().unwrap());
    let before = scene.web_app().counters().token_requests;
    for _ in 0..2 {
        let ran = scene.run(&["-q", "token", "acme"]).expect(5);
        assert!(
            ran.err.contains("authorise again")
                && (ran.err.contains("hint: run `bankauth --config ")
                    && ran.err.contains(" login acme`")),
            "{}",
            ran.err
        );
    }
    assert_eq!(scene.web_app().counters().token_requests - before, 1);
    let shown: serde_json::Value =
        serde_json::from_str(&scene.run(&["--json", "show", "acme"]).expect(0).out).unwrap();
    assert_eq!(shown["token"]["refresh_token"], true);
    scene.login();
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}

#[test]
fn nobody_logged_in_and_no_client_id() {
    let scene = Scene::new();
    scene.init(&["--country", "GB"]).expect(0);
    insta::assert_snapshot!(scene.run(&["-q", "token", "acme"]).expect(2).err, @"error: profile `acme` lacks `client_id`: copy it from the bank's web app and run `bankauth set acme client-id VALUE`");
    scene.upload("acme.cer");
    let ran = scene.run(&["-q", "token", "acme"]).expect(5);
    assert!(
        ran.err.contains("profile acme has no token yet")
            && (ran.err.contains("hint: run `bankauth --config ")
                && ran.err.contains(" login acme`")),
        "{}",
        ran.err
    );
}

#[test]
fn get_stays_below_the_api() {
    let scene = Scene::logged_in();
    for path in [
        "https://other.example/accounts",
        "//other.example/accounts",
        "/../auth/token",
        "accounts#x",
        "",
    ] {
        let ran = scene.run(&["-q", "get", "acme", path]).expect(2);
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
    assert_eq!(scene.web_app().counters().api_calls, 0);
    scene.run(&["-q", "get", "acme", "/nothing-here"]).expect(3);
}

#[test]
fn import_refuses_what_is_no_refresh_token_and_replaces_none_unasked() {
    let scene = Scene::registered();
    for pasted in [
        "bad token",
        "{\"refresh_token\":\"marked\"}",
        "https://example.com/?code=marked",
        "-----BEGIN PRIVATE KEY-----",
        "",
        "oa_sand_a\nb",
    ] {
        let ran = scene.run_with(&["-q", "import", "acme"], pasted).expect(2);
        assert!(!ran.err.contains("marked"), "{}", ran.err);
    }
    scene
        .run_with(&["-q", "import", "acme"], "oa_sand_one")
        .expect(0);
    let ran = scene
        .run_with(&["-q", "import", "acme"], "oa_sand_two")
        .expect(2);
    assert!(ran.err.contains("--replace"), "{}", ran.err);
    scene
        .run_with(&["-q", "import", "acme", "--replace"], "oa_sand_two")
        .expect(0);
}

#[test]
fn an_address_is_read_although_blank_lines_and_quotes_stand_around_it() {
    let scene = Scene::registered();
    let address = scene.redirected_to();
    scene
        .run_with(
            &["login", "acme", "--redirected-to", "-"],
            &format!("\n \n\"{address}\"\n"),
        )
        .expect(0);
}

#[test]
fn a_consent_is_not_lost_to_a_state_file_that_cannot_be_read() {
    let scene = Scene::logged_in();
    let path = scene.token_file();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let address = scene.redirected_to();
    let before = scene.web_app().counters().exchanges;
    scene
        .run(&["-q", "login", "acme", "--redirected-to", &address])
        .expect(2);
    assert_eq!(scene.web_app().counters().exchanges, before);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "half").unwrap();
    scene
        .run(&["-q", "login", "acme", "--redirected-to", &address])
        .expect(5);
    assert_eq!(scene.web_app().counters().exchanges, before);
    // The damaged record was kept aside, and the same code still works.
    scene
        .run(&["-q", "login", "acme", "--redirected-to", &address])
        .expect(0);
}
