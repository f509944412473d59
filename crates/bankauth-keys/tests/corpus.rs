//! Inputs that fuzzing found worth keeping, through the same entry points as the targets in `fuzz/`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{fs, path::Path};

use bankauth_keys::{
    Certificate, Dialect, DistinguishedName, NameDifference, PrivateKey, SignedRequest,
};
use secrecy::{ExposeSecret as _, SecretString};

/// The files of one target's corpus; an empty one would be a test of nothing.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(target);
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(!files.is_empty());
    files
}

#[test]
fn text_that_may_hold_pem() {
    for text in corpus("pem") {
        let _ = PrivateKey::from_pem(&text);
        let _ = Certificate::chain_from_bytes(&text);
        let _ = SignedRequest::from_pem(&text);
    }
}

#[test]
fn der_that_may_be_a_private_key() {
    for der in corpus("pkcs8") {
        if let Ok(key) = PrivateKey::from_der(&der) {
            let again = PrivateKey::from_der(key.to_pkcs8_der().expose_secret()).unwrap();
            assert_eq!(again.public_key_der(), key.public_key_der());
        }
        let _ = PrivateKey::from_bytes_with_passphrase(&der, &SecretString::from("passphrase"));
    }
}

#[test]
fn der_that_may_be_a_certificate() {
    for der in corpus("x509") {
        if let Ok(certificate) = Certificate::from_der(&der) {
            assert_eq!(certificate.as_der(), der);
            let extensions = certificate.extensions();
            let _ = (
                extensions.key_usage(),
                extensions.extended_key_usage(),
                extensions.alternative_names(),
            );
            let _ = (
                extensions.subject_key_identifier(),
                extensions.psd2(),
                certificate.serial_number(),
            );
        }
    }
}

#[test]
fn der_that_may_be_a_request() {
    for der in corpus("csr") {
        if let Ok(request) = SignedRequest::from_der(&der) {
            assert_eq!(request.as_der(), der);
            let _ = (
                request.extensions().psd2(),
                request.extensions().alternative_names(),
            );
        }
    }
}

#[test]
fn text_or_der_that_may_be_a_name() {
    for bytes in corpus("dn") {
        let text = core::str::from_utf8(&bytes).ok();
        let names = [
            DistinguishedName::from_der(&bytes).ok(),
            text.and_then(|text| DistinguishedName::parse(text).ok()),
        ];
        for name in names.into_iter().flatten() {
            let text = name.to_text(Dialect::DOTTED_HEX);
            // The name without attributes is the empty text, which the parser refuses as a name that somebody forgot.
            assert_eq!(
                DistinguishedName::parse(&text).is_err(),
                name.is_empty(),
                "{text:?}"
            );
            assert!(
                name.is_empty() || DistinguishedName::parse(&text).unwrap().matches(&name),
                "{text:?}"
            );
            assert_eq!(DistinguishedName::from_der(&name.to_der()).unwrap(), name);
        }
        if let Some(text) = text {
            let _ = NameDifference::between_texts(text, "CN=a,O=b");
        }
    }
}
