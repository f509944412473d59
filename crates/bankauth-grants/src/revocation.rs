//! Giving a token back (RFC 7009).

use http::{Request, Response};
use oauth2::{ClientId, RevocationUrl, StandardRevocableToken, basic::BasicClient};
use url::Url;

use crate::{
    AccessToken, Body, ClientAuth, EndpointError, HttpSend, Limits, RefreshToken, RequestError,
    endpoint_error::Endpoint,
    request::endpoint_url,
    request::form_request::{Capture, Form},
};

const THIS: Endpoint = Endpoint("the revocation endpoint");

/// A token that was issued, of either kind. The kind is told to the server as a hint (RFC 7009 §2.1).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum IssuedToken<'a> {
    /// An access token.
    Access(&'a AccessToken),
    /// A refresh token. Revoking it ends the access tokens of the same grant as well, at most servers (RFC 7009 §2.1).
    Refresh(&'a RefreshToken),
}

impl<'a> IssuedToken<'a> {
    pub(crate) fn expose_secret(&self) -> &'a str {
        match self {
            Self::Access(token) => token.expose_secret(),
            Self::Refresh(token) => token.expose_secret(),
        }
    }

    pub(crate) const fn hint(&self) -> &'static str {
        match self {
            Self::Access(_) => "access_token",
            Self::Refresh(_) => "refresh_token",
        }
    }
}

/// A revocation endpoint, by its URL.
#[derive(Debug, Clone)]
pub struct RevocationEndpoint {
    url: Url,
    limits: Limits,
}

impl RevocationEndpoint {
    /// The endpoint at `url`, an absolute `https` URL.
    ///
    /// # Errors
    /// When it is not `https`, or has a fragment, user name or password.
    pub fn new(url: &str) -> Result<Self, RequestError> {
        Ok(Self {
            url: endpoint_url::parse(THIS.0, url)?,
            limits: Limits::TOKEN,
        })
    }

    /// Other limits than [`Limits::TOKEN`].
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The request to revoke `token`, authenticated by `auth`:
    ///
    /// ```http
    /// POST /revoke HTTP/1.1
    /// Content-Type: application/x-www-form-urlencoded
    ///
    /// token=…&token_type_hint=refresh_token&client_id=…
    /// ```
    ///
    /// # Errors
    /// When the client authentication lacks something.
    pub fn request(
        &self,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, EndpointError> {
        self.build(token, auth).map_err(|error| THIS.request(error))
    }

    fn build(
        &self,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, RequestError> {
        let capture = Capture::default();
        let empty = match token {
            IssuedToken::Access(_) => {
                StandardRevocableToken::AccessToken(oauth2::AccessToken::new(String::new()))
            }
            IssuedToken::Refresh(_) => {
                StandardRevocableToken::RefreshToken(oauth2::RefreshToken::new(String::new()))
            }
        };
        let _taken = BasicClient::new(ClientId::new(String::new()))
            .set_revocation_url(RevocationUrl::from_url(self.url.clone()))
            .revoke_token(empty)
            .map_err(|_| RequestError::Internal)?
            .request(&capture);
        let written = capture.into_body()?;
        let mut form = Form::written(&written);
        form.insert_first("token", token.expose_secret());
        form.into_request(&self.url, auth)
    }

    /// Reads an answer. Success also means that the server did not know the token (RFC 7009 §2.2).
    ///
    /// # Errors
    /// [`EndpointError::Refused`], for instance with the code `unsupported_token_type` (RFC 7009 §2.2.1);
    /// [`EndpointError::Malformed`] for what is none of the protocol's answers.
    pub fn read(&self, answer: &Response<Body>) -> Result<(), EndpointError> {
        // 204 says the same to some servers; a body is not looked at.
        THIS.body(answer, &[200, 204], "200").map(|_| ())
    }

    /// Sends the request through `http` and reads the answer. Credentials of the request that the server repeats in an
    /// error are masked.
    ///
    /// # Errors
    /// As [`request`](Self::request) and [`read`](Self::read), and [`EndpointError::Transport`].
    pub async fn revoke(
        &self,
        http: &dyn HttpSend,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<(), EndpointError> {
        let request = self.request(token, auth)?;
        let answer = THIS.send(http, request, self.limits).await?;
        self.read(&answer)
            .map_err(|error| error.masking(&[token.expose_secret()], auth))
    }
}
