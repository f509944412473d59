//! Self-signed certificates, looked at by a parser that had no part in making them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_keys::{
    Attribute, AttributeType, Certificate, CertificateErrorKind, DistinguishedName,
    ExtendedKeyUsage, KeySpec, PrivateKey, SelfSigned, Subject, SubjectError,
};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer as _;

const KEY: &str = include_str!("data/rsa.pkcs8.pem");

/// 2027-01-15T08:00:00Z, and a bit.
const NOW: Duration = Duration::new(1_800_000_000, 987_654_321);

fn now() -> SystemTime {
    UNIX_EPOCH + NOW
}

fn key() -> PrivateKey {
    PrivateKey::from_pem(KEY.as_bytes()).unwrap()
}

fn country_only() -> SelfSigned {
    SelfSigned::new(Subject::new().with_country("GB"))
}

fn full_subject() -> Subject {
    Subject::new()
        .with_country("GB")
        .with_state("Greater London")
        .with_locality("London")
        .with_organization("Example, Ltd")
        .with_organizational_unit("API")
        .with_common_name("example.com")
        .with_email("api@example.com")
}

fn parse(certificate: &Certificate) -> X509Certificate<'_> {
    let (rest, parsed) = X509Certificate::from_der(certificate.as_der()).unwrap();
    assert!(rest.is_empty());
    parsed
}

fn contains(haystack: &[u8], needle: &[u8]) -> usize {
    haystack
        .windows(needle.len())
        .filter(|window| *window == needle)
        .count()
}

#[test]
fn the_signature_verifies_for_every_kind_of_key() {
    for key in [key(), PrivateKey::generate(KeySpec::P256).unwrap()] {
        let certificate = country_only().sign(&key, now()).unwrap();
        parse(&certificate).verify_signature(None).unwrap();
        assert!(certificate.belongs_to(&key));
        certificate.check_belongs_to(&key).unwrap();
    }
}

// RFC 5280 sections 4.1.2.1, 4.1.2.4 and 4.1.2.5
#[test]
fn the_defaults_are_those_of_the_guide() {
    let key = PrivateKey::generate(KeySpec::Rsa2048).unwrap();
    let certificate = country_only().sign(&key, now()).unwrap();
    let parsed = parse(&certificate);
    parsed.verify_signature(None).unwrap();
    assert_eq!(parsed.version().0, 2);
    // sha256WithRSAEncryption
    let algorithm = parsed.signature_algorithm.algorithm.to_id_string();
    assert_eq!(algorithm, "1.2.840.113549.1.1.11");
    assert_eq!(parsed.public_key().parsed().unwrap().key_size(), 2048);
    assert_eq!(parsed.validity().not_before.timestamp(), 1_800_000_000);
    assert_eq!(
        parsed.validity().not_after.timestamp(),
        1_800_000_000 + 1825 * 86_400
    );
    assert_eq!(certificate.subject(), "C=GB");
    assert_eq!(certificate.days_left(now()), 1825);
    assert!(certificate.is_valid_at(now()));
    assert_eq!(parsed.issuer().as_raw(), parsed.subject().as_raw());
}

// RFC 5280 appendix A.1: the types of the strings; the order is that of `openssl req`
#[test]
fn each_attribute_has_its_place_and_string_type() {
    let certificate = SelfSigned::new(full_subject()).sign(&key(), now()).unwrap();
    let parsed = parse(&certificate);
    let attributes: Vec<_> = parsed
        .subject()
        .iter_attributes()
        .map(|attribute| {
            let value = attribute.attr_value();
            let text = str::from_utf8(value.data).unwrap().to_owned();
            (attribute.attr_type().to_id_string(), value.tag(), text)
        })
        .collect();
    let expected = [
        ("2.5.4.6", Tag::PrintableString, "GB"),
        ("2.5.4.8", Tag::Utf8String, "Greater London"),
        ("2.5.4.7", Tag::Utf8String, "London"),
        ("2.5.4.10", Tag::Utf8String, "Example, Ltd"),
        ("2.5.4.11", Tag::Utf8String, "API"),
        ("2.5.4.3", Tag::Utf8String, "example.com"),
        ("1.2.840.113549.1.9.1", Tag::Ia5String, "api@example.com"),
    ]
    .map(|(oid, tag, text)| (oid.to_owned(), tag, text.to_owned()));
    assert_eq!(attributes, expected);
    // openssl made this one from the same subject and the same key.
    let theirs = Certificate::from_pem(include_bytes!("data/rsa.cer")).unwrap();
    assert_eq!(certificate.subject(), theirs.subject());
}

// RFC 5280 sections 4.2.1.2, 4.2.1.3 and 4.2.1.9; X.690 sections 11.2.2 and 11.5
#[test]
fn extensions_are_written_to_the_octet() {
    for key in [key(), PrivateKey::generate(KeySpec::P256).unwrap()] {
        let certificate = country_only().sign(&key, now()).unwrap();
        let der = certificate.as_der();
        // keyUsage, critical: digitalSignature, without trailing zero bits.
        let key_usage = [
            0x30, 0x0e, 0x06, 0x03, 0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02,
            0x07, 0x80,
        ];
        assert_eq!(contains(der, &key_usage), 1);
        // basicConstraints, critical: empty, because cA is FALSE by default.
        let constraints = [
            0x30, 0x0c, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff, 0x04, 0x02, 0x30, 0x00,
        ];
        assert_eq!(contains(der, &constraints), 1);
        let parsed = parse(&certificate);
        assert_eq!(parsed.extensions().len(), 3);
        let identifier = parsed
            .iter_extensions()
            .find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0),
                _ => None,
            })
            .unwrap();
        let bits = &parsed.public_key().subject_public_key.data;
        let sha1 =
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bits.as_ref());
        assert_eq!(identifier, sha1.as_ref());
    }
}

// RFC 5280 section 4.1.2.2
#[test]
fn serial_numbers_are_drawn_anew() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let serials: Vec<_> = (0..20)
        .map(|_| {
            let certificate = country_only().sign(&key, now()).unwrap();
            let serial = parse(&certificate).raw_serial().to_vec();
            assert_eq!(serial.len(), 20);
            assert!(serial[0] < 0x80);
            serial
        })
        .collect();
    let distinct: std::collections::HashSet<_> = serials.iter().collect();
    assert_eq!(distinct.len(), serials.len());
}

// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, Z and no fractions
#[test]
fn dates_take_the_form_of_their_year() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let last_of_2049 = UNIX_EPOCH + Duration::from_secs(2_524_607_999);
    let days = |days, now| {
        let certificate = country_only().with_days(days).sign(&key, now).unwrap();
        let parsed = parse(&certificate);
        let validity = parsed.validity();
        assert_eq!(
            certificate.not_after(),
            certificate.not_before() + Duration::from_secs(u64::from(days) * 86_400)
        );
        (
            validity.not_before.is_utctime(),
            validity.not_after.is_utctime(),
            certificate.as_der().to_vec(),
        )
    };
    let day = Duration::from_secs(86_400);
    let (begin, end, der) = days(1, last_of_2049 - day + Duration::from_millis(999));
    assert!(begin && end);
    assert_eq!(
        contains(&der, b"\x17\x0d491230235959Z\x17\x0d491231235959Z"),
        1
    );
    let (begin, end, der) = days(1, last_of_2049 - day + Duration::from_secs(1));
    assert!(begin && !end);
    assert_eq!(
        contains(&der, b"\x17\x0d491231000000Z\x18\x0f20500101000000Z"),
        1
    );
    let (begin, end, _) = days(1, last_of_2049 + Duration::from_secs(1));
    assert!(!begin && !end);
}

// RFC 5280 sections 4.1.2.4 and 4.1.2.6: issuer and subject are the same octets, and no attribute is lost
#[test]
fn repeated_and_joined_attributes_are_kept() {
    let name = DistinguishedName::new()
        .with(AttributeType::COUNTRY, "GB")
        .with(AttributeType::ORGANIZATIONAL_UNIT, "first")
        .with(AttributeType::ORGANIZATIONAL_UNIT, "second")
        .with_together([
            Attribute::new(AttributeType::ORGANIZATIONAL_UNIT, "third"),
            Attribute::new(AttributeType::COMMON_NAME, "Acme"),
        ]);
    let certificate = SelfSigned::new(name.clone())
        .with_host("api.example.com")
        .with_extended_key_usage(ExtendedKeyUsage::ClientAuth)
        .with_extended_key_usage(ExtendedKeyUsage::ClientAuth)
        .sign(&key(), now())
        .unwrap();
    let parsed = parse(&certificate);
    parsed.verify_signature(None).unwrap();
    assert_eq!(parsed.subject().as_raw(), name.to_der());
    assert_eq!(parsed.issuer().as_raw(), name.to_der());
    assert_eq!(*certificate.subject_name(), name);
    let extensions: Vec<_> = certificate.extensions().identifiers().collect();
    let expected = [
        ("2.5.29.17", false),
        ("2.5.29.15", true),
        ("2.5.29.37", false),
        ("2.5.29.14", false),
        ("2.5.29.19", true),
    ];
    assert_eq!(
        extensions,
        expected.map(|(oid, critical)| (oid.to_owned(), critical))
    );
    let usage = certificate.extensions().extended_key_usage().unwrap();
    assert_eq!(usage, [ExtendedKeyUsage::ClientAuth]);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let sign = |builder: SelfSigned| builder.sign(&key, now()).unwrap_err();
    let subject = |subject| sign(SelfSigned::new(subject)).to_string();
    insta::assert_snapshot!(subject(Subject::new()), @"the subject is empty, expected at least one attribute such as the country");
    insta::assert_snapshot!(subject(Subject::new().with_common_name(" ")), @"the subject is empty, expected at least one attribute such as the country");
    insta::assert_snapshot!(subject(Subject::new().with_country("gb")), @r#"the country is "gb", expected two upper-case letters such as "GB""#);
    insta::assert_snapshot!(subject(Subject::new().with_common_name("x".repeat(65))), @"the common name has 65 characters, expected at most 64");
    insta::assert_snapshot!(subject(Subject::new().with_email("ä@example.com")), @"the e-mail address holds a character outside of ASCII, expected none");
    insta::assert_snapshot!(subject(Subject::new().with_state("a\nb")), @"the state holds a control character such as a line break, expected none");
    let empty = DistinguishedName::new().with(AttributeType::COMMON_NAME, "");
    insta::assert_snapshot!(sign(SelfSigned::new(empty)), @"the common name is empty, expected it filled or left out");
    insta::assert_snapshot!(sign(country_only().with_host("bücher.example")), @r#"the host is "bücher.example", expected letters, digits and hyphens between dots, such as "api.example.com"; one with other letters is written as xn--…"#);
    insta::assert_snapshot!(sign(country_only().with_days(0)), @"the certificate would be valid for 0 days, expected 1 or more");
    insta::assert_snapshot!(sign(country_only().with_days(4_000_000)), @"the certificate would be valid for 4000000 days, expected an end before the year 10000");
    let before_1970 = UNIX_EPOCH - Duration::from_secs(1);
    insta::assert_snapshot!(country_only().sign(&key, before_1970).unwrap_err(), @"the clock shows a time before 1970, expected the present; set the clock");
    assert!(matches!(
        sign(SelfSigned::new(Subject::new())).kind(),
        CertificateErrorKind::Subject(SubjectError::Empty)
    ));
}
