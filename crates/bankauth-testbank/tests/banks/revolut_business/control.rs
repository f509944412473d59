//! The control endpoints: a whole journey without a handle.

use bankauth_testbank::{Options, TestBank};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::application::{Application, REDIRECT_URI, at, certificate, key, unix_secs};
use crate::client::{Answer, client, member, send};

impl Application {
    async fn control(&self, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}", self.bank.control_url());
        send(self.http.post(url).json(&body)).await
    }

    async fn order(&self, path: &str, body: Value) {
        let answer = self.control(path, body).await;
        assert_eq!(answer.text(), "204 ");
    }

    async fn ask(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.bank.control_url());
        send(self.http.get(url)).await.json()
    }
}

#[tokio::test]
async fn from_upload_to_accounts() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let mut app = Application {
        http: client(&bank),
        client_id: String::new(),
        bank,
    };
    let upload = json!({"certificate": certificate(key()), "redirect_uri": REDIRECT_URI, "ip_list": ["192.0.2.1"]});
    let answer = app.control("/revolut-business/certificates", upload).await;
    app.client_id = member(&answer, "client_id");

    let page = app.revolut().consent_page();
    let url = format!(
        "{page}?client_id={}&redirect_uri={REDIRECT_URI}&response_type=code",
        app.client_id
    );
    let deny = json!({"url": url, "decision": "deny"});
    let answer = app.control("/revolut-business/consent", deny).await;
    assert_eq!(
        member(&answer, "redirect"),
        "https://example.com/callback?error=access_denied"
    );
    let authorise = json!({"url": url, "decision": "authorise"});
    let answer = app.control("/revolut-business/consent", authorise).await;
    let redirect = member(&answer, "redirect");
    let code = redirect
        .strip_prefix("https://example.com/callback?code=")
        .unwrap();

    let settings =
        json!({"access_token_lifetime_secs": 2, "peer_address": "192.0.2.1", "error_shape": "new"});
    app.order("/revolut-business/settings", settings).await;
    let fault = json!({"endpoint": "token", "fault": {"html": 502}, "times": 1});
    app.order("/revolut-business/faults", fault).await;
    assert_eq!(app.exchange(code).await.status, StatusCode::BAD_GATEWAY);
    let answer = app.exchange(code).await;
    assert_eq!(answer.json()["expires_in"], 2);
    let (access, refresh) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_eq!(app.accounts(&access).await.status, StatusCode::OK);
    app.control("/clock", json!({"advance_secs": 2})).await;
    let answer = app.accounts(&access).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["code"], 1000);

    let client = json!({"client_id": app.client_id});
    let answer = app
        .control("/revolut-business/access-tokens/end", client.clone())
        .await;
    assert_eq!(answer.text(), r#"200 {"ended":1}"#);
    let answer = app
        .control("/revolut-business/refresh-tokens/end", client)
        .await;
    assert_eq!(answer.text(), r#"200 {"ended":1}"#);
    assert_eq!(app.refresh(&refresh).await.json()["error"], "invalid_grant");

    assert_eq!(
        app.ask("/revolut-business/counters").await,
        json!({
            "token_requests": 3,
            "exchanges": 1,
            "credential_grants": 0,
            "refreshes": 0,
            "families_revoked": 0,
            "api_calls": 2,
        })
    );
    let requests = app.ask("/revolut-business/requests").await;
    assert_eq!(requests.as_array().unwrap().len(), 5);
    assert_eq!(requests[4]["method"], "POST");
    assert_eq!(requests[4]["path"], "/api/1.0/auth/token");
    assert!(requests[4]["body"].as_str().unwrap().contains(&refresh));
    let authorization = json!(["authorization", format!("Bearer {access}")]);
    assert!(
        requests[2]["headers"]
            .as_array()
            .unwrap()
            .contains(&authorization)
    );
}

#[tokio::test]
async fn the_clock() {
    let app = Application::start().await;
    let now = app
        .control("/clock", json!({"set_unix_secs": 1_717_430_121}))
        .await;
    assert_eq!(now.text(), r#"200 {"unix_secs":1717430121}"#);
    app.control("/clock", json!({"advance_secs": 90 * 86_400}))
        .await;
    let seconds = app.ask("/clock").await["unix_secs"].as_u64().unwrap();
    assert!((1_725_206_121..1_725_209_721).contains(&seconds));
    assert!(app.bank.clock().now() >= at(1_725_206_121));
    // The `Date` header of every answer follows.
    let date = &app.accounts("x").await.headers["date"];
    assert!(date.to_str().unwrap().starts_with("Sun, 01 Sep 2024 15:5"));

    let before = unix_secs(app.bank.clock().now());
    for change in [
        json!({"set_unix_secs": u64::MAX}),
        json!({"set_unix_secs": -1}),
        json!({"back": 1}),
        json!({}),
    ] {
        assert!(app.control("/clock", change).await.status.is_client_error());
    }
    assert!(unix_secs(app.bank.clock().now()) < before + 3_600);
    let far = app
        .control("/clock", json!({"advance_secs": u64::MAX}))
        .await;
    assert_eq!(far.status, StatusCode::OK);
}

#[tokio::test]
async fn refusals_are_a_sentence() {
    let app = Application::start().await;
    let upload = json!({"certificate": include_str!("../../certificates/bare-public-key.pem"), "redirect_uri": REDIRECT_URI});
    insta::assert_snapshot!(app.control("/revolut-business/certificates", upload).await.text(), @"400 Invalid public key (certificate: a PEM block of a PUBLIC KEY found, a CERTIFICATE expected)");
    let upload = json!({"certificate": certificate(key()), "redirect_uri": "callback"});
    insta::assert_snapshot!(app.control("/revolut-business/certificates", upload).await.text(), @"400 redirect URI: no absolute URL found, an absolute http or https URL in ASCII without user name and fragment expected");
    let page = app.revolut().consent_page();
    let consent = json!({"url": page, "decision": "authorise"});
    insta::assert_snapshot!(app.control("/revolut-business/consent", consent).await.text(), @"400 client_id: missing");
    for (path, body) in [
        (
            "/revolut-business/consent",
            json!({"url": page, "decision": "maybe"}),
        ),
        ("/revolut-business/settings", json!({"plans": "freelancer"})),
        (
            "/revolut-business/faults",
            json!({"endpoint": "token", "fault": {"html": 42}}),
        ),
        (
            "/revolut-business/faults",
            json!({"endpoint": "cellar", "fault": "never"}),
        ),
    ] {
        assert_eq!(
            app.control(path, body).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    // A page in a browser cannot give orders: without this type it needs no leave from the server.
    let url = format!("{}/clock", app.bank.control_url());
    let plain = app
        .http
        .post(url)
        .header("content-type", "text/plain")
        .body(r#"{"advance_secs":1}"#);
    assert_eq!(send(plain).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn plan_and_faults_from_outside() {
    let app = Application::start().await;
    let (_, refresh) = app.log_in(&[]).await;
    app.order(
        "/revolut-business/settings",
        json!({"plan": "freelancer", "code_lifetime_secs": 0}),
    )
    .await;
    app.control("/clock", json!({"advance_secs": 90 * 86_400}))
        .await;
    assert_eq!(app.refresh(&refresh).await.json()["error"], "invalid_grant");
    assert_eq!(
        app.exchange(&app.code(&[])).await.json()["error"],
        "invalid_grant"
    );

    app.order(
        "/revolut-business/faults",
        json!({"endpoint": "api", "fault": "close"}),
    )
    .await;
    let url = format!("{}/revolut-business/faults", app.bank.control_url());
    let cleared = send(app.http.request(Method::DELETE, url)).await;
    assert_eq!(cleared.text(), "204 ");
    assert_eq!(app.accounts("x").await.status, StatusCode::UNAUTHORIZED);
}
