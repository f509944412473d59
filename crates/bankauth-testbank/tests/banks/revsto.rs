//! Revsto.

use std::time::Duration;

use bankauth_testbank::{OldAccessToken, Options, RevstoCredentials, Rotation, TestBank};
use reqwest::{Client, StatusCode};

use crate::client::{Answer, client, member, send};

struct Distributor {
    bank: TestBank,
    http: Client,
    credentials: RevstoCredentials,
}

impl Distributor {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(ip_list: &[&str]) -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let credentials = bank.revsto().register(ip_list).unwrap();
        let http = client(&bank);
        Self {
            bank,
            http,
            credentials,
        }
    }

    fn password_grant(&self) -> Vec<(&str, &str)> {
        vec![
            ("grant_type", "password"),
            ("username", self.credentials.username()),
            ("password", self.credentials.expose_password()),
            ("client_id", self.credentials.client_id()),
            ("client_secret", self.credentials.expose_client_secret()),
        ]
    }

    fn refresh_grant<'a>(&'a self, refresh_token: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", self.credentials.client_id()),
            ("client_secret", self.credentials.expose_client_secret()),
        ]
    }

    async fn post(&self, form: &[(&str, &str)]) -> Answer {
        send(
            self.http
                .post(self.bank.revsto().token_endpoint())
                .form(form),
        )
        .await
    }

    /// Access and refresh token.
    async fn log_in(&self) -> (String, String) {
        let answer = self.post(&self.password_grant()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        (
            member(&answer, "access_token"),
            member(&answer, "refresh_token"),
        )
    }

    async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post(&self.refresh_grant(refresh_token)).await
    }

    async fn hooks(&self, access_token: &str) -> Answer {
        let url = format!("{}/distributor/v1/hooks", self.bank.revsto().api_base());
        send(self.http.get(url).bearer_auth(access_token)).await
    }
}

/// Replaces a parameter, or leaves it out.
fn with<'a>(
    mut form: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    form.retain(|(found, _)| *found != name);
    form.extend(value.map(|value| (name, value)));
    form
}

#[tokio::test]
async fn from_password_to_webhooks() {
    let app = Distributor::start().await;
    let answer = app.post(&app.password_grant()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let (access, refresh) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_eq!(
        answer.body,
        format!(
            r#"{{"token_type":"Bearer","expires_in":300,"access_token":"{access}","refresh_token":"{refresh}"}}"#
        )
    );
    assert!(access.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOi"));
    assert_eq!(access.split('.').count(), 3);
    assert!(refresh.starts_with("def50200"));
    assert_eq!(app.hooks(&access).await.text(), "200 []");

    app.bank.clock().advance(Duration::from_secs(300));
    insta::assert_snapshot!(app.hooks(&access).await.text(), @r#"401 {"error":"access_denied","error_description":"The resource owner or authorization server denied the request.","hint":"Access token is invalid","message":"The resource owner or authorization server denied the request."}"#);
    let counters = app.bank.revsto().counters();
    assert_eq!(
        (
            counters.token_requests,
            counters.credential_grants,
            counters.api_calls
        ),
        (1, 1, 2)
    );
}

#[tokio::test]
async fn refreshing_rotates_and_replaces() {
    let app = Distributor::start().await;
    let (access, refresh) = app.log_in().await;
    let answer = app.refresh(&refresh).await;
    assert_eq!(answer.status, StatusCode::OK);
    let (new_access, new_refresh) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_ne!(new_refresh, refresh);
    assert_eq!(app.hooks(&access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.hooks(&new_access).await.status, StatusCode::OK);

    // The used one is refused alone.
    insta::assert_snapshot!(app.refresh(&refresh).await.text(), @r#"401 {"error":"invalid_request","error_description":"The refresh token is invalid.","hint":"Token has been revoked","message":"The refresh token is invalid."}"#);
    let answer = app.refresh(&new_refresh).await;
    assert_eq!(answer.status, StatusCode::OK);

    app.bank.clock().advance(Duration::from_secs(30 * 86_400));
    insta::assert_snapshot!(app.refresh(&member(&answer, "refresh_token")).await.json()["hint"].to_string(), @r#""Token has expired""#);
    insta::assert_snapshot!(app.refresh("def50200ff").await.json()["hint"].to_string(), @r#""Cannot decrypt the refresh token""#);
    assert_eq!(app.bank.revsto().counters().refreshes, 2);
}

#[tokio::test]
async fn refreshing_as_it_is_set() {
    let app = Distributor::start().await;
    let revsto = app.bank.revsto();
    let (access, refresh) = app.log_in().await;
    revsto.set_rotation(Rotation::Same);
    revsto.set_old_access_token(OldAccessToken::DiesAfter(Duration::from_secs(5)));
    assert_eq!(
        member(&app.refresh(&refresh).await, "refresh_token"),
        refresh
    );
    assert_eq!(app.hooks(&access).await.status, StatusCode::OK);
    app.bank.clock().advance(Duration::from_secs(5));
    assert_eq!(app.hooks(&access).await.status, StatusCode::UNAUTHORIZED);

    revsto.set_rotation(Rotation::Absent);
    revsto.set_access_token_lifetime(Duration::from_secs(7));
    let answer = app.refresh(&refresh).await;
    assert_eq!(answer.json()["refresh_token"], serde_json::Value::Null);
    assert_eq!(answer.json()["expires_in"], 7);
    assert_eq!(app.refresh(&refresh).await.status, StatusCode::OK);

    assert_eq!(revsto.end_refresh_tokens(app.credentials.client_id()), 1);
    assert_eq!(app.refresh(&refresh).await.status, StatusCode::UNAUTHORIZED);

    // "If supported".
    revsto.set_refresh_supported(false);
    let answer = app.post(&app.password_grant()).await;
    assert_eq!(answer.json()["refresh_token"], serde_json::Value::Null);
    assert_eq!(
        app.refresh(&refresh).await.json()["error"],
        "unsupported_grant_type"
    );
    // Two old ones that still have their five seconds, and one of each login.
    assert_eq!(revsto.end_access_tokens(app.credentials.client_id()), 4);
    assert_eq!(
        app.hooks(&member(&answer, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn every_parameter_is_needed() {
    let app = Distributor::start().await;
    for name in ["username", "password", "client_id", "client_secret"] {
        let answer = app.post(&with(app.password_grant(), name, None)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(
            answer.json()["hint"],
            format!("Check the `{name}` parameter")
        );
    }
    insta::assert_snapshot!(app.post(&with(app.password_grant(), "username", None)).await.text(), @r#"400 {"error":"invalid_request","error_description":"The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.","hint":"Check the `username` parameter","message":"The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed."}"#);
    for grant_type in [None, Some("client_credentials"), Some("authorization_code")] {
        let answer = app
            .post(&with(app.password_grant(), "grant_type", grant_type))
            .await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.text(), @r#"400 {"error":"unsupported_grant_type","error_description":"The authorization grant type is not supported by the authorization server.","hint":"Check that all required parameters have been provided","message":"The authorization grant type is not supported by the authorization server."}"#);
        }
    }
}

#[tokio::test]
async fn credentials_that_are_wrong() {
    let app = Distributor::start().await;
    for name in ["client_id", "client_secret"] {
        let answer = app
            .post(&with(app.password_grant(), name, Some("wrong")))
            .await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.text(), @r#"401 {"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}"#);
        }
    }
    for name in ["username", "password"] {
        let answer = app
            .post(&with(app.password_grant(), name, Some("wrong")))
            .await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.text(), @r#"401 {"error":"invalid_credentials","error_description":"The user credentials were incorrect.","message":"The user credentials were incorrect."}"#);
        }
    }
    // Another distributor's refresh token is as good as none.
    let (_, refresh) = app.log_in().await;
    let other = app.bank.revsto().register(&[]).unwrap();
    let form = with(
        app.refresh_grant(&refresh),
        "client_id",
        Some(other.client_id()),
    );
    let form = with(form, "client_secret", Some(other.expose_client_secret()));
    assert_eq!(app.post(&form).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.refresh(&refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_secret_comes_in_the_body_of_a_form() {
    let app = Distributor::start().await;
    let url = app.bank.revsto().token_endpoint();
    let basic = app
        .http
        .post(&url)
        .basic_auth("a", Some("b"))
        .form(&app.password_grant());
    let query = app
        .http
        .post(format!("{url}?client_secret=a"))
        .form(&app.password_grant());
    let json: std::collections::HashMap<_, _> = app.password_grant().into_iter().collect();
    let json = app.http.post(&url).json(&json);
    let mut twice = app.password_grant();
    twice.push(("username", "another"));
    for request in [basic, query, json, app.http.post(&url).form(&twice)] {
        let answer = send(request).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (StatusCode::BAD_REQUEST, &"invalid_request".into())
        );
    }
    assert_eq!(
        send(app.http.get(&url)).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn scopes() {
    let app = Distributor::start().await;
    let narrow = app
        .post(&with(
            app.password_grant(),
            "scope",
            Some("account_view posting"),
        ))
        .await;
    let forbidden = app.hooks(&member(&narrow, "access_token")).await;
    insta::assert_snapshot!(forbidden.text(), @r#"403 {"error":"access_denied","error_description":"The resource owner or authorization server denied the request.","message":"The resource owner or authorization server denied the request."}"#);
    let answer = app
        .post(&with(
            app.password_grant(),
            "scope",
            Some("account_view,posting"),
        ))
        .await;
    insta::assert_snapshot!(answer.text(), @r#"400 {"error":"invalid_scope","error_description":"The requested scope is invalid, unknown, or malformed","hint":"Check the `account_view,posting` scope","message":"The requested scope is invalid, unknown, or malformed"}"#);

    let refresh = member(&narrow, "refresh_token");
    let wider = with(
        app.refresh_grant(&refresh),
        "scope",
        Some("event_management"),
    );
    assert_eq!(app.post(&wider).await.json()["error"], "invalid_scope");
    let as_before = with(
        app.refresh_grant(&refresh),
        "scope",
        Some("posting account_view"),
    );
    assert_eq!(app.post(&as_before).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_is_not_listed() {
    let app = Distributor::start_with(&["192.0.2.0/24"]).await;
    // Nothing tells it from a wrong parameter.
    insta::assert_snapshot!(app.post(&app.password_grant()).await.text(), @r#"400 {"error":"invalid_request","error_description":"The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.","message":"The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed."}"#);
    app.bank
        .revsto()
        .set_peer_address(Some("192.0.2.9".parse().unwrap()));
    app.log_in().await;
    let error = app.bank.revsto().register(&["example.com"]).unwrap_err();
    insta::assert_snapshot!(error, @r#"IP list: "example.com" found, an IP address or a pool in CIDR notation expected"#);
}

#[tokio::test]
async fn access_that_is_not_enabled() {
    let app = Distributor::start().await;
    let (access, refresh) = app.log_in().await;
    let revsto = app.bank.revsto();
    assert!(revsto.set_access_enabled(app.credentials.client_id(), false));
    for answer in [
        app.post(&app.password_grant()).await,
        app.refresh(&refresh).await,
        app.hooks(&access).await,
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    assert!(revsto.set_access_enabled(app.credentials.client_id(), true));
    assert_eq!(app.hooks(&access).await.status, StatusCode::OK);
    assert!(!revsto.set_access_enabled("nobody", true));
}

#[tokio::test]
async fn other_paths() {
    let app = Distributor::start().await;
    let (access, _) = app.log_in().await;
    let url = format!("{}/v1/elsewhere", app.bank.revsto().api_base());
    assert_eq!(
        send(app.http.get(&url)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        send(app.http.get(&url).bearer_auth(&access)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let app = Distributor::start().await;
    let text = format!("{:?} {:?}", app.credentials, app.bank.revsto());
    assert!(text.contains(app.credentials.client_id()) && text.contains("api_base"));
    assert!(!text.contains(app.credentials.expose_client_secret()));
    assert!(!text.contains(app.credentials.expose_password()));
}
