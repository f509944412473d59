//! What an API says when it refuses, in all the shapes that banks have for it.

use core::{fmt, time::Duration};
use std::{borrow::Cow, time::SystemTime};

use http::{Response, StatusCode};

use crate::{
    AccessToken, Body, Challenge, ErrorDetail, ErrorShape, Verdict,
    failure::answer_head::{date, is_passing, request_id, retry_after},
    failure::error_body::ErrorBody,
    failure::kept_body::KeptBody,
};

/// A refusal of an API: the status, what the server said, and what an adapter knows about it.
///
/// Each answer whose status is no success can be read as one, also an empty one and one of something in between. Texts of
/// the server are bounded, control characters are written as escapes, and JWTs are masked, so that it can be printed.
#[derive(Debug, Clone)]
pub struct ApiRefusal {
    status: StatusCode,
    body: ErrorBody,
    header_id: Option<String>,
    retry_after: Option<Duration>,
    date: Option<SystemTime>,
    challenges: Vec<Challenge>,
    kept: KeptBody,
    hint: Option<Cow<'static, str>>,
    verdict: Option<Verdict>,
}

impl ApiRefusal {
    /// Reads an answer that is no success. Whether it is one is for the caller to decide, by the status.
    #[must_use]
    pub fn read(answer: &Response<Body>) -> Self {
        let headers = answer.headers();
        let body = answer.body().expose_secret();
        Self {
            status: answer.status(),
            body: ErrorBody::read(body),
            header_id: request_id(headers),
            retry_after: retry_after(headers),
            date: date(headers),
            challenges: Challenge::read_all(headers),
            kept: KeptBody::of(body),
            hint: None,
            verdict: None,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// How the refusal was written.
    #[must_use]
    pub const fn shape(&self) -> ErrorShape {
        self.body.shape
    }

    /// The server's code: a number or a word of the body, else that of the challenge `Bearer` (RFC 6750 §3.1).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.body.code.as_deref().or_else(|| self.bearer("error"))
    }

    /// The server's words: untrusted text, made printable. Else those of the challenge `Bearer`.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.body
            .message
            .as_deref()
            .or_else(|| self.bearer("error_description"))
    }

    /// The entries of `Errors` (UK Open Banking).
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        &self.body.details
    }

    /// The server's own name of this answer, to quote when asking for help: that of the body, else that of a header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.body.id.as_deref().or(self.header_id.as_deref())
    }

    /// The name that the body gives to this answer.
    #[must_use]
    pub fn error_id(&self) -> Option<&str> {
        self.body.id.as_deref()
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3), at most a day.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// A wait that an adapter reads from the server's words. What a header says comes first, and no wait is longer than a
    /// day.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        self.retry_after = self.retry_after.or(wait).map(|wait| wait.min(DAY));
        self
    }

    /// The server's clock, from its `Date` header.
    #[must_use]
    pub const fn date(&self) -> Option<SystemTime> {
        self.date
    }

    /// How the server asks for credentials (`WWW-Authenticate`).
    #[must_use]
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// The first 4 KiB of the body, as it came: nothing is masked, so it may hold secrets. It is wiped with the last
    /// copy of this value, and no `Debug` or `Display` shows it.
    #[must_use]
    pub fn expose_body(&self) -> &[u8] {
        self.kept.expose()
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

    /// What helps: by status and challenge, unless an adapter [said otherwise](Self::with_verdict). Another access token
    /// helps after 401, never after 403 (RFC 6750 §3.1).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or_else(|| match self.status {
            status if is_passing(status) => Verdict::Retry,
            StatusCode::UNAUTHORIZED if self.code() != Some("insufficient_scope") => {
                Verdict::RenewToken
            }
            _ if self.code() == Some("insufficient_scope") => Verdict::AskUser,
            _ => Verdict::AskBank,
        })
    }

    /// Says what helps, where an adapter knows better.
    #[must_use]
    pub const fn with_verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Whether another access token can help: once, and a request that must not happen twice is not sent again.
    #[must_use]
    pub fn is_token_fault(&self) -> bool {
        self.verdict() == Verdict::RenewToken
    }

    /// Whether the same request may succeed later without anything else changing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.verdict() == Verdict::Retry
    }

    /// Masks the words in which `is_secret` sees a secret, for an adapter that knows how its bank's tokens look.
    #[must_use]
    pub fn masking_words(mut self, is_secret: impl Fn(&str) -> bool) -> Self {
        self.change(&mut |text| {
            let word = |word| if is_secret(word) { "[masked]" } else { word };
            *text = text.split(' ').map(word).collect::<Vec<_>>().join(" ");
        });
        self
    }

    /// Masks the access token of the request, should the server repeat it.
    #[must_use]
    pub fn masking(mut self, token: &AccessToken) -> Self {
        let token = token.expose_secret();
        if token.len() >= 4 {
            self.change(&mut |text| {
                if text.contains(token) {
                    *text = text.replace(token, "[masked]");
                }
            });
        }
        self
    }

    fn change(&mut self, change: &mut dyn FnMut(&mut String)) {
        self.body.for_each_text(change);
        self.header_id.iter_mut().for_each(&mut *change);
        for challenge in &mut self.challenges {
            challenge.for_each_value(change);
        }
    }

    fn bearer(&self, name: &str) -> Option<&str> {
        self.challenges
            .iter()
            .filter(|challenge| challenge.is_scheme("Bearer"))
            .find_map(|challenge| challenge.parameter(name))
    }
}

impl fmt::Display for ApiRefusal {
    /// A code that is a word comes before the server's words, a number behind them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_number = |code: &&str| code.bytes().all(|byte| byte.is_ascii_digit());
        let number = self.code().filter(is_number);
        let word = self.code().filter(|code| !is_number(code));
        let words = self.body.words();
        match (word, words.as_deref().or_else(|| self.message())) {
            (Some(code), Some(words)) => write!(f, "{code}: {words}")?,
            (Some(text), None) | (None, Some(text)) => f.write_str(text)?,
            (None, None) => f.write_str("no reason given")?,
        }
        write!(f, " (status {}", self.status.as_u16())?;
        if let Some(code) = number {
            write!(f, ", code {code}")?;
        }
        match (self.error_id(), &self.header_id) {
            (Some(id), _) => write!(f, ", error {id}")?,
            (None, Some(id)) => write!(f, ", request {id}")?,
            (None, None) => {}
        }
        f.write_str(")")
    }
}

impl std::error::Error for ApiRefusal {}
