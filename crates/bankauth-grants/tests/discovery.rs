//! Metadata: whose they are, which endpoint is meant, and how long they are good for.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{
    error::Error as _,
    time::{Duration, UNIX_EPOCH},
};

use bankauth_grants::{
    AuthMethod, Body, BoxFuture, ClientAuth, Connection, EndpointError, Grant, HttpSend, Issuer,
    Limits, Metadata, MetadataCache, RedirectUri, SendError, State,
};

const BODY: &str = r#"{
  "issuer": "https://bank.example/a",
  "authorization_endpoint": "https://bank.example/authorize",
  "token_endpoint": "https://bank.example/token",
  "revocation_endpoint": "https://bank.example/revoke",
  "pushed_authorization_request_endpoint": "https://bank.example/par",
  "registration_endpoint": "https://bank.example/register",
  "jwks_uri": "https://bank.example/jwks",
  "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt", "tls_client_auth", "own"],
  "code_challenge_methods_supported": ["plain", "S256"],
  "scopes_supported": ["openid", "accounts"],
  "authorization_response_iss_parameter_supported": true,
  "tls_client_certificate_bound_access_tokens": true,
  "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.bank.example/token"},
  "unknown": {"a": [1]}
}"#;

fn issuer() -> Issuer {
    Issuer::new("https://bank.example/a").unwrap()
}

fn answer(status: u16, body: &str) -> http::Response<Body> {
    let mut answer = http::Response::new(Body::from(body));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

fn read(body: &str) -> Result<Metadata, EndpointError> {
    Metadata::read(&issuer(), &answer(200, body))
}

fn reason(error: &EndpointError) -> String {
    error.source().unwrap().to_string()
}

#[test]
fn the_issuer_is_the_one_that_was_asked_byte_for_byte_rfc8414_3_3() {
    assert!(read(BODY).is_ok());
    for other in [
        "https://bank.example/a/",
        "https://bank.example/A",
        "https://Bank.example/a",
        "https://bank.example:443/a",
        "https://bank.example/aINVALID",
        "http://bank.example/a",
        "",
    ] {
        let body = BODY.replacen("https://bank.example/a", other, 1);
        let error = read(&body).unwrap_err();
        assert!(
            reason(&error).contains("member `issuer` is another one"),
            "{other}: {error}"
        );
    }
}

#[test]
fn what_is_no_metadata_is_refused_rfc8414_2() {
    let errors = [
        (200, ""),
        (200, "<html>"),
        (200, "[]"),
        (200, "{}"),
        (200, r#"{"issuer":"https://bank.example/a","issuer":"https://bank.example/a"}"#),
        (200, r#"{"issuer":"https://bank.example/a","token_endpoint":"http://bank.example/token"}"#),
        (200, r#"{"issuer":"https://bank.example/a","jwks_uri":"https://me:marked@bank.example/"}"#),
        (200, r#"{"issuer":"https://bank.example/a","mtls_endpoint_aliases":{"token_endpoint":"ftp://x"}}"#),
        (200, r#"{"issuer":"https://bank.example/a","scopes_supported":"openid"}"#),
        (302, ""),
        (404, ""),
    ]
    .map(|(status, body)| {
        let error = Metadata::read(&issuer(), &answer(status, body)).unwrap_err();
        reason(&error)
    })
    .join("\n");
    insta::assert_snapshot!(errors, @"
    the body is empty, expected a JSON object (status 200, 0 bytes)
    the body is not one JSON object with each member once (status 200, 6 bytes)
    the body is not one JSON object with each member once (status 200, 2 bytes)
    a member is missing, twice, or of another kind (status 200, 2 bytes)
    a member is missing, twice, or of another kind (status 200, 69 bytes)
    member `token_endpoint` is none, expected an https URL (status 200, 80 bytes)
    member `jwks_uri` is none, expected an https URL (status 200, 80 bytes)
    member `mtls_endpoint_aliases` is none, expected an https URL (status 200, 88 bytes)
    a member is missing, twice, or of another kind (status 200, 63 bytes)
    it points elsewhere, and a request with credentials is not sent there (status 302, 0 bytes)
    the status is not 200 (status 404, 0 bytes)
    ");
}

#[test]
fn an_alias_is_for_clients_with_a_certificate_rfc8705_5() {
    let metadata = read(BODY).unwrap();
    let token = |connection| {
        metadata
            .token_endpoint(connection)
            .unwrap()
            .url()
            .to_owned()
    };
    assert_eq!(token(Connection::Plain), "https://bank.example/token");
    assert_eq!(
        token(Connection::MutualTls),
        "https://mtls.bank.example/token"
    );
    // Per endpoint: what has no alias is where it always is.
    for connection in [Connection::Plain, Connection::MutualTls] {
        assert_eq!(
            metadata.registration_endpoint(connection),
            Some("https://bank.example/register")
        );
        assert!(metadata.revocation_endpoint(connection).is_some());
        assert!(metadata.pushed_authorization_endpoint(connection).is_some());
        assert!(metadata.introspection_endpoint(connection).is_none());
        assert!(metadata.userinfo_endpoint(connection).is_none());
    }
    assert!(metadata.binds_tokens_to_certificate());
    assert_eq!(metadata.jwks_uri(), Some("https://bank.example/jwks"));
}

#[test]
fn the_strongest_method_that_both_know_rfc8414_2() {
    let choose =
        |body: &str, allowed: &[AuthMethod]| read(body).unwrap().choose_auth_method(allowed);
    let all = [
        AuthMethod::ClientSecretPost,
        AuthMethod::ClientSecretBasic,
        AuthMethod::PrivateKeyJwt,
        AuthMethod::TlsClientAuth,
    ];
    assert_eq!(choose(BODY, &all), Some(AuthMethod::TlsClientAuth));
    assert_eq!(choose(BODY, &all[..3]), Some(AuthMethod::PrivateKeyJwt));
    assert_eq!(choose(BODY, &all[..2]), Some(AuthMethod::ClientSecretBasic));
    assert_eq!(choose(BODY, &all[..1]), None);
    let silent = r#"{"issuer":"https://bank.example/a"}"#;
    assert_eq!(choose(silent, &all), Some(AuthMethod::ClientSecretBasic));
    assert_eq!(choose(silent, &all[2..]), None);
    assert_eq!(AuthMethod::read("own").as_str(), "own");
    assert_eq!(read(BODY).unwrap().supports_s256(), Some(true));
    assert_eq!(read(silent).unwrap().supports_s256(), None);
    assert_eq!(
        read(BODY).unwrap().list("scopes_supported").unwrap(),
        ["openid", "accounts"]
    );
}

#[test]
fn two_servers_at_once_keep_apart_rfc9700_4_4() {
    let other = Issuer::new("https://other.example").unwrap();
    let body = BODY.replacen("https://bank.example/a", "https://other.example", 1);
    let other = Metadata::read(&other, &answer(200, &body)).unwrap();
    let redirect_uri = RedirectUri::new("https://client.example/cb").unwrap();
    let (_, pending) = other
        .authorization_request("id", &redirect_uri)
        .unwrap()
        .with_state(State::from_bytes([1; 32]))
        .start(UNIX_EPOCH)
        .unwrap();
    let address = |iss: &str| {
        let state = State::from_bytes([1; 32]);
        let state = state.expose_secret();
        bankauth_grants::Callback::address(format!(
            "https://client.example/cb?code=c&state={state}&iss={iss}"
        ))
    };
    let stored = pending.to_bytes();
    assert!(
        pending
            .read(&address("https://bank.example/a"), UNIX_EPOCH)
            .is_err()
    );
    let pending =
        bankauth_grants::PendingAuthorization::from_bytes(stored.expose_secret()).unwrap();
    let response = pending
        .read(&address("https://other.example"), UNIX_EPOCH)
        .unwrap();
    let ours = read(BODY)
        .unwrap()
        .token_endpoint(Connection::Plain)
        .unwrap();
    assert!(response.grant_for(&ours).is_err());
    let theirs = other.token_endpoint(Connection::Plain).unwrap();
    let grant: Grant<'_> = response.grant_for(&theirs).unwrap();
    assert!(theirs.request(grant, &ClientAuth::none("id")).is_ok());
}

#[test]
fn metadata_are_good_for_a_while_rfc8414_3_2() {
    let read_at = UNIX_EPOCH + Duration::from_secs(1_000_000);
    let hours = |count: u64| read_at + Duration::from_secs(3600 * count);
    let cache = MetadataCache::new(read(BODY).unwrap(), read_at);
    assert!(!cache.is_due(read_at));
    assert!(cache.is_due(hours(1)));
    assert_eq!(cache.usable(hours(24)).unwrap().issuer(), &issuer());
    insta::assert_snapshot!(cache.usable(hours(25)).unwrap_err(), @"the metadata were read more than 24 hours ago, or in the future");
    // A clock that went back says nothing of the age.
    assert!(cache.is_due(read_at - Duration::from_secs(1)));
    assert!(cache.usable(read_at - Duration::from_secs(1)).is_err());
    let cache = cache.with_times(Duration::from_secs(7200), Duration::ZERO);
    assert!(cache.usable(hours(2)).is_ok());
    assert!(!format!("{cache:?}").is_empty());
}

struct Bank;

impl HttpSend for Bank {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        assert_eq!(limits, Limits::METADATA);
        assert_eq!(request.method(), "GET");
        assert_eq!(
            request.uri(),
            "https://bank.example/.well-known/oauth-authorization-server/a"
        );
        Box::pin(core::future::ready(Ok(answer(200, BODY))))
    }
}

#[tokio::test]
async fn metadata_are_asked_for_where_the_issuer_has_them_rfc8414_3_1() {
    let url = issuer().oauth_metadata_url();
    let metadata = Metadata::fetch(&Bank, &issuer(), &url).await.unwrap();
    assert_eq!(metadata.issuer(), &issuer());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_document_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), url in "\\PC{0,30}") {
            let _ = Metadata::read(&issuer(), &http::Response::new(Body::from(bytes)));
            let body = serde_json::json!({"issuer": issuer().as_str(), "token_endpoint": url, "jwks_uri": url}).to_string();
            if let Ok(metadata) = read(&body) {
                prop_assert!(metadata.token_endpoint(Connection::Plain).is_ok());
            }
        }
    }
}
