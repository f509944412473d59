//! Mutual TLS, and Tatra banka's PSD2 products behind it.

use bankauth_testbank::{
    Options, StartError, TatraBankaApplication, TatraBankaCredentials, TatraBankaProduct, TestBank,
};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose,
    IsCa, KeyPair,
};
use reqwest::{Client, RequestBuilder, StatusCode};
use sha2::{Digest, Sha256};

use crate::client::{ask, client, client_with, member, send};

const PSD2: TatraBankaProduct = TatraBankaProduct::Psd2;
const REDIRECT_URI: &str = "https://example.com/callback";

/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn certificate() -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["tpp.example".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap(), key)
}

struct Provider {
    bank: TestBank,
    http: Client,
    certificate: Certificate,
    credentials: TatraBankaCredentials,
}

impl Provider {
    async fn start() -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let (certificate, key) = certificate();
        let application = TatraBankaApplication::third_party()
            .with_scopes(&["AIS", "PIS"])
            .with_redirect_uri(REDIRECT_URI)
            .with_certificate(certificate.pem());
        let credentials = bank.tatrabanka().register(application).unwrap();
        let http = client_with(&bank, &certificate, &key);
        Self {
            bank,
            http,
            certificate,
            credentials,
        }
    }

    fn token(&self, http: &Client, form: &[(&str, &str)]) -> RequestBuilder {
        let request = http
            .post(self.bank.tatrabanka().token_endpoint(PSD2))
            .form(form);
        request.basic_auth(
            self.credentials.client_id(),
            self.credentials.expose_client_secret(),
        )
    }

    fn api(&self, http: &Client, path: &str, token: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.bank.tatrabanka().api_base(PSD2));
        http.get(url).bearer_auth(token).header("X-Request-ID", "1")
    }
}

#[tokio::test]
async fn a_connection_needs_a_certificate_and_its_key() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let url = format!("{}/control/clock", bank.mutual_tls_url());
    assert_ne!(bank.mutual_tls_url(), bank.base_url());
    assert!(client(&bank).get(&url).send().await.is_err());
    let (certificate, key) = certificate();
    let http = client_with(&bank, &certificate, &key);
    assert_eq!(send(http.get(&url)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_ca_that_signs_the_clients() {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let bank = TestBank::start(Options::default().with_client_ca(ca.pem()))
        .await
        .unwrap();
    let url = format!("{}/control/clock", bank.mutual_tls_url());

    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["tpp.example".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let signed = params.signed_by(&key, &ca).unwrap();
    assert_eq!(
        send(client_with(&bank, &signed, &key).get(&url))
            .await
            .status,
        StatusCode::OK
    );
    let (certificate, key) = certificate();
    assert!(
        client_with(&bank, &certificate, &key)
            .get(&url)
            .send()
            .await
            .is_err()
    );

    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let error = TestBank::start(Options::default().with_client_ca(pem))
            .await
            .unwrap_err();
        assert!(matches!(error, StartError::ClientCa(_)), "{error:?}");
        assert_eq!(
            error.to_string(),
            "cannot use the CA for client certificates"
        );
    }
}

#[tokio::test]
async fn from_certificate_to_accounts() {
    let app = Provider::start().await;
    let tatra = app.bank.tatrabanka();
    let form = [("grant_type", "client_credentials"), ("scope", "AIS")];
    let application = member(&send(app.token(&app.http, &form)).await, "access_token");
    let url = format!("{}/v3/consents", tatra.api_base(PSD2));
    let request = app
        .http
        .post(url)
        .bearer_auth(&application)
        .header("X-Request-ID", "1");
    let consent = member(&send(request.body("{}")).await, "consentId");

    // A browser, without a certificate, opens the page at the other listener.
    let page = format!(
        "{}?client_id={}&response_type=code&redirect_uri={REDIRECT_URI}&scope=AIS:{consent}&code_challenge={CHALLENGE}&code_challenge_method=S256",
        tatra.authorisation_page(PSD2).unwrap(),
        app.credentials.client_id()
    );
    assert!(page.starts_with(app.bank.base_url()));
    assert_eq!(
        send(client(&app.bank).get(&page)).await.status,
        StatusCode::OK
    );
    let redirection = tatra.authorise(&page).unwrap();
    let code = crate::client::parameter(&redirection, "code").unwrap();

    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let access = member(&send(app.token(&app.http, &form)).await, "access_token");
    assert_eq!(
        send(app.api(&app.http, "/v1/accounts", &access))
            .await
            .status,
        StatusCode::OK
    );

    // A token that others got hold of is of no use to them.
    let (certificate, key) = certificate();
    let thief = client_with(&app.bank, &certificate, &key);
    let answer = send(app.api(&thief, "/v1/accounts", &access)).await;
    assert_eq!(answer.text(), r#"401 {"errorCode":"TOKEN_INVALID"}"#);
}

#[tokio::test]
async fn psd2_knows_the_client_by_its_certificate() {
    let app = Provider::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", "AIS")];
    let (other, key) = certificate();
    let other = client_with(&app.bank, &other, &key);
    assert_eq!(
        send(app.token(&other, &form)).await.json()["error"],
        "invalid_client"
    );
    // The other listener does not help: there is no certificate at all.
    let url = app.bank.tatrabanka().token_endpoint(PSD2);
    let url = url.replace(app.bank.mutual_tls_url(), app.bank.base_url());
    let request = client(&app.bank).post(url).form(&form);
    let request = request.basic_auth(
        app.credentials.client_id(),
        app.credentials.expose_client_secret(),
    );
    assert_eq!(send(request).await.json()["error"], "invalid_client");
}

#[tokio::test]
async fn fingerprints_are_recorded() {
    let app = Provider::start().await;
    let form = [("grant_type", "client_credentials"), ("scope", "AIS")];
    send(app.token(&app.http, &form)).await;
    let premium = app
        .bank
        .tatrabanka()
        .token_endpoint(TatraBankaProduct::Premium);
    send(client(&app.bank).post(premium)).await;
    let expected: [u8; 32] = Sha256::digest(app.certificate.der()).into();
    let requests = app.bank.tatrabanka().requests();
    let recorded: Vec<_> = requests
        .iter()
        .map(|request| request.client_certificate_sha256())
        .collect();
    assert_eq!(recorded, [Some(expected), None]);

    let requests = ask(&app.bank, &client(&app.bank), "/tatrabanka/requests").await;
    let hex: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(requests[0]["client_certificate_sha256"], hex);
    assert_eq!(requests[1].get("client_certificate_sha256"), None);
}
