//! Carries out what the protocol decides: loads, swaps, asks the bank, waits.

mod renewal;

use core::time::Duration;
use std::sync::Arc;

use bankauth_grants::{Renew, Renewal};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep};

use crate::{
    CredentialId, CurrentToken, Revision, StoreError, Stored, Swap, Timing, TokenStore,
    TokensError,
    protocol::{self, Need, Step},
    record::{Holder, Phase, Record},
    tokens::Clock,
};

/// A token, or why there is none, for all who waited.
pub(crate) type Outcome = Result<Arc<CurrentToken>, TokensError>;

/// How many leases in a row are waited out before giving up.
const PATIENCE: u32 = 4;

/// A token, with a failure that was got over; or why there is none.
type Obtained = Result<(Outcome, Option<TokensError>), TokensError>;

/// What became of an answer of the bank.
enum Kept {
    Token(Arc<CurrentToken>),
    /// Another process changed the record in a way that has to be looked at anew.
    Overtaken,
}

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

    /// Writes the record as it is, which shows whether the store can be read and written.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        let seen = self.seen(self.store.load(&self.id).await?)?;
        if let Some(Record {
            phase: Phase::Refreshing { .. },
            ..
        }) = &seen.record
        {
            // Somebody has just written the lease, and must not find it changed.
            return Ok(());
        }
        let bytes = seen.record.unwrap_or_else(Record::empty).to_bytes();
        self.store
            .swap(&self.id, seen.revision, bytes.expose_secret())
            .await
            .map(drop)
    }

    /// Finds or makes a token that `need` accepts, and tells of a failure that was got over: one falls back on what is
    /// stored, or on `current`, while that may be used.
    pub(crate) async fn obtain(
        &self,
        need: Need,
        current: Option<Arc<CurrentToken>>,
    ) -> (Outcome, Option<TokensError>) {
        match self.obtain_from_store(&need).await {
            Ok(obtained) => obtained,
            Err(error) => {
                let fallback = current.filter(|current| {
                    need.accepts(current.access_token())
                        && current.window().is_usable((self.clock)())
                });
                (fallback.ok_or_else(|| error.clone()), Some(error))
            }
        }
    }

    async fn obtain_from_store(&self, need: &Need) -> Obtained {
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
                    return Ok((self.serve(seen.record.as_ref()), None));
                }
                Step::Acquire(leased) => {
                    // This swap is the probe as well: a token is not spent on a store that cannot be written.
                    match self
                        .store
                        .swap(&self.id, seen.revision, leased.to_bytes().expose_secret())
                        .await
                    {
                        Ok(Swap::Applied(revision)) => {
                            return match self.ask(need, &leased, revision).await {
                                Ok(Kept::Token(current)) => Ok((Ok(current), None)),
                                Ok(Kept::Overtaken) => {
                                    seen = self.seen(self.store.load(&self.id).await?)?;
                                    continue;
                                }
                                // A token that may still be used is not taken away by a failed renewal.
                                Err(error) => match self.usable(Some(&leased), need) {
                                    Some(current) => Ok((Ok(current), Some(error))),
                                    None => Err(error),
                                },
                            };
                        }
                        Ok(Swap::Conflict(stored)) => seen = self.seen(stored)?,
                        // Whatever is stored and still valid is used; the store's trouble is told when nothing is.
                        Err(error) => {
                            let error = TokensError::from(error);
                            return match self.usable(seen.record.as_ref(), need) {
                                Some(current) => Ok((Ok(current), Some(error))),
                                None => Err(error),
                            };
                        }
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

    fn serve(&self, record: Option<&Record>) -> Outcome {
        record
            .and_then(|record| CurrentToken::of(record, random()))
            .map(Arc::new)
            .ok_or_else(|| self.not_authorised())
    }

    /// The token of a record, if it may still be used.
    fn usable(&self, record: Option<&Record>, need: &Need) -> Option<Arc<CurrentToken>> {
        let current = CurrentToken::of(record?, random())?;
        let accepted = need.accepts(current.access_token());
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

/// Random bits for jitter and for telling attempts apart; nothing secret hangs on them.
fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}
