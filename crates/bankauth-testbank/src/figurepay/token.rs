//! The token endpoint.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Json,
    extract::{RawQuery, State},
    response::IntoResponse,
};
use http::{HeaderMap, StatusCode, header};
use hyper::body::Bytes;
use serde::Serialize;

use super::ledger::Ledger;
use crate::{
    bank::Bank,
    form::{self, Form},
};

/// A successful answer. The bank's sample has the first member alone.
#[derive(Serialize)]
struct Granted {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
}

/// A refusal, in the form of RFC 6749 section 5.2.
#[derive(Serialize)]
struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    error: &'static str,
}

/// `POST /figurepay/oauth2/token`
pub(super) async fn answer(
    State(bank): State<Arc<Bank>>,
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
    let query = query.unwrap_or_default();
    let granted = decide(&mut state.figurepay, &headers, &query, &body, now)
        .map(Json)
        .map_err(|refusal| (refusal.status, Json(refusal)));
    (uncached, granted)
}

fn decide(
    ledger: &mut Ledger,
    headers: &HeaderMap,
    query: &str,
    body: &[u8],
    now: SystemTime,
) -> Result<Granted, Refusal> {
    let refused = |status, error| Refusal { status, error };
    let invalid_request = || refused(StatusCode::BAD_REQUEST, "invalid_request");
    // The bank takes the secret in the body alone.
    let elsewhere = !query.is_empty() || headers.contains_key(header::AUTHORIZATION);
    if elsewhere || !form::is_form(headers) {
        return Err(invalid_request());
    }
    let form = Form::read(body).map_err(|_| invalid_request())?;
    let required = |name| form.get(name).ok_or_else(invalid_request);
    if required("grant_type")? != "client_credentials" {
        return Err(refused(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let (client_id, client_secret) = (required("client_id")?, required("client_secret")?);
    if !ledger.knows(client_id, client_secret) {
        return Err(refused(StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    let lifetime = ledger.access_token_lifetime.as_secs();
    Ok(Granted {
        access_token: ledger.grant(client_id, now),
        token_type: ledger.full_answer.then_some("Bearer"),
        expires_in: ledger.full_answer.then_some(lifetime),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_is_refused(body: Vec<u8>) {
            let mut headers = HeaderMap::new();
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            let mut ledger = Ledger::default();
            let refused = decide(&mut ledger, &headers, "", &body, SystemTime::UNIX_EPOCH);
            prop_assert!(refused.is_err());
        }
    }
}
