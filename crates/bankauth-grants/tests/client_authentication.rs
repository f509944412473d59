//! Every client authentication and every grant on the wire, byte for byte, and none of them in what is printed.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use bankauth_grants::{
    AuthorizationCode, BasicEncoding, Body, ClientAuth, Grant, Parameters, PasswordGrant,
    PasswordOptIn, PkceVerifier, RedirectUri, RefreshToken, Scope, TokenEndpoint,
};
use std::error::Error as _;

fn endpoint() -> TokenEndpoint {
    TokenEndpoint::new("https://bank.example/token").unwrap()
}

/// The whole request as text.
fn wire(request: &http::Request<Body>) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(request.body().expose_secret()).unwrap());
    text
}

fn methods() -> [ClientAuth; 6] {
    [
        ClientAuth::none("s6BhdRkqt3"),
        ClientAuth::secret_basic("s6BhdRkqt3", "gX1fBat3bV".to_owned()),
        ClientAuth::SecretBasic {
            client_id: "s6BhdRkqt3".to_owned(),
            client_secret: "a+b".to_owned().into(),
            encoding: BasicEncoding::Plain,
        },
        ClientAuth::secret_post("s6BhdRkqt3", "gX1f Bat&3bV".to_owned()),
        ClientAuth::private_key_jwt("e30.e30.c2ln".to_owned()),
        ClientAuth::mutual_tls("s6BhdRkqt3"),
    ]
}

#[test]
fn one_method_per_request_rfc6749_2_3_rfc8705_2() {
    let scope = Scope::parse("a b").unwrap();
    let requests = methods()
        .map(|auth| {
            let request = endpoint()
                .request(Grant::client_credentials(&scope), &auth)
                .unwrap();
            let has_header = request.headers().contains_key("authorization");
            let body = std::str::from_utf8(request.body().expose_secret()).unwrap();
            let in_body = ["client_secret=", "client_assertion="]
                .iter()
                .filter(|name| body.contains(**name))
                .count();
            assert!(usize::from(has_header) + in_body <= 1);
            assert!(!format!("{request:?} {auth:?}").contains("gX1f"));
            assert!(request.uri().query().is_none());
            wire(&request)
        })
        .join("\n---\n");
    insta::assert_snapshot!(requests, @"
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded

    grant_type=client_credentials&scope=a+b&client_id=s6BhdRkqt3
    ---
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded
    authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW

    grant_type=client_credentials&scope=a+b
    ---
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded
    authorization: Basic czZCaGRSa3F0MzphK2I=

    grant_type=client_credentials&scope=a+b
    ---
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded

    grant_type=client_credentials&scope=a+b&client_id=s6BhdRkqt3&client_secret=gX1f+Bat%263bV
    ---
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded

    grant_type=client_credentials&scope=a+b&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=e30.e30.c2ln
    ---
    POST https://bank.example/token
    accept: application/json
    content-type: application/x-www-form-urlencoded

    grant_type=client_credentials&scope=a+b&client_id=s6BhdRkqt3
    ");
}

#[test]
fn a_method_without_what_it_needs_is_refused_rfc6749_3_2_1() {
    let errors = [
        ClientAuth::none(""),
        ClientAuth::secret_basic("", "s".to_owned()),
        ClientAuth::secret_basic("id", String::new()),
        ClientAuth::secret_post("", "s".to_owned()),
        ClientAuth::secret_post("id", String::new()),
        ClientAuth::private_key_jwt(String::new()),
        ClientAuth::mutual_tls(""),
    ]
    .map(|auth| {
        let grant = Grant::ClientCredentials { scope: None };
        let error = endpoint().request(grant, &auth).unwrap_err();
        assert_eq!(error.verdict(), None);
        error.source().unwrap().to_string()
    })
    .join("\n");
    insta::assert_snapshot!(errors, @"
    client_id is empty
    client_id is empty
    client_secret is empty
    client_id is empty
    client_secret is empty
    client_assertion is empty
    client_id is empty
    ");
}

#[test]
fn every_grant_rfc6749_4() {
    let auth = ClientAuth::none("id");
    let form = |grant| {
        let request = endpoint().request(grant, &auth).unwrap();
        String::from_utf8(request.body().expose_secret().to_vec()).unwrap()
    };
    let code = AuthorizationCode::new("SplxlOBeZQQYbYS6WxSbIA".to_owned()).unwrap();
    let redirect_uri = RedirectUri::new("https://client.example.com/cb").unwrap();
    let verifier =
        PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()).unwrap();
    let refresh_token = RefreshToken::new("tGzv3JOkF0XG5Qx2TlKWIA".to_owned()).unwrap();
    let original = Scope::parse("a b").unwrap();
    let narrower = original.narrowed_to(&Scope::parse("b").unwrap()).unwrap();
    let reason = PasswordOptIn::bank_offers_nothing_else("its guide, read 2026-11-20");
    let password =
        PasswordGrant::new(reason, "john doe".to_owned(), "A3dd&j3w".to_owned()).unwrap();
    let none = Scope::none();
    let forms = [
        form(Grant::authorization_code(&code)),
        form(Grant::AuthorizationCode {
            code: &code,
            redirect_uri: Some(&redirect_uri),
            code_verifier: Some(&verifier),
        }),
        form(Grant::refresh_token(&refresh_token)),
        form(Grant::RefreshToken {
            refresh_token: &refresh_token,
            scope: Some(&narrower),
        }),
        form(Grant::client_credentials(&original)),
        form(Grant::client_credentials(&none)),
        form(Grant::Password {
            credentials: &password,
            scope: Some(&original),
        }),
    ]
    .join("\n");
    insta::assert_snapshot!(forms, @"
    grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&client_id=id
    grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&client_id=id
    grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&client_id=id
    grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&scope=b&client_id=id
    grant_type=client_credentials&scope=a+b&client_id=id
    grant_type=client_credentials&client_id=id
    grant_type=password&username=john+doe&password=A3dd%26j3w&scope=a+b&client_id=id
    ");
    let printed = format!(
        "{:?} {:?}",
        Grant::Password {
            credentials: &password,
            scope: None
        },
        Grant::AuthorizationCode {
            code: &code,
            redirect_uri: None,
            code_verifier: Some(&verifier)
        }
    );
    for secret in ["john", "A3dd", "Splx", "dBjf"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn further_parameters_come_behind_and_never_twice_rfc6749_3_2() {
    let auth = ClientAuth::none("id");
    let scope = Scope::parse("PREMIUM_AIS:1").unwrap();
    let grant = Grant::client_credentials(&scope);
    let parameters = Parameters::new().with("consent_id", "1 2").unwrap();
    let request = endpoint().request_with(grant, &parameters, &auth).unwrap();
    let body = std::str::from_utf8(request.body().expose_secret()).unwrap();
    insta::assert_snapshot!(body, @"grant_type=client_credentials&scope=PREMIUM_AIS%3A1&consent_id=1+2&client_id=id");
    let twice = Parameters::new().with("scope", "x").unwrap();
    let error = endpoint().request_with(grant, &twice, &auth).unwrap_err();
    insta::assert_snapshot!(error.source().unwrap(), @"`scope` occurs twice");
    // A grant without a scope of its own leaves room for one.
    let code = AuthorizationCode::new("c".to_owned()).unwrap();
    let grant = Grant::authorization_code(&code);
    assert!(endpoint().request_with(grant, &twice, &auth).is_ok());
}

#[test]
fn a_further_header_goes_out_and_ours_stay_ours() {
    let name = http::HeaderName::from_static("x-figurepay-api-version");
    let value = http::HeaderValue::from_static("2025-01-01");
    let endpoint = endpoint().with_header(name, value.clone()).unwrap();
    let grant = Grant::ClientCredentials { scope: None };
    let request = endpoint.request(grant, &ClientAuth::none("id")).unwrap();
    assert_eq!(request.headers()["x-figurepay-api-version"], "2025-01-01");
    for own in ["accept", "authorization", "content-type"] {
        let own = http::HeaderName::from_static(own);
        assert!(endpoint.clone().with_header(own, value.clone()).is_err());
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What goes in comes out of the form, and the secret is nowhere but in it.
        #[test]
        fn a_secret_in_the_body_reads_back(id in "\\PC{1,20}", secret in "\\PC{8,40}") {
            let auth = ClientAuth::secret_post(id.clone(), secret.clone());
            let grant = Grant::ClientCredentials { scope: None };
            let request = endpoint().request(grant, &auth).unwrap();
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(request.body().expose_secret()).into_owned().collect();
            prop_assert_eq!(&pairs[1], &("client_id".to_owned(), id));
            prop_assert_eq!(&pairs[2], &("client_secret".to_owned(), secret.clone()));
            let printed = format!("{request:?}");
            prop_assert!(!printed.contains(&secret));
        }
    }
}
