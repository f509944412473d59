//! Figure Pay.

use std::time::Duration;

use bankauth_testbank::{FigurePayCredentials, Options, TestBank, VersionState};
use reqwest::{Client, StatusCode};

use crate::client::{Answer, client, member, send};

const VERSION: &str = "2024-01-31";

struct Program {
    bank: TestBank,
    http: Client,
    credentials: FigurePayCredentials,
}

impl Program {
    async fn start() -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let credentials = bank.figurepay().register();
        let http = client(&bank);
        Self {
            bank,
            http,
            credentials,
        }
    }

    fn form(&self) -> Vec<(&str, &str)> {
        vec![
            ("client_id", self.credentials.client_id()),
            ("client_secret", self.credentials.expose_client_secret()),
            ("grant_type", "client_credentials"),
        ]
    }

    async fn post(&self, form: &[(&str, &str)]) -> Answer {
        send(
            self.http
                .post(self.bank.figurepay().token_endpoint())
                .form(form),
        )
        .await
    }

    async fn token(&self) -> String {
        member(&self.post(&self.form()).await, "access_token")
    }

    async fn call(&self, token: &str, version: &str) -> Answer {
        let url = format!("{}/anything", self.bank.figurepay().api_base());
        let request = self.http.get(url).bearer_auth(token);
        send(request.header("X-FigurePay-Api-Version", version)).await
    }
}

#[tokio::test]
async fn an_answer_with_the_token_alone() {
    let app = Program::start().await;
    let answer = app.post(&app.form()).await;
    let token = member(&answer, "access_token");
    assert_eq!(
        answer.text(),
        format!(r#"200 {{"access_token":"{token}"}}"#)
    );
    assert_eq!(token.len(), 32);
    assert_eq!(app.call(&token, VERSION).await.text(), "200 {}");

    app.bank.figurepay().set_full_answer(true);
    let answer = app.post(&app.form()).await;
    assert_eq!(
        (&answer.json()["token_type"], &answer.json()["expires_in"]),
        (&"Bearer".into(), &3600.into())
    );
    let counters = app.bank.figurepay().counters();
    assert_eq!(
        (
            counters.token_requests,
            counters.credential_grants,
            counters.api_calls
        ),
        (2, 2, 1)
    );
}

#[tokio::test]
async fn tokens_die_after_an_hour() {
    let app = Program::start().await;
    let token = app.token().await;
    app.bank.clock().advance(Duration::from_secs(3590));
    assert_eq!(app.call(&token, VERSION).await.status, StatusCode::OK);
    app.bank.clock().advance(Duration::from_secs(10));
    let answer = app.call(&token, VERSION).await;
    insta::assert_snapshot!(answer.text(), @r#"401 {"error":"invalid_token"}"#);
    assert_eq!(
        answer.headers["www-authenticate"],
        r#"Bearer error="invalid_token""#
    );

    app.bank
        .figurepay()
        .set_access_token_lifetime(Duration::from_secs(2));
    let token = app.token().await;
    app.bank.clock().advance(Duration::from_secs(2));
    assert_eq!(
        app.call(&token, VERSION).await.status,
        StatusCode::UNAUTHORIZED
    );

    let token = app.token().await;
    assert_eq!(
        app.bank
            .figurepay()
            .end_access_tokens(app.credentials.client_id()),
        1
    );
    assert_eq!(
        app.call(&token, VERSION).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_secret_comes_in_the_body_alone() {
    let app = Program::start().await;
    let url = app.bank.figurepay().token_endpoint();
    let (id, secret) = (
        app.credentials.client_id(),
        app.credentials.expose_client_secret(),
    );
    let grant = [("grant_type", "client_credentials")];
    let requests = [
        app.http
            .post(&url)
            .basic_auth(id, Some(secret))
            .form(&grant),
        app.http
            .post(&url)
            .basic_auth(id, Some(secret))
            .form(&app.form()),
        app.http
            .post(format!("{url}?client_id={id}&client_secret={secret}"))
            .form(&grant),
        app.http.post(format!("{url}?a=b")).form(&app.form()),
        app.http.post(&url).form(&grant),
        app.http
            .post(&url)
            .json(&serde_json::json!({"grant_type": "client_credentials"})),
    ];
    for request in requests {
        let refused = send(request).await.text();
        assert_eq!(refused, r#"400 {"error":"invalid_request"}"#);
    }
    let mut form = app.form();
    form[2].1 = "password";
    insta::assert_snapshot!(app.post(&form).await.text(), @r#"400 {"error":"unsupported_grant_type"}"#);
    for wrong in 0..2 {
        let mut form = app.form();
        form[wrong].1 = "wrong";
        let refused = app.post(&form).await.text();
        assert_eq!(refused, r#"401 {"error":"invalid_client"}"#);
    }
}

#[tokio::test]
async fn versions_of_the_api() {
    let app = Program::start().await;
    let figurepay = app.bank.figurepay();
    let token = app.token().await;
    for version in ["", "1.0", "2024-02-30"] {
        assert_eq!(
            app.call(&token, version).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let url = format!("{}/anything", figurepay.api_base());
    assert_eq!(
        send(app.http.get(url).bearer_auth(&token)).await.status,
        StatusCode::BAD_REQUEST
    );

    let now = app.bank.clock().now();
    let deprecated = VersionState::Deprecated {
        since: std::time::UNIX_EPOCH + Duration::from_secs(784_111_777),
        sunset: now + Duration::from_secs(86_400),
    };
    figurepay.set_version(VERSION, deprecated).unwrap();
    let answer = app.call(&token, VERSION).await;
    assert_eq!(answer.status, StatusCode::OK);
    // RFC 9745 section 2, RFC 8594 section 3
    assert_eq!(answer.headers["deprecation"], "@784111777");
    assert!(answer.headers["sunset"].to_str().unwrap().ends_with(" GMT"));
    assert!(
        app.call("wrong", VERSION)
            .await
            .headers
            .contains_key("sunset")
    );
    assert!(
        !app.call(&token, "2024-06-30")
            .await
            .headers
            .contains_key("sunset")
    );

    app.bank.clock().advance(Duration::from_secs(86_400));
    insta::assert_snapshot!(app.call(&token, VERSION).await.text(), @r#"410 {"error":"gone"}"#);
    figurepay
        .set_version(VERSION, VersionState::Current)
        .unwrap();
    assert_eq!(
        app.call(&app.token().await, VERSION).await.status,
        StatusCode::OK
    );
    figurepay
        .set_version(VERSION, VersionState::Removed)
        .unwrap();
    assert_eq!(app.call("wrong", VERSION).await.status, StatusCode::GONE);
    let error = figurepay
        .set_version("v1", VersionState::Removed)
        .unwrap_err();
    insta::assert_snapshot!(error, @r#"version: "v1" found, a date like 2024-01-31 expected"#);
}

#[tokio::test]
async fn access_that_is_deactivated() {
    let app = Program::start().await;
    let token = app.token().await;
    let id = app.credentials.client_id();
    assert!(app.bank.figurepay().set_active(id, false));
    assert_eq!(
        app.call(&token, VERSION).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        app.post(&app.form()).await.json()["error"],
        "invalid_client"
    );
    assert!(app.bank.figurepay().set_active(id, true));
    assert_eq!(app.call(&token, VERSION).await.status, StatusCode::OK);
    assert!(!app.bank.figurepay().set_active("nobody", true));
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let app = Program::start().await;
    let text = format!("{:?} {:?}", app.credentials, app.bank.figurepay());
    assert!(text.contains(app.credentials.client_id()));
    assert!(!text.contains(app.credentials.expose_client_secret()));
}
