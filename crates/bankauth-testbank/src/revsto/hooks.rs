//! The API: who may call it, and the list of webhooks.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;

use super::{refusal::Refusal, scope};
use crate::{bank::Bank, form::bearer_token};

/// `GET /revsto/api/distributor/v1/hooks`. A test bank sends no webhooks; the list is empty.
pub(super) async fn list(State(bank): State<Arc<Bank>>, headers: HeaderMap) -> Response {
    match authorise(&bank, &headers) {
        Ok(scopes) if scopes.contains(&scope::EVENT_MANAGEMENT) => {
            Json::<[(); 0]>([]).into_response()
        }
        Ok(_) => Refusal::forbidden().into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Every other path of the API.
pub(super) async fn unknown(State(bank): State<Arc<Bank>>, headers: HeaderMap) -> Response {
    match authorise(&bank, &headers) {
        Ok(_) => Refusal::not_found().into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The scopes of the caller's token.
fn authorise(bank: &Bank, headers: &HeaderMap) -> Result<Vec<&'static str>, Refusal> {
    let now = bank.clock.now();
    let state = bank.lock();
    let ledger = &state.revsto;
    let token = bearer_token(headers).ok_or_else(Refusal::invalid_access_token)?;
    let holder = ledger.look_up(token, now);
    let holder = holder.ok_or_else(Refusal::invalid_access_token)?;
    match ledger.distributor(&holder.client_id) {
        Some(distributor) if distributor.enabled => Ok(holder.scopes.clone()),
        _ => Err(Refusal::forbidden()),
    }
}
