//! What can go wrong with a request to the API, and whose turn it is then.

use core::{fmt, time::Duration};

use bankauth_grants::{ApiRefusal, SendError};
use http::StatusCode;

use super::{PathError, WrongEnvironment, hint};

/// Why a request to the API brought nothing. The variants name whose turn it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The network's: the request did not get through, or no whole answer came back.
    #[error("the API did not answer")]
    Transport(#[source] SendError),
    /// 401: the access token is not valid (any more). Renew it, once. It also ends when somebody else refreshes.
    #[error("the API does not accept the access token")]
    Unauthorised(#[source] Box<ApiRefusal>),
    /// 401 with the complaint that the header is not `Bearer <token>`, for which the bank has the same code 1000 as for
    /// an expired token. Something on the way changed the header; another token does not help.
    #[error("the API could not read the authorization header")]
    HeaderRejected(#[source] Box<ApiRefusal>),
    /// 403, code 9002: scope, IP list or permissions. Another token does not help.
    #[error("the API forbids this request")]
    Forbidden(#[source] Box<ApiRefusal>),
    /// 429: too many requests. Wait.
    #[error("the API had too many requests")]
    RateLimited(#[source] Box<ApiRefusal>),
    /// 400: the request itself is wrong.
    #[error("the API found a mistake in the request")]
    Validation(#[source] Box<ApiRefusal>),
    /// 5xx: the bank's fault.
    #[error("the API failed")]
    Server(#[source] Box<ApiRefusal>),
    /// Another refusal, for instance 404.
    #[error("the API refused the request")]
    Refused(#[source] Box<ApiRefusal>),
    /// The bank's fault, or that of something between: the answer is none of the API.
    #[error("the answer of the API cannot be used")]
    Malformed(#[source] MalformedApiAnswer),
    /// Ours: the access token is of another environment. It was not sent.
    #[error("the access token cannot be used here")]
    WrongEnvironment(#[source] WrongEnvironment),
    /// Ours: the path is none of the API. Nothing was sent.
    #[error("the request cannot be made")]
    Path(#[source] PathError),
}

impl ApiError {
    /// Whether another access token can help. Never for 403; and not where the header did not arrive as it was sent.
    #[must_use]
    pub const fn is_token_fault(&self) -> bool {
        matches!(self, Self::Unauthorised(_))
    }

    /// Whether the same request may succeed later without anything else changing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_retryable(),
            Self::RateLimited(_) | Self::Server(_) => true,
            Self::Refused(refusal) => refusal.status() == StatusCode::REQUEST_TIMEOUT,
            _ => false,
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unauthorised(_) => Some(
                "get another access token with the refresh token; a token also ends as soon as another process refreshes",
            ),
            Self::HeaderRejected(_) => Some(
                "the header was sent as `Bearer <token>`: whatever sends the requests, or a proxy, changed it",
            ),
            Self::Forbidden(_) => Some(hint::FORBIDDEN),
            Self::RateLimited(_) => Some("wait before the next request"),
            Self::WrongEnvironment(_) => Some(
                "sandbox and production are apart: log in again in the environment that the client is set up for",
            ),
            _ => None,
        }
    }

    /// What the bank said, where it refused.
    #[must_use]
    pub const fn refusal(&self) -> Option<&ApiRefusal> {
        match self {
            Self::Unauthorised(refusal)
            | Self::HeaderRejected(refusal)
            | Self::Forbidden(refusal)
            | Self::RateLimited(refusal)
            | Self::Validation(refusal)
            | Self::Server(refusal)
            | Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Malformed(answer) => Some(answer.status),
            other => other.refusal().map(ApiRefusal::status),
        }
    }

    /// The bank's own code, for instance 9002.
    #[must_use]
    pub fn code(&self) -> Option<u64> {
        self.refusal()?.code()?.parse().ok()
    }

    /// The bank's name of this answer, to quote when asking for help. Answers have one since 2026-03-30.
    #[must_use]
    pub fn error_id(&self) -> Option<&str> {
        self.refusal()?.error_id()
    }

    /// How long the bank asks to wait, at most a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.retry_after()
    }
}

/// An answer that is none of the API. It keeps the outline and never the body.
#[derive(Debug, Clone)]
pub struct MalformedApiAnswer {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<String>,
    pub(super) length: usize,
    pub(super) problem: Problem,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Elsewhere,
    Empty,
    NotJson,
    NotAccounts { line: usize, column: usize },
}

impl MalformedApiAnswer {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The content type of the answer, made printable.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

impl fmt::Display for MalformedApiAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            Problem::Elsewhere => {
                f.write_str("it points elsewhere, and an access token is not sent there")?
            }
            Problem::Empty => f.write_str("the body is empty, expected JSON")?,
            Problem::NotJson => f.write_str("the body is not JSON")?,
            Problem::NotAccounts { line, column } => write!(
                f,
                "the body is not a list of accounts as the bank documents it, up to line {line}, column {column}"
            )?,
        }
        write!(f, " (status {}", self.status.as_u16())?;
        if let Some(content_type) = &self.content_type {
            write!(f, ", {content_type}")?;
        }
        write!(f, ", {} bytes)", self.length)
    }
}

impl std::error::Error for MalformedApiAnswer {}
