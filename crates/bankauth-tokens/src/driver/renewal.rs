//! One renewal, under the lease: asked for, and its answer stored or its lease given back.

use std::sync::Arc;

use bankauth_grants::TokenError;
use tokio::time::{sleep, timeout};

use super::{Driver, Kept, Seen, random};
use crate::{
    CurrentToken, Revision, StoreError, Swap, TokensError,
    protocol::{self, Need},
    record::Record,
};

/// How often a write that the store refused is tried again before the token is used without being stored.
const SAVE_ATTEMPTS: u32 = 4;

/// What became of a swap of a granted record.
enum Judged {
    Stored,
    Overtaken { winner: Record, revision: Revision },
    Empty,
}

impl Driver {
    /// Asks the bank, under the lease that was written as `revision`, and stores what it says.
    pub(super) async fn ask(
        &self,
        need: &Need,
        leased: &Record,
        revision: Revision,
    ) -> Result<Kept, TokensError> {
        let now = (self.clock)();
        let request = self.renew.renew(leased.refresh_token.as_ref(), now);
        match timeout(self.timing.deadline(), request).await {
            Ok(Ok(set)) => Ok(self
                .keep(protocol::granted(leased, set, now), revision)
                .await),
            Ok(Err(error)) => self.release(need, leased, revision, Some(error)).await,
            Err(_) => self.release(need, leased, revision, None).await,
        }
    }

    /// Stores a granted record. A store that fails does not cost the token: it is used, and the loss is told.
    async fn keep(&self, record: Record, revision: Revision) -> Kept {
        let mut expected = Some(revision);
        for attempt in 1..=SAVE_ATTEMPTS {
            let swap = self
                .store
                .swap(&self.id, expected, record.to_bytes().expose_secret())
                .await;
            let problem = match swap.map(|swap| self.judge(swap, &record)) {
                Ok(Ok(Judged::Stored)) => return self.keep_in_use(&record),
                // The register is empty: a damaged record was kept aside meanwhile.
                Ok(Ok(Judged::Empty)) => {
                    expected = None;
                    continue;
                }
                Ok(Ok(Judged::Overtaken { winner, revision })) => {
                    match self.stash(&winner, revision, &record).await {
                        // Until the winner has an answer of its own, the token just got is the newest there is.
                        Ok(true) if winner.generation < record.generation => {
                            return self.keep_in_use(&record);
                        }
                        Ok(true) => return self.keep_in_use(&winner),
                        Ok(false) => continue,
                        Err(error) => error,
                    }
                }
                Ok(Err(error)) | Err(error) => error,
            };
            tracing::error!(credential = %self.id, error = %problem, attempt, "a new token could not be stored");
            sleep(self.timing.poll(random()) * attempt).await;
        }
        self.keep_in_use(&record)
    }

    fn keep_in_use(&self, record: &Record) -> Kept {
        match CurrentToken::of(record, random()) {
            Some(current) => Kept::Token(Arc::new(current)),
            // Another process stored a refresh token alone, which has to be asked with.
            None => Kept::Overtaken,
        }
    }

    fn judge(&self, swap: Swap, record: &Record) -> Result<Judged, StoreError> {
        let stored = match swap {
            Swap::Applied(_) => return Ok(Judged::Stored),
            Swap::Conflict(stored) => stored,
        };
        let seen = self.seen(stored)?;
        Ok(match (seen.record, seen.revision) {
            // An earlier attempt was applied although the store said otherwise.
            (Some(found), _) if is_same(&found, record) => Judged::Stored,
            (Some(winner), Some(revision)) => Judged::Overtaken { winner, revision },
            _ => Judged::Empty,
        })
    }

    /// Keeps the refresh token of a record that came too late beside the winner's; whether there is nothing left to do.
    async fn stash(
        &self,
        winner: &Record,
        revision: Revision,
        late: &Record,
    ) -> Result<bool, StoreError> {
        let Some(record) = protocol::stashed(winner, late) else {
            return Ok(true);
        };
        let bytes = record.to_bytes();
        let swap = self
            .store
            .swap(&self.id, Some(revision), bytes.expose_secret())
            .await?;
        Ok(matches!(swap, Swap::Applied(_)))
    }

    /// Gives the lease back after a failure, which `error` tells; `None` is a deadline that passed.
    async fn release(
        &self,
        need: &Need,
        leased: &Record,
        revision: Revision,
        error: Option<TokenError>,
    ) -> Result<Kept, TokensError> {
        let next = protocol::failed(leased, error.as_ref(), need, (self.clock)());
        let swap = self
            .store
            .swap(&self.id, Some(revision), next.to_bytes().expose_secret())
            .await;
        match swap.and_then(|swap| match swap {
            Swap::Conflict(stored) => self.seen(stored),
            Swap::Applied(_) => Ok(Seen {
                revision: None,
                record: None,
                age: None,
            }),
        }) {
            // Somebody else took over meanwhile, and may have done better.
            Ok(seen) => {
                let better = seen
                    .record
                    .as_ref()
                    .filter(|found| found.generation > leased.generation);
                if let Some(current) = self.usable(better, need) {
                    return Ok(Kept::Token(current));
                }
            }
            // The lease ends by itself.
            Err(error) => {
                tracing::warn!(credential = %self.id, error = %error, "the lease could not be given back");
            }
        }
        Err(
            match error.map(|error| (protocol::needs_user(&error), error)) {
                Some((Some(reason), _)) => TokensError::NeedsUser {
                    credential: self.id.to_string(),
                    reason,
                },
                Some((None, error)) => TokensError::Renewal(Arc::new(error)),
                None => TokensError::Late,
            },
        )
    }
}

/// Whether two records hold the same answer of the bank.
fn is_same(one: &Record, two: &Record) -> bool {
    let token = |record: &Record| record.access.as_ref().map(|access| access.token.clone());
    one.generation == two.generation
        && token(one)
            .zip(token(two))
            .is_some_and(|(one, two)| one.is_same(&two))
}
