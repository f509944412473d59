//! Further public parameters of a request, for what one bank wants and no standard names.

use crate::RequestError;

/// Names that this crate writes itself, from types that keep them apart and secret.
const OWN: [&str; 19] = [
    "access_token",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "nonce",
    "password",
    "refresh_token",
    "request_uri",
    "response_type",
    "state",
    "token",
    "token_type_hint",
    "username",
];

/// Public parameters, each name once. They are printed by `Debug`: a secret does not belong here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters(Vec<(Box<str>, Box<str>)>);

impl Parameters {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one. A parameter without value is left out (RFC 6749 §3.1, §3.2).
    ///
    /// # Errors
    /// When `name` is empty, is there already, or is one that this crate writes itself.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, RequestError> {
        if name.is_empty() {
            return Err(RequestError::Empty {
                field: "a parameter's name",
            });
        }
        if let Some(name) = OWN.iter().find(|own| **own == name) {
            return Err(RequestError::Own { name });
        }
        if self.0.iter().any(|(known, _)| **known == *name) {
            return Err(RequestError::Twice { name: name.into() });
        }
        if !value.is_empty() {
            self.0.push((name.into(), value.into()));
        }
        Ok(self)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_occurs_once_and_secrets_have_types_of_their_own_rfc6749_3_2() {
        let parameters = Parameters::new()
            .with("consent_id", "1")
            .unwrap()
            .with("empty", "")
            .unwrap();
        assert_eq!(parameters.iter().collect::<Vec<_>>(), [("consent_id", "1")]);
        insta::assert_snapshot!(parameters.clone().with("consent_id", "2").unwrap_err(), @"`consent_id` occurs twice");
        insta::assert_snapshot!(parameters.clone().with("client_secret", "marked").unwrap_err(), @"`client_secret` is not a further parameter: it has a type or method of its own");
        assert!(parameters.with("", "x").is_err());
    }
}
