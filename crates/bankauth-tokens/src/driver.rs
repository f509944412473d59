//! Carries out what the protocol decides: loads, swaps, asks the bank, waits.

use core::time::Duration;
use std::sync::Arc;

use bankauth_grants::{Renew, Renewal, TokenError};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    CredentialId, CurrentToken, Revision, StoreError, Stored, Swap, Timing, TokenStore,
    TokensError,
    protocol::{self, Need, Step},
    record::{Holder, Record},
    tokens::Clock,
};

/// A token, or why there is none, for all who waited.
pub(crate) type Outcome = Result<Arc<CurrentToken>, TokensError>;

/// How often a write that the store refused is tried again before the token is used without being stored.
const SAVE_ATTEMPTS: u32 = 4;
/// How many leases in a row are waited out before giving up.
const PATIENCE: u32 = 4;

pub(crate) struct Driver {
    id: CredentialId,
    store: Arc<dyn TokenStore>,
    renew: Arc<dyn Renew>,
    timing: Timing,
    clock: Clock,
}

/// What the register holds, with its age by this process's own watch where the store has none.
struct Seen {
    revision: Option<Revision>,
    record: Option<Record>,
    age: Option<Duration>,
}

impl Driver {
    pub(crate) fn new(
        id: CredentialId,
        store: Arc<dyn TokenStore>,
        renew: Arc<dyn Renew>,
        timing: Timing,
        clock: Clock,
    ) -> Self {
        Self {
            id,
            store,
            renew,
            timing,
            clock,
        }
    }

    pub(crate) const fn id(&self) -> &CredentialId {
        &self.id
    }

    /// The record as it is stored.
    pub(crate) async fn load(&self) -> Result<Option<Record>, StoreError> {
        Ok(self.seen(self.store.load(&self.id).await?)?.record)
    }

    /// Writes what `next` makes of the record, whatever else is written at the same time.
    pub(crate) async fn replace(
        &self,
        next: impl Fn(&Record) -> Record + Send + Sync,
    ) -> Result<Option<CurrentToken>, StoreError> {
        let mut seen = self.seen(self.store.load(&self.id).await?)?;
        loop {
            let record = next(&seen.record.unwrap_or_else(Record::empty));
            match self
                .store
                .swap(&self.id, seen.revision, record.to_bytes().expose_secret())
                .await?
            {
                Swap::Applied(_) => return Ok(CurrentToken::of(&record, random())),
                Swap::Conflict(stored) => seen = self.seen(stored)?,
            }
        }
    }

    /// Finds or makes a token that `need` accepts. A failure falls back on `current` while that may be used.
    pub(crate) async fn obtain(&self, need: Need, current: Option<Arc<CurrentToken>>) -> Outcome {
        let outcome = self.obtain_from_store(&need).await;
        match (outcome, need, current) {
            (Err(error), Need::Fresh, Some(current))
                if current.window().is_usable((self.clock)()) =>
            {
                tracing::warn!(credential = %self.id, error = %error, "the token could not be renewed, the current one is used on");
                Ok(current)
            }
            (outcome, ..) => outcome,
        }
    }

    async fn obtain_from_store(&self, need: &Need) -> Outcome {
        let holder = Holder(u64::from(random()) << 32 | u64::from(random()));
        let asks_without_refresh_token = self.renew.renewal() == Renewal::Stateless;
        let started = Instant::now();
        let mut unchanged_since: Option<(Option<Revision>, Instant)> = None;
        let mut seen = self.seen(self.store.load(&self.id).await?)?;
        loop {
            let since = match unchanged_since {
                Some((revision, since)) if revision == seen.revision => since,
                _ => Instant::now(),
            };
            unchanged_since = Some((seen.revision, since));
            let age = seen.age.unwrap_or_else(|| since.elapsed());
            let step = protocol::step(
                seen.record.as_ref(),
                age,
                need,
                asks_without_refresh_token,
                (self.clock)(),
                holder,
                self.timing.lease(),
            );
            match step {
                Step::Adopt | Step::Wait { usable: true } => {
                    return self.serve(seen.record.as_ref());
                }
                Step::Acquire(leased) => {
                    // This swap is the probe as well: a token is not spent on a store that cannot be written.
                    match self
                        .store
                        .swap(&self.id, seen.revision, leased.to_bytes().expose_secret())
                        .await
                    {
                        Ok(Swap::Applied(revision)) => return self.ask(&leased, revision).await,
                        Ok(Swap::Conflict(stored)) => seen = self.seen(stored)?,
                        // Whatever is stored and still valid is used; the store's trouble is told when nothing is.
                        Err(error) => return self.usable(&seen, need).ok_or_else(|| error.into()),
                    }
                }
                Step::Wait { usable: false } => {
                    if started.elapsed() > self.timing.lease() * PATIENCE {
                        return Err(TokensError::Busy);
                    }
                    sleep(self.timing.poll(random())).await;
                    seen = self.seen(self.store.load(&self.id).await?)?;
                }
                Step::NeedsUser(reason) => {
                    return Err(TokensError::NeedsUser {
                        credential: self.id.to_string(),
                        reason,
                    });
                }
                Step::Nothing => return Err(self.not_authorised()),
            }
        }
    }

    /// Asks the bank, under the lease that was written as `revision`, and stores what it says.
    async fn ask(&self, leased: &Record, revision: Revision) -> Outcome {
        let now = (self.clock)();
        let request = self.renew.renew(leased.refresh_token.as_ref(), now);
        match timeout(self.timing.deadline(), request).await {
            Ok(Ok(set)) => {
                self.keep(protocol::granted(leased, set, now), revision)
                    .await
            }
            Ok(Err(error)) => self.release(leased, revision, Some(error)).await,
            Err(_) => self.release(leased, revision, None).await,
        }
    }

    /// Stores a granted record. A store that fails does not cost the token: it is used, and the loss is told.
    async fn keep(&self, record: Record, revision: Revision) -> Outcome {
        let mut attempt = 0;
        loop {
            match self
                .store
                .swap(&self.id, Some(revision), record.to_bytes().expose_secret())
                .await
            {
                Ok(Swap::Applied(_)) => return self.serve(Some(&record)),
                Ok(Swap::Conflict(stored)) => {
                    let seen = self.seen(stored)?;
                    match (seen.record, seen.revision) {
                        // An earlier attempt was applied although the store said otherwise.
                        (Some(found), _) if is_same(&found, &record) => {
                            return self.serve(Some(&record));
                        }
                        (Some(winner), Some(found)) => {
                            // Another process took over. Its answer, once it has one, ends the token just got.
                            let best = if winner.generation < record.generation {
                                &record
                            } else {
                                &winner
                            };
                            let Some(with_stash) = protocol::stashed(&winner, &record) else {
                                return self.serve(Some(best));
                            };
                            let bytes = with_stash.to_bytes();
                            if let Swap::Applied(_) = self
                                .store
                                .swap(&self.id, Some(found), bytes.expose_secret())
                                .await?
                            {
                                return self.serve(Some(best));
                            }
                        }
                        _ => return self.serve(Some(&record)),
                    }
                }
                Err(error) => {
                    attempt += 1;
                    tracing::error!(credential = %self.id, error = %error, attempt, "a new token could not be stored");
                    if attempt == SAVE_ATTEMPTS {
                        return self.serve(Some(&record));
                    }
                    sleep(self.timing.poll(random()) * attempt).await;
                }
            }
        }
    }

    /// Gives the lease back after a failure, which `error` tells; `None` is a deadline that passed.
    async fn release(
        &self,
        leased: &Record,
        revision: Revision,
        error: Option<TokenError>,
    ) -> Outcome {
        let next = match &error {
            Some(error) => protocol::failed(leased, error),
            None => leased.with_phase(crate::record::Phase::Live),
        };
        match self
            .store
            .swap(&self.id, Some(revision), next.to_bytes().expose_secret())
            .await
        {
            // Somebody else took over meanwhile, and may have done better.
            Ok(Swap::Conflict(stored)) => {
                let seen = self.seen(stored)?;
                if let Some(current) = self.usable(&seen, &Need::Fresh)
                    && current.generation() > leased.generation
                {
                    return Ok(current);
                }
            }
            Ok(Swap::Applied(_)) => {}
            // The lease ends by itself.
            Err(error) => {
                tracing::warn!(credential = %self.id, error = %error, "the lease could not be given back")
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

    fn serve(&self, record: Option<&Record>) -> Outcome {
        record
            .and_then(|record| CurrentToken::of(record, random()))
            .map(Arc::new)
            .ok_or_else(|| self.not_authorised())
    }

    /// The token that was seen, if it may still be used.
    fn usable(&self, seen: &Seen, need: &Need) -> Option<Arc<CurrentToken>> {
        let current = CurrentToken::of(seen.record.as_ref()?, random())?;
        let accepted = match need {
            Need::Fresh => true,
            Need::Other(refused) => !refused.is_same(current.access_token()),
        };
        (accepted && current.window().is_usable((self.clock)())).then(|| Arc::new(current))
    }

    fn not_authorised(&self) -> TokensError {
        TokensError::NotAuthorised {
            credential: self.id.to_string(),
        }
    }

    fn seen(&self, stored: Option<Stored>) -> Result<Seen, StoreError> {
        let Some(stored) = stored else {
            return Ok(Seen {
                revision: None,
                record: None,
                age: None,
            });
        };
        let record = Record::from_bytes(stored.record.expose_secret()).map_err(|problem| {
            StoreError::Record {
                place: self.id.to_string(),
                problem,
            }
        })?;
        Ok(Seen {
            revision: Some(stored.revision),
            record: Some(record),
            age: stored.age,
        })
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

/// Random bits for jitter and for telling attempts apart; nothing secret hangs on them.
fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}
