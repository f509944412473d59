//! The call that proves a token, and its errors in both shapes.

use bankauth_testbank::{ErrorShape, Options};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::application::{Application, REDIRECT_URI};
use crate::client::{Answer, send};

/// The text of a 36 letter `error_id` varies; its place does not.
fn without_id(answer: &Answer) -> String {
    let mut json = answer.json();
    let id = json["error_id"].take();
    assert_eq!(id.as_str().map(str::len), Some(36));
    format!(
        "{} {}: {}",
        answer.status.as_u16(),
        json["code"],
        json["message"]
    )
}

#[tokio::test]
async fn the_guides_two_accounts() {
    let app = Application::start().await;
    let (access, _) = app.log_in(&["READ"]).await;
    let answer = app.accounts(&access).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-type"], "application/json");
    let guide: Value = json!([
        {
            "id": "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1",
            "name": "Current GBP account",
            "balance": 100.0,
            "currency": "GBP",
            "state": "active",
            "public": false,
            "updated_at": "2017-06-01T11:11:11.1Z",
            "created_at": "2017-06-01T11:11:11.1Z"
        },
        {
            "id": "df8d6b20-0725-482e-a29e-fb09631480cf",
            "name": "EUR expenses account",
            "balance": 1234.0,
            "currency": "EUR",
            "state": "active",
            "public": false,
            "created_at": "2017-06-01T11:11:11.1Z",
            "updated_at": "2017-06-01T11:11:11.1Z"
        }
    ]);
    assert_eq!(answer.json(), guide);
    assert!(answer.body.contains(r#""balance":100.0,"#));
}

#[tokio::test]
async fn no_token_and_a_dead_one_in_the_old_shape() {
    let app = Application::start().await;
    let (access, refresh) = app.log_in(&[]).await;
    let (scheme, url) = (
        format!("bearer {access}"),
        format!("/accounts?access_token={access}"),
    );
    for request in [
        app.get("/accounts"),
        app.get("/accounts").header("authorization", &access),
        app.get("/accounts").header("authorization", scheme),
        app.get("/accounts")
            .bearer_auth(&access)
            .bearer_auth(&access),
        app.get(&url),
        app.get("/accounts").bearer_auth("oa_sand_unknown"),
        app.get("/accounts").bearer_auth(&refresh),
        app.get("/other"),
    ] {
        assert_eq!(
            send(request).await.text(),
            r#"401 {"message":"The request should be authorized."}"#
        );
    }
}

#[tokio::test]
async fn no_token_and_a_dead_one_in_the_new_shape() {
    let app = Application::start().await;
    app.revolut().set_error_shape(ErrorShape::New);
    insta::assert_snapshot!(without_id(&send(app.get("/accounts")).await), @r#"401 1000: "Invalid token. The authorization header must follow the 'Bearer <token>' format.""#);
    insta::assert_snapshot!(without_id(&app.accounts("oa_sand_unknown").await), @r#"401 1000: "Access token is invalid or has expired. Please refresh your access token or generate a new one following the 'Get a new access token' guide in the Revolut API docs.""#);
}

#[tokio::test]
async fn a_token_without_read_is_forbidden() {
    let app = Application::start().await;
    let (access, _) = app.log_in(&["WRITE", "PAY"]).await;
    insta::assert_snapshot!(app.accounts(&access).await.text(), @r#"403 {"message":"This action is forbidden","code":9002}"#);
    app.revolut().set_error_shape(ErrorShape::New);
    insta::assert_snapshot!(without_id(&app.accounts(&access).await), @r#"403 9002: "This action is forbidden""#);
}

#[tokio::test]
async fn the_ip_list_holds() {
    let ip_list = ["192.0.2.0/24", "2001:db8::1"];
    let app = Application::start_with(Options::default(), REDIRECT_URI, &ip_list).await;
    let (access, _) = app.log_in(&[]).await;
    // Seen as the loopback address that it comes from.
    assert_eq!(app.accounts(&access).await.status, StatusCode::FORBIDDEN);
    for (address, status) in [
        ("192.0.2.7", StatusCode::OK),
        ("2001:db8::1", StatusCode::OK),
        ("192.0.3.7", StatusCode::FORBIDDEN),
        ("2001:db8::2", StatusCode::FORBIDDEN),
    ] {
        app.revolut()
            .set_peer_address(Some(address.parse().unwrap()));
        assert_eq!(app.accounts(&access).await.status, status, "{address}");
    }
    app.revolut().set_peer_address(None);
    assert_eq!(app.accounts(&access).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn card_data_demands_an_ip_list() {
    let scopes = ["READ", "READ_SENSITIVE_CARD_DATA"];
    let app = Application::start().await;
    let (access, _) = app.log_in(&scopes).await;
    assert_eq!(app.accounts(&access).await.status, StatusCode::FORBIDDEN);

    let app = Application::start_with(Options::default(), REDIRECT_URI, &["127.0.0.1"]).await;
    let (access, _) = app.log_in(&scopes).await;
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_paths_and_methods() {
    let app = Application::start().await;
    let (access, _) = app.log_in(&[]).await;
    let other = app.get("/other?a=b").bearer_auth(&access);
    insta::assert_snapshot!(send(other).await.text(), @r#"404 {"message":"Resource not found","code":3006}"#);
    let later = format!("{}/api/2.0/webhooks", app.bank.base_url());
    let later = app.http.get(later).bearer_auth(&access);
    assert_eq!(send(later).await.status, StatusCode::NOT_FOUND);
    let posted = app
        .http
        .post(format!("{}/accounts", app.revolut().api_base()));
    assert_eq!(send(posted).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let nowhere = app.http.get(format!("{}/nowhere", app.bank.base_url()));
    assert_eq!(send(nowhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.revolut().counters().api_calls, 3);
}
