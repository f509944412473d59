//! Just enough DER (X.690 sections 8 and 10) to look into keys and certificates in place: nothing is
//! copied, so nothing has to be wiped afterwards.

/// Tag octets of the types that occur in keys and certificates.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// `[0]`, constructed (explicit, or implicit over a constructed type).
    pub(crate) const CONTEXT_0: u8 = 0xa0;
    /// `[1]`, constructed.
    pub(crate) const CONTEXT_1: u8 = 0xa1;
    /// `[1]`, implicit over a primitive type.
    pub(crate) const CONTEXT_1_PRIMITIVE: u8 = 0x81;
}

/// What is wrong with an encoding. The text never holds octets of the input, which may be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    EndsEarly,
    UnexpectedTag,
    Length,
    Trailing,
    Integer,
    BitString,
}

impl Problem {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::EndsEarly => "ends too early",
            Self::UnexpectedTag => "is missing or of another type",
            Self::Length => "has a length that DER does not allow",
            Self::Trailing => "is followed by octets that do not belong there",
            Self::Integer => "is not a non-negative integer in its shortest form",
            Self::BitString => "is not a bit string of whole octets",
        }
    }
}

/// One element: its tag, its content, and both together as they stand in the input.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// Reads the elements of one constructed value from left to right.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// The next element, whatever it is.
    pub(crate) fn element(&mut self) -> Result<Element<'a>, Problem> {
        let input = self.rest;
        let (&tag, after_tag) = input.split_first().ok_or(Problem::EndsEarly)?;
        // Tag numbers above 30 take further octets; no key or certificate uses them.
        if tag & 0x1f == 0x1f {
            return Err(Problem::UnexpectedTag);
        }
        let (length, after_length) = read_length(after_tag)?;
        if after_length.len() < length {
            return Err(Problem::EndsEarly);
        }
        let (content, rest) = after_length.split_at(length);
        self.rest = rest;
        let raw = &input[..input.len() - rest.len()];
        Ok(Element { tag, content, raw })
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn read(&mut self, tag: u8) -> Result<&'a [u8], Problem> {
        match self.peek() {
            None => Err(Problem::EndsEarly),
            Some(found) if found == tag => Ok(self.element()?.content),
            Some(_) => Err(Problem::UnexpectedTag),
        }
    }

    /// The content of the next element if it has this tag, else nothing is read.
    pub(crate) fn read_optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Problem> {
        match self.peek() {
            Some(found) if found == tag => self.read(tag).map(Some),
            _ => Ok(None),
        }
    }

    /// A reader over the content of the next element, which must have this tag.
    pub(crate) fn enter(&mut self, tag: u8) -> Result<Self, Problem> {
        self.read(tag).map(Self::new)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Succeeds only if everything was read.
    pub(crate) const fn end(&self) -> Result<(), Problem> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Problem::Trailing)
        }
    }
}

/// The octets of a non-negative INTEGER without the leading zero that only carries the sign.
/// Zero gives an empty slice.
pub(crate) fn unsigned(content: &[u8]) -> Result<&[u8], Problem> {
    match content {
        [] => Err(Problem::Integer),
        [0] => Ok(&[]),
        [0, second, ..] if *second < 0x80 => Err(Problem::Integer),
        [0, magnitude @ ..] => Ok(magnitude),
        [first, ..] if *first >= 0x80 => Err(Problem::Integer),
        magnitude => Ok(magnitude),
    }
}

/// The octets of a BIT STRING that has no unused bits.
pub(crate) fn whole_octets(content: &[u8]) -> Result<&[u8], Problem> {
    match content {
        [0, octets @ ..] => Ok(octets),
        _ => Err(Problem::BitString),
    }
}

/// An object identifier in dotted form; one that cannot be written so is described instead.
pub(crate) fn oid_text(content: &[u8]) -> String {
    dotted(content).unwrap_or_else(|| format!("an unreadable OID of {} octets", content.len()))
}

fn read_length(input: &[u8]) -> Result<(usize, &[u8]), Problem> {
    let (&first, rest) = input.split_first().ok_or(Problem::EndsEarly)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    // Four octets of length are 4 GiB; 0x80 is the indefinite form of BER.
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(Problem::Length);
    }
    if rest.len() < count {
        return Err(Problem::EndsEarly);
    }
    let (octets, rest) = rest.split_at(count);
    let length = octets
        .iter()
        .fold(0_u64, |sum, octet| (sum << 8) | u64::from(*octet));
    // X.690 section 10.1: the shortest form, so no leading zero and nothing that fits in one octet.
    if octets[0] == 0 || length < 0x80 {
        return Err(Problem::Length);
    }
    let length = usize::try_from(length).map_err(|_| Problem::Length)?;
    Ok((length, rest))
}

fn dotted(content: &[u8]) -> Option<String> {
    // Longer than any identifier in use; keeps the text of an error short.
    if content.is_empty() || content.len() > 32 {
        return None;
    }
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    let mut complete = true;
    for octet in content {
        arc = arc.checked_mul(128)? + u64::from(octet & 0x7f);
        complete = octet & 0x80 == 0;
        if complete {
            arcs.push(arc);
            arc = 0;
        }
    }
    // X.690 section 8.19.4: the first subidentifier holds the first two arcs.
    let (first, others) = arcs.split_first().filter(|_| complete)?;
    let root = (*first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in others {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}

#[cfg(test)]
pub(crate) mod build {
    //! Writes DER for tests that need a damaged key or certificate.

    pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag];
        match content.len() {
            short @ 0..0x80 => out.push(short as u8),
            long => {
                let octets = (long as u32).to_be_bytes();
                let skip = octets.iter().take_while(|octet| **octet == 0).count();
                out.push(0x80 | (4 - skip) as u8);
                out.extend_from_slice(&octets[skip..]);
            }
        }
        out.extend_from_slice(content);
        out
    }

    pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        element(super::tag::SEQUENCE, &parts.concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_are_read_in_order() {
        let der = build::sequence(&[&[0x02, 0x01, 0x07], &[0x05, 0x00]]);
        let mut outer = Reader::new(&der);
        let mut inner = outer.enter(tag::SEQUENCE).unwrap();
        assert_eq!(outer.end(), Ok(()));
        assert_eq!(inner.read_optional(tag::OID), Ok(None));
        assert_eq!(inner.read(tag::INTEGER), Ok(&[7][..]));
        assert_eq!(inner.end(), Err(Problem::Trailing));
        let null = inner.element().unwrap();
        assert_eq!((null.tag, null.raw), (tag::NULL, &[5, 0][..]));
        assert_eq!(inner.read(tag::NULL), Err(Problem::EndsEarly));
    }

    // X.690 section 10.1
    #[test]
    fn only_the_shortest_definite_length_is_taken() {
        for (bad, problem) in [
            (&[0x30, 0x80, 0, 0][..], Problem::Length),
            (&[0x30, 0x81, 0x7f], Problem::Length),
            (&[0x30, 0x82, 0x00, 0xff], Problem::Length),
            (&[0x30, 0x85, 1, 1, 1, 1, 1], Problem::Length),
            (&[0x30, 0x82, 0xff], Problem::EndsEarly),
            (&[0x30, 0x03, 1], Problem::EndsEarly),
            (&[0x30], Problem::EndsEarly),
            (&[0x3f, 0x01, 0x00], Problem::UnexpectedTag),
        ] {
            assert_eq!(Reader::new(bad).element().err(), Some(problem), "{bad:?}");
        }
    }

    // X.690 section 8.3
    #[test]
    fn integers_are_minimal_and_not_negative() {
        assert_eq!(unsigned(&[0]), Ok(&[][..]));
        assert_eq!(unsigned(&[0, 0x80]), Ok(&[0x80][..]));
        assert_eq!(unsigned(&[0x7f]), Ok(&[0x7f][..]));
        for bad in [&[][..], &[0, 0x7f], &[0, 0], &[0x80]] {
            assert_eq!(unsigned(bad), Err(Problem::Integer), "{bad:?}");
        }
    }

    // X.690 section 8.19.5 has the second of these as its example
    #[test]
    fn object_identifiers_are_written_with_dots() {
        assert_eq!(oid_text(&[0x2a, 0x86, 0x48, 0xce, 0x3d]), "1.2.840.10045");
        assert_eq!(oid_text(&[0x88, 0x37, 0x03]), "2.999.3");
        assert_eq!(oid_text(&[0x2a, 0x86]), "an unreadable OID of 2 octets");
        assert_eq!(oid_text(&[]), "an unreadable OID of 0 octets");
        assert_eq!(oid_text(&[0xff; 20]), "an unreadable OID of 20 octets");
    }

    proptest! {
        #[test]
        fn reading_never_panics(octets: Vec<u8>) {
            let mut reader = Reader::new(&octets);
            while let Ok(element) = reader.element() {
                let _ = (unsigned(element.content), whole_octets(element.content));
                oid_text(element.content);
            }
        }

        #[test]
        fn what_is_built_is_read(content in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let der = build::element(tag::OCTET_STRING, &content);
            let mut reader = Reader::new(&der);
            prop_assert_eq!(reader.read(tag::OCTET_STRING), Ok(&content[..]));
            prop_assert_eq!(reader.end(), Ok(()));
        }
    }
}
