//! The API: who may call it, and the list of accounts.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Serialize;

use super::{
    client::is_certified,
    ledger::{Holder, Ledger},
    product::TatraBankaProduct,
};
use crate::{
    bank::Bank,
    form::{self, bearer_token},
    server::Caller,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CONSENT_ID: HeaderName = HeaderName::from_static("consent-id");

/// An error of the API; more than its code is not known.
#[derive(Debug)]
pub(super) struct ApiError(StatusCode, &'static str);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_code: &'static str,
}

impl ApiError {
    pub(super) const TOKEN_INVALID: Self = Self(StatusCode::UNAUTHORIZED, "TOKEN_INVALID");
    pub(super) const NO_AUTHORIZATION: Self = Self(StatusCode::FORBIDDEN, "NO_AUTHORIZATION");
    pub(super) const NO_CONTRACT: Self = Self(StatusCode::FORBIDDEN, "NO_CONTRACT");
    pub(super) const FORMAT_ERROR: Self = Self(StatusCode::BAD_REQUEST, "FORMAT_ERROR");
    pub(super) const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND, "NOT_FOUND");
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(status, error_code) = self;
        (status, Json(ErrorBody { error_code })).into_response()
    }
}

#[derive(Serialize)]
struct Accounts {
    accounts: [Account; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_id: &'static str,
    account_reference: Reference,
    display_name: &'static str,
}

#[derive(Serialize)]
struct Reference {
    iban: &'static str,
    currency: &'static str,
}

/// The IBAN is the sample that the IBAN registry gives for Slovakia.
const ACCOUNTS: Accounts = Accounts {
    accounts: [Account {
        account_id: "3f4e2d1c-0b9a-4876-9543-210fedcba987",
        account_reference: Reference {
            iban: "SK3112000000198742637541",
            currency: "EUR",
        },
        display_name: "Current account",
    }],
};

/// `GET /v3/accounts`, at PSD2 `GET /v1/accounts`: needs a user's token.
pub(super) async fn accounts(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let now = bank.clock.now();
    let state = bank.lock();
    let ledger = &state.tatrabanka;
    match user(ledger, product, caller, &headers, now) {
        Err(error) => error.into_response(),
        Ok(()) if product == TatraBankaProduct::Premium && headers.contains_key(CONSENT_ID) => {
            ApiError::NOT_FOUND.into_response()
        }
        Ok(()) => Json(ACCOUNTS).into_response(),
    }
}

#[derive(Serialize)]
struct Nothing {}

/// Every path of a product with application tokens alone.
pub(super) async fn proof(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let now = bank.clock.now();
    let state = bank.lock();
    match holder(&state.tatrabanka, product, caller, &headers, now) {
        Ok(_) => Json(Nothing {}).into_response(),
        Err(error) => error.into_response(),
    }
}

fn user(
    ledger: &Ledger,
    product: TatraBankaProduct,
    caller: Caller,
    headers: &HeaderMap,
    now: SystemTime,
) -> Result<(), ApiError> {
    let holder = holder(ledger, product, caller, headers, now)?;
    if !holder.is_user() {
        return Err(ApiError::TOKEN_INVALID);
    }
    if !holder.scope.is_for_accounts() || !ledger.is_consented(holder) {
        return Err(ApiError::NO_AUTHORIZATION);
    }
    Ok(())
}

/// Whose token the request has: of this product, from a connection of the same client, and with a contract.
pub(super) fn holder<'a>(
    ledger: &'a Ledger,
    product: TatraBankaProduct,
    caller: Caller,
    headers: &HeaderMap,
    now: SystemTime,
) -> Result<&'a Holder, ApiError> {
    check_request_id(headers)?;
    let token = bearer_token(headers).ok_or(ApiError::TOKEN_INVALID)?;
    let holder = ledger.look_up(token, now);
    let holder = holder.filter(|holder| holder.product == product);
    let holder = holder.ok_or(ApiError::TOKEN_INVALID)?;
    let client = ledger
        .client(&holder.client_id)
        .ok_or(ApiError::TOKEN_INVALID)?;
    if !is_certified(client, product, caller.certificate) {
        return Err(ApiError::TOKEN_INVALID);
    }
    if !client.contract {
        return Err(ApiError::NO_CONTRACT);
    }
    Ok(holder)
}

/// Every call names itself.
pub(super) fn check_request_id(headers: &HeaderMap) -> Result<(), ApiError> {
    let id = form::only(headers, REQUEST_ID).filter(|id| !id.is_empty());
    id.map(|_| ()).ok_or(ApiError::FORMAT_ERROR)
}
