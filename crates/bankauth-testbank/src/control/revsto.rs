//! Revsto.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing::post};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    Answer,
    desk::{self, Ended, TokensOf},
    known, refused,
};
use crate::{
    bank::Bank,
    desk::Provider,
    family::{OldAccessToken, Rotation},
    revsto::Revsto,
};

pub(super) fn routes() -> Router<Arc<Bank>> {
    desk::routes(Provider::Revsto)
        .route("/distributors", post(register))
        .route("/access", post(access))
        .route("/settings", post(settings))
        .route("/refresh-tokens/end", post(end_refresh_tokens))
        .route("/access-tokens/end", post(end_access_tokens))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    #[serde(default)]
    ip_list: Vec<String>,
}

#[derive(Serialize)]
struct Registered {
    client_id: String,
    client_secret: String,
    username: String,
    password: String,
}

async fn register(
    State(bank): State<Arc<Bank>>,
    Json(registration): Json<Registration>,
) -> Answer<Registered> {
    let ip_list: Vec<_> = registration.ip_list.iter().map(String::as_str).collect();
    let credentials = Revsto::new(bank).register(&ip_list).map_err(refused)?;
    Ok(Json(Registered {
        client_id: credentials.client_id().to_owned(),
        client_secret: credentials.expose_client_secret().to_owned(),
        username: credentials.username().to_owned(),
        password: credentials.expose_password().to_owned(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    client_id: String,
    enabled: bool,
}

async fn access(
    State(bank): State<Arc<Bank>>,
    Json(access): Json<Access>,
) -> Result<StatusCode, (StatusCode, String)> {
    known(Revsto::new(bank).set_access_enabled(&access.client_id, access.enabled))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    access_token_lifetime_secs: Option<u64>,
    refresh_token_lifetime_secs: Option<u64>,
    refresh_supported: Option<bool>,
    rotation: Option<Rotation>,
    old_access_token: Option<OldAccessToken>,
    peer_address: Option<IpAddr>,
}

async fn settings(State(bank): State<Arc<Bank>>, Json(new): Json<NewSettings>) -> StatusCode {
    let revsto = Revsto::new(bank);
    if let Some(seconds) = new.access_token_lifetime_secs {
        revsto.set_access_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(seconds) = new.refresh_token_lifetime_secs {
        revsto.set_refresh_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(supported) = new.refresh_supported {
        revsto.set_refresh_supported(supported);
    }
    if let Some(rotation) = new.rotation {
        revsto.set_rotation(rotation);
    }
    if let Some(old) = new.old_access_token {
        revsto.set_old_access_token(old);
    }
    if new.peer_address.is_some() {
        revsto.set_peer_address(new.peer_address);
    }
    StatusCode::NO_CONTENT
}

async fn end_refresh_tokens(
    State(bank): State<Arc<Bank>>,
    Json(of): Json<TokensOf>,
) -> Json<Ended> {
    let ended = Revsto::new(bank).end_refresh_tokens(&of.client_id);
    Json(Ended { ended })
}

async fn end_access_tokens(State(bank): State<Arc<Bank>>, Json(of): Json<TokensOf>) -> Json<Ended> {
    let ended = Revsto::new(bank).end_access_tokens(&of.client_id);
    Json(Ended { ended })
}
