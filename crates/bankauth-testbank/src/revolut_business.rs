//! Revolut Business: the handle, the settings and the routes.

mod accounts;
mod assertion;
mod consent;
mod ledger;
mod registration;
mod token;

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    routing::{any, get, post},
};
use serde::Deserialize;
use url::form_urlencoded;

use crate::{
    bank::{Bank, State},
    clock,
    decision::{Decision, Redirection},
    desk::{Provider, desk_methods},
    family::OldAccessToken,
    fault::{Endpoint, Fault},
    recorder::{Counters, RecordedRequest},
};

pub(crate) use ledger::Ledger;
pub use {
    consent::ConsentError,
    registration::{ClientId, UploadError},
};

const CONSENT_PAGE: &str = "/app-confirm";
const API_BASE: &str = "/api/1.0";
const TOKEN_ENDPOINT: &str = "/api/1.0/auth/token";

/// The environment that the bank plays. It shows in the prefix of codes and tokens.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Environment {
    /// Codes and tokens begin with `oa_sand_`.
    #[default]
    Sandbox,
    /// Codes and tokens begin with `oa_prod_`.
    Production,
}

impl Environment {
    fn token_prefix(self) -> &'static str {
        match self {
            Self::Sandbox => "oa_sand_",
            Self::Production => "oa_prod_",
        }
    }
}

/// The plan of the business, which decides how long a refresh token lives.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plan {
    /// The refresh token has no end.
    #[default]
    Standard,
    /// The refresh token ends 90 days after the consent.
    Freelancer,
}

/// The form of the API's errors (its OpenAPI description, read 2026-11-20).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorShape {
    /// As the bank's guide shows them: a `message`, and a `code` with some.
    #[default]
    Old,
    /// As the API's description shows them since 2026-03-30: `error_id`, `code` and `message`.
    New,
}

/// Revolut Business at this test bank: what a person does in the bank's web app, and what a test wants to know.
/// Clones are the same bank.
///
/// `GET` and `POST /app-confirm`, `POST /api/1.0/auth/token`, `GET /api/1.0/accounts`. The bank's guide "Make your
/// first API request" and the description of its API (both read 2026-11-20) say how these behave. Where they are
/// silent, the test bank does this:
///
/// | case | answer |
/// |---|---|
/// | wrong `sub`, signature, `alg`, `typ`; no `exp`; certificate over | 400 `unauthorized_client`, "Failed to authorise client" |
/// | wrong `iss`; wrong `aud`; `exp` that is no whole number; not three parts | 400 `invalid_request` |
/// | body that is no form | 400 `invalid_client`, "client_id is missing" |
/// | parameter missing or repeated; `Authorization` header; `client_id` that is not `sub` | 400 `invalid_request` |
/// | code or refresh token unknown, over, used, or another client's | 400 `invalid_grant` |
/// | consent without `scope` | READ, WRITE and PAY; not READ_SENSITIVE_CARD_DATA, which needs an IP list |
/// | IP list | holds for the API, not for the token endpoint |
/// | consent again | the tokens of earlier consents live on |
/// | unknown path below `/api/` | 401 or 403 as anywhere, else 404 |
#[derive(Clone)]
pub struct RevolutBusiness {
    bank: Arc<Bank>,
}

impl RevolutBusiness {
    pub(crate) fn new(bank: Arc<Bank>) -> Self {
        Self { bank }
    }

    /// The URL of the token endpoint.
    pub fn token_endpoint(&self) -> String {
        format!("{}{TOKEN_ENDPOINT}", self.bank.origin)
    }

    /// The URL of the consent page, without a query.
    pub fn consent_page(&self) -> String {
        format!("{}{CONSENT_PAGE}", self.bank.origin)
    }

    /// The base of the API, e.g. for `/accounts`, without a slash at the end.
    pub fn api_base(&self) -> String {
        format!("{}{API_BASE}", self.bank.origin)
    }

    /// Uploads a certificate, as a person does in the web app, and returns the client id that the app shows.
    ///
    /// `ip_list` holds single addresses and CIDR pools; empty means that any address may call the API. Uploading
    /// the same certificate again gives another client.
    ///
    /// # Errors
    ///
    /// When the certificate, the redirect URI or the IP list is not what the bank takes; nothing is kept then.
    pub fn upload_certificate(
        &self,
        pem: &str,
        redirect_uri: &str,
        ip_list: &[&str],
    ) -> Result<ClientId, UploadError> {
        let now = self.bank.clock.now();
        let client = registration::Client::read(pem, redirect_uri, ip_list, now)?;
        Ok(self.ledger().revolut_business.register(client))
    }

    /// The URL of the consent page for this client, as *Enable access* in the web app opens it. No scopes: the user
    /// grants full rights. The scopes are not checked here; refusing them is the page's part.
    ///
    /// # Errors
    ///
    /// [`ConsentError::UnknownClient`].
    pub fn consent_url(&self, client_id: &str, scopes: &[&str]) -> Result<String, ConsentError> {
        let state = self.ledger();
        let client = state.revolut_business.client(client_id);
        let (_, client) = client.ok_or(ConsentError::UnknownClient)?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &client.redirect_uri)
            .append_pair("response_type", "code");
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes.join(","));
        }
        Ok(format!("{}?{}", self.consent_page(), query.finish()))
    }

    /// Opens the consent page at this URL, presses *Authorise*, and returns where the bank sends the browser.
    ///
    /// # Errors
    ///
    /// When the page refuses the request, or the URL is not that of this bank's consent page.
    pub fn authorise(&self, consent_url: &str) -> Result<Redirection, ConsentError> {
        consent::decide(&self.bank, consent_url, Decision::Authorise)
    }

    /// As [`authorise`](Self::authorise), but presses *Deny*: the browser goes back with `error=access_denied`.
    ///
    /// # Errors
    ///
    /// As [`authorise`](Self::authorise).
    pub fn deny(&self, consent_url: &str) -> Result<Redirection, ConsentError> {
        consent::decide(&self.bank, consent_url, Decision::Deny)
    }

    /// Sets how long an authorization code lives. Default 2 minutes. Codes already given keep their end.
    pub fn set_code_lifetime(&self, lifetime: Duration) {
        self.ledger().revolut_business.settings.code_lifetime = lifetime;
    }

    /// Sets how long an access token lives. Default 2399 seconds; `expires_in` shows the whole seconds of it.
    /// Tokens already given keep their end.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.ledger()
            .revolut_business
            .settings
            .access_token_lifetime = lifetime;
    }

    /// Sets the plan of the business, for all its clients and at once.
    pub fn set_plan(&self, plan: Plan) {
        self.ledger().revolut_business.settings.plan = plan;
    }

    /// Sets the form of the API's errors.
    pub fn set_error_shape(&self, shape: ErrorShape) {
        self.ledger().revolut_business.settings.error_shape = shape;
    }

    /// Sets what becomes of an access token when a refresh gives another. Default: it dies at once, as at the bank.
    pub fn set_old_access_token(&self, old: OldAccessToken) {
        self.ledger().revolut_business.settings.old_access_token = old;
    }

    /// Makes the API believe that all calls come from this address, when it looks at a client's IP list. `None`
    /// goes back to the socket's address, which is the loopback one.
    pub fn set_peer_address(&self, address: Option<IpAddr>) {
        self.ledger().revolut_business.settings.peer_address = address;
    }

    /// Ends the refresh tokens of a client, and returns how many there were. Access tokens live on to their end.
    pub fn end_refresh_tokens(&self, client_id: &str) -> usize {
        self.ledger().revolut_business.end_refresh_tokens(client_id)
    }

    /// Ends the access tokens of a client, as another holder's refresh does, and returns how many there were.
    pub fn end_access_tokens(&self, client_id: &str) -> usize {
        self.ledger().revolut_business.end_access_tokens(client_id)
    }

    fn ledger(&self) -> MutexGuard<'_, State> {
        self.bank.lock()
    }
}

desk_methods!(RevolutBusiness, Provider::RevolutBusiness);

impl fmt::Debug for RevolutBusiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevolutBusiness")
            .field("api_base", &self.api_base())
            .finish_non_exhaustive()
    }
}

pub(crate) fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route(CONSENT_PAGE, get(consent::show).post(consent::press))
        .route(TOKEN_ENDPOINT, post(token::answer))
        .route("/api/1.0/accounts", get(accounts::list))
        .route("/api/{*rest}", any(accounts::unknown))
}

/// The part of the bank that answers at this path.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    match path {
        CONSENT_PAGE => Some(Endpoint::Consent),
        TOKEN_ENDPOINT => Some(Endpoint::Token),
        path if path.starts_with("/api/") => Some(Endpoint::Api),
        _ => None,
    }
}
