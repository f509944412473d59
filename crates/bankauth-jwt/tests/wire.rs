//! What stands in an assertion, byte for byte, and what does not show.

#![expect(clippy::unwrap_used, reason = "in a test it is the assertion")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_jwt::{Algorithm, Audience, ClientAssertion, Jwt, JwtId, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use insta::assert_snapshot;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

fn key() -> SigningKey {
    SigningKey::rs256(include_bytes!("data/rsa2048.pkcs8.der")).unwrap()
}

fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_706_136_731_999)
}

/// The form of Revolut Business (its guide "Make your first API request", read 2026-11-20).
fn revolut_business() -> ClientAssertion {
    ClientAssertion::new(
        "zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp",
        Audience::fixed("https://revolut.com"),
    )
    .unwrap()
    .with_issuer("example.com")
    .unwrap()
}

fn part(jwt: &str, index: usize) -> String {
    let part = jwt.split('.').nth(index).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn header(jwt: &Jwt) -> String {
    part(jwt.expose_secret(), 0)
}

fn payload(jwt: &Jwt) -> String {
    part(jwt.expose_secret(), 1)
}

#[test]
fn revolut_business_gets_exactly_what_its_guide_shows() {
    let jwt = revolut_business().sign(&key(), noon()).unwrap();
    assert_snapshot!(header(&jwt), @r#"{"alg":"RS256","typ":"JWT"}"#);
    assert_snapshot!(payload(&jwt), @r#"{"iss":"example.com","sub":"zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp","aud":"https://revolut.com","exp":1706136791}"#);
}

// RFC 7523 section 3, items 1, 2 and 6; RFC 7519 sections 4.1.6 and 4.1.7; RFC 7515 section 4.1.4.
#[test]
fn the_full_form_has_key_id_time_of_issue_and_id() {
    let key = key().with_key_id("key-1").unwrap();
    let jwt = ClientAssertion::new("client-1", Audience::issuer("https://bank.example"))
        .unwrap()
        .with_issued_at()
        .with_explicit_type()
        .sign_with_id(&key, noon(), JwtId::from_bytes(*b"0123456789abcdef"))
        .unwrap();
    assert_snapshot!(header(&jwt), @r#"{"alg":"RS256","typ":"client-authentication+jwt","kid":"key-1"}"#);
    assert_snapshot!(payload(&jwt), @r#"{"iss":"client-1","sub":"client-1","aud":"https://bank.example","exp":1706136791,"iat":1706136731,"jti":"MDEyMzQ1Njc4OWFiY2RlZg"}"#);
}

// RFC 7523 section 3, item 4.
#[test]
fn the_lifetime_runs_from_the_second_of_issue() {
    let exp = |assertion: ClientAssertion| {
        let jwt = assertion.sign(&key(), noon()).unwrap();
        let claims: serde_json::Value = serde_json::from_str(&payload(&jwt)).unwrap();
        claims["exp"].as_u64().unwrap() - 1_706_136_731
    };
    let assertion = revolut_business;
    assert_eq!(exp(assertion()), 60);
    let seconds = Duration::from_secs;
    assert_eq!(exp(assertion().with_lifetime(seconds(1)).unwrap()), 1);
    assert_eq!(exp(assertion().with_lifetime(seconds(300)).unwrap()), 300);
    let ninety_days = seconds(90 * 24 * 60 * 60);
    assert_eq!(
        exp(assertion().with_long_lifetime(ninety_days).unwrap()),
        7_776_000
    );
    assert_eq!(exp(assertion().with_long_lifetime(seconds(1)).unwrap()), 1);
}

// RFC 7523 section 3, item 7: an id makes the assertion usable once.
#[test]
fn two_assertions_with_their_own_ids_differ() {
    let (key, assertion) = (key(), revolut_business());
    let build = |id| {
        assertion
            .sign_with_id(&key, noon(), JwtId::from_bytes([id; 16]))
            .unwrap()
    };
    let (first, second) = (build(1), build(2));
    assert_ne!(payload(&first), payload(&second));
    assert_ne!(first.expose_secret(), second.expose_secret());
}

#[test]
fn a_jwt_becomes_a_secret_string() {
    let jwt = revolut_business().sign(&key(), noon()).unwrap();
    let text = jwt.expose_secret().to_owned();
    assert_eq!(SecretString::from(jwt).expose_secret(), text);
}

#[test]
fn debug_shows_no_secret() {
    let key = key().with_key_id("key-1").unwrap();
    let assertion = revolut_business();
    let jwt = assertion.sign(&key, noon()).unwrap();
    let id = JwtId::from_bytes([7; 16]);
    assert_snapshot!(format!("{jwt:?} {id:?} {key:?}"), @r#"Jwt(..) JwtId(..) SigningKey { algorithm: Rs256, key_id: Some("key-1"), .. }"#);
    let input = assertion
        .prepare(Algorithm::Rs256, None, noon(), Some(id))
        .unwrap();
    assert_snapshot!(format!("{input:?}"), @"SigningInput { algorithm: Rs256, .. }");
    assert_snapshot!(format!("{assertion:?}"), @r#"ClientAssertion { issuer: "example.com", subject: "zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp", audience: Fixed("https://revolut.com"), lifetime: 60, with_issued_at: false, typ: "JWT" }"#);
}

#[test]
fn keys_and_results_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<SigningKey>();
    crosses::<ClientAssertion>();
    crosses::<bankauth_jwt::SigningInput>();
    crosses::<Jwt>();
    crosses::<bankauth_jwt::SignError>();
    crosses::<bankauth_jwt::KeyError>();
}

/// Any text that an identifier may be: quotes, backslashes, everything beyond ASCII.
fn identifier() -> impl Strategy<Value = String> {
    prop_oneof![r#"[ -~]{1,40}"#, r#"["\\/:.é€👍]{1,20}"#, r"\PC{1,60}"]
}

proptest! {
    #[test]
    fn any_identifier_reads_back(
        issuer in identifier(),
        subject in identifier(),
        audience in identifier(),
        key_id in identifier(),
        now in 0_u64..99_999_999_699,
        lifetime in 1_u64..=300,
        id: [u8; 16],
    ) {
        let assertion = ClientAssertion::new(subject.clone(), Audience::fixed(audience.clone()))
            .unwrap()
            .with_issuer(issuer.clone())
            .unwrap()
            .with_lifetime(Duration::from_secs(lifetime))
            .unwrap()
            .with_issued_at();
        let now_time = UNIX_EPOCH + Duration::from_secs(now);
        let input = assertion
            .prepare(Algorithm::Es256, Some(&key_id), now_time, Some(JwtId::from_bytes(id)))
            .unwrap();
        let jwt = input.with_signature(vec![0xff; 64]).unwrap();

        let text = jwt.expose_secret();
        prop_assert_eq!(text.split('.').count(), 3);
        prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        prop_assert!(!text.contains(['=', '+', '/']));

        let header: serde_json::Value = serde_json::from_str(&header(&jwt)).unwrap();
        prop_assert_eq!(header, serde_json::json!({"alg": "ES256", "typ": "JWT", "kid": key_id}));
        let claims: serde_json::Value = serde_json::from_str(&payload(&jwt)).unwrap();
        prop_assert_eq!(claims, serde_json::json!({
            "iss": issuer, "sub": subject, "aud": audience,
            "exp": now + lifetime, "iat": now, "jti": URL_SAFE_NO_PAD.encode(id),
        }));
    }

    #[test]
    fn any_text_and_time_is_taken_or_refused(text: String, seconds: u64, nanos in 0_u32..1_000_000_000) {
        let duration = Duration::new(seconds, nanos);
        let assertion = ClientAssertion::new(text.clone(), Audience::issuer(text.clone()));
        prop_assert!(assertion.is_err() || text.starts_with("https://"));
        let _ = ClientAssertion::new("a", Audience::token_endpoint(text));

        let assertion = ClientAssertion::new("a", Audience::fixed("b")).unwrap();
        let now = UNIX_EPOCH.checked_add(duration).unwrap_or(UNIX_EPOCH);
        let _ = assertion.clone().with_lifetime(duration);
        if let Ok(assertion) = assertion.with_long_lifetime(duration) {
            let _ = assertion.prepare(Algorithm::Rs256, None, now, None);
        }
    }
}
