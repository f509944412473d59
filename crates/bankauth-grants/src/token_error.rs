//! What can go wrong at a token endpoint, and whose turn it is then.

use core::{fmt, time::Duration};

use http::StatusCode;

use crate::{BoxError, Refusal, SendError, refusal::retry_after};

/// Why there is no token. The variants name whose turn it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The network's: the request did not get through, or no whole answer came back.
    #[error("the token endpoint did not answer")]
    Transport(#[source] SendError),
    /// The server's word: it refused.
    #[error("the token endpoint refused")]
    Refused(#[source] Box<Refusal>),
    /// The server's fault: its answer is not one.
    #[error("the answer of the token endpoint cannot be used")]
    Malformed(#[source] MalformedAnswer),
    /// Ours: the client authentication could not be made.
    #[error("the client authentication could not be made")]
    ClientAuth(#[source] BoxError),
    /// Ours: the code or refresh token is not one for this server. It was not sent.
    #[error("the credential is not for this server")]
    Credential(#[source] BoxError),
    /// Ours: the request cannot be made from what was given.
    #[error("the token request cannot be made")]
    Request(#[source] RequestError),
}

impl TokenError {
    /// Whether the same request, made anew later, may succeed without anything else changing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_retryable(),
            Self::Refused(refusal) => refusal.is_retryable(),
            Self::Malformed(answer) => answer.is_retryable(),
            Self::ClientAuth(_) | Self::Credential(_) | Self::Request(_) => false,
        }
    }

    /// Whether the server may have acted on the request although no token came back.
    #[must_use]
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Transport(error) => error.may_have_been_processed(),
            Self::Malformed(_) => true,
            Self::Refused(_) | Self::ClientAuth(_) | Self::Credential(_) | Self::Request(_) => {
                false
            }
        }
    }

    /// Whether only the user can help, by authorising again.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        self.refusal().is_some_and(Refusal::needs_user)
    }

    /// What the server said, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// How long the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after(),
            Self::Malformed(answer) => answer.retry_after,
            _ => None,
        }
    }
}

/// An answer that is neither a grant nor a refusal. It keeps the outline and never the body.
#[derive(Debug, Clone)]
pub struct MalformedAnswer {
    status: StatusCode,
    content_type: Option<Box<str>>,
    length: usize,
    retry_after: Option<Duration>,
    problem: Problem,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Empty,
    NotJson,
    Redirect,
    ContentType,
    Status,
    Member {
        name: &'static str,
        found: &'static str,
        expected: &'static str,
    },
}

impl Problem {
    pub(crate) const fn member(
        name: &'static str,
        found: &'static str,
        expected: &'static str,
    ) -> Self {
        Self::Member {
            name,
            found,
            expected,
        }
    }

    pub(crate) const fn unexpected(
        name: &'static str,
        found: Option<&crate::answer::Member>,
        expected: &'static str,
    ) -> Self {
        Self::Member {
            name,
            found: match found {
                Some(member) => member.kind(),
                None => "nothing",
            },
            expected,
        }
    }
}

impl MalformedAnswer {
    pub(crate) fn new<B: AsRef<[u8]>>(answer: &http::Response<B>, problem: Problem) -> Self {
        Self {
            status: answer.status(),
            content_type: answer
                .headers()
                .get(http::header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .map(|value| {
                    value
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(80)
                        .collect::<String>()
                        .into()
                }),
            length: answer.body().as_ref().len(),
            retry_after: retry_after(answer.headers()),
            problem,
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The content type of the answer, at most 80 characters.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Whether a later answer may be a better one: 408, 429, and 5xx are the server's bad moments.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        crate::refusal::is_passing(self.status)
    }
}

impl fmt::Display for MalformedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Empty => f.write_str("the body is empty, expected a JSON object")?,
            Problem::NotJson => {
                f.write_str("the body is not one JSON object with each member once")?
            }
            Problem::Redirect => f.write_str(
                "it points elsewhere, and a request with credentials is not sent there",
            )?,
            Problem::ContentType => f.write_str("the content type is not `application/json`")?,
            Problem::Status => f.write_str("the status is not 200")?,
            Problem::Member {
                name,
                found,
                expected,
            } => write!(f, "member `{name}` is {found}, expected {expected}")?,
        }
        write!(f, " (status {}", self.status.as_u16())?;
        if let Some(content_type) = &self.content_type {
            write!(f, ", {content_type}")?;
        }
        write!(f, ", {} bytes)", self.length)
    }
}

impl std::error::Error for MalformedAnswer {}

/// What was given does not make a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Not an absolute `https` URL without fragment, user name or password.
    #[error(
        "{field} is {found}, expected an absolute https URL without fragment, user name or password"
    )]
    Url {
        /// Which URL.
        field: &'static str,
        /// What it is instead.
        found: Box<str>,
    },
    /// A required parameter is empty.
    #[error("{field} is empty")]
    Empty {
        /// Which parameter.
        field: &'static str,
    },
    /// A scope outside the grammar of RFC 6749 §3.3.
    #[error(
        "scope `{found}` has a character that is not allowed, expected printable ASCII without quote and backslash"
    )]
    Scope {
        /// The scope.
        found: Box<str>,
    },
    /// The request could not be put together for another reason.
    #[error("the request could not be put together")]
    Internal,
}
