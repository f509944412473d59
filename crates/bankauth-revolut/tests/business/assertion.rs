//! The client assertion (RFC 7523), as the bank wants it.

use std::{sync::Arc, time::Duration};

use bankauth_revolut::{
    business::Environment,
    jwt::{Sign as _, SigningKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::bank::{NOW, RSA_2048, client, client_with, key, now, read_jwt};

#[test]
fn claims_are_those_of_the_guide() {
    for environment in [Environment::sandbox(), Environment::production()] {
        let (client, _) = client(environment);
        let (header, claims) = read_jwt(client.assertion(now()).unwrap().expose_secret());
        insta::allow_duplicates! {
            insta::assert_snapshot!(header, @r#"{"alg":"RS256","typ":"JWT"}"#);
            insta::assert_snapshot!(claims, @r#"{"iss":"example.com","sub":"zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp","aud":"https://revolut.com","exp":1706136791}"#);
        }
    }
}

#[test]
fn the_signature_is_that_of_the_key() {
    let (client, _) = client(Environment::sandbox());
    let jwt = client.assertion(now()).unwrap();
    let (input, signature) = jwt.expose_secret().rsplit_once('.').unwrap();
    // RSASSA-PKCS1-v1_5 has no salt: the same input gives the same signature (RFC 8017 section 8.2).
    let expected = key().sign(input.as_bytes()).unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), expected);
}

#[test]
fn the_issuer_is_the_host_of_the_redirect_uri() {
    for (redirect_uri, issuer) in [
        ("https://example.com", "example.com"),
        ("https://example.com/callback?tenant=1", "example.com"),
        ("https://127.0.0.1:8787/callback", "127.0.0.1"),
        ("http://localhost:8787", "localhost"),
        ("https://EXAMPLE.com", "example.com"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        // The brackets are part of the host (RFC 3986 section 3.2.2).
        ("https://[2001:db8::1]:8787/callback", "[2001:db8::1]"),
    ] {
        let (client, _) = client_with(Environment::sandbox(), redirect_uri, key());
        let (_, claims) = read_jwt(client.assertion(now()).unwrap().expose_secret());
        assert!(
            claims.starts_with(&format!(r#"{{"iss":"{issuer}","sub":"#)),
            "{claims}"
        );
        assert_eq!(client.issuer(), issuer);
        assert_eq!(client.redirect_uri().as_str(), redirect_uri);
    }
}

#[test]
fn more_than_five_minutes_take_the_explicit_call() {
    let (client, _) = client(Environment::sandbox());
    let quarter = Duration::from_secs(90 * 86_400);
    let (_, claims) = read_jwt(
        client
            .assertion_for(now(), quarter)
            .unwrap()
            .expose_secret(),
    );
    assert!(
        claims.ends_with(&format!(r#""exp":{}}}"#, NOW + 90 * 86_400)),
        "{claims}"
    );
    let error = client.assertion_for(now(), Duration::ZERO).unwrap_err();
    insta::assert_snapshot!(error, @"lifetime: found 0ns, expected whole seconds, at least 1 s");
}

#[test]
fn a_key_id_and_the_time_of_issue_are_written_when_asked_for() {
    let key = SigningKey::rs256(RSA_2048)
        .unwrap()
        .with_key_id("key-1")
        .unwrap();
    let (client, _) = client_with(Environment::sandbox(), "https://example.com", Arc::new(key));
    let (header, _) = read_jwt(client.assertion(now()).unwrap().expose_secret());
    assert_eq!(header, r#"{"alg":"RS256","typ":"JWT"}"#);

    let client = client.with_key_id().with_issued_at();
    let (header, claims) = read_jwt(client.assertion(now()).unwrap().expose_secret());
    insta::assert_snapshot!(header, @r#"{"alg":"RS256","typ":"JWT","kid":"key-1"}"#);
    insta::assert_snapshot!(claims, @r#"{"iss":"example.com","sub":"zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp","aud":"https://revolut.com","exp":1706136791,"iat":1706136731}"#);
}
