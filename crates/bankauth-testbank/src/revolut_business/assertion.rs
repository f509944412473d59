//! Checking a client assertion against the uploaded certificate.

use std::{borrow::Cow, time::SystemTime};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous::insecure_decode_claims, decode};
use serde::Deserialize;
use serde_json::Value;

use super::{ledger::Ledger, registration::ClientId, token::Refusal};
use crate::date;

/// The audience in both environments (the bank's guide, read 2026-11-20).
const AUDIENCE: &str = "https://revolut.com";

/// Read as any JSON, so that a claim of the wrong type is refused by name and not as a whole.
#[derive(Deserialize)]
struct Claims {
    iss: Option<Value>,
    sub: Option<Value>,
    aud: Option<Value>,
    exp: Option<Value>,
}

/// The client that made this assertion.
///
/// Only the signature, the algorithm and the form are left to the JOSE library: its clock is the machine's.
pub(super) fn verify(ledger: &Ledger, jwt: &str, now: SystemTime) -> Result<ClientId, Refusal> {
    let parts = jwt.split('.').count();
    if parts != 3 {
        return Err(Refusal::invalid_request(format!(
            "The token was expected to have 3 parts, but got {parts}."
        )));
    }
    let unverified: Claims =
        insecure_decode_claims(jwt).map_err(|_| Refusal::failed_to_authorise())?;
    let ends = unverified.exp.as_ref().map(whole_seconds).transpose()?;
    let named = unverified.sub.as_ref().and_then(Value::as_str);
    let (client_id, client) = named
        .and_then(|id| ledger.client(id))
        .ok_or_else(Refusal::failed_to_authorise)?;

    let mut signature_only = Validation::new(Algorithm::RS256);
    signature_only.required_spec_claims.clear();
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    let key = DecodingKey::from_rsa_der(&client.public_key);
    let token =
        decode::<Claims>(jwt, &key, &signature_only).map_err(|_| Refusal::failed_to_authorise())?;

    // RFC 7515 section 4.1.11: an extension that must be understood is not.
    if token.header.typ.as_deref() != Some("JWT") || token.header.crit.is_some() {
        return Err(Refusal::failed_to_authorise());
    }
    let now = date::unix_seconds(now);
    if now > client.not_after {
        return Err(Refusal::failed_to_authorise());
    }
    check_expiry(ends, now)?;
    if token.claims.iss.as_ref().and_then(Value::as_str) != Some(&client.issuer) {
        return Err(Refusal::invalid_request(
            "The 'iss' (issuer) claim must be your domain",
        ));
    }
    if !names_the_bank(token.claims.aud.as_ref()) {
        return Err(Refusal::invalid_request(
            "The Claim 'aud' value doesn't contain the required audience.",
        ));
    }
    Ok(client_id.clone())
}

/// Asked before the signature, because a claim of the wrong type already fails the reading of the token.
fn whole_seconds(exp: &Value) -> Result<i64, Refusal> {
    match (exp.as_i64(), exp.is_u64()) {
        (Some(seconds), _) => Ok(seconds),
        // Beyond the signed range, but a whole number all the same.
        (None, true) => Ok(i64::MAX),
        (None, false) => Err(Refusal::invalid_request(
            "The claim 'exp' contained a non-numeric date value.",
        )),
    }
}

fn check_expiry(ends: Option<i64>, now: i64) -> Result<(), Refusal> {
    let ends = ends.ok_or_else(Refusal::failed_to_authorise)?;
    // RFC 7519 section 4.1.4: not accepted on or after this time.
    if now >= ends {
        let expired = format!("The Token has expired on {}.", date::java_date(ends));
        return Err(Refusal::invalid_request(expired));
    }
    Ok(())
}

/// RFC 7519 section 4.1.3: one string, or an array of them.
fn names_the_bank(aud: Option<&Value>) -> bool {
    match aud {
        Some(Value::String(audience)) => audience == AUDIENCE,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == AUDIENCE),
        _ => false,
    }
}

impl Refusal {
    /// What the bank says to a wrong client id and to a wrong signature alike.
    fn failed_to_authorise() -> Self {
        Self {
            error: "unauthorized_client",
            error_description: Cow::Borrowed("Failed to authorise client"),
        }
    }
}
