//! Where the bank is: its sandbox, its production, or endpoints of one's own.

use std::borrow::Cow;

use bankauth_grants::{RequestError, TokenEndpoint};

/// The three places of the bank that a client knows.
///
/// Credentials go to them, so each is an absolute `https` URL; that is checked where they are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    token: Cow<'static, str>,
    consent: Cow<'static, str>,
    api: Cow<'static, str>,
}

/// A URL that cannot be an endpoint: which one, what it is, what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {found}, expected {expected}")]
pub struct EndpointsError {
    field: &'static str,
    found: Box<str>,
    expected: &'static str,
}

/// One environment of the bank, with which everything else is bound: certificates, client ids and tokens of one are
/// unknown to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    kind: Kind,
    endpoints: Endpoints,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sandbox,
    Production,
    Custom,
}

impl Endpoints {
    /// The token endpoint, the page on which the user consents (without the query that is added for each consent), and
    /// the base of the API, to which paths such as `/accounts` are appended; a slash at its end is dropped.
    ///
    /// # Errors
    /// When one of them is no absolute `https` URL or has a fragment, user name or password, or when the base of the API
    /// has a query.
    pub fn new(token: &str, consent: &str, api: &str) -> Result<Self, EndpointsError> {
        let api = https("the base of the API", api)?;
        if api.contains('?') {
            return Err(EndpointsError {
                field: "the base of the API",
                found: "a URL with a query".into(),
                expected: "one to which a path can be appended",
            });
        }
        Ok(Self {
            token: https("the token endpoint", token)?.into(),
            consent: https("the consent page", consent)?.into(),
            api: api.trim_end_matches('/').to_owned().into(),
        })
    }

    /// The token endpoint.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The page on which the user consents.
    #[must_use]
    pub fn consent(&self) -> &str {
        &self.consent
    }

    /// The base of the API, without a slash at its end.
    #[must_use]
    pub fn api(&self) -> &str {
        &self.api
    }
}

impl EndpointsError {
    /// Which URL.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl Environment {
    /// The sandbox. Its credentials begin with `oa_sand_`.
    #[must_use]
    pub const fn sandbox() -> Self {
        Self {
            kind: Kind::Sandbox,
            endpoints: Endpoints {
                token: Cow::Borrowed("https://sandbox-b2b.revolut.com/api/1.0/auth/token"),
                consent: Cow::Borrowed("https://sandbox-business.revolut.com/app-confirm"),
                api: Cow::Borrowed("https://sandbox-b2b.revolut.com/api/1.0"),
            },
        }
    }

    /// Production: real accounts and real money. Its credentials begin with `oa_prod_`.
    #[must_use]
    pub const fn production() -> Self {
        Self {
            kind: Kind::Production,
            endpoints: Endpoints {
                token: Cow::Borrowed("https://b2b.revolut.com/api/1.0/auth/token"),
                consent: Cow::Borrowed("https://business.revolut.com/app-confirm"),
                api: Cow::Borrowed("https://b2b.revolut.com/api/1.0"),
            },
        }
    }

    /// Endpoints of one's own: a test bank, a gateway. Nothing is known of the credentials there, so none is refused.
    #[must_use]
    pub const fn custom(endpoints: Endpoints) -> Self {
        Self {
            kind: Kind::Custom,
            endpoints,
        }
    }

    /// `sandbox`, `production` or `custom`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Where the bank is.
    #[must_use]
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What codes and tokens of this environment begin with; `None` for endpoints of one's own.
    #[must_use]
    pub const fn credential_prefix(&self) -> Option<&'static str> {
        self.kind.prefix()
    }

    /// The web app in which a person uploads the certificate and enables access; `None` for endpoints of one's own.
    #[must_use]
    pub const fn web_app(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Sandbox => Some("https://sandbox-business.revolut.com"),
            Kind::Production => Some("https://business.revolut.com"),
            Kind::Custom => None,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }
}

impl Kind {
    /// The environments that mark their credentials.
    pub(super) const MARKED: [Self; 2] = [Self::Sandbox, Self::Production];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Custom => "custom",
        }
    }

    pub(super) const fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Sandbox => Some("oa_sand_"),
            Self::Production => Some("oa_prod_"),
            Self::Custom => None,
        }
    }
}

/// The URL as it is used. The rule is that of the token endpoint, for all three: credentials go to two of them, and the
/// user's password to the third.
fn https(field: &'static str, text: &str) -> Result<String, EndpointsError> {
    match TokenEndpoint::new(text) {
        Ok(endpoint) => Ok(endpoint.url().to_owned()),
        Err(error) => Err(EndpointsError {
            field,
            found: match error {
                RequestError::Url { found, .. } => found,
                _ => "no URL".into(),
            },
            expected: "an absolute https URL without fragment, user name or password",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_keep_the_rule_for_endpoints() {
        for environment in [Environment::sandbox(), Environment::production()] {
            let Endpoints {
                token,
                consent,
                api,
            } = environment.endpoints();
            assert_eq!(
                &Endpoints::new(token, consent, api).unwrap(),
                environment.endpoints()
            );
        }
    }
}
