//! Why there is no token, and whose turn it is then.

use core::time::Duration;

use crate::{BoxError, MalformedAnswer, Refusal, RequestError, SendError, Verdict};

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
            Self::Transport(error) => Some(retry(error.is_retryable())),
            Self::Refused(refusal) => Some(refusal.verdict()),
            Self::Malformed(answer) => Some(retry(answer.is_retryable())),
            Self::ClientAuth(_) | Self::Credential(_) | Self::Request(_) => None,
        }
    }

    /// Whether the same request, made anew later, may succeed without anything else changing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.verdict() == Some(Verdict::Retry)
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
        self.verdict() == Some(Verdict::AskUser)
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
            Self::Malformed(answer) => answer.retry_after(),
            _ => None,
        }
    }
}
