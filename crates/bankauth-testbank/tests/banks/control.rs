//! The control endpoints of the banks: whole journeys without a handle.

use bankauth_testbank::{Options, TestBank};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, ask, client, control, member, send};

struct Outside {
    bank: TestBank,
    http: Client,
}

impl Outside {
    async fn start() -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let http = client(&bank);
        Self { bank, http }
    }

    async fn control(&self, path: &str, body: Value) -> Answer {
        control(&self.bank, &self.http, path, body).await
    }

    async fn order(&self, path: &str, body: Value) {
        assert_eq!(self.control(path, body).await.text(), "204 ", "{path}");
    }
}

#[tokio::test]
async fn revsto() {
    let outside = Outside::start().await;
    let made = outside
        .control("/revsto/distributors", json!({"ip_list": ["192.0.2.1"]}))
        .await;
    let made = |name| member(&made, name);
    let (id, secret, user, password) = (
        made("client_id"),
        made("client_secret"),
        made("username"),
        made("password"),
    );
    let log_in = async || {
        let form = [
            ("grant_type", "password"),
            ("username", &user),
            ("password", &password),
            ("client_id", &id),
            ("client_secret", &secret),
        ];
        send(
            outside
                .http
                .post(outside.bank.revsto().token_endpoint())
                .form(&form),
        )
        .await
    };
    assert_eq!(log_in().await.status, StatusCode::BAD_REQUEST);
    let settings = json!({
        "peer_address": "192.0.2.1",
        "access_token_lifetime_secs": 7,
        "refresh_token_lifetime_secs": 70,
        "refresh_supported": true,
        "rotation": "absent",
        "old_access_token": {"dies-after-secs": 5},
    });
    outside.order("/revsto/settings", settings).await;
    assert_eq!(log_in().await.json()["expires_in"], 7);
    outside
        .order("/revsto/access", json!({"client_id": id, "enabled": false}))
        .await;
    assert_eq!(log_in().await.status, StatusCode::FORBIDDEN);
    outside
        .order("/revsto/access", json!({"client_id": id, "enabled": true}))
        .await;

    let fault = json!({"endpoint": "token", "fault": {"altered": {"expires-in": "missing"}}});
    outside.order("/revsto/faults", fault).await;
    assert_eq!(log_in().await.json().get("expires_in"), None);
    let ended = outside
        .control("/revsto/access-tokens/end", json!({"client_id": id}))
        .await;
    assert_eq!(ended.text(), r#"200 {"ended":2}"#);
    let ended = outside
        .control("/revsto/refresh-tokens/end", json!({"client_id": id}))
        .await;
    assert_eq!(ended.text(), r#"200 {"ended":2}"#);
    let counters = ask(&outside.bank, &outside.http, "/revsto/counters").await;
    assert_eq!(
        (&counters["token_requests"], &counters["credential_grants"]),
        (&4.into(), &2.into())
    );
}

#[tokio::test]
async fn figurepay() {
    let outside = Outside::start().await;
    let made = outside.control("/figurepay/clients", json!({})).await;
    let (id, secret) = (member(&made, "client_id"), member(&made, "client_secret"));
    let token = async || {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &id),
            ("client_secret", &secret),
        ];
        send(
            outside
                .http
                .post(outside.bank.figurepay().token_endpoint())
                .form(&form),
        )
        .await
    };
    outside
        .order(
            "/figurepay/settings",
            json!({"full_answer": true, "access_token_lifetime_secs": 9}),
        )
        .await;
    assert_eq!(token().await.json()["expires_in"], 9);
    let deprecated = json!({"deprecated": {"since_unix_secs": 1, "sunset_unix_secs": 2}});
    for state in [json!("removed"), deprecated] {
        outside
            .order(
                "/figurepay/versions",
                json!({"version": "2024-01-31", "state": state}),
            )
            .await;
        let url = format!("{}/anything", outside.bank.figurepay().api_base());
        let call = outside
            .http
            .get(url)
            .header("X-FigurePay-Api-Version", "2024-01-31");
        assert_eq!(send(call).await.status, StatusCode::GONE);
    }
    outside
        .order(
            "/figurepay/versions",
            json!({"version": "2024-01-31", "state": "current"}),
        )
        .await;
    outside
        .order(
            "/figurepay/access",
            json!({"client_id": id, "active": false}),
        )
        .await;
    assert_eq!(token().await.status, StatusCode::UNAUTHORIZED);
    let ended = outside
        .control("/figurepay/access-tokens/end", json!({"client_id": id}))
        .await;
    assert_eq!(ended.text(), r#"200 {"ended":1}"#);
    let requests = ask(&outside.bank, &outside.http, "/figurepay/requests").await;
    assert_eq!(requests.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn tatrabanka() {
    let outside = Outside::start().await;
    let application = json!({
        "usage": "third-party",
        "scopes": ["PREMIUM_AIS", "PREMIUM_PIS"],
        "redirect_uris": ["https://example.com/callback"],
    });
    let made = outside
        .control("/tatrabanka/applications", application)
        .await;
    let (id, secret) = (member(&made, "client_id"), member(&made, "client_secret"));
    let settings = json!({
        "code_lifetime_secs": 60,
        "access_token_lifetime_secs": 8,
        "refresh_token_lifetime_secs": 80,
        "rotation": "rotated",
        "reuse_revokes": false,
        "grace_secs": 1,
        "old_access_token": "lives",
        "refresh_token_for_payments": false,
    });
    outside.order("/tatrabanka/settings", settings).await;

    let product = bankauth_testbank::TatraBankaProduct::Premium;
    let tatra = outside.bank.tatrabanka();
    let basic = |request: reqwest::RequestBuilder| request.basic_auth(&id, Some(&secret));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "PREMIUM_AIS"),
    ];
    let answer = send(basic(
        outside.http.post(tatra.token_endpoint(product)).form(&form),
    ))
    .await;
    assert_eq!(answer.json()["expires_in"], 8);

    let consents = format!("{}/v1/consents", tatra.api_base(product));
    let consent = send(basic(outside.http.post(consents)).header("X-Request-ID", "1")).await;
    let consent = member(&consent, "consentId");
    let url = format!(
        "{}?client_id={id}&response_type=code&redirect_uri=https://example.com/callback&scope=PREMIUM_AIS:{consent}&state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        tatra.authorisation_page(product).unwrap()
    );
    let answer = outside
        .control(
            "/tatrabanka/consent",
            json!({"url": url, "decision": "authorise"}),
        )
        .await;
    assert!(member(&answer, "redirect").starts_with("https://example.com/callback?code="));
    let answer = outside
        .control(
            "/tatrabanka/consent",
            json!({"url": url, "decision": "deny"}),
        )
        .await;
    assert_eq!(
        member(&answer, "redirect"),
        "https://example.com/callback?error=access_denied&state=s"
    );
    outside
        .order("/tatrabanka/consents/end", json!({"consent_id": consent}))
        .await;
    outside
        .order(
            "/tatrabanka/contract",
            json!({"client_id": id, "contract": false}),
        )
        .await;
    for path in ["access-tokens", "refresh-tokens"] {
        let ended = outside
            .control(&format!("/tatrabanka/{path}/end"), json!({"client_id": id}))
            .await;
        assert_eq!(ended.status, StatusCode::OK);
    }
    let public = json!({"usage": "final-consumer", "public": true});
    let made = outside.control("/tatrabanka/applications", public).await;
    assert_eq!(made.json().get("client_secret"), None);
}

#[tokio::test]
async fn faults_by_time_and_requests_put_off() {
    let outside = Outside::start().await;
    let url = outside.bank.figurepay().token_endpoint();
    let fault = json!({"endpoint": "token", "fault": {"empty": 503}, "for_secs": 60});
    outside.order("/figurepay/faults", fault.clone()).await;
    assert_eq!(send(outside.http.post(&url)).await.text(), "503 ");
    outside.control("/clock", json!({"advance_secs": 60})).await;
    assert_eq!(
        send(outside.http.post(&url)).await.status,
        StatusCode::BAD_REQUEST
    );
    outside.order("/figurepay/faults", fault).await;
    let faults = format!("{}/figurepay/faults", outside.bank.control_url());
    assert_eq!(
        send(outside.http.request(Method::DELETE, faults))
            .await
            .text(),
        "204 "
    );

    outside
        .order(
            "/figurepay/faults",
            json!({"endpoint": "token", "fault": "act-later"}),
        )
        .await;
    assert!(outside.http.post(&url).send().await.is_err());
    assert_eq!(
        outside.control("/delayed", json!({})).await.text(),
        r#"200 {"acted_on":1}"#
    );
}

#[tokio::test]
async fn refusals_are_a_sentence() {
    let outside = Outside::start().await;
    let refused = async |path, body| outside.control(path, body).await.text();
    insta::assert_snapshot!(refused("/revsto/distributors", json!({"ip_list": ["here"]})).await, @r#"400 IP list: "here" found, an IP address or a pool in CIDR notation expected"#);
    insta::assert_snapshot!(refused("/revsto/access", json!({"client_id": "x", "enabled": true})).await, @"404 not known to this bank");
    insta::assert_snapshot!(refused("/figurepay/versions", json!({"version": "1", "state": "removed"})).await, @r#"400 version: "1" found, a date like 2024-01-31 expected"#);
    insta::assert_snapshot!(refused("/tatrabanka/applications", json!({"usage": "third-party", "scopes": ["A"]})).await, @r#"400 scope: "A" found, one of the bank's scopes expected, e.g. PREMIUM_AIS"#);
    insta::assert_snapshot!(refused("/tatrabanka/consent", json!({"url": "x", "decision": "deny"})).await, @"400 authorisation URL: that of another page found");
    for (path, body) in [
        ("/figurepay/clients", json!({"client_id": "mine"})),
        ("/delayed", json!({"all": true})),
        ("/server-certificate", json!({"certificate": "golden"})),
        ("/tatrabanka/settings", json!({"rotation": "sometimes"})),
    ] {
        assert_eq!(
            outside.control(path, body).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    // A page in a browser cannot give orders, not even those that say nothing.
    for path in ["/figurepay/clients", "/delayed"] {
        let url = format!("{}{path}", outside.bank.control_url());
        assert_eq!(
            send(outside.http.post(url)).await.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
}
