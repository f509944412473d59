//! One client of the bank: who it is, where the bank is, what it signs and sends with.

use core::fmt;
use std::sync::Arc;

use bankauth_grants::{HttpSend, RedirectUri, TokenEndpoint};
use bankauth_jwt::{Algorithm, Audience, ClaimError, ClientAssertion, Sign};

use super::{credential::marked, environment::Environment};

/// The audience of every assertion, in both environments.
const AUDIENCE: &str = "https://revolut.com";

/// A client of Revolut Business: one uploaded certificate in one environment.
///
/// It holds no token. Share it as an `Arc`; as [`Renew`](bankauth_grants::Renew) it lets a keeper of tokens renew them.
pub struct Client {
    pub(super) environment: Environment,
    pub(super) token_endpoint: TokenEndpoint,
    pub(super) client_id: String,
    pub(super) redirect_uri: RedirectUri,
    pub(super) assertion: ClientAssertion,
    pub(super) key: Arc<dyn Sign>,
    pub(super) http: Arc<dyn HttpSend>,
    pub(super) sends_key_id: bool,
    pub(super) sends_client_id: bool,
}

/// Why there is no client. Nothing was signed or sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The key signs with an algorithm that the bank's guide does not have. Make an RSA key, and upload its certificate.
    #[error(
        "the key signs with {found}, expected RS256 with an RSA key: the bank takes nothing else"
    )]
    Algorithm {
        /// The algorithm of the key.
        found: Algorithm,
    },
    /// This is no client id. It is not repeated: it may be a secret that was put in the wrong place.
    #[error(
        "the client id is {found}, expected the ClientID that the web app shows with the certificate"
    )]
    ClientId {
        /// What it is instead.
        found: &'static str,
    },
    /// Client id or host cannot stand in an assertion.
    #[error("the assertion cannot be made")]
    Assertion(#[source] ClaimError),
}

impl Client {
    /// A client of `environment`, known there as `client_id`, whose certificate was uploaded together with
    /// `redirect_uri` (exactly this text) and belongs to `key`.
    ///
    /// # Errors
    /// When the key is not one for RS256, or the client id cannot be one: empty, with white space, or a code or token.
    pub fn new(
        environment: Environment,
        client_id: impl Into<String>,
        redirect_uri: RedirectUri,
        key: Arc<dyn Sign>,
        http: Arc<dyn HttpSend>,
    ) -> Result<Self, SetupError> {
        let found = key.algorithm();
        if found != Algorithm::Rs256 {
            return Err(SetupError::Algorithm { found });
        }
        let client_id = client_id.into();
        check_client_id(&client_id)?;
        let assertion = ClientAssertion::new(&client_id, Audience::fixed(AUDIENCE))
            .and_then(|assertion| assertion.with_issuer(redirect_uri.host()))
            .map_err(SetupError::Assertion)?;
        Ok(Self {
            token_endpoint: token_endpoint(&environment),
            environment,
            client_id,
            redirect_uri,
            assertion,
            key,
            http,
            sends_key_id: false,
            sends_client_id: false,
        })
    }

    /// Writes the key's own `kid` into the header of assertions. The bank's guide has none; the id that the web app shows
    /// for the API certificate is accepted there (seen in other clients).
    #[must_use]
    pub const fn with_key_id(mut self) -> Self {
        self.sends_key_id = true;
        self
    }

    /// Adds the claim `iat` to assertions. The bank's guide has none; it is accepted (seen in other clients).
    #[must_use]
    pub fn with_issued_at(mut self) -> Self {
        self.assertion = self.assertion.with_issued_at();
        self
    }

    /// Sends `client_id` beside the assertion. The bank's guide no longer does; it is accepted (seen in other clients).
    #[must_use]
    pub const fn with_client_id_in_body(mut self) -> Self {
        self.sends_client_id = true;
        self
    }

    /// The environment that all credentials of this client belong to.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The id under which the bank knows the certificate.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The redirect URI that was registered with the certificate.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// What assertions name as their issuer: the host of the redirect URI, without scheme, port and path.
    ///
    /// International names stand as A-labels in lower case, an IPv6 address in its brackets, which are part of the host
    /// (RFC 3986 section 3.2.2).
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.redirect_uri.host()
    }

    /// The token endpoint, for callers with an HTTP client of their own.
    #[must_use]
    pub const fn token_endpoint(&self) -> &TokenEndpoint {
        &self.token_endpoint
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("environment", &self.environment.name())
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}

/// Client ids are made by the bank; what is refused here is what people paste instead of them.
fn check_client_id(client_id: &str) -> Result<(), SetupError> {
    let found = if client_id.is_empty() {
        "empty"
    } else if marked(client_id).is_some() {
        "an authorization code or a token"
    } else if client_id.starts_with("-----BEGIN") {
        "a PEM text"
    } else if !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        "a text with spaces or characters that cannot be seen"
    } else {
        return Ok(());
    };
    Err(SetupError::ClientId { found })
}

fn token_endpoint(environment: &Environment) -> TokenEndpoint {
    TokenEndpoint::new(environment.endpoints().token())
        .expect("the URL was checked when the endpoints were made")
}
