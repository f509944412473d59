//! Tatra banka: the handle, the settings and the routes.

mod api;
mod authorisation;
mod client;
mod consents;
mod ledger;
mod product;
mod registration;
mod token;

use std::{
    fmt,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use axum::{
    Extension, Router,
    routing::{any, delete, get, post},
};

use crate::{
    bank::{Bank, State},
    clock,
    decision::{Decision, Redirection},
    desk::{Provider, desk_methods},
    family::{OldAccessToken, Rotation},
    fault::{Endpoint, Fault},
    recorder::{Counters, RecordedRequest},
    revolut_business::Environment,
};

pub(crate) use ledger::Ledger;
pub use {
    authorisation::AuthorisationError,
    product::TatraBankaProduct,
    registration::{TatraBankaApplication, TatraBankaApplicationError, TatraBankaCredentials},
};

const AUTHORIZE: &str = "/auth/oauth/v2/authorize";
const TOKEN: &str = "/auth/oauth/v2/token";

/// Tatra banka at this test bank: what a person does in the developer portal and on the authorisation page, and what
/// a test wants to know. Clones are the same bank.
///
/// Each [`TatraBankaProduct`] has its own base, and below it `POST /auth/oauth/v2/token`. Premium and PSD2 have
/// `GET /auth/oauth/v2/authorize`, consents for third parties (`POST /v3/consents` with an application token, or as
/// before `POST /v1/consents` with HTTP Basic; `DELETE /v1/consents/{id}`), and the list of accounts that proves a
/// user's token: `GET /v3/accounts` at Premium, `GET /v1/accounts` at PSD2. No request is documented that proves a
/// token of Identity or TatraPayPlus; there every path below the base does, with `{}`. The bank's pages
/// "Authorization API" and "Premium API" (read 2026-11-20) and what others met say how these behave. Where they are
/// silent:
///
/// | case | answer |
/// |---|---|
/// | secret in the query; two ways to authenticate; parameter missing or repeated; body that is no form | 400 `invalid_request` |
/// | client unknown, wrong secret, a secret from a public client; at PSD2 another certificate than the registered one, or none | 401 `invalid_client` |
/// | application token for a public client | 400 `unauthorized_client` |
/// | scope missing, of another product, not selected for the application, more than one | 400 `invalid_scope` |
/// | code or refresh token unknown, over, used, another client's, or of a consent that is gone; wrong `code_verifier` | 400 `invalid_grant` |
/// | redirect URI at the exchange missing or not byte for byte the one before | 400 `invalid_redirect_uri`; the code stays good |
/// | code again | its tokens are revoked |
/// | authorisation with an unknown client or redirect URI | a page; everything else goes to the redirect URI as `error`, with `state` |
/// | `PREMIUM_AIS` and `AIS`: bare for a third party, or with a consent for a final consumer | `invalid_scope` |
/// | scopes for payments | bare, or with any id |
/// | access token in the query | not looked at: 401 `TOKEN_INVALID` |
/// | token missing, unknown, over, of another product; an application token at the accounts; a user's at the consents | 401 `TOKEN_INVALID` |
/// | user's token without the scope, or of a consent that is gone | 403 `NO_AUTHORIZATION` |
/// | no contract | 403 `NO_CONTRACT`, after the token is looked at |
/// | `X-Request-ID` missing; `Consent-ID` given | 400 `FORMAT_ERROR`; 404 at Premium |
/// | lifetimes | code 5 minutes, access token 1 hour (TatraPayPlus 24 hours), refresh token 90 days |
/// | refresh | rotates, the old access token dies at once, and a used refresh token that comes again revokes the family; all can be set |
/// | payments | a refresh token comes along, and is refused when used |
#[derive(Clone)]
pub struct TatraBanka {
    bank: Arc<Bank>,
}

impl TatraBanka {
    pub(crate) fn new(bank: Arc<Bank>) -> Self {
        Self { bank }
    }

    /// The base of a product's API, e.g. for `/v3/accounts`, without a slash at the end. That of PSD2 is at the
    /// listener for mutual TLS.
    pub fn api_base(&self, product: TatraBankaProduct) -> String {
        let origin = match product {
            TatraBankaProduct::Psd2 => &self.bank.mutual_tls_origin,
            _ => &self.bank.origin,
        };
        format!("{origin}{}", product.base(self.bank.environment))
    }

    /// The URL of a product's token endpoint.
    pub fn token_endpoint(&self, product: TatraBankaProduct) -> String {
        format!("{}{TOKEN}", self.api_base(product))
    }

    /// The URL of a product's authorisation page, without a query; `None` for a product without users. A browser
    /// opens it, so it asks for no client certificate.
    pub fn authorisation_page(&self, product: TatraBankaProduct) -> Option<String> {
        let base = product.base(self.bank.environment);
        product
            .has_users()
            .then(|| format!("{}{base}{AUTHORIZE}", self.bank.origin))
    }

    /// Saves an application in the developer portal, which makes its client id and secret.
    ///
    /// # Errors
    ///
    /// When the application is not what the portal takes; nothing is kept then.
    pub fn register(
        &self,
        application: TatraBankaApplication,
    ) -> Result<TatraBankaCredentials, TatraBankaApplicationError> {
        let client = application.check()?;
        Ok(self.lock().tatrabanka.register(client))
    }

    /// Opens the authorisation page at this URL, presses *Authorise*, and returns where the bank sends the browser:
    /// with a code, or with the error that the request is.
    ///
    /// # Errors
    ///
    /// When the bank shows a page instead of sending the browser back, or the URL is that of no authorisation page.
    pub fn authorise(&self, url: &str) -> Result<Redirection, AuthorisationError> {
        authorisation::decide(&self.bank, url, Decision::Authorise)
    }

    /// As [`authorise`](Self::authorise), but presses *Deny*: the browser goes back with `error=access_denied`.
    ///
    /// # Errors
    ///
    /// As [`authorise`](Self::authorise).
    pub fn deny(&self, url: &str) -> Result<Redirection, AuthorisationError> {
        authorisation::decide(&self.bank, url, Decision::Deny)
    }

    /// Sets whether a client has a contract for the API. Default: it has. `false` when there is no such client.
    pub fn set_contract(&self, client_id: &str, contract: bool) -> bool {
        self.lock().tatrabanka.set_contract(client_id, contract)
    }

    /// Ends a consent, as the user does in internet banking. `false` when there is no such consent.
    pub fn end_consent(&self, consent_id: &str) -> bool {
        self.lock().tatrabanka.end_consent(consent_id)
    }

    /// Sets how long an authorization code lives. Default 5 minutes. Codes already given keep their end.
    pub fn set_code_lifetime(&self, lifetime: Duration) {
        self.lock().tatrabanka.settings.code_lifetime = lifetime;
    }

    /// Sets how long access tokens of all products live. Tokens already given keep their end.
    pub fn set_access_token_lifetime(&self, lifetime: Duration) {
        self.lock().tatrabanka.settings.access_lifetime = Some(lifetime);
    }

    /// Sets how long a refresh token lives. Default 90 days. Tokens already given keep their end.
    pub fn set_refresh_token_lifetime(&self, lifetime: Duration) {
        self.lock().tatrabanka.settings.policy.refresh_lifetime = lifetime;
    }

    /// Sets what a refresh does with the refresh token. Default: [`Rotation::Rotated`].
    pub fn set_rotation(&self, rotation: Rotation) {
        self.lock().tatrabanka.settings.policy.rotation = rotation;
    }

    /// Sets whether a used refresh token that comes again revokes its whole family, access tokens included (RFC 9700
    /// section 4.14.2). Default: it does. If not, it is refused alone.
    pub fn set_reuse_revokes(&self, revokes: bool) {
        self.lock().tatrabanka.settings.policy.revoke_on_reuse = revokes;
    }

    /// Sets for how long a used refresh token is still as good as its successor. Default: not at all.
    pub fn set_grace_period(&self, grace: Duration) {
        self.lock().tatrabanka.settings.policy.grace = grace;
    }

    /// Sets what becomes of an access token when a refresh gives another. Default: it dies at once.
    pub fn set_old_access_token(&self, old: OldAccessToken) {
        self.lock().tatrabanka.settings.policy.old_access_token = old;
    }

    /// Sets whether a refresh token comes with a token for payments; none can be used. Default: it does.
    pub fn set_refresh_token_for_payments(&self, comes: bool) {
        self.lock().tatrabanka.settings.refresh_for_payments = comes;
    }

    /// Ends the refresh tokens of a client, and returns how many there were. Access tokens live on to their end.
    pub fn end_refresh_tokens(&self, client_id: &str) -> usize {
        self.lock().tatrabanka.end_refresh_tokens(client_id)
    }

    /// Ends the access tokens of a client, and returns how many there were.
    pub fn end_access_tokens(&self, client_id: &str) -> usize {
        let now = self.bank.clock.now();
        self.lock().tatrabanka.end_access_tokens(client_id, now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.bank.lock()
    }
}

desk_methods!(TatraBanka, Provider::TatraBanka);

impl fmt::Debug for TatraBanka {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TatraBanka")
            .field("api_base", &self.api_base(TatraBankaProduct::Premium))
            .finish_non_exhaustive()
    }
}

/// The paths of this environment. Those of the other one are not known here.
pub(crate) fn routes(environment: Environment) -> Router<Arc<Bank>> {
    let mut routes = Router::new();
    for product in TatraBankaProduct::ALL {
        let mut part = Router::new().route(TOKEN, post(token::answer));
        part = match product {
            TatraBankaProduct::Premium => part.route("/v3/accounts", get(api::accounts)),
            TatraBankaProduct::Psd2 => part.route("/v1/accounts", get(api::accounts)),
            _ => part.route("/{*rest}", any(api::proof)),
        };
        if product.has_users() {
            part = part
                .route(
                    AUTHORIZE,
                    get(authorisation::show).post(authorisation::press),
                )
                .route("/v1/consents", post(consents::create_by_secret))
                .route("/v3/consents", post(consents::create))
                .route("/v1/consents/{id}", delete(consents::delete));
        }
        routes = routes.nest(&product.base(environment), part.layer(Extension(*product)));
    }
    routes
}

/// The part of the bank that answers at this path.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    let path = path.strip_prefix("/tatrabanka/")?;
    Some(if path.ends_with(TOKEN.trim_start_matches('/')) {
        Endpoint::Token
    } else if path.ends_with(AUTHORIZE.trim_start_matches('/')) {
        Endpoint::Consent
    } else {
        Endpoint::Api
    })
}
