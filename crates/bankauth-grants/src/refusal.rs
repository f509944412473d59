//! What a server says when it refuses (RFC 6749 §5.2).

use core::{fmt, time::Duration};
use std::{borrow::Cow, time::SystemTime};

use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret as _;

use crate::answer::{Member, Members};

/// The longest text of a server that is kept, in characters.
const LONGEST_TEXT: usize = 500;

/// An error code of RFC 6749 §5.2, or another one kept as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`: a parameter is missing, twice, or malformed.
    InvalidRequest,
    /// `invalid_client`: client authentication failed.
    InvalidClient,
    /// `invalid_grant`: the code or refresh token is invalid, expired, revoked or of another client.
    InvalidGrant,
    /// `unauthorized_client`: the client may not use this grant.
    UnauthorizedClient,
    /// `unsupported_grant_type`.
    UnsupportedGrantType,
    /// `invalid_scope`.
    InvalidScope,
    /// `temporarily_unavailable` (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable,
    /// `server_error` (RFC 6749 §4.1.2.1).
    ServerError,
    /// Any other code.
    Other(Box<str>),
}

impl ErrorCode {
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" => Self::UnsupportedGrantType,
            "invalid_scope" => Self::InvalidScope,
            "temporarily_unavailable" => Self::TemporarilyUnavailable,
            "server_error" => Self::ServerError,
            other => Self::Other(printable(other).into()),
        }
    }

    /// The code as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
            Self::Other(text) => text,
        }
    }
}

/// A refusal: the status, what the server said, and what an adapter knows about it.
///
/// Texts of the server are bounded, control characters are written as escapes, and JWTs and the credentials of the
/// request are masked, so that it can be printed.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    code: Option<ErrorCode>,
    description: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    date: Option<SystemTime>,
    hint: Option<Cow<'static, str>>,
}

impl Refusal {
    /// Reads an error answer. `None` when it has neither `error` nor `message`.
    pub(crate) fn read<B>(answer: &http::Response<B>, members: &mut Members) -> Option<Self> {
        let text = |member: Option<Member>| match member {
            Some(Member::Text(text)) => Some(text),
            _ => None,
        };
        let code = text(members.take("error")).map(|code| ErrorCode::read(code.expose_secret()));
        let message = text(members.take("message"));
        if code.is_none() && message.is_none() {
            return None;
        }
        let description = text(members.take("error_description")).or(message);
        let headers = answer.headers();
        Some(Self {
            status: answer.status(),
            code,
            description: description.map(|text| printable(text.expose_secret())),
            request_id: text(members.take("error_id"))
                .map(|id| printable(id.expose_secret()))
                .or_else(|| request_id(headers)),
            retry_after: retry_after(headers),
            date: date(headers),
            hint: None,
        })
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The code; `None` where the server sent a text alone.
    #[must_use]
    pub const fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// The server's words: untrusted text, made printable.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The server's own name of this answer, to quote when asking for help.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3).
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The server's clock, from its `Date` header.
    #[must_use]
    pub const fn date(&self) -> Option<SystemTime> {
        self.date
    }

    /// What to do about it, where an adapter knows.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the same request, made anew later, may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        is_passing(self.status)
            || matches!(
                self.code,
                Some(ErrorCode::TemporarilyUnavailable | ErrorCode::ServerError)
            )
    }

    /// Whether only the user can help, by authorising again: the code or refresh token is dead.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        self.code == Some(ErrorCode::InvalidGrant)
    }

    /// Masks credentials that the server repeated.
    pub(crate) fn mask(&mut self, secrets: &[&str]) {
        for text in [&mut self.description, &mut self.request_id]
            .into_iter()
            .flatten()
        {
            for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
                if text.contains(*secret) {
                    *text = text.replace(*secret, "[masked]");
                }
            }
        }
        if let Some(ErrorCode::Other(code)) = &mut self.code
            && secrets
                .iter()
                .any(|secret| secret.len() >= 4 && code.contains(*secret))
        {
            *code = "[masked]".into();
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, &self.description) {
            (Some(code), Some(description)) => write!(f, "{}: {description}", code.as_str())?,
            (Some(code), None) => f.write_str(code.as_str())?,
            (None, Some(description)) => f.write_str(description)?,
            (None, None) => f.write_str("no reason given")?,
        }
        write!(f, " (status {}", self.status.as_u16())?;
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Refusal {}

/// Statuses that tell of a bad moment rather than of a bad request.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

/// Text of a server made fit for a terminal and a log: bounded, escaped, without JWTs.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST_TEXT));
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        // A JWT's header begins with `{"`, which is `eyJ` in base64url.
        if word.contains("eyJ") && word.contains('.') {
            out.push_str("[masked]");
        } else {
            for c in word.chars() {
                if c.is_control()
                    || ('\u{200b}'..='\u{202e}').contains(&c)
                    || ('\u{2060}'..='\u{2069}').contains(&c)
                {
                    out.extend(c.escape_default());
                } else {
                    out.push(c);
                }
            }
        }
    }
    match out.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => {
            out.truncate(end);
            out.push('…');
            out
        }
        None => out,
    }
}

/// `Retry-After` as a duration, capped at a day. A date counts from the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text)
            .ok()?
            .duration_since(date(headers)?)
            .unwrap_or_default(),
    };
    Some(wait.min(DAY))
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    [
        "x-request-id",
        "request-id",
        "x-correlation-id",
        "x-fapi-interaction-id",
    ]
    .iter()
    .find_map(|name| headers.get(*name)?.to_str().ok())
    .map(printable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_a_server_cannot_drive_a_terminal_rfc6749_5_2() {
        assert_eq!(printable("a\u{1b}[31mred\r\n"), r"a\u{1b}[31mred\r\n");
        assert_eq!(
            printable("bad eyJhbGciOi.eyJpc3M.sig here"),
            "bad [masked] here"
        );
        assert_eq!(
            printable(&"x".repeat(10_000)).chars().count(),
            LONGEST_TEXT + 1
        );
    }

    #[test]
    fn retry_after_reads_seconds_and_dates_and_passes_over_garbage_rfc9110_10_2_3() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            headers.insert(
                header::DATE,
                "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap(),
            );
            retry_after(&headers)
        };
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:50:37 GMT"),
            Some(Duration::from_secs(60))
        );
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("99999999999"), Some(Duration::from_secs(86_400)));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }

    proptest! {
        #[test]
        fn printable_has_no_control_characters(text in any::<String>()) {
            let out = printable(&text);
            prop_assert!(!out.chars().any(char::is_control));
            prop_assert!(out.chars().count() <= LONGEST_TEXT + 1);
        }
    }
}
