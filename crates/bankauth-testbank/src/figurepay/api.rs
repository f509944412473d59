//! The API: the version comes first, then the token.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::version::Served;
use crate::{bank::Bank, form::bearer_token};

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Refusal {
    error: &'static str,
}

/// Every path but the token endpoint.
pub(super) async fn answer(State(bank): State<Arc<Bank>>, headers: HeaderMap) -> Response {
    let now = bank.clock.now();
    let state = bank.lock();
    let ledger = &state.figurepay;
    let extra = match ledger.versions.serve(&headers, now) {
        Served::With(extra) => extra,
        Served::NoVersion => return refused(StatusCode::BAD_REQUEST, "invalid_request"),
        Served::Gone => return refused(StatusCode::GONE, "gone"),
    };
    let mut response = match bearer_token(&headers) {
        Some(token) if ledger.admits(token, now) => Json(Nothing {}).into_response(),
        _ => unauthorised(),
    };
    response.headers_mut().extend(extra);
    response
}

/// RFC 6750 section 3
fn unauthorised() -> Response {
    let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_token");
    let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn refused(status: StatusCode, error: &'static str) -> Response {
    (status, Json(Refusal { error })).into_response()
}
