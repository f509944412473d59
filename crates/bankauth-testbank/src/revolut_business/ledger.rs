//! The bank's books: clients, codes and tokens. Pure: the time comes in, nothing goes out.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, SystemTime},
};

use super::{
    Environment, ErrorShape, Plan,
    consent::{Consent, Scope},
    registration::{Client, ClientId},
};
use crate::{clock::later, desk::Desk, family::OldAccessToken, secret};

/// "Only valid for two minutes" (the bank's guide, read 2026-11-20).
const CODE_LIFETIME: Duration = Duration::from_secs(120);

/// The guide's `expires_in`.
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(2399);

/// On the Freelancer plan the refresh token ends "every 90 days" (the bank's guide); counted from the consent here.
const FREELANCER_PERIOD: Duration = Duration::from_secs(90 * 86_400);

pub(crate) struct Settings {
    pub(crate) code_lifetime: Duration,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) plan: Plan,
    pub(crate) error_shape: ErrorShape,
    pub(crate) peer_address: Option<IpAddr>,
    pub(crate) old_access_token: OldAccessToken,
}

pub(crate) struct Ledger {
    pub(crate) settings: Settings,
    pub(crate) desk: Desk,
    environment: Environment,
    clients: HashMap<ClientId, Client>,
    codes: HashMap<String, Code>,
    grants: Vec<Grant>,
}

struct Code {
    consent: Consent,
    given: SystemTime,
    ends: SystemTime,
}

/// What one consent gave. A refresh replaces the access token, at once or after the time that is set.
struct Grant {
    consent: Consent,
    consented: SystemTime,
    refresh_token: String,
    ended: bool,
    access_token: Option<AccessToken>,
    /// Replaced ones, for as long as they are set to live on.
    old_access_tokens: Vec<AccessToken>,
}

struct AccessToken {
    token: String,
    ends: SystemTime,
}

/// The members of a token answer that differ from one to the next.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
    /// A refresh gives none.
    pub(super) refresh_token: Option<String>,
}

/// What an access token allows.
pub(super) struct Allowed<'a> {
    pub(super) client: &'a Client,
    pub(super) scopes: &'a [Scope],
}

impl Ledger {
    pub(crate) fn new(environment: Environment) -> Self {
        Self {
            settings: Settings {
                code_lifetime: CODE_LIFETIME,
                access_token_lifetime: ACCESS_TOKEN_LIFETIME,
                plan: Plan::default(),
                error_shape: ErrorShape::default(),
                peer_address: None,
                old_access_token: OldAccessToken::DiesAfter(Duration::ZERO),
            },
            desk: Desk::default(),
            environment,
            clients: HashMap::new(),
            codes: HashMap::new(),
            grants: Vec::new(),
        }
    }

    pub(super) fn register(&mut self, client: Client) -> ClientId {
        let id = ClientId::random();
        self.clients.insert(id.clone(), client);
        id
    }

    pub(super) fn client(&self, id: &str) -> Option<(&ClientId, &Client)> {
        self.clients.get_key_value(id)
    }

    pub(super) fn give_code(&mut self, consent: Consent, now: SystemTime) -> String {
        self.codes.retain(|_, code| now < code.ends);
        let code = secret::token(self.environment.token_prefix());
        let ends = later(now, self.settings.code_lifetime);
        let given = Code {
            consent,
            given: now,
            ends,
        };
        self.codes.insert(code.clone(), given);
        code
    }

    /// `None` for a code that is unknown, used, too old, or another client's.
    pub(super) fn redeem_code(
        &mut self,
        code: &str,
        client_id: &ClientId,
        now: SystemTime,
    ) -> Option<Issued> {
        let found = self.codes.get(code)?;
        if found.consent.client_id != *client_id || now >= found.ends {
            return None;
        }
        let Code { consent, given, .. } = self.codes.remove(code)?;
        let prefix = self.environment.token_prefix();
        let (access_token, expires_in) = self.new_access_token(now);
        let grant = Grant {
            consent,
            consented: given,
            refresh_token: secret::token(prefix),
            ended: false,
            access_token: Some(access_token),
            old_access_tokens: Vec::new(),
        };
        let issued = Issued {
            access_token: grant.access_token.as_ref()?.token.clone(),
            expires_in,
            refresh_token: Some(grant.refresh_token.clone()),
        };
        self.grants.push(grant);
        self.desk.counters.exchanges += 1;
        Some(issued)
    }

    /// `None` for a refresh token that is unknown, ended, or another client's.
    pub(super) fn refresh(
        &mut self,
        refresh_token: &str,
        client_id: &ClientId,
        now: SystemTime,
    ) -> Option<Issued> {
        let Settings {
            plan,
            old_access_token,
            ..
        } = self.settings;
        let (access_token, expires_in) = self.new_access_token(now);
        let grant = self.grants.iter_mut().find(|grant| {
            grant.refresh_token == refresh_token && grant.consent.client_id == *client_id
        })?;
        let over = plan == Plan::Freelancer && now >= later(grant.consented, FREELANCER_PERIOD);
        if grant.ended || over {
            return None;
        }
        let issued = Issued {
            access_token: access_token.token.clone(),
            expires_in,
            refresh_token: None,
        };
        let old = grant.access_token.replace(access_token);
        grant.old_access_tokens.extend(old.map(|old| AccessToken {
            ends: old_access_token.end(old.ends, now),
            token: old.token,
        }));
        grant.old_access_tokens.retain(|old| now < old.ends);
        self.desk.counters.refreshes += 1;
        Some(issued)
    }

    pub(super) fn look_up(&self, access_token: &str, now: SystemTime) -> Option<Allowed<'_>> {
        let grant = self.grants.iter().find(|grant| {
            let mut tokens = grant.access_token.iter().chain(&grant.old_access_tokens);
            tokens.any(|access| access.token == access_token && now < access.ends)
        })?;
        Some(Allowed {
            client: self.clients.get(&grant.consent.client_id)?,
            scopes: &grant.consent.scopes,
        })
    }

    pub(super) fn end_refresh_tokens(&mut self, client_id: &str) -> usize {
        let alive = self
            .grants
            .iter_mut()
            .filter(|grant| grant.consent.client_id.as_str() == client_id && !grant.ended);
        alive.map(|grant| grant.ended = true).count()
    }

    pub(super) fn end_access_tokens(&mut self, client_id: &str) -> usize {
        let grants = self
            .grants
            .iter_mut()
            .filter(|grant| grant.consent.client_id.as_str() == client_id);
        let tokens = grants.flat_map(|grant| {
            grant
                .old_access_tokens
                .drain(..)
                .chain(grant.access_token.take())
        });
        tokens.count()
    }

    fn new_access_token(&self, now: SystemTime) -> (AccessToken, u64) {
        let lifetime = self.settings.access_token_lifetime;
        let access_token = AccessToken {
            token: secret::token(self.environment.token_prefix()),
            ends: later(now, lifetime),
        };
        (access_token, lifetime.as_secs())
    }
}
