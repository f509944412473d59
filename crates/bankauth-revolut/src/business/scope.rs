//! What a consent allows.

use core::{fmt, str::FromStr};

use super::printable::printable;

/// One right that a consent can be narrowed to.
///
/// Scopes belong to the consent and so to the refresh token: other scopes need another consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// `READ`: everything that is asked with `GET`.
    Read,
    /// `WRITE`: counterparties, webhooks, drafts of payments.
    Write,
    /// `PAY`: starting and cancelling transactions, exchanging currencies.
    Pay,
    /// `READ_SENSITIVE_CARD_DATA`: whole card numbers. With it the certificate must have a list of IP addresses; without
    /// one the bank refuses every request, not only those for cards.
    ReadSensitiveCardData,
}

/// A text that is no list of scopes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// Spaces between the scopes, as OAuth has them elsewhere (RFC 6749 section 3.3), or around them.
    #[error("the scopes `{found}` have spaces, expected commas alone, as in READ,WRITE")]
    Space {
        /// The whole text.
        found: Box<str>,
    },
    /// Not a scope of this bank.
    #[error("the scope `{found}` is none, expected READ, WRITE, PAY or READ_SENSITIVE_CARD_DATA")]
    Unknown {
        /// The scope.
        found: Box<str>,
    },
    /// Two commas in a row, or one at an end.
    #[error("the scopes `{found}` have a comma too many, expected one between two scopes")]
    Comma {
        /// The whole text.
        found: Box<str>,
    },
}

impl Scope {
    /// All scopes that are known, 2026-11-20.
    pub const ALL: [Self; 4] = [
        Self::Read,
        Self::Write,
        Self::Pay,
        Self::ReadSensitiveCardData,
    ];

    /// The scope as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Pay => "PAY",
            Self::ReadSensitiveCardData => "READ_SENSITIVE_CARD_DATA",
        }
    }

    /// Reads a list with commas, such as `READ,WRITE`. The empty text is the empty list: nothing is narrowed.
    ///
    /// # Errors
    /// When it has spaces, unknown scopes or a comma too many.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, ScopeError> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let found = || printable(text).into();
        if text.contains(char::is_whitespace) {
            return Err(ScopeError::Space { found: found() });
        }
        text.split(',')
            .map(|scope| match scope {
                "" => Err(ScopeError::Comma { found: found() }),
                scope => scope.parse(),
            })
            .collect()
    }

    /// The list as it is sent: commas, no spaces, nothing twice.
    pub(super) fn list(scopes: &[Self]) -> String {
        let mut list = String::new();
        for (index, scope) in scopes.iter().enumerate() {
            if scopes[..index].contains(scope) {
                continue;
            }
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(scope.as_str());
        }
        list
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| ScopeError::Unknown {
                found: printable(text).into(),
            })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> String {
        Scope::parse_list(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_list_is_refused_in_clear_words() {
        insta::assert_snapshot!(refused("READ WRITE"), @"the scopes `READ WRITE` have spaces, expected commas alone, as in READ,WRITE");
        insta::assert_snapshot!(refused("READ, WRITE"), @"the scopes `READ, WRITE` have spaces, expected commas alone, as in READ,WRITE");
        insta::assert_snapshot!(refused("READ,ALL"), @"the scope `ALL` is none, expected READ, WRITE, PAY or READ_SENSITIVE_CARD_DATA");
        insta::assert_snapshot!(refused("read"), @"the scope `read` is none, expected READ, WRITE, PAY or READ_SENSITIVE_CARD_DATA");
        insta::assert_snapshot!(refused("READ,,WRITE"), @"the scopes `READ,,WRITE` have a comma too many, expected one between two scopes");
        insta::assert_snapshot!(refused(","), @"the scopes `,` have a comma too many, expected one between two scopes");
        assert!(!refused("\u{1b}[31m").contains('\u{1b}'));
    }

    #[test]
    fn nothing_is_sent_twice() {
        let list = Scope::parse_list("PAY,READ,PAY").unwrap();
        assert_eq!(Scope::list(&list), "PAY,READ");
        assert_eq!(Scope::list(&[]), "");
    }

    proptest! {
        #[test]
        fn a_list_reads_back(indices in proptest::sample::subsequence(vec![0, 1, 2, 3], 0..=4)) {
            let scopes: Vec<Scope> = indices.iter().map(|index| Scope::ALL[*index]).collect();
            prop_assert_eq!(Scope::parse_list(&Scope::list(&scopes)), Ok(scopes));
        }

        #[test]
        fn no_text_panics_and_none_is_guessed(text in "[A-Z_, ]{0,24}|\\PC{0,24}") {
            if let Ok(scopes) = Scope::parse_list(&text) {
                let names: Vec<&str> = scopes.into_iter().map(Scope::as_str).collect();
                prop_assert_eq!(names.join(","), text);
            }
        }
    }
}
