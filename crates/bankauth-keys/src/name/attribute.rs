//! One attribute of a name: its type and its value.

use std::fmt;

use crate::der::{Problem, Reader, tag};
use crate::encode::{element, sequence};
use crate::name::attribute_type::{Alphabet, AttributeType};
use crate::name::subject::SubjectError;

/// One attribute of a [`DistinguishedName`](crate::DistinguishedName): a type and a value
/// (RFC 5280 section 4.1.2.4). Equal ones have the same encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    kind: AttributeType,
    /// The DER of the value, as it was found or is to be written.
    value: Vec<u8>,
}

impl Attribute {
    /// An attribute in the string type that certificates use for it: PrintableString for the country, the
    /// serial number and `dnQualifier`, IA5String for the e-mail address and `DC`, and UTF8String for all
    /// others (RFC 5280 section 4.1.2.4). A value outside of the alphabet of its type becomes a
    /// UTF8String, which is refused when something is signed.
    pub fn new(kind: AttributeType, value: &str) -> Self {
        let tag = match kind.alphabet() {
            Alphabet::Printable | Alphabet::Country if is_printable(value) => tag::PRINTABLE_STRING,
            Alphabet::Ascii if value.is_ascii() => tag::IA5_STRING,
            _ => tag::UTF8_STRING,
        };
        let value = element(tag, value.as_bytes());
        Self { kind, value }
    }

    /// The type.
    pub const fn kind(&self) -> &AttributeType {
        &self.kind
    }

    /// The characters of the value; `None` if it is no string, or damaged.
    pub fn text(&self) -> Option<String> {
        let value = Reader::new(&self.value).element().ok()?;
        string(value.tag, value.content)
    }

    /// The DER of the value.
    pub fn value_der(&self) -> &[u8] {
        &self.value
    }

    /// The type of the value's string.
    pub fn string_type(&self) -> StringType {
        StringType(self.value.first().copied().unwrap_or(tag::NULL))
    }

    /// Takes an encoding as it is; it must be one element.
    pub(crate) fn from_parts(kind: AttributeType, value: Vec<u8>) -> Result<Self, Problem> {
        let mut reader = Reader::new(&value);
        reader.element()?;
        reader.end()?;
        Ok(Self { kind, value })
    }

    pub(crate) fn read(der: &mut Reader<'_>) -> Result<Self, Problem> {
        let mut attribute = der.enter(tag::SEQUENCE)?;
        let kind = AttributeType::from_content(attribute.read(tag::OID)?);
        let kind = kind.ok_or(Problem::UnexpectedTag)?;
        let value = attribute.element()?.raw.to_vec();
        attribute.end()?;
        Ok(Self { kind, value })
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        sequence(&[&element(tag::OID, self.kind.content()), &self.value])
    }

    /// The rules for what is to be signed (RFC 5280 section 4.1.2.4 and appendix A.1).
    pub(crate) fn check(&self) -> Result<(), SubjectError> {
        let attribute = self.kind.phrase();
        let Some(text) = self.text() else {
            return Err(SubjectError::NotText { attribute });
        };
        if self.kind.alphabet() == Alphabet::Country {
            let code = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase());
            return if code && self.string_type() == StringType::PRINTABLE {
                Ok(())
            } else {
                // Enough to recognise it by.
                let found = text.chars().take(32).collect();
                Err(SubjectError::Country { found })
            };
        }
        if text.is_empty() {
            return Err(SubjectError::EmptyValue { attribute });
        }
        if text.chars().any(char::is_control) {
            return Err(SubjectError::ControlCharacter { attribute });
        }
        let alphabet = match self.kind.alphabet() {
            Alphabet::Ascii if !text.is_ascii() => Some("ASCII"),
            Alphabet::Printable if !is_printable(&text) => Some("PrintableString"),
            _ => None,
        };
        if let Some(alphabet) = alphabet {
            return Err(SubjectError::Alphabet {
                attribute,
                alphabet,
            });
        }
        let length = text.chars().count();
        match self.kind.limit() {
            Some(limit) if length > limit => Err(SubjectError::TooLong {
                attribute,
                length,
                limit,
            }),
            _ => Ok(()),
        }
    }
}

/// The type of a string in a name, such as `UTF8String`. Two values that differ only in it look alike and
/// mean the same, and yet some software takes them for different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StringType(u8);

impl StringType {
    /// `UTF8String`.
    pub const UTF8: Self = Self(tag::UTF8_STRING);
    /// `PrintableString`.
    pub const PRINTABLE: Self = Self(tag::PRINTABLE_STRING);
    /// `IA5String`.
    pub const IA5: Self = Self(tag::IA5_STRING);
}

impl fmt::Display for StringType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            tag::UTF8_STRING => "UTF8String",
            tag::PRINTABLE_STRING => "PrintableString",
            tag::IA5_STRING => "IA5String",
            tag::NUMERIC_STRING => "NumericString",
            tag::TELETEX_STRING => "TeletexString",
            tag::BMP_STRING => "BMPString",
            tag::UNIVERSAL_STRING => "UniversalString",
            VISIBLE_STRING => "VisibleString",
            other => return write!(f, "no string (tag {other:#04x})"),
        })
    }
}

const VISIBLE_STRING: u8 = 0x1a;

/// X.680 section 41.4.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|octet| {
        octet.is_ascii_alphanumeric()
            || matches!(
                octet,
                b' ' | b'\'' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?'
            )
    })
}

/// The characters of a string of any of the types that names use (X.520 section 2.6).
fn string(kind: u8, content: &[u8]) -> Option<String> {
    match kind {
        tag::UTF8_STRING => str::from_utf8(content).ok().map(str::to_owned),
        tag::PRINTABLE_STRING | tag::IA5_STRING | tag::NUMERIC_STRING | VISIBLE_STRING
            if content.is_ascii() =>
        {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: u8, octets: &[u8]) -> Option<String> {
        string(tag, octets)
    }

    #[test]
    fn every_string_type_is_read() {
        assert_eq!(text(tag::TELETEX_STRING, b"caf\xe9").unwrap(), "café");
        assert_eq!(text(tag::BMP_STRING, &[0, b'a', 0x20, 0xac]).unwrap(), "a€");
        assert_eq!(
            text(tag::UNIVERSAL_STRING, &[0, 1, 0xf6, 0]).unwrap(),
            "\u{1f600}"
        );
        assert_eq!(text(VISIBLE_STRING, b"a").unwrap(), "a");
        for (tag, bad) in [
            (tag::UTF8_STRING, &[0xff][..]),
            (tag::PRINTABLE_STRING, &[0xe9]),
            (tag::BMP_STRING, &[0]),
            (tag::BMP_STRING, &[0xd8, 0]),
            (tag::UNIVERSAL_STRING, &[0, 0x11, 0, 0]),
            (tag::OCTET_STRING, b"a"),
        ] {
            assert_eq!(text(tag, bad), None);
        }
    }

    // RFC 5280 section 4.1.2.4 and appendix A.1
    #[test]
    fn each_type_has_its_string() {
        for (kind, value, expected) in [
            (AttributeType::COUNTRY, "GB", StringType::PRINTABLE),
            (AttributeType::COUNTRY, "ÄÖ", StringType::UTF8),
            (AttributeType::SERIAL_NUMBER, "1/2", StringType::PRINTABLE),
            (AttributeType::SERIAL_NUMBER, "1_2", StringType::UTF8),
            (AttributeType::EMAIL_ADDRESS, "a@b.example", StringType::IA5),
            (AttributeType::DOMAIN_COMPONENT, "example", StringType::IA5),
            (AttributeType::ORGANIZATION, "Acme", StringType::UTF8),
            (
                AttributeType::ORGANIZATION_IDENTIFIER,
                "PSDGB-FCA-1",
                StringType::UTF8,
            ),
        ] {
            let attribute = Attribute::new(kind, value);
            assert_eq!(attribute.string_type(), expected);
            assert_eq!(attribute.text().as_deref(), Some(value));
        }
    }

    #[test]
    fn rules_name_the_attribute() {
        let error = |kind, value: &str| Attribute::new(kind, value).check().unwrap_err();
        let text = |kind, value: &str| error(kind, value).to_string();
        insta::assert_snapshot!(text(AttributeType::COMMON_NAME, ""), @"the common name is empty, expected it filled or left out");
        insta::assert_snapshot!(text(AttributeType::SERIAL_NUMBER, "1_2"), @"the serial number holds a character outside of PrintableString, expected none");
        insta::assert_snapshot!(text(AttributeType::DOMAIN_COMPONENT, "ä"), @"the DC holds a character outside of ASCII, expected none");
        insta::assert_snapshot!(text(AttributeType::SERIAL_NUMBER, &"1".repeat(65)), @"the serial number has 65 characters, expected at most 64");
        insta::assert_snapshot!(text(AttributeType::COUNTRY, "\u{1f600}"), @r#"the country is "😀", expected two upper-case letters such as "GB""#);
        let octets = Attribute::from_parts(AttributeType::COMMON_NAME, vec![4, 1, 0]).unwrap();
        insta::assert_snapshot!(octets.check().unwrap_err(), @"the common name is no readable string, expected text");
    }
}
