//! How a client authenticates: HTTP Basic or secret in the body, by its certificate as well at PSD2, or not at all.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{ledger::Ledger, product::TatraBankaProduct, registration::Client};
use crate::form::{Basic, Form};

/// A refusal of the token endpoint, in the form of RFC 6749 section 5.2.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    error: &'static str,
    error_description: &'static str,
    #[serde(skip)]
    challenge: bool,
}

impl Refusal {
    pub(super) fn invalid_request(description: &'static str) -> Self {
        Self::bad("invalid_request", description)
    }

    pub(super) fn bad(error: &'static str, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            error_description: description,
            challenge: false,
        }
    }

    fn invalid_client(basic: bool) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            error_description: "The given client credentials were not valid",
            challenge: basic,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let challenge = self.challenge;
        let mut response = (self.status, Json(self)).into_response();
        if challenge {
            let basic = HeaderValue::from_static("Basic");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

/// Finds out who sends this form, by exactly one way to authenticate (RFC 6749 section 2.3).
pub(super) fn authenticate<'a>(
    ledger: &'a Ledger,
    product: TatraBankaProduct,
    certificate: Option<[u8; 32]>,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a Client, Refusal> {
    let (id, secret, basic) = match (Basic::read(headers), form.get("client_secret")) {
        (Basic::Malformed, _) => return Err(Refusal::invalid_client(true)),
        (Basic::Credentials(..), Some(_)) => {
            return Err(Refusal::invalid_request(
                "The client is authenticated in more than one way",
            ));
        }
        (Basic::Credentials(id, secret), None) => {
            if form.get("client_id").is_some_and(|sent| sent != id) {
                return Err(Refusal::invalid_request(
                    "client_id is not that of the authorization",
                ));
            }
            (id, Some(secret), true)
        }
        (Basic::Absent, secret) => {
            let id = form.get("client_id");
            let id = id.ok_or_else(|| Refusal::invalid_request("client_id is missing"))?;
            (id.to_owned(), secret.map(str::to_owned), false)
        }
    };
    ledger
        .client(&id)
        .filter(|client| client.client_secret == secret)
        .filter(|client| is_certified(client, product, certificate))
        .ok_or_else(|| Refusal::invalid_client(basic))
}

/// Whether a connection with this certificate is one of the client's, as far as the product asks for one.
pub(super) fn is_certified(
    client: &Client,
    product: TatraBankaProduct,
    certificate: Option<[u8; 32]>,
) -> bool {
    product != TatraBankaProduct::Psd2
        || (certificate.is_some() && certificate == client.certificate)
}
