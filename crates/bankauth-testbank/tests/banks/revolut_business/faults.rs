//! Each fault as the client meets it.

use bankauth_testbank::{Endpoint, Fault};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::application::Application;
use crate::client::send;

#[tokio::test]
async fn answers_that_are_none_of_the_banks() {
    let app = Application::start().await;
    let code = app.code(&[]);
    let revolut = app.revolut();
    revolut.fail_next(Endpoint::Token, Fault::Html(StatusCode::BAD_GATEWAY), 1);
    let answer = app.exchange(&code).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert_eq!(answer.headers["content-type"], "text/html");
    assert!(answer.body.contains("<h1>502 Bad Gateway</h1>"));

    let redirect = Fault::Redirect {
        status: StatusCode::TEMPORARY_REDIRECT,
        location: HeaderValue::from_static("https://example.org/elsewhere"),
    };
    revolut.fail_next(Endpoint::Token, redirect, 1);
    let answer = app.exchange(&code).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers["location"], "https://example.org/elsewhere");

    revolut.fail_next(Endpoint::Token, Fault::Empty(StatusCode::OK), 1);
    let answer = app.exchange(&code).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));

    let body = Fault::Answer {
        status: StatusCode::SERVICE_UNAVAILABLE,
        content_type: HeaderValue::from_static("application/json"),
        body: r#"{"message":"down","code":5003}"#.to_owned(),
    };
    revolut.fail_next(Endpoint::Token, body, 1);
    insta::assert_snapshot!(app.exchange(&code).await.text(), @r#"503 {"message":"down","code":5003}"#);

    revolut.fail_next(
        Endpoint::Token,
        Fault::RetryAfter(HeaderValue::from_static("30")),
        1,
    );
    let answer = app.exchange(&code).await;
    assert_eq!(answer.headers["retry-after"], "30");
    insta::assert_snapshot!(answer.text(), @r#"429 {"message":"Rate limit exceeded","code":3162}"#);

    // None of these touched the code.
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
    assert_eq!(revolut.counters().token_requests, 6);
    assert_eq!(revolut.counters().exchanges, 1);
}

#[tokio::test]
async fn a_large_body_does_not_say_how_large() {
    let app = Application::start().await;
    app.revolut()
        .fail_next(Endpoint::Token, Fault::Large(10 * 1024 * 1024), 1);
    let mut answer = app.post_request(&[]).send().await.unwrap();
    assert_eq!(answer.content_length(), None);
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        length += piece.len();
    }
    assert_eq!(length, 10 * 1024 * 1024);
}

#[tokio::test]
async fn a_connection_that_never_answers() {
    let app = Application::start().await;
    app.revolut().fail_next(Endpoint::Token, Fault::Never, 1);
    let waiting = tokio::spawn(app.post_request(&[]).send());
    while app.revolut().counters().token_requests == 0 {
        tokio::task::yield_now().await;
    }
    // The bank goes on for everyone else.
    assert_eq!(app.post(&[]).await.status, StatusCode::BAD_REQUEST);
    assert!(!waiting.is_finished());
    waiting.abort();
    assert_eq!(app.revolut().counters().token_requests, 2);
}

#[tokio::test]
async fn a_connection_dropped_before_the_bank_acts() {
    let app = Application::start().await;
    let code = app.code(&[]);
    app.revolut().fail_next(Endpoint::Token, Fault::Close, 1);
    let error = app
        .post_request(&[("code", &code)])
        .send()
        .await
        .unwrap_err();
    assert!(error.is_request() && !error.is_connect() && !error.is_timeout());
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_response_after_the_bank_acted() {
    let app = Application::start().await;
    let (access, refresh_token) = app.log_in(&[]).await;
    app.revolut()
        .fail_next(Endpoint::Token, Fault::LostResponse, 1);
    let assertion = app.assertion();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("client_assertion_type", super::application::ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    assert!(
        app.post_request(&form)
            .send()
            .await
            .unwrap_err()
            .is_request()
    );
    assert_eq!(app.revolut().counters().refreshes, 1);
    // The access token is gone, the refresh token is not.
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.refresh(&refresh_token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_belong_to_an_endpoint_and_are_counted() {
    let app = Application::start().await;
    let (access, _) = app.log_in(&[]).await;
    let revolut = app.revolut();
    revolut.fail_next(Endpoint::Api, Fault::Empty(StatusCode::UNAUTHORIZED), 2);
    revolut.fail_next(Endpoint::Consent, Fault::Html(StatusCode::NOT_FOUND), 1);
    assert_eq!(app.accounts(&access).await.text(), "401 ");
    assert_eq!(app.accounts(&access).await.text(), "401 ");
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
    let page = || send(app.http.get(revolut.consent_page()));
    assert_eq!(page().await.status, StatusCode::NOT_FOUND);
    assert_eq!(page().await.status, StatusCode::BAD_REQUEST);

    revolut.fail_next(Endpoint::Api, Fault::Close, u32::MAX);
    revolut.clear_faults();
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn requests_are_kept_with_their_secrets() {
    let app = Application::start().await;
    let code = app.code(&[]);
    app.exchange(&code).await;
    app.accounts("oa_sand_hunter2").await;
    let requests = app.revolut().requests();
    let [token, accounts] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(token.method(), "POST");
    assert_eq!(token.path(), "/api/1.0/auth/token");
    let names: Vec<_> = token
        .expose_form()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "grant_type",
            "code",
            "client_assertion_type",
            "client_assertion"
        ]
    );
    assert_eq!(token.expose_form()[1].1, code);
    assert_eq!(
        accounts.expose_headers()["authorization"],
        "Bearer oa_sand_hunter2"
    );
    insta::assert_snapshot!(format!("{requests:?}"), @r#"[RecordedRequest { method: POST, path: "/api/1.0/auth/token", .. }, RecordedRequest { method: GET, path: "/api/1.0/accounts", .. }]"#);
}

#[tokio::test]
async fn requests_that_are_too_large() {
    let app = Application::start().await;
    let body = "a".repeat(1024 * 1024 + 1);
    let request = app.http.post(app.revolut().token_endpoint()).body(body);
    match request.send().await {
        Ok(answer) => assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE),
        // The bank may close while the client still writes.
        Err(error) => assert!(error.is_request() || error.is_body(), "{error:?}"),
    }
    assert_eq!(
        app.post(&[]).await.json()["error"],
        json!("invalid_request")
    );
}
