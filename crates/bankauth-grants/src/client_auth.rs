//! Who the client is: client authentication as a value (RFC 6749 §2.3, RFC 7521 §4.2, RFC 8705 §2).

use core::fmt;
use std::time::SystemTime;

use secrecy::SecretString;

use crate::{BoxError, BoxFuture};

/// The `client_assertion_type` of a JWT (RFC 7523 §2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client authenticates one request. One method per request; nothing guesses it.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuth {
    /// A public client: `client_id` in the body and nothing to prove it (RFC 6749 §3.2.1).
    None {
        /// The client's identifier.
        client_id: String,
    },
    /// A JWT signed with the client's private key, in the body (RFC 7523 §2.2).
    PrivateKeyJwt {
        /// Sent beside the assertion where the server wants it; RFC 7521 §4.2 makes it optional.
        client_id: Option<String>,
        /// The signed JWT. Fresh for each request (RFC 7523 §3 item 7).
        assertion: SecretString,
    },
}

impl ClientAuth {
    /// A signed JWT, sent without `client_id`.
    #[must_use]
    pub fn private_key_jwt(assertion: impl Into<SecretString>) -> Self {
        Self::PrivateKeyJwt {
            client_id: None,
            assertion: assertion.into(),
        }
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None { client_id } => f
                .debug_struct("None")
                .field("client_id", client_id)
                .finish(),
            Self::PrivateKeyJwt { client_id, .. } => f
                .debug_struct("PrivateKeyJwt")
                .field("client_id", client_id)
                .finish_non_exhaustive(),
        }
    }
}

/// Makes the client authentication for one request.
///
/// Implemented for [`ClientAuth`] itself and for any `Fn(SystemTime) -> Result<ClientAuth, _>`, so that private-key JWT is one closure where
/// a signer and this crate meet; a key service implements it to sign remotely.
pub trait Authenticate: Send + Sync {
    /// Authenticates a request that is sent at `now`.
    fn authenticate(&self, now: SystemTime) -> BoxFuture<'_, Result<ClientAuth, BoxError>>;
}

impl Authenticate for ClientAuth {
    fn authenticate(&self, _now: SystemTime) -> BoxFuture<'_, Result<ClientAuth, BoxError>> {
        Box::pin(core::future::ready(Ok(self.clone())))
    }
}

impl<F, E> Authenticate for F
where
    F: Fn(SystemTime) -> Result<ClientAuth, E> + Send + Sync,
    E: Into<BoxError>,
{
    fn authenticate(&self, now: SystemTime) -> BoxFuture<'_, Result<ClientAuth, BoxError>> {
        Box::pin(core::future::ready(self(now).map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let auth = ClientAuth::private_key_jwt("marked".to_owned());
        assert_eq!(format!("{auth:?}"), "PrivateKeyJwt { client_id: None, .. }");
    }

    #[test]
    fn a_closure_authenticates() {
        let closure =
            |_now: SystemTime| Ok::<_, BoxError>(ClientAuth::private_key_jwt("jwt".to_owned()));
        let _seam: &dyn Authenticate = &closure;
    }
}
