//! Pushed requests, revocation and introspection: requests byte for byte, answers as bytes.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{
    error::Error as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bankauth_grants::{
    AccessToken, AuthorizationRequest, Body, BoxFuture, ClientAuth, EndpointError, HttpSend,
    IntrospectionEndpoint, IssuedToken, Limits, Parameters, PkceVerifier,
    PushedAuthorizationEndpoint, RedirectUri, RefreshToken, RevocationEndpoint, Scope, SendError,
    State, Verdict,
};

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn answer(status: u16, body: &str) -> http::Response<Body> {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}

fn form(request: &http::Request<Body>) -> String {
    assert_eq!(request.method(), "POST");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.headers()["accept"], "application/json");
    String::from_utf8(request.body().expose_secret().to_vec()).unwrap()
}

fn chain(error: &EndpointError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn authorization() -> AuthorizationRequest {
    let redirect_uri = RedirectUri::new("https://client.example/cb").unwrap();
    AuthorizationRequest::new("https://bank.example/authorize?t=1", "id", &redirect_uri)
        .unwrap()
        .with_scope(&Scope::parse("accounts").unwrap())
        .with_state(State::from_bytes([7; 32]))
        .with_pkce(PkceVerifier::from_bytes([8; 32]))
}

fn par() -> PushedAuthorizationEndpoint {
    PushedAuthorizationEndpoint::new("https://bank.example/par").unwrap()
}

#[test]
fn a_pushed_request_is_authenticated_as_at_the_token_endpoint_rfc9126_2_1() {
    let jwt = ClientAuth::private_key_jwt("e30.e30.c2ln".to_owned());
    let requests = [
        jwt,
        ClientAuth::mutual_tls("id"),
        ClientAuth::secret_basic("id", "secret".to_owned()),
    ]
    .map(|auth| form(&par().request(&authorization(), &auth).unwrap()))
    .join("\n");
    insta::assert_snapshot!(requests, @"
    response_type=code&client_id=id&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&scope=accounts&state=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc&code_challenge=zp7FgSIWTIJKQ-BFL_u6PaaUaUtEVjtcVIlC27irjhQ&code_challenge_method=S256&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=e30.e30.c2ln
    response_type=code&client_id=id&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&scope=accounts&state=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc&code_challenge=zp7FgSIWTIJKQ-BFL_u6PaaUaUtEVjtcVIlC27irjhQ&code_challenge_method=S256
    response_type=code&client_id=id&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&scope=accounts&state=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc&code_challenge=zp7FgSIWTIJKQ-BFL_u6PaaUaUtEVjtcVIlC27irjhQ&code_challenge_method=S256
    ");
    // Another client's authentication would put a second name there.
    let error = par()
        .request(&authorization(), &ClientAuth::none("other"))
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the request to the pushed authorization request endpoint cannot be made: `client_id` occurs twice");
    assert!(Parameters::new().with("request_uri", "urn:x").is_err());
}

#[test]
fn the_browser_gets_the_reference_alone_rfc9126_4() {
    let body = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","expires_in":60}"#;
    let pushed = par().read(&answer(201, body), now()).unwrap();
    assert!(!format!("{pushed:?}").contains("6esc"));
    let (url, pending) = authorization().start_pushed(pushed, now()).unwrap();
    insta::assert_snapshot!(url, @"https://bank.example/authorize?t=1&client_id=id&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c");
    assert_eq!(pending.created_at(), now());
    let pushed = par().read(&answer(201, body), now()).unwrap();
    let later = now() + Duration::from_secs(60);
    let error = authorization().start_pushed(pushed, later).unwrap_err();
    insta::assert_snapshot!(error, @"request_uri is expired, expected one that was pushed just now");
}

#[test]
fn answers_to_a_pushed_request_rfc9126_2_2() {
    let read = [
        (200, r#"{"request_uri":"urn:x","expires_in":60}"#),
        (201, r#"{"expires_in":60}"#),
        (201, r#"{"request_uri":"","expires_in":60}"#),
        (201, r#"{"request_uri":"urn:x"}"#),
        (201, r#"{"request_uri":"urn:x","expires_in":0}"#),
        (201, r#"{"request_uri":"urn:x","expires_in":-1}"#),
        (
            201,
            r#"{"request_uri":"urn:x","request_uri":"urn:y","expires_in":60}"#,
        ),
        (201, ""),
        (
            400,
            r#"{"error":"invalid_request","error_description":"No"}"#,
        ),
        (413, ""),
        (429, r#"{"error":"slow_down"}"#),
        (307, ""),
    ]
    .map(|(status, body)| {
        let error = par().read(&answer(status, body), now()).unwrap_err();
        format!("{:?} {}", error.verdict().unwrap(), chain(&error))
    })
    .join("\n");
    insta::assert_snapshot!(read, @"
    AskBank the answer of the pushed authorization request endpoint cannot be used: the status is not 201 (status 200, application/json, 39 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: member `request_uri` is nothing, expected a URI (status 201, application/json, 17 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: member `request_uri` is a string, expected a URI (status 201, application/json, 34 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: member `expires_in` is nothing or another value, expected a number of seconds above 0 (status 201, application/json, 23 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: member `expires_in` is nothing or another value, expected a number of seconds above 0 (status 201, application/json, 38 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: member `expires_in` is nothing or another value, expected a number of seconds above 0 (status 201, application/json, 39 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: the body is not one JSON object with each member once (status 201, application/json, 61 bytes)
    AskBank the answer of the pushed authorization request endpoint cannot be used: the body is empty, expected a JSON object (status 201, application/json, 0 bytes)
    AskBank the pushed authorization request endpoint refused: invalid_request: No (status 400)
    AskBank the answer of the pushed authorization request endpoint cannot be used: the status is not 201 (status 413, application/json, 0 bytes)
    Retry the pushed authorization request endpoint refused: slow_down (status 429)
    AskBank the answer of the pushed authorization request endpoint cannot be used: it points elsewhere, and a request with credentials is not sent there (status 307, application/json, 0 bytes)
    ");
    let far = format!(r#"{{"request_uri":"urn:x","expires_in":{}}}"#, u64::MAX);
    assert!(par().read(&answer(201, &far), now()).is_ok());
}

#[test]
fn revocation_rfc7009_2() {
    let endpoint = RevocationEndpoint::new("https://bank.example/revoke").unwrap();
    let access = AccessToken::new("45ghiukldjahdnhzdauz".to_owned()).unwrap();
    let refresh = RefreshToken::new("45ghiukl djahdnhzdauz".to_owned()).unwrap();
    let auth = ClientAuth::secret_basic("s6BhdRkqt3", "gX1fBat3bV".to_owned());
    let requests = [IssuedToken::Refresh(&refresh), IssuedToken::Access(&access)]
        .map(|token| {
            let request = endpoint.request(token, &auth).unwrap();
            assert!(!format!("{request:?} {token:?}").contains("45ghi"));
            form(&request)
        })
        .join("\n");
    insta::assert_snapshot!(requests, @"
    token=45ghiukl+djahdnhzdauz&token_type_hint=refresh_token
    token=45ghiukldjahdnhzdauz&token_type_hint=access_token
    ");
    for (status, body) in [(200, ""), (200, "{}"), (200, "gone"), (204, "")] {
        assert!(
            endpoint.read(&answer(status, body)).is_ok(),
            "{status} {body}"
        );
    }
    let read = [
        (400, r#"{"error":"unsupported_token_type"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (401, ""),
        (503, ""),
        (302, ""),
        (404, "<html>"),
    ]
    .map(|(status, body)| {
        let error = endpoint.read(&answer(status, body)).unwrap_err();
        format!("{:?} {}", error.verdict().unwrap(), chain(&error))
    })
    .join("\n");
    insta::assert_snapshot!(read, @"
    AskBank the revocation endpoint refused: unsupported_token_type (status 400)
    AskBank the revocation endpoint refused: invalid_client (status 401)
    AskBank the answer of the revocation endpoint cannot be used: the status is not 200 (status 401, application/json, 0 bytes)
    Retry the answer of the revocation endpoint cannot be used: the status is not 200 (status 503, application/json, 0 bytes)
    AskBank the answer of the revocation endpoint cannot be used: it points elsewhere, and a request with credentials is not sent there (status 302, application/json, 0 bytes)
    AskBank the answer of the revocation endpoint cannot be used: the status is not 200 (status 404, application/json, 6 bytes)
    ");
}

#[test]
fn introspection_rfc7662_2() {
    let endpoint = IntrospectionEndpoint::new("https://bank.example/introspect").unwrap();
    let token = AccessToken::new("mF_9.B5f-4.1JqM".to_owned()).unwrap();
    let request = endpoint
        .request(IssuedToken::Access(&token), &ClientAuth::mutual_tls("id"))
        .unwrap();
    insta::assert_snapshot!(form(&request), @"token=mF_9.B5f-4.1JqM&token_type_hint=access_token&client_id=id");
    let read = |body| endpoint.read(&answer(200, body));
    let told = read(
        r#"{"active":true,"client_id":"l238j323ds-23ij4","username":"jdoe","scope":"read write dolphin","sub":"Z5O3upPC88QrAjx00dis","aud":"https://protected.example.net/resource","iss":"https://server.example.com/","exp":1419356238,"iat":1419350238.5,"extension_field":"twenty-seven"}"#,
    )
    .unwrap();
    assert!(told.active);
    assert_eq!(told.scope.unwrap(), ["read", "write", "dolphin"]);
    assert_eq!(told.audience, ["https://protected.example.net/resource"]);
    assert_eq!(told.subject.unwrap(), "Z5O3upPC88QrAjx00dis");
    let seconds = |time: Option<SystemTime>| time?.duration_since(UNIX_EPOCH).ok();
    assert_eq!(seconds(told.expires_at).unwrap().as_secs(), 1_419_356_238);
    assert_eq!(seconds(told.issued_at).unwrap().as_secs(), 1_419_350_238);
    assert_eq!(told.not_before, None);
    assert!(!read(r#"{"active":false}"#).unwrap().active);
    assert_eq!(
        read(r#"{"active":true,"aud":["a","b"],"scope":["x"]}"#)
            .unwrap()
            .audience,
        ["a", "b"]
    );
    let errors = [
        "{}",
        r#"{"active":"true"}"#,
        r#"{"active":true,"active":false}"#,
        r#"{"active":true,"exp":-1}"#,
        r#"{"active":true,"exp":1e300}"#,
        r#"{"active":true,"exp":18446744073709551615}"#,
        r#"{"active":true,"sub":7}"#,
        r#"{"error":"invalid_client"}"#,
        "",
    ]
    .map(|body| chain(&read(body).unwrap_err()))
    .join("\n");
    insta::assert_snapshot!(errors, @"
    the answer of the introspection endpoint cannot be used: member `active` is nothing, expected a boolean (status 200, application/json, 2 bytes)
    the answer of the introspection endpoint cannot be used: member `active` is a string, expected a boolean (status 200, application/json, 17 bytes)
    the answer of the introspection endpoint cannot be used: the body is not one JSON object with each member once (status 200, application/json, 30 bytes)
    the answer of the introspection endpoint cannot be used: member `exp` is a number out of range, expected a number of seconds since 1970 (status 200, application/json, 24 bytes)
    the answer of the introspection endpoint cannot be used: member `exp` is a number out of range, expected a number of seconds since 1970 (status 200, application/json, 27 bytes)
    the answer of the introspection endpoint cannot be used: member `exp` is a number out of range, expected a number of seconds since 1970 (status 200, application/json, 42 bytes)
    the answer of the introspection endpoint cannot be used: member `sub` is a number, expected a string (status 200, application/json, 23 bytes)
    the introspection endpoint refused: invalid_client (status 200)
    the answer of the introspection endpoint cannot be used: the body is empty, expected a JSON object (status 200, application/json, 0 bytes)
    ");
}

/// A server that repeats what it was sent.
struct Echo;

impl HttpSend for Echo {
    fn send(
        &self,
        request: http::Request<Body>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        let header = request.headers().get("authorization");
        let header = header.map_or("", |value| value.to_str().unwrap());
        let form = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        let body = serde_json::json!({
            "error": "invalid_request", "error_description": format!("{header} {form}"),
            "hint": form, "error_id": form,
        });
        Box::pin(async move { Ok(answer(400, &body.to_string())) })
    }
}

#[tokio::test]
async fn credentials_that_a_server_repeats_are_masked_in_every_form() {
    let refresh = RefreshToken::new("marked/refresh+1".to_owned()).unwrap();
    let token = IssuedToken::Refresh(&refresh);
    let revocation = RevocationEndpoint::new("https://bank.example/revoke").unwrap();
    let introspection = IntrospectionEndpoint::new("https://bank.example/introspect").unwrap();
    for auth in [
        ClientAuth::secret_basic("id", "marked secret/1".to_owned()),
        ClientAuth::secret_post("id", "marked secret/1".to_owned()),
        ClientAuth::private_key_jwt("marked-assertion".to_owned()),
    ] {
        let par = par();
        let pushed = par.push(&Echo, authorization(), &auth, now()).await;
        for error in [
            revocation.revoke(&Echo, token, &auth).await.unwrap_err(),
            introspection
                .introspect(&Echo, token, &auth)
                .await
                .unwrap_err(),
            pushed.map(|_| ()).unwrap_err(),
        ] {
            let refusal = error.refusal().unwrap();
            let printed = format!("{} {error:?} {:?}", chain(&error), refusal.server_hint());
            // "id:marked+secret%2F1" in base64 begins so.
            for secret in ["marked", "aWQ6bWFya2Vk"] {
                assert!(!printed.contains(secret), "{printed}");
            }
            // Whoever asks for the body gets it as it came.
            assert!(!refusal.expose_body().is_empty());
            assert_eq!(error.verdict(), Some(Verdict::AskBank));
        }
    }
}
