//! The API: who may call it, the accounts, and the errors in both of their forms.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{
    ErrorShape,
    consent::Scope,
    ledger::{Allowed, Ledger},
};
use crate::{bank::Bank, form::bearer_token, secret, server::Caller};

/// One account, its members in the order of the guide's first example.
#[derive(Serialize)]
struct Account {
    id: &'static str,
    name: &'static str,
    balance: f64,
    currency: &'static str,
    state: &'static str,
    public: bool,
    updated_at: &'static str,
    created_at: &'static str,
}

/// The two accounts of the bank's guide (read 2026-11-20).
const ACCOUNTS: [Account; 2] = [
    Account {
        id: "2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1",
        name: "Current GBP account",
        balance: 100.0,
        currency: "GBP",
        state: "active",
        public: false,
        updated_at: "2017-06-01T11:11:11.1Z",
        created_at: "2017-06-01T11:11:11.1Z",
    },
    Account {
        id: "df8d6b20-0725-482e-a29e-fb09631480cf",
        name: "EUR expenses account",
        balance: 1234.0,
        currency: "EUR",
        state: "active",
        public: false,
        updated_at: "2017-06-01T11:11:11.1Z",
        created_at: "2017-06-01T11:11:11.1Z",
    },
];

/// An error of the API.
struct ApiError {
    status: StatusCode,
    body: ErrorBody,
}

/// The members in the order of the guide, and of the API's description.
#[derive(Serialize)]
#[serde(untagged)]
enum ErrorBody {
    Unauthorised {
        message: &'static str,
    },
    Old {
        message: &'static str,
        code: u16,
    },
    New {
        error_id: String,
        code: u16,
        message: &'static str,
    },
}

impl ApiError {
    fn new(shape: ErrorShape, status: StatusCode, code: u16, message: &'static str) -> Self {
        let body = match shape {
            ErrorShape::Old => ErrorBody::Old { message, code },
            ErrorShape::New => ErrorBody::New {
                error_id: secret::uuid(),
                code,
                message,
            },
        };
        Self { status, body }
    }

    /// The old shape has one sentence and no code; the new one has one code and several sentences.
    fn unauthorised(shape: ErrorShape, message: &'static str) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        match shape {
            ErrorShape::New => Self::new(shape, status, 1000, message),
            ErrorShape::Old => Self {
                status,
                body: ErrorBody::Unauthorised {
                    message: "The request should be authorized.",
                },
            },
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// `GET /api/1.0/accounts`
pub(super) async fn list(
    State(bank): State<Arc<Bank>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    match authorise(&bank, caller.address, &headers) {
        Ok(()) => Json(ACCOUNTS).into_response(),
        Err(error) => error.into_response(),
    }
}

/// Every other path of the API.
pub(super) async fn unknown(
    State(bank): State<Arc<Bank>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    match authorise(&bank, caller.address, &headers) {
        Ok(()) => {
            let shape = bank.lock().revolut_business.settings.error_shape;
            ApiError::new(shape, StatusCode::NOT_FOUND, 3006, "Resource not found").into_response()
        }
        Err(error) => error.into_response(),
    }
}

fn authorise(bank: &Bank, peer: IpAddr, headers: &HeaderMap) -> Result<(), ApiError> {
    let now = bank.clock.now();
    let state = bank.lock();
    let ledger = &state.revolut_business;
    let shape = ledger.settings.error_shape;
    let Some(token) = bearer_token(headers) else {
        return Err(ApiError::unauthorised(
            shape,
            "Invalid token. The authorization header must follow the 'Bearer <token>' format.",
        ));
    };
    let Some(allowed) = ledger.look_up(token, now) else {
        return Err(ApiError::unauthorised(
            shape,
            "Access token is invalid or has expired. Please refresh your access token or generate a new one following the 'Get a new access token' guide in the Revolut API docs.",
        ));
    };
    if !may_read(ledger, &allowed, peer) {
        return Err(ApiError::new(
            shape,
            StatusCode::FORBIDDEN,
            9002,
            "This action is forbidden",
        ));
    }
    Ok(())
}

fn may_read(ledger: &Ledger, allowed: &Allowed<'_>, peer: IpAddr) -> bool {
    let peer = ledger.settings.peer_address.unwrap_or(peer);
    // Card data demands an IP list; without one the bank refuses every request, not only those for cards.
    let bare_card_data =
        allowed.scopes.contains(&Scope::ReadSensitiveCardData) && !allowed.client.has_ip_list();
    allowed.scopes.contains(&Scope::Read) && allowed.client.admits(peer) && !bare_card_data
}
