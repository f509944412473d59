//! A source of tokens over a scripted bank: bursts, failures, cancellation, several processes' worth of sources.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bankauth_grants::{
    AccessToken, Body, BoxFuture, RefreshToken, Renew, Renewal, SendError, SendErrorKind,
    TokenEndpoint, TokenError, TokenSet,
};
use bankauth_tokens::{
    Clock, CredentialId, FileStore, MemoryStore, Promises, Revision, StoreError, Stored, Swap,
    Timing, TokenStore, Tokens, TokensError,
};
use tokio::sync::Notify;

/// What the bank does with one request.
enum Turn {
    /// Grants, and rotates the refresh token if one is named.
    Grant(Option<&'static str>),
    /// Answers with this status and body.
    Answer(u16, &'static str),
    /// The connection is refused.
    Unreachable,
    /// Never answers.
    Hang,
    /// Answers with a grant once it is told to.
    Held(Arc<Notify>),
}

/// A bank by script; when the script ends, it grants. Access tokens are `a1`, `a2`, … and live 2399 s.
struct Bank {
    renewal: Renewal,
    script: Mutex<VecDeque<Turn>>,
    requests: AtomicUsize,
    presented: Mutex<Vec<Option<String>>>,
}

fn answer(status: u16, body: &str) -> Result<TokenSet, TokenError> {
    let answer = http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap();
    TokenEndpoint::new("https://bank.example/token")
        .unwrap()
        .read(&answer)
}

fn grant(access: &str, refresh: Option<&str>) -> TokenSet {
    let refresh = refresh
        .map(|token| format!(r#","refresh_token":"{token}""#))
        .unwrap_or_default();
    answer(
        200,
        &format!(
            r#"{{"access_token":"{access}","token_type":"bearer","expires_in":2399{refresh}}}"#
        ),
    )
    .unwrap()
}

impl Bank {
    fn new(renewal: Renewal, script: impl IntoIterator<Item = Turn>) -> Arc<Self> {
        Arc::new(Self {
            renewal,
            script: Mutex::new(script.into_iter().collect()),
            requests: AtomicUsize::new(0),
            presented: Mutex::default(),
        })
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn presented(&self) -> Vec<Option<String>> {
        self.presented.lock().unwrap().clone()
    }
}

impl Renew for Bank {
    fn renewal(&self) -> Renewal {
        self.renewal
    }

    fn renew<'a>(
        &'a self,
        refresh: Option<&'a RefreshToken>,
        _now: SystemTime,
    ) -> BoxFuture<'a, Result<TokenSet, TokenError>> {
        Box::pin(async move {
            let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
            self.presented
                .lock()
                .unwrap()
                .push(refresh.map(|token| token.expose_secret().to_owned()));
            let turn = self
                .script
                .lock()
                .unwrap()
                .pop_front()
                .unwrap_or(Turn::Grant(None));
            tokio::task::yield_now().await;
            match turn {
                Turn::Grant(refresh) => Ok(grant(&format!("a{number}"), refresh)),
                Turn::Answer(status, body) => answer(status, body),
                Turn::Unreachable => Err(TokenError::Transport(SendError::new(
                    SendErrorKind::Connect,
                ))),
                Turn::Hang => core::future::pending().await,
                Turn::Held(notify) => {
                    notify.notified().await;
                    Ok(grant(&format!("a{number}"), None))
                }
            }
        })
    }
}

/// A clock that stands until it is moved, in seconds since 1970.
#[derive(Clone, Default)]
struct Time(Arc<AtomicU64>);

impl Time {
    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let this = self.clone();
        Arc::new(move || UNIX_EPOCH + Duration::from_secs(this.0.load(Ordering::SeqCst)))
    }
}

fn id() -> CredentialId {
    CredentialId::from_parts(&["bank", "sandbox", "client"]).unwrap()
}

fn source(bank: &Arc<Bank>, store: &Arc<impl TokenStore + 'static>, time: &Time) -> Tokens {
    let timing = Timing::with_deadline(Duration::from_secs(20));
    Tokens::with(
        id(),
        Arc::clone(store) as _,
        Arc::clone(bank) as _,
        timing,
        time.clock(),
    )
}

/// A source with a token `a0` and a refresh token `r0`, issued at 0.
async fn logged_in(bank: &Arc<Bank>) -> (Tokens, Arc<MemoryStore>, Time) {
    let (store, time) = (Arc::new(MemoryStore::new()), Time::default());
    let tokens = source(bank, &store, &time);
    tokens
        .adopt(&grant("a0", Some("r0")), UNIX_EPOCH)
        .await
        .unwrap();
    (tokens, store, time)
}

async fn read(tokens: &Tokens) -> String {
    tokens
        .access_token()
        .await
        .unwrap()
        .access_token()
        .expose_secret()
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn nobody_logged_in() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let tokens = source(&bank, &Arc::new(MemoryStore::new()), &Time::default());
    let error = tokens.access_token().await.unwrap_err();
    insta::assert_snapshot!(error, @"no token is stored for bank.sandbox.client, log in first");
    assert_eq!(tokens.status().await.unwrap(), None);
    assert_eq!(bank.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_asks_nobody() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(2000);
    assert_eq!(read(&tokens).await, "a0");
    assert_eq!(bank.requests(), 0);
}

#[tokio::test]
async fn ten_thousand_callers_of_an_expired_token_make_one_request() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(3000);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..10_000 {
        let tokens = tokens.clone();
        callers.spawn(async move { read(&tokens).await });
    }
    assert!(callers.join_all().await.iter().all(|token| token == "a1"));
    assert_eq!(bank.requests(), 1);
    assert_eq!(bank.presented(), [Some("r0".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn near_its_end_one_caller_renews_and_the_others_use_what_there_is() {
    let notify = Arc::new(Notify::new());
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Held(Arc::clone(&notify))]);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(2300);
    let first = tokio::spawn({
        let tokens = tokens.clone();
        async move { read(&tokens).await }
    });
    while bank.requests() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&tokens).await, "a0");
    notify.notify_one();
    assert_eq!(first.await.unwrap(), "a1");
    assert_eq!(read(&tokens).await, "a1");
    assert_eq!(bank.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_does_not_take_a_valid_token_away() {
    let dead = Turn::Answer(400, r#"{"error":"invalid_grant"}"#);
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Unreachable, dead]);
    let (tokens, _, time) = logged_in(&bank).await;
    for (seconds, requests) in [(2300, 1), (2310, 2), (2320, 2)] {
        time.set(seconds);
        assert_eq!(read(&tokens).await, "a0");
        assert_eq!(bank.requests(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_does_not_take_a_valid_token_away_from_a_new_process_either() {
    for turn in [
        Turn::Unreachable,
        Turn::Answer(400, r#"{"error":"invalid_grant"}"#),
        Turn::Hang,
    ] {
        let bank = Bank::new(Renewal::KillsPrevious, [turn]);
        let (_, store, time) = logged_in(&bank).await;
        time.set(2300);
        assert_eq!(read(&source(&bank, &store, &time)).await, "a0");
        assert_eq!(bank.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bank_in_trouble_is_not_asked_at_each_call_while_there_is_a_token() {
    let bank = Bank::new(
        Renewal::KillsPrevious,
        [Turn::Unreachable, Turn::Unreachable],
    );
    let (tokens, _, time) = logged_in(&bank).await;
    for (seconds, requests) in [(2300, 1), (2300, 1), (2301, 2), (2302, 2), (2303, 3)] {
        time.set(seconds);
        read(&tokens).await;
        assert_eq!(bank.requests(), requests, "at {seconds}");
    }
    assert_eq!(read(&tokens).await, "a3");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_api_refused_is_not_used_on_when_the_refresh_token_is_dead_too() {
    let bank = Bank::new(
        Renewal::KillsPrevious,
        [Turn::Answer(400, r#"{"error":"invalid_grant"}"#)],
    );
    let (tokens, store, time) = logged_in(&bank).await;
    let refused = tokens.access_token().await.unwrap();
    let error = tokens.replace(refused.access_token()).await.unwrap_err();
    assert!(matches!(error, TokensError::NeedsUser { .. }), "{error:?}");
    let error = source(&bank, &store, &time)
        .access_token()
        .await
        .unwrap_err();
    assert!(matches!(error, TokensError::NeedsUser { .. }), "{error:?}");
    assert!(tokens.status().await.unwrap().unwrap().has_refresh_token);
}

#[tokio::test(start_paused = true)]
async fn a_probe_finds_out_before_anything_is_spent() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let (tokens, store, time) = logged_in(&bank).await;
    tokens.probe().await.unwrap();
    assert_eq!(read(&source(&bank, &store, &time)).await, "a0");
    let read_only = source(&bank, &Arc::new(ReadOnly(store)), &time);
    assert!(matches!(
        read_only.probe().await.unwrap_err(),
        TokensError::Store(_)
    ));
    // A probe of an empty store leaves nothing that looks like a credential.
    let empty = source(&bank, &Arc::new(MemoryStore::new()), &time);
    empty.probe().await.unwrap();
    assert_eq!(empty.status().await.unwrap(), None);
    assert!(matches!(
        empty.access_token().await.unwrap_err(),
        TokensError::NotAuthorised { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_waited_and_not_remembered() {
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Answer(503, "<html>")]);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(3000);
    let (one, two) = tokio::join!(tokens.access_token(), tokens.access_token());
    assert!(one.unwrap_err().is_retryable() && two.unwrap_err().is_retryable());
    assert_eq!(bank.requests(), 1);
    assert_eq!(read(&tokens).await, "a2");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_stop_the_renewal() {
    let notify = Arc::new(Notify::new());
    let bank = Bank::new(Renewal::Rotates, [Turn::Held(Arc::clone(&notify))]);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(3000);
    let caller = tokio::spawn({
        let tokens = tokens.clone();
        async move { read(&tokens).await }
    });
    while bank.requests() == 0 {
        tokio::task::yield_now().await;
    }
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    notify.notify_one();
    assert_eq!(read(&tokens).await, "a1");
    assert_eq!(bank.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_answer_without_refresh_token_keeps_the_old_one_rfc6749_6() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let (tokens, store, time) = logged_in(&bank).await;
    time.set(3000);
    assert_eq!(read(&tokens).await, "a1");
    time.set(6000);
    // Another process: nothing but the store is shared.
    assert_eq!(read(&source(&bank, &store, &time)).await, "a2");
    assert_eq!(
        bank.presented(),
        [Some("r0".to_owned()), Some("r0".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn a_rotated_refresh_token_replaces_the_old_one_rfc6749_6() {
    let bank = Bank::new(
        Renewal::Rotates,
        [Turn::Grant(Some("r1")), Turn::Grant(Some("r2"))],
    );
    let (tokens, store, time) = logged_in(&bank).await;
    for (seconds, token) in [(3000, "a1"), (6000, "a2"), (9000, "a3")] {
        time.set(seconds);
        assert_eq!(read(&tokens).await, token);
        assert_eq!(read(&source(&bank, &store, &time)).await, token);
    }
    let presented: Vec<_> = bank.presented().into_iter().flatten().collect();
    assert_eq!(presented, ["r0", "r1", "r2"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_refresh_token_asks_for_the_user_and_is_kept() {
    let bank = Bank::new(
        Renewal::KillsPrevious,
        [Turn::Answer(
            400,
            r#"{"error":"invalid_grant","error_description":"ended"}"#,
        )],
    );
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(3000);
    let error = tokens.access_token().await.unwrap_err();
    insta::assert_snapshot!(error, @"the bank no longer accepts the refresh token of bank.sandbox.client (invalid_grant: ended (status 400)), authorise again");
    assert!(matches!(
        tokens.access_token().await.unwrap_err(),
        TokensError::NeedsUser { .. }
    ));
    assert_eq!(
        bank.requests(),
        1,
        "a dead refresh token is not presented again"
    );
    assert!(tokens.status().await.unwrap().unwrap().has_refresh_token);
    // The user authorises again.
    tokens
        .adopt(
            &grant("b0", Some("r1")),
            UNIX_EPOCH + Duration::from_secs(3000),
        )
        .await
        .unwrap();
    assert_eq!(read(&tokens).await, "b0");
    assert_eq!(tokens.status().await.unwrap().unwrap().needs_user, None);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_api_refused_is_replaced_once() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let (tokens, store, time) = logged_in(&bank).await;
    let other = source(&bank, &store, &time);
    let refused = other.access_token().await.unwrap();
    // This process renews; the other holds the token that died of it.
    let renewed = tokens.replace(refused.access_token()).await.unwrap();
    assert_eq!(renewed.access_token().expose_secret(), "a1");
    let adopted = other.replace(refused.access_token()).await.unwrap();
    assert_eq!(adopted.access_token().expose_secret(), "a1");
    assert_eq!(adopted.generation(), renewed.generation());
    assert_eq!(bank.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bank_that_grants_the_refused_token_again_is_not_asked_for_ever() {
    let same = r#"{"access_token":"a0","token_type":"bearer","expires_in":2399}"#;
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Answer(200, same)]);
    let (tokens, _, _) = logged_in(&bank).await;
    let refused = tokens.access_token().await.unwrap();
    let again = tokens.replace(refused.access_token()).await.unwrap();
    assert_eq!(again.access_token().expose_secret(), "a0");
    assert_eq!(bank.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bank_that_never_answers_is_given_up_in_time() {
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Hang]);
    let (tokens, _, time) = logged_in(&bank).await;
    time.set(3000);
    let error = tokens.access_token().await.unwrap_err();
    assert!(matches!(error, TokensError::Late), "{error:?}");
    assert_eq!(read(&tokens).await, "a2", "the lease was given back");
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_dead_process_is_waited_out() {
    let bank = Bank::new(Renewal::KillsPrevious, [Turn::Hang]);
    let (tokens, store, time) = logged_in(&bank).await;
    time.set(3000);
    // A process dies while it asks: its runtime goes away with the task in it.
    let dying = source(&bank, &store, &time);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(async move { dying.access_token().await });
        runtime.block_on(async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        });
    })
    .join()
    .unwrap();
    assert_eq!(bank.requests(), 1);
    assert_eq!(read(&tokens).await, "a2");
}

#[tokio::test(start_paused = true)]
async fn an_imported_refresh_token_is_used_at_once() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let tokens = source(&bank, &Arc::new(MemoryStore::new()), &Time::default());
    tokens
        .adopt_refresh_token(RefreshToken::new("imported".to_owned()).unwrap())
        .await
        .unwrap();
    assert_eq!(read(&tokens).await, "a1");
    assert_eq!(bank.presented(), [Some("imported".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_bank_without_refresh_tokens_is_just_asked() {
    let bank = Bank::new(Renewal::Stateless, []);
    let tokens = source(&bank, &Arc::new(MemoryStore::new()), &Time::default());
    assert_eq!(read(&tokens).await, "a1");
    assert_eq!(bank.presented(), [None]);
}

/// A store that can be read and not written.
struct ReadOnly(Arc<MemoryStore>);

impl TokenStore for ReadOnly {
    fn load<'a>(
        &'a self,
        id: &'a CredentialId,
    ) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        self.0.load(id)
    }

    fn swap<'a>(
        &'a self,
        _: &'a CredentialId,
        _: Option<Revision>,
        _: &'a [u8],
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        Box::pin(core::future::ready(Err(StoreError::unavailable(
            "write",
            "the test store",
            "full",
        ))))
    }

    fn promises(&self) -> Promises {
        self.0.promises()
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_written_costs_no_refresh_token_and_no_valid_token() {
    let bank = Bank::new(Renewal::Rotates, []);
    let (_, store, time) = logged_in(&bank).await;
    let tokens = source(&bank, &Arc::new(ReadOnly(store)), &time);
    time.set(2300);
    assert_eq!(read(&tokens).await, "a0");
    time.set(3000);
    let error = tokens.access_token().await.unwrap_err();
    assert!(matches!(error, TokensError::Store(_)), "{error:?}");
    assert_eq!(
        bank.requests(),
        0,
        "nothing is spent on an answer that cannot be kept"
    );
}

#[tokio::test]
async fn two_sources_on_one_file_make_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let time = Time::default();
    let sources: Vec<_> = (0..8)
        .map(|_| source(&bank, &Arc::new(FileStore::new(folder.path())), &time))
        .collect();
    sources[0]
        .adopt(&grant("a0", Some("r0")), UNIX_EPOCH)
        .await
        .unwrap();
    time.set(3000);
    let mut callers = tokio::task::JoinSet::new();
    for tokens in sources {
        callers.spawn(async move { read(&tokens).await });
    }
    assert!(callers.join_all().await.iter().all(|token| token == "a1"));
    assert_eq!(bank.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_printed_holds_a_secret() {
    let bank = Bank::new(Renewal::KillsPrevious, []);
    let tokens = source(&bank, &Arc::new(MemoryStore::new()), &Time::default());
    tokens
        .adopt(&grant("marked-access", Some("marked-refresh")), UNIX_EPOCH)
        .await
        .unwrap();
    let current = tokens.access_token().await.unwrap();
    let printed = format!(
        "{tokens:?} {current:?} {:?}",
        tokens.status().await.unwrap()
    );
    assert!(!printed.contains("marked"), "{printed}");
    assert!(
        current
            .access_token()
            .is_same(&AccessToken::new("marked-access".to_owned()).unwrap())
    );
}
