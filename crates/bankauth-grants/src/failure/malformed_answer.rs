//! An answer that is neither what was asked for nor a refusal.

use core::{fmt, time::Duration};

use http::{Response, StatusCode};

use crate::{
    Body,
    answer::Member,
    failure::answer_head::{content_type, is_passing, request_id, retry_after},
    failure::kept_body::KeptBody,
};

/// An answer that is neither what was asked for nor a refusal. What is printed is its outline and never the body.
#[derive(Debug, Clone)]
pub struct MalformedAnswer(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    content_type: Option<Box<str>>,
    length: usize,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    kept: KeptBody,
    problem: Problem,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Empty,
    NotJson,
    /// A member is missing, twice, or of another kind.
    Kinds,
    Redirect,
    ContentType,
    Status,
    /// The status is none of those that the protocol has.
    OtherStatus {
        expected: &'static str,
    },
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
        found: Option<&Member>,
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
    pub(crate) fn new(answer: &Response<Body>, problem: Problem) -> Self {
        let headers = answer.headers();
        Self(Box::new(Inner {
            status: answer.status(),
            content_type: content_type(headers),
            length: answer.body().len(),
            request_id: request_id(headers),
            retry_after: retry_after(headers),
            kept: KeptBody::of(answer.body().expose_secret()),
            problem,
        }))
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The content type of the answer, at most 80 characters.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// The server's own name of this answer, to quote when asking for help.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3).
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The first 4 KiB of the body, as it came: it may hold secrets, tokens above all. It is wiped with the last copy
    /// of this value, and no `Debug` or `Display` shows it.
    #[must_use]
    pub fn expose_body(&self) -> &[u8] {
        self.0.kept.expose()
    }

    /// Whether a later answer may be a better one: 408, 429, and 5xx are the server's bad moments.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        is_passing(self.0.status)
    }
}

impl fmt::Display for MalformedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.problem {
            Problem::Empty => f.write_str("the body is empty, expected a JSON object")?,
            Problem::NotJson => {
                f.write_str("the body is not one JSON object with each member once")?
            }
            Problem::Kinds => f.write_str("a member is missing, twice, or of another kind")?,
            Problem::Redirect => f.write_str(
                "it points elsewhere, and a request with credentials is not sent there",
            )?,
            Problem::ContentType => f.write_str("the content type is not `application/json`")?,
            Problem::Status => f.write_str("the status is not 200")?,
            Problem::OtherStatus { expected } => write!(f, "the status is not {expected}")?,
            Problem::Member {
                name,
                found,
                expected,
            } => write!(f, "member `{name}` is {found}, expected {expected}")?,
        }
        write!(f, " (status {}", self.0.status.as_u16())?;
        if let Some(content_type) = self.content_type() {
            write!(f, ", {content_type}")?;
        }
        write!(f, ", {} bytes", self.0.length)?;
        if let Some(id) = self.request_id() {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for MalformedAnswer {}
