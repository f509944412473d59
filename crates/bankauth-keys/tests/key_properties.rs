//! What holds for every input that may be a private key.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bankauth_keys::{KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

/// Keys that hold their public half, so that either half proves the other.
const PROVEN: [&str; 9] = [
    include_str!("data/rsa.pkcs8.pem"),
    include_str!("data/rsa.pkcs1.pem"),
    include_str!("data/ec.pkcs8.pem"),
    include_str!("data/ec.sec1.pem"),
    include_str!("data/p384.pem"),
    include_str!("data/p521.pkcs8.pem"),
    include_str!("data/ed25519.rfc8410.pem"),
    include_str!("data/ec.encrypted.sha256.pem"),
    include_str!("data/rsa.encrypted.pkcs8.pem"),
];

const OTHERS: [&str; 6] = [
    include_str!("data/ed25519.pem"),
    include_str!("data/rsa-pss.sha384.pem"),
    include_str!("data/ec.explicit.pem"),
    include_str!("data/ec.encrypted.sha1.pem"),
    include_str!("data/ec.encrypted.pbes1.pem"),
    include_str!("data/rsa.encrypted.traditional.pem"),
];

fn passphrase() -> SecretString {
    SecretString::from("test only")
}

/// The last block of a text.
fn der(text: &str) -> Vec<u8> {
    let begin = text.rfind("-----BEGIN").unwrap();
    let body: String = text[begin..]
        .lines()
        .filter(|line| !line.starts_with('-') && !line.contains(':'))
        .collect();
    STANDARD.decode(body).unwrap()
}

fn read(input: &[u8]) -> Option<Vec<u8>> {
    let _ = PrivateKey::from_pem(input);
    let _ = PrivateKey::from_der(input);
    let _ = PrivateKey::from_bytes(input);
    let _ = PrivateKey::from_pem_with_passphrase(input, &passphrase());
    let key = PrivateKey::from_bytes_with_passphrase(input, &passphrase()).ok()?;
    Some(key.to_pkcs8_der().expose_secret().to_vec())
}

fn fixture() -> impl Strategy<Value = &'static str> {
    prop::sample::select([&PROVEN[..], &OTHERS[..]].concat())
}

proptest! {
    #[test]
    fn reading_never_panics(input: Vec<u8>) {
        read(&input);
    }

    #[test]
    fn reading_damaged_keys_never_panics(
        text in fixture(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut: prop::sample::Index,
    ) {
        let mut der = der(text);
        let mut pem = text.as_bytes().to_vec();
        for (at, octet) in changes {
            let (in_der, in_pem) = (at.index(der.len()), at.index(pem.len()));
            der[in_der] = octet;
            pem[in_pem] = octet;
        }
        read(&der);
        read(&der[..cut.index(der.len())]);
        read(&pem);
    }

    // Any octet, changed in any way, leads to an error or to the same key.
    #[test]
    fn a_changed_octet_never_gives_another_key(
        text in prop::sample::select(PROVEN.to_vec()),
        at: prop::sample::Index,
        change in 1..=u8::MAX,
    ) {
        let whole = der(text);
        let mut changed = whole.clone();
        let at = at.index(changed.len());
        changed[at] ^= change;
        if let Some(key) = read(&changed) {
            prop_assert_eq!(Some(key), read(&whole), "octet {}", at);
        }
    }

    // RFC 8410 section 7: in version 1 the seed stands alone, and any other seed is another key. All that
    // is around it is held to.
    #[test]
    fn a_changed_octet_around_a_lone_seed_is_refused(at in 0..16_usize, change in 1..=u8::MAX) {
        let mut changed = der(OTHERS[0]);
        changed[at] ^= change;
        let same = read(&der(OTHERS[0]));
        let key = read(&changed);
        prop_assert!(key.is_none() || key == same, "octet {}", at);
    }

    #[test]
    fn forms_are_read_alike(
        spec in prop::sample::select(vec![
            KeySpec::P256,
            KeySpec::P384,
            KeySpec::P521,
            KeySpec::Ed25519,
        ]),
    ) {
        let key = PrivateKey::generate(spec).unwrap();
        let der = key.to_pkcs8_der().expose_secret().to_vec();
        let pem = key.to_pkcs8_pem();
        prop_assert_eq!(read(&der), Some(der.clone()));
        prop_assert_eq!(read(pem.expose_secret().as_bytes()), Some(der.clone()));
        let windows = pem.expose_secret().replace('\n', "\r\n");
        prop_assert_eq!(read(windows.as_bytes()), Some(der));
        let again = PrivateKey::from_pem(pem.expose_secret().as_bytes()).unwrap();
        prop_assert_eq!(again.kind(), key.kind());
        prop_assert_eq!(again.public_key_der(), key.public_key_der());
    }
}

proptest! {
    // Each case derives two keys from a passphrase, which is meant to be slow.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_passphrase_opens_what_it_closed(text in "\\PC{1,40}", other in "\\PC{1,40}") {
        let key = PrivateKey::from_pem(PROVEN[2].as_bytes()).unwrap();
        let secret = SecretString::from(text.as_str());
        let pem = key.to_encrypted_pkcs8_pem(&secret).unwrap();
        let again = PrivateKey::from_pem_with_passphrase(pem.as_bytes(), &secret).unwrap();
        prop_assert_eq!(again.public_key_der(), key.public_key_der());
        if text != other {
            let other = SecretString::from(other);
            prop_assert!(PrivateKey::from_pem_with_passphrase(pem.as_bytes(), &other).is_err());
        }
    }
}
