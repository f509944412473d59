//! Whatever is in a name, it comes back as it was.

use bankauth_keys::{
    Attribute, AttributeType, Dialect, DistinguishedName, NameDifference, NameSchema, OpenSslForm,
};
use proptest::prelude::*;

fn kind() -> impl Strategy<Value = AttributeType> {
    prop_oneof![
        Just(AttributeType::COMMON_NAME),
        Just(AttributeType::COUNTRY),
        Just(AttributeType::ORGANIZATION),
        Just(AttributeType::ORGANIZATIONAL_UNIT),
        Just(AttributeType::ORGANIZATION_IDENTIFIER),
        Just(AttributeType::EMAIL_ADDRESS),
        Just(AttributeType::DOMAIN_COMPONENT),
        Just(AttributeType::STREET),
        "[0-2](\\.(0|[1-9][0-9]{0,1}|3[0-9])){1}(\\.(0|[1-9][0-9]{0,8})){1,4}"
            .prop_filter_map("an identifier", |oid| AttributeType::from_oid(&oid)),
    ]
}

/// Often what RFC 4514 section 2.4 escapes, accents, and what is beyond the basic plane.
fn value() -> impl Strategy<Value = String> {
    "([ ,+\"\\\\<>;#=/a-c0-9]|[\u{0}-\u{1f}\u{7f}]|[áčéíľŽß]|\\PC){0,12}"
}

fn name() -> impl Strategy<Value = DistinguishedName> {
    let attribute = (kind(), value()).prop_map(|(kind, value)| Attribute::new(kind, &value));
    let together = prop::collection::vec(attribute, 1..4);
    prop::collection::vec(together, 1..6).prop_map(|names| {
        names
            .into_iter()
            .fold(DistinguishedName::new(), DistinguishedName::with_together)
    })
}

fn reversed(name: &DistinguishedName) -> DistinguishedName {
    name.relative_names()
        .rev()
        .map(<[Attribute]>::to_vec)
        .fold(DistinguishedName::new(), DistinguishedName::with_together)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    // X.690 section 10
    #[test]
    fn der_round_trips(name in name()) {
        let der = name.to_der();
        let read = DistinguishedName::from_der(&der).unwrap();
        prop_assert_eq!(read.to_der(), der);
        prop_assert_eq!(&read, &name);
        prop_assert!(read.matches(&name));
        prop_assert_eq!(NameDifference::between(&read, &name), []);
    }

    // RFC 4514 sections 2 and 3
    #[test]
    fn text_round_trips(name in name()) {
        for dialect in Dialect::ALL {
            let text = name.to_text(dialect);
            let read = DistinguishedName::parse(&text);
            let read = read.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
            if dialect == Dialect::SHORT_NAME_FORWARD {
                prop_assert_eq!(reversed(&read), name.clone());
            } else {
                prop_assert_eq!(&read, &name, "{}", text);
                let short = name.to_text(Dialect::SHORT_NAME);
                let found = NameDifference::between_texts(&text, &short).unwrap();
                prop_assert_eq!(found.is_empty(), text == short);
            }
            prop_assert_eq!(OpenSslForm::recognise(&text), None);
        }
        prop_assert!(name.to_text(Dialect::SHORT_NAME_ASCII).is_ascii());
    }

    // RFC 5280 section 7.1: the order counts
    #[test]
    fn another_order_is_another_name(name in name()) {
        let other = reversed(&name);
        let differences = NameDifference::between(&name, &other);
        prop_assert_eq!(differences.is_empty(), name == other);
        prop_assert!(name.matches(&other) || !differences.is_empty());
    }

    #[test]
    fn reading_never_panics(text: String, octets: Vec<u8>, other: String) {
        let _ = DistinguishedName::parse(&text);
        let _ = DistinguishedName::from_der(&octets);
        let _ = OpenSslForm::recognise(&text);
        let _ = NameDifference::between_texts(&text, &other);
        let _ = NameSchema::V3_4.check(&text);
        let _ = AttributeType::from_oid(&text);
    }

    #[test]
    fn reading_never_panics_near_the_format(
        text in "((CN|O|2\\.5\\.4\\.97|x)?[= ,+;/\"#\\\\<é]{0,2}[0-9a-f]{0,4}){0,8}",
        other in "((CN|O|2\\.5\\.4\\.97)=[a-c ]{0,3}[,+]){0,4}",
    ) {
        if let Ok(name) = DistinguishedName::parse(&text) {
            let again = DistinguishedName::parse(&name.to_string());
            prop_assert_eq!(again.unwrap(), name);
        }
        let _ = OpenSslForm::recognise(&text);
        let _ = NameDifference::between_texts(&text, &other);
        let _ = NameDifference::between_texts(&other, &text);
        let _ = NameSchema::V3_4.check(&text);
    }

    #[test]
    fn damaged_der_never_panics(name in name(), at: prop::sample::Index, octet: u8) {
        let mut der = name.to_der();
        let at = at.index(der.len());
        der[at] = octet;
        if let Ok(read) = DistinguishedName::from_der(&der) {
            prop_assert_eq!(read.to_der(), der);
            for dialect in Dialect::ALL {
                let _ = read.to_text(dialect);
            }
            let _ = (read.check(), NameDifference::between(&read, &name));
        }
    }
}
