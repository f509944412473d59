//! An application that uses the bank.

use bankauth_testbank::{
    Options, Redirection, TatraBanka, TatraBankaApplication, TatraBankaCredentials,
    TatraBankaProduct, TestBank,
};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;
use url::Url;

use crate::client::{Answer, client, member, parameter, send};

pub(super) const REDIRECT_URI: &str = "https://example.com/callback?from=bank";

/// The pair of RFC 7636 appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(super) struct Application {
    pub(super) bank: TestBank,
    pub(super) http: Client,
    pub(super) credentials: TatraBankaCredentials,
}

impl Application {
    pub(super) async fn consumer() -> Self {
        Self::start(TatraBankaApplication::final_consumer()).await
    }

    pub(super) async fn start(application: TatraBankaApplication) -> Self {
        let bank = TestBank::start(Options::default()).await.unwrap();
        let application = application.with_redirect_uri(REDIRECT_URI);
        let credentials = bank.tatrabanka().register(application).unwrap();
        let http = client(&bank);
        Self {
            bank,
            http,
            credentials,
        }
    }

    pub(super) fn tatra(&self) -> TatraBanka {
        self.bank.tatrabanka()
    }

    pub(super) fn id(&self) -> &str {
        self.credentials.client_id()
    }

    pub(super) fn secret(&self) -> &str {
        self.credentials.expose_client_secret().unwrap()
    }

    /// The query of the authorisation page, with these parameters instead of the usual ones; empty ones are left out.
    pub(super) fn page(&self, changed: &[(&str, &str)]) -> String {
        let page = self
            .tatra()
            .authorisation_page(TatraBankaProduct::Premium)
            .unwrap();
        let usual = [
            ("client_id", self.id()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "PREMIUM_AIS"),
            ("state", "a state/with=signs&é"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut url = Url::parse(&page).unwrap();
        for (name, value) in usual {
            let changed = changed.iter().find(|(found, _)| *found == name);
            let value = changed.map_or(value, |(_, value)| value);
            if !value.is_empty() {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url.into()
    }

    pub(super) fn authorise(&self, changed: &[(&str, &str)]) -> Redirection {
        self.tatra().authorise(&self.page(changed)).unwrap()
    }

    pub(super) fn code(&self, scope: &str) -> String {
        parameter(&self.authorise(&[("scope", scope)]), "code").unwrap()
    }

    pub(super) fn token_request(
        &self,
        product: TatraBankaProduct,
        form: &[(&str, &str)],
    ) -> RequestBuilder {
        self.http
            .post(self.tatra().token_endpoint(product))
            .form(form)
    }

    /// With HTTP Basic, at Premium.
    pub(super) async fn post(&self, form: &[(&str, &str)]) -> Answer {
        let request = self.token_request(TatraBankaProduct::Premium, form);
        send(request.basic_auth(self.id(), Some(self.secret()))).await
    }

    pub(super) async fn exchange(&self, code: &str) -> Answer {
        self.post(&exchange(code)).await
    }

    pub(super) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post(&refresh(refresh_token)).await
    }

    pub(super) async fn application_token(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "PREMIUM_AIS"),
        ];
        member(&self.post(&form).await, "access_token")
    }

    /// Access and refresh token.
    pub(super) async fn log_in(&self, scope: &str) -> (String, String) {
        let answer = self.exchange(&self.code(scope)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        (
            member(&answer, "access_token"),
            member(&answer, "refresh_token"),
        )
    }

    pub(super) async fn accounts(&self, access_token: &str) -> Answer {
        let url = format!(
            "{}/v3/accounts",
            self.tatra().api_base(TatraBankaProduct::Premium)
        );
        let request = self.http.get(url).bearer_auth(access_token);
        send(request.header("X-Request-ID", "1")).await
    }

    pub(super) async fn new_consent(&self) -> Answer {
        let url = format!(
            "{}/v3/consents",
            self.tatra().api_base(TatraBankaProduct::Premium)
        );
        let request = self
            .http
            .post(url)
            .bearer_auth(self.application_token().await);
        send(
            request
                .header("X-Request-ID", "1")
                .json(&json!({"combinedServiceIndicator": true})),
        )
        .await
    }

    pub(super) async fn delete_consent(&self, id: &str) -> Answer {
        let url = format!(
            "{}/v1/consents/{id}",
            self.tatra().api_base(TatraBankaProduct::Premium)
        );
        let request = self
            .http
            .delete(url)
            .bearer_auth(self.application_token().await);
        send(request.header("X-Request-ID", "1")).await
    }
}

pub(super) fn exchange(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

pub(super) fn refresh(refresh_token: &str) -> [(&str, &str); 2] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ]
}
