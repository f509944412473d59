//! What is kept of a credential: one value, written as a whole.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use bankauth_grants::{AccessToken, Body, RefreshToken, TokenSet};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// The version of the form below.
const FORMAT: u32 = 1;
/// How many earlier refresh tokens are kept, for a bank that turns out to have lost the newest.
const KEPT_REFRESH_TOKENS: usize = 2;

/// A credential as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Counts the bank's answers; readers compare it.
    pub(crate) generation: u64,
    pub(crate) phase: Phase,
    pub(crate) access: Option<Access>,
    pub(crate) refresh_token: Option<RefreshToken>,
    /// Newest first.
    pub(crate) previous_refresh_tokens: Vec<RefreshToken>,
    /// As granted; `None`: as asked.
    pub(crate) scope: Option<Vec<String>>,
}

/// An access token and its time.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: AccessToken,
    pub(crate) issued_at: SystemTime,
    /// `None`: the bank does not say; the token is used until it is refused.
    pub(crate) expires_at: Option<SystemTime>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    Live,
    /// Somebody is asking the bank. Whoever finds this older than `lease` takes over.
    Refreshing {
        holder: Holder,
        lease: Duration,
    },
    /// Only the user can help.
    NeedsUser {
        reason: String,
    },
}

/// One attempt at a refresh, by a random number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Holder(pub(crate) u64);

impl Record {
    /// The first record, before any answer of the bank.
    pub(crate) const fn empty() -> Self {
        Self {
            generation: 0,
            phase: Phase::Live,
            access: None,
            refresh_token: None,
            previous_refresh_tokens: Vec::new(),
            scope: None,
        }
    }

    /// The record after the bank's answer to a request made at `requested_at`. A refresh token that the answer lacks
    /// is kept; one that it has replaces the old (RFC 6749 §6).
    pub(crate) fn granted(&self, set: TokenSet, requested_at: SystemTime) -> Self {
        let mut next = self.clone();
        next.generation = self.generation.saturating_add(1);
        next.phase = Phase::Live;
        next.access = Some(Access {
            token: set.access_token,
            issued_at: requested_at,
            expires_at: set
                .expires_in
                .and_then(|life| requested_at.checked_add(life)),
        });
        if let Some(refresh_token) = set.refresh_token {
            next.replace_refresh_token(refresh_token);
        }
        if set.scope.is_some() {
            next.scope = set.scope;
        }
        next
    }

    /// The record after a new consent: nothing of the old one is left in use, and its refresh token is kept aside.
    pub(crate) fn consented(&self, set: TokenSet, requested_at: SystemTime) -> Self {
        let mut base = self.clone();
        base.scope = None;
        if set.refresh_token.is_none()
            && let Some(old) = base.refresh_token.take()
        {
            base.stash(old);
        }
        base.granted(set, requested_at)
    }

    /// Puts a refresh token in the place of the one that is there, which is kept as a previous one.
    pub(crate) fn replace_refresh_token(&mut self, refresh_token: RefreshToken) {
        if self
            .refresh_token
            .as_ref()
            .is_some_and(|old| old.is_same(&refresh_token))
        {
            return;
        }
        if let Some(old) = self.refresh_token.replace(refresh_token) {
            self.stash(old);
        }
    }

    /// Keeps a refresh token that is not the current one.
    pub(crate) fn stash(&mut self, refresh_token: RefreshToken) {
        self.previous_refresh_tokens
            .retain(|kept| !kept.is_same(&refresh_token));
        self.previous_refresh_tokens.insert(0, refresh_token);
        self.previous_refresh_tokens.truncate(KEPT_REFRESH_TOKENS);
    }

    pub(crate) fn with_phase(&self, phase: Phase) -> Self {
        Self {
            phase,
            ..self.clone()
        }
    }

    /// The bytes to store.
    pub(crate) fn to_bytes(&self) -> Body {
        let wire = WireOut {
            format: FORMAT,
            generation: self.generation,
            phase: (&self.phase).into(),
            access_token: self
                .access
                .as_ref()
                .map(|access| access.token.expose_secret()),
            issued_at_ms: self
                .access
                .as_ref()
                .map(|access| to_millis(access.issued_at)),
            expires_at_ms: self
                .access
                .as_ref()
                .and_then(|access| access.expires_at)
                .map(to_millis),
            refresh_token: self.refresh_token.as_ref().map(RefreshToken::expose_secret),
            previous_refresh_tokens: self
                .previous_refresh_tokens
                .iter()
                .map(RefreshToken::expose_secret)
                .collect(),
            scope: self.scope.as_deref(),
        };
        let mut bytes = WipedWriter(Body::empty());
        serde_json::to_writer(&mut bytes, &wire)
            .expect("numbers and strings are JSON, and memory takes them");
        bytes.0
    }

    /// Reads stored bytes. The error is a text that holds nothing of them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let format = serde_json::from_slice::<WireFormat>(bytes)
            .map_err(|error| {
                format!(
                    "it is no record (line {}, column {})",
                    error.line(),
                    error.column()
                )
            })?
            .format;
        if format != FORMAT {
            return Err(format!(
                "it has format {format}, expected {FORMAT}; a newer version wrote it"
            ));
        }
        let wire: WireIn = serde_json::from_slice(bytes).map_err(|error| {
            format!(
                "it is no record (line {}, column {})",
                error.line(),
                error.column()
            )
        })?;
        let damaged = |field: &str| format!("its {field} is damaged");
        let refresh_token =
            |text: SecretString| RefreshToken::new(text).map_err(|_| damaged("refresh token"));
        Ok(Self {
            generation: wire.generation,
            phase: wire.phase.into(),
            access: match wire.access_token {
                Some(token) => Some(Access {
                    token: AccessToken::new(token).map_err(|_| damaged("access token"))?,
                    issued_at: from_millis(
                        wire.issued_at_ms.ok_or_else(|| damaged("time of issue"))?,
                    ),
                    expires_at: wire.expires_at_ms.map(from_millis),
                }),
                None => None,
            },
            refresh_token: wire.refresh_token.map(refresh_token).transpose()?,
            previous_refresh_tokens: wire
                .previous_refresh_tokens
                .into_iter()
                .map(refresh_token)
                .collect::<Result<_, _>>()?,
            scope: wire.scope,
        })
    }
}

/// What every format has.
#[derive(Deserialize)]
struct WireFormat {
    format: u32,
}

#[derive(Serialize)]
struct WireOut<'a> {
    format: u32,
    generation: u64,
    phase: WirePhase,
    access_token: Option<&'a str>,
    issued_at_ms: Option<u64>,
    expires_at_ms: Option<u64>,
    refresh_token: Option<&'a str>,
    previous_refresh_tokens: Vec<&'a str>,
    scope: Option<&'a [String]>,
}

#[derive(Deserialize)]
struct WireIn {
    generation: u64,
    phase: WirePhase,
    access_token: Option<SecretString>,
    issued_at_ms: Option<u64>,
    expires_at_ms: Option<u64>,
    refresh_token: Option<SecretString>,
    #[serde(default)]
    previous_refresh_tokens: Vec<SecretString>,
    scope: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WirePhase {
    Live,
    Refreshing { holder: Holder, lease_ms: u64 },
    NeedsUser { reason: String },
}

impl From<&Phase> for WirePhase {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Live => Self::Live,
            Phase::Refreshing { holder, lease } => Self::Refreshing {
                holder: *holder,
                lease_ms: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
            },
            Phase::NeedsUser { reason } => Self::NeedsUser {
                reason: reason.clone(),
            },
        }
    }
}

impl From<WirePhase> for Phase {
    fn from(phase: WirePhase) -> Self {
        match phase {
            WirePhase::Live => Self::Live,
            WirePhase::Refreshing { holder, lease_ms } => Self::Refreshing {
                holder,
                lease: Duration::from_millis(lease_ms),
            },
            WirePhase::NeedsUser { reason } => Self::NeedsUser { reason },
        }
    }
}

/// Milliseconds since 1970; what lies before is 1970.
fn to_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn from_millis(millis: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_millis(millis))
        .unwrap_or(UNIX_EPOCH)
}

/// Writes into a buffer that wipes what it outgrows.
struct WipedWriter(Body);

impl std::io::Write for WipedWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.append(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(record: &Record) -> String {
        String::from_utf8(record.to_bytes().expose_secret().to_vec()).unwrap()
    }

    fn set(access: &str, refresh: Option<&str>) -> TokenSet {
        let endpoint = bankauth_grants::TokenEndpoint::new("https://bank.example/token").unwrap();
        let body = serde_json::json!({"access_token": access, "token_type": "bearer", "expires_in": 2399, "refresh_token": refresh});
        endpoint
            .read(&http::Response::new(Body::from(body.to_string())))
            .unwrap()
    }

    #[test]
    fn the_form_is_pinned() {
        let at = UNIX_EPOCH + Duration::from_millis(1_700_000_000_000);
        let record = Record::empty().granted(set("a", Some("r")), at);
        insta::assert_snapshot!(text(&record), @r#"{"format":1,"generation":1,"phase":"live","access_token":"a","issued_at_ms":1700000000000,"expires_at_ms":1700002399000,"refresh_token":"r","previous_refresh_tokens":[],"scope":null}"#);
        let record = record.with_phase(Phase::Refreshing {
            holder: Holder(7),
            lease: Duration::from_secs(25),
        });
        insta::assert_snapshot!(text(&record), @r#"{"format":1,"generation":1,"phase":{"refreshing":{"holder":7,"lease_ms":25000}},"access_token":"a","issued_at_ms":1700000000000,"expires_at_ms":1700002399000,"refresh_token":"r","previous_refresh_tokens":[],"scope":null}"#);
    }

    #[test]
    fn an_answer_without_refresh_token_keeps_the_old_one_rfc6749_6() {
        let first = Record::empty().granted(set("a1", Some("r1")), UNIX_EPOCH);
        let second = first.granted(set("a2", None), UNIX_EPOCH);
        assert_eq!(second.refresh_token.unwrap().expose_secret(), "r1");
        assert_eq!(second.generation, 2);
        assert_eq!(second.previous_refresh_tokens.len(), 0);
    }

    #[test]
    fn a_new_refresh_token_replaces_the_old_which_is_kept_aside_rfc6749_6() {
        let mut record = Record::empty().granted(set("a1", Some("r1")), UNIX_EPOCH);
        for number in 2..=5 {
            record = record.granted(set("a", Some(&format!("r{number}"))), UNIX_EPOCH);
        }
        assert_eq!(record.refresh_token.as_ref().unwrap().expose_secret(), "r5");
        let previous: Vec<_> = record
            .previous_refresh_tokens
            .iter()
            .map(RefreshToken::expose_secret)
            .collect();
        assert_eq!(previous, ["r4", "r3"]);
    }

    #[test]
    fn a_new_consent_inherits_neither_scope_nor_refresh_token_rfc6749_5_1() {
        let mut first = Record::empty().granted(set("a1", Some("r1")), UNIX_EPOCH);
        first.scope = Some(vec!["READ".to_owned()]);
        let second = first.consented(set("a2", None), UNIX_EPOCH);
        assert_eq!(second.scope, None);
        assert!(second.refresh_token.is_none());
        assert_eq!(second.previous_refresh_tokens[0].expose_secret(), "r1");
        let third = first.consented(set("a3", Some("r3")), UNIX_EPOCH);
        assert_eq!(third.refresh_token.unwrap().expose_secret(), "r3");
    }

    #[test]
    fn errors_hold_nothing_of_the_record() {
        for bytes in [
            r#"{"format":1,"generation":1,"phase":"live","access_token":"marked tok","issued_at_ms":1}"#,
            r#"{"format":1,"generation":"marked"}"#,
            r#"{"format":9,"generation":1,"access_token":"marked"}"#,
            "marked",
            "",
        ] {
            let error = Record::from_bytes(bytes.as_bytes()).unwrap_err();
            assert!(!error.contains("marked"), "{error}");
        }
        insta::assert_snapshot!(Record::from_bytes(br#"{"format":9}"#).unwrap_err(), @"it has format 9, expected 1; a newer version wrote it");
    }

    #[test]
    fn debug_shows_no_secret() {
        let record = Record::empty().granted(set("marked", Some("marked")), UNIX_EPOCH);
        assert!(!format!("{record:?}").contains("marked"));
    }

    proptest! {
        #[test]
        fn a_record_comes_back(access in "[!-~]{1,40}", refresh in proptest::option::of("[ -~]{1,40}"), seconds in 0_u64..4_000_000_000, reason in "\\PC{0,20}") {
            let mut record = Record::empty().granted(set(&access, refresh.as_deref()), UNIX_EPOCH + Duration::from_secs(seconds));
            record.phase = Phase::NeedsUser { reason };
            let bytes = record.to_bytes();
            let again = Record::from_bytes(bytes.expose_secret()).unwrap();
            let rewritten = again.to_bytes();
            prop_assert_eq!(rewritten.expose_secret(), bytes.expose_secret());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::from_bytes(&bytes);
        }
    }
}
