//! Who the client is: client authentication as a value (RFC 6749 §2.3, RFC 7521 §4.2, RFC 8705 §2).

use core::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{BoxError, BoxFuture};

/// How a client authenticates one request. One method per request, by construction; nothing guesses it.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuth {
    /// A public client: `client_id` in the body and nothing to prove it (RFC 6749 §3.2.1).
    None {
        /// The client's identifier.
        client_id: String,
    },
    /// A secret in the header `Authorization` (RFC 6749 §2.3.1).
    SecretBasic {
        /// The client's identifier.
        client_id: String,
        /// The client's secret.
        client_secret: SecretString,
        /// How both are encoded before they are joined.
        encoding: BasicEncoding,
    },
    /// A secret in the body (RFC 6749 §2.3.1), for servers that ask for it.
    SecretPost {
        /// The client's identifier.
        client_id: String,
        /// The client's secret.
        client_secret: SecretString,
    },
    /// A JWT signed with the client's private key, in the body (RFC 7523 §2.2).
    PrivateKeyJwt {
        /// Sent beside the assertion where the server wants it; RFC 7521 §4.2 makes it optional.
        client_id: Option<String>,
        /// The signed JWT. Fresh for each request (RFC 7523 §3 item 7).
        assertion: SecretString,
    },
    /// The certificate of the TLS connection, and `client_id` in the body (RFC 8705 §2). The connection is that of the
    /// [`HttpSend`](crate::HttpSend); this says only that nothing else is sent.
    MutualTls {
        /// The client's identifier.
        client_id: String,
    },
}

/// How identifier and secret are encoded before they are joined with a colon and written in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BasicEncoding {
    /// Each is form-encoded first (RFC 6749 §2.3.1).
    #[default]
    Form,
    /// As they are (RFC 7617 §2). Only for a server that is known to read them so: an adapter's deviation.
    Plain,
}

impl ClientAuth {
    /// A public client.
    #[must_use]
    pub fn none(client_id: impl Into<String>) -> Self {
        Self::None {
            client_id: client_id.into(),
        }
    }

    /// A secret in the header, as RFC 6749 §2.3.1 has it.
    #[must_use]
    pub fn secret_basic(
        client_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        Self::SecretBasic {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            encoding: BasicEncoding::Form,
        }
    }

    /// A secret in the body.
    #[must_use]
    pub fn secret_post(
        client_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        Self::SecretPost {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
        }
    }

    /// A signed JWT, sent without `client_id`.
    #[must_use]
    pub fn private_key_jwt(assertion: impl Into<SecretString>) -> Self {
        Self::PrivateKeyJwt {
            client_id: None,
            assertion: assertion.into(),
        }
    }

    /// The certificate of the connection.
    #[must_use]
    pub fn mutual_tls(client_id: impl Into<String>) -> Self {
        Self::MutualTls {
            client_id: client_id.into(),
        }
    }

    /// What is secret in a request that this authenticates, for masking it in what the server says.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::None { .. } | Self::MutualTls { .. } => "",
            Self::SecretBasic { client_secret, .. } | Self::SecretPost { client_secret, .. } => {
                client_secret.expose_secret()
            }
            Self::PrivateKeyJwt { assertion, .. } => assertion.expose_secret(),
        }
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, client_id): (_, &dyn fmt::Debug) = match self {
            Self::None { client_id } => ("None", client_id),
            Self::SecretBasic { client_id, .. } => ("SecretBasic", client_id),
            Self::SecretPost { client_id, .. } => ("SecretPost", client_id),
            Self::PrivateKeyJwt { client_id, .. } => ("PrivateKeyJwt", client_id),
            Self::MutualTls { client_id } => ("MutualTls", client_id),
        };
        f.debug_struct(name)
            .field("client_id", client_id)
            .finish_non_exhaustive()
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
        let printed = [
            ClientAuth::none("id"),
            ClientAuth::secret_basic("id", "marked".to_owned()),
            ClientAuth::secret_post("id", "marked".to_owned()),
            ClientAuth::private_key_jwt("marked".to_owned()),
            ClientAuth::mutual_tls("id"),
        ]
        .map(|auth| format!("{auth:?}"))
        .join("\n");
        insta::assert_snapshot!(printed, @r#"
        None { client_id: "id", .. }
        SecretBasic { client_id: "id", .. }
        SecretPost { client_id: "id", .. }
        PrivateKeyJwt { client_id: None, .. }
        MutualTls { client_id: "id", .. }
        "#);
    }

    #[test]
    fn a_closure_authenticates() {
        let closure =
            |_now: SystemTime| Ok::<_, BoxError>(ClientAuth::private_key_jwt("jwt".to_owned()));
        let _seam: &dyn Authenticate = &closure;
    }
}
