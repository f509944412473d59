//! Consents of a third party: made before the user authorises, deleted when they are of no more use.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use hyper::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    api::{self, ApiError},
    client::is_certified,
    ledger::Ledger,
    product::TatraBankaProduct,
};
use crate::{bank::Bank, form::Basic, server::Caller};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    consent_id: String,
}

/// `POST /v3/consents` with an application token and a JSON object.
pub(super) async fn create(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.tatrabanka;
    let client_id = application(ledger, product, caller, &headers, now);
    let checked = client_id.and_then(|client_id| {
        let object = serde_json::from_slice::<Map<String, Value>>(&body);
        object.map_err(|_| ApiError::FORMAT_ERROR)?;
        Ok(client_id)
    });
    answer(ledger, checked)
}

/// `POST /v1/consents` with HTTP Basic, as it was done before; whatever the body is.
pub(super) async fn create_by_secret(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let mut state = bank.lock();
    let ledger = &mut state.tatrabanka;
    let client_id = api::check_request_id(&headers).and_then(|()| {
        let Basic::Credentials(id, secret) = Basic::read(&headers) else {
            return Err(ApiError::TOKEN_INVALID);
        };
        let client = ledger.client(&id);
        let client = client.filter(|client| client.client_secret.as_ref() == Some(&secret));
        let client = client.ok_or(ApiError::TOKEN_INVALID)?;
        if !is_certified(client, product, caller.certificate) {
            return Err(ApiError::TOKEN_INVALID);
        }
        if !client.contract {
            return Err(ApiError::NO_CONTRACT);
        }
        if !client.third_party {
            return Err(ApiError::NO_AUTHORIZATION);
        }
        Ok(id)
    });
    answer(ledger, client_id)
}

/// `DELETE /v1/consents/{id}` with an application token. The tokens of the consent allow nothing any more.
pub(super) async fn delete(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    Path(consent): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.tatrabanka;
    match application(ledger, product, caller, &headers, now) {
        Err(error) => error.into_response(),
        Ok(client_id) if ledger.has_consent(&consent, &client_id) => {
            ledger.end_consent(&consent);
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(_) => ApiError::NOT_FOUND.into_response(),
    }
}

fn answer(ledger: &mut Ledger, client_id: Result<String, ApiError>) -> Response {
    match client_id {
        Ok(client_id) => {
            let consent_id = ledger.new_consent(&client_id);
            (StatusCode::CREATED, Json(Created { consent_id })).into_response()
        }
        Err(error) => error.into_response(),
    }
}

/// The third party whose application token for accounts the request has.
fn application(
    ledger: &Ledger,
    product: TatraBankaProduct,
    caller: Caller,
    headers: &HeaderMap,
    now: std::time::SystemTime,
) -> Result<String, ApiError> {
    let holder = api::holder(ledger, product, caller, headers, now)?;
    if holder.is_user() {
        return Err(ApiError::TOKEN_INVALID);
    }
    let third_party = ledger
        .client(&holder.client_id)
        .is_some_and(|client| client.third_party);
    if !third_party || !holder.scope.is_for_accounts() {
        return Err(ApiError::NO_AUTHORIZATION);
    }
    Ok(holder.client_id.clone())
}
