//! What is made here, judged by the program `openssl` of the machine.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use bankauth_keys::{Certificate, KeySpec, PrivateKey, SelfSigned, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// Runs `openssl` in the folder and gives what it says; fails if it refuses.
fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program `openssl` must be installed for this test");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("openssl writes UTF-8");
    assert!(output.status.success(), "openssl {arguments:?}:\n{text}");
    text
}

struct Made {
    folder: TempDir,
    key: PrivateKey,
    certificate: Certificate,
}

impl Made {
    /// Key and certificate in the files `key.pem` and `certificate.pem` of a new folder.
    fn new(spec: KeySpec, certificate: SelfSigned) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = PrivateKey::generate(spec).unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "`openssl verify` compares with the clock of the machine"
        )]
        let now = SystemTime::now();
        let certificate = certificate.sign(&key, now).unwrap();
        key.write_new_file(&folder.path().join("key.pem")).unwrap();
        certificate
            .write_new_file(&folder.path().join("certificate.pem"))
            .unwrap();
        Self {
            folder,
            key,
            certificate,
        }
    }

    fn openssl(&self, arguments: &[&str]) -> String {
        openssl(self.folder.path(), arguments)
    }
}

fn country_only() -> SelfSigned {
    SelfSigned::new(Subject::new().with_country("GB"))
}

#[test]
fn certificates_verify() {
    for spec in [KeySpec::Rsa2048, KeySpec::P256] {
        let made = Made::new(spec, country_only());
        let answer = made.openssl(&["verify", "-CAfile", "certificate.pem", "certificate.pem"]);
        assert_eq!(answer, "certificate.pem: OK\n");
        let answer = made.openssl(&[
            "verify",
            "-x509_strict",
            "-check_ss_sig",
            "-CAfile",
            "certificate.pem",
            "certificate.pem",
        ]);
        assert_eq!(answer, "certificate.pem: OK\n");
    }
}

#[test]
fn a_certificate_with_defaults_prints_as_the_guide_has_it() {
    let made = Made::new(KeySpec::Rsa2048, country_only());
    let text = made.openssl(&["x509", "-noout", "-text", "-in", "certificate.pem"]);
    for expected in [
        "Version: 3 (0x2)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Issuer: C = GB\n",
        "Subject: C = GB\n",
        "Public-Key: (2048 bit)",
        "Exponent: 65537 (0x10001)",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Basic Constraints: critical\n                CA:FALSE\n",
    ] {
        // Versions of openssl differ in the spaces around the equals sign.
        let squeeze = |text: &str| text.replace(" = ", "=");
        assert!(
            squeeze(&text).contains(&squeeze(expected)),
            "{expected}\n{text}"
        );
    }
    let fingerprint = made.openssl(&[
        "x509",
        "-noout",
        "-fingerprint",
        "-sha256",
        "-in",
        "certificate.pem",
    ]);
    let hex: Vec<_> = made
        .certificate
        .sha256_fingerprint()
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    assert!(fingerprint.trim_end().ends_with(&hex.join(":")));
    let days = |days: u64| {
        let seconds = (days * 86_400).to_string();
        Command::new("openssl")
            .args(["x509", "-noout", "-checkend", &seconds, "-in"])
            .arg(made.folder.path().join("certificate.pem"))
            .output()
            .expect("the program `openssl` must be installed for this test")
            .status
            .success()
    };
    assert!(days(1824));
    assert!(!days(1826));
    let end = made.certificate.not_after().duration_since(UNIX_EPOCH);
    let begin = made.certificate.not_before().duration_since(UNIX_EPOCH);
    assert_eq!((end.unwrap() - begin.unwrap()).as_secs(), 1825 * 86_400);
}

// RFC 5280 section 4.2.1.2: openssl computes the same identifier for the same key
#[test]
fn the_key_identifier_is_that_of_openssl() {
    for spec in [KeySpec::Rsa2048, KeySpec::P256] {
        let made = Made::new(spec, country_only());
        made.openssl(&[
            "req",
            "-new",
            "-x509",
            "-key",
            "key.pem",
            "-subj",
            "/C=GB",
            "-out",
            "theirs.pem",
        ]);
        let [ours, theirs] = ["certificate.pem", "theirs.pem"].map(|file| {
            made.openssl(&[
                "x509",
                "-noout",
                "-ext",
                "subjectKeyIdentifier",
                "-in",
                file,
            ])
        });
        assert_eq!(ours, theirs);
        let theirs = Certificate::read_file(&made.folder.path().join("theirs.pem")).unwrap();
        theirs.check_belongs_to(&made.key).unwrap();
    }
}

// RFC 4514
#[test]
fn hostile_names_read_as_openssl_writes_them() {
    let subject = Subject::new()
        .with_country("SK")
        .with_state(" both ends ")
        .with_locality("#Bratislava; Staré Mesto")
        .with_organization("Bäcker & \"Söhne\", <s.r.o.> + 子会社")
        .with_organizational_unit("back\\slash = here")
        .with_common_name("\u{1f600}")
        .with_email("#a+b@example.com");
    let made = Made::new(KeySpec::P256, SelfSigned::new(subject));
    let theirs = made.openssl(&[
        "x509",
        "-noout",
        "-subject",
        "-nameopt",
        "RFC2253,-esc_msb",
        "-in",
        "certificate.pem",
    ]);
    let theirs = theirs.trim_end_matches('\n').trim_start_matches("subject=");
    assert_eq!(made.certificate.subject(), theirs);
}

// RFC 5958: version 1, NULL parameters under RSA, a named curve under P-256
#[test]
fn keys_are_checked_and_written_alike() {
    for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::P256] {
        let made = Made::new(spec, country_only());
        let check = made.openssl(&["pkey", "-check", "-noout", "-in", "key.pem"]);
        assert!(check.contains("Key is valid"), "{check}");
        made.openssl(&["pkey", "-in", "key.pem", "-out", "theirs.pem"]);
        let read = |name: &str| std::fs::read_to_string(made.folder.path().join(name)).unwrap();
        assert_eq!(read("key.pem"), read("theirs.pem"));
        made.openssl(&["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
        let public: String = read("public.pem")
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        assert_eq!(public, STANDARD.encode(made.key.public_key_der()));
    }
}

#[test]
fn a_signature_of_the_key_verifies_under_the_certificate() {
    for spec in [KeySpec::Rsa2048, KeySpec::P256] {
        let made = Made::new(spec, country_only());
        std::fs::write(made.folder.path().join("message"), "header.payload").unwrap();
        made.openssl(&[
            "dgst",
            "-sha256",
            "-sign",
            "key.pem",
            "-out",
            "signature",
            "message",
        ]);
        made.openssl(&[
            "x509",
            "-noout",
            "-pubkey",
            "-in",
            "certificate.pem",
            "-out",
            "public.pem",
        ]);
        let answer = made.openssl(&[
            "dgst",
            "-sha256",
            "-verify",
            "public.pem",
            "-signature",
            "signature",
            "message",
        ]);
        assert_eq!(answer, "Verified OK\n");
    }
}

#[test]
fn the_commands_of_the_guide_give_what_is_read_here() {
    let folder = tempfile::tempdir().unwrap();
    for traditional in [false, true] {
        let (key, certificate) = (format!("{traditional}.pem"), format!("{traditional}.cer"));
        let mut arguments = vec!["genrsa", "-out", &key];
        if traditional {
            arguments.push("-traditional");
        }
        arguments.push("2048");
        openssl(folder.path(), &arguments);
        openssl(
            folder.path(),
            &[
                "req",
                "-new",
                "-x509",
                "-key",
                &key,
                "-out",
                &certificate,
                "-days",
                "1825",
                "-subj",
                "/C=GB",
            ],
        );
        // openssl creates key files of mode 0600.
        let key = PrivateKey::read_file(&folder.path().join(key)).unwrap();
        let certificate = Certificate::read_file(&folder.path().join(certificate)).unwrap();
        certificate.check_belongs_to(&key).unwrap();
        assert_eq!(certificate.subject(), "C=GB");
    }
}
