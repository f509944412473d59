//! The JWT with which a client authenticates at a token endpoint.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::audience::Audience;
use crate::claim::{ClaimError, check_text, expiry, lifetime_seconds, numeric_date};
use crate::compact::SigningInput;
use crate::header::Header;
use crate::jwt::Jwt;
use crate::jwt_id::JwtId;
use crate::sign::{Sign, SignError};

/// What a client says of itself (RFC 7523 section 3), checked once and signed afresh for each
/// request and each retry.
///
/// The claims stand in this order; the last two only when asked for:
///
/// ```json
/// {"iss":"example.com","sub":"client-1","aud":"https://bank.example","exp":1700000060,"iat":1700000000,"jti":"AAECAwQFBgcICQoLDA0ODw"}
/// ```
#[derive(Clone, Debug)]
pub struct ClientAssertion {
    issuer: String,
    subject: String,
    audience: Audience,
    /// In seconds.
    lifetime: u64,
    with_issued_at: bool,
    typ: &'static str,
}

impl ClientAssertion {
    /// The lifetime unless another is set. The bank compares `exp` with its own clock, so a minute
    /// covers clocks that disagree a little; the request itself takes a second.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

    /// The longest lifetime that [`with_lifetime`](Self::with_lifetime) takes. A longer one has to be
    /// asked for by name: [`with_long_lifetime`](Self::with_long_lifetime).
    pub const LIFETIME_LIMIT: Duration = Duration::from_secs(5 * 60);

    /// An assertion whose issuer and subject are the client, as RFC 7523 section 3 has it.
    ///
    /// # Errors
    /// [`ClaimError`] when the client id or the audience is empty, has a control character or more
    /// than 2048 bytes, or when the audience is not the kind of URL that it claims to be.
    pub fn new(client_id: impl Into<String>, audience: Audience) -> Result<Self, ClaimError> {
        let client_id = client_id.into();
        check_text("sub", &client_id)?;
        audience.check()?;
        Ok(Self {
            issuer: client_id.clone(),
            subject: client_id,
            audience,
            lifetime: Self::DEFAULT_LIFETIME.as_secs(),
            with_issued_at: false,
            typ: "JWT",
        })
    }

    /// Sets `iss` apart from `sub`, for banks that want something else there than the client id.
    ///
    /// # Errors
    /// [`ClaimError`] when it is empty, has a control character or more than 2048 bytes.
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Result<Self, ClaimError> {
        let issuer = issuer.into();
        check_text("iss", &issuer)?;
        self.issuer = issuer;
        Ok(self)
    }

    /// Sets how long after the second of issue the assertion expires: whole seconds, from one second
    /// to [`LIFETIME_LIMIT`](Self::LIFETIME_LIMIT).
    ///
    /// # Errors
    /// [`ClaimError`] on any other lifetime.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Result<Self, ClaimError> {
        self.lifetime = lifetime_seconds(lifetime, Some(Self::LIFETIME_LIMIT))?;
        Ok(self)
    }

    /// Sets a lifetime of any length. Whoever gets hold of such an assertion can use it until it
    /// expires, and there is no way to call it back.
    ///
    /// # Errors
    /// [`ClaimError`] when it is not in whole seconds or less than one.
    pub fn with_long_lifetime(mut self, lifetime: Duration) -> Result<Self, ClaimError> {
        self.lifetime = lifetime_seconds(lifetime, None)?;
        Ok(self)
    }

    /// Adds the `iat` claim: the second of issue.
    #[must_use]
    pub fn with_issued_at(mut self) -> Self {
        self.with_issued_at = true;
        self
    }

    /// Writes `client-authentication+jwt` instead of `JWT` into the `typ` header parameter, so that
    /// the assertion can be taken for no other kind of JWT. Only for banks that know the type
    /// (draft-ietf-oauth-rfc7523bis section 4).
    #[must_use]
    pub fn with_explicit_type(mut self) -> Self {
        self.typ = "client-authentication+jwt";
        self
    }

    /// Signs without a `jti` claim. With the same `now` an RS256 key gives the same assertion again;
    /// where the bank refuses what it has seen, use [`sign_with_id`](Self::sign_with_id).
    ///
    /// # Errors
    /// [`SignError`] when `exp` cannot be expressed, the key's `kid` breaks a rule, or the key does
    /// not sign.
    pub fn sign(&self, key: &dyn Sign, now: SystemTime) -> Result<Jwt, SignError> {
        self.sign_prepared(key, now, None)
    }

    /// Signs with a `jti` claim, which must be fresh for each request (RFC 7523 section 3, item 7).
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_with_id(
        &self,
        key: &dyn Sign,
        now: SystemTime,
        id: JwtId,
    ) -> Result<Jwt, SignError> {
        self.sign_prepared(key, now, Some(id))
    }

    /// The first of two steps, for signers that do not answer at once: gives the bytes to sign, to
    /// which [`SigningInput::with_signature`] then adds the signature. The lifetime runs from `now`,
    /// not from the signature.
    ///
    /// # Errors
    /// [`SignError::Claim`] when `exp` cannot be expressed or `key_id` breaks a rule.
    pub fn prepare(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
        now: SystemTime,
        id: Option<JwtId>,
    ) -> Result<SigningInput, SignError> {
        let header = Header::new(algorithm, self.typ, key_id).map_err(SignError::Claim)?;
        let issued_at = numeric_date(now).map_err(SignError::Claim)?;
        let claims = Claims {
            iss: &self.issuer,
            sub: &self.subject,
            aud: self.audience.as_str(),
            exp: expiry(issued_at, self.lifetime).map_err(SignError::Claim)?,
            iat: self.with_issued_at.then_some(issued_at),
            jti: id.map(JwtId::into_text),
        };
        Ok(SigningInput::new(algorithm, &header, &claims))
    }

    fn sign_prepared(
        &self,
        key: &dyn Sign,
        now: SystemTime,
        id: Option<JwtId>,
    ) -> Result<Jwt, SignError> {
        let input = self.prepare(key.algorithm(), key.key_id(), now, id)?;
        let signature = key.sign(input.as_bytes())?;
        input.with_signature(signature)
    }
}

/// The payload, its dates as integers: a reader may refuse a fraction or a string (RFC 7519
/// section 2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}
