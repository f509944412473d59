//! The seam to the network: one method, and an error that says whether the bank may have acted.

use core::{fmt, future::Future, pin::Pin, time::Duration};
use std::error::Error;

use crate::Body;

/// A boxed future that can be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Any error, boxed.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Sends one request and returns the whole answer.
///
/// What an implementation owes its callers:
/// * it verifies the server's certificate and name, and refuses anything but `https`;
/// * it follows no redirect: a 3xx answer comes back as it is (RFC 9700 §4.12);
/// * it sends a request at most once: no retry of its own;
/// * it keeps to [`Limits`], counting from the call to the last byte of the answer;
/// * it tells by the kind of a [`SendError`] whether the request may have been processed.
pub trait HttpSend: Send + Sync {
    /// Sends `request` and reads the answer within `limits`.
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>>;
}

/// How long a call may take and how large its answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    deadline: Duration,
    max_body: usize,
}

impl Limits {
    /// For token endpoints: 20 seconds, 64 KiB.
    pub const TOKEN: Self = Self::new(Duration::from_secs(20), 64 * 1024);
    /// For documents that a server publishes of itself: 20 seconds, 256 KiB.
    pub const METADATA: Self = Self::new(Duration::from_secs(20), 256 * 1024);
    /// For resources: 30 seconds, 8 MiB.
    pub const RESOURCE: Self = Self::new(Duration::from_secs(30), 8 * 1024 * 1024);

    /// `deadline` covers the call as a whole; `max_body` is in bytes of the answer's body.
    #[must_use]
    pub const fn new(deadline: Duration, max_body: usize) -> Self {
        Self { deadline, max_body }
    }

    /// The time from the call to the answer's last byte.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The largest answer that is read, in bytes.
    #[must_use]
    pub const fn max_body(&self) -> usize {
        self.max_body
    }
}

/// What stopped a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The request cannot be sent as it is (for instance not `https`). Nothing left the machine.
    Unsendable,
    /// No connection: name not found, refused, unreachable, or not made in time.
    Connect,
    /// The TLS handshake failed: the server's certificate is not trusted, or it did not accept ours.
    Tls,
    /// The deadline passed after the connection was made.
    Timeout,
    /// The connection ended before the answer was whole.
    Interrupted,
    /// The answer is larger than the limit.
    BodyTooLarge,
}

/// Why there is no answer.
///
/// `Display` says what happened; the cause is the [`source`](Error::source). Neither holds the URL's query or a body.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    source: Option<BoxError>,
}

impl SendError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: SendErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause. It must not hold a secret: it is printed in error chains.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What stopped the request.
    #[must_use]
    pub const fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// Whether the server may have read the request and acted on it. Only where this is false
    /// can a request that must not happen twice be sent again without a thought.
    #[must_use]
    pub const fn may_have_been_processed(&self) -> bool {
        match self.kind {
            SendErrorKind::Unsendable | SendErrorKind::Connect | SendErrorKind::Tls => false,
            SendErrorKind::Timeout | SendErrorKind::Interrupted | SendErrorKind::BodyTooLarge => {
                true
            }
        }
    }

    /// Whether waiting and trying again can help. A certificate that is not trusted stays so.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            SendErrorKind::Connect | SendErrorKind::Timeout | SendErrorKind::Interrupted
        )
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SendErrorKind::Unsendable => "the request cannot be sent",
            SendErrorKind::Connect => "no connection to the server",
            SendErrorKind::Tls => "no trusted connection to the server",
            SendErrorKind::Timeout => "no answer in time, the request may have been processed",
            SendErrorKind::Interrupted => {
                "the connection ended before the answer, the request may have been processed"
            }
            SendErrorKind::BodyTooLarge => "the answer is larger than the limit",
        })
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_never_left_is_surely_unprocessed() {
        for (kind, processed) in [
            (SendErrorKind::Unsendable, false),
            (SendErrorKind::Connect, false),
            (SendErrorKind::Tls, false),
            (SendErrorKind::Timeout, true),
            (SendErrorKind::Interrupted, true),
            (SendErrorKind::BodyTooLarge, true),
        ] {
            assert_eq!(
                SendError::new(kind).may_have_been_processed(),
                processed,
                "{kind:?}"
            );
        }
    }

    #[test]
    fn the_cause_is_the_source_and_not_repeated() {
        let error = SendError::new(SendErrorKind::Connect).with_source("connection refused");
        assert_eq!(error.to_string(), "no connection to the server");
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
    }

    #[test]
    fn the_seam_is_object_safe() {
        fn takes(_: &dyn HttpSend) {}
        let _ = takes;
    }
}
