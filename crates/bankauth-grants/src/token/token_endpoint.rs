//! The token endpoint (RFC 6749 §3.2): a pure request, a pure reading, and sugar that sends.

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use url::Url;

use crate::{
    Body, ClientAuth, Grant, HttpSend, Limits, MalformedAnswer, Parameters, Refusal, RequestError,
    TokenError, TokenSet, Tolerance, answer::Members, failure::answer_head::is_media_type,
    failure::malformed_answer::Problem, request::endpoint_url, request::form_request::echoes,
    token::grant,
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
    headers: HeaderMap,
    issuer: Option<Box<str>>,
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
            headers: HeaderMap::new(),
            issuer: None,
        })
    }

    /// Says whose endpoint this is (RFC 8414 §2), so that no code of another server is sent to it (RFC 9700 §4.4).
    #[must_use]
    pub fn with_issuer(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sends a further public header with each request, for instance a version that the bank asks for.
    ///
    /// # Errors
    /// When it is one that this crate writes itself.
    pub fn with_header(
        mut self,
        name: HeaderName,
        value: HeaderValue,
    ) -> Result<Self, RequestError> {
        for own in [header::ACCEPT, header::AUTHORIZATION, header::CONTENT_TYPE] {
            if name == own {
                return Err(RequestError::Value {
                    field: "a further header",
                    found: "one that is written here",
                    expected: "another than accept, authorization and content-type",
                });
            }
        }
        self.headers.insert(name, value);
        Ok(self)
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

    /// Whose endpoint this is, where that was said.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
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
        self.request_with(grant, &Parameters::new(), auth)
    }

    /// The request for `grant` with further parameters, for what one bank wants beside the standard's.
    ///
    /// # Errors
    /// As [`request`](Self::request), and when a further parameter is one that the grant has itself.
    pub fn request_with(
        &self,
        grant: Grant<'_>,
        parameters: &Parameters,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, TokenError> {
        let mut request =
            grant::build(&self.url, grant, parameters, auth).map_err(TokenError::Request)?;
        request.headers_mut().extend(self.headers.clone());
        Ok(request)
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
        // A 2xx answer with a token refuses only if it says so in the standard's word.
        let grants = status.is_success() && members.has("access_token") && !members.has("error");
        if !grants && let Some(refusal) = Refusal::read(answer) {
            return Err(TokenError::Refused(Box::new(refusal)));
        }
        if !status.is_success() {
            return Err(malformed(Problem::Status));
        }
        if status != StatusCode::OK {
            tolerances.push(Tolerance::Status);
        }
        if !is_media_type(answer.headers(), "application/json") {
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
        self.exchange_with(http, grant, &Parameters::new(), auth)
            .await
    }

    /// As [`exchange`](Self::exchange), with further parameters.
    ///
    /// # Errors
    /// As [`request_with`](Self::request_with) and [`read`](Self::read), and [`TokenError::Transport`].
    ///
    /// # Cancellation
    /// As [`exchange`](Self::exchange).
    pub async fn exchange_with(
        &self,
        http: &dyn HttpSend,
        grant: Grant<'_>,
        parameters: &Parameters,
        auth: &ClientAuth,
    ) -> Result<TokenSet, TokenError> {
        let request = self.request_with(grant, parameters, auth)?;
        let answer = http
            .send(request, self.limits)
            .await
            .map_err(TokenError::Transport)?;
        self.read(&answer).map_err(|mut error| {
            if let TokenError::Refused(refusal) = &mut error {
                refusal.mask(&echoes(&grant.secrets(), auth));
            }
            error
        })
    }
}
