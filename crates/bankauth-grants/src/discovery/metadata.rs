//! What an authorization server says of itself (RFC 8414, OpenID Connect Discovery 1.0).

use core::fmt;

use http::Response;
use serde::Deserialize;

use crate::{
    AuthMethod, AuthorizationRequest, Body, EndpointError, HttpSend, IntrospectionEndpoint, Issuer,
    IssuerParameter, Limits, PushedAuthorizationEndpoint, RedirectUri, RequestError,
    RevocationEndpoint, TokenEndpoint, endpoint_error::Endpoint,
    failure::malformed_answer::Problem, request::endpoint_url,
};

const THIS: Endpoint = Endpoint("the address of the metadata");

/// Which of two addresses a request goes to, where the server has one for clients with certificates (RFC 8705 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Connection {
    /// Without a client certificate: never an alias.
    Plain,
    /// With one: the alias of the endpoint, where there is one, else the endpoint itself.
    MutualTls,
}

/// The metadata of one authorization server, checked: it is the issuer's own, and all its endpoints are `https`.
#[derive(Clone)]
pub struct Metadata {
    issuer: Issuer,
    wire: Wire,
}

/// The endpoints that may have an alias (RFC 8705 §5).
#[derive(Debug, Clone, Deserialize)]
struct Aliases {
    token_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    registration_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
}

/// The members that are read. A name that occurs twice is an error, others are passed over.
#[derive(Debug, Clone, Deserialize)]
struct Wire {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    registration_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    mtls_endpoint_aliases: Option<Aliases>,
    scopes_supported: Option<Vec<String>>,
    response_types_supported: Option<Vec<String>>,
    response_modes_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    request_object_signing_alg_values_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    tls_client_certificate_bound_access_tokens: bool,
}

/// Picks the address of an endpoint.
macro_rules! address {
    ($metadata:expr, $connection:expr, $name:ident) => {{
        let wire = &$metadata.wire;
        let alias = match $connection {
            Connection::MutualTls => wire.mtls_endpoint_aliases.as_ref(),
            Connection::Plain => None,
        };
        alias
            .and_then(|aliases| aliases.$name.as_deref())
            .or(wire.$name.as_deref())
    }};
}

impl Metadata {
    /// Reads the answer to [`Issuer::metadata_request`]. `issuer` is whom we asked: the document has to name exactly the
    /// same (RFC 8414 §3.3), or it is somebody else's.
    ///
    /// # Errors
    /// [`EndpointError::Malformed`] when the issuer is another one, an endpoint is no `https` URL, or the answer is none.
    pub fn read(issuer: &Issuer, answer: &Response<Body>) -> Result<Self, EndpointError> {
        let malformed = |problem| THIS.malformed(answer, problem);
        let json = THIS.json(answer, &[200], "200")?;
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(malformed(Problem::NotJson));
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|error| {
            malformed(match error.classify() {
                serde_json::error::Category::Data => Problem::Kinds,
                _ => Problem::NotJson,
            })
        })?;
        if wire.issuer != issuer.as_str() {
            let expected = "the issuer that was asked, byte for byte";
            return Err(malformed(Problem::member(
                "issuer",
                "another one",
                expected,
            )));
        }
        for (name, url) in wire.urls() {
            if endpoint_url::parse(name, url).is_err() {
                let expected = "an https URL";
                return Err(malformed(Problem::member(name, "none", expected)));
            }
        }
        Ok(Self {
            issuer: issuer.clone(),
            wire,
        })
    }

    /// Asks `issuer` for its metadata at `url` through `http`, and reads them.
    ///
    /// # Errors
    /// As [`read`](Self::read), and [`EndpointError::Transport`].
    pub async fn fetch(
        http: &dyn HttpSend,
        issuer: &Issuer,
        url: &str,
    ) -> Result<Self, EndpointError> {
        let request = Issuer::metadata_request(url).map_err(|error| THIS.request(error))?;
        let answer = THIS.send(http, request, Limits::METADATA).await?;
        Self::read(issuer, &answer)
    }

    /// Whose metadata these are.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// An authorization request at this server, which refuses what another one answers (RFC 9700 §4.4).
    ///
    /// # Errors
    /// When there is no authorization endpoint.
    pub fn authorization_request(
        &self,
        client_id: &str,
        redirect_uri: &RedirectUri,
    ) -> Result<AuthorizationRequest, RequestError> {
        let url = given(
            "the authorization endpoint",
            self.wire.authorization_endpoint.as_deref(),
        )?;
        let parameter = if self.wire.authorization_response_iss_parameter_supported {
            IssuerParameter::Required
        } else {
            IssuerParameter::Optional
        };
        let request = AuthorizationRequest::new(url, client_id, redirect_uri)?;
        Ok(request.with_issuer(self.issuer.as_str(), parameter))
    }

    /// The token endpoint, which takes no code of another issuer.
    ///
    /// # Errors
    /// When there is none.
    pub fn token_endpoint(&self, connection: Connection) -> Result<TokenEndpoint, RequestError> {
        let url = address!(self, connection, token_endpoint);
        let endpoint = TokenEndpoint::new(given("the token endpoint", url)?)?;
        Ok(endpoint.with_issuer(self.issuer.as_str()))
    }

    /// The pushed authorization request endpoint, if there is one.
    #[must_use]
    pub fn pushed_authorization_endpoint(
        &self,
        connection: Connection,
    ) -> Option<PushedAuthorizationEndpoint> {
        let url = address!(self, connection, pushed_authorization_request_endpoint)?;
        PushedAuthorizationEndpoint::new(url).ok()
    }

    /// The revocation endpoint, if there is one.
    #[must_use]
    pub fn revocation_endpoint(&self, connection: Connection) -> Option<RevocationEndpoint> {
        RevocationEndpoint::new(address!(self, connection, revocation_endpoint)?).ok()
    }

    /// The introspection endpoint, if there is one.
    #[must_use]
    pub fn introspection_endpoint(&self, connection: Connection) -> Option<IntrospectionEndpoint> {
        IntrospectionEndpoint::new(address!(self, connection, introspection_endpoint)?).ok()
    }

    /// The address of the registration endpoint, if there is one.
    #[must_use]
    pub fn registration_endpoint(&self, connection: Connection) -> Option<&str> {
        address!(self, connection, registration_endpoint)
    }

    /// The address of the userinfo endpoint, if there is one.
    #[must_use]
    pub fn userinfo_endpoint(&self, connection: Connection) -> Option<&str> {
        address!(self, connection, userinfo_endpoint)
    }

    /// Where the server's keys lie.
    #[must_use]
    pub fn jwks_uri(&self) -> Option<&str> {
        self.wire.jwks_uri.as_deref()
    }

    /// The strongest of the methods in `allowed` that the server takes at its token endpoint: certificates before signed
    /// assertions before secrets. A server that says nothing takes `client_secret_basic` (RFC 8414 §2).
    #[must_use]
    pub fn choose_auth_method(&self, allowed: &[AuthMethod]) -> Option<AuthMethod> {
        let takes = |method: &AuthMethod| match &self.wire.token_endpoint_auth_methods_supported {
            Some(names) => names.iter().any(|name| name == method.as_str()),
            None => *method == AuthMethod::ClientSecretBasic,
        };
        AuthMethod::ORDER
            .into_iter()
            .find(|method| allowed.contains(method) && takes(method))
    }

    /// Whether the server says that it takes the challenge method S256 (RFC 8414 §2); `None` where it says nothing.
    #[must_use]
    pub fn supports_s256(&self) -> Option<bool> {
        let methods = self.wire.code_challenge_methods_supported.as_ref()?;
        Some(methods.iter().any(|method| method == "S256"))
    }

    /// Whether authorization requests have to be pushed (RFC 9126 §5).
    #[must_use]
    pub const fn requires_pushed_requests(&self) -> bool {
        self.wire.require_pushed_authorization_requests
    }

    /// Whether access tokens are bound to the client's certificate (RFC 8705 §3.3).
    #[must_use]
    pub const fn binds_tokens_to_certificate(&self) -> bool {
        self.wire.tls_client_certificate_bound_access_tokens
    }

    /// A list by the name of its member, for instance `scopes_supported`; `None` where the server says nothing or the
    /// list is none of those that are read.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[String]> {
        let wire = &self.wire;
        match name {
            "scopes_supported" => &wire.scopes_supported,
            "response_types_supported" => &wire.response_types_supported,
            "response_modes_supported" => &wire.response_modes_supported,
            "grant_types_supported" => &wire.grant_types_supported,
            "token_endpoint_auth_methods_supported" => &wire.token_endpoint_auth_methods_supported,
            "token_endpoint_auth_signing_alg_values_supported" => {
                &wire.token_endpoint_auth_signing_alg_values_supported
            }
            "request_object_signing_alg_values_supported" => {
                &wire.request_object_signing_alg_values_supported
            }
            "id_token_signing_alg_values_supported" => &wire.id_token_signing_alg_values_supported,
            "code_challenge_methods_supported" => &wire.code_challenge_methods_supported,
            _ => &None,
        }
        .as_deref()
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("issuer", &self.issuer.as_str())
            .finish_non_exhaustive()
    }
}

impl Wire {
    fn urls(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let own = [
            ("authorization_endpoint", &self.authorization_endpoint),
            ("token_endpoint", &self.token_endpoint),
            (
                "pushed_authorization_request_endpoint",
                &self.pushed_authorization_request_endpoint,
            ),
            ("revocation_endpoint", &self.revocation_endpoint),
            ("introspection_endpoint", &self.introspection_endpoint),
            ("registration_endpoint", &self.registration_endpoint),
            ("userinfo_endpoint", &self.userinfo_endpoint),
            ("jwks_uri", &self.jwks_uri),
        ];
        let aliases = self.mtls_endpoint_aliases.iter().flat_map(|aliases| {
            [
                &aliases.token_endpoint,
                &aliases.pushed_authorization_request_endpoint,
                &aliases.revocation_endpoint,
                &aliases.introspection_endpoint,
                &aliases.registration_endpoint,
                &aliases.userinfo_endpoint,
            ]
            .map(|url| ("mtls_endpoint_aliases", url))
        });
        own.into_iter()
            .chain(aliases)
            .filter_map(|(name, url)| Some((name, url.as_deref()?)))
    }
}

fn given<'a>(field: &'static str, url: Option<&'a str>) -> Result<&'a str, RequestError> {
    url.ok_or(RequestError::Empty { field })
}
