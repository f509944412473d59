//! A bank, or what stands before it, that misbehaves.

use bankauth_testbank::{Endpoint, Fault};
use http::{HeaderValue, StatusCode};

use crate::scene::Scene;

/// What `token` says when the token endpoint does this once.
fn failing(scene: &Scene, fault: Fault, code: i32) -> String {
    scene.web_app().fail_next(Endpoint::Token, fault, 1);
    let ran = scene.run(&["-q", "token", "acme"]).expect(code);
    assert_eq!(ran.out, "");
    scene.settled(&ran.err)
}

#[test]
fn a_token_endpoint_that_answers_nonsense_costs_nothing() {
    let scene = Scene::expired();
    insta::assert_snapshot!(failing(&scene, Fault::Html(StatusCode::OK), 4), @"error: the access token could not be renewed: the answer of the token endpoint cannot be used: the body is not one JSON object with each member once (status 200, text/html, 92 bytes)");
    insta::assert_snapshot!(failing(&scene, Fault::Html(StatusCode::BAD_GATEWAY), 4), @"error: the access token could not be renewed: the answer of the token endpoint cannot be used: the body is not one JSON object with each member once (status 502, text/html, 110 bytes)");
    let location = HeaderValue::from_static("https://other.example/token");
    insta::assert_snapshot!(failing(&scene, Fault::Redirect { status: StatusCode::TEMPORARY_REDIRECT, location }, 4), @"error: the access token could not be renewed: the answer of the token endpoint cannot be used: it points elsewhere, and a request with credentials is not sent there (status 307, 0 bytes)");
    insta::assert_snapshot!(failing(&scene, Fault::Empty(StatusCode::OK), 4), @"error: the access token could not be renewed: the answer of the token endpoint cannot be used: the body is empty, expected a JSON object (status 200, 0 bytes)");
    insta::assert_snapshot!(failing(&scene, Fault::Large(10 * 1024 * 1024), 4), @"error: the access token could not be renewed: the token endpoint did not answer: the answer is larger than the limit");
    insta::assert_snapshot!(failing(&scene, Fault::Close, 4), @"error: the access token could not be renewed: the token endpoint did not answer: the connection ended before the answer, the request may have been processed: error sending request: client error (SendRequest): connection error: peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof");
    // The bank acted, and its answer was lost: the refresh token stays, and the next request supersedes.
    failing(&scene, Fault::LostResponse, 4);
    scene.run(&["get", "acme", "/accounts"]).expect(0);
}

#[test]
fn a_token_endpoint_that_never_answers_is_given_up() {
    let scene = Scene::expired();
    let error = failing(&scene, Fault::Never, 4);
    assert!(
        error.contains("the request may have been processed")
            || error.contains("the bank may have acted"),
        "{error}"
    );
    scene.run(&["token", "acme"]).expect(0);
}

#[test]
fn a_server_that_is_not_trusted_gets_nothing() {
    let scene = Scene::expired();
    // Another authority: trusted, and not the one that signed this server.
    let other = Scene::new();
    std::fs::copy(other.path("ca.pem"), scene.path("ca.pem")).unwrap();
    let before = scene.web_app().requests().len();
    let ran = scene.run(&["-q", "token", "acme"]).expect(4);
    assert!(
        ran.err.contains("no trusted connection to the server"),
        "{}",
        ran.err
    );
    assert_eq!(scene.web_app().requests().len(), before);
    std::fs::write(scene.path("ca.pem"), "nothing").unwrap();
    insta::assert_snapshot!(scene.run(&["-q", "token", "acme"]).expect(2).err, @"error: profile `acme`, key `ca_bundle` cannot be used: the CA bundle holds no certificate, expected certificates in PEM");
}

#[test]
fn a_bank_that_is_not_there() {
    let scene = Scene::expired();
    scene
        .run(&[
            "set",
            "acme",
            "endpoints.token",
            "https://127.0.0.1:1/token",
        ])
        .expect(0);
    // Another endpoint is another credential: what was stored for the first is not sent to the second.
    scene.run(&["-q", "token", "acme"]).expect(5);
    let ran = scene
        .run(&["-q", "login", "acme", "--code", "oa_sand_x"])
        .expect(4);
    assert!(
        ran.err
            .starts_with("error: the token endpoint did not answer: no connection to the server"),
        "{}",
        ran.err
    );
}

#[test]
fn a_forbidden_request_never_renews() {
    let scene = Scene::logged_in();
    let forbidden = Fault::Answer {
        status: StatusCode::FORBIDDEN,
        content_type: HeaderValue::from_static("application/json"),
        body: r#"{"message":"This action is forbidden","code":9002}"#.to_owned(),
    };
    scene.web_app().fail_next(Endpoint::Api, forbidden, 1);
    insta::assert_snapshot!(scene.run(&["-q", "get", "acme", "/accounts"]).expect(3).err, @"
    error: the API forbids this request: This action is forbidden (status 403, code 9002)
    hint: another token changes nothing. The consent lacks the scope that this request needs (READ for GET; other scopes need another consent); or this address is not in the IP list of the certificate; or the consent has READ_SENSITIVE_CARD_DATA and the certificate has no IP list, which forbids every request; or the person who consented lacks the permission in the web app
    ");
    assert_eq!(scene.web_app().counters().refreshes, 0);
}
