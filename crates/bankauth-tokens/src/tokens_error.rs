//! Why there is no token to use.

use core::time::Duration;
use std::sync::Arc;

use bankauth_grants::TokenError;

use crate::StoreError;

/// Why there is no token to use. Cheap to clone: all who waited for one renewal get the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TokensError {
    /// Nothing is stored: the user has not authorised this program yet.
    #[error("no token is stored for {credential}, log in first")]
    NotAuthorised {
        /// Whose.
        credential: String,
    },
    /// The bank ended the authorisation; the user must give it again. The record is kept.
    #[error(
        "the bank no longer accepts the refresh token of {credential} ({reason}), authorise again"
    )]
    NeedsUser {
        /// Whose.
        credential: String,
        /// What the bank said.
        reason: String,
    },
    /// The renewal failed, and no valid token is left.
    #[error("the access token could not be renewed")]
    Renewal(#[source] Arc<TokenError>),
    /// The renewal took longer than its deadline, and no valid token is left.
    #[error("the access token could not be renewed in time, the bank may have acted all the same")]
    Late,
    /// The store failed, and no valid token is left.
    #[error("the token store failed")]
    Store(#[source] Arc<StoreError>),
    /// Other processes kept the lease for longer than anybody may.
    #[error("other processes are renewing the token and do not come to an end")]
    Busy,
    /// A task of this process ended before its time, for instance because the runtime is shutting down.
    #[error("the renewal was stopped")]
    Stopped,
}

impl TokensError {
    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Renewal(error) => error.is_retryable(),
            Self::Late | Self::Busy | Self::Stopped => true,
            Self::NotAuthorised { .. } | Self::NeedsUser { .. } | Self::Store(_) => false,
        }
    }
}

impl TokensError {
    /// How long the bank asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Renewal(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<StoreError> for TokensError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}
