//! The bank's books: clients and tokens. Pure: the time comes in, nothing goes out.

use std::time::{Duration, SystemTime};

use super::{FigurePayCredentials, version::Versions};
use crate::{clock::later, desk::Desk, secret};

/// One hour (the bank's page, read 2026-11-20).
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);

/// As long as the bank's sample.
const TOKEN_LENGTH: usize = 32;

pub(crate) struct Ledger {
    pub(crate) desk: Desk,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) full_answer: bool,
    pub(crate) versions: Versions,
    clients: Vec<Client>,
    tokens: Vec<AccessToken>,
}

struct Client {
    credentials: FigurePayCredentials,
    active: bool,
}

struct AccessToken {
    token: String,
    client_id: String,
    ends: SystemTime,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            desk: Desk::default(),
            access_token_lifetime: ACCESS_TOKEN_LIFETIME,
            full_answer: false,
            versions: Versions::default(),
            clients: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

impl Ledger {
    pub(super) fn register(&mut self, credentials: FigurePayCredentials) {
        self.clients.push(Client {
            credentials,
            active: true,
        });
    }

    pub(super) fn set_active(&mut self, client_id: &str, active: bool) -> bool {
        let mut clients = self.clients.iter_mut();
        let found = clients.find(|client| client.credentials.client_id == client_id);
        found.map(|client| client.active = active).is_some()
    }

    /// Whether there is such a client with this secret, and its access is not deactivated.
    pub(super) fn knows(&self, client_id: &str, client_secret: &str) -> bool {
        self.clients.iter().any(|client| {
            let FigurePayCredentials {
                client_id: id,
                client_secret: secret,
            } = &client.credentials;
            client.active && id == client_id && secret == client_secret
        })
    }

    pub(super) fn grant(&mut self, client_id: &str, now: SystemTime) -> String {
        self.tokens.retain(|token| now < token.ends);
        let token = secret::alphanumeric(TOKEN_LENGTH);
        self.tokens.push(AccessToken {
            token: token.clone(),
            client_id: client_id.to_owned(),
            ends: later(now, self.access_token_lifetime),
        });
        self.desk.counters.credential_grants += 1;
        token
    }

    pub(super) fn admits(&self, access_token: &str, now: SystemTime) -> bool {
        let mut tokens = self.tokens.iter();
        let Some(found) = tokens.find(|token| token.token == access_token && now < token.ends)
        else {
            return false;
        };
        let mut clients = self.clients.iter();
        clients.any(|client| client.active && client.credentials.client_id == found.client_id)
    }

    pub(super) fn end_access_tokens(&mut self, client_id: &str, now: SystemTime) -> usize {
        self.tokens.retain(|token| now < token.ends);
        let before = self.tokens.len();
        self.tokens.retain(|token| token.client_id != client_id);
        before - self.tokens.len()
    }
}
