//! Registering a client: both forms of the request, the answers of the field, and what differs from what was asked.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::error::Error as _;

use bankauth_grants::{
    AccessToken, AuthMethod, Body, CertificateName, ClientMetadata, EndpointError, RedirectUri,
    RegisteredClient, Registration, RegistrationAccessToken, RegistrationEndpoint,
    RegistrationRequest, RegistrationTolerance, Scope, Verdict,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The answer of Revolut's guide for Open Banking, shortened in its values (read 2026-11-20): fourteen members.
const REVOLUT: &str = r#"{"iss":"dev","iat":1571139600,"exp":1602762000,"application_type":"web","client_id":"70c59d9f-7a0e-4f9c-8d7e-1f9b6d1b4d4a","token_endpoint_auth_method":"tls_client_auth","tls_client_auth_dn":"CN=2kiXQyo0tedjW2somjSgH7,OU=001580000103UAvAAM,O=Acme,C=GB","software_statement":"e30.e30.","id_token_signed_response_alg":"PS256","request_object_signing_alg":"PS256","redirect_uris":["https://client.example/cb"],"org_jwks_endpoint":"https://client.example/jwks","grant_types":[],"scope":"openid accounts payments","org_name":"Acme"}"#;

fn endpoint() -> RegistrationEndpoint {
    RegistrationEndpoint::new("https://bank.example/register").unwrap()
}

fn answer(status: u16, body: &str) -> http::Response<Body> {
    http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}

fn asked() -> ClientMetadata {
    ClientMetadata::new()
        .with_redirect_uris(&[RedirectUri::new("https://client.example/cb").unwrap()])
        .unwrap()
        .with_auth_method(&AuthMethod::TlsClientAuth)
        .unwrap()
        .with_certificate_name(CertificateName::SubjectDn("CN=x,O=Acme,C=GB"))
        .unwrap()
        .with_scope(&Scope::parse("openid accounts").unwrap())
        .unwrap()
        .with_texts("grant_types", &["authorization_code"])
        .unwrap()
}

fn jwt(payload: &str) -> String {
    let part = |text| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"PS256"}"#), part(payload))
}

fn wire(request: &http::Request<Body>) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    text + std::str::from_utf8(request.body().expose_secret()).unwrap()
}

fn read(status: u16, body: &str) -> Result<Registration, EndpointError> {
    let request = RegistrationRequest::json(asked()).unwrap();
    endpoint().read(&request, &answer(status, body))
}

fn chain(error: &EndpointError) -> String {
    format!("{error}: {}", error.source().unwrap())
}

#[test]
fn a_registration_is_json_or_a_jwt_as_it_is_rfc7591_3_1() {
    let json = RegistrationRequest::json(asked()).unwrap();
    let token = AccessToken::new("initial".to_owned()).unwrap();
    insta::assert_snapshot!(wire(&endpoint().request(&json, Some(&token)).unwrap()), @r#"
    POST https://bank.example/register
    accept: application/json
    authorization: Bearer initial
    content-type: application/json
    {"redirect_uris":["https://client.example/cb"],"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=x,O=Acme,C=GB","scope":"openid accounts","grant_types":["authorization_code"]}
    "#);
    for media_type in ["application/jwt", "application/jose", "text/plain"] {
        let compact = jwt(r#"{"iss":"dev","scope":"openid"}"#);
        let registration = RegistrationRequest::jwt(compact.clone(), media_type).unwrap();
        let request = endpoint().request(&registration, None).unwrap();
        assert_eq!(request.headers()["content-type"], media_type);
        assert!(!request.headers().contains_key("authorization"));
        assert_eq!(request.body().expose_secret(), compact.as_bytes());
    }
}

#[test]
fn what_is_no_compact_jwt_is_not_sent() {
    let errors = [
        String::new(),
        "a.b".to_owned(),
        format!("\"{}\"", jwt("{}")),
        format!("{}\n", jwt("{}")),
        jwt("[]"),
        jwt("not json"),
        "a.b.c.d".to_owned(),
    ]
    .map(|text| {
        RegistrationRequest::jwt(text, "application/jwt")
            .unwrap_err()
            .to_string()
    })
    .join("\n");
    insta::assert_snapshot!(errors, @"
    the registration is a text without three parts, expected a compact JWT: three parts of base64url with dots between them
    the registration is a text without three parts, expected a compact JWT: three parts of base64url with dots between them
    the registration is a text with other characters, expected a compact JWT: three parts of base64url with dots between them
    the registration is a text with other characters, expected a compact JWT: three parts of base64url with dots between them
    the registration is a JWT whose payload is no JSON object, expected a compact JWT: three parts of base64url with dots between them
    the registration is a JWT whose payload is no JSON object, expected a compact JWT: three parts of base64url with dots between them
    the registration is a text without three parts, expected a compact JWT: three parts of base64url with dots between them
    ");
    for media_type in ["", "jwt", "a/", "a/b\n"] {
        assert!(
            RegistrationRequest::jwt(jwt("{}"), media_type).is_err(),
            "{media_type}"
        );
    }
}

#[test]
fn the_documented_members_and_unknown_ones_are_kept() {
    let registration = read(201, REVOLUT).unwrap();
    assert_eq!(
        registration.client_id(),
        "70c59d9f-7a0e-4f9c-8d7e-1f9b6d1b4d4a"
    );
    assert_eq!(registration.auth_method(), Some(AuthMethod::TlsClientAuth));
    assert_eq!(
        registration.redirect_uris().unwrap(),
        ["https://client.example/cb"]
    );
    assert_eq!(registration.grant_types().unwrap(), [""; 0]);
    assert_eq!(
        registration.scope().unwrap(),
        ["openid", "accounts", "payments"]
    );
    for (name, value) in [
        ("iss", "dev"),
        ("application_type", "web"),
        ("software_statement", "e30.e30."),
        ("id_token_signed_response_alg", "PS256"),
        ("request_object_signing_alg", "PS256"),
        ("org_jwks_endpoint", "https://client.example/jwks"),
        ("org_name", "Acme"),
    ] {
        assert_eq!(registration.text(name), Some(value));
    }
    assert!(
        registration
            .text("tls_client_auth_dn")
            .unwrap()
            .starts_with("CN=")
    );
    assert_eq!(registration.number("iat"), Some(1_571_139_600));
    assert_eq!(registration.number("exp"), Some(1_602_762_000));
    assert_eq!(registration.names().count(), 15);
    assert_eq!(registration.tolerances(), []);
}

#[test]
fn what_differs_from_what_was_asked_is_told_rfc7591_3_2_1() {
    let differences = |registration: &Registration| {
        registration
            .differences()
            .iter()
            .map(|difference| {
                let granted = difference.granted.as_deref().unwrap_or("-");
                format!("{}: {} -> {granted}", difference.name, difference.asked)
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(differences(&read(200, REVOLUT).unwrap()), @r#"
    tls_client_auth_subject_dn: "CN=x,O=Acme,C=GB" -> -
    scope: "openid accounts" -> "openid accounts payments"
    grant_types: ["authorization_code"] -> []
    "#);
    let compact = jwt(
        r#"{"iss":"dev","aud":"revolut","iat":1,"exp":2,"scope":"accounts openid payments","request_object_signing_alg":"PS256","id_token_signed_response_alg":"PS256","redirect_uris":["https://client.example/cb"],"software_statement":"x"}"#,
    );
    let request = RegistrationRequest::jwt(compact, "application/jwt").unwrap();
    let same = endpoint().read(&request, &answer(201, REVOLUT)).unwrap();
    assert_eq!(same.differences(), []);
    let weaker = REVOLUT.replacen("PS256", "RS256", 1);
    let weaker = endpoint().read(&request, &answer(201, &weaker)).unwrap();
    insta::assert_snapshot!(differences(&weaker), @r#"id_token_signed_response_alg: "PS256" -> "RS256""#);
    // A scope is a set, however it is written, and a lone string is a list of one.
    let array = REVOLUT
        .replace(
            r#""openid accounts payments""#,
            r#"["payments","openid","accounts"]"#,
        )
        .replace(
            r#"["https://client.example/cb"]"#,
            r#""https://client.example/cb""#,
        );
    let array = endpoint().read(&request, &answer(200, &array)).unwrap();
    assert_eq!(array.differences(), []);
    assert_eq!(
        array.tolerances(),
        [
            RegistrationTolerance::Status,
            RegistrationTolerance::ScopeArray
        ]
    );
}

#[test]
fn secrets_of_the_answer_have_types_of_their_own_rfc7591_3_2_1_rfc7592_3() {
    let body = r#"{"client_id":"id","client_secret":"marked-secret","client_secret_expires_at":0,"registration_access_token":"marked-token","registration_client_uri":"https://bank.example/register/id","client_id_issued_at":1571139600000}"#;
    let registration = read(201, body).unwrap();
    use secrecy::ExposeSecret as _;
    assert_eq!(
        registration.client_secret().unwrap().expose_secret(),
        "marked-secret"
    );
    assert_eq!(registration.client_secret_expires_at(), Some(0));
    // As it was sent: this server counts milliseconds.
    assert_eq!(
        registration.number("client_id_issued_at"),
        Some(1_571_139_600_000)
    );
    let printed = format!("{registration:?}");
    assert!(!printed.contains("marked"), "{printed}");
    assert!(registration.json("client_secret").is_none());
    assert!(registration.names().all(|name| !name.contains("token")));
    let without = body.replace(r#""client_secret_expires_at":0,"#, "");
    assert_eq!(
        read(201, &without).unwrap().tolerances(),
        [RegistrationTolerance::SecretExpiryMissing]
    );
    let client = RegisteredClient::at(
        registration.registration_client_uri().unwrap(),
        registration.client_id(),
        registration.registration_access_token().unwrap(),
    )
    .unwrap();
    assert!(!format!("{client:?}").contains("marked"));
}

#[test]
fn refusals_and_answers_that_are_none_rfc7591_3_2_2() {
    let errors = [
        (400, r#"{"error":"invalid_redirect_uri","error_description":"No"}"#),
        (400, r#"{"error":"unapproved_software_statement"}"#),
        (400, r#"{"error":"of_their_own"}"#),
        (400, r#"{"Code":"400 Bad Request","Message":"Invalid request parameters","Id":"126S23QGPZ8HG","Errors":[{"ErrorCode":"UK.OBIE.Field.Invalid","Message":"Failed to fetch public key from https://client.example/jwks"}]}"#),
        (401, ""),
        (403, ""),
        (405, ""),
        (201, "{}"),
        (201, r#"{"client_id":""}"#),
        (201, r#"{"client_id":7}"#),
        (201, r#"{"client_id":"a","client_id":"b"}"#),
        (201, r#"{"client_id":"a","registration_access_token":"b c"}"#),
        (201, "[]"),
        (204, ""),
        (307, ""),
    ]
    .map(|(status, body)| {
        let error = read(status, body).unwrap_err();
        assert_eq!(error.verdict(), Some(Verdict::AskBank));
        chain(&error)
    })
    .join("\n");
    insta::assert_snapshot!(errors, @"
    the registration endpoint refused: invalid_redirect_uri: No (status 400)
    the registration endpoint refused: unapproved_software_statement (status 400)
    the registration endpoint refused: of_their_own (status 400)
    the registration endpoint refused: UK.OBIE.Field.Invalid: Invalid request parameters: Failed to fetch public key from https://client.example/jwks (status 400, request 126S23QGPZ8HG)
    the answer of the registration endpoint cannot be used: the status is not 201 (status 401, application/json, 0 bytes)
    the answer of the registration endpoint cannot be used: the status is not 201 (status 403, application/json, 0 bytes)
    the answer of the registration endpoint cannot be used: the status is not 201 (status 405, application/json, 0 bytes)
    the answer of the registration endpoint cannot be used: member `client_id` is nothing, expected a string (status 201, application/json, 2 bytes)
    the answer of the registration endpoint cannot be used: member `client_id` is empty, expected a string with characters (status 201, application/json, 16 bytes)
    the answer of the registration endpoint cannot be used: member `client_id` is a number, expected a string (status 201, application/json, 15 bytes)
    the answer of the registration endpoint cannot be used: the body is not one JSON object with each member once (status 201, application/json, 33 bytes)
    the answer of the registration endpoint cannot be used: member `registration_access_token` is other characters, expected visible ASCII (status 201, application/json, 51 bytes)
    the answer of the registration endpoint cannot be used: the body is not one JSON object with each member once (status 201, application/json, 2 bytes)
    the answer of the registration endpoint cannot be used: the status is not 201 (status 204, application/json, 0 bytes)
    the answer of the registration endpoint cannot be used: it points elsewhere, and a request with credentials is not sent there (status 307, application/json, 0 bytes)
    ");
}

#[test]
fn a_registration_is_looked_after_in_one_of_two_ways_rfc7592_2() {
    let own = RegistrationAccessToken::new("reg-token".to_owned()).unwrap();
    let own = RegisteredClient::at("https://bank.example/own/7", "id 7", &own).unwrap();
    let token = AccessToken::new("app-token".to_owned()).unwrap();
    let open_banking = endpoint().client("a/b ?#é", &token).unwrap();
    assert_eq!(
        open_banking.url(),
        "https://bank.example/register/a%2Fb%20%3F%23%C3%A9"
    );
    let update = RegistrationRequest::json(asked()).unwrap();
    let replacement = RegistrationRequest::jwt(jwt("{}"), "application/jose").unwrap();
    let requests = [
        own.read_request(),
        own.update_request(&update),
        own.delete_request(),
        open_banking.update_request(&replacement),
    ]
    .map(|request| wire(&request.unwrap()))
    .join("\n---\n");
    insta::assert_snapshot!(requests, @r#"
    GET https://bank.example/own/7
    accept: application/json
    authorization: Bearer reg-token

    ---
    PUT https://bank.example/own/7
    accept: application/json
    authorization: Bearer reg-token
    content-type: application/json
    {"client_id":"id 7","redirect_uris":["https://client.example/cb"],"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=x,O=Acme,C=GB","scope":"openid accounts","grant_types":["authorization_code"]}
    ---
    DELETE https://bank.example/own/7
    accept: application/json
    authorization: Bearer reg-token

    ---
    PUT https://bank.example/register/a%2Fb%20%3F%23%C3%A9
    accept: application/json
    authorization: Bearer app-token
    content-type: application/jose
    eyJhbGciOiJQUzI1NiJ9.e30.c2ln
    "#);
    for bad in ["", ".", ".."] {
        assert!(endpoint().client(bad, &token).is_err(), "{bad}");
    }

    assert!(
        own.read(None, &answer(200, r#"{"client_id":"id 7"}"#))
            .is_ok()
    );
    assert!(
        own.read(None, &answer(201, r#"{"client_id":"id 7"}"#))
            .is_err()
    );
    assert_eq!(own.read_deletion(&answer(204, "")).unwrap(), []);
    assert_eq!(
        own.read_deletion(&answer(200, "")).unwrap(),
        [RegistrationTolerance::DeletionStatus]
    );
    assert!(own.read_deletion(&answer(401, "")).is_err());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_answer_panics_or_prints_its_secret(bytes in proptest::collection::vec(any::<u8>(), 0..100), name in "[a-z_]{1,12}", value in "\\PC{0,20}") {
            let _ = endpoint().read(&RegistrationRequest::json(asked()).unwrap(), &http::Response::new(Body::from(bytes)));
            let body = serde_json::json!({"client_id": "id", "client_secret": "marked", format!("{name}x"): value}).to_string();
            let registration = read(201, &body).unwrap();
            let printed = format!("{registration:?}");
            prop_assert!(!printed.contains("marked"));
            prop_assert_eq!(registration.text(&format!("{name}x")), Some(value.as_str()));
        }

        #[test]
        fn a_clients_name_is_one_segment(id in "\\PC{1,20}") {
            let token = AccessToken::new("t".to_owned()).unwrap();
            if let Ok(client) = endpoint().client(&id, &token) {
                let url = url::Url::parse(client.url()).unwrap();
                prop_assert_eq!(url.path_segments().unwrap().count(), 2, "{}", url);
                prop_assert_eq!(url.host_str(), Some("bank.example"));
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }

        #[test]
        fn no_text_for_a_jwt_panics(text in "[ -~]{0,60}") {
            let _ = RegistrationRequest::jwt(text, "application/jwt");
        }
    }
}
