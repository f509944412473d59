//! Errors in all shapes of the field, as bytes: what is read, whose turn it is, and what is never printed.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{error::Error as _, time::Duration};

use bankauth_grants::{
    AccessToken, ApiRefusal, Body, ErrorShape, TokenEndpoint, TokenError, Verdict,
};

const BODIES: [(u16, &str); 18] = [
    (
        400,
        r#"{"error":"invalid_grant","error_description":"The code is dead"}"#,
    ),
    (
        401,
        r#"{"error":"invalid_client","error_description":"Client authentication failed","message":"Client authentication failed"}"#,
    ),
    (
        400,
        r#"{"error":"invalid_request","error_description":"Missing","hint":"Check the `scope` parameter","message":"Missing"}"#,
    ),
    (401, r#"{"message":"The request should be authorized."}"#),
    (
        401,
        r#"{"error_id":"7f3c","code":1000,"message":"Access token is invalid"}"#,
    ),
    (403, r#"{"message":"This action is forbidden","code":9002}"#),
    (
        429,
        r#"{"code":3162,"message":"Too many requests. Try again later."}"#,
    ),
    (
        401,
        r#"{"Code":"401 Unauthorized","Message":"Unauthorized","Id":"9","Errors":[{"ErrorCode":"UK.OBIE.Resource.Unauthorized","Message":"Access token is invalid or expired"}]}"#,
    ),
    (
        403,
        r#"{"Code":"403 Forbidden","Message":"Access forbidden","Errors":[{"ErrorCode":"UK.OBIE.Resource.Forbidden","Message":"Access forbidden"}]}"#,
    ),
    (403, r#"{"errorCode":"NO_CONTRACT"}"#),
    (
        403,
        r#"{"errorCode":"NO_AUTHORIZATION","errorDescription":"No consent"}"#,
    ),
    (401, r#"{"errorCode":"TOKEN_INVALID"}"#),
    (502, "<html>Bad gateway</html>"),
    (401, ""),
    (500, "upstream error"),
    (400, "{}"),
    (410, r#"{"message":"This version was removed"}"#),
    (503, r#"{"error":"temporarily_unavailable"}"#),
];

fn answer(status: u16, body: &str) -> http::Response<Body> {
    let mut answer = http::Response::new(Body::from(body));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

#[test]
fn the_token_endpoint_in_every_shape_rfc6749_5_2() {
    let endpoint = TokenEndpoint::new("https://bank.example/token").unwrap();
    let read = BODIES
        .map(|(status, body)| {
            let error = endpoint.read(&answer(status, body)).unwrap_err();
            let kept = match &error {
                TokenError::Refused(refusal) => refusal.expose_body(),
                TokenError::Malformed(answer) => answer.expose_body(),
                other => panic!("{other:?}"),
            };
            assert_eq!(kept, body.as_bytes());
            let verdict = error.verdict().unwrap();
            assert_eq!(error.is_retryable(), verdict == Verdict::Retry);
            assert_eq!(error.needs_user(), verdict == Verdict::AskUser);
            format!("{verdict:?}: {}", error.source().unwrap())
        })
        .join("\n");
    insta::assert_snapshot!(read, @"
    AskUser: invalid_grant: The code is dead (status 400)
    AskBank: invalid_client: Client authentication failed (status 401)
    AskBank: invalid_request: Missing (status 400)
    AskBank: The request should be authorized. (status 401)
    AskBank: Access token is invalid (status 401, request 7f3c)
    AskBank: This action is forbidden (status 403)
    Retry: Too many requests. Try again later. (status 429)
    AskBank: UK.OBIE.Resource.Unauthorized: Unauthorized: Access token is invalid or expired (status 401, request 9)
    AskBank: UK.OBIE.Resource.Forbidden: Access forbidden (status 403)
    AskBank: NO_CONTRACT (status 403)
    AskBank: NO_AUTHORIZATION: No consent (status 403)
    AskBank: TOKEN_INVALID (status 401)
    Retry: the body is not one JSON object with each member once (status 502, 24 bytes)
    AskBank: the body is empty, expected a JSON object (status 401, 0 bytes)
    Retry: the body is not one JSON object with each member once (status 500, 14 bytes)
    AskBank: the status is not 200 (status 400, 2 bytes)
    AskBank: This version was removed (status 410)
    Retry: temporarily_unavailable (status 503)
    ");
}

#[test]
fn an_api_in_every_shape() {
    let read = BODIES
        .map(|(status, body)| {
            let refusal = ApiRefusal::read(&answer(status, body));
            assert_eq!(refusal.is_token_fault(), status == 401);
            let (shape, verdict) = (refusal.shape(), refusal.verdict());
            format!("{shape:?} {verdict:?}: {refusal}")
        })
        .join("\n");
    insta::assert_snapshot!(read, @"
    OAuth AskBank: invalid_grant: The code is dead (status 400)
    OAuth RenewToken: invalid_client: Client authentication failed (status 401)
    OAuth AskBank: invalid_request: Missing (status 400)
    Message RenewToken: The request should be authorized. (status 401)
    Message RenewToken: Access token is invalid (status 401, code 1000, error 7f3c)
    Message AskBank: This action is forbidden (status 403, code 9002)
    Message Retry: Too many requests. Try again later. (status 429, code 3162)
    OpenBanking RenewToken: UK.OBIE.Resource.Unauthorized: Unauthorized: Access token is invalid or expired (status 401, error 9)
    OpenBanking AskBank: UK.OBIE.Resource.Forbidden: Access forbidden (status 403)
    ErrorCode AskBank: NO_CONTRACT (status 403)
    ErrorCode AskBank: NO_AUTHORIZATION: No consent (status 403)
    ErrorCode RenewToken: TOKEN_INVALID (status 401)
    Html Retry: no reason given (status 502)
    Empty RenewToken: no reason given (status 401)
    Text Retry: no reason given (status 500)
    OtherJson AskBank: no reason given (status 400)
    Message AskBank: This version was removed (status 410)
    OAuth Retry: temporarily_unavailable (status 503)
    ");
}

#[test]
fn an_adapter_knows_better() {
    let refusal = || {
        let endpoint = TokenEndpoint::new("https://bank.example/token").unwrap();
        let body = r#"{"error":"invalid_request","error_description":"The Token has expired on Mon Jun 03 15:55:21 UTC 2024."}"#;
        match endpoint.read(&answer(400, body)).unwrap_err() {
            TokenError::Refused(refusal) => *refusal,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refusal().verdict(), Verdict::AskBank);
    for verdict in [Verdict::RenewAssertion, Verdict::FixClock, Verdict::Retry] {
        let error = TokenError::Refused(Box::new(refusal().with_verdict(verdict)));
        assert_eq!(error.verdict(), Some(verdict));
        assert_eq!(error.is_retryable(), verdict == Verdict::Retry);
        assert!(!error.needs_user());
    }
    let api = ApiRefusal::read(&answer(403, r#"{"errorCode":"NO_AUTHORIZATION"}"#));
    let api = api
        .with_verdict(Verdict::AskUser)
        .with_hint("consent again");
    assert_eq!(
        (api.verdict(), api.hint()),
        (Verdict::AskUser, Some("consent again"))
    );
}

#[test]
fn what_the_head_says_counts_as_well_rfc6750_3_rfc9110_10_2_3() {
    let mut answer = answer(401, "");
    let headers = answer.headers_mut();
    for (name, value) in [
        (
            "www-authenticate",
            r#"DPoP algs="ES256", bearer error="insufficient_scope", error_description="more, please""#,
        ),
        ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"),
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        (
            "x-fapi-interaction-id",
            "93bac548-d2de-4546-b106-880a5018460d",
        ),
    ] {
        headers.append(name, value.parse().unwrap());
    }
    let refusal = ApiRefusal::read(&answer);
    insta::assert_snapshot!(refusal, @"insufficient_scope: more, please (status 401, request 93bac548-d2de-4546-b106-880a5018460d)");
    assert_eq!(refusal.code(), Some("insufficient_scope"));
    assert_eq!(refusal.challenges().len(), 2);
    assert_eq!(refusal.retry_after(), Some(Duration::from_secs(60)));
    assert!(refusal.date().is_some());
    // Another token with the same consent helps as little (RFC 6750 section 3.1).
    assert_eq!(refusal.verdict(), Verdict::AskUser);
    let wait = |wait| refusal.clone().with_retry_after(Some(wait)).retry_after();
    assert_eq!(wait(Duration::from_secs(7)), Some(Duration::from_secs(60)));
}

#[test]
fn a_body_is_kept_to_four_kibibytes_and_never_printed() {
    let long = format!(
        "{{\"message\":\"{}\",\"x\":\"marked\"}}",
        "a".repeat(10_000)
    );
    let refusal = ApiRefusal::read(&answer(400, &long));
    assert_eq!(refusal.shape(), ErrorShape::Message);
    assert_eq!(refusal.expose_body().len(), 4096);
    assert!(refusal.to_string().chars().count() < 600);
    let refusal = ApiRefusal::read(&answer(400, r#"{"x":"marked"}"#));
    let printed = format!("{refusal} {refusal:?}");
    assert!(!printed.contains("marked"), "{printed}");
    assert_eq!(refusal.expose_body(), br#"{"x":"marked"}"#);
}

#[test]
fn tokens_in_what_a_bank_says_are_masked() {
    let token = AccessToken::new("marked-token".to_owned()).unwrap();
    let body = r#"{"error":"no-marked-token","message":"bad marked-token, own_12","hint":"own_12","Id":"marked-token"}"#;
    let refusal = ApiRefusal::read(&answer(401, body))
        .masking(&token)
        .masking_words(|word| word.contains("own_"));
    let printed = format!("{refusal} {refusal:?}");
    assert!(
        !printed.contains("marked") && !printed.contains("own_"),
        "{printed}"
    );
}

#[test]
fn a_grant_with_a_message_beside_it_is_a_grant() {
    let endpoint = TokenEndpoint::new("https://bank.example/token").unwrap();
    let body = r#"{"access_token":"a","token_type":"bearer","message":"welcome","id_token":"e30.e30.c2ln"}"#;
    let tokens = endpoint.read(&answer(200, body)).unwrap();
    assert_eq!(tokens.id_token.unwrap().expose_secret(), "e30.e30.c2ln");
    let body = r#"{"access_token":"a","token_type":"bearer","error":"invalid_grant"}"#;
    assert!(endpoint.read(&answer(200, body)).is_err());
    let body = r#"{"access_token":"a","token_type":"bearer","id_token":"marked e30"}"#;
    let error = endpoint.read(&answer(200, body)).unwrap_err();
    assert!(!format!("{error:?}").contains("marked"));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_answer_panics_or_drives_a_terminal(status in 100_u16..600, bytes in proptest::collection::vec(any::<u8>(), 0..100), text in any::<String>()) {
            let json = serde_json::json!({"error": text, "error_description": text, "Id": text}).to_string();
            for body in [Body::from(bytes), Body::from(json)] {
                let mut answer = http::Response::new(body);
                *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
                if let Ok(value) = http::HeaderValue::from_str(&text) {
                    answer.headers_mut().insert("www-authenticate", value.clone());
                    answer.headers_mut().insert("x-request-id", value);
                }
                let printed = ApiRefusal::read(&answer).to_string();
                prop_assert!(!printed.chars().any(char::is_control));
            }
        }
    }
}
