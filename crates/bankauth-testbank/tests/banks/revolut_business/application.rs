//! An application that uses the bank: a key, a certificate at the bank, and an HTTPS client that trusts its CA.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use bankauth_testbank::{Options, RevolutBusiness, TestBank};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey,
};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, client, member, send};

pub(super) const REDIRECT_URI: &str = "https://example.com/callback";
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) struct Application {
    pub(super) bank: TestBank,
    pub(super) http: Client,
    pub(super) client_id: String,
}

impl Application {
    pub(super) async fn start() -> Self {
        Self::start_with(Options::default(), REDIRECT_URI, &[]).await
    }

    pub(super) async fn start_with(options: Options, redirect_uri: &str, ip_list: &[&str]) -> Self {
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

    pub(super) fn revolut(&self) -> RevolutBusiness {
        self.bank.revolut_business()
    }

    pub(super) fn code(&self, scopes: &[&str]) -> String {
        let revolut = self.revolut();
        let url = revolut.consent_url(&self.client_id, scopes).unwrap();
        let redirection = revolut.authorise(&url).unwrap();
        let (_, code) = redirection.expose_secret().split_once("code=").unwrap();
        code.to_owned()
    }

    /// The guide's claims, good for a minute by the bank's clock.
    pub(super) fn claims(&self) -> Value {
        json!({
            "iss": "example.com",
            "sub": self.client_id,
            "aud": "https://revolut.com",
            "exp": unix_secs(self.bank.clock().now()) + 60,
        })
    }

    pub(super) fn assertion(&self) -> String {
        sign(key(), &header(), &self.claims())
    }

    pub(super) async fn token_with(&self, grant: &[(&str, &str)], assertion: &str) -> Answer {
        let mut form = grant.to_vec();
        form.push(("client_assertion_type", ASSERTION_TYPE));
        form.push(("client_assertion", assertion));
        self.post(&form).await
    }

    pub(super) async fn exchange(&self, code: &str) -> Answer {
        let grant = [("grant_type", "authorization_code"), ("code", code)];
        self.token_with(&grant, &self.assertion()).await
    }

    pub(super) async fn refresh(&self, refresh_token: &str) -> Answer {
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token_with(&grant, &self.assertion()).await
    }

    /// Consents, exchanges, and returns access and refresh token.
    pub(super) async fn log_in(&self, scopes: &[&str]) -> (String, String) {
        let answer = self.exchange(&self.code(scopes)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        (
            member(&answer, "access_token"),
            member(&answer, "refresh_token"),
        )
    }

    pub(super) async fn post(&self, form: &[(&str, &str)]) -> Answer {
        send(self.post_request(form)).await
    }

    pub(super) fn post_request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        self.http.post(self.revolut().token_endpoint()).form(form)
    }

    pub(super) async fn accounts(&self, access_token: &str) -> Answer {
        send(self.get("/accounts").bearer_auth(access_token)).await
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.revolut().api_base()))
    }
}

pub(super) fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT"})
}

/// The compact form, signed with RS256 whatever the header says.
pub(super) fn sign(key: &KeyPair, header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// One RSA key for all tests of this binary.
pub(super) fn key() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(new_key)
}

pub(super) fn new_key() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

pub(super) fn certificate(key: &KeyPair) -> String {
    certificate_params().self_signed(key).unwrap().pem()
}

/// A country alone, as the guide allows; from 1975 until 4096, rcgen's own limits.
pub(super) fn certificate_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "GB");
    params
}

pub(super) fn unix_secs(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

pub(super) fn at(unix_secs: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(unix_secs)
}
