//! Revolut Business.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing::post};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    Answer,
    desk::{self, ConsentOrder, Ended, Redirected, TokensOf},
    refused,
};
use crate::{
    bank::Bank,
    decision::Decision,
    desk::Provider,
    family::OldAccessToken,
    revolut_business::{ErrorShape, Plan, RevolutBusiness},
};

pub(super) fn routes() -> Router<Arc<Bank>> {
    desk::routes(Provider::RevolutBusiness)
        .route("/certificates", post(upload))
        .route("/consent", post(consent))
        .route("/settings", post(settings))
        .route("/refresh-tokens/end", post(end_refresh_tokens))
        .route("/access-tokens/end", post(end_access_tokens))
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
        .map_err(|error| match error.bank_words() {
            Some(words) => refused(format!("{words} ({error})")),
            None => refused(error),
        })?;
    Ok(Json(Uploaded {
        client_id: client_id.to_string(),
    }))
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
    redirection.map(Json::from).map_err(refused)
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
    old_access_token: Option<OldAccessToken>,
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
    if let Some(old) = new.old_access_token {
        revolut.set_old_access_token(old);
    }
    StatusCode::NO_CONTENT
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
