//! What goes wrong at the endpoints beside the token endpoint, and whose turn it is then.

use core::time::Duration;

use http::{Request, Response};

use crate::{
    Body, BoxError, ClientAuth, ErrorShape, HttpSend, Limits, MalformedAnswer, Refusal,
    RequestError, SendError, Verdict, failure::malformed_answer::Problem,
    request::form_request::echoes,
};

/// Why an endpoint beside the token endpoint brought nothing. The variants name whose turn it is; `endpoint` is its name
/// in words, for instance `the revocation endpoint`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The network's: the request did not get through, or no whole answer came back.
    #[error("{endpoint} did not answer")]
    Transport {
        /// Which endpoint.
        endpoint: &'static str,
        /// What stopped the request.
        source: SendError,
    },
    /// The server's word: it refused.
    #[error("{endpoint} refused")]
    Refused {
        /// Which endpoint.
        endpoint: &'static str,
        /// What it said.
        source: Box<Refusal>,
    },
    /// The server's fault: its answer is not one.
    #[error("the answer of {endpoint} cannot be used")]
    Malformed {
        /// Which endpoint.
        endpoint: &'static str,
        /// What is wrong with it.
        source: MalformedAnswer,
    },
    /// Ours: the client authentication could not be made.
    #[error("the client authentication could not be made")]
    ClientAuth(#[source] BoxError),
    /// Ours: the request cannot be made from what was given.
    #[error("the request to {endpoint} cannot be made")]
    Request {
        /// Which endpoint.
        endpoint: &'static str,
        /// What is wrong with what was given.
        source: RequestError,
    },
}

impl EndpointError {
    /// What helps. `None` where the mistake is ours: then it is other code, or another configuration.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let retry = |yes| {
            if yes {
                Verdict::Retry
            } else {
                Verdict::AskBank
            }
        };
        match self {
            Self::Transport { source, .. } => Some(retry(source.is_retryable())),
            Self::Refused { source, .. } => Some(source.verdict()),
            Self::Malformed { source, .. } => Some(retry(source.is_retryable())),
            Self::ClientAuth(_) | Self::Request { .. } => None,
        }
    }

    /// Whether the same request, made anew later, may succeed without anything else changing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.verdict() == Some(Verdict::Retry)
    }

    /// Whether the server may have acted on the request although nothing came of it here.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Transport { source, .. } => source.may_have_been_processed(),
            Self::Malformed { .. } => true,
            _ => false,
        }
    }

    /// What the server said, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { source, .. } => Some(source),
            _ => None,
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { source, .. } => source.retry_after(),
            Self::Malformed { source, .. } => source.retry_after(),
            _ => None,
        }
    }

    /// Masks credentials of the request that the server repeated.
    pub(crate) fn masking(mut self, secrets: &[&str], auth: &ClientAuth) -> Self {
        if let Self::Refused { source, .. } = &mut self {
            source.mask(&echoes(secrets, auth));
        }
        self
    }
}

/// One endpoint, by its name in words: what all of them have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint(pub(crate) &'static str);

impl Endpoint {
    pub(crate) fn malformed(self, answer: &Response<Body>, problem: Problem) -> EndpointError {
        EndpointError::Malformed {
            endpoint: self.0,
            source: MalformedAnswer::new(answer, problem),
        }
    }

    pub(crate) const fn request(self, source: RequestError) -> EndpointError {
        EndpointError::Request {
            endpoint: self.0,
            source,
        }
    }

    pub(crate) async fn send(
        self,
        http: &dyn HttpSend,
        request: Request<Body>,
        limits: Limits,
    ) -> Result<Response<Body>, EndpointError> {
        let transport = |source| EndpointError::Transport {
            endpoint: self.0,
            source,
        };
        http.send(request, limits).await.map_err(transport)
    }

    /// The body of an answer whose status is one of `statuses`, without a byte order mark. Everything else is a refusal
    /// or none of the protocol's answers.
    pub(crate) fn body<'a>(
        self,
        answer: &'a Response<Body>,
        statuses: &[u16],
        expected: &'static str,
    ) -> Result<&'a [u8], EndpointError> {
        let status = answer.status();
        if status.is_redirection() {
            return Err(self.malformed(answer, Problem::Redirect));
        }
        let is_expected = statuses.contains(&status.as_u16());
        // Only the standard's word makes a refusal of an answer whose status is right.
        if let Some(source) = Refusal::read(answer)
            && (!status.is_success() || source.shape() == ErrorShape::OAuth)
        {
            return Err(EndpointError::Refused {
                endpoint: self.0,
                source: Box::new(source),
            });
        }
        if !is_expected {
            return Err(self.malformed(answer, Problem::OtherStatus { expected }));
        }
        let body = answer.body().expose_secret();
        Ok(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
    }

    /// As [`body`](Self::body), for a body that must not be empty.
    pub(crate) fn json<'a>(
        self,
        answer: &'a Response<Body>,
        statuses: &[u16],
        expected: &'static str,
    ) -> Result<&'a [u8], EndpointError> {
        let body = self.body(answer, statuses, expected)?;
        if body.trim_ascii().is_empty() {
            return Err(self.malformed(answer, Problem::Empty));
        }
        Ok(body)
    }
}
