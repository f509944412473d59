//! The body of a registration: JSON (RFC 7591 §3.1), or a signed JWT as UK Open Banking has it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Body, ClientMetadata, RequestError};

/// A registration to be sent: what is asked for, in one of two forms.
#[derive(Debug, Clone)]
pub struct RegistrationRequest {
    asked: ClientMetadata,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Json,
    Jwt {
        jwt: SecretString,
        media_type: HeaderValue,
    },
}

impl RegistrationRequest {
    /// As JSON.
    ///
    /// # Errors
    /// When members contradict each other, for instance `jwks` and `jwks_uri`.
    pub fn json(asked: ClientMetadata) -> Result<Self, RequestError> {
        asked.check()?;
        Ok(Self {
            asked,
            form: Form::Json,
        })
    }

    /// As a compact JWT, which is sent as it is, under `media_type`: `application/jwt`, `application/jose`, or what the
    /// bank wants instead. What is asked for is read from its payload; the signature is not looked at.
    ///
    /// # Errors
    /// When it is no compact JWT with a JSON object in it, or the media type is none.
    pub fn jwt(jwt: impl Into<SecretString>, media_type: &str) -> Result<Self, RequestError> {
        let jwt = jwt.into();
        let wrong = |found| RequestError::Value {
            field: "the registration",
            found,
            expected: "a compact JWT: three parts of base64url with dots between them",
        };
        let parts: Vec<&str> = jwt.expose_secret().split('.').collect();
        let [_, payload, _] = parts[..] else {
            return Err(wrong("a text without three parts"));
        };
        let is_base64url = |part: &&str| {
            part.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !parts.iter().all(is_base64url) {
            return Err(wrong("a text with other characters"));
        }
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| wrong("a text whose payload is not base64url"))?;
        let asked: Map<String, Value> = serde_json::from_slice(&payload)
            .map_err(|_| wrong("a JWT whose payload is no JSON object"))?;
        let media_type = HeaderValue::from_str(media_type)
            .ok()
            .filter(|_| {
                media_type
                    .split_once('/')
                    .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
            })
            .ok_or(RequestError::Value {
                field: "the media type",
                found: "none",
                expected: "one such as application/jwt",
            })?;
        Ok(Self {
            asked: ClientMetadata::of(asked),
            form: Form::Jwt { jwt, media_type },
        })
    }

    /// What is asked for, against which the answer is compared.
    #[must_use]
    pub const fn asked(&self) -> &ClientMetadata {
        &self.asked
    }

    /// Body and content type. An update as JSON names the client (RFC 7592 §2.2).
    pub(crate) fn body(
        &self,
        client_id: Option<&str>,
    ) -> Result<(Body, HeaderValue), RequestError> {
        #[derive(Serialize)]
        struct Update<'a> {
            client_id: &'a str,
            #[serde(flatten)]
            asked: &'a ClientMetadata,
        }
        match &self.form {
            Form::Json => {
                let json = match client_id {
                    Some(client_id) => serde_json::to_vec(&Update {
                        client_id,
                        asked: &self.asked,
                    }),
                    None => serde_json::to_vec(&self.asked),
                };
                let json = json.map_err(|_| RequestError::Internal)?;
                Ok((
                    Body::from(json),
                    HeaderValue::from_static("application/json"),
                ))
            }
            Form::Jwt { jwt, media_type } => {
                Ok((Body::from(jwt.expose_secret()), media_type.clone()))
            }
        }
    }
}
