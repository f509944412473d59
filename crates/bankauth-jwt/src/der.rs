//! The little of DER (X.690) that the envelope of a key needs.

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;

/// Takes one DER element with this tag off the front and gives its contents.
pub(crate) fn take<'a>(input: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (found, rest) = input.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        // Two bytes of length cover everything that is not over the size limit anyway.
        let count = length & 0x7f;
        let bytes = rest.get(..count).filter(|_| matches!(count, 1 | 2))?;
        length = bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = &rest[count..];
    }
    let contents = rest.get(..length).filter(|_| *found == tag)?;
    *input = &rest[length..];
    Some(contents)
}

/// The bytes of tag and length; lengths here stay below 64 KiB.
pub(crate) fn header_length(length: usize) -> usize {
    match length {
        0..0x80 => 2,
        0x80..0x100 => 3,
        _ => 4,
    }
}

pub(crate) fn push_header(der: &mut Vec<u8>, tag: u8, length: usize) {
    let [.., high, low] = length.to_be_bytes();
    match header_length(length) {
        2 => der.extend_from_slice(&[tag, low]),
        3 => der.extend_from_slice(&[tag, 0x81, low]),
        _ => der.extend_from_slice(&[tag, 0x82, high, low]),
    }
}

/// An object identifier in its usual text form; enough of it to look it up if it is very long.
pub(crate) fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<String> = Vec::new();
    let mut arc = 0_u64;
    for byte in oid.iter().take(32) {
        arc = (arc << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if arcs.is_empty() {
            let top = (arc / 40).min(2);
            arcs.push(top.to_string());
            arc -= top * 40;
        }
        arcs.push(arc.to_string());
        arc = 0;
    }
    if arcs.is_empty() {
        return "unknown".to_owned();
    }
    arcs.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_taken_off_the_front() {
        let mut input = &b"\x02\x01\x07\x04\x81\x80"[..];
        assert_eq!(take(&mut input, OCTET_STRING), None);
        assert_eq!(take(&mut input, INTEGER), Some(&b"\x07"[..]));
        assert_eq!(take(&mut input, OCTET_STRING), None, "cut off");
        assert_eq!(input, b"\x04\x81\x80");
        for broken in [
            &b""[..],
            b"\x04",
            b"\x04\x80",
            b"\x04\x83\x00\x00\x00",
            b"\x04\x82\x00",
        ] {
            assert_eq!(take(&mut &*broken, OCTET_STRING), None);
        }
    }

    #[test]
    fn headers_read_back() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let mut der = Vec::new();
            push_header(&mut der, OCTET_STRING, length);
            assert_eq!(der.len(), header_length(length));
            der.resize(der.len() + length, 0);
            let contents = take(&mut &*der, OCTET_STRING).map(<[u8]>::len);
            assert_eq!(contents, Some(length));
        }
    }

    #[test]
    fn object_identifiers_are_dotted() {
        assert_eq!(
            dotted(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
            "1.2.840.113549.1.1.1"
        );
        assert_eq!(dotted(b"\x2b\x81\x04\x00\x22"), "1.3.132.0.34");
        assert_eq!(dotted(b"\x88\x37\x03"), "2.999.3");
        assert_eq!(dotted(&[0xff; 5000]), "unknown");
    }
}
