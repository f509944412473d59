//! The bank's books: clients, consents, codes and tokens. Pure: the time comes in, nothing goes out.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    product::{Scope, TatraBankaProduct},
    registration::{Client, TatraBankaCredentials},
};
use crate::{
    clock::later,
    desk::Desk,
    family::{Families, NotRefreshed, OldAccessToken, Policy, Rotation},
    secret,
};

const CODE_LIFETIME: Duration = Duration::from_secs(300);
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(90 * 86_400);

/// As the samples of the bank's package for TatraPayPlus have it.
const TATRAPAYPLUS_LIFETIME: Duration = Duration::from_secs(86_400);

pub(crate) struct Settings {
    pub(crate) code_lifetime: Duration,
    /// For all products; else each has its own.
    pub(crate) access_lifetime: Option<Duration>,
    pub(crate) policy: Policy,
    pub(crate) refresh_for_payments: bool,
}

pub(crate) struct Ledger {
    pub(crate) settings: Settings,
    pub(crate) desk: Desk,
    clients: Vec<Client>,
    /// The client of each consent.
    consents: HashMap<String, String>,
    codes: HashMap<String, Code>,
    families: Families<Holder>,
}

/// What a user authorised.
pub(super) struct Authorised {
    pub(super) client_id: String,
    pub(super) product: TatraBankaProduct,
    pub(super) redirect_uri: String,
    pub(super) scope: Scope,
    pub(super) consent: Option<String>,
    pub(super) challenge: String,
}

struct Code {
    authorised: Authorised,
    ends: SystemTime,
    used: bool,
}

/// Whose a token is, and what it allows.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) client_id: String,
    pub(super) product: TatraBankaProduct,
    pub(super) scope: Scope,
    pub(super) consent: Option<String>,
    /// The code from which it comes; `None` for an application token.
    code: Option<String>,
}

impl Holder {
    pub(super) fn is_user(&self) -> bool {
        self.code.is_some()
    }
}

/// A successful answer.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) expires_in: u64,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: Scope,
    pub(super) consent: Option<String>,
}

/// Why a code is not exchanged.
pub(super) enum NotExchanged {
    Grant,
    RedirectUri,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            settings: Settings {
                code_lifetime: CODE_LIFETIME,
                access_lifetime: None,
                policy: Policy {
                    access_lifetime: ACCESS_TOKEN_LIFETIME,
                    refresh_lifetime: REFRESH_TOKEN_LIFETIME,
                    rotation: Rotation::Rotated,
                    revoke_on_reuse: true,
                    grace: Duration::ZERO,
                    old_access_token: OldAccessToken::DiesAfter(Duration::ZERO),
                },
                refresh_for_payments: true,
            },
            desk: Desk::default(),
            clients: Vec::new(),
            consents: HashMap::new(),
            codes: HashMap::new(),
            families: Families::default(),
        }
    }
}

impl Ledger {
    pub(super) fn register(&mut self, client: Client) -> TatraBankaCredentials {
        let credentials = client.credentials();
        self.clients.push(client);
        credentials
    }

    pub(super) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients
            .iter()
            .find(|client| client.client_id == client_id)
    }

    pub(super) fn set_contract(&mut self, client_id: &str, contract: bool) -> bool {
        let mut clients = self.clients.iter_mut();
        let found = clients.find(|client| client.client_id == client_id);
        found.map(|client| client.contract = contract).is_some()
    }

    pub(super) fn new_consent(&mut self, client_id: &str) -> String {
        let consent = secret::uuid();
        self.consents.insert(consent.clone(), client_id.to_owned());
        consent
    }

    pub(super) fn has_consent(&self, consent: &str, client_id: &str) -> bool {
        let owner = self.consents.get(consent);
        owner.is_some_and(|owner| owner == client_id)
    }

    pub(super) fn end_consent(&mut self, consent: &str) -> bool {
        self.consents.remove(consent).is_some()
    }

    /// Whether the consent of a token, if it has one, is still there.
    pub(super) fn is_consented(&self, holder: &Holder) -> bool {
        !holder.scope.is_for_accounts()
            || holder
                .consent
                .as_ref()
                .is_none_or(|consent| self.has_consent(consent, &holder.client_id))
    }

    pub(super) fn give_code(&mut self, authorised: Authorised, now: SystemTime) -> String {
        self.codes.retain(|_, code| now < code.ends);
        let code = secret::uuid();
        let ends = later(now, self.settings.code_lifetime);
        let given = Code {
            authorised,
            ends,
            used: false,
        };
        self.codes.insert(code.clone(), given);
        code
    }

    pub(super) fn grant(
        &mut self,
        client_id: &str,
        product: TatraBankaProduct,
        scope: Scope,
        now: SystemTime,
    ) -> Issued {
        let holder = Holder {
            client_id: client_id.to_owned(),
            product,
            scope,
            consent: None,
            code: None,
        };
        self.desk.counters.credential_grants += 1;
        self.open(holder, None, now)
    }

    pub(super) fn exchange(
        &mut self,
        code: &str,
        client_id: &str,
        product: TatraBankaProduct,
        redirect_uri: Option<&str>,
        verifier: &str,
        now: SystemTime,
    ) -> Result<Issued, NotExchanged> {
        let given = self.codes.get_mut(code).ok_or(NotExchanged::Grant)?;
        let authorised = &given.authorised;
        if authorised.client_id != client_id || authorised.product != product || now >= given.ends {
            return Err(NotExchanged::Grant);
        }
        if given.used {
            // RFC 6749 section 4.1.2
            self.families
                .revoke(|holder| holder.code.as_deref() == Some(code));
            return Err(NotExchanged::Grant);
        }
        if redirect_uri != Some(authorised.redirect_uri.as_str()) {
            return Err(NotExchanged::RedirectUri);
        }
        // RFC 7636 section 4.6
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        if challenge != authorised.challenge {
            return Err(NotExchanged::Grant);
        }
        let holder = Holder {
            client_id: client_id.to_owned(),
            product,
            scope: authorised.scope,
            consent: authorised.consent.clone(),
            code: Some(code.to_owned()),
        };
        given.used = true;
        if !self.is_consented(&holder) {
            return Err(NotExchanged::Grant);
        }
        let refresh = self.settings.refresh_for_payments || !holder.scope.is_for_payments();
        self.desk.counters.exchanges += 1;
        Ok(self.open(holder, refresh.then(new_token), now))
    }

    pub(super) fn refresh(
        &mut self,
        refresh_token: &str,
        client_id: &str,
        product: TatraBankaProduct,
        now: SystemTime,
    ) -> Result<Issued, NotRefreshed> {
        let mine = |holder: &Holder| holder.client_id == client_id && holder.product == product;
        let holder = self.families.holder_of(refresh_token);
        let holder = holder
            .filter(|holder| mine(holder))
            .ok_or(NotRefreshed::Unknown)?;
        if holder.scope.is_for_payments() || !self.is_consented(holder) {
            return Err(NotRefreshed::Revoked);
        }
        let holder = holder.clone();
        let policy = self.policy(product);
        let access_token = new_token();
        let refreshed = self.families.refresh(
            refresh_token,
            mine,
            &access_token,
            &new_token(),
            &policy,
            now,
        );
        match &refreshed {
            Ok(_) => self.desk.counters.refreshes += 1,
            Err(NotRefreshed::FamilyRevoked) => self.desk.counters.families_revoked += 1,
            Err(_) => {}
        }
        let (_, refresh_token) = refreshed?;
        Ok(Issued {
            access_token,
            expires_in: policy.access_lifetime.as_secs(),
            refresh_token,
            scope: holder.scope,
            consent: holder.consent,
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

    fn open(&mut self, holder: Holder, refresh_token: Option<String>, now: SystemTime) -> Issued {
        let policy = self.policy(holder.product);
        let access_token = new_token();
        let (scope, consent) = (holder.scope, holder.consent.clone());
        let refresh = refresh_token.as_deref();
        self.families
            .open(holder, &access_token, refresh, &policy, now);
        Issued {
            access_token,
            expires_in: policy.access_lifetime.as_secs(),
            refresh_token,
            scope,
            consent,
        }
    }

    fn policy(&self, product: TatraBankaProduct) -> Policy {
        let own = match product {
            TatraBankaProduct::TatraPayPlus => TATRAPAYPLUS_LIFETIME,
            _ => self.settings.policy.access_lifetime,
        };
        Policy {
            access_lifetime: self.settings.access_lifetime.unwrap_or(own),
            ..self.settings.policy
        }
    }
}

/// In the form of a UUID, as the bank's gateway makes its tokens.
fn new_token() -> String {
    secret::uuid()
}
