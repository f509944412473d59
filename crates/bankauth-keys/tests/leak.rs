//! Nothing of a private key shows in `Debug`, `Display` or the chain of an error.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::error::Error;

use bankauth_keys::{Certificate, KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;

const KEYS: [&str; 8] = [
    include_str!("data/rsa.pkcs8.pem"),
    include_str!("data/rsa.pkcs1.pem"),
    include_str!("data/ec.sec1.pem"),
    include_str!("data/ec.pkcs8.pem"),
    include_str!("data/p384.pem"),
    include_str!("data/p521.pkcs8.pem"),
    include_str!("data/ed25519.pem"),
    include_str!("data/rsa-pss.pem"),
];

/// The lines of base64 in a text.
fn body(pem: &str) -> Vec<&str> {
    let begin = pem.rfind("-----BEGIN").unwrap();
    pem[begin..]
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect()
}

/// Fails if the text holds eight symbols in a row of the key's base64, or four of its octets as
/// hexadecimal or as a list of numbers.
fn assert_nothing_of(pem: &str, text: &str) {
    for line in body(pem) {
        for window in line.as_bytes().windows(8) {
            let window = str::from_utf8(window).unwrap();
            assert!(!text.contains(window), "{window} in {text}");
        }
    }
    let der = STANDARD.decode(body(pem).concat()).unwrap();
    let text = text.to_lowercase();
    for window in der
        .windows(4)
        .filter(|window| window.iter().any(|octet| *octet != 0))
    {
        let hex: String = window.iter().map(|octet| format!("{octet:02x}")).collect();
        let list = format!("{window:?}");
        let list = list.trim_matches(['[', ']']);
        assert!(!text.contains(&hex), "{hex} in {text}");
        assert!(!text.contains(list), "{list} in {text}");
    }
}

/// Everything that an error says of itself, with its sources.
fn everything(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

/// Inputs that are broken in all sorts of ways, made from a good one.
fn broken(pem: &str) -> Vec<Vec<u8>> {
    let der = STANDARD.decode(body(pem).concat()).unwrap();
    let mut inputs = vec![
        pem.replace("-----END", "----END").into_bytes(),
        pem.replace("-----BEGIN", "-----BEGIN X").into_bytes(),
        pem.replace('\n', "").into_bytes(),
        pem.replace('\n', "\\n").into_bytes(),
        pem.replace("PRIVATE KEY-----\n", "PRIVATE KEY\n")
            .into_bytes(),
        pem.replace("PRIVATE KEY-----\n", "").into_bytes(),
        pem.replace("PRIVATE KEY", "CERTIFICATE").into_bytes(),
        pem.replace("RSA PRIVATE", "EC PRIVATE").into_bytes(),
        pem.replace('M', "!").into_bytes(),
        pem.replace('=', "").into_bytes(),
        body(pem).concat().into_bytes(),
        format!("{pem}{pem}").into_bytes(),
        der[1..].to_vec(),
        [&der[..], &der[..]].concat(),
    ];
    for at in 0..der.len() {
        inputs.push(der[..at].to_vec());
        let mut flipped = der.clone();
        flipped[at] ^= 0x11;
        inputs.push(flipped);
    }
    inputs
}

#[test]
fn errors_hold_nothing_of_the_key() {
    for pem in KEYS {
        // Most breaks are told of in the same words.
        let mut texts = BTreeSet::new();
        for input in broken(pem) {
            if let Err(error) = PrivateKey::from_bytes(&input) {
                texts.insert(everything(&error));
            }
            if let Err(error) = Certificate::from_bytes(&input) {
                texts.insert(everything(&error));
            }
        }
        assert!(texts.len() > 10);
        for text in texts {
            assert_nothing_of(pem, &text);
        }
    }
}

#[test]
fn debug_shows_kind_and_public_fingerprint_alone() {
    for pem in KEYS {
        let key = PrivateKey::from_pem(pem.as_bytes()).unwrap();
        let text = format!("{key:?} {key:#?}");
        assert_nothing_of(pem, &text);
        assert_nothing_of(pem, &format!("{:?}", key.to_pkcs8_der()));
        assert_nothing_of(pem, &format!("{:?}", key.to_pkcs8_pem()));
    }
    let key = PrivateKey::from_pem(KEYS[3].as_bytes()).unwrap();
    insta::assert_snapshot!(format!("{key:?}"), @r#"PrivateKey { kind: P256, public_key_sha256: "ae72039423ffbec806b0ebebb789ef878badc842a14cd56b4103333108e32e59", .. }"#);
    let certificate = Certificate::from_pem(include_bytes!("data/rfc8705.cer")).unwrap();
    insta::assert_snapshot!(format!("{certificate:?}"), @r#"Certificate { subject: "CN=mtls", sha256: "0380ed2f626650c840b2f263e6d2b29fae12ab39ae5db32b25ad27efad72e6fd", .. }"#);
}

#[test]
fn a_generated_key_does_not_show_either() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let text = key.to_pkcs8_pem();
    assert_nothing_of(text.expose_secret(), &format!("{key:?}"));
}
