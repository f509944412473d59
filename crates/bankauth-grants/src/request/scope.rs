//! What access is asked for (RFC 6749 §3.3).

use core::fmt;

use crate::{RequestError, TokenSet, printable};

/// Scope values in the order in which they are asked for, each once, case-sensitive.
///
/// [`Display`](fmt::Display) is the text on the wire: the values with the separator between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    values: Vec<Box<str>>,
    separator: ScopeSeparator,
}

/// What stands between two scope values. The standard has a space; where a bank has something else, its adapter says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ScopeSeparator {
    /// One space (RFC 6749 §3.3).
    #[default]
    Space,
    /// One comma.
    Comma,
}

impl ScopeSeparator {
    const fn as_char(self) -> char {
        match self {
            Self::Space => ' ',
            Self::Comma => ',',
        }
    }
}

impl Scope {
    /// No scope: the parameter is not sent.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Scope values one by one.
    ///
    /// # Errors
    /// When a value is empty, occurs twice, or has a character outside `%x21 / %x23-5B / %x5D-7E`.
    pub fn new<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Result<Self, RequestError> {
        let mut scope = Self::none();
        for value in values {
            scope.push(value.as_ref())?;
        }
        Ok(scope)
    }

    /// A text with single spaces between its values, sent exactly as it is. Empty means that no scope is sent.
    ///
    /// # Errors
    /// As [`new`](Self::new); a space too many makes an empty value.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if text.is_empty() {
            return Ok(Self::none());
        }
        Self::new(text.split(' '))
    }

    /// Writes another separator than the standard's.
    ///
    /// # Errors
    /// When a value holds the separator, so that the server would see two.
    pub fn with_separator(mut self, separator: ScopeSeparator) -> Result<Self, RequestError> {
        if let Some(value) = self
            .values
            .iter()
            .find(|value| value.contains(separator.as_char()))
        {
            return Err(wrong(value));
        }
        self.separator = separator;
        Ok(self)
    }

    fn push(&mut self, value: &str) -> Result<(), RequestError> {
        let allowed = |c: char| matches!(c, '!' | '#'..='[' | ']'..='~');
        if value.is_empty() {
            return Err(RequestError::Empty {
                field: "a scope value",
            });
        }
        if !value.chars().all(allowed) {
            return Err(wrong(value));
        }
        if self.values.iter().any(|known| **known == *value) {
            return Err(RequestError::Twice { name: value.into() });
        }
        self.values.push(value.into());
        Ok(())
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values, in order.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    /// Whether `value` is asked for.
    #[must_use]
    pub fn contains(&self, value: &str) -> bool {
        self.values.iter().any(|known| **known == *value)
    }

    /// The scope of a refresh: `narrower`, which must not hold a value that was not granted originally (RFC 6749 §6).
    ///
    /// # Errors
    /// When `narrower` is wider, or empty.
    pub fn narrowed_to(&self, narrower: &Self) -> Result<NarrowedScope, RequestError> {
        if narrower.is_empty() {
            return Err(RequestError::Empty { field: "scope" });
        }
        match narrower.values().find(|value| !self.contains(value)) {
            Some(value) => Err(RequestError::WiderScope {
                found: value.into(),
            }),
            None => Ok(NarrowedScope(narrower.clone())),
        }
    }

    /// What the server changed: compares this scope, as it was asked for, with what `tokens` says was granted.
    /// A server that says nothing granted what was asked for (RFC 6749 §5.1).
    #[must_use]
    pub fn difference(&self, tokens: &TokenSet) -> ScopeDifference {
        let Some(granted) = &tokens.scope else {
            return ScopeDifference::default();
        };
        ScopeDifference {
            missing: self
                .values()
                .filter(|value| !granted.iter().any(|found| found == value))
                .map(str::to_owned)
                .collect(),
            added: granted
                .iter()
                .filter(|value| !self.contains(value))
                .cloned()
                .collect(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.values.iter().enumerate() {
            if index > 0 {
                write!(f, "{}", self.separator.as_char())?;
            }
            f.write_str(value)?;
        }
        Ok(())
    }
}

/// A scope that is not wider than the one that was granted, made by [`Scope::narrowed_to`]: what a refresh may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NarrowedScope(Scope);

impl NarrowedScope {
    /// The scope.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.0
    }
}

/// How the scope that was granted differs from the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ScopeDifference {
    /// Asked for and not granted.
    pub missing: Vec<String>,
    /// Granted and not asked for.
    pub added: Vec<String>,
}

impl ScopeDifference {
    /// Whether exactly what was asked for was granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.added.is_empty()
    }
}

fn wrong(value: &str) -> RequestError {
    RequestError::Scope {
        found: printable(value).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_characters_are_those_of_rfc6749_3_3() {
        for good in ["openid accounts", "READ,WRITE", "PREMIUM_AIS:1f-2", "!#[]~"] {
            assert_eq!(Scope::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "a\"b", "a\\b", "a\nb", "é", "a  b", " a", "a ", " ", "a a", "\u{7f}",
        ] {
            assert!(Scope::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Scope::parse("").unwrap().is_empty());
        insta::assert_snapshot!(Scope::parse("a  b").unwrap_err(), @"a scope value is empty");
        insta::assert_snapshot!(Scope::parse("a a").unwrap_err(), @"`a` occurs twice");
        insta::assert_snapshot!(Scope::parse("a\"b").unwrap_err(), @r#"scope `a"b` has a character that is not allowed, expected printable ASCII without quote and backslash"#);
    }

    #[test]
    fn a_separator_is_the_adapters_business() {
        let commas = |values: [&str; 2]| Scope::new(values)?.with_separator(ScopeSeparator::Comma);
        assert_eq!(commas(["READ", "WRITE"]).unwrap().to_string(), "READ,WRITE");
        assert!(commas(["READ,PAY", "WRITE"]).is_err());
    }

    #[test]
    fn a_refresh_asks_for_no_more_than_was_granted_rfc6749_6() {
        let original = Scope::parse("a b c").unwrap();
        let narrow = |text| original.narrowed_to(&Scope::parse(text).unwrap());
        assert_eq!(narrow("c a").unwrap().scope().to_string(), "c a");
        assert!(narrow("a b c").is_ok());
        assert!(narrow("").is_err());
        insta::assert_snapshot!(narrow("a A").unwrap_err(), @"scope `A` was not granted, and a refresh cannot ask for more");
    }

    proptest! {
        #[test]
        fn what_is_parsed_is_sent_as_it_was(text in "[ -~]{0,40}") {
            if let Ok(scope) = Scope::parse(&text) {
                prop_assert_eq!(scope.to_string(), text);
            }
        }
    }
}
