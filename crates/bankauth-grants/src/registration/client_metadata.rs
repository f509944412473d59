//! What a client asks to be registered with (RFC 7591 §2).

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{AuthMethod, RedirectUri, RequestError, Scope};

/// Members that a server gives and a client does not ask for (RFC 7592 §2.2), or that this crate writes itself.
const SERVERS_OWN: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// The name in a client's certificate that the server is to look for: exactly one (RFC 8705 §2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateName<'a> {
    /// The subject, as RFC 4514 writes it.
    SubjectDn(&'a str),
    /// A DNS name.
    SanDns(&'a str),
    /// A URI.
    SanUri(&'a str),
    /// An IP address.
    SanIp(&'a str),
    /// An e-mail address.
    SanEmail(&'a str),
}

/// What a client asks to be registered with: members in the order in which they were added, each name once. They are
/// public and printed by `Debug`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientMetadata(Vec<(String, Value)>);

impl ClientMetadata {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Where users are sent back to.
    ///
    /// # Errors
    /// When it was said already.
    pub fn with_redirect_uris(self, uris: &[RedirectUri]) -> Result<Self, RequestError> {
        let uris: Vec<_> = uris.iter().map(RedirectUri::as_str).collect();
        self.with_texts("redirect_uris", &uris)
    }

    /// How the client authenticates.
    ///
    /// # Errors
    /// When it was said already.
    pub fn with_auth_method(self, method: &AuthMethod) -> Result<Self, RequestError> {
        self.with_text("token_endpoint_auth_method", method.as_str())
    }

    /// The name that the server is to look for in the client's certificate.
    ///
    /// # Errors
    /// When there is one already.
    pub fn with_certificate_name(self, name: CertificateName<'_>) -> Result<Self, RequestError> {
        let (member, value) = match name {
            CertificateName::SubjectDn(value) => ("tls_client_auth_subject_dn", value),
            CertificateName::SanDns(value) => ("tls_client_auth_san_dns", value),
            CertificateName::SanUri(value) => ("tls_client_auth_san_uri", value),
            CertificateName::SanIp(value) => ("tls_client_auth_san_ip", value),
            CertificateName::SanEmail(value) => ("tls_client_auth_san_email", value),
        };
        self.with_text(member, value)
    }

    /// What access the client will ask for, as a string.
    ///
    /// # Errors
    /// When it was said already.
    pub fn with_scope(self, scope: &Scope) -> Result<Self, RequestError> {
        self.with_text("scope", &scope.to_string())
    }

    /// A member with a string. An empty one is left out.
    ///
    /// # Errors
    /// When the name was used already, or is one that the server gives.
    pub fn with_text(self, name: &str, value: &str) -> Result<Self, RequestError> {
        if value.is_empty() {
            return Ok(self);
        }
        self.with(name, Value::from(value))
    }

    /// A member with an array of strings.
    ///
    /// # Errors
    /// As [`with_text`](Self::with_text).
    pub fn with_texts(self, name: &str, values: &[&str]) -> Result<Self, RequestError> {
        self.with(name, Value::from(values))
    }

    /// A member with any JSON, for instance `jwks`.
    ///
    /// # Errors
    /// As [`with_text`](Self::with_text), and when `json` is none.
    pub fn with_json(self, name: &str, json: &str) -> Result<Self, RequestError> {
        let value = serde_json::from_str(json).map_err(|_| RequestError::Value {
            field: "a member of the registration",
            found: "no JSON",
            expected: "JSON",
        })?;
        self.with(name, value)
    }

    fn with(mut self, name: &str, value: Value) -> Result<Self, RequestError> {
        if let Some(name) = SERVERS_OWN.iter().find(|own| **own == name) {
            return Err(RequestError::Own { name });
        }
        if self.get(name).is_some() {
            return Err(RequestError::Twice { name: name.into() });
        }
        let certificate = |name: &str| name.starts_with("tls_client_auth_");
        if certificate(name) && self.0.iter().any(|(known, _)| certificate(known)) {
            return Err(RequestError::Value {
                field: "the certificate's name",
                found: "given twice",
                expected: "exactly one (RFC 8705 section 2.1.2)",
            });
        }
        self.0.push((name.to_owned(), value));
        Ok(self)
    }

    /// What belongs together (RFC 7591 §2, RFC 8705 §2.1.2, §2.2.2).
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        let wrong = |field, found, expected| {
            Err(RequestError::Value {
                field,
                found,
                expected,
            })
        };
        let (jwks, jwks_uri) = (self.get("jwks").is_some(), self.get("jwks_uri").is_some());
        if jwks && jwks_uri {
            return wrong("jwks", "given beside jwks_uri", "one of the two");
        }
        let has_name = self
            .0
            .iter()
            .any(|(name, _)| name.starts_with("tls_client_auth_"));
        match self
            .get("token_endpoint_auth_method")
            .and_then(Value::as_str)
        {
            Some("tls_client_auth") if !has_name => wrong(
                "the certificate's name",
                "missing",
                "exactly one for tls_client_auth (RFC 8705 section 2.1.2)",
            ),
            Some("self_signed_tls_client_auth") if !(jwks || jwks_uri) => wrong(
                "jwks",
                "missing, and jwks_uri as well",
                "one of them with the certificate (RFC 8705 section 2.2.2)",
            ),
            _ => Ok(()),
        }
    }

    /// The members of a JSON object that somebody else wrote.
    pub(crate) fn of(members: Map<String, Value>) -> Self {
        Self(members.into_iter().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl Serialize for ClientMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_name_of_a_certificate_rfc8705_2_1_2() {
        let tls = ClientMetadata::new()
            .with_auth_method(&AuthMethod::TlsClientAuth)
            .unwrap();
        insta::assert_snapshot!(tls.check().unwrap_err(), @"the certificate's name is missing, expected exactly one for tls_client_auth (RFC 8705 section 2.1.2)");
        let named = tls
            .with_certificate_name(CertificateName::SubjectDn("CN=x"))
            .unwrap();
        assert!(named.check().is_ok());
        for name in [
            CertificateName::SubjectDn("CN=y"),
            CertificateName::SanDns("x.example"),
            CertificateName::SanUri("https://x.example"),
            CertificateName::SanIp("192.0.2.1"),
            CertificateName::SanEmail("x@x.example"),
        ] {
            assert!(named.clone().with_certificate_name(name).is_err());
        }
        assert!(named.with_text("tls_client_auth_dn", "CN=x").is_err());
    }

    #[test]
    fn keys_come_by_value_or_by_reference_rfc7591_2() {
        let method = AuthMethod::SelfSignedTlsClientAuth;
        let client = ClientMetadata::new().with_auth_method(&method).unwrap();
        assert!(client.check().is_err());
        let client = client.with_json("jwks", r#"{"keys":[]}"#).unwrap();
        assert!(client.check().is_ok());
        let client = client
            .with_text("jwks_uri", "https://x.example/jwks")
            .unwrap();
        insta::assert_snapshot!(client.check().unwrap_err(), @"jwks is given beside jwks_uri, expected one of the two");
        assert!(client.clone().with_json("x", "{").is_err());
        assert!(client.clone().with_text("jwks_uri", "again").is_err());
        insta::assert_snapshot!(client.with_text("client_secret", "x").unwrap_err(), @"`client_secret` is not a further parameter: it has a type or method of its own");
    }
}
