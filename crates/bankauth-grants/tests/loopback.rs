//! The receiver on the loopback interface, asked as a browser, a stray program and an attacker would ask.

#![cfg(feature = "loopback")]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_grants::{
    AuthorizationRequest, Callback, LoopbackError, LoopbackReceiver, PendingAuthorization,
    RedirectUri, ResponseMode, ResponseType, State,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const LONG: Duration = Duration::from_secs(60);

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn state() -> String {
    State::from_bytes([7; 32]).expose_secret().to_owned()
}

fn pending(redirect_uri: &RedirectUri, mode: ResponseMode) -> PendingAuthorization {
    AuthorizationRequest::new("https://bank.example/", "id", redirect_uri)
        .unwrap()
        .with_state(State::from_bytes([7; 32]))
        .with_response_mode(mode)
        .start(now())
        .unwrap()
        .1
}

async fn receiver(redirect_uri: &str) -> (LoopbackReceiver, String) {
    let redirect_uri = RedirectUri::new(redirect_uri).unwrap();
    let receiver = LoopbackReceiver::bind_free_port(&redirect_uri)
        .await
        .unwrap();
    let uri = receiver.redirect_uri().as_str().to_owned();
    let authority = uri.split('/').nth(2).unwrap().to_owned();
    (receiver, authority)
}

/// Sends a request and gives the whole answer.
async fn ask(authority: &str, request: String) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

async fn get(authority: &str, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\n\r\n");
    ask(authority, request).await
}

#[tokio::test]
async fn what_is_not_the_answer_changes_nothing_rfc8252_8_3() {
    let (receiver, authority) = receiver("http://127.0.0.1:8787/callback").await;
    let pending = pending(receiver.redirect_uri(), ResponseMode::Query);
    let browser = async {
        // A connection that a browser opens and does not use.
        let silent = TcpStream::connect(&authority).await.unwrap();
        for (target, status) in [
            ("/", "404"),
            ("/favicon.ico", "404"),
            ("/callback/x?code=c", "404"),
            ("/callback", "400"),
            ("/callback?next=https://evil.example", "400"),
            ("/callback?code=stolen&state=other", "400"),
            ("/callback?code=stolen", "400"),
        ] {
            let answer = get(&authority, target).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{target}: {answer}"
            );
            assert!(
                !answer.contains("stolen") && !answer.contains("evil"),
                "{answer}"
            );
        }
        let rebound = "GET /callback?code=c HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned();
        assert!(ask(&authority, rebound).await.starts_with("HTTP/1.1 400 "));
        let posted = format!("DELETE /callback HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        assert!(ask(&authority, posted).await.starts_with("HTTP/1.1 405 "));
        assert_eq!(ask(&authority, "nonsense\r\n\r\n".to_owned()).await, "");
        let answer = get(
            &authority,
            &format!("/callback?code=marked&state={}", state()),
        )
        .await;
        drop(silent);
        answer
    };
    let (received, answer) = tokio::join!(receiver.receive(&pending, LONG), browser);
    let received = received.unwrap();
    assert!(!format!("{received:?}").contains("marked"));
    let response = pending.read(&received, now()).unwrap();
    assert_eq!(response.code.expose_secret(), "marked");
    insta::assert_snapshot!(answer.replace('\r', ""), @r#"
    HTTP/1.1 200 OK
    Content-Type: text/html; charset=utf-8
    Content-Length: 167
    Cache-Control: no-store
    Referrer-Policy: no-referrer
    X-Content-Type-Options: nosniff
    Content-Security-Policy: default-src 'none'
    Connection: close

    <!doctype html><html lang="en"><meta charset="utf-8"><title>bankauth</title><p>The answer was received. You can close this page and go back to the program.</p></html>
    "#);
    assert!(
        TcpStream::connect(&authority).await.is_err(),
        "nothing listens any more"
    );
}

#[tokio::test]
async fn an_error_of_the_bank_is_an_answer_rfc6749_4_1_2_1() {
    let (receiver, authority) = receiver("http://[::1]/cb").await;
    let pending = pending(receiver.redirect_uri(), ResponseMode::Query);
    let target = format!("/cb?error=access_denied&state={}", state());
    let (received, _) = tokio::join!(receiver.receive(&pending, LONG), get(&authority, &target));
    let error = pending.read(&received.unwrap(), now()).unwrap_err();
    insta::assert_snapshot!(error, @"no consent was given: access_denied");
}

#[tokio::test]
async fn a_form_is_taken_where_it_was_asked_for() {
    let (receiver, authority) = receiver("http://127.0.0.1/cb").await;
    let pending = pending(receiver.redirect_uri(), ResponseMode::FormPost);
    let form = format!("code=c&state={}", state());
    let browser = async {
        let in_query = get(&authority, &format!("/cb?{form}")).await;
        assert!(in_query.starts_with("HTTP/1.1 400 "), "{in_query}");
        let (length, form) = (form.len(), &form);
        ask(
            &authority,
            format!("POST /cb HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"),
        )
        .await
    };
    let (received, answer) = tokio::join!(receiver.receive(&pending, LONG), browser);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let received = received.unwrap();
    assert!(matches!(received, Callback::FormPost(_)));
    assert!(pending.read(&received, now()).is_ok());
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on_rfc8252_7_3() {
    for bad in [
        "https://127.0.0.1:8787/",
        "https://example.com/",
        "http://127.0.0.2:8787/",
    ] {
        let redirect_uri = RedirectUri::new(bad).unwrap();
        let error = LoopbackReceiver::bind(&redirect_uri).await.unwrap_err();
        assert!(matches!(error, LoopbackError::RedirectUri { .. }), "{bad}");
    }
    let (receiver, authority) = receiver("http://localhost/cb").await;
    assert!(authority.starts_with("localhost:"));
    // The port is taken now.
    let taken = RedirectUri::new(receiver.redirect_uri().as_str()).unwrap();
    let error = LoopbackReceiver::bind(&taken).await.unwrap_err();
    assert!(matches!(error, LoopbackError::Listen { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let (receiver, _) = receiver("http://127.0.0.1/cb").await;
    let waiting = pending(receiver.redirect_uri(), ResponseMode::Query);
    let error = receiver.receive(&waiting, LONG).await.unwrap_err();
    insta::assert_snapshot!(error, @"no response came within 60 seconds");
}

#[tokio::test]
async fn what_cannot_arrive_is_not_waited_for() {
    let (listening, _) = receiver("http://127.0.0.1/cb").await;
    let hybrid = AuthorizationRequest::new("https://bank.example/", "id", listening.redirect_uri())
        .unwrap()
        .with_state(State::from_bytes([7; 32]))
        .with_nonce(bankauth_grants::Nonce::from_bytes([1; 32]))
        .with_response_type(ResponseType::CodeIdToken)
        .start(now())
        .unwrap()
        .1;
    let error = listening.receive(&hybrid, LONG).await.unwrap_err();
    insta::assert_snapshot!(error, @"the response is asked for in the fragment, expected in the query or in a form");
    let (listening, _) = receiver("http://127.0.0.1/cb").await;
    let elsewhere = RedirectUri::new("http://127.0.0.1:1/cb").unwrap();
    let elsewhere = pending(&elsewhere, ResponseMode::Query);
    assert!(listening.receive(&elsewhere, LONG).await.is_err());
}
