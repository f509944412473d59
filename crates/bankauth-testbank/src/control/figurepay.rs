//! Figure Pay.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Json, Router, extract::State, routing::post};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    NothingMore,
    desk::{self, Ended, TokensOf},
    known, refused,
};
use crate::{
    bank::Bank,
    clock,
    desk::Provider,
    figurepay::{FigurePay, VersionState},
};

pub(super) fn routes() -> Router<Arc<Bank>> {
    desk::routes(Provider::FigurePay)
        .route("/clients", post(register))
        .route("/access", post(access))
        .route("/settings", post(settings))
        .route("/versions", post(version))
        .route("/access-tokens/end", post(end_access_tokens))
}

#[derive(Serialize)]
struct Registered {
    client_id: String,
    client_secret: String,
}

async fn register(
    State(bank): State<Arc<Bank>>,
    Json(NothingMore {}): Json<NothingMore>,
) -> Json<Registered> {
    let credentials = FigurePay::new(bank).register();
    Json(Registered {
        client_id: credentials.client_id().to_owned(),
        client_secret: credentials.expose_client_secret().to_owned(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    client_id: String,
    active: bool,
}

async fn access(
    State(bank): State<Arc<Bank>>,
    Json(access): Json<Access>,
) -> Result<StatusCode, (StatusCode, String)> {
    known(FigurePay::new(bank).set_active(&access.client_id, access.active))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    access_token_lifetime_secs: Option<u64>,
    full_answer: Option<bool>,
}

async fn settings(State(bank): State<Arc<Bank>>, Json(new): Json<NewSettings>) -> StatusCode {
    let figurepay = FigurePay::new(bank);
    if let Some(seconds) = new.access_token_lifetime_secs {
        figurepay.set_access_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(full) = new.full_answer {
        figurepay.set_full_answer(full);
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    version: String,
    state: NewState,
}

#[derive(Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "snake_case",
    deny_unknown_fields
)]
enum NewState {
    Current,
    Deprecated {
        since_unix_secs: u64,
        sunset_unix_secs: u64,
    },
    Removed,
}

async fn version(
    State(bank): State<Arc<Bank>>,
    Json(order): Json<Version>,
) -> Result<StatusCode, (StatusCode, String)> {
    let at = |seconds| clock::later(SystemTime::UNIX_EPOCH, Duration::from_secs(seconds));
    let state = match order.state {
        NewState::Current => VersionState::Current,
        NewState::Removed => VersionState::Removed,
        NewState::Deprecated {
            since_unix_secs,
            sunset_unix_secs,
        } => VersionState::Deprecated {
            since: at(since_unix_secs),
            sunset: at(sunset_unix_secs),
        },
    };
    let figurepay = FigurePay::new(bank);
    figurepay
        .set_version(&order.version, state)
        .map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_access_tokens(State(bank): State<Arc<Bank>>, Json(of): Json<TokensOf>) -> Json<Ended> {
    let ended = FigurePay::new(bank).end_access_tokens(&of.client_id);
    Json(Ended { ended })
}
