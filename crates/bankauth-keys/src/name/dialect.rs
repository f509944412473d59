//! The ways in which banks and programs write one and the same name.

use std::fmt;
use std::str::FromStr;

use crate::fingerprint::hex;
use crate::name::attribute::Attribute;
use crate::name::distinguished_name::DistinguishedName;

/// A way to write a [`DistinguishedName`] as text. Banks compare such texts, so each wants its own.
///
/// | dialect | `2.5.4.97` is written | as do |
/// |---|---|---|
/// | [`SHORT_NAME`](Self::SHORT_NAME) | `organizationIdentifier=PSDGB-…` | Revolut and most others; `openssl` |
/// | [`DOTTED`](Self::DOTTED) | `2.5.4.97=PSDGB-…` | Nationwide |
/// | [`DOTTED_HEX`](Self::DOTTED_HEX) | `2.5.4.97=#0c22…` | Barclays, HSBC and others; Java and Go |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dialect {
    label: &'static str,
    order: Order,
    naming: Naming,
    escaping: Escaping,
}

/// Which attribute stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// The last relative name of the certificate first (RFC 4514 section 2.1). Within one of several
    /// attributes the order of the certificate stays.
    Reversed,
    /// The last attribute of the certificate first, within a relative name as well: what OpenSSL does.
    FullyReversed,
    /// The order of the certificate.
    Forward,
}

/// How a type is written that is not among the nine that RFC 4514 section 3 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Naming {
    /// By the name that OpenSSL knows, with its text: `organizationIdentifier=PSDGB-…`. A type that has
    /// none is written by number, with its DER.
    ShortName,
    /// By number, with its text: `2.5.4.97=PSDGB-…`.
    Dotted,
    /// By number, with its DER, as RFC 4514 section 2.4 recommends: `2.5.4.97=#0c22…`.
    DottedHex,
}

/// What becomes of letters outside of ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escaping {
    /// They stay.
    Unicode,
    /// Each octet of their UTF-8 is written as a backslash and two hexadecimal digits.
    Ascii,
}

impl Dialect {
    /// What Revolut's endpoint answers
    /// (<https://developer.revolut.com/docs/guides/build-banking-apps/register-your-application-using-dcr/retrieve-distinguished-name>,
    /// read 2026-11-20), and `openssl -nameopt RFC2253,-esc_msb` prints.
    pub const SHORT_NAME: Self = Self {
        label: "short-name",
        order: Order::FullyReversed,
        naming: Naming::ShortName,
        escaping: Escaping::Unicode,
    };

    /// [`SHORT_NAME`](Self::SHORT_NAME) in ASCII alone: `openssl -nameopt RFC2253`.
    pub const SHORT_NAME_ASCII: Self = Self {
        label: "short-name-ascii",
        escaping: Escaping::Ascii,
        ..Self::SHORT_NAME
    };

    /// Numbers with text, as in the sample of the UK's registration standard.
    pub const DOTTED: Self = Self {
        label: "dotted",
        order: Order::Reversed,
        naming: Naming::Dotted,
        escaping: Escaping::Unicode,
    };

    /// Numbers with DER: RFC 4514 to the letter, as Java's `X500Principal` and Go's `pkix.Name` write it.
    pub const DOTTED_HEX: Self = Self {
        label: "dotted-hex",
        naming: Naming::DottedHex,
        ..Self::DOTTED
    };

    /// [`SHORT_NAME`](Self::SHORT_NAME) in the order of the certificate, as the forms of some banks'
    /// portals want it.
    pub const SHORT_NAME_FORWARD: Self = Self {
        label: "short-name-forward",
        order: Order::Forward,
        ..Self::SHORT_NAME
    };

    /// All that have a name.
    pub const ALL: [Self; 5] = [
        Self::SHORT_NAME,
        Self::SHORT_NAME_ASCII,
        Self::DOTTED,
        Self::DOTTED_HEX,
        Self::SHORT_NAME_FORWARD,
    ];

    /// A dialect of one's own, with the name `custom`.
    pub const fn new(order: Order, naming: Naming, escaping: Escaping) -> Self {
        Self {
            label: "custom",
            order,
            naming,
            escaping,
        }
    }

    /// Its name, such as `short-name`.
    pub const fn label(&self) -> &'static str {
        self.label
    }

    /// The banks and programs that are known to write names so.
    pub fn used_by(&self) -> &'static [&'static str] {
        match self.label {
            "short-name" => &[
                "Revolut",
                "Mettle",
                "Coutts",
                "most other banks",
                "openssl -nameopt RFC2253,-esc_msb",
            ],
            "short-name-ascii" => &["openssl -nameopt RFC2253"],
            "dotted" => &["Nationwide"],
            "dotted-hex" => &[
                "Barclays",
                "Danske Bank",
                "HSBC",
                "Lloyds",
                "Monzo",
                "NatWest",
                "RBS",
                "Tide",
                "Java",
                "Go",
            ],
            _ => &[],
        }
    }

    pub(crate) fn render(&self, name: &DistinguishedName) -> String {
        let mut relative_names: Vec<_> = name
            .relative_names()
            .map(|together| {
                let mut attributes: Vec<_> = together
                    .iter()
                    .map(|attribute| self.attribute(attribute))
                    .collect();
                if self.order == Order::FullyReversed {
                    attributes.reverse();
                }
                attributes.join("+")
            })
            .collect();
        if self.order != Order::Forward {
            relative_names.reverse();
        }
        relative_names.join(",")
    }

    fn attribute(&self, attribute: &Attribute) -> String {
        let kind = attribute.kind();
        let short = match self.naming {
            Naming::ShortName => kind.short_name(),
            Naming::Dotted | Naming::DottedHex => kind.rfc_4514_name(),
        };
        let as_text = short.is_some() || self.naming == Naming::Dotted;
        let value = match attribute.text() {
            Some(text) if as_text => self.escape(&text),
            // RFC 4514 section 2.4: what is no string is written as its encoding. OpenSSL writes the
            // digits in capitals, Java and Go do not.
            _ if self.naming == Naming::ShortName => {
                format!("#{}", hex(attribute.value_der()).to_uppercase())
            }
            _ => format!("#{}", hex(attribute.value_der())),
        };
        let kind = short.map_or_else(|| kind.oid(), str::to_owned);
        format!("{kind}={value}")
    }

    /// RFC 4514 section 2.4. Control characters are escaped beyond what it asks.
    fn escape(&self, value: &str) -> String {
        let mut text = String::with_capacity(value.len());
        let last = value.char_indices().next_back().map(|(at, _)| at);
        for (at, letter) in value.char_indices() {
            match letter {
                '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.push('\\'),
                '#' if at == 0 => text.push('\\'),
                ' ' if at == 0 || Some(at) == last => text.push('\\'),
                _ if letter.is_ascii_control()
                    || (self.escaping == Escaping::Ascii && !letter.is_ascii()) =>
                {
                    for octet in letter.encode_utf8(&mut [0; 4]).bytes() {
                        text.push_str(&format!("\\{octet:02X}"));
                    }
                    continue;
                }
                _ => {}
            }
            text.push(letter);
        }
        text
    }
}

/// By [`label`](Dialect::label).
impl FromStr for Dialect {
    type Err = DialectError;

    fn from_str(label: &str) -> Result<Self, DialectError> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.label == label)
            .ok_or_else(|| DialectError {
                found: label.to_owned(),
            })
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

/// No dialect has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the dialect is {found:?}, expected short-name, short-name-ascii, dotted, dotted-hex or \
     short-name-forward"
)]
pub struct DialectError {
    found: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::attribute_type::AttributeType;

    fn one(value: &str) -> String {
        let name = DistinguishedName::new().with(AttributeType::COMMON_NAME, value);
        name.to_text(Dialect::SHORT_NAME)
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
            ("é", "CN=é"),
        ] {
            assert_eq!(one(value), expected);
        }
        let name = DistinguishedName::new().with(AttributeType::COMMON_NAME, "Ž");
        assert_eq!(name.to_text(Dialect::SHORT_NAME_ASCII), "CN=\\C5\\BD");
    }

    #[test]
    fn one_name_in_every_dialect() {
        let name = DistinguishedName::new()
            .with(AttributeType::COUNTRY, "GB")
            .with(AttributeType::ORGANIZATION, "Open Banking Limited (D)")
            .with(
                AttributeType::ORGANIZATION_IDENTIFIER,
                "PSDGB-OB-Unknown0015800001041ReAAI",
            )
            .with(AttributeType::COMMON_NAME, "0015800001041ReAAI");
        insta::assert_snapshot!(name.to_text(Dialect::SHORT_NAME), @"CN=0015800001041ReAAI,organizationIdentifier=PSDGB-OB-Unknown0015800001041ReAAI,O=Open Banking Limited (D),C=GB");
        insta::assert_snapshot!(name.to_text(Dialect::DOTTED), @"CN=0015800001041ReAAI,2.5.4.97=PSDGB-OB-Unknown0015800001041ReAAI,O=Open Banking Limited (D),C=GB");
        insta::assert_snapshot!(name.to_text(Dialect::DOTTED_HEX), @"CN=0015800001041ReAAI,2.5.4.97=#0c2250534447422d4f422d556e6b6e6f776e303031353830303030313034315265414149,O=Open Banking Limited (D),C=GB");
        insta::assert_snapshot!(name.to_text(Dialect::SHORT_NAME_FORWARD), @"C=GB,O=Open Banking Limited (D),organizationIdentifier=PSDGB-OB-Unknown0015800001041ReAAI,CN=0015800001041ReAAI");
        for dialect in [Dialect::SHORT_NAME, Dialect::DOTTED, Dialect::DOTTED_HEX] {
            let read = DistinguishedName::parse(&name.to_text(dialect)).unwrap();
            assert_eq!(read, name);
        }
        let own = Dialect::new(Order::Forward, Naming::DottedHex, Escaping::Ascii);
        assert!(name.to_text(own).starts_with("C=GB,"));
    }

    #[test]
    fn labels_lead_to_their_dialect() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }
        let error = "rfc2253".parse::<Dialect>().unwrap_err();
        insta::assert_snapshot!(error, @r#"the dialect is "rfc2253", expected short-name, short-name-ascii, dotted, dotted-hex or short-name-forward"#);
    }
}
