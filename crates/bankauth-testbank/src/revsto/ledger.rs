//! The bank's books: distributors and tokens. Pure: the time comes in, nothing goes out.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::RevstoCredentials;
use crate::{
    clock::later,
    date,
    desk::Desk,
    family::{Families, NotRefreshed, OldAccessToken, Policy, Rotation},
    ip_list::IpList,
    secret,
};

/// Five minutes (the bank's page, read 2026-11-20).
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(300);

/// The platform's default (its documentation, read 2026-11-20).
const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

pub(crate) struct Settings {
    pub(crate) policy: Policy,
    pub(crate) refresh_supported: bool,
    pub(crate) peer_address: Option<IpAddr>,
}

pub(crate) struct Ledger {
    pub(crate) settings: Settings,
    pub(crate) desk: Desk,
    distributors: Vec<Distributor>,
    families: Families<Holder>,
}

pub(super) struct Distributor {
    pub(super) credentials: RevstoCredentials,
    pub(super) ip_list: IpList,
    pub(super) enabled: bool,
}

/// Whose a token is, and what it allows.
pub(super) struct Holder {
    pub(super) client_id: String,
    pub(super) scopes: Vec<&'static str>,
}

/// The members of a token answer that differ from one to the next.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
    pub(super) refresh_token: Option<String>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            settings: Settings {
                policy: Policy {
                    access_lifetime: ACCESS_TOKEN_LIFETIME,
                    refresh_lifetime: REFRESH_TOKEN_LIFETIME,
                    rotation: Rotation::Rotated,
                    revoke_on_reuse: false,
                    grace: Duration::ZERO,
                    old_access_token: OldAccessToken::DiesAfter(Duration::ZERO),
                },
                refresh_supported: true,
                peer_address: None,
            },
            desk: Desk::default(),
            distributors: Vec::new(),
            families: Families::default(),
        }
    }
}

impl Ledger {
    pub(super) fn register(&mut self, credentials: RevstoCredentials, ip_list: IpList) {
        self.distributors.push(Distributor {
            credentials,
            ip_list,
            enabled: true,
        });
    }

    pub(super) fn distributor(&self, client_id: &str) -> Option<&Distributor> {
        let mut distributors = self.distributors.iter();
        distributors.find(|distributor| distributor.credentials.client_id == client_id)
    }

    pub(super) fn set_enabled(&mut self, client_id: &str, enabled: bool) -> bool {
        let mut distributors = self.distributors.iter_mut();
        let found = distributors.find(|distributor| distributor.credentials.client_id == client_id);
        found
            .map(|distributor| distributor.enabled = enabled)
            .is_some()
    }

    pub(super) fn log_in(
        &mut self,
        client_id: &str,
        scopes: Vec<&'static str>,
        now: SystemTime,
    ) -> Issued {
        let policy = self.settings.policy;
        let access_token = new_access_token(client_id, &scopes, &policy, now);
        let refresh_token = self.settings.refresh_supported.then(new_refresh_token);
        let holder = Holder {
            client_id: client_id.to_owned(),
            scopes,
        };
        let refresh = refresh_token.as_deref();
        self.families
            .open(holder, &access_token, refresh, &policy, now);
        self.desk.counters.credential_grants += 1;
        Issued {
            access_token,
            expires_in: policy.access_lifetime.as_secs(),
            refresh_token,
        }
    }

    /// Those of the login to which a refresh token goes back; none for an unknown one.
    pub(super) fn scopes_of(&self, refresh_token: &str) -> Option<Vec<&'static str>> {
        let holder = self.families.holder_of(refresh_token)?;
        Some(holder.scopes.clone())
    }

    /// The scopes stay those of the login.
    pub(super) fn refresh(
        &mut self,
        refresh_token: &str,
        client_id: &str,
        now: SystemTime,
    ) -> Result<Issued, NotRefreshed> {
        let policy = self.settings.policy;
        let scopes = self.scopes_of(refresh_token).unwrap_or_default();
        let access_token = new_access_token(client_id, &scopes, &policy, now);
        let (_, refresh_token) = self.families.refresh(
            refresh_token,
            |holder| holder.client_id == client_id,
            &access_token,
            &new_refresh_token(),
            &policy,
            now,
        )?;
        self.desk.counters.refreshes += 1;
        Ok(Issued {
            access_token,
            expires_in: policy.access_lifetime.as_secs(),
            refresh_token,
        })
    }

    pub(super) fn look_up(&self, access_token: &str, now: SystemTime) -> Option<&Holder> {
        self.families.look_up(access_token, now)
    }

    pub(super) fn end_refresh_tokens(&mut self, client_id: &str) -> usize {
        self.families
            .end_refresh_tokens(|holder| holder.client_id == client_id)
    }

    pub(super) fn end_access_tokens(&mut self, client_id: &str, now: SystemTime) -> usize {
        self.families
            .end_access_tokens(|holder| holder.client_id == client_id, now)
    }
}

/// The first claim, and perhaps the others, as the bank's sample has them.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    scopes: &'a [&'static str],
}

/// In the form of a JWT. It is for the bank alone; instead of a signature it has random bytes.
fn new_access_token(
    client_id: &str,
    scopes: &[&'static str],
    policy: &Policy,
    now: SystemTime,
) -> String {
    let issued = date::unix_seconds(now);
    let claims = Claims {
        aud: client_id,
        jti: secret::hex(40),
        iat: issued,
        nbf: issued,
        exp: date::unix_seconds(later(now, policy.access_lifetime)),
        scopes,
    };
    let claims = serde_json::to_string(&claims).unwrap_or_default();
    let [header, claims] =
        [r#"{"typ":"JWT","alg":"RS256"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{}", secret::token(""))
}

/// Hexadecimal, and with the beginning of the bank's sample.
fn new_refresh_token() -> String {
    format!("def50200{}", secret::hex(120))
}
