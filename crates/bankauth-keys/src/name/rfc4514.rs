//! Distinguished names as text (RFC 4514), read.

use crate::name::attribute::Attribute;
use crate::name::attribute_type::AttributeType;
use crate::name::distinguished_name::DistinguishedName;
use crate::name::error::{NameError, OpenSslForm, without_label};

/// One attribute of a text, still as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) kind: &'a str,
    pub(crate) value: &'a str,
    /// Whether it goes with the one before it, by a plus sign.
    joined: bool,
    /// Whether there are spaces around its type or value that are not part of it.
    pub(crate) padded: bool,
    /// The place of its type and of its value, in characters from 1.
    at: usize,
    value_at: usize,
}

/// Reads strictly.
pub(crate) fn parse(text: &str) -> Result<DistinguishedName, NameError> {
    if text.trim().is_empty() {
        return Err(NameError::Empty);
    }
    if let Some(form) = OpenSslForm::recognise(text) {
        return Err(NameError::OpenSslForm { form });
    }
    let (label, _) = without_label(text);
    if !label.is_empty() {
        let found = label.to_owned();
        return Err(NameError::Label { found });
    }
    let pieces = pieces(text)?;
    match pieces.iter().find(|piece| piece.padded) {
        Some(piece) => Err(NameError::Space { at: piece.at }),
        None => name(&pieces),
    }
}

/// The name that the pieces make. What stands last in the text comes first in the certificate
/// (RFC 4514 section 2.1).
pub(crate) fn name(pieces: &[Piece<'_>]) -> Result<DistinguishedName, NameError> {
    let mut relative_names: Vec<Vec<Attribute>> = Vec::new();
    for piece in pieces {
        let attribute = piece.read()?;
        match relative_names.last_mut() {
            Some(together) if piece.joined => together.push(attribute),
            _ => relative_names.push(vec![attribute]),
        }
    }
    relative_names.reverse();
    Ok(relative_names
        .into_iter()
        .fold(DistinguishedName::new(), DistinguishedName::with_together))
}

/// Takes a text apart at the separators that are not escaped.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, NameError> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut joined = false;
    let mut letters = text.char_indices();
    let mut in_value = false;
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '=' => in_value = true,
            '"' if in_value => {
                let before = &text[begin..at];
                return Err(match before.split_once('=') {
                    Some((kind, value)) if value.trim().is_empty() => NameError::Quoted {
                        kind: kind.trim().to_owned(),
                        at: place(text, at),
                    },
                    _ => unescaped(text, at, letter),
                });
            }
            ';' => {
                let at = place(text, at);
                return Err(NameError::Semicolon { at });
            }
            // RFC 4514 section 3: these stand in no `string` unless escaped.
            '<' | '>' | '\0' if in_value => return Err(unescaped(text, at, letter)),
            ',' | '+' => {
                pieces.push(piece(text, begin, at, joined)?);
                begin = at + 1;
                joined = letter == '+';
                in_value = false;
            }
            _ => {}
        }
    }
    pieces.push(piece(text, begin, text.len(), joined)?);
    Ok(pieces)
}

fn piece(text: &str, begin: usize, end: usize, joined: bool) -> Result<Piece<'_>, NameError> {
    let whole = &text[begin..end];
    let Some((kind, value)) = whole.split_once('=') else {
        return Err(NameError::MissingEquals {
            at: place(text, begin),
            // Enough to recognise it by.
            found: whole.chars().take(32).collect(),
        });
    };
    let value_begin = begin + kind.len() + 1;
    let leading = value.len() - value.trim_start_matches(' ').len();
    let mut trimmed = value[leading..].trim_end_matches(' ');
    let backslashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        // The first of the spaces is escaped and so belongs to the value.
        let kept = value[leading..].len().min(trimmed.len() + 1);
        trimmed = &value[leading..leading + kept];
    }
    Ok(Piece {
        kind: kind.trim_matches(' '),
        value: trimmed,
        joined,
        padded: kind.trim_matches(' ') != kind || trimmed != value,
        at: place(text, begin),
        value_at: place(text, value_begin + leading),
    })
}

impl Piece<'_> {
    /// The attribute that is meant.
    pub(crate) fn read(&self) -> Result<Attribute, NameError> {
        let kind = AttributeType::from_name(self.kind)
            .or_else(|| AttributeType::from_oid(self.kind))
            .ok_or_else(|| NameError::UnknownType {
                at: self.at,
                found: self.kind.chars().take(32).collect(),
            })?;
        match self.value.strip_prefix('#') {
            Some(digits) => octets(digits)
                .and_then(|octets| Attribute::from_parts(kind, octets).ok())
                .ok_or_else(|| NameError::Hexadecimal {
                    kind: self.kind.to_owned(),
                    at: self.value_at,
                }),
            None => Ok(Attribute::new(kind, &self.unescaped()?)),
        }
    }

    fn unescaped(&self) -> Result<String, NameError> {
        let mut out = Vec::with_capacity(self.value.len());
        let mut rest = self.value;
        while let Some((before, after)) = rest.split_once('\\') {
            out.extend_from_slice(before.as_bytes());
            let digits = after.get(..2).and_then(octets);
            match (after.chars().next(), digits) {
                (_, Some(octet)) => {
                    out.extend_from_slice(&octet);
                    rest = &after[2..];
                }
                (Some(special), None) if "\"+,;<>#=\\ ".contains(special) => {
                    out.push(special as u8);
                    rest = &after[1..];
                }
                _ => {
                    let done = self.value.len() - after.len() - 1;
                    let at = self.value_at + self.value[..done].chars().count();
                    return Err(NameError::Escape { at });
                }
            }
        }
        out.extend_from_slice(rest.as_bytes());
        String::from_utf8(out).map_err(|_| NameError::NotUtf8 {
            kind: self.kind.to_owned(),
            at: self.value_at,
        })
    }
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |octet: u8| char::from(octet).to_digit(16);
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok())
        .collect()
}

fn unescaped(text: &str, at: usize, found: char) -> NameError {
    let at = place(text, at);
    NameError::Unescaped { found, at }
}

/// The place of an octet, in characters from 1.
fn place(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::dialect::Dialect;

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    fn text(name: &str) -> String {
        let name = parse(name).unwrap();
        assert_eq!(name.relative_names().count(), name.attributes().count());
        name.to_string()
    }

    // RFC 4514 section 4
    #[test]
    fn the_examples_of_the_standard() {
        for example in [
            "UID=jsmith,DC=example,DC=net",
            "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
            "CN=Before\\0DAfter,DC=example,DC=net",
            "CN=Lučić",
        ] {
            assert_eq!(text(example), example);
        }
        assert_eq!(text("CN=Lu\\C4\\8Di\\C4\\87"), "CN=Lučić");
        assert_eq!(
            text("1.3.6.1.4.1.1466.0=#04024869"),
            "1.3.6.1.4.1.1466.0=#04024869"
        );
        let joined = parse("OU=Sales+CN=J.  Smith,DC=example,DC=net").unwrap();
        assert_eq!(joined.relative_names().count(), 3);
        assert_eq!(
            joined.to_text(Dialect::DOTTED),
            "OU=Sales+CN=J.  Smith,DC=example,DC=net"
        );
    }

    // RFC 4514 sections 2.4 and 3
    #[test]
    fn escapes_are_read() {
        for (written, expected) in [
            ("CN=\\ ", "CN=\\ "),
            ("CN=\\ \\ ", "CN=\\ \\ "),
            ("CN=\\20a\\20", "CN=\\ a\\ "),
            ("CN=\\23a\\=b=c", "CN=\\#a=b=c"),
            ("CN=a\\\\", "CN=a\\\\"),
            ("CN=a\\5c\\2C", "CN=a\\\\\\,"),
            ("CN=\\00", "CN=\\00"),
            ("CN=", "CN="),
            ("commonName2=a", ""),
            ("cn=a", "CN=a"),
            ("2.5.4.97=a", "organizationIdentifier=a"),
            ("STREET=a", "street=a"),
            ("CN=#0c0161", "CN=a"),
        ] {
            match parse(written) {
                Ok(name) => assert_eq!(name.to_string(), expected, "{written}"),
                Err(_) => assert_eq!(expected, "", "{written}"),
            }
        }
    }

    // RFC 4514 appendix B: neither quotation marks nor semicolons
    #[test]
    fn other_forms_are_named() {
        insta::assert_snapshot!(error(""), @"the name is empty, expected at least one attribute such as CN=Acme");
        insta::assert_snapshot!(error("C = GB, O = Acme"), @"the name has spaces around its equals signs, as openssl prints it by default, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`");
        insta::assert_snapshot!(error("/C=GB/O=Acme"), @"the name has slashes, as openssl prints it for old programs, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`");
        insta::assert_snapshot!(error("C=GB, O=Acme"), @"the name has spaces after its commas, as openssl prints it by default, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`");
        insta::assert_snapshot!(error("subject=CN=a"), @r#"the name begins with "subject=", expected its first attribute; leave out that label"#);
        insta::assert_snapshot!(error("CN=ä,O=\"Acme, Ltd\""), @"the value of O at character 8 of the name stands in quotation marks, which RFC 4514 does not know; write it without them, with a backslash before each special character");
        insta::assert_snapshot!(error("CN=a;O=b"), @"there is a semicolon at character 5 of the name, expected a comma between attributes; one that belongs to a value is written \\;");
    }

    #[test]
    fn damage_has_its_place() {
        insta::assert_snapshot!(error("CN=a,O=Acme, Ltd,C=GB"), @r#"expected TYPE=VALUE at character 13 of the name, found " Ltd"; a comma or plus sign within a value is written with a backslash before it"#);
        insta::assert_snapshot!(error("CN=a,"), @r#"expected TYPE=VALUE at character 6 of the name, found ""; a comma or plus sign within a value is written with a backslash before it"#);
        insta::assert_snapshot!(error("CN=a,X=b"), @r#"the type "X" at character 6 of the name is unknown, expected a short name such as CN or a number such as 2.5.4.97"#);
        insta::assert_snapshot!(error("OID.2.5.4.97=b"), @r#"the type "OID.2.5.4.97" at character 1 of the name is unknown, expected a short name such as CN or a number such as 2.5.4.97; leave out the prefix OID. of RFC 1779"#);
        insta::assert_snapshot!(error("CN= a"), @"there is a space beside a separator at character 1 of the name, expected none; a space that belongs to a value is written with a backslash before it");
        insta::assert_snapshot!(error("CN=a ,C=GB"), @"there is a space beside a separator at character 1 of the name, expected none; a space that belongs to a value is written with a backslash before it");
        insta::assert_snapshot!(error("CN=a\"b"), @r#"there is a bare '"' at character 5 of the name, expected it escaped"#);
        insta::assert_snapshot!(error("CN=a<b"), @"there is a bare '<' at character 5 of the name, expected it escaped");
        insta::assert_snapshot!(error("CN=ä\\xy"), @r#"the backslash at character 5 of the name escapes nothing, expected one of "+,;<>#=\ and space, or two hexadecimal digits, after it"#);
        insta::assert_snapshot!(error("CN=a\\"), @r#"the backslash at character 5 of the name escapes nothing, expected one of "+,;<>#=\ and space, or two hexadecimal digits, after it"#);
        insta::assert_snapshot!(error("CN=\\C4"), @"the value of CN at character 4 of the name is not UTF-8");
        insta::assert_snapshot!(error("CN=#0c0261"), @r"the value of CN at character 4 of the name is damaged, expected # and the hexadecimal digits of one DER element; a value that begins with # is written \#");
        for bad in [
            "CN=#",
            "CN=#0",
            "CN=#zz",
            "CN=#0c01610c0161",
            "=a",
            "+",
            "CN=a+",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
