//! The API: the request that proves a token, and every error body that the bank documents.

use std::time::Duration;

use bankauth_revolut::{
    business::{ApiError, Client, Environment},
    grants::{Body, Limits},
};

use crate::bank::{access_token, chain, client};

const TOKEN: &str = "oa_prod_rPo9OmbMAuguhQffR6RLR4nvmzpx4NJtpdyvGKkrS3U";

/// The guide's accounts.
const ACCOUNTS: &str = r#"[
{
"id": "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1",
"name": "Current GBP account",
"balance": 100.0,
"currency": "GBP",
"state": "active",
"public": false,
"updated_at": "2017-06-01T11:11:11.1Z",
"created_at": "2017-06-01T11:11:11.1Z"
},
{
"id": "df8d6b20-0725-482e-a29e-fb09631480cf",
"name": "EUR expenses account",
"balance": 1234.0,
"currency": "EUR",
"state": "active",
"public": false,
"created_at": "2017-06-01T11:11:11.1Z",
"updated_at": "2017-06-01T11:11:11.1Z"
}
]"#;

fn answer(status: u16, body: &str) -> http::Response<Body> {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}

fn error(status: u16, body: &str) -> ApiError {
    let error = Client::read_accounts(&answer(status, body)).unwrap_err();
    let same = Client::read_json(answer(status, body));
    if !matches!(error, ApiError::Malformed(_)) {
        assert_eq!(chain(&error), chain(&same.unwrap_err()));
    }
    error
}

#[tokio::test]
async fn the_accounts_of_the_guide() {
    let (client, bank) = client(Environment::production());
    bank.will_say(200, &[], ACCOUNTS);
    let accounts = client.accounts(&access_token(TOKEN)).await.unwrap();
    let asked = &bank.was_asked()[0];
    insta::assert_snapshot!(asked.head, @"
    GET https://b2b.revolut.com/api/1.0/accounts
    accept: application/json
    authorization: Bearer oa_prod_rPo9OmbMAuguhQffR6RLR4nvmzpx4NJtpdyvGKkrS3U
    ");
    assert_eq!(asked.body, "");
    assert_eq!(asked.limits, Limits::RESOURCE);
    insta::assert_debug_snapshot!(accounts, @r#"
    [
        Account {
            id: "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1",
            name: Some(
                "Current GBP account",
            ),
            balance: Amount(
                "100.0",
            ),
            currency: "GBP",
            state: "active",
            public: false,
            created_at: "2017-06-01T11:11:11.1Z",
            updated_at: "2017-06-01T11:11:11.1Z",
        },
        Account {
            id: "df8d6b20-0725-482e-a29e-fb09631480cf",
            name: Some(
                "EUR expenses account",
            ),
            balance: Amount(
                "1234.0",
            ),
            currency: "EUR",
            state: "active",
            public: false,
            created_at: "2017-06-01T11:11:11.1Z",
            updated_at: "2017-06-01T11:11:11.1Z",
        },
    ]
    "#);
}

#[test]
fn the_token_is_hidden_in_the_request() {
    let (client, _) = client(Environment::production());
    let request = client.accounts_request(&access_token(TOKEN)).unwrap();
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(!format!("{request:?}").contains("oa_prod_"));
}

#[test]
fn an_account_may_have_no_name_and_members_that_are_not_known() {
    for name in [r#""name":null,"#, ""] {
        let body = format!(
            r#"[{{"new":{{"a":[1]}},"id":"1",{name}"balance":0.10,"currency":"EUR","state":"inactive","public":true,"created_at":"c","updated_at":"u"}}]"#
        );
        let accounts = Client::read_accounts(&answer(200, &body)).unwrap();
        assert_eq!(accounts[0].name, None);
        assert_eq!(accounts[0].balance.as_str(), "0.10");
        assert!(accounts[0].public);
    }
    assert_eq!(Client::read_accounts(&answer(200, "[]")).unwrap(), []);
}

#[test]
fn a_list_that_is_none_is_named_by_place_alone() {
    let one = ACCOUNTS.replace("100.0", "\"marked\"");
    let errors = [
        "",
        "<html>marked",
        "{}",
        "null",
        "[{\"id\":\"marked\"}]",
        &one,
        &ACCOUNTS[..200],
    ]
    .map(|body| chain(&Client::read_accounts(&answer(200, body)).unwrap_err()))
    .join("\n");
    assert!(!errors.contains("marked"));
    insta::assert_snapshot!(errors, @"
    the answer of the API cannot be used: the body is empty, expected JSON (status 200, application/json, 0 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 1, column 1 (status 200, application/json, 12 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 1, column 0 (status 200, application/json, 2 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 1, column 4 (status 200, application/json, 4 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 1, column 16 (status 200, application/json, 17 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 5, column 19 (status 200, application/json, 475 bytes)
    the answer of the API cannot be used: the body is not a list of accounts as the bank documents it, up to line 10, column 6 (status 200, application/json, 200 bytes)
    ");
}

#[tokio::test]
async fn what_is_at_a_path_comes_back_unchanged() {
    let (client, bank) = client(Environment::sandbox());
    let token = access_token("oa_sand_a");
    bank.will_say(200, &[], ACCOUNTS);
    let body = client
        .get("/transactions?count=2&type=transfer", &token)
        .await
        .unwrap();
    assert_eq!(body.expose_secret(), ACCOUNTS.as_bytes());
    assert!(bank.was_asked()[0].head.starts_with(
        "GET https://sandbox-b2b.revolut.com/api/1.0/transactions?count=2&type=transfer\n"
    ));

    for path in [
        "https://evil.example/",
        "//evil.example",
        "/../2.0/webhooks",
        "/a#b",
        "accounts",
        "",
    ] {
        let error = client.get(path, &token).await.unwrap_err();
        assert!(matches!(error, ApiError::Path(_)), "{path}");
        assert!(!error.is_token_fault() && !error.is_retryable());
    }
    assert!(bank.was_asked().is_empty());
    let error = client
        .get("https://evil.example/", &token)
        .await
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the request cannot be made: the path is an absolute URL, expected one that begins with a slash and is appended to the base of the API, such as /accounts");

    for body in ["", "<html>", "{} {}"] {
        bank.will_say(200, &[], body);
        let error = client.get("/accounts", &token).await.unwrap_err();
        assert!(matches!(error, ApiError::Malformed(_)), "{body}");
    }
}

#[test]
fn a_token_that_is_not_accepted() {
    let bodies = [
        // The guide, the schema, and the description since 2026-03-30.
        r#"{"message":"The request should be authorized."}"#,
        r#"{"message":"The request should be authorized.","status":401}"#,
        r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":1000,"message":"Access token is invalid or has expired. Please refresh your access token."}"#,
    ];
    let errors = bodies.map(|body| {
        let error = error(401, body);
        assert!(matches!(error, ApiError::Unauthorised(_)));
        assert!(error.is_token_fault() && !error.is_retryable());
        assert_eq!(error.status().unwrap(), 401);
        error
    });
    assert_eq!(errors[0].code(), None);
    assert_eq!(errors[2].code(), Some(1000));
    assert_eq!(
        errors[2].error_id(),
        Some("7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11")
    );
    insta::assert_snapshot!(errors.each_ref().map(|error| chain(error)).join("\n"), @"
    the API does not accept the access token: The request should be authorized. (status 401)
    the API does not accept the access token: The request should be authorized. (status 401)
    the API does not accept the access token: Access token is invalid or has expired. Please refresh your access token. (status 401, code 1000, error 7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11)
    ");
    insta::assert_snapshot!(errors[0].hint().unwrap(), @"get another access token with the refresh token; a token also ends as soon as another process refreshes");
    // RFC 9110 section 15.5.2: the status alone says as much.
    assert!(error(401, "").is_token_fault());
    assert!(error(401, "<html>").is_token_fault());
}

#[test]
fn a_header_that_arrived_damaged_is_no_fault_of_the_token() {
    let error = error(
        401,
        r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":1000,"message":"Invalid token. The authorization header must follow the 'Bearer <token>' format."}"#,
    );
    assert!(matches!(error, ApiError::HeaderRejected(_)));
    assert!(!error.is_token_fault() && !error.is_retryable());
    assert_eq!(error.code(), Some(1000));
    insta::assert_snapshot!(chain(&error), @"the API could not read the authorization header: Invalid token. The authorization header must follow the 'Bearer <token>' format. (status 401, code 1000, error 7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11)");
    insta::assert_snapshot!(error.hint().unwrap(), @"the header was sent as `Bearer <token>`: whatever sends the requests, or a proxy, changed it");
}

#[test]
fn what_is_forbidden_is_no_fault_of_the_token() {
    for body in [
        r#"{"message":"This action is forbidden","code":9002}"#,
        r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":9002,"message":"This action is forbidden"}"#,
        r#"{"code":1000,"message":"Access token is invalid or has expired."}"#,
        r#"{"message":"The request should be authorized."}"#,
        r#"{"error":"invalid_token"}"#,
        "<html>",
        "",
    ] {
        let error = error(403, body);
        assert!(matches!(error, ApiError::Forbidden(_)), "{body}");
        assert!(!error.is_token_fault() && !error.is_retryable(), "{body}");
    }
    let error = error(403, r#"{"message":"This action is forbidden","code":9002}"#);
    assert_eq!(error.code(), Some(9002));
    insta::assert_snapshot!(chain(&error), @"the API forbids this request: This action is forbidden (status 403, code 9002)");
    insta::assert_snapshot!(error.hint().unwrap(), @"another token changes nothing. The consent lacks the scope that this request needs (READ for GET; other scopes need another consent); or this address is not in the IP list of the certificate; or the consent has READ_SENSITIVE_CARD_DATA and the certificate has no IP list, which forbids every request; or the person who consented lacks the permission in the web app");
}

#[test]
fn too_many_requests() {
    let later = r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":3162,"message":"Too many requests. Try again later."}"#;
    let after = r#"{"code":3162,"message":"Too many requests. Try again after 30 seconds."}"#;
    let wait = |header: Option<&str>, body| {
        let mut answer = answer(429, body);
        if let Some(value) = header {
            answer
                .headers_mut()
                .insert("retry-after", value.parse().unwrap());
        }
        let error = Client::read_accounts(&answer).unwrap_err();
        assert!(matches!(error, ApiError::RateLimited(_)));
        assert!(error.is_retryable() && !error.is_token_fault());
        assert!(error.hint().is_some());
        error.retry_after().map(|wait| wait.as_secs())
    };
    assert_eq!(wait(None, later), None);
    assert_eq!(wait(Some("7"), later), Some(7));
    assert_eq!(wait(None, after), Some(30));
    assert_eq!(wait(Some("7"), after), Some(7));
    assert_eq!(wait(Some("soon"), after), Some(30));
    assert_eq!(wait(Some("9999999999"), later), Some(86_400));
    assert_eq!(wait(None, "<html>"), None);
    insta::assert_snapshot!(chain(&error(429, after)), @"the API had too many requests: Too many requests. Try again after 30 seconds. (status 429, code 3162)");
}

#[test]
fn other_refusals() {
    let cases = [
        (500, r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":5000,"message":"Internal server error"}"#),
        (503, r#"{"code":5003,"message":"Service unavailable"}"#),
        (502, "<html>"),
        (400, r#"{"code":2101,"message":"Parameter 'from' is invalid"}"#),
        (400, r#"{"code":3000,"message":"Validation failed"}"#),
        (404, r#"{"code":"3006","message":"Resource not found"}"#),
        (409, r#"{"error":"conflict"}"#),
        (418, r"{}"),
        (404, "<html>"),
        (404, ""),
        (302, ""),
    ]
    .map(|(status, body)| {
        let error = error(status, body);
        assert!(!error.is_token_fault());
        assert_eq!(error.is_retryable(), status >= 500, "{status}");
        assert_eq!(error.status().unwrap(), status);
        let debug = format!("{error:?}");
        let variant = debug.split('(').next().unwrap();
        format!("{variant}: {}", chain(&error))
    })
    .join("\n");
    insta::assert_snapshot!(cases, @"
    Server: the API failed: Internal server error (status 500, code 5000, error 7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11)
    Server: the API failed: Service unavailable (status 503, code 5003)
    Server: the API failed: no reason given (status 502)
    Validation: the API found a mistake in the request: Parameter 'from' is invalid (status 400, code 2101)
    Validation: the API found a mistake in the request: Validation failed (status 400, code 3000)
    Refused: the API refused the request: Resource not found (status 404, code 3006)
    Refused: the API refused the request: conflict (status 409)
    Refused: the API refused the request: no reason given (status 418)
    Malformed: the answer of the API cannot be used: the body is not JSON (status 404, application/json, 6 bytes)
    Malformed: the answer of the API cannot be used: the body is empty, expected JSON (status 404, application/json, 0 bytes)
    Malformed: the answer of the API cannot be used: it points elsewhere, and an access token is not sent there (status 302, application/json, 0 bytes)
    ");
}

#[tokio::test]
async fn nobody_answers() {
    let (client, _) = client(Environment::sandbox());
    let error = client
        .accounts(&access_token("oa_sand_a"))
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Transport(_)));
    assert!(error.is_retryable() && !error.is_token_fault());
    assert_eq!(
        (error.status(), error.code(), error.retry_after()),
        (None, None, None::<Duration>)
    );
    insta::assert_snapshot!(chain(&error), @"the API did not answer: no connection to the server");
}
