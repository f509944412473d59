//! What holds for every input.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, UNIX_EPOCH};

use bankauth_keys::{Certificate, KeySpec, PrivateKey, SelfSigned, Subject};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

const INPUTS: [&[u8]; 7] = [
    include_bytes!("data/rsa.pkcs8.pem"),
    include_bytes!("data/rsa.pkcs1.pem"),
    include_bytes!("data/rsa.encrypted.traditional.pem"),
    include_bytes!("data/ec.sec1.pem"),
    include_bytes!("data/rsa.cer"),
    include_bytes!("data/rfc8705.cer"),
    include_bytes!("data/rsa.bundle.pem"),
];

fn read_all(input: &[u8]) {
    let _ = PrivateKey::from_bytes(input);
    let _ = PrivateKey::from_pem(input);
    let _ = PrivateKey::from_der(input);
    let _ = Certificate::from_bytes(input);
    let _ = Certificate::from_pem(input);
    let _ = Certificate::from_der(input);
}

/// A text without control characters; often with what RFC 4514 escapes.
fn value(limit: usize) -> impl Strategy<Value = String> {
    let text = format!("([ ,+\"\\\\<>;#=a-z]|\\PC){{0,{limit}}}");
    let texts = prop::string::string_regex(&text).expect("the expression is valid");
    texts.prop_filter("RFC 5280 counts characters", move |text| {
        text.chars().count() <= limit && !text.chars().any(char::is_control)
    })
}

prop_compose! {
    fn subject_values()(
        country in "([A-Z]{2})?",
        state in value(128),
        locality in value(128),
        organization in value(64),
        organizational_unit in value(64),
        common_name in value(64),
        email in "([!-~]{1,255})?",
    ) -> [String; 7] {
        [country, state, locality, organization, organizational_unit, common_name, email]
    }
}

fn subject(values: &[String; 7]) -> Subject {
    let [
        country,
        state,
        locality,
        organization,
        unit,
        common_name,
        email,
    ] = values;
    Subject::new()
        .with_country(country)
        .with_state(state)
        .with_locality(locality)
        .with_organization(organization)
        .with_organizational_unit(unit)
        .with_common_name(common_name)
        .with_email(email)
}

/// Reads RFC 4514 section 3 text back into pairs, in the order of the certificate.
fn unescape(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut letters = text.chars().peekable();
    while letters.peek().is_some() {
        let kind: String = letters
            .by_ref()
            .take_while(|letter| *letter != '=')
            .collect();
        let mut value = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                ',' => break,
                '\\' => value.push(letters.next().unwrap()),
                letter => value.push(letter),
            }
        }
        pairs.push((kind, value));
    }
    pairs.reverse();
    pairs
}

proptest! {
    #[test]
    fn reading_never_panics(input: Vec<u8>) {
        read_all(&input);
    }

    #[test]
    fn reading_damaged_text_never_panics(
        which in 0..INPUTS.len(),
        at: prop::sample::Index,
        octet: u8,
        cut: prop::sample::Index,
    ) {
        let mut input = INPUTS[which].to_vec();
        let at = at.index(input.len());
        input[at] = octet;
        read_all(&input);
        read_all(&input[..cut.index(input.len())]);
    }

    // DER that starts right and goes on at random reaches further into the parsers.
    #[test]
    fn reading_damaged_der_never_panics(
        rsa: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let key = PrivateKey::from_pem(INPUTS[if rsa { 0 } else { 3 }]).unwrap();
        let mut key = key.to_pkcs8_der().expose_secret().to_vec();
        let mut certificate = Certificate::from_pem(INPUTS[if rsa { 4 } else { 5 }])
            .unwrap()
            .as_der()
            .to_vec();
        for (at, octet) in changes {
            let (in_key, in_certificate) = (at.index(key.len()), at.index(certificate.len()));
            key[in_key] = octet;
            certificate[in_certificate] = octet;
        }
        read_all(&key);
        read_all(&certificate);
    }

    #[test]
    fn whatever_is_named_is_read_back(values in subject_values()) {
        let key = PrivateKey::generate(KeySpec::P256).unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let signed = SelfSigned::new(subject(&values)).sign(&key, now);
        let given: Vec<_> = ["C", "ST", "L", "O", "OU", "CN", "emailAddress"]
            .into_iter()
            .zip(values)
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(kind, value)| (kind.to_owned(), value))
            .collect();
        if given.is_empty() {
            prop_assert!(signed.is_err());
            return Ok(());
        }
        let certificate = signed.unwrap();
        prop_assert_eq!(unescape(certificate.subject()), given.clone());
        let (_, parsed) = X509Certificate::from_der(certificate.as_der()).unwrap();
        prop_assert!(parsed.verify_signature(None).is_ok());
        let theirs: Vec<_> = parsed
            .subject()
            .iter_attributes()
            .map(|attribute| str::from_utf8(attribute.as_slice()).unwrap())
            .collect();
        let ours: Vec<_> = given.iter().map(|(_, value)| value.as_str()).collect();
        prop_assert_eq!(theirs, ours);
        let pem = certificate.to_pem();
        prop_assert_eq!(Certificate::from_pem(pem.as_bytes()).unwrap(), certificate);
    }
}
