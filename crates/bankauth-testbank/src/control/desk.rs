//! What every bank has: faults, counters and requests. And the forms that more than one bank takes or gives.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    extract::State,
    routing::{get, post},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::once;
use crate::{
    bank::Bank,
    clock,
    decision::{Decision, Redirection},
    desk::Provider,
    fault::{Endpoint, Fault},
    recorder::{Counters, RecordedRequest},
};

/// The routes of any bank. Those that a bank adds know the bank by its handle.
pub(super) fn routes(provider: Provider) -> Router<Arc<Bank>> {
    Router::new()
        .route("/faults", post(plan).delete(clear))
        .route("/counters", get(counters))
        .route("/requests", get(requests))
        .layer(Extension(provider))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentOrder {
    pub(super) url: String,
    pub(super) decision: Decision,
}

#[derive(Serialize)]
pub(super) struct Redirected {
    redirect: String,
}

impl From<Redirection> for Redirected {
    fn from(redirection: Redirection) -> Self {
        Self {
            redirect: redirection.expose_secret().to_owned(),
        }
    }
}

impl From<Redirection> for Json<Redirected> {
    fn from(redirection: Redirection) -> Self {
        Self(redirection.into())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokensOf {
    pub(super) client_id: String,
}

#[derive(Serialize)]
pub(super) struct Ended {
    pub(super) ended: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    endpoint: Endpoint,
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
    for_secs: Option<u64>,
}

async fn plan(
    State(bank): State<Arc<Bank>>,
    Extension(provider): Extension<Provider>,
    Json(order): Json<FaultOrder>,
) -> StatusCode {
    let now = bank.clock.now();
    let mut state = bank.lock();
    let faults = &mut state.desk(provider).faults;
    match order.for_secs {
        Some(seconds) => {
            let until = clock::later(now, Duration::from_secs(seconds));
            faults.plan_until(order.endpoint, order.fault, until);
        }
        None => faults.plan(order.endpoint, order.fault, order.times),
    }
    StatusCode::NO_CONTENT
}

async fn clear(
    State(bank): State<Arc<Bank>>,
    Extension(provider): Extension<Provider>,
) -> StatusCode {
    bank.lock().desk(provider).faults.clear();
    StatusCode::NO_CONTENT
}

async fn counters(
    State(bank): State<Arc<Bank>>,
    Extension(provider): Extension<Provider>,
) -> Json<Counters> {
    Json(bank.lock().desk(provider).counters)
}

#[derive(Serialize)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    /// In hexadecimal; left out when there was no client certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate_sha256: Option<String>,
}

impl From<&RecordedRequest> for Request {
    fn from(request: &RecordedRequest) -> Self {
        let headers = request.expose_headers().iter();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            method: request.method().to_string(),
            path: request.path().to_owned(),
            query: request.expose_query().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect(),
            body: text(request.expose_body()),
            client_certificate_sha256: request.client_certificate_sha256().map(hex),
        }
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn requests(
    State(bank): State<Arc<Bank>>,
    Extension(provider): Extension<Provider>,
) -> Json<Vec<Request>> {
    let requests = bank.lock().desk(provider).requests();
    Json(requests.iter().map(Request::from).collect())
}
