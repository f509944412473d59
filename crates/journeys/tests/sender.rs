//! The reqwest sender against real TLS: what it refuses, and what it says of a request that got no answer.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::time::Duration;

use bankauth::grants::{Body, HttpSend, Limits, ReqwestSender, SendError, SendErrorKind};
use bankauth_testbank::{Endpoint, Fault, Options, TestBank};
use http::{HeaderValue, Request, StatusCode};

async fn bank() -> TestBank {
    TestBank::start(Options::default()).await.unwrap()
}

async fn get(
    sender: &ReqwestSender,
    url: &str,
    limits: Limits,
) -> Result<http::Response<Body>, SendError> {
    sender
        .send(Request::get(url).body(Body::empty()).unwrap(), limits)
        .await
}

#[tokio::test]
async fn a_server_whose_authority_is_not_trusted_gets_nothing_rfc9110_4_3_4() {
    let bank = bank().await;
    let url = format!(
        "{}/accounts?code=marked",
        bank.revolut_business().api_base()
    );
    let other = self::bank().await;
    for sender in [
        ReqwestSender::new().unwrap(),
        ReqwestSender::with_ca_bundle(other.ca_pem().as_bytes()).unwrap(),
    ] {
        let error = get(&sender, &url, Limits::RESOURCE).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
        assert!(!error.may_have_been_processed() && !error.is_retryable());
        assert!(!format!("{error:?}").contains("marked"), "{error:?}");
    }
    assert_eq!(bank.revolut_business().requests().len(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_rfc9525() {
    let bank = bank().await;
    let sender = ReqwestSender::with_ca_bundle(bank.ca_pem().as_bytes()).unwrap();
    // The certificate is for 127.0.0.1 and localhost; 127.0.0.2 reaches nobody or somebody else.
    let url = bank.base_url().replace("127.0.0.1", "127.0.0.2");
    let error = get(&sender, &url, Limits::RESOURCE).await.unwrap_err();
    assert!(
        matches!(error.kind(), SendErrorKind::Connect | SendErrorKind::Tls),
        "{error:?}"
    );
}

#[tokio::test]
async fn each_way_to_get_no_answer_says_whether_the_request_may_have_arrived() {
    let bank = bank().await;
    let revolut = bank.revolut_business();
    let sender = ReqwestSender::with_ca_bundle(bank.ca_pem().as_bytes()).unwrap();
    let url = format!("{}/accounts", revolut.api_base());
    let short = Limits::new(Duration::from_millis(200), 1024);
    for (fault, limits, kind) in [
        (Fault::Never, short, SendErrorKind::Timeout),
        (Fault::Close, Limits::TOKEN, SendErrorKind::Interrupted),
        (
            Fault::LostResponse,
            Limits::TOKEN,
            SendErrorKind::Interrupted,
        ),
        (
            Fault::Large(10 * 1024 * 1024),
            Limits::TOKEN,
            SendErrorKind::BodyTooLarge,
        ),
    ] {
        revolut.fail_next(Endpoint::Api, fault.clone(), 1);
        let error = get(&sender, &url, limits).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error:?}");
        assert!(error.may_have_been_processed(), "{fault:?}");
    }
    let before = revolut.requests().len();
    assert_eq!(
        get(&sender, &url, Limits::TOKEN).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        revolut.requests().len(),
        before + 1,
        "nothing is sent twice"
    );
}

#[tokio::test]
async fn a_redirect_comes_back_as_it_is_rfc9700_4_12() {
    let bank = bank().await;
    let revolut = bank.revolut_business();
    let sender = ReqwestSender::with_ca_bundle(bank.ca_pem().as_bytes()).unwrap();
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let location = HeaderValue::from_str(&format!("{}/app-confirm", bank.base_url())).unwrap();
        revolut.fail_next(Endpoint::Token, Fault::Redirect { status, location }, 1);
        let request = Request::post(revolut.token_endpoint())
            .header("authorization", "Bearer marked")
            .body(Body::from("client_assertion=marked"))
            .unwrap();
        assert_eq!(
            sender.send(request, Limits::TOKEN).await.unwrap().status(),
            status
        );
    }
    assert_eq!(
        revolut.requests().len(),
        5,
        "nothing was sent to where the redirect points"
    );
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_not_used() {
    // The variables are set for a child of this test alone: this process is shared by others.
    let name = "the_proxy_of_the_environment_is_not_used";
    if std::env::var_os("HTTPS_PROXY").is_none_or(|proxy| proxy != "http://127.0.0.1:9") {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", name])
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("https_proxy", "http://127.0.0.1:9");
        assert!(
            child
                .env_remove("NO_PROXY")
                .env_remove("no_proxy")
                .status()
                .unwrap()
                .success()
        );
        return;
    }
    let bank = bank().await;
    let sender = ReqwestSender::with_ca_bundle(bank.ca_pem().as_bytes()).unwrap();
    let url = format!("{}/accounts", bank.revolut_business().api_base());
    assert_eq!(
        get(&sender, &url, Limits::RESOURCE).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}
