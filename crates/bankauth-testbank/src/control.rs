//! The control endpoints: the handles, for tests in another process. Described in the crate's documentation.

mod desk;
mod figurepay;
mod revolut_business;
mod revsto;
mod tatrabanka;

use std::{
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

use crate::{bank::Bank, certificate::ServerCertificate, date, server};

/// A refusal is a sentence.
type Answer<T> = Result<Json<T>, (StatusCode, String)>;

pub(crate) fn routes() -> Router<Arc<Bank>> {
    Router::new()
        .route("/clock", get(now).post(set_clock))
        .route("/server-certificate", post(show_next))
        .route("/delayed", post(act_on_delayed))
        .nest("/revolut-business", revolut_business::routes())
        .nest("/revsto", revsto::routes())
        .nest("/figurepay", figurepay::routes())
        .nest("/tatrabanka", tatrabanka::routes())
}

fn refused(error: impl ToString) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_string())
}

/// 204 for a client that there is, 404 and a sentence for one that there is not.
fn known(found: bool) -> Result<StatusCode, (StatusCode, String)> {
    match found {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err((StatusCode::NOT_FOUND, "not known to this bank".to_owned())),
    }
}

/// The body of an order that says nothing more. It is asked for all the same: a page in a browser cannot send this
/// type of content without leave.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NothingMore {}

fn once() -> u32 {
    1
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
            let time = time.ok_or_else(|| refused("set_unix_secs: beyond every calendar"))?;
            bank.clock.set(time);
        }
    }
    Ok(now(State(bank)).await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    certificate: ServerCertificate,
    #[serde(default = "once")]
    times: u32,
}

async fn show_next(State(bank): State<Arc<Bank>>, Json(shown): Json<Shown>) -> StatusCode {
    bank.certificates.show_next(shown.certificate, shown.times);
    StatusCode::NO_CONTENT
}

#[derive(Serialize)]
struct ActedOn {
    acted_on: usize,
}

async fn act_on_delayed(
    State(bank): State<Arc<Bank>>,
    Json(NothingMore {}): Json<NothingMore>,
) -> Json<ActedOn> {
    let acted_on = server::act_on_delayed(&bank).await;
    Json(ActedOn { acted_on })
}
