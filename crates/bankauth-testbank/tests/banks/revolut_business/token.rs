//! Codes, access tokens and refresh tokens: what is given, and when it dies.

use std::time::Duration;

use bankauth_testbank::{Environment, OldAccessToken, Options, Plan};
use reqwest::StatusCode;
use serde_json::json;

use super::application::{
    ASSERTION_TYPE, Application, REDIRECT_URI, certificate, header, key, sign,
};
use crate::client::{Answer, member, send};

const DEAD_CODE: &str = r#"400 {"error":"invalid_grant","error_description":"The authorization code is invalid or has expired"}"#;
const DEAD_REFRESH_TOKEN: &str = r#"400 {"error":"invalid_grant","error_description":"The refresh token is invalid or has expired"}"#;

fn members(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_code_gives_both_tokens() {
    let app = Application::start().await;
    let answer = app.exchange(&app.code(&[])).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        members(&answer),
        ["access_token", "expires_in", "refresh_token", "token_type"]
    );
    assert_eq!(answer.json()["token_type"], "bearer");
    assert_eq!(answer.json()["expires_in"], 2399);
    for name in ["access_token", "refresh_token"] {
        let token = member(&answer, name);
        assert_eq!(token.strip_prefix("oa_sand_").map(str::len), Some(43));
    }
    // RFC 6749 section 5.1
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["pragma"], "no-cache");
}

#[tokio::test]
async fn production_has_its_own_prefix() {
    let options = Options::default().with_environment(Environment::Production);
    let app = Application::start_with(options, REDIRECT_URI, &[]).await;
    let (access, refresh) = app.log_in(&[]).await;
    assert!(access.starts_with("oa_prod_") && refresh.starts_with("oa_prod_"));
}

#[tokio::test]
async fn a_code_works_once() {
    let app = Application::start().await;
    let code = app.code(&[]);
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
    assert_eq!(app.exchange(&code).await.text(), DEAD_CODE);
    assert_eq!(app.revolut().counters().exchanges, 1);
}

#[tokio::test]
async fn a_code_lives_two_minutes() {
    let app = Application::start().await;
    let code = app.code(&[]);
    app.bank.clock().advance(Duration::from_secs(60));
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);

    let code = app.code(&[]);
    app.bank.clock().advance(Duration::from_secs(120));
    assert_eq!(app.exchange(&code).await.text(), DEAD_CODE);

    app.revolut().set_code_lifetime(Duration::ZERO);
    assert_eq!(app.exchange(&app.code(&[])).await.text(), DEAD_CODE);
}

#[tokio::test]
async fn a_code_that_was_refused_for_the_assertion_still_works() {
    let app = Application::start().await;
    let code = app.code(&[]);
    let mut claims = app.claims();
    claims["iss"] = json!("example.org");
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let refused = app
        .token_with(&grant, &sign(key(), &header(), &claims))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_keeps_the_refresh_token_and_kills_the_access_token() {
    let app = Application::start().await;
    let (first, refresh_token) = app.log_in(&[]).await;
    assert_eq!(app.accounts(&first).await.status, StatusCode::OK);

    let answer = app.refresh(&refresh_token).await;
    assert_eq!(
        members(&answer),
        ["access_token", "expires_in", "token_type"]
    );
    let second = member(&answer, "access_token");
    assert_ne!(first, second);
    assert_eq!(app.accounts(&first).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.accounts(&second).await.status, StatusCode::OK);

    assert_eq!(app.refresh(&refresh_token).await.status, StatusCode::OK);
    assert_eq!(app.accounts(&second).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.revolut().counters().refreshes, 2);
}

#[tokio::test]
async fn an_access_token_lives_2399_seconds() {
    let app = Application::start().await;
    let (access, refresh_token) = app.log_in(&[]).await;
    app.bank.clock().advance(Duration::from_secs(2339));
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
    app.bank.clock().advance(Duration::from_secs(60));
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);

    app.revolut()
        .set_access_token_lifetime(Duration::from_millis(2_500));
    let answer = app.refresh(&refresh_token).await;
    assert_eq!(answer.json()["expires_in"], 2);
}

#[tokio::test]
async fn a_refresh_token_has_no_end_but_on_the_freelancer_plan() {
    let app = Application::start().await;
    let (_, refresh_token) = app.log_in(&[]).await;
    app.bank
        .clock()
        .advance(Duration::from_secs(3 * 365 * 86_400));
    assert_eq!(app.refresh(&refresh_token).await.status, StatusCode::OK);

    app.revolut().set_plan(Plan::Freelancer);
    assert_eq!(app.refresh(&refresh_token).await.text(), DEAD_REFRESH_TOKEN);

    let (_, refresh_token) = app.log_in(&[]).await;
    app.bank
        .clock()
        .advance(Duration::from_secs(90 * 86_400 - 60));
    let answer = app.refresh(&refresh_token).await;
    assert_eq!(answer.status, StatusCode::OK);
    // The 90 days count from the consent, whatever was refreshed since.
    app.bank.clock().advance(Duration::from_secs(60));
    assert_eq!(app.refresh(&refresh_token).await.text(), DEAD_REFRESH_TOKEN);
    // The access token has its own end.
    let access = member(&answer, "access_token");
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn tokens_can_be_ended() {
    let app = Application::start().await;
    let (access, refresh_token) = app.log_in(&[]).await;
    assert_eq!(app.revolut().end_refresh_tokens("another"), 0);
    assert_eq!(app.revolut().end_refresh_tokens(&app.client_id), 1);
    assert_eq!(app.revolut().end_refresh_tokens(&app.client_id), 0);
    assert_eq!(app.refresh(&refresh_token).await.text(), DEAD_REFRESH_TOKEN);
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);

    assert_eq!(app.revolut().end_access_tokens(&app.client_id), 1);
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);

    // Asking the user again helps.
    let (access, _) = app.log_in(&[]).await;
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_of_another_client_works() {
    let app = Application::start().await;
    let (_, refresh_token) = app.log_in(&[]).await;
    let code = app.code(&[]);
    let other = app
        .revolut()
        .upload_certificate(&certificate(key()), REDIRECT_URI, &[])
        .unwrap();
    let mut claims = app.claims();
    claims["sub"] = json!(other.as_str());
    let assertion = sign(key(), &header(), &claims);

    let grant = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    assert_eq!(app.token_with(&grant, &assertion).await.text(), DEAD_CODE);
    let grant = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    assert_eq!(
        app.token_with(&grant, &assertion).await.text(),
        DEAD_REFRESH_TOKEN
    );
    // Neither was harmed.
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
    assert_eq!(app.refresh(&refresh_token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_body_is_a_form() {
    let app = Application::start().await;
    let request = app.http.post(app.revolut().token_endpoint());
    let json = request.json(&json!({"grant_type": "refresh_token"}));
    insta::assert_snapshot!(send(json).await.text(), @r#"400 {"error":"invalid_client","error_description":"client_id is missing"}"#);
    let request = app.http.get(app.revolut().token_endpoint());
    assert_eq!(send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);

    let charset = "application/x-www-form-urlencoded; charset=utf-8";
    let request = app.http.post(app.revolut().token_endpoint());
    let request = request.header("content-type", charset).body("a=b");
    insta::assert_snapshot!(send(request).await.text(), @r#"400 {"error":"invalid_request","error_description":"grant_type is missing"}"#);
}

#[tokio::test]
async fn parameters_are_there_once() {
    let app = Application::start().await;
    let assertion = app.assertion();
    let form = |more: &[(&'static str, &'static str)]| {
        let form: Vec<(&str, &str)> = more.to_vec();
        form
    };
    insta::assert_snapshot!(app.post(&form(&[("grant_type", "refresh_token")])).await.text(), @r#"400 {"error":"invalid_request","error_description":"client_assertion_type is missing"}"#);
    insta::assert_snapshot!(app.post(&form(&[("grant_type", "refresh_token"), ("client_assertion_type", "jwt")])).await.text(), @r#"400 {"error":"invalid_request","error_description":"client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}"#);
    insta::assert_snapshot!(app.post(&form(&[("grant_type", "refresh_token"), ("client_assertion_type", ASSERTION_TYPE)])).await.text(), @r#"400 {"error":"invalid_request","error_description":"client_assertion is missing"}"#);
    insta::assert_snapshot!(app.token_with(&[("grant_type", "authorization_code")], &assertion).await.text(), @r#"400 {"error":"invalid_request","error_description":"code is missing"}"#);
    insta::assert_snapshot!(app.token_with(&[("grant_type", "refresh_token"), ("refresh_token", "")], &assertion).await.text(), @r#"400 {"error":"invalid_request","error_description":"refresh_token is missing"}"#);
    insta::assert_snapshot!(app.token_with(&[("grant_type", "password")], &assertion).await.text(), @r#"400 {"error":"unsupported_grant_type","error_description":"grant_type must be authorization_code or refresh_token"}"#);
    let twice = [
        ("grant_type", "refresh_token"),
        ("client_assertion", assertion.as_str()),
    ];
    insta::assert_snapshot!(app.token_with(&twice, &assertion).await.text(), @r#"400 {"error":"invalid_request","error_description":"A parameter is given more than once"}"#);
}

#[tokio::test]
async fn one_way_to_authenticate() {
    let app = Application::start().await;
    let (_, refresh_token) = app.log_in(&[]).await;
    let assertion = app.assertion();
    let form = |client_id| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
            ("client_id", client_id),
        ]
    };
    // RFC 6749 section 2.3
    let basic = app
        .post_request(&form(&app.client_id))
        .basic_auth("a", Some("b"));
    insta::assert_snapshot!(send(basic).await.text(), @r#"400 {"error":"invalid_request","error_description":"The client is authenticated in more than one way"}"#);
    insta::assert_snapshot!(app.post(&form("another")).await.text(), @r#"400 {"error":"invalid_request","error_description":"client_id is not that of the assertion"}"#);
    assert_eq!(app.post(&form(&app.client_id)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_old_access_token_may_die_late() {
    let app = Application::start().await;
    let (first, refresh_token) = app.log_in(&[]).await;
    let lag = Duration::from_secs(5);
    app.revolut()
        .set_old_access_token(OldAccessToken::DiesAfter(lag));
    app.refresh(&refresh_token).await;
    assert_eq!(app.accounts(&first).await.status, StatusCode::OK);
    app.bank.clock().advance(lag);
    assert_eq!(app.accounts(&first).await.status, StatusCode::UNAUTHORIZED);

    app.revolut().set_old_access_token(OldAccessToken::Lives);
    let second = member(&app.refresh(&refresh_token).await, "access_token");
    app.refresh(&refresh_token).await;
    assert_eq!(app.accounts(&second).await.status, StatusCode::OK);
    // The ones of three refreshes; only the first login's had five seconds.
    assert_eq!(app.revolut().end_access_tokens(&app.client_id), 3);
    assert_eq!(app.accounts(&second).await.status, StatusCode::UNAUTHORIZED);
}
