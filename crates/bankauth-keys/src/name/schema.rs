//! What the UK's registration standard allows a name to look like.

/// A rule that the OpenAPI files of the UK's Dynamic Client Registration set for
/// `tls_client_auth_dn` (<https://openbankinguk.github.io/dcr-docs-pub/>, read 2026-11-20). Software of
/// banks that is made from them refuses what breaks it, however good a name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameSchema {
    /// Versions 3.1 to 3.3: at most 128 characters.
    V3_1,
    /// Version 3.4: at most 512 characters, `CN` first, and no comma within a value, even escaped.
    V3_4,
}

/// A name breaks a [`NameSchema`], though it may be right by RFC 4514.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameSchemaError {
    /// There are too many characters, or none.
    #[error("the name has {length} characters, expected 1 to {limit}")]
    Length {
        /// How many there are.
        length: usize,
        /// The most there may be.
        limit: usize,
    },
    /// Another attribute than `CN` comes first, or it is empty.
    #[error("the name begins with {found:?}, expected CN= and a value")]
    First {
        /// What stands there instead.
        found: String,
    },
    /// After a comma there is no type and value.
    #[error(
        "the name has {found:?} after a comma, expected TYPE=VALUE; this schema allows no comma \
         within a value, even escaped"
    )]
    Attribute {
        /// What stands there instead.
        found: String,
    },
    /// There is a line break.
    #[error("the name has a line break, expected none")]
    LineBreak,
}

impl NameSchema {
    /// Whether the text keeps the rule. The expression of version 3.4 is
    /// `^(?=.{1,512}$)[Cc][Nn]=[^,]+(?:,[^,\s]+=[^,]+)*$`.
    ///
    /// # Errors
    /// [`NameSchemaError`], for a warning before the name is sent.
    pub fn check(self, text: &str) -> Result<(), NameSchemaError> {
        let limit = match self {
            Self::V3_1 => 128,
            Self::V3_4 => 512,
        };
        let length = text.chars().count();
        if length == 0 || length > limit {
            return Err(NameSchemaError::Length { length, limit });
        }
        if self == Self::V3_1 {
            return Ok(());
        }
        // What `.` does not match in ECMA-262.
        if text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
            return Err(NameSchemaError::LineBreak);
        }
        let mut pieces = text.split(',');
        let first = pieces.next().unwrap_or_default();
        let named = first
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("CN="));
        if !named || first.len() == 3 {
            let found = first.to_owned();
            return Err(NameSchemaError::First { found });
        }
        match pieces.find(|piece| !is_attribute(piece)) {
            None => Ok(()),
            Some(found) => Err(NameSchemaError::Attribute {
                found: found.to_owned(),
            }),
        }
    }
}

/// `[^,\s]+=[^,]+` of what has no comma: some equals sign has a type without white space before it and
/// something after it.
fn is_attribute(piece: &str) -> bool {
    piece.match_indices('=').any(|(at, _)| {
        let (kind, value) = (&piece[..at], &piece[at + 1..]);
        !kind.is_empty() && !value.is_empty() && !kind.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_pass() {
        for text in [
            "CN=0015800001041ReAAI,2.5.4.97=PSDGB-OB-Unknown0015800001041ReAAI,O=Open Banking,C=GB",
            "cn=a",
            "CN=a,==b",
            "CN=a,O=b=c",
        ] {
            assert_eq!(NameSchema::V3_4.check(text), Ok(()), "{text}");
        }
        assert_eq!(NameSchema::V3_1.check("C=GB,O=Acme\\, Ltd"), Ok(()));
    }

    #[test]
    fn others_are_told_of() {
        let error = |text: &str| NameSchema::V3_4.check(text).unwrap_err().to_string();
        insta::assert_snapshot!(error("C=GB,O=Acme"), @r#"the name begins with "C=GB", expected CN= and a value"#);
        insta::assert_snapshot!(error("CN=a,O=Acme\\, Ltd"), @r#"the name has " Ltd" after a comma, expected TYPE=VALUE; this schema allows no comma within a value, even escaped"#);
        insta::assert_snapshot!(error("CN=a, O=b"), @r#"the name has " O=b" after a comma, expected TYPE=VALUE; this schema allows no comma within a value, even escaped"#);
        insta::assert_snapshot!(error("CN=a\nb"), @"the name has a line break, expected none");
        for bad in ["CN=", "CN=,C=GB", "CN=a,", "CN=a,O=", "CN=a,=b", "", "é="] {
            assert!(NameSchema::V3_4.check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        for (schema, limit) in [(NameSchema::V3_1, 128), (NameSchema::V3_4, 512)] {
            let text = |length: usize| format!("CN={}", "é".repeat(length - 3));
            assert_eq!(schema.check(&text(limit)), Ok(()));
            let length = limit + 1;
            assert_eq!(
                schema.check(&text(length)),
                Err(NameSchemaError::Length { length, limit })
            );
        }
    }
}
