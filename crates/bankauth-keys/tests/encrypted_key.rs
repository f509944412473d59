//! Private keys under a passphrase: opened, refused, and written.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bankauth_keys::{KeyErrorKind, KeyKind, KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

fn der(text: &str) -> Vec<u8> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}

/// Opened with the passphrase of the fixtures.
fn open(input: impl AsRef<[u8]>) -> Result<PrivateKey, bankauth_keys::KeyError> {
    PrivateKey::from_bytes_with_passphrase(input.as_ref(), &passphrase("test only"))
}

fn error(input: impl AsRef<[u8]>) -> String {
    open(input).unwrap_err().to_string()
}

/// The fixture with these octets, which occur once, replaced by as many others.
fn altered(text: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut der = der(text);
    let at: Vec<_> = (0..der.len())
        .filter(|at| der[*at..].starts_with(from))
        .collect();
    assert_eq!(at.len(), 1, "{from:02x?}");
    der[at[0]..at[0] + to.len()].copy_from_slice(to);
    der
}

// RFC 8018 sections 5.2 and 6.2; RFC 7914 section 7
#[test]
fn every_derivation_and_cipher_opens_the_same_key() {
    for text in [
        data!("ec.encrypted.sha1.pem"),
        data!("ec.encrypted.sha256.pem"),
        data!("ec.encrypted.sha384.pem"),
        data!("ec.encrypted.sha512.pem"),
        data!("ec.encrypted.scrypt.pem"),
    ] {
        let bundle = format!("{}{text}", data!("rsa.cer"));
        for input in [text.as_bytes(), &der(text), bundle.as_bytes()] {
            let key = open(input).unwrap();
            assert_eq!(key.kind(), KeyKind::P256);
            assert_eq!(key.to_pkcs8_pem().expose_secret(), data!("ec.pkcs8.pem"));
        }
        let secret = passphrase("test only");
        assert!(PrivateKey::from_pem_with_passphrase(text.as_bytes(), &secret).is_ok());
    }
    let key = open(data!("rsa.encrypted.pkcs8.pem")).unwrap();
    assert_eq!(key.to_pkcs8_pem().expose_secret(), data!("rsa.pkcs8.pem"));
}

#[test]
fn a_passphrase_does_not_stand_in_the_way_of_a_plain_key() {
    for text in [
        data!("rsa.pkcs8.pem"),
        data!("rsa.pkcs1.pem"),
        data!("ec.sec1.pem"),
    ] {
        assert!(open(text).is_ok());
        assert!(open(der(&text[text.rfind("-----BEGIN").unwrap()..])).is_ok());
    }
}

#[test]
fn a_wrong_passphrase_is_told_from_damage() {
    for text in [
        data!("ec.encrypted.sha1.pem"),
        data!("ec.encrypted.sha512.pem"),
        data!("ec.encrypted.scrypt.pem"),
        data!("rsa.encrypted.pkcs8.pem"),
    ] {
        for wrong in ["", "test", "test only ", "Test only"] {
            let error = PrivateKey::from_pem_with_passphrase(text.as_bytes(), &passphrase(wrong))
                .unwrap_err();
            assert!(
                matches!(error.kind(), KeyErrorKind::WrongPassphrase),
                "{error}"
            );
        }
        let error = PrivateKey::from_pem(text.as_bytes()).unwrap_err();
        assert!(matches!(error.kind(), KeyErrorKind::Encrypted), "{error}");
        let error = PrivateKey::from_der(&der(text)).unwrap_err();
        assert!(matches!(error.kind(), KeyErrorKind::Encrypted), "{error}");
    }
    let text = data!("ec.encrypted.sha256.pem");
    let whole = der(text);
    let mut longer = whole.clone();
    longer.push(0);
    // The last block of what is encrypted decides on the padding.
    let mut last = whole.clone();
    *last.last_mut().unwrap() ^= 1;
    // The block before the key's own numbers changes these, and nothing around them.
    let mut within = whole.clone();
    let ciphertext = whole.len() - 144;
    within[ciphertext + 3 * 16] ^= 1;
    insta::assert_snapshot!(error(&whole[..200]), @"the private key is damaged: the DER is cut short or none of PKCS#8, PKCS#1 and SEC1");
    insta::assert_snapshot!(error(longer), @"octets after the private key: 1, expected 0");
    insta::assert_snapshot!(error(last), @"the passphrase does not open the private key; it is probably another one, or the encrypted octets are damaged");
    insta::assert_snapshot!(error(within), @"the parts of the P-256 key do not fit together; restore the key from a copy");
    insta::assert_snapshot!(PrivateKey::from_pem(text.as_bytes()).unwrap_err(), @"the private key is under a passphrase (ENCRYPTED PRIVATE KEY) and none was given, expected the passphrase");
}

// RFC 1421 section 4.6.1.1
#[test]
fn the_traditional_form_is_refused_with_or_without_passphrase() {
    let text = data!("rsa.encrypted.traditional.pem");
    for input in [text.to_owned(), text.replace('\n', "\r\n")] {
        for result in [open(&input), PrivateKey::from_pem(input.as_bytes())] {
            let error = result.unwrap_err();
            assert!(matches!(error.kind(), KeyErrorKind::TraditionalEncryption));
        }
    }
    insta::assert_snapshot!(error(text), @"the private key is encrypted in the traditional form (Proc-Type: 4,ENCRYPTED), expected PKCS#8; write it with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`, which asks for both passphrases");
}

#[test]
fn other_encryptions_are_named() {
    let text = data!("ec.encrypted.sha512.pem");
    // HMAC with SHA-224; RFC 8018 appendix B.1.2.
    let hmac = |last| [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, last];
    let sha224 = altered(text, &hmac(0x0b), &hmac(0x08));
    let pbkdf2 = |last| [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, last];
    let unknown_kdf = altered(text, &pbkdf2(0x0c), &pbkdf2(0x1f));
    let unknown_scheme = altered(text, &pbkdf2(0x0d), &pbkdf2(0x1f));
    let aes = |last| [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, last];
    let gcm = altered(text, &aes(0x2a), &aes(0x2e));
    insta::assert_snapshot!(error(data!("ec.encrypted.pbes1.pem")), @"the private key is encrypted with a scheme of PKCS#12 (SHA-1 and 3DES), expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(data!("ec.encrypted.3des.pem")), @"the private key is encrypted with the cipher 3DES, expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(unknown_scheme), @"the private key is encrypted with 1.2.840.113549.1.5.31, expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(unknown_kdf), @"the private key is encrypted with the key derivation 1.2.840.113549.1.5.31, expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(sha224), @"the private key is encrypted with PBKDF2 with 1.2.840.113549.2.8, expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(gcm), @"the private key is encrypted with the cipher 2.16.840.1.101.3.4.1.46, expected PBES2 with PBKDF2 or scrypt and AES-CBC; write it anew with `openssl pkcs8 -topk8 -in FILE -out NEWFILE`");
}

#[test]
fn a_file_cannot_ask_for_endless_work() {
    let element = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        [&[tag, content.len() as u8], &content[..]].concat()
    };
    let key = |kdf: &[u8], parameters: &[u8]| {
        let salt = element(0x04, &[&[7; 8]]);
        let kdf = element(
            0x30,
            &[&element(0x06, &[kdf]), &element(0x30, &[&salt, parameters])],
        );
        let aes = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
        let cipher = element(
            0x30,
            &[&element(0x06, &[&aes]), &element(0x04, &[&[7; 16]])],
        );
        let pbes2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
        let scheme = element(
            0x30,
            &[&element(0x06, &[&pbes2]), &element(0x30, &[&kdf, &cipher])],
        );
        error(element(0x30, &[&scheme, &element(0x04, &[&[7; 16]])]))
    };
    let pbkdf2 = |parameters: &[u8]| {
        key(
            &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c],
            parameters,
        )
    };
    let scrypt = |n: &[u8], r: &[u8], p: &[u8]| {
        let numbers = [n, r, p].map(|number| element(0x02, &[number])).concat();
        key(
            &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b],
            &numbers,
        )
    };
    let wrong = "the passphrase does not open the private key; it is probably another one, or the \
                 encrypted octets are damaged";
    assert_eq!(pbkdf2(&[2, 1, 1]), wrong);
    assert_eq!(pbkdf2(&[2, 1, 1, 2, 1, 32]), wrong);
    assert_eq!(scrypt(&[2], &[1], &[1]), wrong);
    // 2^14, 8, 1 is what openssl writes.
    assert_eq!(scrypt(&[0x40, 0], &[8], &[1]), wrong);
    insta::assert_snapshot!(pbkdf2(&[2, 1, 0]), @"the private key is damaged: PBKDF2-params.iterationCount is 0");
    insta::assert_snapshot!(pbkdf2(&[2, 1, 0xff]), @"the private key is damaged: PBKDF2-params.iterationCount is not a non-negative integer in its shortest form");
    insta::assert_snapshot!(pbkdf2(&[2, 1, 1, 2, 1, 16]), @"the private key is damaged: PBKDF2-params.keyLength is not that of the cipher");
    insta::assert_snapshot!(pbkdf2(&[2, 4, 0x00, 0x98, 0x96, 0x81]), @"the encryption of the private key takes 10000001 iterations of PBKDF2, expected at most 10000000");
    insta::assert_snapshot!(pbkdf2(&[2, 4, 0x7f, 0xff, 0xff, 0xff]), @"the encryption of the private key takes 2147483647 iterations of PBKDF2, expected at most 10000000");
    insta::assert_snapshot!(pbkdf2(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]), @"the encryption of the private key takes 18446744073709551615 iterations of PBKDF2, expected at most 10000000");
    insta::assert_snapshot!(scrypt(&[0x40, 0, 0], &[8], &[1]), @"the encryption of the private key takes 4294967296 octets of memory for scrypt, expected at most 67108864");
    insta::assert_snapshot!(scrypt(&[2], &[1], &[0x20, 0, 0]), @"the encryption of the private key takes 268435456 octets of memory for scrypt, expected at most 67108864");
    insta::assert_snapshot!(scrypt(&[0x40, 0], &[8], &[33]), @"the encryption of the private key takes 4325376 steps (N·r·p) of scrypt, expected at most 4194304");
    insta::assert_snapshot!(scrypt(&[0x7f; 9], &[0x7f; 9], &[0x7f; 9]), @"the encryption of the private key takes 18446744073709551615 octets of memory for scrypt, expected at most 67108864");
    insta::assert_snapshot!(scrypt(&[3], &[8], &[1]), @"the private key is damaged: scrypt-params holds numbers that scrypt does not allow");
    for zero in [
        scrypt(&[0], &[8], &[1]),
        scrypt(&[2], &[0], &[1]),
        scrypt(&[2], &[8], &[0]),
        scrypt(&[1], &[8], &[1]),
        scrypt(&[2], &[0], &[0x7f, 0xff, 0xff, 0xff]),
    ] {
        assert_eq!(
            zero,
            "the private key is damaged: scrypt-params holds numbers that scrypt does not allow"
        );
    }
}

#[test]
fn labels_and_contents_go_together() {
    let encrypted = data!("ec.encrypted.sha256.pem");
    let plain = data!("ec.pkcs8.pem");
    insta::assert_snapshot!(error(encrypted.replace("ENCRYPTED ", "")), @"the PEM label stands for PKCS#8, found encrypted PKCS#8 under it; write it anew with `openssl pkey -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(encrypted.replace("ENCRYPTED", "EC")), @"the PEM label stands for SEC1, found encrypted PKCS#8 under it; write it anew with `openssl pkey -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(plain.replace("PRIVATE", "ENCRYPTED PRIVATE")), @"the PEM label stands for encrypted PKCS#8, found PKCS#8 under it; write it anew with `openssl pkey -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(data!("rsa.cer").replace("CERTIFICATE", "ENCRYPTED PRIVATE KEY")), @"expected a private key, found a certificate; give the private key that it was made from");
    insta::assert_snapshot!(error(format!("{plain}{encrypted}")), @"the text holds 2 private keys, expected one");
}

// RFC 8018 section 6.2.1
#[test]
fn what_is_written_is_read_with_its_passphrase_alone() {
    let specs = [
        KeySpec::Rsa2048,
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::P521,
        KeySpec::Ed25519,
    ];
    for spec in specs {
        let key = PrivateKey::generate(spec).unwrap();
        let secret = passphrase("pässwörd \u{1f511}");
        let text = key.to_encrypted_pkcs8_pem(&secret).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let again = PrivateKey::from_pem_with_passphrase(text.as_bytes(), &secret).unwrap();
        assert_eq!(
            again.to_pkcs8_der().expose_secret(),
            key.to_pkcs8_der().expose_secret()
        );
        let error = open(&text).unwrap_err();
        assert!(matches!(error.kind(), KeyErrorKind::WrongPassphrase));
    }
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let secret = passphrase("the same");
    assert_ne!(
        key.to_encrypted_pkcs8_pem(&secret).unwrap(),
        key.to_encrypted_pkcs8_pem(&secret).unwrap(),
        "salt and vector are drawn anew"
    );
    let error = key.to_encrypted_pkcs8_pem(&passphrase("")).unwrap_err();
    insta::assert_snapshot!(error, @"the passphrase is empty, expected one that is hard to guess");
}

#[cfg(unix)]
#[test]
fn encrypted_files_have_the_mode_of_key_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.key.pem");
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let secret = passphrase("of a file");
    key.write_new_encrypted_file(&path, &secret).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode, 0o600);
    let same = PrivateKey::read_file_with_passphrase(&path, &secret).unwrap();
    assert_eq!(same.public_key_der(), key.public_key_der());
    assert!(key.write_new_encrypted_file(&path, &secret).is_err());
    let error = PrivateKey::read_file(&path).unwrap_err();
    assert_eq!(error.path(), Some(path.as_path()));
    assert!(matches!(error.kind(), KeyErrorKind::Encrypted));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = PrivateKey::read_file_with_passphrase(&path, &secret).unwrap_err();
    assert!(matches!(error.kind(), KeyErrorKind::File(_)));
}

#[test]
fn nothing_of_the_passphrase_shows() {
    let secret = passphrase("xyzzy-plugh");
    for text in [
        data!("ec.encrypted.sha256.pem"),
        data!("ec.encrypted.3des.pem"),
        data!("rsa.encrypted.traditional.pem"),
        data!("rsa1024.pem"),
    ] {
        let error = PrivateKey::from_pem_with_passphrase(text.as_bytes(), &secret).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("xyzzy") && !shown.contains("plugh"),
            "{shown}"
        );
    }
    // Neither does the key when its passphrase is right and its kind is not.
    let key = open(data!("ec.encrypted.sha256.pem")).unwrap();
    assert!(!format!("{key:?}").contains("test only"));
}
