//! What a client is made from.

use std::sync::Arc;

use bankauth_revolut::{
    business::{Client, Environment, SetupError},
    grants::RedirectUri,
    jwt::{Algorithm, Sign, SigningKey},
};

use crate::bank::{Bank, CLIENT_ID, RSA_2048, chain, key};

const P256: &[u8] = include_bytes!("../data/p256.pkcs8.der");

fn refused(client_id: &str, key: Arc<dyn Sign>) -> SetupError {
    let redirect_uri = RedirectUri::new("https://example.com").unwrap();
    let http = Arc::new(Bank::default());
    Client::new(Environment::sandbox(), client_id, redirect_uri, key, http).unwrap_err()
}

#[test]
fn only_a_key_for_rs256_is_taken() {
    let error = refused(CLIENT_ID, Arc::new(SigningKey::es256(P256).unwrap()));
    assert_eq!(
        error,
        SetupError::Algorithm {
            found: Algorithm::Es256
        }
    );
    insta::assert_snapshot!(error, @"the key signs with ES256, expected RS256 with an RSA key: the bank takes nothing else");
    let error = refused(CLIENT_ID, Arc::new(SigningKey::ps256(RSA_2048).unwrap()));
    insta::assert_snapshot!(error, @"the key signs with PS256, expected RS256 with an RSA key: the bank takes nothing else");
}

#[test]
fn what_is_pasted_instead_of_a_client_id_is_refused_and_not_repeated() {
    let long = "marked".repeat(1000);
    let errors: Vec<String> = [
        "",
        "oa_prod_marked",
        "oa_sand_marked",
        "-----BEGIN CERTIFICATE-----\nmarked",
        " marked",
        "marked\n",
        "märked",
        &long,
    ]
    .map(|client_id| chain(&refused(client_id, key())))
    .into();
    let errors = errors.join("\n");
    assert!(!errors.contains("marked"));
    insta::assert_snapshot!(errors, @"
    the client id is empty, expected the ClientID that the web app shows with the certificate
    the client id is an authorization code or a token, expected the ClientID that the web app shows with the certificate
    the client id is an authorization code or a token, expected the ClientID that the web app shows with the certificate
    the client id is a PEM text, expected the ClientID that the web app shows with the certificate
    the client id is a text with spaces or characters that cannot be seen, expected the ClientID that the web app shows with the certificate
    the client id is a text with spaces or characters that cannot be seen, expected the ClientID that the web app shows with the certificate
    the client id is a text with spaces or characters that cannot be seen, expected the ClientID that the web app shows with the certificate
    the assertion cannot be made: sub: found 6000 bytes, expected 1 to 2048 bytes of text without control characters
    ");
}

#[test]
fn a_client_id_may_begin_with_what_a_token_begins_with() {
    // Random ids do, once in a while; only the whole mark of an environment tells a credential.
    let redirect_uri = RedirectUri::new("https://example.com").unwrap();
    let http = Arc::new(Bank::default());
    let client = Client::new(
        Environment::sandbox(),
        "oa_x9Eie_XLHl03",
        redirect_uri,
        key(),
        http,
    );
    assert_eq!(client.unwrap().client_id(), "oa_x9Eie_XLHl03");
}
