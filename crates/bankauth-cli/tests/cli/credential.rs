//! Keys, certificates, signing requests and names, each looked at by openssl.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::scene::{Ran, Scene, openssl};

const OBWAC: [&str; 18] = [
    "csr",
    "create",
    "--profile",
    "obwac",
    "--country",
    "GB",
    "--organization",
    "Acme Ltd",
    "--organization-identifier",
    "PSDGB-FCA-123456",
    "--common-name",
    "0015800001041ReAAI",
    "--role",
    "PSP_PI,PSP_AI",
    "--nca-name",
    "Financial Conduct Authority",
    "--nca-id",
    "GB-FCA",
];

fn with_files(
    arguments: &[&'static str],
    key: &'static str,
    out: &'static str,
) -> Vec<&'static str> {
    [arguments, &["--key", key, "--out", out]].concat()
}

fn value(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.out).unwrap()
}

/// Whole days that are left: one less as soon as a second has passed.
fn days_left(shown: &serde_json::Value) -> i64 {
    shown[0]["days_left"].as_i64().unwrap()
}

#[test]
fn each_kind_of_key_is_made_0600_and_openssl_checks_it() {
    let scene = Scene::new();
    for (algorithm, kind) in [
        ("rsa-2048", "RSA 2048"),
        ("rsa-3072", "RSA 3072"),
        ("p-256", "P-256"),
        ("p-384", "P-384"),
        ("p-521", "P-521"),
        ("ed25519", "Ed25519"),
    ] {
        let file = format!("{algorithm}.pem");
        let made = scene
            .run(&[
                "--json",
                "key",
                "generate",
                "--algorithm",
                algorithm,
                "--out",
                &file,
            ])
            .expect(0);
        assert_eq!(value(&made)["kind"], kind);
        assert_eq!(
            fs::metadata(scene.path(&file))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        openssl(
            scene.folder.path(),
            &["pkey", "-in", &file, "-check", "-noout"],
        );
        let public = openssl(scene.folder.path(), &["pkey", "-in", &file, "-pubout"]);
        assert_eq!(value(&made)["public_key"], public);
        let shown = scene.run(&["--json", "key", "show", &file]).expect(0);
        assert_eq!(value(&shown), value(&made));
        assert!(!made.out.contains("PRIVATE") && !shown.out.contains("PRIVATE"));
        let again = scene
            .run(&["key", "generate", "--algorithm", algorithm, "--out", &file])
            .expect(2);
        assert!(again.err.contains("exists"), "{}", again.err);
    }
}

#[test]
fn a_key_under_a_passphrase_serves_a_profile() {
    let scene = Scene::new();
    fs::write(scene.path("passphrase"), "correct horse\n").unwrap();
    fs::set_permissions(scene.path("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
    scene
        .run(&[
            "key",
            "generate",
            "--out",
            "sealed.pem",
            "--passphrase-file",
            "passphrase",
        ])
        .expect(0);
    assert!(
        fs::read_to_string(scene.path("sealed.pem"))
            .unwrap()
            .contains("BEGIN ENCRYPTED PRIVATE KEY")
    );
    openssl(
        scene.folder.path(),
        &[
            "pkey",
            "-in",
            "sealed.pem",
            "-passin",
            "file:passphrase",
            "-check",
            "-noout",
        ],
    );
    insta::assert_snapshot!(scene.run(&["key", "show", "sealed.pem"]).expect(2).err, @"error: sealed.pem: the private key is under a passphrase (ENCRYPTED PRIVATE KEY) and none was given, expected the passphrase");
    fs::write(scene.path("wrong"), "incorrect horse\n").unwrap();
    fs::set_permissions(scene.path("wrong"), fs::Permissions::from_mode(0o600)).unwrap();
    insta::assert_snapshot!(scene.run(&["key", "show", "sealed.pem", "--passphrase-file", "wrong"]).expect(2).err, @"error: sealed.pem: the passphrase does not open the private key; it is probably another one, or the encrypted octets are damaged");
    fs::set_permissions(scene.path("wrong"), fs::Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(scene.run(&["key", "show", "sealed.pem", "--passphrase-file", "wrong"]).expect(2).err, @"error: wrong has mode 0644, expected 0600 (`chmod 600`): others could read the secret in it");
    insta::assert_snapshot!(scene.run(&["key", "show", "sealed.pem", "--passphrase-env", "BANKAUTH_NOT_SET"]).expect(2).err, @"error: the environment variable BANKAUTH_NOT_SET is not set, expected the secret in it");

    scene
        .run(&[
            "cert",
            "create",
            "--key",
            "sealed.pem",
            "--passphrase-file",
            "passphrase",
            "--out",
            "sealed.cer",
            "--country",
            "GB",
        ])
        .expect(0);
    scene.init(&["--country", "GB"]).expect(0);
    for (key, file) in [
        ("private-key", "sealed.pem"),
        ("certificate", "sealed.cer"),
        ("private-key-passphrase-file", "passphrase"),
    ] {
        scene.run(&["set", "acme", key, file]).expect(0);
    }
    scene.upload("sealed.cer");
    scene.login();
    scene.run(&["get", "acme", "/accounts"]).expect(0);
    // The variable in the place of the file.
    let config = fs::read_to_string(scene.config()).unwrap();
    fs::write(
        scene.config(),
        config.replace(
            "private_key_passphrase_file = \"passphrase\"",
            "private_key_passphrase_env = \"BANKAUTH_TEST_PASSPHRASE\"",
        ),
    )
    .unwrap();
    let mut command = scene.command(&["-q", "assertion", "acme"]);
    crate::scene::finished({
        command.env("BANKAUTH_TEST_PASSPHRASE", "correct horse");
        command
    })
    .expect(0);
    scene
        .run(&["set", "acme", "private-key-passphrase-file", "passphrase"])
        .expect(0);
    insta::assert_snapshot!(scene.run(&["-q", "assertion", "acme"]).expect(2).err, @"error: profile `acme`, key `private_key_passphrase_env`: a second source beside private_key_passphrase_file, expected one of the two");
}

#[test]
fn a_certificate_is_made_and_told_of_and_openssl_accepts_it() {
    let scene = Scene::new();
    for algorithm in ["rsa-2048", "p-256", "p-384", "p-521", "ed25519"] {
        let (key, file) = (format!("{algorithm}.pem"), format!("{algorithm}.cer"));
        scene
            .run(&["key", "generate", "--algorithm", algorithm, "--out", &key])
            .expect(0);
        let made = scene
            .run(&[
                "-q",
                "cert",
                "create",
                "--key",
                &key,
                "--out",
                &file,
                "--country",
                "GB",
                "--organization",
                "Acme, Inc.",
                "--days",
                "30",
            ])
            .expect(0);
        assert_eq!(made.out, fs::read_to_string(scene.path(&file)).unwrap());
        assert!(
            openssl(
                scene.folder.path(),
                &["verify", "-check_ss_sig", "-CAfile", &file, &file]
            )
            .contains("OK"),
            "{algorithm}"
        );
        let fingerprint = openssl(
            scene.folder.path(),
            &["x509", "-in", &file, "-noout", "-sha256", "-fingerprint"],
        );
        let subject = openssl(
            scene.folder.path(),
            &[
                "x509",
                "-in",
                &file,
                "-noout",
                "-subject",
                "-nameopt",
                "RFC2253,-esc_msb",
            ],
        );
        let shown = value(&scene.run(&["--json", "cert", "show", &file]).expect(0));
        assert_eq!(
            fingerprint.trim().split_once('=').unwrap().1,
            shown[0]["sha256"].as_str().unwrap()
        );
        assert_eq!(
            subject.trim().strip_prefix("subject=").unwrap(),
            shown[0]["subject"].as_str().unwrap()
        );
        assert!(
            days_left(&shown) == 30 || days_left(&shown) == 29,
            "{shown}"
        );
    }
    insta::assert_snapshot!(scene.run(&["-q", "cert", "create", "--key", "p-256.pem", "--out", "x.cer"]).expect(2).err, @"error: the subject is empty, expected at least one attribute such as the country");
    insta::assert_snapshot!(scene.run(&["-q", "cert", "create", "--key", "p-256.cer", "--out", "x.cer", "--country", "GB"]).expect(2).err, @"error: p-256.cer: expected a private key, found a certificate; give the private key that it was made from");
    insta::assert_snapshot!(scene.run(&["-q", "cert", "show", "p-256.pem"]).expect(2).err, @"error: p-256.pem: expected a certificate, found a private key");
    assert!(!scene.path("x.cer").exists());
}

#[test]
fn a_profiles_certificate_is_renewed_over_its_key_and_the_old_one_kept() {
    let scene = Scene::logged_in();
    let old = fs::read(scene.path("acme.cer")).unwrap();
    let before = value(&scene.run(&["--json", "cert", "show", "acme.cer"]).expect(0));
    let ran = scene
        .run(&[
            "cert",
            "create",
            "--profile",
            "acme",
            "--renew",
            "--days",
            "10",
        ])
        .expect(0);
    assert!(
        ran.err.contains("acme.cer.1") && ran.err.contains("ClientID"),
        "{}",
        ran.err
    );
    assert_eq!(fs::read(scene.path("acme.cer.1")).unwrap(), old);
    assert_eq!(
        ran.out.as_bytes(),
        fs::read(scene.path("acme.cer")).unwrap()
    );
    let after = value(&scene.run(&["--json", "cert", "show", "acme.cer"]).expect(0));
    assert_eq!(after[0]["subject"], before[0]["subject"]);
    assert_ne!(after[0]["serial_number"], before[0]["serial_number"]);
    assert!(days_left(&after) == 10 || days_left(&after) == 9, "{after}");
    // The bank knows the key, so the tokens work on; and a second renewal keeps both old ones.
    scene.run(&["get", "acme", "/accounts"]).expect(0);
    let again = value(
        &scene
            .run(&["--json", "cert", "create", "--profile", "acme", "--renew"])
            .expect(0),
    );
    assert!(
        again["kept_as"].as_str().unwrap().ends_with("acme.cer.2"),
        "{again}"
    );
    assert_eq!(fs::read(scene.path("acme.cer.1")).unwrap(), old);
    // What would be ignored is refused.
    for more in [&["--country", "FR"][..], &["--passphrase-env", "HOME"]] {
        let arguments = [&["cert", "create", "--profile", "acme", "--renew"], more].concat();
        scene.run(&arguments).expect(2);
    }
    scene
        .run(&["cert", "create", "--profile", "acme"])
        .expect(2);
    scene
        .run(&[
            "cert",
            "create",
            "--renew",
            "--key",
            "acme.key.pem",
            "--out",
            "x",
        ])
        .expect(2);
}

#[test]
fn each_profile_of_a_request_is_accepted_by_openssl_and_shown_before_it_is_signed() {
    let scene = Scene::new();
    scene
        .run(&["key", "generate", "--out", "key.pem"])
        .expect(0);
    for profile in ["obwac", "obseal", "qwac", "qsealc"] {
        let out = format!("{profile}.pem");
        let mut arguments = OBWAC.to_vec();
        arguments[3] = profile;
        let arguments = [&arguments[..], &["--key", "key.pem", "--out", &out]].concat();
        let ran = scene.run(&arguments).expect(0);
        assert!(
            ran.err.contains(
                "PSD2: PSP_PI PSP_AI, supervised by Financial Conduct Authority (GB-FCA)"
            ),
            "{}",
            ran.err
        );
        let text = openssl(
            scene.folder.path(),
            &["req", "-in", &out, "-noout", "-verify", "-text"],
        );
        assert!(
            text.contains("verify OK") && text.contains("qcStatements"),
            "{text}"
        );
        assert_eq!(
            text.contains("TLS Web Client Authentication"),
            profile.ends_with("wac"),
            "{profile}"
        );
    }
    let legacy = [
        "csr",
        "create",
        "--profile",
        "ob-legacy",
        "--organizational-unit",
        "0015800001041ReAAI",
        "--common-name",
        "software",
    ];
    scene
        .run(&with_files(&legacy, "key.pem", "legacy.pem"))
        .expect(0);
    let text = openssl(
        scene.folder.path(),
        &["req", "-in", "legacy.pem", "-noout", "-verify", "-subject"],
    );
    assert!(
        text.contains("C = GB, O = OpenBanking, OU = 0015800001041ReAAI, CN = software"),
        "{text}"
    );
    let sandbox = [
        "--json",
        "csr",
        "create",
        "--profile",
        "revolut-sandbox",
        "--country",
        "GB",
        "--organization",
        "Acme",
    ];
    let ran = scene
        .run(&with_files(&sandbox, "key.pem", "sandbox.der"))
        .expect(0);
    assert_eq!(value(&ran)["encoding"], "der");
    openssl(
        scene.folder.path(),
        &[
            "req",
            "-inform",
            "DER",
            "-in",
            "sandbox.der",
            "-noout",
            "-verify",
        ],
    );
    let plain = [
        "-q",
        "csr",
        "create",
        "--profile",
        "plain",
        "--common-name",
        "acme.example",
        "--host",
        "acme.example",
    ];
    let ran = scene
        .run(&with_files(&plain, "key.pem", "plain.pem"))
        .expect(0);
    assert_eq!(
        ran.out,
        fs::read_to_string(scene.path("plain.pem")).unwrap()
    );
}

#[test]
fn a_request_that_no_issuer_takes_is_refused_and_not_written() {
    let scene = Scene::new();
    scene
        .run(&["key", "generate", "--out", "key.pem"])
        .expect(0);
    scene
        .run(&["key", "generate", "--algorithm", "p-256", "--out", "ec.pem"])
        .expect(0);
    let refused = |change: (&str, &'static str), key: &'static str| {
        let mut arguments = with_files(&OBWAC, key, "x.pem");
        let at = arguments
            .iter()
            .position(|argument| *argument == change.0)
            .unwrap();
        arguments[at] = change.1;
        let ran = scene.run(&arguments).expect(2);
        assert!(!scene.path("x.pem").exists());
        ran.err
            .lines()
            .find(|line| line.starts_with("error: "))
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!(refused(("PSP_PI,PSP_AI", "PSP_XX"), "key.pem"), @r#"error: invalid value 'PSP_XX' for '--role <ROLE>': the role is "PSP_XX", expected PSP_AS, PSP_PI, PSP_AI or PSP_IC"#);
    insta::assert_snapshot!(refused(("GB-FCA", "gb_fca"), "key.pem"), @r#"error: the identifier of the authority is "gb_fca", expected a country and two to eight capitals, with a hyphen between them, such as "GB-FCA""#);
    insta::assert_snapshot!(refused(("PSDGB-FCA-123456", ""), "key.pem"), @"error: the organizationIdentifier is missing, expected it exactly once for the profile obwac");
    insta::assert_snapshot!(refused(("GB", "gb"), "key.pem"), @r#"error: the country is "gb", expected two upper-case letters such as "GB""#);
    insta::assert_snapshot!(refused(("GB", "GB"), "ec.pem"), @"error: the key is P-256, expected RSA 2048 for the profile obwac");
    insta::assert_snapshot!(refused(("obwac", "plain"), "key.pem"), @"error: --role, --nca-name and --nca-id are given, expected none of them with profile plain");
    insta::assert_snapshot!(refused(("obwac", "obwax"), "key.pem"), @r#"error: invalid value 'obwax' for '--profile <PROFILE>': the profile is "obwax", expected plain, obwac, obseal, qwac, qsealc, ob-legacy or revolut-sandbox"#);
    let no_role = ["csr", "create", "--profile", "obwac", "--country", "GB"];
    insta::assert_snapshot!(scene.run(&with_files(&no_role, "key.pem", "x.pem")).expect(2).err, @"error: --nca-name and --nca-id are missing, expected both and --role with profile obwac");
}

#[test]
fn a_name_is_written_in_every_dialect_and_as_openssl_would() {
    let scene = Scene::new();
    scene
        .run(&[
            "key",
            "generate",
            "--algorithm",
            "p-256",
            "--out",
            "key.pem",
        ])
        .expect(0);
    let create = [
        "-q",
        "cert",
        "create",
        "--key",
        "key.pem",
        "--out",
        "x.cer",
        "--country",
        "SK",
    ];
    scene
        .run(
            &[
                &create[..],
                &[
                    "--organization",
                    "Žaba, s.r.o. \"x\"",
                    "--common-name",
                    "#1 a+b",
                ],
            ]
            .concat(),
        )
        .expect(0);
    let rows = value(&scene.run(&["--json", "dn", "x.cer"]).expect(0));
    let row = |label: &str| {
        let rows = rows.as_array().unwrap().iter();
        rows.into_iter()
            .find(|row| row["dialect"] == label)
            .unwrap()["name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let by_openssl = |options: &[&str]| {
        let arguments = [&["x509", "-in", "x.cer", "-noout", "-subject"], options].concat();
        openssl(scene.folder.path(), &arguments)
            .trim()
            .strip_prefix("subject=")
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        row("short-name"),
        by_openssl(&["-nameopt", "RFC2253,-esc_msb"])
    );
    assert_eq!(
        row("short-name-ascii"),
        by_openssl(&["-nameopt", "RFC2253"])
    );
    assert_eq!(row("openssl-3.0-default"), by_openssl(&[]));
    // The same name from a text, and what is pasted by mistake.
    fs::write(scene.path("name.txt"), row("short-name") + "\n").unwrap();
    assert_eq!(
        value(&scene.run(&["--json", "dn", "name.txt"]).expect(0))[0],
        rows[0]
    );
    let refused = |text: &str| {
        fs::write(scene.path("name.txt"), text).unwrap();
        scene.run(&["dn", "name.txt"]).expect(2).err
    };
    insta::assert_snapshot!(refused("C = GB, O = Acme"), @"error: the name has spaces around its equals signs, as openssl prints it by default, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`");
    insta::assert_snapshot!(refused("/C=GB/O=Acme"), @"error: the name has slashes, as openssl prints it for old programs, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`");
    insta::assert_snapshot!(refused("subject=C=GB"), @r#"error: the name begins with "subject=", expected its first attribute; leave out that label"#);
    insta::assert_snapshot!(refused("O=\"Acme, Ltd\",C=GB"), @"error: the value of O at character 3 of the name stands in quotation marks, which RFC 4514 does not know; write it without them, with a backslash before each special character");
    insta::assert_snapshot!(refused("CN=a;C=GB"), @r"error: there is a semicolon at character 5 of the name, expected a comma between attributes; one that belongs to a value is written \;");
    let shown = scene.run(&["dn", "x.cer"]).expect(0).out;
    assert!(
        shown.lines().next().unwrap().starts_with("short-name ") && shown.contains("Revolut"),
        "{shown}"
    );
}
