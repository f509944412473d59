//! Consents of third parties.

use bankauth_testbank::{TatraBankaApplication, TatraBankaProduct};
use reqwest::StatusCode;

use super::application::Application;
use crate::client::{member, send};

async fn third_party() -> Application {
    Application::start(TatraBankaApplication::third_party()).await
}

#[tokio::test]
async fn from_consent_to_deletion() {
    let app = third_party().await;
    let created = app.new_consent().await;
    assert_eq!(created.status, StatusCode::CREATED);
    let consent = member(&created, "consentId");
    let answer = app
        .exchange(&app.code(&format!("PREMIUM_AIS:{consent}")))
        .await;
    assert_eq!(answer.json()["scope"], "PREMIUM_AIS");
    assert_eq!(member(&answer, "consent_id"), consent);
    let (access, refresh) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);

    assert_eq!(app.delete_consent(&consent).await.text(), "204 ");
    assert_eq!(
        app.delete_consent(&consent).await.status,
        StatusCode::NOT_FOUND
    );
    insta::assert_snapshot!(app.accounts(&access).await.text(), @r#"403 {"errorCode":"NO_AUTHORIZATION"}"#);
    assert_eq!(app.refresh(&refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_consent_that_the_user_ends() {
    let app = third_party().await;
    let consent = member(&app.new_consent().await, "consentId");
    let code = app.code(&format!("PREMIUM_AIS:{consent}"));
    assert!(app.tatra().end_consent(&consent));
    assert!(!app.tatra().end_consent(&consent));
    assert_eq!(app.exchange(&code).await.json()["error"], "invalid_grant");
    assert_eq!(
        app.delete_consent(&consent).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn who_may_make_and_delete_consents() {
    let app = third_party().await;
    let base = app.tatra().api_base(TatraBankaProduct::Premium);
    let url = format!("{base}/v3/consents");
    let application = app.application_token().await;
    let post = |token: &str| {
        app.http
            .post(&url)
            .bearer_auth(token)
            .header("X-Request-ID", "1")
    };
    assert_eq!(
        send(post(&application).body("no JSON")).await.json()["errorCode"],
        "FORMAT_ERROR"
    );
    assert_eq!(
        send(post("unknown").body("{}")).await.json()["errorCode"],
        "TOKEN_INVALID"
    );
    let without_id = app.http.post(&url).bearer_auth(&application).body("{}");
    assert_eq!(send(without_id).await.status, StatusCode::BAD_REQUEST);

    let consent = member(&app.new_consent().await, "consentId");
    let (user, _) = app.log_in(&format!("PREMIUM_AIS:{consent}")).await;
    assert_eq!(
        send(post(&user).body("{}")).await.json()["errorCode"],
        "TOKEN_INVALID"
    );

    // Others neither see nor delete it.
    let other = app
        .tatra()
        .register(TatraBankaApplication::third_party())
        .unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "PREMIUM_AIS"),
    ];
    let token = |credentials: bankauth_testbank::TatraBankaCredentials| {
        let request = app.token_request(TatraBankaProduct::Premium, &form);
        let request =
            request.basic_auth(credentials.client_id(), credentials.expose_client_secret());
        async { member(&send(request).await, "access_token") }
    };
    let other = token(other).await;
    let delete = app
        .http
        .delete(format!("{base}/v1/consents/{consent}"))
        .bearer_auth(other);
    assert_eq!(
        send(delete.header("X-Request-ID", "1")).await.status,
        StatusCode::NOT_FOUND
    );

    let consumer = app
        .tatra()
        .register(TatraBankaApplication::final_consumer())
        .unwrap();
    let consumer = token(consumer).await;
    assert_eq!(
        send(post(&consumer).body("{}")).await.json()["errorCode"],
        "NO_AUTHORIZATION"
    );
    assert!(app.tatra().set_contract(app.id(), false));
    assert_eq!(
        send(post(&application).body("{}")).await.json()["errorCode"],
        "NO_CONTRACT"
    );
}

#[tokio::test]
async fn as_it_was_done_before() {
    let app = third_party().await;
    let url = format!(
        "{}/v1/consents",
        app.tatra().api_base(TatraBankaProduct::Premium)
    );
    let post = |secret: &str| {
        let request = app.http.post(&url).basic_auth(app.id(), Some(secret));
        request.header("X-Request-ID", "1")
    };
    let created = send(post(app.secret())).await;
    assert_eq!(created.status, StatusCode::CREATED);
    app.log_in(&format!("PREMIUM_AIS:{}", member(&created, "consentId")))
        .await;
    assert_eq!(
        send(post("wrong")).await.json()["errorCode"],
        "TOKEN_INVALID"
    );
}
