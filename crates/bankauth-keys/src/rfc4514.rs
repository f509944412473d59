//! Distinguished names as text (RFC 4514).

use crate::der::{Problem, Reader, oid_text, tag};
use crate::fingerprint::hex;

/// Renders the DER of a `Name` (RFC 5280 section 4.1.2.4) with the last RDN first, as RFC 4514
/// section 2.1 has it. Letters outside of ASCII stay as they are, control characters are escaped.
pub(crate) fn text(name: &[u8]) -> Result<String, Problem> {
    let mut outer = Reader::new(name);
    let mut sequence = outer.enter(tag::SEQUENCE)?;
    outer.end()?;
    let mut rdns = Vec::new();
    while sequence.peek().is_some() {
        rdns.push(relative_name(sequence.enter(tag::SET)?)?);
    }
    rdns.reverse();
    Ok(rdns.join(","))
}

fn relative_name(mut set: Reader<'_>) -> Result<String, Problem> {
    let mut attributes = Vec::new();
    while set.peek().is_some() {
        let mut attribute = set.enter(tag::SEQUENCE)?;
        let kind = attribute.read(tag::OID)?;
        let value = attribute.element()?;
        attribute.end()?;
        let value = match string(value.tag, value.content) {
            Some(value) => escape(&value),
            // RFC 4514 section 2.4: what is no string is written as its encoding.
            None => format!("#{}", hex(value.raw)),
        };
        attributes.push(format!("{}={value}", short_name(kind)));
    }
    if attributes.is_empty() {
        return Err(Problem::EndsEarly);
    }
    Ok(attributes.join("+"))
}

/// The names of RFC 4514 section 3, and `emailAddress`, which it lacks and openssl writes.
fn short_name(kind: &[u8]) -> String {
    match kind {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "STREET",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01] => "emailAddress",
        other => return oid_text(other),
    }
    .to_owned()
}

/// The characters of a string of any of the types that names use (X.520 section 2.6).
fn string(kind: u8, content: &[u8]) -> Option<String> {
    match kind {
        tag::UTF8_STRING => str::from_utf8(content).ok().map(str::to_owned),
        tag::PRINTABLE_STRING | tag::IA5_STRING | tag::NUMERIC_STRING if content.is_ascii() => {
            str::from_utf8(content).ok().map(str::to_owned)
        }
        // T.61 proper is unused; what claims to be it is Latin-1, as openssl takes it.
        tag::TELETEX_STRING => Some(content.iter().copied().map(char::from).collect()),
        tag::BMP_STRING => {
            let (units, []) = content.as_chunks::<2>() else {
                return None;
            };
            char::decode_utf16(units.iter().copied().map(u16::from_be_bytes))
                .collect::<Result<_, _>>()
                .ok()
        }
        tag::UNIVERSAL_STRING => {
            let (units, []) = content.as_chunks::<4>() else {
                return None;
            };
            let units = units.iter().copied().map(u32::from_be_bytes);
            units.map(char::from_u32).collect()
        }
        _ => None,
    }
}

/// RFC 4514 section 2.4.
fn escape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.char_indices().next_back().map(|(at, _)| at);
    for (at, letter) in value.char_indices() {
        match letter {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.push('\\'),
            '#' if at == 0 => text.push('\\'),
            ' ' if at == 0 || Some(at) == last => text.push('\\'),
            control if control.is_ascii_control() => {
                text.push_str(&format!("\\{:02X}", control as u32));
                continue;
            }
            _ => {}
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build::{element, sequence};

    const CN: &[u8] = &[0x55, 0x04, 0x03];
    const O: &[u8] = &[0x55, 0x04, 0x0a];
    const OU: &[u8] = &[0x55, 0x04, 0x0b];

    fn attribute(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&element(tag::OID, kind), &element(tag, value)])
    }

    fn rdn(attributes: &[Vec<u8>]) -> Vec<u8> {
        element(tag::SET, &attributes.concat())
    }

    fn one(tag: u8, value: &[u8]) -> String {
        text(&sequence(&[&rdn(&[attribute(CN, tag, value)])])).unwrap()
    }

    // RFC 4514 section 4
    #[test]
    fn the_examples_of_the_standard() {
        let utf8 = |kind, value: &str| attribute(kind, tag::UTF8_STRING, value.as_bytes());
        let dc = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];
        let uid = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01];
        let net = rdn(&[attribute(dc, tag::IA5_STRING, b"net")]);
        let example = rdn(&[attribute(dc, tag::IA5_STRING, b"example")]);
        for (first, expected) in [
            (rdn(&[utf8(uid, "jsmith")]), "UID=jsmith,DC=example,DC=net"),
            (
                rdn(&[utf8(OU, "Sales"), utf8(CN, "J.  Smith")]),
                "OU=Sales+CN=J.  Smith,DC=example,DC=net",
            ),
            (
                rdn(&[utf8(CN, "James \"Jim\" Smith, III")]),
                "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
            ),
            (
                rdn(&[utf8(CN, "Before\rAfter")]),
                "CN=Before\\0DAfter,DC=example,DC=net",
            ),
            (rdn(&[utf8(CN, "Lučić")]), "CN=Lučić,DC=example,DC=net"),
        ] {
            assert_eq!(
                text(&sequence(&[&net, &example, &first])).unwrap(),
                expected
            );
        }
        let oid = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x8b, 0x3a, 0x00];
        let name = sequence(&[&rdn(&[attribute(oid, tag::OCTET_STRING, b"Hi")])]);
        assert_eq!(text(&name).unwrap(), "1.3.6.1.4.1.1466.0=#04024869");
    }

    // RFC 4514 section 2.4
    #[test]
    fn special_characters_are_escaped() {
        for (value, expected) in [
            ("", "CN="),
            (" ", "CN=\\ "),
            ("  ", "CN=\\ \\ "),
            ("#a#", "CN=\\#a#"),
            (" a b ", "CN=\\ a b\\ "),
            ("a=b", "CN=a=b"),
            ("+;<>\\", "CN=\\+\\;\\<\\>\\\\"),
            ("\0\x7f", "CN=\\00\\7F"),
        ] {
            assert_eq!(one(tag::UTF8_STRING, value.as_bytes()), expected);
        }
    }

    #[test]
    fn every_string_type_is_read() {
        assert_eq!(one(tag::TELETEX_STRING, b"caf\xe9"), "CN=café");
        assert_eq!(one(tag::BMP_STRING, &[0, b'a', 0x20, 0xac]), "CN=a€");
        assert_eq!(one(tag::UNIVERSAL_STRING, &[0, 1, 0xf6, 0]), "CN=\u{1f600}");
        for (tag, bad) in [
            (tag::UTF8_STRING, &[0xff][..]),
            (tag::PRINTABLE_STRING, &[0xe9]),
            (tag::BMP_STRING, &[0]),
            (tag::BMP_STRING, &[0xd8, 0]),
            (tag::UNIVERSAL_STRING, &[0, 0x11, 0, 0]),
        ] {
            assert_eq!(one(tag, bad), format!("CN=#{}", hex(&element(tag, bad))));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in [
            vec![],
            sequence(&[&rdn(&[])]),
            sequence(&[&attribute(O, tag::UTF8_STRING, b"a")]),
            [sequence(&[]), vec![0]].concat(),
        ] {
            assert!(text(&bad).is_err());
        }
        assert_eq!(text(&sequence(&[])).unwrap(), "");
    }
}
