//! Starting, describing and stopping; TLS.

use std::net::TcpListener;

use bankauth_testbank::{Options, StartError, TestBank};
use reqwest::StatusCode;
use rustls::{RootCertStore, version};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::application::{ASSERTION_TYPE, Application};
use crate::client::{client_that_trusts, member, roots, send};

#[tokio::test]
async fn listens_on_the_port_that_was_asked_for() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = TestBank::start(Options::default().with_port(port))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Listen { port: named, .. } if named == port));
    assert_eq!(
        error.to_string(),
        format!("cannot listen on 127.0.0.1:{port}")
    );

    drop(taken);
    // Another test may take the port meanwhile; then another port shows the same.
    let (bank, port) = loop {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        if let Ok(bank) = TestBank::start(Options::default().with_port(port)).await {
            break (bank, port);
        }
    };
    let url = format!("https://127.0.0.1:{port}");
    assert_eq!(bank.base_url(), url);
    assert_eq!(
        format!("{bank:?}"),
        format!("TestBank {{ base_url: {url:?}, .. }}")
    );
}

#[tokio::test]
async fn only_its_own_ca_is_trusted() {
    let app = Application::start().await;
    let other = TestBank::start(Options::default()).await.unwrap();
    assert_ne!(app.bank.ca_pem(), other.ca_pem());
    let page = app.revolut().consent_page();
    for roots in [RootCertStore::empty(), roots(&other)] {
        let client = client_that_trusts(roots, rustls::DEFAULT_VERSIONS);
        assert!(client.get(&page).send().await.unwrap_err().is_connect());
    }
    let by_name = page.replace("127.0.0.1", "localhost");
    assert_eq!(
        send(app.http.get(by_name)).await.status,
        StatusCode::BAD_REQUEST
    );
    // No private key beside the certificate.
    assert_eq!(app.bank.ca_pem().matches("-----BEGIN ").count(), 1);
    assert!(app.bank.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn speaks_tls_1_2_and_1_3() {
    let app = Application::start().await;
    for version in [&version::TLS12, &version::TLS13] {
        let client = client_that_trusts(roots(&app.bank), &[version]);
        let answer = send(client.get(app.revolut().consent_page())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn stops_when_dropped() {
    let Application { bank, http, .. } = Application::start().await;
    let revolut = bank.revolut_business();
    let page = revolut.consent_page();
    assert!(http.get(&page).send().await.is_ok());
    drop(bank);
    assert!(http.get(&page).send().await.is_err());
    // The handle still knows what happened.
    assert_eq!(revolut.requests().len(), 1);
}

#[tokio::test]
async fn stops_when_told() {
    let Application { bank, http, .. } = Application::start().await;
    let page = bank.revolut_business().consent_page();
    assert!(http.get(&page).send().await.is_ok());
    bank.stop().await;
    assert!(http.get(&page).send().await.is_err());
}

#[tokio::test]
async fn serves_until_cancelled() {
    let Application { bank, http, .. } = Application::start().await;
    let page = bank.revolut_business().consent_page();
    let serving = tokio::spawn(bank.serve());
    assert!(http.get(&page).send().await.is_ok());
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    assert!(http.get(&page).send().await.is_err());
}

#[tokio::test]
async fn describes_itself_to_other_processes() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new").join("bank");
    let bank = TestBank::start(Options::default()).await.unwrap();
    let path = bank.write_description(&dir).unwrap();
    bank.write_description(&dir).unwrap();

    let ca = dir.canonicalize().unwrap().join("ca.pem");
    assert_eq!(std::fs::read_to_string(&ca).unwrap(), bank.ca_pem());
    let base = bank.base_url();
    let description: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let tatra = format!("{base}/tatrabanka");
    let psd2 = format!("{}/tatrabanka/sandbox", bank.mutual_tls_url());
    assert_eq!(
        description,
        json!({
            "ca": ca,
            "control": format!("{base}/control"),
            "revolut-business": {
                "token": format!("{base}/api/1.0/auth/token"),
                "consent": format!("{base}/app-confirm"),
                "api": format!("{base}/api/1.0"),
            },
            "revsto": {
                "token": format!("{base}/tagpay/api/distributor/v1/oauth2/token"),
                "api": format!("{base}/revsto/api"),
            },
            "figurepay": {
                "token": format!("{base}/figurepay/oauth2/token"),
                "api": format!("{base}/figurepay"),
            },
            "tatrabanka": {
                "authorize": format!("{tatra}/premium/sandbox/auth/oauth/v2/authorize"),
                "token": format!("{tatra}/premium/sandbox/auth/oauth/v2/token"),
                "api": format!("{tatra}/premium/sandbox"),
                "identity": {
                    "token": format!("{tatra}/identity/production/auth/oauth/v2/token"),
                    "api": format!("{tatra}/identity/production"),
                },
                "tatrapayplus": {
                    "token": format!("{tatra}/tatrapayplus/sandbox/auth/oauth/v2/token"),
                    "api": format!("{tatra}/tatrapayplus/sandbox"),
                },
                "psd2": {
                    "authorize": format!("{tatra}/sandbox/auth/oauth/v2/authorize"),
                    "token": format!("{psd2}/auth/oauth/v2/token"),
                    "api": psd2,
                },
            }
        })
    );
    let mut names: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["ca.pem", "testbank.json"]);

    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = bank.write_description(&file).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write {}", file.display())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    let app = Application::start().await;
    let (_, refresh_token) = app.log_in(&[]).await;
    let mut requests = JoinSet::new();
    for _ in 0..32 {
        let assertion = app.assertion();
        let request = app.post_request(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ]);
        requests.spawn(send(request));
    }
    let mut alive = 0;
    for answer in requests.join_all().await {
        let token = member(&answer, "access_token");
        if app.accounts(&token).await.status == StatusCode::OK {
            alive += 1;
        }
    }
    assert_eq!(alive, 1, "each refresh killed the token before it");
    assert_eq!(app.revolut().counters().refreshes, 32);
}
