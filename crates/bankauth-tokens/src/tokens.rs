//! The source of valid access tokens.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use arc_swap::ArcSwapOption;
use bankauth_grants::{AccessToken, RefreshToken, Renew, TokenSet};
use tokio::sync::watch;

use crate::{
    CredentialId, Timing, TokenStore, TokensError,
    driver::{Driver, Outcome},
    pause::Pause,
    protocol::Need,
    record::{Phase, Record},
    status::Status,
    timing::Window,
};

/// Reads the time. Tests and demonstrations bring their own.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// A source of valid access tokens for one credential. Clones share everything.
///
/// Reading a fresh token takes no lock and asks nobody. Near a token's end one caller renews it while the others use
/// what there is; after its end all wait for that one renewal, in this process and, by the store, on this host.
///
/// # Cancellation
/// All futures may be dropped at any time: a renewal runs in a task of its own and is never left halfway.
#[derive(Clone)]
pub struct Tokens(Arc<Shared>);

struct Shared {
    driver: Driver,
    clock: Clock,
    current: ArcSwapOption<CurrentToken>,
    /// The renewal that is under way, if one is.
    flight: Mutex<Option<watch::Receiver<Option<Outcome>>>>,
    /// Keeps a bank that fails from being asked at each call.
    pause: Pause,
}

/// A token that may be used now.
#[derive(Debug)]
pub struct CurrentToken {
    token: AccessToken,
    window: Window,
    expires_at: Option<SystemTime>,
    generation: u64,
    scope: Option<Vec<String>>,
}

impl CurrentToken {
    pub(crate) fn of(record: &Record, jitter: u32) -> Option<Self> {
        let access = record.access.as_ref()?;
        Some(Self {
            token: access.token.clone(),
            window: Window::of(access, jitter),
            expires_at: access.expires_at,
            generation: record.generation,
            scope: record.scope.clone(),
        })
    }

    /// The token.
    #[must_use]
    pub const fn access_token(&self) -> &AccessToken {
        &self.token
    }

    /// When the bank ends it; `None` where the bank does not say.
    #[must_use]
    pub const fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Counts the bank's answers: a higher number is a later token.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The scopes granted; `None` where the bank did not say.
    #[must_use]
    pub fn scope(&self) -> Option<&[String]> {
        self.scope.as_deref()
    }

    pub(crate) const fn window(&self) -> &Window {
        &self.window
    }
}

impl Tokens {
    /// A source for the credential `id`, kept in `store` and renewed by `renew`.
    #[must_use]
    pub fn new(id: CredentialId, store: Arc<dyn TokenStore>, renew: Arc<dyn Renew>) -> Self {
        Self::with(id, store, renew, Timing::default(), system_clock())
    }

    /// The same with other timing and another clock.
    #[must_use]
    pub fn with(
        id: CredentialId,
        store: Arc<dyn TokenStore>,
        renew: Arc<dyn Renew>,
        timing: Timing,
        clock: Clock,
    ) -> Self {
        let driver = Driver::new(id, store, renew, timing, Arc::clone(&clock));
        Self(Arc::new(Shared {
            driver,
            clock,
            current: ArcSwapOption::empty(),
            flight: Mutex::new(None),
            pause: Pause::default(),
        }))
    }

    /// A token that is valid now, renewed if need be.
    ///
    /// # Errors
    /// When none is stored, or none is valid and the renewal failed. A failed renewal never takes a valid token away.
    pub async fn access_token(&self) -> Result<Arc<CurrentToken>, TokensError> {
        let now = (self.0.clock)();
        if let Some(current) = self.0.current.load_full() {
            if current.window.is_fresh(now) {
                return Ok(current);
            }
            // Near its end only the first caller waits for the renewal, and none while the bank has a pause.
            if current.window.is_usable(now) && (self.0.pause.is_on(now) || self.flight().is_some())
            {
                return Ok(current);
            }
        }
        self.renewed(Need::Fresh).await.0
    }

    /// A token other than `refused`, which the API answered with 401: the one that another caller or process got
    /// meanwhile, or else a new one. Not for a 403: no renewal mends that.
    ///
    /// # Errors
    /// As [`access_token`](Self::access_token).
    pub async fn replace(&self, refused: &AccessToken) -> Result<Arc<CurrentToken>, TokensError> {
        let now = (self.0.clock)();
        if let Some(current) = self.0.current.load_full()
            && !current.token.is_same(refused)
            && current.window.is_usable(now)
        {
            return Ok(current);
        }
        loop {
            let (outcome, is_own) = self.renewed(Need::Other(refused.clone())).await;
            let current = outcome?;
            // A flight of others may have had no objection to the refused token. After one of its own there is nothing
            // left to try, even if the bank granted the same token again.
            if is_own || !current.token.is_same(refused) {
                return Ok(current);
            }
        }
    }

    /// Checks that the store can be read and written, before something is spent whose answer must be stored: a code works
    /// once. A damaged record is kept aside, and said so, here and not when it is too late.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn probe(&self) -> Result<(), TokensError> {
        let this = Arc::clone(&self.0);
        tokio::spawn(async move { Ok(this.driver.probe().await?) })
            .await
            .unwrap_or(Err(TokensError::Stopped))
    }

    /// Stores what the user's consent brought, in the place of what there was. Call [`probe`](Self::probe) before the code
    /// is spent; where storing fails all the same, call this again with the same set.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn adopt(&self, set: &TokenSet, requested_at: SystemTime) -> Result<(), TokensError> {
        let set = set.clone();
        self.store(move |record| record.consented(set.clone(), requested_at))
            .await
    }

    /// Stores a refresh token that was got elsewhere; the first read asks the bank with it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn adopt_refresh_token(
        &self,
        refresh_token: RefreshToken,
    ) -> Result<(), TokensError> {
        self.store(move |record| {
            let mut next = record.with_phase(Phase::Live);
            next.generation = record.generation.saturating_add(1);
            next.access = None;
            next.scope = None;
            next.replace_refresh_token(refresh_token.clone());
            next
        })
        .await
    }

    /// What is stored, without secrets; `None` when nothing is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self) -> Result<Option<Status>, TokensError> {
        Ok(self.0.driver.load().await?.and_then(Status::of))
    }

    /// Writes, in a task of its own, what `next` makes of the record that is there.
    async fn store(
        &self,
        next: impl Fn(&Record) -> Record + Send + Sync + 'static,
    ) -> Result<(), TokensError> {
        let this = Arc::clone(&self.0);
        tokio::spawn(async move {
            let current = this.driver.replace(next).await?;
            this.current.store(current.map(Arc::new));
            this.pause.clear();
            Ok(())
        })
        .await
        .unwrap_or(Err(TokensError::Stopped))
    }

    fn flight(&self) -> Option<watch::Receiver<Option<Outcome>>> {
        let flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
        flight
            .as_ref()
            .filter(|flight| flight.has_changed().is_ok())
            .cloned()
    }

    /// Joins the renewal under way, or starts one of its own, and says which.
    async fn renewed(&self, need: Need) -> (Outcome, bool) {
        let (mut outcome, is_own) = self.join_or_start(need);
        let outcome = match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(TokensError::Stopped)),
            Err(_) => Err(TokensError::Stopped),
        };
        (outcome, is_own)
    }

    fn join_or_start(&self, need: Need) -> (watch::Receiver<Option<Outcome>>, bool) {
        let mut flight = self.0.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = flight
            .as_ref()
            .filter(|flight| flight.has_changed().is_ok())
        {
            return (under_way.clone(), false);
        }
        let (sender, receiver) = watch::channel(None);
        *flight = Some(receiver.clone());
        let this = Arc::clone(&self.0);
        tokio::spawn(async move {
            let (outcome, failure) = this.driver.obtain(need, this.current.load_full()).await;
            match failure {
                Some(error) => this.pause.lengthen((this.clock)(), error.retry_after()),
                None => this.pause.clear(),
            }
            if let Ok(current) = &outcome {
                // A consent may have been stored meanwhile: an older token never takes the place of a newer one.
                this.current.rcu(|seen| match seen {
                    Some(seen) if seen.generation > current.generation => Some(Arc::clone(seen)),
                    _ => Some(Arc::clone(current)),
                });
            }
            *this.flight.lock().unwrap_or_else(PoisonError::into_inner) = None;
            sender.send_replace(Some(outcome));
        });
        (receiver, true)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("credential", self.0.driver.id())
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a source of tokens gets its clock"
)]
fn system_clock() -> Clock {
    Arc::new(SystemTime::now)
}
