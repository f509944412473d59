//! The token endpoint.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::IntoResponse,
};
use http::{HeaderMap, header};
use hyper::body::Bytes;
use serde::Serialize;

use super::{
    ledger::{Issued, Ledger},
    refusal::Refusal,
    scope,
};
use crate::{
    bank::Bank,
    family::NotRefreshed,
    form::{self, Form},
    server::Caller,
};

/// A successful answer, its members in the order of the bank's sample.
#[derive(Serialize)]
struct Granted {
    token_type: &'static str,
    expires_in: u64,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// `POST /tagpay/api/distributor/v1/oauth2/token`
pub(super) async fn answer(
    State(bank): State<Arc<Bank>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    // RFC 6749 section 5.1
    let uncached = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.revsto;
    let peer = ledger.settings.peer_address.unwrap_or(caller.address);
    let request = read(&headers, query.as_deref(), &body);
    let issued = request.and_then(|form| decide(ledger, &form, peer, now));
    let granted = issued.map(|issued| {
        Json(Granted {
            token_type: "Bearer",
            expires_in: issued.expires_in,
            access_token: issued.access_token,
            refresh_token: issued.refresh_token,
        })
    });
    (uncached, granted)
}

/// The secret and the password come in the body, and nowhere else.
fn read(headers: &HeaderMap, query: Option<&str>, body: &[u8]) -> Result<Form, Refusal> {
    let elsewhere =
        query.is_some_and(|query| !query.is_empty()) || headers.contains_key(header::AUTHORIZATION);
    if elsewhere || !form::is_form(headers) {
        return Err(Refusal::invalid_request());
    }
    Form::read(body).map_err(|_| Refusal::invalid_request())
}

fn decide(
    ledger: &mut Ledger,
    form: &Form,
    peer: IpAddr,
    now: SystemTime,
) -> Result<Issued, Refusal> {
    let required = |name| form.get(name).ok_or_else(|| Refusal::check(name));
    let grant_type = form.get("grant_type");
    let grant_type = grant_type.ok_or_else(Refusal::unsupported_grant_type)?;
    if !matches!(grant_type, "password" | "refresh_token") {
        return Err(Refusal::unsupported_grant_type());
    }
    let client_id = required("client_id")?;
    let client_secret = required("client_secret")?;
    let distributor = ledger.distributor(client_id);
    let distributor = distributor.ok_or_else(Refusal::invalid_client)?;
    if !distributor.ip_list.admits(peer) {
        return Err(Refusal::invalid_request());
    }
    let known = &distributor.credentials;
    if client_secret != known.client_secret {
        return Err(Refusal::invalid_client());
    }
    if !distributor.enabled {
        return Err(Refusal::forbidden());
    }

    if grant_type == "password" {
        let (username, password) = (required("username")?, required("password")?);
        if username != known.username || password != known.password {
            return Err(Refusal::invalid_credentials());
        }
        let scopes = match form.get("scope") {
            None => scope::ALL.to_vec(),
            Some(list) => asked_for(list, &scope::ALL)?,
        };
        return Ok(ledger.log_in(client_id, scopes, now));
    }
    if !ledger.settings.refresh_supported {
        return Err(Refusal::unsupported_grant_type());
    }
    let refresh_token = required("refresh_token")?;
    // The scopes are looked at before anything is used up.
    if let (Some(list), Some(known)) = (form.get("scope"), ledger.scopes_of(refresh_token)) {
        asked_for(list, &known)?;
    }
    ledger
        .refresh(refresh_token, client_id, now)
        .map_err(|reason| {
            Refusal::invalid_refresh_token(match reason {
                NotRefreshed::Unknown => "Cannot decrypt the refresh token",
                NotRefreshed::Over => "Token has expired",
                NotRefreshed::Revoked | NotRefreshed::FamilyRevoked => "Token has been revoked",
            })
        })
}

fn asked_for(list: &str, known: &[&'static str]) -> Result<Vec<&'static str>, Refusal> {
    scope::read(list, known).map_err(|other| Refusal::invalid_scope(&other))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_is_refused(body: Vec<u8>) {
            let mut headers = HeaderMap::new();
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            let refused = read(&headers, None, &body).and_then(|form| {
                let peer = Ipv4Addr::LOCALHOST.into();
                decide(&mut Ledger::default(), &form, peer, SystemTime::UNIX_EPOCH)
            });
            prop_assert!(refused.is_err());
        }
    }
}
