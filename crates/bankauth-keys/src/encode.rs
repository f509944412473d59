//! Writing DER (X.690 sections 8 and 10): names, statements, and what is signed. None of it is secret.

use crate::der::tag;

/// One element: its tag, its length in the shortest form, its content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let octets = content.len().to_be_bytes();
    let skip = octets.iter().take_while(|octet| **octet == 0).count();
    let length = &octets[skip..];
    match length {
        [] => out.push(0),
        [short @ 0..0x80] => out.push(*short),
        long => {
            // A length of a `usize` takes at most eight octets.
            out.push(0x80 | long.len() as u8);
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, &parts.concat())
}

/// The content of an OBJECT IDENTIFIER from its dotted form (X.690 section 8.19).
pub(crate) fn object_identifier(dotted: &str) -> Option<Vec<u8>> {
    let mut arcs = Vec::new();
    for arc in dotted.split('.') {
        let shortest = arc == "0" || !arc.starts_with('0');
        if !shortest || !arc.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        arcs.push(arc.parse::<u64>().ok()?);
    }
    let [root, second, others @ ..] = &arcs[..] else {
        return None;
    };
    if *root > 2 || (*root < 2 && *second > 39) {
        return None;
    }
    let mut content = Vec::new();
    push_arc(&mut content, second.checked_add(root * 40)?);
    for arc in others {
        push_arc(&mut content, *arc);
    }
    Some(content)
}

fn push_arc(content: &mut Vec<u8>, arc: u64) {
    let groups = (u64::BITS - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group == 0 { 0 } else { 0x80 };
        content.push(((arc >> (7 * group)) & 0x7f) as u8 | more);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::der::{Reader, oid_text};

    // X.690 sections 8.19.4 and 8.19.5
    #[test]
    fn object_identifiers_are_encoded() {
        for (dotted, content) in [
            ("2.5.4.97", &[0x55, 0x04, 0x61][..]),
            ("0.4.0.19495.2", &[0x04, 0x00, 0x81, 0x98, 0x27, 0x02]),
            ("2.999.3", &[0x88, 0x37, 0x03]),
            ("1.3.6.1.4.1.1466.0", &[0x2b, 6, 1, 4, 1, 0x8b, 0x3a, 0]),
        ] {
            assert_eq!(object_identifier(dotted).as_deref(), Some(content));
            assert_eq!(oid_text(content), dotted);
        }
        for bad in [
            "",
            "2",
            "3.1",
            "1.40",
            "1.2.",
            ".1.2",
            "1..2",
            "1.02",
            "1.-2",
            "1.+2",
            "1.a",
            "2.18446744073709551615",
            "1.2.18446744073709551616",
        ] {
            assert_eq!(object_identifier(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(content in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let der = element(tag::OCTET_STRING, &content);
            let mut reader = Reader::new(&der);
            prop_assert_eq!(reader.read(tag::OCTET_STRING), Ok(&content[..]));
            prop_assert_eq!(reader.end(), Ok(()));
        }

        #[test]
        fn identifiers_round_trip(
            root in 0..3_u64,
            second in 0..40_u64,
            others in prop::collection::vec(any::<u64>(), 0..3),
        ) {
            let mut dotted = format!("{root}.{second}");
            for arc in others {
                dotted.push_str(&format!(".{arc}"));
            }
            let content = object_identifier(&dotted).unwrap();
            prop_assert_eq!(oid_text(&content), dotted);
        }
    }
}
