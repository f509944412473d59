//! An application that uses the bank: a key, a certificate at the bank, and an HTTPS client that trusts its CA.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use bankauth_testbank::{Options, RevolutBusiness, TestBank};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey,
};
use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap, redirect::Policy};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde_json::{Value, json};

pub(crate) const REDIRECT_URI: &str = "https://example.com/callback";
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) struct Application {
    pub(crate) bank: TestBank,
    pub(crate) http: Client,
    pub(crate) client_id: String,
}

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

impl Application {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default(), REDIRECT_URI, &[]).await
    }

    pub(crate) async fn start_with(options: Options, redirect_uri: &str, ip_list: &[&str]) -> Self {
        let bank = TestBank::start(options).await.unwrap();
        let client_id = bank
            .revolut_business()
            .upload_certificate(&certificate(key()), redirect_uri, ip_list)
            .unwrap();
        Self {
            http: client(&bank),
            client_id: client_id.to_string(),
            bank,
        }
    }

    pub(crate) fn revolut(&self) -> RevolutBusiness {
        self.bank.revolut_business()
    }

    pub(crate) fn code(&self, scopes: &[&str]) -> String {
        let revolut = self.revolut();
        let url = revolut.consent_url(&self.client_id, scopes).unwrap();
        let redirection = revolut.authorise(&url).unwrap();
        let (_, code) = redirection.expose_secret().split_once("code=").unwrap();
        code.to_owned()
    }

    /// The guide's claims, good for a minute by the bank's clock.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": "example.com",
            "sub": self.client_id,
            "aud": "https://revolut.com",
            "exp": unix_secs(self.bank.clock().now()) + 60,
        })
    }

    pub(crate) fn assertion(&self) -> String {
        sign(key(), &header(), &self.claims())
    }

    pub(crate) async fn token_with(&self, grant: &[(&str, &str)], assertion: &str) -> Answer {
        let mut form = grant.to_vec();
        form.push(("client_assertion_type", ASSERTION_TYPE));
        form.push(("client_assertion", assertion));
        self.post(&form).await
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        let grant = [("grant_type", "authorization_code"), ("code", code)];
        self.token_with(&grant, &self.assertion()).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token_with(&grant, &self.assertion()).await
    }

    /// Consents, exchanges, and returns access and refresh token.
    pub(crate) async fn log_in(&self, scopes: &[&str]) -> (String, String) {
        let answer = self.exchange(&self.code(scopes)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        (
            member(&answer, "access_token"),
            member(&answer, "refresh_token"),
        )
    }

    pub(crate) async fn post(&self, form: &[(&str, &str)]) -> Answer {
        send(self.post_request(form)).await
    }

    pub(crate) fn post_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        self.http.post(self.revolut().token_endpoint()).form(form)
    }

    pub(crate) async fn accounts(&self, access_token: &str) -> Answer {
        send(self.get("/accounts").bearer_auth(access_token)).await
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.revolut().api_base()))
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

pub(crate) fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT"})
}

/// The compact form, signed with RS256 whatever the header says.
pub(crate) fn sign(key: &KeyPair, header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// One RSA key for all tests of this binary.
pub(crate) fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(new_key)
}

pub(crate) fn new_key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

pub(crate) fn certificate(key: &KeyPair) -> String {
    certificate_params().self_signed(key).unwrap().pem()
}

/// A country alone, as the guide allows; from 1975 until 4096, rcgen's own limits.
pub(crate) fn certificate_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "GB");
    params
}

/// Trusts the bank's CA alone, follows no redirect, and installs nothing for the process.
pub(crate) fn client(bank: &TestBank) -> Client {
    let ca = CertificateDer::from_pem_slice(bank.ca_pem().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    client_that_trusts(roots, rustls::DEFAULT_VERSIONS)
}

pub(crate) fn client_that_trusts(
    roots: RootCertStore,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Client {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) fn unix_secs(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn at(unix_secs: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(unix_secs)
}
