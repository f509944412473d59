//! Pushed authorization requests (RFC 9126).

use core::{fmt, time::Duration};
use std::time::SystemTime;

use http::{Request, Response};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    AuthorizationRequest, Body, ClientAuth, EndpointError, HttpSend, Limits, PendingAuthorization,
    RequestError,
    answer::{Member, Members},
    endpoint_error::Endpoint,
    failure::malformed_answer::Problem,
    request::endpoint_url,
    request::form_request::Form,
};

const THIS: Endpoint = Endpoint("the pushed authorization request endpoint");

/// A pushed authorization request endpoint, by its URL.
#[derive(Debug, Clone)]
pub struct PushedAuthorizationEndpoint {
    url: Url,
    limits: Limits,
}

/// A request that the server keeps, by its reference: good for one use, and for a short time (RFC 9126 §2.2).
pub struct PushedAuthorization {
    request_uri: String,
    expires_at: SystemTime,
}

impl PushedAuthorizationEndpoint {
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

    /// The request that pushes `authorization`, authenticated as at the token endpoint (RFC 9126 §2):
    ///
    /// ```http
    /// POST /par HTTP/1.1
    /// Content-Type: application/x-www-form-urlencoded
    ///
    /// response_type=code&client_id=…&redirect_uri=…&state=…&code_challenge=…&code_challenge_method=S256&client_assertion=…
    /// ```
    ///
    /// # Errors
    /// When state or nonce is missing, a parameter would occur twice, or `auth` is another client's.
    pub fn request(
        &self,
        authorization: &AuthorizationRequest,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, EndpointError> {
        let build = || {
            authorization.check()?;
            let written = authorization.written()?;
            let mut form = Form::new();
            for (name, value) in &written {
                form.push(name, value);
            }
            form.into_request(&self.url, auth)
        };
        build().map_err(|error| THIS.request(error))
    }

    /// Reads an answer to a request that was sent at `sent_at`: 201 with `request_uri` and `expires_in`.
    ///
    /// # Errors
    /// [`EndpointError::Refused`] where the server says an error, also with 413 and 429 (RFC 9126 §2.3);
    /// [`EndpointError::Malformed`] for what is none of the protocol's answers.
    pub fn read(
        &self,
        answer: &Response<Body>,
        sent_at: SystemTime,
    ) -> Result<PushedAuthorization, EndpointError> {
        let malformed = |problem| THIS.malformed(answer, problem);
        let json = THIS.json(answer, &[201], "201")?;
        let mut members = Members::parse_known(json, &["request_uri", "expires_in"])
            .map_err(|_| malformed(Problem::NotJson))?;
        let request_uri = match members.take("request_uri") {
            Some(Member::Text(text)) if !text.expose_secret().is_empty() => {
                text.expose_secret().to_owned()
            }
            other => {
                let expected = "a URI";
                return Err(malformed(Problem::unexpected(
                    "request_uri",
                    other.as_ref(),
                    expected,
                )));
            }
        };
        let expires_at = match members.take("expires_in") {
            Some(Member::Integer(seconds)) if seconds > 0 => {
                // Nobody waits for a day, and a number that large does not overflow.
                sent_at.checked_add(Duration::from_secs(seconds.min(86_400)))
            }
            _ => None,
        };
        let Some(expires_at) = expires_at else {
            let expected = "a number of seconds above 0";
            return Err(malformed(Problem::member(
                "expires_in",
                "nothing or another value",
                expected,
            )));
        };
        Ok(PushedAuthorization {
            request_uri,
            expires_at,
        })
    }

    /// Pushes `authorization` through `http` at `now`; gives the URL to open in the user's browser, and what reads the
    /// response. Credentials of the request that the server repeats in an error are masked.
    ///
    /// # Errors
    /// As [`request`](Self::request) and [`read`](Self::read), and [`EndpointError::Transport`].
    pub async fn push(
        &self,
        http: &dyn HttpSend,
        authorization: AuthorizationRequest,
        auth: &ClientAuth,
        now: SystemTime,
    ) -> Result<(String, PendingAuthorization), EndpointError> {
        let request = self.request(&authorization, auth)?;
        let answer = THIS.send(http, request, self.limits).await?;
        let pushed = self
            .read(&answer, now)
            .map_err(|error| error.masking(&[], auth))?;
        authorization
            .start_pushed(pushed, now)
            .map_err(|error| THIS.request(error))
    }
}

impl PushedAuthorization {
    /// The reference.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    pub(crate) fn into_request_uri(self, now: SystemTime) -> Result<String, RequestError> {
        if now >= self.expires_at {
            return Err(RequestError::Value {
                field: "request_uri",
                found: "expired",
                expected: "one that was pushed just now",
            });
        }
        Ok(self.request_uri)
    }
}

impl fmt::Debug for PushedAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedAuthorization")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
