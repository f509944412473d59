//! What a server says when it refuses (RFC 6749 §5.2).

use core::{fmt, time::Duration};
use std::{borrow::Cow, time::SystemTime};

use http::{Response, StatusCode};
use zeroize::Zeroizing;

use crate::{
    Body, ErrorDetail, ErrorShape, Verdict,
    failure::answer_head::{date, request_id, retry_after},
    failure::error_body::ErrorBody,
    failure::error_code::ErrorCode,
    failure::kept_body::KeptBody,
};

/// A refusal: the status, what the server said, and what an adapter knows about it.
///
/// Texts of the server are bounded, control characters are written as escapes, and JWTs and the credentials of the
/// request are masked, so that it can be printed.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    code: Option<ErrorCode>,
    description: Option<String>,
    body: ErrorBody,
    kept: KeptBody,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    date: Option<SystemTime>,
    hint: Option<Cow<'static, str>>,
    verdict: Option<Verdict>,
}

impl Refusal {
    /// Reads an error answer. `None` when its body says nothing that is known here.
    pub(crate) fn read(answer: &Response<Body>) -> Option<Self> {
        let mut body = ErrorBody::read(answer.body().expose_secret());
        match body.shape {
            ErrorShape::OAuth
            | ErrorShape::Message
            | ErrorShape::OpenBanking
            | ErrorShape::ErrorCode => {}
            _ => return None,
        }
        let description = body.words();
        if body.code.is_none() && description.is_none() {
            return None;
        }
        // A number is a bank's own code beside its words, and none of OAuth.
        let is_number = |code: &&String| code.bytes().all(|byte| byte.is_ascii_digit());
        let code = body.code.as_ref().filter(|code| !is_number(code));
        let headers = answer.headers();
        Some(Self {
            status: answer.status(),
            code: code.map(|code| ErrorCode::read(code)),
            description,
            request_id: body.id.take().or_else(|| request_id(headers)),
            body,
            kept: KeptBody::of(answer.body().expose_secret()),
            retry_after: retry_after(headers),
            date: date(headers),
            hint: None,
            verdict: None,
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

    /// How the refusal was written.
    #[must_use]
    pub const fn shape(&self) -> ErrorShape {
        self.body.shape
    }

    /// What the server suggests, where it does (`hint` of PHP's League server): untrusted text, made printable.
    #[must_use]
    pub fn server_hint(&self) -> Option<&str> {
        self.body.hint.as_deref()
    }

    /// The entries of `Errors` (UK Open Banking).
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        &self.body.details
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

    /// What helps: by code and status, unless an adapter [said otherwise](Self::with_verdict).
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let own = || Verdict::of(self.status, self.code.as_ref());
        self.verdict.unwrap_or_else(own)
    }

    /// Says what helps, where an adapter knows better than code and status.
    #[must_use]
    pub fn with_verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Whether the same request, made anew later, may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.verdict() == Verdict::Retry
    }

    /// Whether only the user can help, by authorising again: the code or refresh token is dead.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        self.verdict() == Verdict::AskUser
    }

    /// Masks credentials that the server repeated.
    pub(crate) fn mask(&mut self, echoes: &[Zeroizing<String>]) {
        let mut mask = |text: &mut String| mask_in(text, echoes);
        self.body.for_each_text(&mut mask);
        [&mut self.description, &mut self.request_id]
            .into_iter()
            .flatten()
            .for_each(&mut mask);
        if let Some(ErrorCode::Other(code)) = &mut self.code {
            let mut text = String::from(core::mem::take(code));
            mask(&mut text);
            *code = text.into();
        }
    }
}

/// Masks each of `echoes` that is long enough to be a secret rather than a word.
fn mask_in(text: &mut String, echoes: &[Zeroizing<String>]) {
    for echo in echoes.iter().filter(|echo| echo.len() >= 4) {
        if text.contains(echo.as_str()) {
            *text = text.replace(echo.as_str(), "[masked]");
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.description()) {
            (Some(code), Some(description)) => write!(f, "{}: {description}", code.as_str())?,
            (Some(code), None) => f.write_str(code.as_str())?,
            (None, Some(description)) => f.write_str(description)?,
            (None, None) => f.write_str("no reason given")?,
        }
        write!(f, " (status {}", self.status().as_u16())?;
        if let Some(id) = self.request_id() {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Refusal {}
