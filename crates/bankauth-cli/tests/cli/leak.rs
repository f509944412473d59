//! No secret in anything that is printed, whatever goes wrong, however much is asked to be said.

use bankauth_testbank::{Endpoint, Fault};
use http::{HeaderValue, StatusCode};

use crate::scene::Scene;

/// Every form in which a secret could stand in a text.
fn forms(secret: &str) -> Vec<String> {
    let hex = |upper: bool| {
        let digits = secret.bytes().map(|byte| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        });
        digits.collect::<String>()
    };
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    vec![secret.to_owned(), hex(false), hex(true), percent]
}

#[test]
fn nothing_that_goes_wrong_prints_a_secret() {
    let scene = Scene::registered();
    let mut printed = String::new();
    let mut run = |arguments: &[&str]| {
        let ran = scene.run(&[&["-vv"], arguments].concat());
        printed.push_str(&ran.err);
        printed.push_str(&ran.out);
        ran.code
    };
    let consent = |scope: &str| {
        let url = scene
            .run(&["login", "acme", "--scope", scope, "--print-url"])
            .expect(0)
            .out;
        scene
            .web_app()
            .authorise(url.trim())
            .unwrap()
            .expose_secret()
            .to_owned()
    };
    let echo = |body: &str| Fault::Answer {
        status: StatusCode::BAD_REQUEST,
        content_type: HeaderValue::from_static("application/json"),
        body: body.to_owned(),
    };
    let faults = [
        Fault::Html(StatusCode::BAD_GATEWAY),
        Fault::Empty(StatusCode::UNAUTHORIZED),
        Fault::Close,
        Fault::LostResponse,
        Fault::Large(100_000),
        Fault::RetryAfter(HeaderValue::from_static("soon")),
        echo(r#"{"error":"invalid_client","error_description":"Failed"}"#),
        echo(r#"{"access_token":["#),
    ];
    // Exchanges that fail, one that works, renewals that fail, requests that fail.
    for fault in &faults {
        scene.web_app().fail_next(Endpoint::Token, fault.clone(), 1);
        assert_ne!(
            run(&["login", "acme", "--redirected-to", &consent("READ")]),
            0
        );
    }
    scene
        .web_app()
        .set_access_token_lifetime(std::time::Duration::ZERO);
    assert_eq!(
        run(&["login", "acme", "--redirected-to", &consent("READ")]),
        0
    );
    for fault in &faults {
        scene.web_app().fail_next(Endpoint::Token, fault.clone(), 1);
        assert_ne!(run(&["get", "acme", "/accounts"]), 0, "{fault:?}");
    }
    scene
        .web_app()
        .set_access_token_lifetime(std::time::Duration::from_secs(2399));
    for fault in &faults {
        scene.web_app().fail_next(Endpoint::Api, fault.clone(), 1);
        run(&["get", "acme", "/accounts"]);
    }
    assert_eq!(run(&["show", "acme"]), 0);
    std::fs::write(scene.token_file(), "half").unwrap();
    assert_eq!(run(&["show", "acme"]), 0);

    // Whatever the bank was sent that is secret, and whatever it handed out.
    let mut secrets = Vec::new();
    for request in scene.web_app().requests() {
        for (name, value) in request.expose_form() {
            if ["code", "refresh_token", "client_assertion"].contains(&name.as_str()) {
                secrets.push(value);
            }
        }
        if let Some(value) = request.expose_headers().get("authorization") {
            secrets.push(
                value
                    .to_str()
                    .unwrap()
                    .trim_start_matches("Bearer ")
                    .to_owned(),
            );
        }
    }
    assert!(secrets.len() > 20, "{}", secrets.len());
    let key = std::fs::read_to_string(scene.path("acme.key.pem")).unwrap();
    secrets.extend(
        key.lines()
            .filter(|line| line.len() == 64)
            .map(str::to_owned),
    );
    for secret in secrets {
        assert!(
            forms(&secret).iter().all(|form| !printed.contains(form)),
            "a secret was printed:\n{printed}"
        );
    }
}
