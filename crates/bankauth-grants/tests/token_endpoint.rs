//! The token endpoint through its public API: requests byte for byte, answers as they occur in the field.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use bankauth_grants::{
    AuthorizationCode, Body, BoxFuture, ClientAuth, Grant, HttpSend, Limits, RedirectUri,
    RefreshToken, SendError, SendErrorKind, TokenEndpoint, TokenError, TokenSet, Tolerance,
};
use std::error::Error as _;

fn endpoint() -> TokenEndpoint {
    TokenEndpoint::new("https://bank.example/api/token").unwrap()
}

fn answer(status: u16, content_type: &str, body: &str) -> http::Response<Body> {
    http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Body::from(body))
        .unwrap()
}

fn read(body: &str) -> Result<TokenSet, TokenError> {
    endpoint().read(&answer(200, "application/json", body))
}

/// The whole chain, as a program would print it.
fn chain(error: &TokenError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn form(request: &http::Request<Body>) -> &str {
    std::str::from_utf8(request.body().expose_secret()).unwrap()
}

#[test]
fn an_authorization_code_with_a_client_assertion_rfc6749_4_1_3_rfc7523_2_2() {
    let code = AuthorizationCode::new("oa_sand_c/1+2".to_owned()).unwrap();
    let auth = ClientAuth::private_key_jwt("e30.e30.c2ln".to_owned());
    let request = endpoint()
        .request(Grant::authorization_code(&code), &auth)
        .unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://bank.example/api/token");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.headers()["accept"], "application/json");
    assert!(!request.headers().contains_key("authorization"));
    insta::assert_snapshot!(form(&request), @"grant_type=authorization_code&code=oa_sand_c%2F1%2B2&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=e30.e30.c2ln");
}

#[test]
fn a_refresh_token_of_a_public_client_rfc6749_6() {
    let refresh_token = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA".to_owned()).unwrap();
    let auth = ClientAuth::None {
        client_id: "s6BhdRkqt3".to_owned(),
    };
    let request = endpoint()
        .request(Grant::refresh_token(&refresh_token), &auth)
        .unwrap();
    insta::assert_snapshot!(form(&request), @"grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=s6BhdRkqt3");
}

#[test]
fn the_redirect_uri_is_sent_as_it_was_given_rfc6749_4_1_3() {
    let code = AuthorizationCode::new("c".to_owned()).unwrap();
    let redirect_uri = RedirectUri::new("https://example.com").unwrap();
    let auth = ClientAuth::PrivateKeyJwt {
        client_id: Some("id".to_owned()),
        assertion: "a.b.c".to_owned().into(),
    };
    let request = endpoint()
        .request(
            Grant::AuthorizationCode {
                code: &code,
                redirect_uri: Some(&redirect_uri),
                code_verifier: None,
            },
            &auth,
        )
        .unwrap();
    insta::assert_snapshot!(form(&request), @"grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fexample.com&client_id=id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c");
}

#[test]
fn a_request_prints_no_secret() {
    let refresh_token = RefreshToken::new("marked-refresh".to_owned()).unwrap();
    let auth = ClientAuth::private_key_jwt("marked-jwt".to_owned());
    let grant = Grant::refresh_token(&refresh_token);
    let request = endpoint().request(grant, &auth).unwrap();
    let printed = format!("{request:?} {grant:?} {auth:?}");
    assert!(!printed.contains("marked"), "{printed}");
}

#[test]
fn an_empty_assertion_or_client_id_is_our_mistake() {
    let refresh_token = RefreshToken::new("r".to_owned()).unwrap();
    let grant = Grant::refresh_token(&refresh_token);
    let error = endpoint()
        .request(grant, &ClientAuth::private_key_jwt(String::new()))
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the token request cannot be made: client_assertion is empty");
    let error = endpoint()
        .request(
            grant,
            &ClientAuth::None {
                client_id: String::new(),
            },
        )
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the token request cannot be made: client_id is empty");
    assert!(!error.is_retryable());
}

#[test]
fn an_endpoint_that_is_not_https_is_refused_rfc6749_3_2() {
    assert!(TokenEndpoint::new("http://bank.example/token").is_err());
}

#[test]
fn a_plain_answer_has_no_tolerance_rfc6749_5_1() {
    let tokens = read(r#"{"access_token":"a","token_type":"bearer","expires_in":2399,"refresh_token":"r","scope":"READ WRITE","new":[{}]}"#).unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "a");
    assert_eq!(tokens.refresh_token.unwrap().expose_secret(), "r");
    assert_eq!(tokens.expires_in.unwrap().as_secs(), 2399);
    assert_eq!(tokens.scope.unwrap(), ["READ", "WRITE"]);
    assert_eq!(tokens.tolerances, []);
}

#[test]
fn departures_are_read_and_recorded_and_a_strict_reader_refuses_them() {
    use Tolerance::{ExpiresInFraction, ExpiresInText, ScopeArray, ScopeCommas, TokenTypeMissing};
    let cases: [(&str, Option<u64>, &[Tolerance]); 12] = [
        (r#"{"access_token":"a","token_type":"BEARER"}"#, None, &[]),
        (
            r#"{"access_token":"a","token_type":"bEARER","expires_in":null,"refresh_token":null,"scope":null}"#,
            None,
            &[],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#,
            Some(0),
            &[],
        ),
        (r#"{"access_token":"a"}"#, None, &[TokenTypeMissing]),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":"3600"}"#,
            Some(3600),
            &[ExpiresInText],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":" 3600.9 "}"#,
            Some(3600),
            &[ExpiresInText],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":3600.0}"#,
            Some(3600),
            &[ExpiresInFraction],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":3.6e3}"#,
            Some(3600),
            &[ExpiresInFraction],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","scope":["A","B"]}"#,
            None,
            &[ScopeArray],
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","scope":"A,B"}"#,
            None,
            &[ScopeCommas],
        ),
        (
            "\u{feff}{\"access_token\":\"a\",\"token_type\":\"Bearer\"}",
            None,
            &[Tolerance::ByteOrderMark],
        ),
        (
            " {\"access_token\":\"dG9rZW4=\",\"token_type\":\"Bearer\"}\n",
            None,
            &[],
        ),
    ];
    for (body, expires_in, tolerances) in cases {
        let tokens = read(body).unwrap_or_else(|error| panic!("{body}: {}", chain(&error)));
        assert_eq!(
            tokens.expires_in.map(|life| life.as_secs()),
            expires_in,
            "{body}"
        );
        assert_eq!(tokens.tolerances, tolerances, "{body}");
        let strict = endpoint()
            .strict()
            .read(&answer(200, "application/json;charset=UTF-8", body));
        assert_eq!(strict.is_ok(), tolerances.is_empty(), "{body}");
    }
    let tokens = endpoint()
        .read(&answer(
            201,
            "text/plain",
            r#"{"access_token":"a","token_type":"Bearer"}"#,
        ))
        .unwrap();
    assert_eq!(
        tokens.tolerances,
        [Tolerance::Status, Tolerance::ContentType]
    );
}

#[test]
fn answers_that_are_none_say_what_is_wrong_and_never_show_the_body() {
    let text = |status, content_type, body| {
        chain(
            &endpoint()
                .read(&answer(status, content_type, body))
                .unwrap_err(),
        )
    };
    insta::assert_snapshot!(text(200, "text/html", "<html>marked</html>"), @"the answer of the token endpoint cannot be used: the body is not one JSON object with each member once (status 200, text/html, 19 bytes)");
    insta::assert_snapshot!(text(502, "text/html", "<html>marked</html>"), @"the answer of the token endpoint cannot be used: the body is not one JSON object with each member once (status 502, text/html, 19 bytes)");
    insta::assert_snapshot!(text(200, "application/json", ""), @"the answer of the token endpoint cannot be used: the body is empty, expected a JSON object (status 200, application/json, 0 bytes)");
    insta::assert_snapshot!(text(307, "application/json", r#"{"access_token":"marked"}"#), @"the answer of the token endpoint cannot be used: it points elsewhere, and a request with credentials is not sent there (status 307, application/json, 25 bytes)");
    insta::assert_snapshot!(text(500, "application/json", r#"{"access_token":"marked"}"#), @"the answer of the token endpoint cannot be used: the status is not 200 (status 500, application/json, 25 bytes)");
    insta::assert_snapshot!(text(200, "application/json", r#"{"access_token":"marked","access_token":"marked"}"#), @"the answer of the token endpoint cannot be used: the body is not one JSON object with each member once (status 200, application/json, 49 bytes)");
    insta::assert_snapshot!(text(200, "application/json", r#"{"access_token":"marked","token_type":"mac"}"#), @"the answer of the token endpoint cannot be used: member `token_type` is another type, expected `Bearer` (status 200, application/json, 44 bytes)");
    insta::assert_snapshot!(text(200, "application/json", r#"{"access_token":"a b\r\nmarked: x","token_type":"bearer"}"#), @"the answer of the token endpoint cannot be used: member `access_token` is other characters, expected visible ASCII without spaces (status 200, application/json, 57 bytes)");
}

#[test]
fn a_token_may_be_long_and_is_kept_exactly_rfc6749_1_4() {
    let long = "aB0-._~+/=".repeat(1639);
    let body =
        format!(r#"{{"access_token":"{long}","token_type":"bearer","refresh_token":" {long} "}}"#);
    let tokens = read(&body).unwrap();
    assert_eq!(tokens.access_token.expose_secret(), long);
    assert_eq!(
        tokens.refresh_token.unwrap().expose_secret(),
        format!(" {long} ")
    );
}

#[test]
fn members_of_the_wrong_kind_are_refused_rfc6749_5_1() {
    for body in [
        r#"{"access_token":null}"#,
        r#"{"access_token":""}"#,
        r#"{"access_token":1}"#,
        r#"{"token_type":"bearer"}"#,
        r#"{"access_token":"a","token_type":1}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":-1}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":9223372036854775807}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":1e300}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":"NaN"}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":"soon"}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":true}"#,
        r#"{"access_token":"a","token_type":"bearer","expires_in":[1]}"#,
        r#"{"access_token":"a","token_type":"bearer","refresh_token":{}}"#,
        r#"{"access_token":"a","token_type":"bearer","scope":[1]}"#,
        r#"{"access_token":"a","token_type":"bearer"} trailing"#,
        r#"["access_token"]"#,
    ] {
        let error = read(body).unwrap_err();
        assert!(
            matches!(error, TokenError::Malformed(_)),
            "{body}: {error:?}"
        );
    }
}

#[test]
fn a_refusal_keeps_status_code_and_description_rfc6749_5_2() {
    let refused = |status, body| {
        endpoint()
            .read(&answer(status, "application/json", body))
            .unwrap_err()
    };
    let error = refused(
        400,
        r#"{"error":"invalid_grant","error_description":"The code is dead"}"#,
    );
    insta::assert_snapshot!(chain(&error), @"the token endpoint refused: invalid_grant: The code is dead (status 400)");
    assert!(error.needs_user() && !error.is_retryable());

    let error = refused(200, r#"{"error":"invalid_client"}"#);
    insta::assert_snapshot!(chain(&error), @"the token endpoint refused: invalid_client (status 200)");
    assert!(!error.needs_user() && !error.is_retryable());

    let error = refused(503, r#"{"error":"temporarily_unavailable"}"#);
    assert!(error.is_retryable() && !error.needs_user());

    let error = refused(418, r#"{"error":"of_their_own","access_token":"marked"}"#);
    insta::assert_snapshot!(chain(&error), @"the token endpoint refused: of_their_own (status 418)");

    let error = refused(
        429,
        r#"{"message":"Slow down","code":3162,"error_id":"7f2f"}"#,
    );
    insta::assert_snapshot!(chain(&error), @"the token endpoint refused: Slow down (status 429, request 7f2f)");
    assert!(error.is_retryable());
}

/// A bank that repeats what it was sent.
struct Echo;

impl HttpSend for Echo {
    fn send(
        &self,
        request: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        let form = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        let body = format!(r#"{{"error":"invalid_request","error_description":"{form}"}}"#);
        Box::pin(async move { Ok(answer(400, "application/json", &body)) })
    }
}

#[tokio::test]
async fn credentials_that_the_server_repeats_are_masked() {
    let refresh_token = RefreshToken::new("marked-refresh".to_owned()).unwrap();
    let auth = ClientAuth::private_key_jwt("marked-assertion".to_owned());
    let error = endpoint()
        .exchange(&Echo, Grant::refresh_token(&refresh_token), &auth)
        .await
        .unwrap_err();
    let printed = format!("{} {error:?}", chain(&error));
    assert!(!printed.contains("marked-"), "{printed}");
    assert!(printed.contains("refresh_token=[masked]"), "{printed}");
}

struct Dead(SendErrorKind);

impl HttpSend for Dead {
    fn send(
        &self,
        _: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        assert_eq!(limits, Limits::TOKEN);
        Box::pin(core::future::ready(Err(SendError::new(self.0))))
    }
}

#[tokio::test]
async fn a_transport_error_says_whether_the_bank_may_have_acted() {
    let refresh_token = RefreshToken::new("r".to_owned()).unwrap();
    let auth = ClientAuth::private_key_jwt("a".to_owned());
    for (kind, processed, retryable) in [
        (SendErrorKind::Connect, false, true),
        (SendErrorKind::Tls, false, false),
        (SendErrorKind::Timeout, true, true),
        (SendErrorKind::BodyTooLarge, true, false),
    ] {
        let error = endpoint()
            .exchange(&Dead(kind), Grant::refresh_token(&refresh_token), &auth)
            .await
            .unwrap_err();
        assert_eq!(error.may_have_been_processed(), processed, "{kind:?}");
        assert_eq!(error.is_retryable(), retryable, "{kind:?}");
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_answer_panics(status in 100_u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut response = http::Response::new(Body::from(body));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            let _ = endpoint().read(&response);
        }

        /// A grant stays readable whatever members the bank adds (RFC 6749 §5.1).
        #[test]
        fn a_superset_of_a_grant_parses_and_no_token_is_printed(name in "[a-z_]{1,12}x", value in "[^\"\\\\\\p{C}]{0,20}") {
            let body = format!(r#"{{"{name}":"{value}","access_token":"marked-access","token_type":"bearer","refresh_token":"marked-refresh"}}"#);
            let tokens = read(&body).unwrap();
            let printed = format!("{tokens:?}");
            prop_assert!(!printed.contains("marked"));
        }

        #[test]
        fn json_like_answers_never_print_their_values(access in "[ -~]{0,30}", kind in "[ -~]{0,10}") {
            let body = serde_json::json!({"access_token": format!("{access}marked"), "token_type": kind}).to_string();
            if let Err(error) = read(&body) {
                let printed = format!("{} {error:?}", chain(&error));
                prop_assert!(!printed.contains("marked"));
            }
        }
    }
}
