//! The token endpoint: grants and client authentication; the accounts.

use std::time::Duration;

use bankauth_testbank::{Environment, Options, TatraBankaApplication, TatraBankaProduct, TestBank};
use reqwest::StatusCode;

use super::application::{Application, REDIRECT_URI, VERIFIER, exchange, refresh};
use crate::client::{client, member, parameter, send};

const ALL_SCOPES: &[&str] = &[
    "PREMIUM_AIS",
    "PREMIUM_PIS",
    "PREMIUM_PIS_CANC",
    "IDENTITY",
    "TATRAPAYPLUS",
];

#[tokio::test]
async fn from_code_to_accounts() {
    let app = Application::consumer().await;
    let answer = app.exchange(&app.code("PREMIUM_AIS")).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let (access, refresh) = (
        member(&answer, "access_token"),
        member(&answer, "refresh_token"),
    );
    assert_eq!(
        answer.text(),
        format!(
            r#"200 {{"access_token":"{access}","token_type":"Bearer","expires_in":3600,"refresh_token":"{refresh}","scope":"PREMIUM_AIS"}}"#
        )
    );
    insta::assert_snapshot!(app.accounts(&access).await.text(), @r#"200 {"accounts":[{"accountId":"3f4e2d1c-0b9a-4876-9543-210fedcba987","accountReference":{"iban":"SK3112000000198742637541","currency":"EUR"},"displayName":"Current account"}]}"#);
    app.bank.clock().advance(Duration::from_secs(3600));
    insta::assert_snapshot!(app.accounts(&access).await.text(), @r#"401 {"errorCode":"TOKEN_INVALID"}"#);
    let counters = app.tatra().counters();
    assert_eq!(
        (
            counters.token_requests,
            counters.exchanges,
            counters.api_calls
        ),
        (1, 1, 2)
    );
}

#[tokio::test]
async fn application_tokens() {
    let app =
        Application::start(TatraBankaApplication::final_consumer().with_scopes(ALL_SCOPES)).await;
    for (product, scope, lifetime) in [
        (TatraBankaProduct::Premium, "PREMIUM_AIS", 3600),
        (TatraBankaProduct::Premium, "PREMIUM_PIS_CANC", 3600),
        (TatraBankaProduct::Identity, "IDENTITY", 3600),
        (TatraBankaProduct::TatraPayPlus, "TATRAPAYPLUS", 86_400),
    ] {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let basic = app
            .token_request(product, &form)
            .basic_auth(app.id(), Some(app.secret()));
        let form = [
            form[0],
            form[1],
            ("client_id", app.id()),
            ("client_secret", app.secret()),
        ];
        let in_body = app.token_request(product, &form);
        for request in [basic, in_body] {
            let answer = send(request).await;
            let access = member(&answer, "access_token");
            assert_eq!(
                answer.text(),
                format!(
                    r#"200 {{"access_token":"{access}","token_type":"Bearer","expires_in":{lifetime},"scope":"{scope}"}}"#
                )
            );
            if product != TatraBankaProduct::Premium {
                let url = format!("{}/anything", app.tatra().api_base(product));
                let request = app
                    .http
                    .get(url)
                    .bearer_auth(&access)
                    .header("X-Request-ID", "1");
                assert_eq!(send(request).await.text(), "200 {}");
            }
            // An application's token is no user's.
            assert_eq!(
                app.accounts(&access).await.json()["errorCode"],
                "TOKEN_INVALID"
            );
        }
    }
    assert_eq!(app.tatra().counters().credential_grants, 8);
}

#[tokio::test]
async fn scopes_of_application_tokens() {
    let app = Application::consumer().await;
    for scope in [
        "",
        "PREMIUM_PIS",
        "IDENTITY",
        "AIS",
        "PREMIUM_AIS PREMIUM_AIS",
        "PREMIUM_AIS:1",
    ] {
        let answer = app
            .post(&[("grant_type", "client_credentials"), ("scope", scope)])
            .await;
        assert_eq!(
            answer.text(),
            r#"400 {"error":"invalid_scope","error_description":"The scope is not valid"}"#
        );
    }
}

#[tokio::test]
async fn client_authentication() {
    let app = Application::consumer().await;
    let premium = TatraBankaProduct::Premium;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "PREMIUM_AIS"),
    ];
    let plus = |more: &[(&'static str, &str)]| {
        let mut all: Vec<(String, String)> = form
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        all.extend(more.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())));
        app.http
            .post(app.tatra().token_endpoint(premium))
            .form(&all)
    };
    // Both ways at once, two ids, none.
    for request in [
        plus(&[("client_secret", app.secret())]).basic_auth(app.id(), Some(app.secret())),
        plus(&[("client_id", "other")]).basic_auth(app.id(), Some(app.secret())),
        plus(&[]),
    ] {
        assert_eq!(send(request).await.json()["error"], "invalid_request");
    }
    let same_id = plus(&[("client_id", app.id())]).basic_auth(app.id(), Some(app.secret()));
    assert_eq!(send(same_id).await.status, StatusCode::OK);
    for request in [
        plus(&[]).basic_auth(app.id(), Some("wrong")),
        plus(&[]).basic_auth("wrong", Some(app.secret())),
        plus(&[]).basic_auth(app.id(), Some("not&encoded")),
        plus(&[]).bearer_auth(app.secret()),
    ] {
        let answer = send(request).await;
        assert_eq!(
            answer.text(),
            r#"401 {"error":"invalid_client","error_description":"The given client credentials were not valid"}"#
        );
        // RFC 6749 section 5.2
        assert_eq!(answer.headers["www-authenticate"], "Basic");
    }
    for request in [
        plus(&[("client_id", app.id()), ("client_secret", "wrong")]),
        plus(&[("client_id", app.id())]),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.json()["error"], "invalid_client");
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    let url = format!(
        "{}?client_id={}&client_secret={}",
        app.tatra().token_endpoint(premium),
        app.id(),
        app.secret()
    );
    assert_eq!(
        send(app.http.post(url).form(&form)).await.json()["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn grants_of_each_product() {
    let app =
        Application::start(TatraBankaApplication::final_consumer().with_scopes(ALL_SCOPES)).await;
    for product in [TatraBankaProduct::Identity, TatraBankaProduct::TatraPayPlus] {
        for grant_type in ["authorization_code", "refresh_token", "password"] {
            let request = app.token_request(product, &[("grant_type", grant_type)]);
            let answer = send(request.basic_auth(app.id(), Some(app.secret()))).await;
            assert_eq!(answer.json()["error"], "unsupported_grant_type");
        }
    }
    assert_eq!(
        app.post(&[("grant_type", "password")]).await.json()["error"],
        "unsupported_grant_type"
    );
    assert_eq!(app.post(&[]).await.json()["error"], "invalid_request");
}

#[tokio::test]
async fn a_code_is_good_once_and_revokes_when_it_comes_again() {
    let app = Application::consumer().await;
    let code = app.code("PREMIUM_AIS");
    let answer = app.exchange(&code).await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_snapshot!(app.exchange(&code).await.text(), @r#"400 {"error":"invalid_grant","error_description":"The code is not valid"}"#);
    // RFC 6749 section 4.1.2
    assert_eq!(
        app.accounts(&member(&answer, "access_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        app.refresh(&member(&answer, "refresh_token")).await.json()["error"],
        "invalid_grant"
    );

    let code = app.code("PREMIUM_AIS");
    app.bank.clock().advance(Duration::from_secs(300));
    assert_eq!(app.exchange(&code).await.json()["error"], "invalid_grant");
    app.tatra().set_code_lifetime(Duration::from_secs(1));
    let code = app.code("PREMIUM_AIS");
    app.bank.clock().advance(Duration::from_secs(1));
    assert_eq!(app.exchange(&code).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_exchange_repeats_the_redirect_uri_and_proves_the_challenge() {
    let app = Application::consumer().await;
    let code = app.code("PREMIUM_AIS");
    for other in [
        "",
        "https://example.com/callback",
        "https://example.com/callback?from=bank#",
    ] {
        let mut form = exchange(&code);
        form[2].1 = other;
        let answer = app.post(&form).await.text();
        assert_eq!(
            answer,
            r#"400 {"error":"invalid_redirect_uri","error_description":"The redirect_uri is not that of the authorization"}"#
        );
    }
    // RFC 7636 sections 4.1 and 4.6
    for (verifier, error) in [
        ("", "invalid_request"),
        ("too-short", "invalid_request"),
        (
            "dBjftJeZ4CVP mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "invalid_request",
        ),
        (
            "EBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "invalid_grant",
        ),
    ] {
        let mut form = exchange(&code);
        form[3].1 = verifier;
        assert_eq!(app.post(&form).await.json()["error"], error, "{verifier}");
    }
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_for_one_client() {
    let app = Application::consumer().await;
    let other = TatraBankaApplication::final_consumer().with_redirect_uri(REDIRECT_URI);
    let other = app.tatra().register(other).unwrap();
    let code = app.code("PREMIUM_AIS");
    let request = app.token_request(TatraBankaProduct::Premium, &exchange(&code));
    let answer = send(request.basic_auth(other.client_id(), other.expose_client_secret())).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
    assert_eq!(app.exchange(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn public_clients() {
    let app = Application::start(TatraBankaApplication::final_consumer().public()).await;
    assert_eq!(app.credentials.expose_client_secret(), None);
    let premium = TatraBankaProduct::Premium;
    let code = parameter(&app.authorise(&[]), "code").unwrap();
    fn with<'a>(form: &[(&'a str, &'a str)], id: &'a str) -> Vec<(&'a str, &'a str)> {
        [form, &[("client_id", id)]].concat()
    }
    let with_id = |form: &[(&str, &str)]| app.token_request(premium, &with(form, app.id()));
    let answer = send(with_id(&exchange(&code))).await;
    assert_eq!(
        app.accounts(&member(&answer, "access_token")).await.status,
        StatusCode::OK
    );
    let answer = send(with_id(&refresh(&member(&answer, "refresh_token")))).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = send(with_id(&[
        ("grant_type", "client_credentials"),
        ("scope", "PREMIUM_AIS"),
    ]))
    .await;
    insta::assert_snapshot!(answer.text(), @r#"400 {"error":"unauthorized_client","error_description":"A public client has users only"}"#);
    let with_secret = [
        ("grant_type", "refresh_token"),
        ("client_id", app.id()),
        ("client_secret", "any"),
    ];
    assert_eq!(
        send(app.token_request(premium, &with_secret)).await.json()["error"],
        "invalid_client"
    );
}

#[tokio::test]
async fn who_may_see_the_accounts() {
    let app =
        Application::start(TatraBankaApplication::final_consumer().with_scopes(ALL_SCOPES)).await;
    let (access, _) = app.log_in("PREMIUM_AIS").await;
    let (payments, _) = app.log_in("PREMIUM_PIS:payment-1").await;
    insta::assert_snapshot!(app.accounts(&payments).await.text(), @r#"403 {"errorCode":"NO_AUTHORIZATION"}"#);
    insta::assert_snapshot!(app.accounts("unknown").await.text(), @r#"401 {"errorCode":"TOKEN_INVALID"}"#);
    assert!(app.tatra().set_contract(app.id(), false));
    insta::assert_snapshot!(app.accounts(&access).await.text(), @r#"403 {"errorCode":"NO_CONTRACT"}"#);
    assert!(app.tatra().set_contract(app.id(), true));
    assert!(!app.tatra().set_contract("nobody", true));

    let url = format!(
        "{}/v3/accounts",
        app.tatra().api_base(TatraBankaProduct::Premium)
    );
    let request = app.http.get(&url).bearer_auth(&access);
    insta::assert_snapshot!(send(request).await.text(), @r#"400 {"errorCode":"FORMAT_ERROR"}"#);
    let request = app
        .http
        .get(&url)
        .bearer_auth(&access)
        .header("X-Request-ID", "1")
        .header("Consent-ID", "1");
    assert_eq!(send(request).await.status, StatusCode::NOT_FOUND);
    let request = app
        .http
        .get(format!("{url}?access_token={access}"))
        .header("X-Request-ID", "1");
    assert_eq!(send(request).await.json()["errorCode"], "TOKEN_INVALID");
    // At another product it is no token.
    let url = format!(
        "{}/anything",
        app.tatra().api_base(TatraBankaProduct::Identity)
    );
    let request = app
        .http
        .get(url)
        .bearer_auth(&access)
        .header("X-Request-ID", "1");
    assert_eq!(send(request).await.json()["errorCode"], "TOKEN_INVALID");
    assert_eq!(app.tatra().end_access_tokens(app.id()), 2);
    assert_eq!(app.accounts(&access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn environments_have_their_own_paths() {
    let options = Options::default().with_environment(Environment::Production);
    let bank = TestBank::start(options).await.unwrap();
    let http = client(&bank);
    let token = bank.tatrabanka().token_endpoint(TatraBankaProduct::Premium);
    assert!(token.ends_with("/tatrabanka/premium/production/auth/oauth/v2/token"));
    assert_eq!(
        send(http.post(&token)).await.status,
        StatusCode::BAD_REQUEST
    );
    let sandbox = token.replace("production", "sandbox");
    assert_eq!(send(http.post(sandbox)).await.status, StatusCode::NOT_FOUND);
    let psd2 = bank.tatrabanka().token_endpoint(TatraBankaProduct::Psd2);
    assert!(psd2.ends_with("/tatrabanka/auth/oauth/v2/token"));
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let app = Application::consumer().await;
    let text = format!("{:?} {:?} {VERIFIER}", app.credentials, app.tatra());
    assert!(text.contains(app.id()) && !text.contains(app.secret()));
}
