//! The control endpoints: the handles, for tests in another process. Described in the crate's documentation.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::{
    bank::Bank,
    date,
    fault::{Endpoint, Fault},
    recorder::{Counters, RecordedRequest},
    revolut_business::{Decision, ErrorShape, Plan, RevolutBusiness},
};

/// A refusal is a sentence.
type Answer<T> = Result<Json<T>, (StatusCode, String)>;

pub(crate) fn routes() -> Router<Arc<Bank>> {
    let revolut_business = Router::new()
        .route("/certificates", post(upload))
        .route("/consent", post(consent))
        .route("/settings", post(settings))
        .route("/faults", post(fail_next).delete(clear_faults))
        .route("/refresh-tokens/end", post(end_refresh_tokens))
        .route("/access-tokens/end", post(end_access_tokens))
        .route("/counters", get(counters))
        .route("/requests", get(requests));
    Router::new()
        .route("/clock", get(now).post(set_clock))
        .nest("/revolut-business", revolut_business)
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ClockChange {
    AdvanceSecs(u64),
    SetUnixSecs(u64),
}

#[derive(Serialize)]
struct Now {
    unix_secs: i64,
}

async fn now(State(bank): State<Arc<Bank>>) -> Json<Now> {
    Json(Now {
        unix_secs: date::unix_seconds(bank.clock.now()),
    })
}

async fn set_clock(State(bank): State<Arc<Bank>>, Json(change): Json<ClockChange>) -> Answer<Now> {
    match change {
        ClockChange::AdvanceSecs(seconds) => bank.clock.advance(Duration::from_secs(seconds)),
        ClockChange::SetUnixSecs(seconds) => {
            let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
            let time = time.ok_or_else(|| {
                let sentence = "set_unix_secs: beyond every calendar".to_owned();
                (StatusCode::BAD_REQUEST, sentence)
            })?;
            bank.clock.set(time);
        }
    }
    Ok(now(State(bank)).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upload {
    certificate: String,
    redirect_uri: String,
    #[serde(default)]
    ip_list: Vec<String>,
}

#[derive(Serialize)]
struct Uploaded {
    client_id: String,
}

async fn upload(State(bank): State<Arc<Bank>>, Json(upload): Json<Upload>) -> Answer<Uploaded> {
    let ip_list: Vec<_> = upload.ip_list.iter().map(String::as_str).collect();
    let client_id = RevolutBusiness::new(bank)
        .upload_certificate(&upload.certificate, &upload.redirect_uri, &ip_list)
        .map_err(|error| {
            let sentence = match error.bank_words() {
                Some(words) => format!("{words} ({error})"),
                None => error.to_string(),
            };
            (StatusCode::BAD_REQUEST, sentence)
        })?;
    Ok(Json(Uploaded {
        client_id: client_id.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentOrder {
    url: String,
    decision: Decision,
}

#[derive(Serialize)]
struct Redirected {
    redirect: String,
}

async fn consent(
    State(bank): State<Arc<Bank>>,
    Json(order): Json<ConsentOrder>,
) -> Answer<Redirected> {
    let revolut = RevolutBusiness::new(bank);
    let redirection = match order.decision {
        Decision::Authorise => revolut.authorise(&order.url),
        Decision::Deny => revolut.deny(&order.url),
    };
    let redirection = redirection.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok(Json(Redirected {
        redirect: redirection.expose_secret().to_owned(),
    }))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    code_lifetime_secs: Option<u64>,
    access_token_lifetime_secs: Option<u64>,
    plan: Option<Plan>,
    error_shape: Option<ErrorShape>,
    peer_address: Option<IpAddr>,
}

async fn settings(State(bank): State<Arc<Bank>>, Json(new): Json<NewSettings>) -> StatusCode {
    let revolut = RevolutBusiness::new(bank);
    if let Some(seconds) = new.code_lifetime_secs {
        revolut.set_code_lifetime(Duration::from_secs(seconds));
    }
    if let Some(seconds) = new.access_token_lifetime_secs {
        revolut.set_access_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(plan) = new.plan {
        revolut.set_plan(plan);
    }
    if let Some(shape) = new.error_shape {
        revolut.set_error_shape(shape);
    }
    if new.peer_address.is_some() {
        revolut.set_peer_address(new.peer_address);
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    endpoint: Endpoint,
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

async fn fail_next(State(bank): State<Arc<Bank>>, Json(order): Json<FaultOrder>) -> StatusCode {
    RevolutBusiness::new(bank).fail_next(order.endpoint, order.fault, order.times);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(bank): State<Arc<Bank>>) -> StatusCode {
    RevolutBusiness::new(bank).clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokensOf {
    client_id: String,
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}

async fn end_refresh_tokens(
    State(bank): State<Arc<Bank>>,
    Json(of): Json<TokensOf>,
) -> Json<Ended> {
    let ended = RevolutBusiness::new(bank).end_refresh_tokens(&of.client_id);
    Json(Ended { ended })
}

async fn end_access_tokens(State(bank): State<Arc<Bank>>, Json(of): Json<TokensOf>) -> Json<Ended> {
    let ended = RevolutBusiness::new(bank).end_access_tokens(&of.client_id);
    Json(Ended { ended })
}

async fn counters(State(bank): State<Arc<Bank>>) -> Json<Counters> {
    Json(RevolutBusiness::new(bank).counters())
}

#[derive(Serialize)]
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
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
        }
    }
}

async fn requests(State(bank): State<Arc<Bank>>) -> Json<Vec<Request>> {
    let requests = RevolutBusiness::new(bank).requests();
    Json(requests.iter().map(Request::from).collect())
}
