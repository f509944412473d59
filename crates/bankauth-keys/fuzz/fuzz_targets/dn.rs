#![no_main]
//! A name as text or as DER: what is read is written, in each dialect, so that it is read again.

use bankauth_keys::{Dialect, DistinguishedName, NameDifference};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(name) = DistinguishedName::from_der(bytes) {
        check(&name);
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = NameDifference::between_texts(text, "CN=a,O=b");
        if let Ok(name) = DistinguishedName::parse(text) {
            check(&name);
        }
    }
});

fn check(name: &DistinguishedName) {
    for dialect in Dialect::ALL {
        let text = name.to_text(dialect);
        // The name without attributes is the empty text, which the parser refuses as a name that somebody forgot.
        if dialect == Dialect::DOTTED_HEX && !name.is_empty() {
            let again = DistinguishedName::parse(&text).expect("RFC 4514 of our own");
            assert!(again.matches(name), "{text:?}");
        }
    }
    assert_eq!(DistinguishedName::from_der(&name.to_der()).as_ref(), Ok(name));
}
