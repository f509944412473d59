//! Which assertions the bank believes.

use bankauth_testbank::{Options, TestBank};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::date_time_ymd;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::application::{
    Application, at, certificate_params, header, key, new_key, sign, unix_secs,
};
use crate::client::client;

const FAILED: &str =
    r#"400 {"error":"unauthorized_client","error_description":"Failed to authorise client"}"#;

/// Exchanges a fresh code with this assertion.
async fn exchange(app: &Application, assertion: &str) -> String {
    let code = app.code(&[]);
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    let answer = app.token_with(&grant, assertion).await;
    if answer.status == StatusCode::OK {
        return "200".to_owned();
    }
    answer.text()
}

async fn with_claim(app: &Application, name: &str, value: Value) -> String {
    let mut claims = app.claims();
    claims[name] = value;
    exchange(app, &sign(key(), &header(), &claims)).await
}

async fn without_claim(app: &Application, name: &str) -> String {
    let mut claims = app.claims();
    claims.as_object_mut().unwrap().remove(name);
    exchange(app, &sign(key(), &header(), &claims)).await
}

async fn with_header(app: &Application, header: Value) -> String {
    exchange(app, &sign(key(), &header, &app.claims())).await
}

#[tokio::test]
async fn the_guides_assertion_works() {
    let app = Application::start().await;
    assert_eq!(exchange(&app, &app.assertion()).await, "200");
    // Clients are known to send these, and the bank to take them.
    assert_eq!(
        with_header(&app, json!({"alg": "RS256", "typ": "JWT", "kid": "1"})).await,
        "200"
    );
    let now = unix_secs(app.bank.clock().now());
    assert_eq!(with_claim(&app, "iat", json!(now)).await, "200");
    // The guide's own example lives ninety days.
    assert_eq!(
        with_claim(&app, "exp", json!(now + 90 * 86_400)).await,
        "200"
    );
    assert_eq!(with_claim(&app, "exp", json!(u64::MAX)).await, "200");
}

#[tokio::test]
async fn an_expired_assertion_gets_the_guides_answer() {
    let app = Application::start().await;
    insta::assert_snapshot!(with_claim(&app, "exp", json!(1_717_430_121)).await, @r#"400 {"error":"invalid_request","error_description":"The Token has expired on Mon Jun 03 15:55:21 UTC 2024."}"#);
    insta::assert_snapshot!(with_claim(&app, "exp", json!(-1)).await, @r#"400 {"error":"invalid_request","error_description":"The Token has expired on Wed Dec 31 23:59:59 UTC 1969."}"#);
    // RFC 7519 section 4.1.4, and by the bank's clock, not by the machine's.
    app.bank.clock().set(at(1_717_430_000));
    assert_eq!(with_claim(&app, "exp", json!(1_717_430_121)).await, "200");
    app.bank.clock().set(at(1_717_430_121));
    assert!(
        with_claim(&app, "exp", json!(1_717_430_121))
            .await
            .contains("has expired")
    );
}

#[tokio::test]
async fn the_expiry_is_a_whole_number() {
    let app = Application::start().await;
    let seconds = unix_secs(app.bank.clock().now()) + 60;
    for wrong in [
        json!(seconds.to_string()),
        json!(seconds as f64 + 0.5),
        json!([seconds]),
        json!(true),
    ] {
        assert_eq!(
            with_claim(&app, "exp", wrong).await,
            r#"400 {"error":"invalid_request","error_description":"The claim 'exp' contained a non-numeric date value."}"#
        );
    }
    assert_eq!(without_claim(&app, "exp").await, FAILED);
}

#[tokio::test]
async fn the_issuer_is_the_host_of_the_redirect_uri() {
    let redirect_uri = "https://127.0.0.1:8787/callback";
    let app = Application::start_with(Options::default(), redirect_uri, &[]).await;
    assert_eq!(with_claim(&app, "iss", json!("127.0.0.1")).await, "200");
    for wrong in [
        json!("127.0.0.1:8787"),
        json!("https://127.0.0.1"),
        json!("127.0.0.1/callback"),
        json!(app.client_id),
        json!(["127.0.0.1"]),
        Value::Null,
    ] {
        assert_eq!(
            with_claim(&app, "iss", wrong).await,
            r#"400 {"error":"invalid_request","error_description":"The 'iss' (issuer) claim must be your domain"}"#
        );
    }
}

#[tokio::test]
async fn the_audience_is_the_bank() {
    let app = Application::start().await;
    // RFC 7519 section 4.1.3
    assert_eq!(
        with_claim(&app, "aud", json!(["https://revolut.com"])).await,
        "200"
    );
    for wrong in [
        json!("https://revolut.com/"),
        json!(app.revolut().token_endpoint()),
        json!(["https://b2b.revolut.com"]),
        json!([]),
        Value::Null,
    ] {
        assert_eq!(
            with_claim(&app, "aud", wrong).await,
            r#"400 {"error":"invalid_request","error_description":"The Claim 'aud' value doesn't contain the required audience."}"#
        );
    }
}

#[tokio::test]
async fn the_subject_is_the_client() {
    let app = Application::start().await;
    assert_eq!(with_claim(&app, "sub", json!("another")).await, FAILED);
    assert_eq!(with_claim(&app, "sub", json!(1)).await, FAILED);
    assert_eq!(without_claim(&app, "sub").await, FAILED);
}

#[tokio::test]
async fn the_signature_is_rs256_by_the_uploaded_key() {
    let app = Application::start().await;
    let stranger = sign(&new_key(), &header(), &app.claims());
    assert_eq!(exchange(&app, &stranger).await, FAILED);

    for alg in ["none", "HS256", "RS512", "PS256", "ES256", "rs256", ""] {
        let header = json!({"alg": alg, "typ": "JWT"});
        assert_eq!(with_header(&app, header).await, FAILED, "{alg}");
    }
    assert_eq!(with_header(&app, json!({"typ": "JWT"})).await, FAILED);
    assert_eq!(with_header(&app, json!({"alg": "RS256"})).await, FAILED);
    assert_eq!(
        with_header(&app, json!({"alg": "RS256", "typ": "JOSE"})).await,
        FAILED
    );
    // RFC 7515 section 4.1.11
    let crit = json!({"alg": "RS256", "typ": "JWT", "crit": ["b64"], "b64": true});
    assert_eq!(with_header(&app, crit).await, FAILED);

    let good = app.assertion();
    let (input, _) = good.rsplit_once('.').unwrap();
    assert_eq!(exchange(&app, &format!("{input}.")).await, FAILED);
    assert_eq!(exchange(&app, &format!("{good}=")).await, FAILED);
    let (header, rest) = good.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let mut claims = app.claims();
    claims["exp"] = json!(u32::MAX);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    assert_eq!(
        exchange(&app, &format!("{header}.{claims}.{signature}")).await,
        FAILED
    );
}

#[tokio::test]
async fn three_parts() {
    let app = Application::start().await;
    insta::assert_snapshot!(exchange(&app, "hunter2").await, @r#"400 {"error":"invalid_request","error_description":"The token was expected to have 3 parts, but got 1."}"#);
    insta::assert_snapshot!(exchange(&app, &format!("{}.", app.assertion())).await, @r#"400 {"error":"invalid_request","error_description":"The token was expected to have 3 parts, but got 4."}"#);
    assert_eq!(exchange(&app, "a.b.c").await, FAILED);
    assert_eq!(exchange(&app, "..").await, FAILED);
}

#[tokio::test]
async fn the_certificate_must_still_be_valid() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    bank.clock().set(at(1_717_199_000));
    let mut params = certificate_params();
    params.not_after = date_time_ymd(2024, 6, 1);
    let pem = params.self_signed(key()).unwrap().pem();
    let upload = bank
        .revolut_business()
        .upload_certificate(&pem, "https://example.com", &[]);
    let app = Application {
        http: client(&bank),
        client_id: upload.unwrap().to_string(),
        bank,
    };
    assert_eq!(exchange(&app, &app.assertion()).await, "200");
    app.bank.clock().set(at(1_717_200_001));
    assert_eq!(exchange(&app, &app.assertion()).await, FAILED);
}
