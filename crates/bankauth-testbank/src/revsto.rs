//! Revsto: the handle, the settings and the routes.

mod hooks;
mod ledger;
mod refusal;
mod scope;
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

use crate::{
    bank::{Bank, State},
    clock,
    desk::{Provider, desk_methods},
    family::{OldAccessToken, Rotation},
    fault::{Endpoint, Fault},
    ip_list::IpList,
    recorder::{Counters, RecordedRequest},
    secret,
};

pub(crate) use ledger::Ledger;

/// The tokens come from another host than that of the API.
const TOKEN_ENDPOINT: &str = "/tagpay/api/distributor/v1/oauth2/token";
const API_BASE: &str = "/revsto/api";

/// Revsto at this test bank: what its staff does, and what a test wants to know. Clones are the same bank.
///
/// `POST /tagpay/api/distributor/v1/oauth2/token` with the grants `password` and `refresh_token`. The bank documents
/// no request that proves a token, only "a simple API call"; here it is the documented list of webhooks,
/// `GET /revsto/api/distributor/v1/hooks`, which asks for the scope `event_management`. The bank's page
/// "Authentication", its FAQ and the documentation of its platform (all read 2026-11-20) say how these behave. Error
/// bodies have the form of the OAuth server that the platform's tokens give away. Where the documents are silent:
///
/// | case | answer |
/// |---|---|
/// | parameter missing or repeated; JSON body; `Authorization` header; anything in the query | 400 `invalid_request` |
/// | grant other than the two | 400 `unsupported_grant_type` |
/// | scope that the bank does not have, or, at a refresh, that the login did not have | 400 `invalid_scope` |
/// | no scope | all seventeen; at a refresh those of the login. The answer never tells the scopes |
/// | caller's address not listed | 400 `invalid_request` without a hint, before any secret is looked at |
/// | client unknown or its secret wrong | 401 `invalid_client` |
/// | user unknown or password wrong | 401 `invalid_credentials` |
/// | refresh token unknown, over, used or another client's | 401 `invalid_request` |
/// | access not enabled | 403 `access_denied`, at the token endpoint and at the API |
/// | access token missing, unknown or over; scope missing | 401; 403 |
/// | refresh | rotates, and the old access token dies at once; [`set_rotation`](Self::set_rotation) and [`set_old_access_token`](Self::set_old_access_token) change that |
/// | used refresh token comes again | it is refused; its successor lives on |
/// | another login | the tokens of earlier ones live on |
/// | IP list | holds for the token endpoint, not for the API; empty lets every address in |
#[derive(Clone)]
pub struct Revsto {
    bank: Arc<Bank>,
}

/// What Revsto hands out to a distributor, for one environment.
///
/// `Debug` shows neither secret nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct RevstoCredentials {
    client_id: String,
    client_secret: String,
    username: String,
    password: String,
}

/// An entry of an IP list is neither an address nor a CIDR pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("IP list: {entry:?} found, an IP address or a pool in CIDR notation expected")]
pub struct IpListError {
    entry: String,
}

impl RevstoCredentials {
    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The user's name.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The client secret.
    pub fn expose_client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The user's password.
    pub fn expose_password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for RevstoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevstoCredentials")
            .field("client_id", &self.client_id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Revsto {
    pub(crate) fn new(bank: Arc<Bank>) -> Self {
        Self { bank }
    }

    /// The URL of the token endpoint.
    pub fn token_endpoint(&self) -> String {
        format!("{}{TOKEN_ENDPOINT}", self.bank.origin)
    }

    /// The base of the API, e.g. for `/distributor/v1/hooks`, without a slash at the end.
    pub fn api_base(&self) -> String {
        format!("{}{API_BASE}", self.bank.origin)
    }

    /// Makes a distributor, with access enabled. The list holds single addresses and CIDR pools.
    ///
    /// # Errors
    ///
    /// When an entry of the list is neither; nothing is kept then.
    pub fn register(&self, ip_list: &[&str]) -> Result<RevstoCredentials, IpListError> {
        let ip_list = IpList::read(ip_list).map_err(|entry| IpListError { entry })?;
        let credentials = RevstoCredentials {
            client_id: secret::hex(16),
            client_secret: secret::hex(64),
            username: format!("api-{}", secret::run_name()),
            password: secret::identifier(),
        };
        self.lock().revsto.register(credentials.clone(), ip_list);
        Ok(credentials)
    }

    /// Enables or disables a distributor's access. Its tokens are refused while it is disabled. `false` when there
    /// is no such client.
    pub fn set_access_enabled(&self, client_id: &str, enabled: bool) -> bool {
        self.lock().revsto.set_enabled(client_id, enabled)
    }

    /// Sets how long an access token lives. Default 300 seconds. Tokens already given keep their end.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.lock().revsto.settings.policy.access_lifetime = lifetime;
    }

    /// Sets how long a refresh token lives. Default 30 days. Tokens already given keep their end.
    pub fn set_refresh_token_lifetime(&self, lifetime: Duration) {
        self.lock().revsto.settings.policy.refresh_lifetime = lifetime;
    }

    /// Sets whether there are refresh tokens at all: the bank says "if supported". Default: there are.
    pub fn set_refresh_supported(&self, supported: bool) {
        self.lock().revsto.settings.refresh_supported = supported;
    }

    /// Sets what a refresh does with the refresh token. Default: [`Rotation::Rotated`].
    pub fn set_rotation(&self, rotation: Rotation) {
        self.lock().revsto.settings.policy.rotation = rotation;
    }

    /// Sets what becomes of an access token when a refresh gives another. Default: it dies at once.
    pub fn set_old_access_token(&self, old: OldAccessToken) {
        self.lock().revsto.settings.policy.old_access_token = old;
    }

    /// Makes the token endpoint believe that all calls come from this address. `None` goes back to the socket's.
    pub fn set_peer_address(&self, address: Option<IpAddr>) {
        self.lock().revsto.settings.peer_address = address;
    }

    /// Ends the refresh tokens of a client, and returns how many there were. Access tokens live on to their end.
    pub fn end_refresh_tokens(&self, client_id: &str) -> usize {
        self.lock().revsto.end_refresh_tokens(client_id)
    }

    /// Ends the access tokens of a client, and returns how many there were.
    pub fn end_access_tokens(&self, client_id: &str) -> usize {
        let now = self.bank.clock.now();
        self.lock().revsto.end_access_tokens(client_id, now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.bank.lock()
    }
}

desk_methods!(Revsto, Provider::Revsto);

impl fmt::Debug for Revsto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revsto")
            .field("api_base", &self.api_base())
            .finish_non_exhaustive()
    }
}

pub(crate) fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route(TOKEN_ENDPOINT, post(token::answer))
        .route("/revsto/api/distributor/v1/hooks", get(hooks::list))
        .route("/revsto/api/{*rest}", any(hooks::unknown))
}

/// The part of the bank that answers at this path.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    match path {
        TOKEN_ENDPOINT => Some(Endpoint::Token),
        path if path.starts_with("/revsto/") => Some(Endpoint::Api),
        _ => None,
    }
}
