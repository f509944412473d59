//! The types of the attributes in a name, and what is known of each.

use std::borrow::Cow;
use std::fmt;

use crate::der::oid_text;
use crate::encode::object_identifier;

/// The type of an attribute in a [`DistinguishedName`](crate::DistinguishedName), such as the country.
///
/// It is an object identifier. Those with a constant here, and more, have a short name as OpenSSL knows
/// it; of the others only the number is known.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributeType(Cow<'static, [u8]>);

macro_rules! constants {
    ($($(#[$doc:meta])* $constant:ident = [$($octet:literal),+];)+) => {
        impl AttributeType {
            $($(#[$doc])* pub const $constant: Self = Self(Cow::Borrowed(&[$($octet),+]));)+
        }
    };
}

constants! {
    /// `CN`, the common name (2.5.4.3).
    COMMON_NAME = [0x55, 4, 3];
    /// `serialNumber`, the number of a person or company, not of the certificate (2.5.4.5).
    SERIAL_NUMBER = [0x55, 4, 5];
    /// `C`, the country (2.5.4.6).
    COUNTRY = [0x55, 4, 6];
    /// `L`, the locality (2.5.4.7).
    LOCALITY = [0x55, 4, 7];
    /// `ST`, the state or province (2.5.4.8).
    STATE = [0x55, 4, 8];
    /// `street`, which RFC 4514 writes `STREET` (2.5.4.9).
    STREET = [0x55, 4, 9];
    /// `O`, the organization (2.5.4.10).
    ORGANIZATION = [0x55, 4, 10];
    /// `OU`, the unit within the organization (2.5.4.11).
    ORGANIZATIONAL_UNIT = [0x55, 4, 11];
    /// `organizationIdentifier`, which holds the PSD2 authorisation number (2.5.4.97; ETSI TS 119 495
    /// section 5.2.1).
    ORGANIZATION_IDENTIFIER = [0x55, 4, 97];
    /// `DC`, a component of a domain (0.9.2342.19200300.100.1.25).
    DOMAIN_COMPONENT = [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 0x19];
    /// `emailAddress` (1.2.840.113549.1.9.1).
    EMAIL_ADDRESS = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];
}

impl AttributeType {
    /// By object identifier in dotted form, such as `2.5.4.97`; `None` if that is none.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        let content = object_identifier(dotted)?;
        Self::from_content(&content)
    }

    /// By short name, such as `CN` or `organizationIdentifier`, in capitals or not; `None` if no type
    /// has that name.
    pub fn from_name(name: &str) -> Option<Self> {
        KNOWN
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
            .map(|known| Self(Cow::Borrowed(known.oid)))
    }

    /// The object identifier in dotted form.
    pub fn oid(&self) -> String {
        oid_text(&self.0)
    }

    /// The short name that OpenSSL writes, if it knows one.
    pub fn short_name(&self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }

    /// The name in the table of RFC 4514 section 3, which has nine.
    pub(crate) fn rfc_4514_name(&self) -> Option<&'static str> {
        match self.short_name()? {
            "street" => Some("STREET"),
            name @ ("CN" | "L" | "ST" | "O" | "OU" | "C" | "DC" | "UID") => Some(name),
            _ => None,
        }
    }

    /// How the type is called in an error.
    pub(crate) fn phrase(&self) -> String {
        match self.known() {
            Some(known) => known.phrase.unwrap_or(known.name).to_owned(),
            None => self.oid(),
        }
    }

    pub(crate) fn alphabet(&self) -> Alphabet {
        self.known().map_or(Alphabet::Any, |known| known.alphabet)
    }

    /// The most characters a value may have.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.known().and_then(|known| known.limit)
    }

    pub(crate) fn content(&self) -> &[u8] {
        &self.0
    }

    /// `None` if the octets are no identifier that its dotted form leads back to.
    pub(crate) fn from_content(content: &[u8]) -> Option<Self> {
        let again = object_identifier(&oid_text(content))?;
        if again == content {
            Some(Self(Cow::Owned(again)))
        } else {
            None
        }
    }

    fn known(&self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| *known.oid == *self.0)
    }
}

/// The short name, else the number.
impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.short_name() {
            Some(name) => f.write_str(name),
            None => f.write_str(&self.oid()),
        }
    }
}

impl fmt::Debug for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttributeType({self})")
    }
}

/// The characters of a value, which decide on the type of its string (RFC 5280 appendix A.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// UTF8String.
    Any,
    /// PrintableString.
    Printable,
    /// PrintableString of two upper-case letters (X.520 section 6.3.1).
    Country,
    /// IA5String.
    Ascii,
}

struct Known {
    oid: &'static [u8],
    name: &'static str,
    /// For errors, where the name is no word.
    phrase: Option<&'static str>,
    alphabet: Alphabet,
    limit: Option<usize>,
}

const fn known(oid: &'static [u8], name: &'static str, limit: usize) -> Known {
    Known {
        oid,
        name,
        phrase: None,
        alphabet: Alphabet::Any,
        limit: if limit == 0 { None } else { Some(limit) },
    }
}

impl Known {
    const fn called(mut self, phrase: &'static str) -> Self {
        self.phrase = Some(phrase);
        self
    }

    const fn of(mut self, alphabet: Alphabet) -> Self {
        self.alphabet = alphabet;
        self
    }
}

/// Names of OpenSSL 3.0 (`crypto/objects/objects.txt`), upper bounds of RFC 5280 appendix A.1 and, for
/// what it lacks, of X.520 annex C; 0 is none.
static KNOWN: [Known; 34] = [
    known(&[0x55, 4, 3], "CN", 64).called("common name"),
    known(&[0x55, 4, 4], "SN", 32_768).called("surname"),
    known(&[0x55, 4, 5], "serialNumber", 64)
        .called("serial number")
        .of(Alphabet::Printable),
    known(&[0x55, 4, 6], "C", 2)
        .called("country")
        .of(Alphabet::Country),
    known(&[0x55, 4, 7], "L", 128).called("locality"),
    known(&[0x55, 4, 8], "ST", 128).called("state"),
    known(&[0x55, 4, 9], "street", 128),
    known(&[0x55, 4, 10], "O", 64).called("organization"),
    known(&[0x55, 4, 11], "OU", 64).called("organizational unit"),
    known(&[0x55, 4, 12], "title", 64),
    known(&[0x55, 4, 13], "description", 1024),
    known(&[0x55, 4, 15], "businessCategory", 128),
    known(&[0x55, 4, 17], "postalCode", 40),
    known(&[0x55, 4, 18], "postOfficeBox", 40),
    known(&[0x55, 4, 19], "physicalDeliveryOfficeName", 128),
    known(&[0x55, 4, 20], "telephoneNumber", 32).of(Alphabet::Printable),
    known(&[0x55, 4, 41], "name", 32_768),
    known(&[0x55, 4, 42], "GN", 32_768).called("given name"),
    known(&[0x55, 4, 43], "initials", 32_768),
    known(&[0x55, 4, 44], "generationQualifier", 32_768),
    known(&[0x55, 4, 45], "x500UniqueIdentifier", 0),
    known(&[0x55, 4, 46], "dnQualifier", 0).of(Alphabet::Printable),
    known(&[0x55, 4, 51], "houseIdentifier", 0),
    known(&[0x55, 4, 54], "dmdName", 0),
    known(&[0x55, 4, 65], "pseudonym", 128),
    known(&[0x55, 4, 72], "role", 0),
    known(&[0x55, 4, 97], "organizationIdentifier", 0),
    known(
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1],
        "UID",
        0,
    ),
    known(
        &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 0x19],
        "DC",
        0,
    )
    .of(Alphabet::Ascii),
    known(
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1],
        "emailAddress",
        255,
    )
    .called("e-mail address")
    .of(Alphabet::Ascii),
    known(
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 2],
        "unstructuredName",
        255,
    ),
    // CA/Browser Forum, EV Guidelines section 9.2.4
    known(
        &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 1],
        "jurisdictionL",
        128,
    ),
    known(
        &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 2],
        "jurisdictionST",
        128,
    ),
    known(
        &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 0x3c, 2, 1, 3],
        "jurisdictionC",
        2,
    )
    .of(Alphabet::Country),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_to_each_other() {
        for known in &KNOWN {
            let kind = AttributeType::from_name(known.name).unwrap();
            assert_eq!(AttributeType::from_oid(&kind.oid()), Some(kind.clone()));
            assert_eq!(kind.short_name(), Some(known.name));
            let other_case = AttributeType::from_name(&known.name.to_ascii_uppercase());
            assert_eq!(other_case, Some(kind));
        }
        assert_eq!(AttributeType::COUNTRY.oid(), "2.5.4.6");
        assert_eq!(AttributeType::ORGANIZATION_IDENTIFIER.oid(), "2.5.4.97");
        assert_eq!(AttributeType::from_name("E"), None);
        assert_eq!(AttributeType::from_oid("CN"), None);
        let unknown = AttributeType::from_oid("1.2.3.4").unwrap();
        assert_eq!(unknown.short_name(), None);
        assert_eq!(unknown.to_string(), "1.2.3.4");
    }

    // X.690 section 8.19.2: the shortest form
    #[test]
    fn an_identifier_has_one_encoding() {
        assert_eq!(AttributeType::from_content(&[0x2a, 0x80, 0x01]), None);
        assert_eq!(AttributeType::from_content(&[]), None);
        assert_eq!(AttributeType::from_content(&[0xff; 40]), None);
        assert_eq!(
            AttributeType::from_content(&[0x55, 4, 6]),
            Some(AttributeType::COUNTRY)
        );
    }
}
