//! The token endpoint (RFC 6749 §3.2): a pure request, a pure reading, and sugar that sends.

use http::{Request, Response, StatusCode, header};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    Body, ClientAuth, Grant, HttpSend, Limits, MalformedAnswer, Refusal, RequestError, TokenError,
    TokenSet, Tolerance, answer::Members, endpoint_url, grant, token_error::Problem,
};

/// A token endpoint, by its URL.
///
/// [`request`](Self::request) and [`read`](Self::read) are pure, for callers with an HTTP client of their own;
/// [`exchange`](Self::exchange) puts an [`HttpSend`] between them.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    url: Url,
    limits: Limits,
    strict: bool,
}

impl TokenEndpoint {
    /// The endpoint at `url`, an absolute `https` URL (RFC 6749 §3.2).
    ///
    /// # Errors
    /// When it is not `https`, or has a fragment, user name or password.
    pub fn new(url: &str) -> Result<Self, RequestError> {
        Ok(Self {
            url: endpoint_url::parse("the token endpoint", url)?,
            limits: Limits::TOKEN,
            strict: false,
        })
    }

    /// Other limits than [`Limits::TOKEN`].
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Refuses each departure from RFC 6749 §5.1 that would otherwise be recorded as a [`Tolerance`].
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The URL as it is used.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Limits of a call to this endpoint.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The request for `grant`, authenticated by `auth`:
    ///
    /// ```http
    /// POST /token HTTP/1.1
    /// Accept: application/json
    /// Content-Type: application/x-www-form-urlencoded
    ///
    /// grant_type=refresh_token&refresh_token=…&client_assertion_type=…&client_assertion=…
    /// ```
    ///
    /// # Errors
    /// [`TokenError::Request`] when a parameter is missing.
    pub fn request(
        &self,
        grant: Grant<'_>,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, TokenError> {
        grant::build(&self.url, grant, auth).map_err(TokenError::Request)
    }

    /// Reads an answer, tolerantly unless [`strict`](Self::strict).
    ///
    /// # Errors
    /// [`TokenError::Refused`] where the server says an error, with any status; [`TokenError::Malformed`] otherwise.
    pub fn read(&self, answer: &Response<Body>) -> Result<TokenSet, TokenError> {
        let malformed = |problem| TokenError::Malformed(MalformedAnswer::new(answer, problem));
        let status = answer.status();
        if status.is_redirection() {
            return Err(malformed(Problem::Redirect));
        }
        let body = answer.body().expose_secret();
        let mut tolerances = Vec::new();
        let json = body.strip_prefix(b"\xef\xbb\xbf").map_or(body, |rest| {
            tolerances.push(Tolerance::ByteOrderMark);
            rest
        });
        if json.iter().all(u8::is_ascii_whitespace) {
            return Err(malformed(Problem::Empty));
        }
        let mut members = Members::parse(json).map_err(|_| malformed(Problem::NotJson))?;
        if let Some(refusal) = Refusal::read(answer, &mut members) {
            return Err(TokenError::Refused(Box::new(refusal)));
        }
        if !status.is_success() {
            return Err(malformed(Problem::Status));
        }
        if status != StatusCode::OK {
            tolerances.push(Tolerance::Status);
        }
        if !is_json(answer) {
            tolerances.push(Tolerance::ContentType);
        }
        let tokens = TokenSet::read(&mut members, tolerances).map_err(malformed)?;
        match tokens.tolerances.first() {
            Some(tolerance) if self.strict => {
                Err(malformed(MalformedAnswer::intolerable(*tolerance)))
            }
            _ => Ok(tokens),
        }
    }

    /// Sends the request for `grant` through `http` and reads the answer. Credentials of the request that the
    /// server repeats in an error are masked.
    ///
    /// # Errors
    /// As [`request`](Self::request) and [`read`](Self::read), and [`TokenError::Transport`].
    ///
    /// # Cancellation
    /// A future that is dropped may leave a request that the server has acted on: a caller that must not lose a
    /// rotated refresh token runs it in a task of its own.
    pub async fn exchange(
        &self,
        http: &dyn HttpSend,
        grant: Grant<'_>,
        auth: &ClientAuth,
    ) -> Result<TokenSet, TokenError> {
        let request = self.request(grant, auth)?;
        let answer = http
            .send(request, self.limits)
            .await
            .map_err(TokenError::Transport)?;
        self.read(&answer).map_err(|mut error| {
            if let TokenError::Refused(refusal) = &mut error {
                let credential = match grant {
                    Grant::AuthorizationCode { code, .. } => code.expose_secret(),
                    Grant::RefreshToken { refresh_token } => refresh_token.expose_secret(),
                };
                let assertion = match auth {
                    ClientAuth::PrivateKeyJwt { assertion, .. } => assertion.expose_secret(),
                    ClientAuth::None { .. } => "",
                };
                refusal.mask(&[credential, assertion]);
            }
            error
        })
    }
}

fn is_json(answer: &Response<Body>) -> bool {
    answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/json")
        })
}
