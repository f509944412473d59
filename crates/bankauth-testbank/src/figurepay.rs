//! Figure Pay: the handle, the settings and the routes.

mod api;
mod ledger;
mod token;
mod version;

use std::{
    fmt,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    routing::{any, post},
};

use crate::{
    bank::{Bank, State},
    clock,
    desk::{Provider, desk_methods},
    fault::{Endpoint, Fault},
    recorder::{Counters, RecordedRequest},
    secret,
};

pub(crate) use ledger::Ledger;
pub use version::{VersionError, VersionState};

const BASE: &str = "/figurepay";
const TOKEN_ENDPOINT: &str = "/figurepay/oauth2/token";

/// Figure Pay at this test bank: what its staff does, and what a test wants to know. Clones are the same bank.
///
/// `POST /figurepay/oauth2/token` with the grant `client_credentials`, and the API at every other path below
/// `/figurepay/`. The bank documents no request that proves a token, so here every path does: `{}` for who may call.
/// The bank's pages "Authentication" and "API overview" (both read 2026-11-20) say how these behave. Where they are
/// silent, error bodies above all, the test bank does this:
///
/// | case | answer |
/// |---|---|
/// | secret or anything else in the query; `Authorization` header; body that is no form; parameter missing or repeated | 400 `invalid_request` |
/// | grant other than the one | 400 `unsupported_grant_type` |
/// | client unknown, its secret wrong, or its access deactivated | 401 `invalid_client` |
/// | `scope` and other parameters | ignored |
/// | access token missing, unknown, over, or of a client whose access is deactivated | 401 `invalid_token`, with `WWW-Authenticate` |
/// | header `X-FigurePay-Api-Version` missing, or no date | 400 `invalid_request`, at the API; the token endpoint does not look at it |
/// | version deprecated | `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) with every answer of the API |
/// | version removed, or its sunset over | 410 `gone`, before the token is looked at |
/// | another token | earlier ones live on |
#[derive(Clone)]
pub struct FigurePay {
    bank: Arc<Bank>,
}

/// What Figure Pay hands out at onboarding, for one environment.
///
/// `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct FigurePayCredentials {
    client_id: String,
    client_secret: String,
}

impl FigurePayCredentials {
    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client secret.
    pub fn expose_client_secret(&self) -> &str {
        &self.client_secret
    }
}

impl fmt::Debug for FigurePayCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FigurePayCredentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl FigurePay {
    pub(crate) fn new(bank: Arc<Bank>) -> Self {
        Self { bank }
    }

    /// The URL of the token endpoint.
    pub fn token_endpoint(&self) -> String {
        format!("{}{TOKEN_ENDPOINT}", self.bank.origin)
    }

    /// The base of the API, without a slash at the end.
    pub fn api_base(&self) -> String {
        format!("{}{BASE}", self.bank.origin)
    }

    /// Makes a client.
    pub fn register(&self) -> FigurePayCredentials {
        let credentials = FigurePayCredentials {
            client_id: secret::uuid(),
            client_secret: secret::alphanumeric(48),
        };
        self.lock().figurepay.register(credentials.clone());
        credentials
    }

    /// Deactivates a client's access, as the bank does when told of a leak, or activates it again: tokens that are
    /// not over are good again then. `false` when there is no such client.
    pub fn set_active(&self, client_id: &str, active: bool) -> bool {
        self.lock().figurepay.set_active(client_id, active)
    }

    /// Sets how long an access token lives. Default one hour. Tokens already given keep their end.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.lock().figurepay.access_token_lifetime = lifetime;
    }

    /// Sets whether the token answer holds `token_type` and `expires_in` too. Default: only the `access_token`, as in
    /// the bank's sample.
    pub fn set_full_answer(&self, full: bool) {
        self.lock().figurepay.full_answer = full;
    }

    /// Sets what becomes of a version of the API, e.g. `2024-01-31`. Default: every version is current.
    ///
    /// # Errors
    ///
    /// When the version is no date.
    pub fn set_version(&self, version: &str, state: VersionState) -> Result<(), VersionError> {
        self.lock().figurepay.versions.set(version, state)
    }

    /// Ends the access tokens of a client, and returns how many there were.
    pub fn end_access_tokens(&self, client_id: &str) -> usize {
        let now = self.bank.clock.now();
        self.lock().figurepay.end_access_tokens(client_id, now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.bank.lock()
    }
}

desk_methods!(FigurePay, Provider::FigurePay);

impl fmt::Debug for FigurePay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FigurePay")
            .field("api_base", &self.api_base())
            .finish_non_exhaustive()
    }
}

pub(crate) fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route(TOKEN_ENDPOINT, post(token::answer))
        .route("/figurepay/{*rest}", any(api::answer))
}

/// The part of the bank that answers at this path.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    match path {
        TOKEN_ENDPOINT => Some(Endpoint::Token),
        path if path.starts_with("/figurepay/") => Some(Endpoint::Api),
        _ => None,
    }
}
