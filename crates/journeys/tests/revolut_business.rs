//! Revolut Business through the facade, as a program of one's own would use it.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{path::Path, sync::Arc, time::Duration};

use bankauth::{
    grants::{AccessToken, TokenError},
    profile::{Profile, RevolutBusiness},
    revolut::business::{ApiError, Client, Scope},
    tokens::{Clock, FileStore, Timing, Tokens},
};
use bankauth_testbank::{
    Endpoint, ErrorShape, Fault, Options, RevolutBusiness as WebApp, TestBank,
};
use http::{HeaderValue, StatusCode};
use journeys::{client, now, registered};

async fn bank() -> (TestBank, tempfile::TempDir, Profile) {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let profile = registered(&bank, folder.path()).unwrap();
    (bank, folder, profile)
}

/// A client with a token of the bank.
async fn authorised(
    web_app: &WebApp,
    profile: &Profile,
    scopes: &[Scope],
) -> (Client, AccessToken) {
    let client = client(profile).unwrap();
    let url = client.consent_url(scopes).unwrap();
    let address = web_app.authorise(&url).unwrap();
    let code = client.read_redirect(address.expose_secret()).unwrap();
    let tokens = client.exchange(&code, now()).await.unwrap();
    (client, tokens.access_token)
}

#[tokio::test]
async fn from_two_files_to_two_accounts() {
    let (bank, _folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let (client, token) = authorised(&web_app, &profile, &[Scope::Read, Scope::Write]).await;
    let accounts = client.accounts(&token).await.unwrap();
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].id, "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1");
    assert_eq!(accounts[0].balance.as_str(), "100.0");
    assert_eq!(accounts[1].updated_at, "2017-06-01T11:11:11.1Z");

    // What the bank got, byte for byte but for what is secret or signed.
    let requests = web_app.requests();
    let exchange = requests
        .iter()
        .find(|request| request.method() == "POST")
        .unwrap();
    let body = String::from_utf8(exchange.expose_body().to_vec()).unwrap();
    let body: Vec<_> = body
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .collect();
    let names: Vec<_> = body.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "grant_type",
            "code",
            "client_assertion_type",
            "client_assertion"
        ]
    );
    assert_eq!(body[0].1, "authorization_code");
    assert_eq!(
        body[2].1,
        "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    );
    assert_eq!(exchange.path(), "/api/1.0/auth/token");
    assert!(!exchange.expose_headers().contains_key("authorization"));
}

fn source(profile: &Profile, client: &Arc<Client>, folder: &Path, clock: Clock) -> Tokens {
    let store = Arc::new(FileStore::new(folder.join("state")));
    Tokens::with(
        profile.credential_id().unwrap(),
        store,
        Arc::clone(client) as _,
        Timing::default(),
        clock,
    )
}

#[tokio::test]
async fn several_holders_share_one_token_although_each_refresh_ends_the_last() {
    let (bank, folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let client = Arc::new(client(&profile).unwrap());
    let clock: Clock = {
        let clock = bank.clock().clone();
        Arc::new(move || clock.now())
    };
    let holders: Vec<_> = (0..8)
        .map(|_| source(&profile, &client, folder.path(), Arc::clone(&clock)))
        .collect();
    let url = client.consent_url(&[Scope::Read]).unwrap();
    let code = client
        .read_redirect(web_app.authorise(&url).unwrap().expose_secret())
        .unwrap();
    holders[0]
        .adopt(&client.exchange(&code, clock()).await.unwrap(), clock())
        .await
        .unwrap();
    for round in 1..=3 {
        bank.clock().advance(Duration::from_secs(2400));
        let mut working = tokio::task::JoinSet::new();
        for tokens in &holders {
            let tokens = tokens.clone();
            let client = Arc::clone(&client);
            working.spawn(async move {
                let current = tokens.access_token().await.unwrap();
                client.accounts(current.access_token()).await.unwrap().len()
            });
        }
        assert_eq!(working.join_all().await, [2; 8]);
        assert_eq!(web_app.counters().refreshes, round);
    }
}

#[tokio::test]
async fn an_open_profile_renews_by_itself() {
    let (bank, folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let opened = RevolutBusiness::open(&profile, &folder.path().join("state")).unwrap();
    web_app.set_access_token_lifetime(Duration::ZERO);
    let address = web_app
        .authorise(&opened.client.consent_url(&[]).unwrap())
        .unwrap();
    let code = opened
        .client
        .read_redirect(address.expose_secret())
        .unwrap();
    opened
        .tokens
        .adopt(&opened.client.exchange(&code, now()).await.unwrap(), now())
        .await
        .unwrap();
    web_app.set_access_token_lifetime(Duration::from_secs(2399));
    let current = opened.tokens.access_token().await.unwrap();
    opened
        .client
        .accounts(current.access_token())
        .await
        .unwrap();
    assert_eq!(web_app.counters().refreshes, 1);
}

#[tokio::test]
async fn a_dead_token_is_told_in_both_shapes_and_a_forbidden_one_is_no_token_fault() {
    let (bank, _folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let (client, token) = authorised(&web_app, &profile, &[Scope::Write]).await;
    let error = client.accounts(&token).await.unwrap_err();
    assert!(
        matches!(error, ApiError::Forbidden(_)) && !error.is_token_fault(),
        "{error:?}"
    );
    let hint = error.hint().unwrap();
    assert!(
        ["scope", "IP", "permission"]
            .iter()
            .all(|word| hint.contains(word)),
        "{hint}"
    );
    bank.clock().advance(Duration::from_secs(2400));
    for shape in [ErrorShape::Old, ErrorShape::New] {
        web_app.set_error_shape(shape);
        let error = client.accounts(&token).await.unwrap_err();
        assert!(error.is_token_fault(), "{error:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_a_little_behind_heals_and_one_that_is_far_off_is_named() {
    let (bank, _folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let client = client(&profile).unwrap();
    bank.clock().advance(Duration::from_secs(90));
    let address = web_app
        .authorise(&client.consent_url(&[]).unwrap())
        .unwrap();
    let code = client.read_redirect(address.expose_secret()).unwrap();
    client.exchange(&code, now()).await.unwrap();
    assert_eq!(web_app.counters().token_requests, 2);

    bank.clock().advance(Duration::from_secs(3600));
    let address = web_app
        .authorise(&client.consent_url(&[]).unwrap())
        .unwrap();
    let code = client.read_redirect(address.expose_secret()).unwrap();
    let error = client.exchange(&code, now()).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert!(
        refusal
            .description()
            .unwrap()
            .starts_with("The Token has expired on "),
        "{refusal}"
    );
    assert!(
        refusal
            .hint()
            .unwrap()
            .contains("the bank's is 1 h 1 min ahead"),
        "{:?}",
        refusal.hint()
    );
    assert_eq!(web_app.counters().token_requests, 3);
}

#[tokio::test]
async fn a_slow_down_keeps_the_time_to_wait() {
    let (bank, _folder, profile) = bank().await;
    let web_app = bank.revolut_business();
    let (client, token) = authorised(&web_app, &profile, &[]).await;
    web_app.fail_next(
        Endpoint::Api,
        Fault::RetryAfter(HeaderValue::from_static("30")),
        1,
    );
    let error = client.accounts(&token).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_token_fault());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    web_app.fail_next(Endpoint::Token, Fault::Html(StatusCode::BAD_GATEWAY), 1);
    let code = client
        .read_redirect("https://example.com/callback?code=oa_sand_x")
        .unwrap();
    let error = client.exchange(&code, now()).await.unwrap_err();
    assert!(
        matches!(&error, TokenError::Malformed(_)) && error.is_retryable(),
        "{error:?}"
    );
}
