//! Rotation, reuse, grace, and what becomes of the old tokens.

use std::time::Duration;

use bankauth_testbank::{OldAccessToken, Rotation, TatraBankaApplication};
use reqwest::StatusCode;

use super::application::Application;
use crate::client::member;

#[tokio::test]
async fn rfc_9700_section_4_14_2_reuse_revokes_the_family() {
    let app = Application::consumer().await;
    let (access, first) = app.log_in("PREMIUM_AIS").await;
    let answer = app.refresh(&first).await;
    let (new_access, second) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_eq!(
        answer.text(),
        format!(
            r#"200 {{"access_token":"{new_access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{second}","scope":"PREMIUM_AIS"}}"#
        )
    );
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.accounts(&new_access).await.status, StatusCode::OK);

    insta::assert_snapshot!(app.refresh(&first).await.text(), @r#"400 {"error":"invalid_grant","error_description":"The refresh token is not valid"}"#);
    assert_eq!(
        app.accounts(&new_access).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(app.refresh(&second).await.json()["error"], "invalid_grant");
    let counters = app.tatra().counters();
    assert_eq!((counters.refreshes, counters.families_revoked), (1, 1));
    // Another login starts another family.
    let (access, _) = app.log_in("PREMIUM_AIS").await;
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn reuse_without_revocation_and_with_a_grace_period() {
    let app = Application::consumer().await;
    app.tatra().set_reuse_revokes(false);
    let (_, first) = app.log_in("PREMIUM_AIS").await;
    let second = member(&app.refresh(&first).await, "refresh_token");
    assert_eq!(app.refresh(&first).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.refresh(&second).await.status, StatusCode::OK);

    app.tatra().set_grace_period(Duration::from_secs(10));
    let (_, first) = app.log_in("PREMIUM_AIS").await;
    let second = member(&app.refresh(&first).await, "refresh_token");
    let sibling = member(&app.refresh(&first).await, "refresh_token");
    assert_ne!(second, sibling);
    assert_eq!(app.refresh(&second).await.status, StatusCode::OK);
    app.bank.clock().advance(Duration::from_secs(10));
    assert_eq!(app.refresh(&first).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.refresh(&sibling).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_same_or_none() {
    let app = Application::consumer().await;
    let (access, refresh) = app.log_in("PREMIUM_AIS").await;
    app.tatra().set_rotation(Rotation::Same);
    app.tatra().set_old_access_token(OldAccessToken::Lives);
    assert_eq!(
        member(&app.refresh(&refresh).await, "refresh_token"),
        refresh
    );
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
    app.tatra().set_rotation(Rotation::Absent);
    assert_eq!(
        app.refresh(&refresh).await.json().get("refresh_token"),
        None
    );
    assert_eq!(app.refresh(&refresh).await.status, StatusCode::OK);
    assert_eq!(app.tatra().end_refresh_tokens(app.id()), 1);
    assert_eq!(app.refresh(&refresh).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_old_access_token_dies_after_a_while() {
    let app = Application::consumer().await;
    app.tatra()
        .set_old_access_token(OldAccessToken::DiesAfter(Duration::from_secs(5)));
    let (access, refresh) = app.log_in("PREMIUM_AIS").await;
    app.refresh(&refresh).await;
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
    app.bank.clock().advance(Duration::from_secs(5));
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn lifetimes() {
    let app = Application::consumer().await;
    app.tatra()
        .set_access_token_lifetime(Duration::from_secs(2));
    app.tatra()
        .set_refresh_token_lifetime(Duration::from_secs(20));
    let answer = app.exchange(&app.code("PREMIUM_AIS")).await;
    assert_eq!(answer.json()["expires_in"], 2);
    let refresh = member(
        &app.refresh(&member(&answer, "refresh_token")).await,
        "refresh_token",
    );
    app.bank.clock().advance(Duration::from_secs(20));
    assert_eq!(app.refresh(&refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_for_payments_is_of_no_use() {
    let payments = TatraBankaApplication::final_consumer().with_scopes(&["PREMIUM_PIS"]);
    let app = Application::start(payments).await;
    let (_, refresh) = app.log_in("PREMIUM_PIS").await;
    assert_eq!(app.refresh(&refresh).await.json()["error"], "invalid_grant");
    app.tatra().set_refresh_token_for_payments(false);
    let answer = app.exchange(&app.code("PREMIUM_PIS")).await;
    assert_eq!(answer.json().get("refresh_token"), None);
}
