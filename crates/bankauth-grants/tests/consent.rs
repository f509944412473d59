//! From the request to the code: what ties a response to its request, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_grants::{
    AuthorizationRequest, AuthorizationResponseError as Error, Body, Callback, ClientAuth,
    IssuerParameter, Nonce, PendingAuthorization, PkceVerifier, RedirectUri, ResponseMode,
    ResponseType, State, TokenEndpoint,
};

const ISSUER: &str = "https://bank.example/a";

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn state() -> String {
    State::from_bytes([7; 32]).expose_secret().to_owned()
}

fn request() -> AuthorizationRequest {
    let redirect_uri = RedirectUri::new("https://client.example/cb").unwrap();
    AuthorizationRequest::new("https://bank.example/authorize", "id", &redirect_uri)
        .unwrap()
        .with_state(State::from_bytes([7; 32]))
        .with_pkce(PkceVerifier::from_bytes([8; 32]))
}

fn pending(request: AuthorizationRequest) -> PendingAuthorization {
    request.start(now()).unwrap().1
}

fn address(query: &str) -> Callback {
    let query = query.replace("STATE", &state());
    Callback::address(format!("https://client.example/cb{query}"))
}

fn read(request: AuthorizationRequest, query: &str) -> Result<String, Error> {
    let response = pending(request).read(&address(query), now())?;
    Ok(response.code.expose_secret().to_owned())
}

fn errors(request: impl Fn() -> AuthorizationRequest, queries: &[&str]) -> String {
    queries
        .iter()
        .map(|query| match read(request(), query) {
            Ok(code) => format!("{query} -> code {code}"),
            Err(error) => format!("{query} -> {error}"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_state_is_that_of_the_request_rfc6749_10_12() {
    let read = errors(
        request,
        &[
            "?code=c&state=STATE",
            "?code=c",
            "?code=c&state=",
            "?code=c&state=STATEx",
            "?code=c&state=STATE&state=STATE",
            "?error=access_denied&state=STATE&error_description=No%1b[31m",
            "?error=access_denied",
            "?error=access_denied&state=other",
            "?code=c&code=d&state=STATE",
            "?code=c&error=x&state=STATE",
            "?code=&state=STATE",
            "?code=c&access_token=t&state=STATE",
            "?state=STATE",
            "",
            "?code=c&state=STATE#",
            "?code=c&state=STATE#_=_",
            "#code=c&state=STATE",
            "?code=c&state=STATE#code=d",
            "?response=e30.e30.x",
            "/?code=c&state=STATE",
        ],
    );
    insta::assert_snapshot!(read, @r"
    ?code=c&state=STATE -> code c
    ?code=c -> parameter `state` is missing, expected that of the request
    ?code=c&state= -> parameter `state` is another one, expected that of the request
    ?code=c&state=STATEx -> parameter `state` is another one, expected that of the request
    ?code=c&state=STATE&state=STATE -> parameter `state` occurs twice or contradicts another
    ?error=access_denied&state=STATE&error_description=No%1b[31m -> no consent was given: access_denied: No\u{1b}[31m
    ?error=access_denied -> parameter `state` is missing, expected that of the request
    ?error=access_denied&state=other -> parameter `state` is another one, expected that of the request
    ?code=c&code=d&state=STATE -> parameter `code` occurs twice or contradicts another
    ?code=c&error=x&state=STATE -> parameter `error` occurs twice or contradicts another
    ?code=&state=STATE -> parameter `code` is empty or damaged, expected printable ASCII
    ?code=c&access_token=t&state=STATE -> parameter `access_token` occurs twice or contradicts another
    ?state=STATE -> the pasted address has no parameter `code`, expected the address that the browser shows after the consent
     -> the pasted address has no parameter `code`, expected the address that the browser shows after the consent
    ?code=c&state=STATE# -> code c
    ?code=c&state=STATE#_=_ -> code c
    #code=c&state=STATE -> the response stands in the fragment, expected in the query
    ?code=c&state=STATE#code=d -> the response stands in the fragment, expected in the query
    ?response=e30.e30.x -> parameter `state` is missing, expected that of the request
    /?code=c&state=STATE -> the pasted address belongs to https://client.example/cb/, expected https://client.example/cb
    ");
}

#[test]
fn a_bank_that_echoes_no_state_sends_none() {
    let stateless = || {
        let redirect_uri = RedirectUri::new("https://client.example/cb").unwrap();
        AuthorizationRequest::new("https://bank.example/authorize", "id", &redirect_uri)
            .unwrap()
            .without_state_as_bank_echoes_none()
    };
    assert!(!stateless().url().unwrap().contains("state"));
    assert_eq!(read(stateless(), "?code=c").unwrap(), "c");
    insta::assert_snapshot!(read(stateless(), "?code=c&state=x").unwrap_err(), @"parameter `state` is there, and none was sent, expected that of the request");
}

#[test]
fn the_issuer_is_compared_byte_for_byte_rfc9207_2_4() {
    let with = |policy| move || request().with_issuer(ISSUER, policy);
    let iss = "https%3A%2F%2Fbank.example%2Fa";
    let queries: Vec<String> = [
        iss,
        &format!("{iss}1"),
        &format!("{iss}%2F"),
        "https%3A%2F%2FBank.example%2Fa",
    ]
    .iter()
    .flat_map(|iss| {
        [
            format!("?code=c&state=STATE&iss={iss}"),
            format!("?error=access_denied&state=STATE&iss={iss}"),
        ]
    })
    .chain(["?code=c&state=STATE".to_owned()])
    .collect();
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    insta::assert_snapshot!(errors(with(IssuerParameter::Required), &queries), @"
    ?code=c&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa -> code c
    ?error=access_denied&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa -> no consent was given: access_denied
    ?code=c&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa1 -> parameter `iss` is another one, expected https://bank.example/a
    ?error=access_denied&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa1 -> parameter `iss` is another one, expected https://bank.example/a
    ?code=c&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa%2F -> parameter `iss` is another one, expected https://bank.example/a
    ?error=access_denied&state=STATE&iss=https%3A%2F%2Fbank.example%2Fa%2F -> parameter `iss` is another one, expected https://bank.example/a
    ?code=c&state=STATE&iss=https%3A%2F%2FBank.example%2Fa -> parameter `iss` is another one, expected https://bank.example/a
    ?error=access_denied&state=STATE&iss=https%3A%2F%2FBank.example%2Fa -> parameter `iss` is another one, expected https://bank.example/a
    ?code=c&state=STATE -> parameter `iss` is missing, expected https://bank.example/a
    ");
    assert!(read(with(IssuerParameter::Optional)(), "?code=c&state=STATE").is_ok());
    assert!(
        read(
            with(IssuerParameter::Optional)(),
            "?code=c&state=STATE&iss=x"
        )
        .is_err()
    );
    assert!(
        read(
            with(IssuerParameter::Ignored)(),
            "?code=c&state=STATE&iss=x"
        )
        .is_ok()
    );
}

#[test]
fn a_response_stands_where_it_was_asked_for() {
    let token = "e30.e30.c2ln";
    let hybrid = || {
        request()
            .with_response_type(ResponseType::CodeIdToken)
            .with_nonce(Nonce::from_bytes([9; 32]))
    };
    let in_fragment = format!("#code=c&id_token={token}&state=STATE");
    let response = pending(hybrid())
        .read(&address(&in_fragment), now())
        .unwrap();
    assert_eq!(response.id_token.as_ref().unwrap().expose_secret(), token);
    assert!(
        response
            .nonce()
            .unwrap()
            .is(Nonce::from_bytes([9; 32]).expose_secret())
    );
    let in_query = format!("?code=c&id_token={token}&state=STATE");
    insta::assert_snapshot!(read(hybrid(), &in_query).unwrap_err(), @"the response stands in the query, expected in the fragment");
    insta::assert_snapshot!(read(hybrid(), "#code=c&state=STATE").unwrap_err(), @"parameter `id_token` is missing or damaged, expected a compact JWT");

    let posted = || request().with_response_mode(ResponseMode::FormPost);
    let form = || Callback::FormPost(Body::from(format!("code=c&state={}", state())));
    let response = pending(posted()).read(&form(), now()).unwrap();
    assert_eq!(response.code.expose_secret(), "c");
    insta::assert_snapshot!(pending(request()).read(&form(), now()).unwrap_err(), @"the response stands in a form, expected in the query");
    insta::assert_snapshot!(read(posted(), "?code=c&state=STATE").unwrap_err(), @"the response stands in the query, expected in a form");
    insta::assert_snapshot!(read(posted(), "#code=c&state=STATE").unwrap_err(), @"the response stands in the fragment, expected in a form");
}

#[test]
fn a_request_waits_for_ten_minutes_at_most() {
    let minutes = |count: u64| now() + Duration::from_secs(60 * count);
    let callback = address("?code=c&state=STATE");
    assert!(pending(request()).read(&callback, minutes(10)).is_ok());
    let late = minutes(10) + Duration::from_secs(1);
    insta::assert_snapshot!(pending(request()).read(&callback, late).unwrap_err(), @"the request was made more than 10 minutes ago, or in the future");
    let shorter = || pending(request()).with_lifetime(Duration::from_secs(120));
    assert!(shorter().is_expired(minutes(3)));
    let longer = pending(request()).with_lifetime(Duration::from_secs(86_400));
    assert!(longer.is_expired(late));
    // A clock that was set back a little is no reason; one that is far back is.
    assert!(!pending(request()).is_expired(now() - Duration::from_secs(30)));
    assert!(pending(request()).is_expired(now() - Duration::from_secs(3600)));
}

#[test]
fn what_is_stored_reads_back_and_is_not_printed() {
    let request = request()
        .with_issuer(ISSUER, IssuerParameter::Required)
        .with_nonce(Nonce::from_bytes([9; 32]));
    let stored = pending(request).to_bytes();
    insta::assert_snapshot!(std::str::from_utf8(stored.expose_secret()).unwrap(), @r#"{"version":1,"created_at":1800000000,"lifetime":600,"redirect_uri":"https://client.example/cb","response_type":"code","response_mode":"query","issuer":"https://bank.example/a","issuer_parameter":"required","state":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","code_verifier":"CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg","nonce":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk"}"#);
    let restored = PendingAuthorization::from_bytes(stored.expose_secret()).unwrap();
    assert_eq!(restored.to_bytes().expose_secret(), stored.expose_secret());
    let printed = format!("{restored:?} {stored:?}");
    for secret in [
        state(),
        PkceVerifier::from_bytes([8; 32]).expose_secret().to_owned(),
    ] {
        assert!(!printed.contains(&secret), "{printed}");
    }
    let response = restored
        .read(
            &address(&format!("?code=c&state=STATE&iss={ISSUER}")),
            now(),
        )
        .unwrap();
    assert_eq!(response.issuer(), Some(ISSUER));
    assert!(response.code_verifier().is_some());

    let text = String::from_utf8(stored.expose_secret().to_vec()).unwrap();
    for (from, to) in [
        ("\"version\":1", "\"version\":2"),
        ("\"query\"", "\"jwt\""),
        ("\"code\"", "\"token\""),
        ("\"required\"", "\"never\""),
        ("https://client", "ftp://client"),
        (&*state(), "short"),
        ("\"lifetime\":600", "\"lifetime\":\"long\""),
        ("{", ""),
    ] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(damaged, text);
        let error = PendingAuthorization::from_bytes(damaged.as_bytes()).unwrap_err();
        assert!(!error.to_string().contains(&state()), "{error}");
    }
}

#[test]
fn a_code_of_one_server_is_not_sent_to_another_rfc9700_4_4() {
    let request = request().with_issuer(ISSUER, IssuerParameter::Optional);
    let response = pending(request)
        .read(&address("?code=c&state=STATE"), now())
        .unwrap();
    let endpoint = |issuer| {
        TokenEndpoint::new("https://other.example/token")
            .unwrap()
            .with_issuer(issuer)
    };
    let error = response
        .grant_for(&endpoint("https://other.example"))
        .unwrap_err();
    insta::assert_snapshot!(error, @"the code is of https://bank.example/a, and the token endpoint of https://other.example");
    let endpoint = endpoint(ISSUER);
    let request = endpoint
        .request(
            response.grant_for(&endpoint).unwrap(),
            &ClientAuth::none("id"),
        )
        .unwrap();
    let form = std::str::from_utf8(request.body().expose_secret()).unwrap();
    insta::assert_snapshot!(form, @"grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&code_verifier=CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg&client_id=id");
}

#[test]
fn a_receiver_knows_what_is_meant_for_it() {
    let pending = pending(request());
    for (query, expected) in [
        ("?code=c&state=STATE", true),
        ("?error=access_denied&state=STATE", true),
        ("?code=c&state=other", false),
        ("?state=STATE", false),
        ("?code=c", false),
        ("", false),
    ] {
        assert_eq!(pending.expects(&address(query)), expected, "{query}");
    }
    assert!(!pending.expects(&Callback::address(
        "https://evil.example/cb?code=c".to_owned()
    )));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_callback_panics_or_shows_its_code(query in "\\PC{0,64}", form in proptest::collection::vec(any::<u8>(), 0..64)) {
            for query in [format!("?code=marked&{query}"), format!("#code=marked&{query}"), query] {
                if let Err(error) = read(request(), &query) {
                    let printed = format!("{error} {error:?}");
                    prop_assert!(!printed.contains("marked"), "{}", printed);
                }
            }
            let callback = Callback::FormPost(Body::from(form));
            let _ = pending(request().with_response_mode(ResponseMode::FormPost)).read(&callback, now());
        }

        #[test]
        fn no_stored_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let _ = PendingAuthorization::from_bytes(&bytes);
            let mut stored = pending(request()).to_bytes().expose_secret().to_vec();
            let at = at.index(stored.len());
            stored[at] = byte;
            let _ = PendingAuthorization::from_bytes(&stored);
        }
    }
}
