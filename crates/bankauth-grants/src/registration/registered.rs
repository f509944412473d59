//! What a server registered a client with (RFC 7591 §3.2.1).

use core::fmt;
use std::collections::BTreeSet;

use http::{Response, StatusCode};
use secrecy::SecretString;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::{
    AuthMethod, Body, ClientMetadata, RegistrationAccessToken,
    answer::{Member, Members},
    failure::malformed_answer::Problem,
};

/// The members that are secrets.
const SECRET: [&str; 2] = ["client_secret", "registration_access_token"];

/// Claims of a registration JWT itself, which say nothing about the client.
const CLAIMS: [&str; 6] = ["iss", "aud", "iat", "exp", "nbf", "jti"];

/// A client as the server registered it: all members that the server sent are kept, and how they differ from what was
/// asked for.
#[derive(Clone)]
pub struct Registration {
    client_id: String,
    client_secret: Option<SecretString>,
    access_token: Option<RegistrationAccessToken>,
    members: Map<String, Value>,
    differences: Vec<RegistrationDifference>,
    tolerances: Vec<RegistrationTolerance>,
}

/// A member that was registered otherwise than it was asked for (RFC 7591 §3.2.1 lets a server do so).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationDifference {
    /// The member's name.
    pub name: String,
    /// What was asked for, as JSON.
    pub asked: String,
    /// What was registered, as JSON; `None` where the server does not say.
    pub granted: Option<String>,
}

/// A departure from RFC 7591 §3.2.1 that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegistrationTolerance {
    /// A new registration was answered with 200 instead of 201.
    Status,
    /// There is a secret, and nothing says when it ends.
    SecretExpiryMissing,
    /// `scope` is an array of strings.
    ScopeArray,
    /// A deletion was answered with another success than 204.
    DeletionStatus,
}

impl Registration {
    pub(crate) fn read(
        json: &[u8],
        answer: &Response<Body>,
        asked: Option<&ClientMetadata>,
        is_new: bool,
    ) -> Result<Self, Problem> {
        let mut known = Members::parse_known(json, &["client_id", SECRET[0], SECRET[1]])
            .map_err(|_| Problem::NotJson)?;
        let members = PublicMembers::parse(json).map_err(|_| Problem::NotJson)?;
        let client_id = match members.get("client_id") {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(Value::String(_)) => {
                let expected = "a string with characters";
                return Err(Problem::member("client_id", "empty", expected));
            }
            _ => {
                let found = known.take("client_id");
                let expected = "a string";
                return Err(Problem::unexpected("client_id", found.as_ref(), expected));
            }
        };
        let mut secret = |name| match known.take(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Text(text)) => Ok(Some(text)),
            other => Err(Problem::unexpected(name, other.as_ref(), "a string")),
        };
        let client_secret = secret(SECRET[0])?;
        let access_token = secret(SECRET[1])?
            .map(RegistrationAccessToken::new)
            .transpose()
            .map_err(|_| Problem::member(SECRET[1], "other characters", "visible ASCII"))?;
        let mut tolerances = Vec::new();
        if is_new && answer.status() != StatusCode::CREATED {
            tolerances.push(RegistrationTolerance::Status);
        }
        if client_secret.is_some() && !members.contains_key("client_secret_expires_at") {
            tolerances.push(RegistrationTolerance::SecretExpiryMissing);
        }
        if members.get("scope").is_some_and(Value::is_array) {
            tolerances.push(RegistrationTolerance::ScopeArray);
        }
        Ok(Self {
            differences: asked.map_or_else(Vec::new, |asked| differences(asked, &members)),
            client_id,
            client_secret,
            access_token,
            members,
            tolerances,
        })
    }

    /// The client's identifier.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client's secret, where the server gave one.
    #[must_use]
    pub const fn client_secret(&self) -> Option<&SecretString> {
        self.client_secret.as_ref()
    }

    /// When the secret ends, in seconds since 1970; 0 means never (RFC 7591 §3.2.1).
    #[must_use]
    pub fn client_secret_expires_at(&self) -> Option<i64> {
        self.number("client_secret_expires_at")
    }

    /// The token that manages this registration (RFC 7592 §3). It replaces the one that was used before.
    #[must_use]
    pub const fn registration_access_token(&self) -> Option<&RegistrationAccessToken> {
        self.access_token.as_ref()
    }

    /// Where this registration is managed (RFC 7592 §3).
    #[must_use]
    pub fn registration_client_uri(&self) -> Option<&str> {
        self.text("registration_client_uri")
    }

    /// How the client authenticates.
    #[must_use]
    pub fn auth_method(&self) -> Option<AuthMethod> {
        self.text("token_endpoint_auth_method")
            .map(AuthMethod::read)
    }

    /// What access the client may ask for, from a string or an array.
    #[must_use]
    pub fn scope(&self) -> Option<Vec<&str>> {
        match self.members.get("scope")? {
            Value::String(text) => Some(text.split(' ').filter(|part| !part.is_empty()).collect()),
            _ => self.texts("scope"),
        }
    }

    /// Where users are sent back to.
    #[must_use]
    pub fn redirect_uris(&self) -> Option<Vec<&str>> {
        self.texts("redirect_uris")
    }

    /// The grants that the client may use. Some servers send an empty array.
    #[must_use]
    pub fn grant_types(&self) -> Option<Vec<&str>> {
        self.texts("grant_types")
    }

    /// A member that is a string, by its name: `application_type`, `tls_client_auth_dn`, `software_statement`,
    /// `id_token_signed_response_alg`, `request_object_signing_alg`, `org_jwks_endpoint`, `iss`, and any other.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    /// A member that is an array of strings, by its name; a string alone counts as one of them.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.members.get(name)? {
            Value::String(text) => Some(vec![text]),
            Value::Array(values) => values.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// A member that is a whole number, by its name: `iat`, `exp`, `client_id_issued_at`. As it was sent: milliseconds
    /// occur where seconds should be.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.members.get(name)?.as_i64()
    }

    /// A member as JSON, by its name. Secrets are not among them.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<String> {
        self.members.get(name).map(Value::to_string)
    }

    /// The names of all members that are no secrets, also of those that nobody knows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// What was registered otherwise than it was asked for. Whether that is acceptable is for the caller to say: a weaker
    /// algorithm is not.
    #[must_use]
    pub fn differences(&self) -> &[RegistrationDifference] {
        &self.differences
    }

    /// Where the answer departs from the standard and was read all the same.
    #[must_use]
    pub fn tolerances(&self) -> &[RegistrationTolerance] {
        &self.tolerances
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("differences", &self.differences)
            .field("tolerances", &self.tolerances)
            .finish_non_exhaustive()
    }
}

fn differences(
    asked: &ClientMetadata,
    granted: &Map<String, Value>,
) -> Vec<RegistrationDifference> {
    asked
        .iter()
        .filter(|(name, _)| !CLAIMS.contains(name) && *name != "software_statement")
        .filter_map(|(name, asked)| {
            let granted = granted.get(name);
            if granted.is_some_and(|granted| same(name, asked, granted)) {
                return None;
            }
            Some(RegistrationDifference {
                name: name.to_owned(),
                asked: asked.to_string(),
                granted: granted.map(Value::to_string),
            })
        })
        .collect()
}

/// Lists are sets, and a scope is one however it is written.
fn same(name: &str, asked: &Value, granted: &Value) -> bool {
    let set = |value: &Value| -> Option<BTreeSet<String>> {
        match value {
            Value::String(text) if name == "scope" => Some(
                text.split(' ')
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            Value::String(text) => Some(BTreeSet::from([text.clone()])),
            Value::Array(values) => values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        }
    };
    asked == granted || set(asked).is_some_and(|asked| set(granted) == Some(asked))
}

/// All members but the secrets, which are passed over so that no copy of them is left behind.
struct PublicMembers;

impl PublicMembers {
    fn parse(json: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let members = Self.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(members)
    }
}

impl<'de> DeserializeSeed<'de> for PublicMembers {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PublicMembers {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if SECRET.contains(&name.as_str()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                members.insert(name, map.next_value()?);
            }
        }
        Ok(members)
    }
}
