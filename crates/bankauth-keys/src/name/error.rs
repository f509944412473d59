//! What can be wrong with a distinguished name that is read.

use std::fmt;

/// A name cannot be read. Places in text count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is no text.
    #[error("the name is empty, expected at least one attribute such as CN=Acme")]
    Empty,
    /// The DER is damaged.
    #[error("the name is damaged: its DER {problem}")]
    Malformed {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The text is what openssl prints by default.
    #[error(
        "the name has {form}, expected RFC 4514 text such as CN=Acme,O=Acme Ltd,C=GB; print it \
         with `openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in FILE`"
    )]
    OpenSslForm {
        /// Which of its forms.
        form: OpenSslForm,
    },
    /// The text still has the label that openssl prints before the name.
    #[error("the name begins with {found:?}, expected its first attribute; leave out that label")]
    Label {
        /// The label.
        found: String,
    },
    /// There is no type and equals sign where an attribute should begin.
    #[error(
        "expected TYPE=VALUE at character {at} of the name, found {found:?}; a comma or plus sign \
         within a value is written with a backslash before it"
    )]
    MissingEquals {
        /// Where.
        at: usize,
        /// What stands there instead.
        found: String,
    },
    /// The type is none that is known by name, nor a number.
    #[error(
        "the type {found:?} at character {at} of the name is unknown, expected a short name such \
         as CN or a number such as 2.5.4.97{}",
        old_prefix(found)
    )]
    UnknownType {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// There is a space beside a separator.
    #[error(
        "there is a space beside a separator at character {at} of the name, expected none; a \
         space that belongs to a value is written with a backslash before it"
    )]
    Space {
        /// Where.
        at: usize,
    },
    /// A value stands in quotation marks, as RFC 2253 allowed and RFC 4514 does not.
    #[error(
        "the value of {kind} at character {at} of the name stands in quotation marks, which RFC \
         4514 does not know; write it without them, with a backslash before each special character"
    )]
    Quoted {
        /// The type of the attribute, as written.
        kind: String,
        /// Where.
        at: usize,
    },
    /// A semicolon separates attributes, as RFC 1779 had it.
    #[error(
        "there is a semicolon at character {at} of the name, expected a comma between attributes; \
         one that belongs to a value is written \\;"
    )]
    Semicolon {
        /// Where.
        at: usize,
    },
    /// A special character is not escaped (RFC 4514 section 2.4).
    #[error("there is a bare {found:?} at character {at} of the name, expected it escaped")]
    Unescaped {
        /// The character.
        found: char,
        /// Where.
        at: usize,
    },
    /// A backslash is followed by neither a special character nor two hexadecimal digits.
    #[error(
        "the backslash at character {at} of the name escapes nothing, expected one of \
         \"+,;<>#=\\ and space, or two hexadecimal digits, after it"
    )]
    Escape {
        /// Where.
        at: usize,
    },
    /// The octets that a value escapes are not UTF-8.
    #[error("the value of {kind} at character {at} of the name is not UTF-8")]
    NotUtf8 {
        /// The type of the attribute, as written.
        kind: String,
        /// Where.
        at: usize,
    },
    /// What follows `#` is not the hexadecimal encoding of one DER element.
    #[error(
        "the value of {kind} at character {at} of the name is damaged, expected # and the \
         hexadecimal digits of one DER element; a value that begins with # is written \\#"
    )]
    Hexadecimal {
        /// The type of the attribute, as written.
        kind: String,
        /// Where.
        at: usize,
    },
}

fn old_prefix(found: &str) -> &'static str {
    if found
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("OID."))
    {
        "; leave out the prefix OID. of RFC 1779"
    } else {
        ""
    }
}

/// A form of a name that `openssl` prints when it is not asked for another. No bank takes any of them:
/// the order is that of the certificate, and what is special is not escaped as RFC 4514 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenSslForm {
    /// `C = GB, O = Acme`: the default until OpenSSL 3.1.
    Spaced,
    /// `C=GB, O=Acme`: the default from OpenSSL 3.2 on. Java's `toString` and browsers use it as well.
    CommaSpace,
    /// `/C=GB/O=Acme`: the default long ago, `-nameopt compat`, and what `-subj` takes.
    Slashed,
}

impl OpenSslForm {
    /// Which of the forms the text has, if any; a label such as `subject=` may stand before it.
    pub fn recognise(text: &str) -> Option<Self> {
        let text = without_label(text).1.trim();
        let mut pieces = Vec::new();
        let mut begin = 0;
        let mut escaped = false;
        for (at, letter) in text.char_indices() {
            if letter == ',' && !escaped {
                pieces.push(&text[begin..at]);
                begin = at + 1;
            }
            escaped = letter == '\\' && !escaped;
        }
        pieces.push(&text[begin..]);
        let (first, others) = pieces.split_first()?;
        let spaced = |piece: &str| {
            let (kind, value) = piece.split_once('=').unwrap_or_default();
            is_type(kind.trim()) && kind.ends_with(' ') && value.starts_with(' ')
        };
        let kind = |piece: &str| piece.split_once('=').map(|(kind, _)| kind.to_owned());
        if let Some(rest) = first.strip_prefix('/') {
            return is_type(&kind(rest)?).then_some(Self::Slashed);
        }
        if spaced(first) {
            return Some(Self::Spaced);
        }
        let follows = |piece: &&str| {
            piece
                .strip_prefix(' ')
                .and_then(kind)
                .is_some_and(|kind| is_type(&kind))
        };
        (is_type(&kind(first)?) && others.iter().any(follows)).then_some(Self::CommaSpace)
    }
}

impl fmt::Display for OpenSslForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spaced => "spaces around its equals signs, as openssl prints it by default",
            Self::CommaSpace => "spaces after its commas, as openssl prints it by default",
            Self::Slashed => "slashes, as openssl prints it for old programs",
        })
    }
}

/// Splits off what openssl prints before a name.
pub(crate) fn without_label(text: &str) -> (&str, &str) {
    let start = text.trim_start();
    for label in ["subject=", "issuer=", "Subject:", "Issuer:"] {
        if let Some(rest) = start.strip_prefix(label) {
            return (label, rest);
        }
    }
    ("", text)
}

fn is_type(text: &str) -> bool {
    let begins = text.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    begins
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_openssl_are_recognised() {
        for (text, form) in [
            ("C = GB, O = Acme", Some(OpenSslForm::Spaced)),
            ("subject=C = GB", Some(OpenSslForm::Spaced)),
            ("Subject: C = GB", Some(OpenSslForm::Spaced)),
            ("C=GB, O=Acme, Inc.", Some(OpenSslForm::CommaSpace)),
            ("subject=C=GB, O=Acme", Some(OpenSslForm::CommaSpace)),
            ("CN=a, OID.2.5.4.97=b", Some(OpenSslForm::CommaSpace)),
            ("/C=GB/O=Acme", Some(OpenSslForm::Slashed)),
            ("subject= /C=GB/O=Acme", Some(OpenSslForm::Slashed)),
            ("CN=Acme,O=Acme Ltd,C=GB", None),
            ("CN=a\\, b=c", None),
            ("CN=a = b", None),
            ("CN=Acme, Ltd", None),
            ("CN=/C=GB", None),
            ("", None),
        ] {
            assert_eq!(OpenSslForm::recognise(text), form, "{text}");
        }
    }
}
