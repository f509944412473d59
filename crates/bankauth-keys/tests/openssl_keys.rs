//! Private keys, judged by the program `openssl` of the machine and read from what it writes.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use bankauth_keys::{KeyErrorKind, KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

/// What `openssl` is told and what is read back with.
const PASSPHRASE: &str = "correct horse";

const SPECS: [KeySpec; 7] = [
    KeySpec::Rsa2048,
    KeySpec::Rsa3072,
    KeySpec::Rsa4096,
    KeySpec::P256,
    KeySpec::P384,
    KeySpec::P521,
    KeySpec::Ed25519,
];

/// The commands that make a key of each algorithm, as the guides of banks and their users have them.
const MAKERS: [&str; 12] = [
    "genrsa -out key.pem 2048",
    "genrsa -traditional -out key.pem 3072",
    "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out key.pem",
    "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out key.pem",
    "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
     -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -out key.pem",
    "ecparam -name prime256v1 -genkey -out key.pem",
    "ecparam -name secp384r1 -genkey -noout -out key.pem",
    "ecparam -name secp521r1 -genkey -out key.pem",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out key.pem",
    "genpkey -algorithm ED25519 -out key.pem",
];

/// The ways to encrypt a key that are read here.
const ENCRYPTIONS: [&str; 9] = [
    "",
    "-v2 aes-128-cbc",
    "-v2 aes-192-cbc",
    "-v2 aes256",
    "-v2 aes-256-cbc -v2prf hmacWithSHA1",
    "-v2 aes-256-cbc -v2prf hmacWithSHA384",
    "-v2 aes-128-cbc -v2prf hmacWithSHA512",
    "-scrypt",
    "-v2 aes-256-cbc -iter 600000",
];

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, command: &str) -> Output {
        Command::new("openssl")
            .args(command.split_ascii_whitespace())
            .current_dir(self.path())
            .env("PASSPHRASE", PASSPHRASE)
            .output()
            .expect("the program `openssl` must be installed for this test")
    }

    /// Runs `openssl` and gives what it says; fails if it refuses.
    fn openssl(&self, command: &str) -> String {
        let output = self.run(command);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(output.status.success(), "openssl {command}:\n{text}");
        text
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    /// The public half that openssl sees in a key, as DER.
    fn public_key(&self, arguments: &str) -> Vec<u8> {
        self.openssl(&format!("pkey {arguments} -pubout -out public.pem"));
        let text = String::from_utf8(self.read("public.pem")).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(body).unwrap()
    }
}

fn passphrase() -> SecretString {
    SecretString::from(PASSPHRASE)
}

// RFC 5958; RFC 5915; RFC 8410 section 7
#[test]
fn what_is_generated_and_written_is_valid() {
    for spec in SPECS {
        let folder = Folder::new();
        let key = PrivateKey::generate(spec).unwrap();
        key.write_new_file(&folder.path().join("key.pem")).unwrap();
        let der = key.to_pkcs8_der();
        std::fs::write(folder.path().join("key.der"), der.expose_secret()).unwrap();
        for form in ["-in key.pem", "-inform DER -in key.der"] {
            let answer = folder.openssl(&format!("pkey -check -noout {form}"));
            assert!(answer.contains("Key is valid"), "{spec:?}: {answer}");
            assert_eq!(folder.public_key(form), key.public_key_der(), "{spec:?}");
        }
        // What openssl makes of it again is the same to the octet.
        folder.openssl("pkey -in key.pem -out theirs.pem");
        assert_eq!(
            folder.read("key.pem"),
            folder.read("theirs.pem"),
            "{spec:?}"
        );
    }
}

// RFC 8018 section 6.2
#[test]
fn what_is_encrypted_opens_with_its_passphrase_alone() {
    for spec in SPECS {
        let folder = Folder::new();
        let key = PrivateKey::generate(spec).unwrap();
        let path = folder.path().join("key.pem");
        key.write_new_encrypted_file(&path, &passphrase()).unwrap();
        let form = "-in key.pem -passin env:PASSPHRASE";
        let answer = folder.openssl(&format!("pkey -check -noout {form}"));
        assert!(answer.contains("Key is valid"), "{spec:?}: {answer}");
        assert_eq!(folder.public_key(form), key.public_key_der(), "{spec:?}");
        let refused = folder.run("pkey -noout -in key.pem -passin pass:wrong");
        assert!(!refused.status.success());
    }
}

#[test]
fn every_form_of_openssl_gives_the_same_key() {
    for maker in MAKERS {
        let folder = Folder::new();
        folder.openssl(maker);
        let public_key = folder.public_key("-in key.pem");
        folder.openssl("pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem");
        folder.openssl("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out pkcs8.der");
        let mut files = vec!["key.pem", "pkcs8.pem", "pkcs8.der"];
        // Ed25519 has no form besides PKCS#8, and PKCS#1 cannot say that a key is for RSASSA-PSS only.
        if !maker.contains("ED25519") && !maker.contains("RSA-PSS") {
            folder.openssl("pkey -traditional -in key.pem -out traditional.pem");
            folder.openssl("pkey -traditional -in key.pem -outform DER -out traditional.der");
            files.extend(["traditional.pem", "traditional.der"]);
        }
        for file in files {
            // openssl creates private keys with mode 0600.
            let key = PrivateKey::read_file(&folder.path().join(file))
                .unwrap_or_else(|error| panic!("{maker}: {error}"));
            assert_eq!(key.public_key_der(), public_key, "{maker}: {file}");
            assert_eq!(
                key.to_pkcs8_pem().expose_secret().as_bytes(),
                folder.read("pkcs8.pem"),
                "{maker}: {file}"
            );
        }
    }
}

// RFC 8018 section 6.2; RFC 7914 section 7
#[test]
fn every_encryption_of_openssl_opens() {
    for maker in [MAKERS[0], MAKERS[11]] {
        let folder = Folder::new();
        folder.openssl(maker);
        let public_key = folder.public_key("-in key.pem");
        for (number, options) in ENCRYPTIONS.iter().enumerate() {
            for form in ["PEM", "DER"] {
                let file = format!("{number}.{form}");
                folder.openssl(&format!(
                    "pkcs8 -topk8 {options} -in key.pem -outform {form} -out {file} \
                     -passout env:PASSPHRASE"
                ));
                let path = folder.path().join(&file);
                let key = PrivateKey::read_file_with_passphrase(&path, &passphrase())
                    .unwrap_or_else(|error| panic!("{options}: {error}"));
                assert_eq!(key.public_key_der(), public_key, "{options}");
                let wrong = SecretString::from("correct house");
                let error = PrivateKey::read_file_with_passphrase(&path, &wrong).unwrap_err();
                assert!(
                    matches!(error.kind(), KeyErrorKind::WrongPassphrase),
                    "{options}: {error}"
                );
                let error = PrivateKey::read_file(&path).unwrap_err();
                assert!(matches!(error.kind(), KeyErrorKind::Encrypted), "{options}");
            }
        }
    }
}

#[test]
fn the_other_encryptions_of_openssl_are_named() {
    let folder = Folder::new();
    folder.openssl(MAKERS[0]);
    for (options, expected) in [
        ("pkcs8 -topk8 -v2 des3", "the cipher 3DES"),
        ("pkcs8 -topk8 -v1 PBE-SHA1-3DES", "a scheme of PKCS#12"),
    ] {
        folder.openssl(&format!(
            "{options} -in key.pem -out other.pem -passout env:PASSPHRASE"
        ));
        let path = folder.path().join("other.pem");
        let error = PrivateKey::read_file_with_passphrase(&path, &passphrase()).unwrap_err();
        assert!(matches!(
            error.kind(),
            KeyErrorKind::UnsupportedEncryption { found } if found.contains(expected)
        ));
    }
    folder.openssl(
        "rsa -traditional -aes256 -in key.pem -out traditional.pem -passout env:PASSPHRASE",
    );
    let path = folder.path().join("traditional.pem");
    let error = PrivateKey::read_file_with_passphrase(&path, &passphrase()).unwrap_err();
    assert!(matches!(error.kind(), KeyErrorKind::TraditionalEncryption));
    // What the error advises helps.
    folder.openssl(
        "pkcs8 -topk8 -in traditional.pem -out NEWFILE -passin env:PASSPHRASE -passout env:PASSPHRASE",
    );
    let path = folder.path().join("NEWFILE");
    PrivateKey::read_file_with_passphrase(&path, &passphrase()).unwrap();
}

#[test]
fn what_openssl_makes_and_is_no_use_is_refused() {
    for (maker, expected) in [
        ("genrsa -out key.pem 1024", "the RSA key has 1024 bits"),
        (
            "ecparam -name prime256v1 -genkey -param_enc explicit -out key.pem",
            "the curve of the key is written out in numbers",
        ),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit \
             -out key.pem",
            "the curve of the key is written out in numbers",
        ),
        (
            "genpkey -algorithm ED448 -out key.pem",
            "the key is for Ed448",
        ),
        (
            "genpkey -algorithm X25519 -out key.pem",
            "the key is for X25519",
        ),
        (
            "ecparam -name brainpoolP256r1 -genkey -noout -out key.pem",
            "the key lies on the curve 1.3.36.3.3.2.8.1.1.7",
        ),
        (
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_primes:3 \
             -out key.pem",
            "the RSA key has more than two primes",
        ),
    ] {
        let folder = Folder::new();
        folder.openssl(maker);
        let error = PrivateKey::read_file(&folder.path().join("key.pem")).unwrap_err();
        assert!(error.to_string().contains(expected), "{maker}: {error}");
    }
}
