//! What the bank's refusals mean, and what to do about them.

use core::time::Duration;
use std::{borrow::Cow, time::SystemTime};

use bankauth_grants::{ErrorCode, Grant, Refusal};
use http::StatusCode;

use super::{Client, token::is_stale_assertion};

/// For 403 of the API: the bank has one answer for all of these.
pub(super) const FORBIDDEN: &str = "another token changes nothing. The consent lacks the scope that this request needs \
    (READ for GET; other scopes need another consent); or this address is not in the IP list of the certificate; or the \
    consent has READ_SENSITIVE_CARD_DATA and the certificate has no IP list, which forbids every request; or the person \
    who consented lacks the permission in the web app";

/// Clocks that differ by less are not worth a word: an assertion lives for a minute.
const AGREEMENT: Duration = Duration::from_secs(30);

/// The hint for a refusal of the token endpoint. The bank gives few codes, so its words are looked at as well; those of
/// signature, issuer and audience are the ones of the JWT library that it seems to use.
pub(super) fn of_refusal(
    client: &Client,
    refusal: &Refusal,
    grant: Grant<'_>,
    now: SystemTime,
) -> Option<Cow<'static, str>> {
    let words = refusal.description().unwrap_or_default();
    if is_stale_assertion(refusal) {
        return Some(stale(refusal, now));
    }
    if words.contains("'iss'") || words.contains("issuer") {
        return Some(format!(
            "the assertion says iss = {}, the host of this client's redirect URI: the one registered with the certificate \
             has another host",
            client.issuer()
        ).into());
    }
    if refusal.status() == StatusCode::FORBIDDEN {
        return Some("likely this address is not in the IP list of the certificate".into());
    }
    match (refusal.code()?, grant) {
        (ErrorCode::InvalidClient, _) if words.contains("client_id") => Some(
            "the bank could not read the body as a form: whatever sends the requests has to leave body and content type \
             as they are"
                .into(),
        ),
        (ErrorCode::UnauthorizedClient | ErrorCode::InvalidClient, grant) => {
            Some(unknown_client(client, refusal, grant, now).into())
        }
        (ErrorCode::InvalidRequest, grant) if words.contains("Signature") => {
            Some(unknown_client(client, refusal, grant, now).into())
        }
        (ErrorCode::InvalidGrant, Grant::AuthorizationCode { .. }) => Some(
            "a code lives for two minutes and is used once: open the consent page again and exchange the new code at once"
                .into(),
        ),
        (ErrorCode::InvalidGrant, Grant::RefreshToken { .. }) => Some(
            "the refresh token has ended: authorise again. On the Freelancer plan that is due every 90 days; elsewhere \
             access was taken away in the web app, or the token is of another client"
                .into(),
        ),
        _ => None,
    }
}

/// The bank does not say which of its checks failed.
fn unknown_client(client: &Client, refusal: &Refusal, grant: Grant<'_>, now: SystemTime) -> String {
    let mut hint = format!(
        "the bank does not say why. Likely, in this order: the client id (sub = {}) is not the ClientID of this \
         certificate in the {} environment; the certificate uploaded there belongs to another key, or has expired; the \
         host of the registered redirect URI is not {} (iss)",
        client.client_id(),
        client.environment().name(),
        client.issuer()
    );
    if let Grant::AuthorizationCode { .. } = grant {
        hint.push_str("; the code is older than two minutes or was used before");
    }
    match offset(refusal, now) {
        Some(offset) if offset.is_notable() => hint.push_str(&format!(
            "; the assertion's time (exp) is wrong: the bank's clock is {offset}"
        )),
        Some(_) => {}
        None => hint.push_str("; this machine's clock (exp) is wrong"),
    }
    hint
}

fn stale(refusal: &Refusal, now: SystemTime) -> Cow<'static, str> {
    match offset(refusal, now) {
        Some(Offset::Ahead(by)) if by >= AGREEMENT => format!(
            "set this machine's clock: the bank's is {}",
            Offset::Ahead(by)
        )
        .into(),
        Some(_) => "this machine's clock is not behind the bank's: the request was on its way for too long, or was made for \
                    a time that had passed"
            .into(),
        None => "compare this machine's clock with the right time: to the bank the assertion had expired".into(),
    }
}

/// How far the bank's clock is from the caller's.
#[derive(Clone, Copy)]
enum Offset {
    Ahead(Duration),
    Behind(Duration),
}

fn offset(refusal: &Refusal, now: SystemTime) -> Option<Offset> {
    Some(match refusal.date()?.duration_since(now) {
        Ok(ahead) => Offset::Ahead(ahead),
        Err(behind) => Offset::Behind(behind.duration()),
    })
}

impl Offset {
    fn is_notable(self) -> bool {
        let (Self::Ahead(by) | Self::Behind(by)) = self;
        by >= AGREEMENT
    }
}

impl core::fmt::Display for Offset {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let ((Self::Ahead(by), word) | (Self::Behind(by), word)) = (
            *self,
            match self {
                Self::Ahead(_) => "ahead of it",
                Self::Behind(_) => "behind it",
            },
        );
        let seconds = by.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s {word}"),
            (0, 0, _) => write!(f, "{minutes} min {} s {word}", seconds % 60),
            (0, ..) => write!(f, "{hours} h {minutes} min {word}"),
            _ => write!(f, "{days} d {hours} h {word}"),
        }
    }
}
