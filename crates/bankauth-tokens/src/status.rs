//! What is known of a credential, for people and programs that must not see its secrets.

use std::time::SystemTime;

use secrecy::ExposeSecret as _;

use crate::{
    CredentialId, StoreError, TokenStore,
    record::{Phase, Record},
};

/// What is known of a credential, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Whether there is a refresh token.
    pub has_refresh_token: bool,
    /// When the access token was issued, if there is one.
    pub issued_at: Option<SystemTime>,
    /// When it ends, where the bank says.
    pub expires_at: Option<SystemTime>,
    /// Counts the bank's answers.
    pub generation: u64,
    /// The scopes granted, where the bank says.
    pub scope: Option<Vec<String>>,
    /// Why the user must authorise again, if so.
    pub needs_user: Option<String>,
}

impl Status {
    /// Reads what `store` holds of the credential `id`; `None` when that is nothing. Asks no bank.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(
        id: &CredentialId,
        store: &dyn TokenStore,
    ) -> Result<Option<Self>, StoreError> {
        let Some(stored) = store.load(id).await? else {
            return Ok(None);
        };
        Record::from_bytes(stored.record.expose_secret())
            .map(Self::of)
            .map_err(|problem| StoreError::Record {
                place: id.to_string(),
                problem,
            })
    }

    pub(crate) fn of(record: Record) -> Option<Self> {
        // A record before any answer of the bank only shows that the store can be written.
        if record.access.is_none() && record.refresh_token.is_none() {
            return None;
        }
        Some(Self {
            has_refresh_token: record.refresh_token.is_some(),
            issued_at: record.access.as_ref().map(|access| access.issued_at),
            expires_at: record.access.as_ref().and_then(|access| access.expires_at),
            generation: record.generation,
            scope: record.scope,
            needs_user: match record.phase {
                Phase::NeedsUser { reason } => Some(reason),
                Phase::Live | Phase::Refreshing { .. } => None,
            },
        })
    }
}
