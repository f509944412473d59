//! A request whose response is awaited: what ties the two together (RFC 6749 §10.12, RFC 9207, RFC 9700 §4.4).

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationResponseError as Error, Body,
    Callback, IssuerParameter, Nonce, PkceVerifier, RedirectUri, ResponseMode, ResponseType, State,
    answer::{Member, Members},
    consent::authorization_request::StateUse,
    consent::callback::ResponseParameters,
};

/// How far a clock may have been set back between request and response.
const CLOCK_SLACK: Duration = Duration::from_secs(60);

/// A request whose response is awaited: state, PKCE verifier, nonce, issuer and redirect URI, for at most ten minutes.
///
/// [`read`](Self::read) takes it, so that it is used once. A caller that has to keep it between two processes stores
/// [`to_bytes`](Self::to_bytes), which is a secret, and removes what it stored before reading.
#[derive(Debug)]
pub struct PendingAuthorization {
    state: Option<State>,
    code_verifier: Option<PkceVerifier>,
    nonce: Option<Nonce>,
    issuer: Option<(Box<str>, IssuerParameter)>,
    redirect_uri: RedirectUri,
    response_type: ResponseType,
    response_mode: ResponseMode,
    created_at: SystemTime,
    lifetime: Duration,
}

/// Bytes that are no pending authorization of this version. They are not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("member `{member}` of the stored authorization is missing or damaged")]
pub struct PendingAuthorizationError {
    member: &'static str,
}

impl PendingAuthorization {
    /// The longest time that a request waits for its response.
    pub const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 60);

    pub(crate) fn of(request: AuthorizationRequest, now: SystemTime) -> Self {
        let response_mode = request.response_mode();
        Self {
            state: match request.state {
                StateUse::Required(state) => Some(state),
                StateUse::Undecided | StateUse::NotEchoed => None,
            },
            code_verifier: request.code_verifier,
            nonce: request.nonce,
            issuer: request.issuer,
            redirect_uri: request.redirect_uri,
            response_type: request.response_type,
            response_mode,
            created_at: now,
            lifetime: Self::LONGEST_LIFETIME,
        }
    }

    /// Waits for a shorter time. What is longer than [`LONGEST_LIFETIME`](Self::LONGEST_LIFETIME) is cut to it.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.min(Self::LONGEST_LIFETIME);
        self
    }

    /// The redirect URI of the request.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// The issuer that the request was sent to, where it was named.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_ref().map(|(issuer, _)| issuer.as_ref())
    }

    /// Where the response is expected.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// When the request was made.
    #[must_use]
    pub const fn created_at(&self) -> SystemTime {
        self.created_at
    }

    /// Whether no response is taken any more at `now`. A request from the future is no better than an old one.
    #[must_use]
    pub fn is_expired(&self, now: SystemTime) -> bool {
        match now.duration_since(self.created_at) {
            Ok(age) => age > self.lifetime,
            Err(future) => future.duration() > CLOCK_SLACK,
        }
    }

    /// Whether `callback` is a response to this request, be it a consent or an error: it stands in the right place and
    /// has the right state. For a receiver that passes over what somebody else sends.
    #[must_use]
    pub fn expects(&self, callback: &Callback) -> bool {
        callback
            .parameters(&self.redirect_uri, self.response_mode)
            .is_ok_and(|parameters| {
                parameters.is_response() && self.check_state(&parameters).is_ok()
            })
    }

    /// Reads the response: once, at `now`. State and issuer are checked first, of an error as well.
    ///
    /// # Errors
    /// See [`AuthorizationResponseError`](Error).
    pub fn read(
        self,
        callback: &Callback,
        now: SystemTime,
    ) -> Result<AuthorizationResponse, Error> {
        if self.is_expired(now) {
            return Err(Error::Expired {
                minutes: self.lifetime.as_secs() / 60,
            });
        }
        let parameters = callback.parameters(&self.redirect_uri, self.response_mode)?;
        if !parameters.is_response() {
            return Err(Error::NoCode);
        }
        self.check_state(&parameters)?;
        self.check_issuer(&parameters)?;
        let expects_id_token = self.response_type == ResponseType::CodeIdToken;
        let response =
            AuthorizationResponse::read(&parameters, &self.redirect_uri, expects_id_token)?;
        Ok(AuthorizationResponse {
            code_verifier: self.code_verifier,
            nonce: self.nonce,
            issuer: self.issuer.map(|(issuer, _)| issuer),
            ..response
        })
    }

    fn check_state(&self, parameters: &ResponseParameters) -> Result<(), Error> {
        let found = match (&self.state, parameters.single("state")?) {
            (None, None) => return Ok(()),
            (Some(state), Some(found)) if state.is(found) => return Ok(()),
            (Some(_), Some(_)) => "another one",
            (Some(_), None) => "missing",
            (None, Some(_)) => "there, and none was sent",
        };
        Err(Error::State { found })
    }

    /// Simple string comparison (RFC 9207 §2.4): no slash and no case is folded.
    fn check_issuer(&self, parameters: &ResponseParameters) -> Result<(), Error> {
        let found = parameters.single("iss")?;
        let Some((expected, policy)) = &self.issuer else {
            return Ok(());
        };
        let found = match (policy, found) {
            (IssuerParameter::Ignored, _) | (IssuerParameter::Optional, None) => return Ok(()),
            (_, Some(found)) if found == &**expected => return Ok(()),
            (_, Some(_)) => "another one",
            (IssuerParameter::Required, None) => "missing",
        };
        Err(Error::Issuer {
            found,
            expected: expected.clone(),
        })
    }

    /// The bytes to store: a secret, as state and verifier are in it.
    ///
    /// # Panics
    /// Never: strings and numbers are always JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Body {
        let stored = Stored {
            version: VERSION,
            created_at: seconds(
                self.created_at
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default(),
            ),
            lifetime: seconds(self.lifetime),
            redirect_uri: self.redirect_uri.as_str(),
            response_type: self.response_type.as_str(),
            response_mode: self.response_mode.as_str(),
            issuer: self.issuer(),
            issuer_parameter: self.issuer.as_ref().map(|(_, policy)| match policy {
                IssuerParameter::Required => "required",
                IssuerParameter::Optional => "optional",
                IssuerParameter::Ignored => "ignored",
            }),
            state: self.state.as_ref().map(State::expose_secret),
            code_verifier: self.code_verifier.as_ref().map(PkceVerifier::expose_secret),
            nonce: self.nonce.as_ref().map(Nonce::expose_secret),
        };
        // Large enough from the start, for a buffer that grows leaves copies behind: each character is six at the most.
        let texts = [Some(stored.redirect_uri), stored.issuer];
        let room = 1024 + 6 * texts.iter().flatten().map(|text| text.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(room);
        serde_json::to_writer(&mut bytes, &stored).expect("strings and numbers are always JSON");
        Body::from(bytes)
    }

    /// What [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// When the bytes are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PendingAuthorizationError> {
        let wrong = |member| PendingAuthorizationError { member };
        let mut members = Members::parse_known(bytes, STORED).map_err(|_| wrong("version"))?;
        let mut number = |member| match members.take(member) {
            Some(Member::Integer(number)) => Ok(number),
            _ => Err(wrong(member)),
        };
        if number("version")? != VERSION {
            return Err(wrong("version"));
        }
        let created_at = UNIX_EPOCH
            .checked_add(Duration::from_secs(number("created_at")?))
            .ok_or_else(|| wrong("created_at"))?;
        let lifetime = Duration::from_secs(number("lifetime")?).min(Self::LONGEST_LIFETIME);
        let mut optional = |member| match members.take(member) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Text(text)) => Ok(Some(text)),
            _ => Err(wrong(member)),
        };
        let mut required =
            |member| -> Result<SecretString, _> { optional(member)?.ok_or_else(|| wrong(member)) };
        let redirect_uri = RedirectUri::new(required("redirect_uri")?.expose_secret())
            .map_err(|_| wrong("redirect_uri"))?;
        let response_type = match required("response_type")?.expose_secret() {
            "code" => ResponseType::Code,
            "code id_token" => ResponseType::CodeIdToken,
            _ => return Err(wrong("response_type")),
        };
        let response_mode = ResponseMode::read(required("response_mode")?.expose_secret())
            .ok_or_else(|| wrong("response_mode"))?;
        let issuer = match optional("issuer")? {
            None => None,
            Some(issuer) => {
                let policy = optional("issuer_parameter")?;
                let policy = match policy.as_ref().map(|text| text.expose_secret()) {
                    Some("required") => IssuerParameter::Required,
                    Some("optional") => IssuerParameter::Optional,
                    Some("ignored") => IssuerParameter::Ignored,
                    _ => return Err(wrong("issuer_parameter")),
                };
                Some((issuer.expose_secret().into(), policy))
            }
        };
        let state = optional("state")?.map(State::new).transpose();
        let code_verifier = optional("code_verifier")?
            .map(PkceVerifier::new)
            .transpose();
        let nonce = optional("nonce")?.map(Nonce::new).transpose();
        Ok(Self {
            state: state.map_err(|_| wrong("state"))?,
            code_verifier: code_verifier.map_err(|_| wrong("code_verifier"))?,
            nonce: nonce.map_err(|_| wrong("nonce"))?,
            issuer,
            redirect_uri,
            response_type,
            response_mode,
            created_at,
            lifetime,
        })
    }
}

const VERSION: u64 = 1;

/// The members that are stored, in order.
#[derive(Serialize)]
struct Stored<'a> {
    version: u64,
    created_at: u64,
    lifetime: u64,
    redirect_uri: &'a str,
    response_type: &'a str,
    response_mode: &'a str,
    issuer: Option<&'a str>,
    issuer_parameter: Option<&'a str>,
    state: Option<&'a str>,
    code_verifier: Option<&'a str>,
    nonce: Option<&'a str>,
}

const STORED: &[&str] = &[
    "version",
    "created_at",
    "lifetime",
    "redirect_uri",
    "response_type",
    "response_mode",
    "issuer",
    "issuer_parameter",
    "state",
    "code_verifier",
    "nonce",
];

const fn seconds(duration: Duration) -> u64 {
    duration.as_secs()
}
