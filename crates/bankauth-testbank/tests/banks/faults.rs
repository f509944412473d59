//! Faults in which the bank acts, and those that last for a time.

use std::time::Duration;

use bankauth_testbank::{
    Alteration, Endpoint, Fault, OddExpiresIn, OddScope, OddTokenType, Options, Revsto,
    RevstoCredentials, TatraBankaApplication, TestBank,
};
use http::{HeaderValue, StatusCode};
use reqwest::{Client, RequestBuilder};

use crate::client::{Answer, client, member, send};

struct Distributor {
    bank: TestBank,
    http: Client,
    credentials: RevstoCredentials,
}

impl Distributor {
    async fn start() -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let credentials = bank.revsto().register(&[]).unwrap();
        let http = client(&bank);
        Self {
            bank,
            http,
            credentials,
        }
    }

    fn revsto(&self) -> Revsto {
        self.bank.revsto()
    }

    fn log_in(&self) -> RequestBuilder {
        self.http.post(self.revsto().token_endpoint()).form(&[
            ("grant_type", "password"),
            ("username", self.credentials.username()),
            ("password", self.credentials.expose_password()),
            ("client_id", self.credentials.client_id()),
            ("client_secret", self.credentials.expose_client_secret()),
        ])
    }

    fn refresh(&self, refresh_token: &str) -> RequestBuilder {
        self.http.post(self.revsto().token_endpoint()).form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", self.credentials.client_id()),
            ("client_secret", self.credentials.expose_client_secret()),
        ])
    }

    async fn log_in_with(&self, fault: Fault) -> Answer {
        self.revsto().fail_next(Endpoint::Token, fault, 1);
        send(self.log_in()).await
    }
}

#[tokio::test]
async fn altered_answers() {
    let app = Distributor::start().await;
    let altered = |alteration| app.log_in_with(Fault::Altered(alteration));

    let answer = altered(Alteration::ContentType(HeaderValue::from_static(
        "text/plain",
    )))
    .await;
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(answer.json()["expires_in"], 300);

    let answer = altered(Alteration::Bom).await;
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
    let answer = altered(Alteration::InvalidUtf8).await;
    assert!(
        answer.body.ends_with(",\"odd\":\"\u{fffd}\"}"),
        "{}",
        answer.body
    );
    let answer = altered(Alteration::Nested(500)).await;
    assert!(answer.body.contains(&"[".repeat(500)));
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());

    let repeated = Alteration::Repeated {
        name: "access_token".to_owned(),
        json: r#""another""#.to_owned(),
    };
    assert_eq!(
        altered(repeated)
            .await
            .body
            .matches("\"access_token\":")
            .count(),
        2
    );
    for (odd, found) in [
        (OddExpiresIn::Text, r#""expires_in":"300""#),
        (OddExpiresIn::Float, r#""expires_in":300.0,"#),
        (OddExpiresIn::Zero, r#""expires_in":0,"#),
    ] {
        assert!(
            altered(Alteration::ExpiresIn(odd))
                .await
                .body
                .contains(found)
        );
    }
    assert!(
        !altered(Alteration::ExpiresIn(OddExpiresIn::Missing))
            .await
            .body
            .contains("expires_in")
    );
    let answer = altered(Alteration::TokenType(OddTokenType::Mac)).await;
    assert_eq!(answer.json()["token_type"], "mac");
    // In every one of these the bank acted.
    assert_eq!(app.revsto().counters().credential_grants, 10);
    // A new length goes with a new body.
    assert_eq!(
        answer.headers["content-length"],
        answer.body.len().to_string()
    );
}

#[tokio::test]
async fn odd_scopes() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let tatra = bank.tatrabanka();
    let credentials = tatra
        .register(TatraBankaApplication::final_consumer())
        .unwrap();
    let http = client(&bank);
    let scope = async |odd| {
        tatra.fail_next(Endpoint::Token, Fault::Altered(Alteration::Scope(odd)), 1);
        let product = bankauth_testbank::TatraBankaProduct::Premium;
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "PREMIUM_AIS"),
        ];
        let request = http.post(tatra.token_endpoint(product)).form(&form);
        let request =
            request.basic_auth(credentials.client_id(), credentials.expose_client_secret());
        send(request)
            .await
            .json()
            .get("scope")
            .map(ToString::to_string)
    };
    assert_eq!(scope(OddScope::Array).await.unwrap(), r#"["PREMIUM_AIS"]"#);
    assert_eq!(scope(OddScope::Null).await.unwrap(), "null");
    assert_eq!(scope(OddScope::Missing).await, None);
}

#[tokio::test]
async fn gzip_that_nobody_asked_for() {
    let app = Distributor::start().await;
    let fault = Fault::Altered(Alteration::Gzip);
    app.revsto().fail_next(Endpoint::Token, fault, 1);
    let answer = app.log_in().send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    // RFC 1952 section 2.3.1
    assert_eq!(answer.bytes().await.unwrap()[..2], [0x1f, 0x8b]);

    app.revsto()
        .fail_next(Endpoint::Token, Fault::GzipBomb(1 << 30), 1);
    let mut answer = app.log_in().send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert_eq!(answer.content_length(), None);
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        length += piece.len();
    }
    assert!(length < 4 << 20, "{length}");
}

#[tokio::test]
async fn slow_and_late_answers_are_right() {
    let app = Distributor::start().await;
    let pause = Duration::from_micros(100);
    for fault in [
        Fault::Trickle(pause),
        Fault::DelayBefore(pause),
        Fault::DelayAfter(pause),
    ] {
        let answer = app.log_in_with(fault).await;
        assert_eq!(answer.json()["expires_in"], 300);
        assert_eq!(
            answer.headers["content-length"],
            answer.body.len().to_string()
        );
    }
}

#[tokio::test]
async fn delays_stand_before_and_after_the_act() {
    let app = Distributor::start().await;
    let long = Duration::from_secs(3600);
    app.revsto()
        .fail_next(Endpoint::Token, Fault::DelayBefore(long), 1);
    app.revsto()
        .fail_next(Endpoint::Token, Fault::DelayAfter(long), 1);
    let before = tokio::spawn(app.log_in().send());
    while app.revsto().counters().token_requests == 0 {
        tokio::task::yield_now().await;
    }
    let after = tokio::spawn(app.log_in().send());
    while app.revsto().counters().credential_grants == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.revsto().counters().token_requests, 2);
    assert!(!before.is_finished() && !after.is_finished());
    before.abort();
    after.abort();
    assert_eq!(app.revsto().counters().credential_grants, 1);
}

#[tokio::test]
async fn a_torn_answer() {
    let app = Distributor::start().await;
    app.revsto().fail_next(Endpoint::Token, Fault::Torn, 1);
    let mut answer = app.log_in().send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let announced = usize::try_from(answer.content_length().unwrap()).unwrap();
    let mut length = 0;
    let error = loop {
        match answer.chunk().await {
            Ok(piece) => length += piece.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(length, announced / 2);
    assert_eq!(app.revsto().counters().credential_grants, 1);
}

#[tokio::test]
async fn connections_that_are_reset() {
    fn is_reset(error: &reqwest::Error) -> bool {
        let mut source = std::error::Error::source(error);
        while let Some(error) = source {
            if let Some(error) = error.downcast_ref::<std::io::Error>()
                && error.kind() == std::io::ErrorKind::ConnectionReset
            {
                return true;
            }
            source = error.source();
        }
        false
    }

    let app = Distributor::start().await;
    app.revsto().fail_next(Endpoint::Token, Fault::Reset, 1);
    let error = app.log_in().send().await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(app.revsto().counters().credential_grants, 0);

    app.revsto()
        .fail_next(Endpoint::Token, Fault::ResetInBody, 1);
    // The head may be lost with the rest.
    let error = match app.log_in().send().await {
        Ok(answer) => answer.bytes().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(app.revsto().counters().credential_grants, 1);

    app.revsto().fail_next(Endpoint::Token, Fault::Close, 1);
    let error = app.log_in().send().await.unwrap_err();
    assert!(!is_reset(&error), "{error:?}");
}

#[tokio::test]
async fn a_bank_that_acts_when_the_client_is_gone() {
    let app = Distributor::start().await;
    let refresh = member(&send(app.log_in()).await, "refresh_token");
    app.revsto().fail_next(Endpoint::Token, Fault::ActLater, 1);
    assert!(app.refresh(&refresh).send().await.unwrap_err().is_request());
    // Not yet: another try is the first that the bank looks at ...
    assert_eq!(app.revsto().counters().refreshes, 0);
    assert_eq!(send(app.refresh(&refresh)).await.status, StatusCode::OK);
    // ... and the one put off comes too late.
    assert_eq!(app.bank.act_on_delayed().await, 1);
    assert_eq!(app.revsto().counters().refreshes, 1);

    let refresh = member(&send(app.log_in()).await, "refresh_token");
    app.revsto().fail_next(Endpoint::Token, Fault::ActLater, 1);
    assert!(app.refresh(&refresh).send().await.is_err());
    assert_eq!(app.bank.act_on_delayed().await, 1);
    assert_eq!(app.bank.act_on_delayed().await, 0);
    assert_eq!(app.revsto().counters().refreshes, 2);
    assert_eq!(
        send(app.refresh(&refresh)).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn faults_that_last_for_a_time() {
    let app = Distributor::start().await;
    let minute = Duration::from_secs(60);
    app.revsto().fail_for(
        Endpoint::Token,
        Fault::Html(StatusCode::BAD_GATEWAY),
        minute,
    );
    for _ in 0..3 {
        assert_eq!(send(app.log_in()).await.status, StatusCode::BAD_GATEWAY);
    }
    app.bank.clock().advance(minute);
    assert_eq!(send(app.log_in()).await.status, StatusCode::OK);
    app.revsto().fail_for(Endpoint::Token, Fault::Close, minute);
    app.revsto().clear_faults();
    assert_eq!(send(app.log_in()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn each_bank_has_its_own_faults_and_its_own_429() {
    let app = Distributor::start().await;
    for value in [
        "30",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "soon",
        "-1",
        "99999999999999999999",
        "",
    ] {
        let answer = app
            .log_in_with(Fault::RetryAfter(HeaderValue::from_static(value)))
            .await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers["retry-after"], value);
        assert_eq!(answer.json()["error"], "too_many_requests");
    }
    let limited = Fault::RetryAfter(HeaderValue::from_static("1"));
    app.bank
        .figurepay()
        .fail_next(Endpoint::Token, limited.clone(), 1);
    app.bank.tatrabanka().fail_next(Endpoint::Api, limited, 1);
    assert_eq!(send(app.log_in()).await.status, StatusCode::OK);
    let answer = send(app.http.post(app.bank.figurepay().token_endpoint())).await;
    insta::assert_snapshot!(answer.text(), @r#"429 {"error":"too_many_requests"}"#);
    let product = bankauth_testbank::TatraBankaProduct::Premium;
    let url = format!("{}/v3/accounts", app.bank.tatrabanka().api_base(product));
    insta::assert_snapshot!(send(app.http.get(url)).await.text(), @r#"429 {"errorCode":"TOO_MANY_REQUESTS"}"#);
}
