//! An HTTPS client that trusts the test bank's CA, and what it hears.

use std::sync::Arc;

use bankauth_testbank::{Redirection, TestBank};
use rcgen::{Certificate, KeyPair};
use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, pem::PemObject},
};
use serde_json::Value;
use url::Url;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status and body in one text, for snapshots.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.body)
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.text().await.unwrap(),
    }
}

pub(crate) fn member(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap().to_owned()
}

/// Trusts the bank's CA alone, follows no redirect, and installs nothing for the process.
pub(crate) fn client(bank: &TestBank) -> Client {
    client_that_trusts(roots(bank), rustls::DEFAULT_VERSIONS)
}

/// The same, with a certificate of its own and the key of it.
pub(crate) fn client_with(bank: &TestBank, certificate: &Certificate, key: &KeyPair) -> Client {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let tls = tls(rustls::DEFAULT_VERSIONS)
        .with_root_certificates(roots(bank))
        .with_client_auth_cert(vec![certificate.der().clone()], key)
        .unwrap();
    built(tls)
}

pub(crate) fn roots(bank: &TestBank) -> RootCertStore {
    let ca = CertificateDer::from_pem_slice(bank.ca_pem().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    roots
}

pub(crate) fn client_that_trusts(
    roots: RootCertStore,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Client {
    let tls = tls(versions)
        .with_root_certificates(roots)
        .with_no_client_auth();
    built(tls)
}

fn tls(
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
}

fn built(tls: ClientConfig) -> Client {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

/// Posts JSON to a control endpoint.
pub(crate) async fn control(bank: &TestBank, http: &Client, path: &str, body: Value) -> Answer {
    let url = format!("{}{path}", bank.control_url());
    send(http.post(url).json(&body)).await
}

/// Asks a control endpoint.
pub(crate) async fn ask(bank: &TestBank, http: &Client, path: &str) -> Value {
    let url = format!("{}{path}", bank.control_url());
    send(http.get(url)).await.json()
}

/// The parameters of the URL to which a browser is sent.
pub(crate) fn parameter(redirection: &Redirection, name: &str) -> Option<String> {
    let url = Url::parse(redirection.expose_secret()).unwrap();
    let mut pairs = url.query_pairs();
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}
