//! Codes and tokens show which environment they are of.

use bankauth_grants::{AccessToken, AuthorizationCode, RefreshToken, TokenError};

use super::environment::{Environment, Kind};

/// A code or token of another environment than the client's. It was not sent.
///
/// Where a client returns a [`TokenError`], this is its [source](std::error::Error::source): see [`of`](Self::of).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} belongs to {found}, expected one of {expected}")]
pub struct WrongEnvironment {
    what: &'static str,
    found: &'static str,
    expected: &'static str,
}

impl WrongEnvironment {
    /// The mistake behind this error, if it is that one.
    #[must_use]
    pub fn of(error: &TokenError) -> Option<&Self> {
        std::error::Error::source(error)?.downcast_ref()
    }

    /// The environment whose mark the credential has: `sandbox` or `production`.
    #[must_use]
    pub const fn found(&self) -> &'static str {
        self.found
    }

    /// The environment of the client.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl Environment {
    /// Refuses a code that has the mark of another environment.
    ///
    /// # Errors
    /// [`WrongEnvironment`].
    pub fn check_code(&self, code: &AuthorizationCode) -> Result<(), WrongEnvironment> {
        self.check("the authorization code", code.expose_secret())
    }

    /// Refuses a refresh token that has the mark of another environment.
    ///
    /// # Errors
    /// [`WrongEnvironment`].
    pub fn check_refresh_token(&self, token: &RefreshToken) -> Result<(), WrongEnvironment> {
        self.check("the refresh token", token.expose_secret())
    }

    /// Refuses an access token that has the mark of another environment.
    ///
    /// # Errors
    /// [`WrongEnvironment`].
    pub fn check_access_token(&self, token: &AccessToken) -> Result<(), WrongEnvironment> {
        self.check("the access token", token.expose_secret())
    }

    /// Only another environment's mark is refused: the bank does not promise that there always is one.
    fn check(&self, what: &'static str, secret: &str) -> Result<(), WrongEnvironment> {
        match marked(secret) {
            Some(found) if self.kind() != Kind::Custom && found != self.kind() => {
                Err(WrongEnvironment {
                    what,
                    found: found.name(),
                    expected: self.name(),
                })
            }
            _ => Ok(()),
        }
    }
}

/// The environment whose mark a text begins with. Such a text is a code or a token.
pub(super) fn marked(text: &str) -> Option<Kind> {
    Kind::MARKED
        .into_iter()
        .find(|kind| kind.prefix().is_some_and(|prefix| text.starts_with(prefix)))
}
