//! Whom a client assertion is meant for.

use crate::claim::{ClaimError, check_https_url, check_text};

/// The `aud` claim, written as one string (RFC 7519 section 4.1.3 allows that for one audience).
///
/// Which one a bank expects is never guessed: RFC 7523 section 3 leaves it open, newer profiles want
/// the issuer, older servers the token endpoint, and some banks a value of their own. Take the value
/// from your configuration, not from an answer that nobody has authenticated: an assertion made out
/// to a stranger can be replayed at the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// The issuer identifier of the authorization server (RFC 8414 section 2): an `https` URL
    /// without query and fragment.
    Issuer(String),
    /// The URL of the token endpoint: `https`, without fragment (RFC 6749 section 3.2).
    TokenEndpoint(String),
    /// A text that the bank prescribes, for example `https://revolut.com`.
    Fixed(String),
}

impl Audience {
    /// The issuer identifier of the authorization server.
    pub fn issuer(url: impl Into<String>) -> Self {
        Self::Issuer(url.into())
    }

    /// The URL of the token endpoint.
    pub fn token_endpoint(url: impl Into<String>) -> Self {
        Self::TokenEndpoint(url.into())
    }

    /// A text that the bank prescribes.
    pub fn fixed(text: impl Into<String>) -> Self {
        Self::Fixed(text.into())
    }

    /// The value as it stands in the `aud` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Issuer(text) | Self::TokenEndpoint(text) | Self::Fixed(text) => text,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        match self {
            Self::Issuer(url) => check_https_url("aud", url, false),
            Self::TokenEndpoint(url) => check_https_url("aud", url, true),
            Self::Fixed(text) => check_text("aud", text),
        }
    }
}
