//! Tatra banka.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing::post};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    Answer,
    desk::{self, ConsentOrder, Ended, Redirected, TokensOf},
    known, refused,
};
use crate::{
    bank::Bank,
    decision::Decision,
    desk::Provider,
    family::{OldAccessToken, Rotation},
    tatrabanka::{TatraBanka, TatraBankaApplication},
};

pub(super) fn routes() -> Router<Arc<Bank>> {
    desk::routes(Provider::TatraBanka)
        .route("/applications", post(register))
        .route("/consent", post(consent))
        .route("/consents/end", post(end_consent))
        .route("/contract", post(contract))
        .route("/settings", post(settings))
        .route("/refresh-tokens/end", post(end_refresh_tokens))
        .route("/access-tokens/end", post(end_access_tokens))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Usage {
    FinalConsumer,
    ThirdParty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    usage: Usage,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    public: bool,
    certificate: Option<String>,
}

#[derive(Serialize)]
struct Registered {
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

async fn register(
    State(bank): State<Arc<Bank>>,
    Json(order): Json<Application>,
) -> Answer<Registered> {
    let mut application = match order.usage {
        Usage::FinalConsumer => TatraBankaApplication::final_consumer(),
        Usage::ThirdParty => TatraBankaApplication::third_party(),
    };
    if let Some(scopes) = order.scopes {
        let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
        application = application.with_scopes(&scopes);
    }
    for redirect_uri in order.redirect_uris {
        application = application.with_redirect_uri(redirect_uri);
    }
    if order.public {
        application = application.public();
    }
    if let Some(pem) = order.certificate {
        application = application.with_certificate(pem);
    }
    let credentials = TatraBanka::new(bank)
        .register(application)
        .map_err(refused)?;
    Ok(Json(Registered {
        client_id: credentials.client_id().to_owned(),
        client_secret: credentials.expose_client_secret().map(str::to_owned),
    }))
}

async fn consent(
    State(bank): State<Arc<Bank>>,
    Json(order): Json<ConsentOrder>,
) -> Answer<Redirected> {
    let tatrabanka = TatraBanka::new(bank);
    let redirection = match order.decision {
        Decision::Authorise => tatrabanka.authorise(&order.url),
        Decision::Deny => tatrabanka.deny(&order.url),
    };
    redirection.map(Json::from).map_err(refused)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentOf {
    consent_id: String,
}

async fn end_consent(
    State(bank): State<Arc<Bank>>,
    Json(of): Json<ConsentOf>,
) -> Result<StatusCode, (StatusCode, String)> {
    known(TatraBanka::new(bank).end_consent(&of.consent_id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    client_id: String,
    contract: bool,
}

async fn contract(
    State(bank): State<Arc<Bank>>,
    Json(order): Json<Contract>,
) -> Result<StatusCode, (StatusCode, String)> {
    known(TatraBanka::new(bank).set_contract(&order.client_id, order.contract))
}

/// What is left out stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSettings {
    code_lifetime_secs: Option<u64>,
    access_token_lifetime_secs: Option<u64>,
    refresh_token_lifetime_secs: Option<u64>,
    rotation: Option<Rotation>,
    reuse_revokes: Option<bool>,
    grace_secs: Option<u64>,
    old_access_token: Option<OldAccessToken>,
    refresh_token_for_payments: Option<bool>,
}

async fn settings(State(bank): State<Arc<Bank>>, Json(new): Json<NewSettings>) -> StatusCode {
    let tatrabanka = TatraBanka::new(bank);
    if let Some(seconds) = new.code_lifetime_secs {
        tatrabanka.set_code_lifetime(Duration::from_secs(seconds));
    }
    if let Some(seconds) = new.access_token_lifetime_secs {
        tatrabanka.set_access_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(seconds) = new.refresh_token_lifetime_secs {
        tatrabanka.set_refresh_token_lifetime(Duration::from_secs(seconds));
    }
    if let Some(rotation) = new.rotation {
        tatrabanka.set_rotation(rotation);
    }
    if let Some(revokes) = new.reuse_revokes {
        tatrabanka.set_reuse_revokes(revokes);
    }
    if let Some(seconds) = new.grace_secs {
        tatrabanka.set_grace_period(Duration::from_secs(seconds));
    }
    if let Some(old) = new.old_access_token {
        tatrabanka.set_old_access_token(old);
    }
    if let Some(comes) = new.refresh_token_for_payments {
        tatrabanka.set_refresh_token_for_payments(comes);
    }
    StatusCode::NO_CONTENT
}

async fn end_refresh_tokens(
    State(bank): State<Arc<Bank>>,
    Json(of): Json<TokensOf>,
) -> Json<Ended> {
    let ended = TatraBanka::new(bank).end_refresh_tokens(&of.client_id);
    Json(Ended { ended })
}

async fn end_access_tokens(State(bank): State<Arc<Bank>>, Json(of): Json<TokensOf>) -> Json<Ended> {
    let ended = TatraBanka::new(bank).end_access_tokens(&of.client_id);
    Json(Ended { ended })
}
