//! The token endpoint.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use axum::{Json, extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use hyper::body::Bytes;
use serde::Serialize;

use super::{
    assertion,
    ledger::{Issued, Ledger},
};
use crate::{
    bank::Bank,
    form::{self, Form},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A successful answer, its members in the guide's order.
#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// A refusal, always with status 400.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) error_description: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error: "invalid_request",
            error_description: description.into(),
        }
    }

    fn invalid_grant(description: &'static str) -> Self {
        Self {
            error: "invalid_grant",
            error_description: Cow::Borrowed(description),
        }
    }

    /// What the bank is known to say when the body is no form.
    fn no_client() -> Self {
        Self {
            error: "invalid_client",
            error_description: Cow::Borrowed("client_id is missing"),
        }
    }
}

/// `POST /api/1.0/auth/token`
pub(super) async fn answer(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    // RFC 6749 section 5.1
    let uncached = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    let now = bank.clock.now();
    let mut state = bank.lock();
    match decide(&mut state.revolut_business, &headers, &body, now) {
        Ok(granted) => (uncached, Json(granted)).into_response(),
        Err(refusal) => (StatusCode::BAD_REQUEST, uncached, Json(refusal)).into_response(),
    }
}

fn decide(
    ledger: &mut Ledger,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<Granted, Refusal> {
    if !form::is_form(headers) {
        return Err(Refusal::no_client());
    }
    // RFC 6749 section 2.3: one way to authenticate in each request.
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::invalid_request(
            "The client is authenticated in more than one way",
        ));
    }
    // RFC 6749 section 3.2: no parameter more than once.
    let form = Form::read(body)
        .map_err(|_| Refusal::invalid_request("A parameter is given more than once"))?;
    let required = |name: &'static str| {
        form.get(name)
            .ok_or_else(|| Refusal::invalid_request(format!("{name} is missing")))
    };

    let grant_type = required("grant_type")?;
    if required("client_assertion_type")? != ASSERTION_TYPE {
        return Err(Refusal::invalid_request(format!(
            "client_assertion_type must be {ASSERTION_TYPE}"
        )));
    }
    let client_id = assertion::verify(ledger, required("client_assertion")?, now)?;
    // Not asked for, but older clients send it.
    if form
        .get("client_id")
        .is_some_and(|sent| sent != client_id.as_str())
    {
        return Err(Refusal::invalid_request(
            "client_id is not that of the assertion",
        ));
    }

    let Issued {
        access_token,
        expires_in,
        refresh_token,
    } = match grant_type {
        "authorization_code" => ledger
            .redeem_code(required("code")?, &client_id, now)
            .ok_or_else(|| {
                Refusal::invalid_grant("The authorization code is invalid or has expired")
            })?,
        "refresh_token" => ledger
            .refresh(required("refresh_token")?, &client_id, now)
            .ok_or_else(|| Refusal::invalid_grant("The refresh token is invalid or has expired"))?,
        _ => {
            return Err(Refusal {
                error: "unsupported_grant_type",
                error_description: Cow::Borrowed(
                    "grant_type must be authorization_code or refresh_token",
                ),
            });
        }
    };
    Ok(Granted {
        access_token,
        token_type: "bearer",
        expires_in,
        refresh_token,
    })
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::revolut_business::{Environment, registration::Client};

    const GUIDE: &str = include_str!("../../tests/certificates/guide.cer");
    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn form_headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        headers
    }

    proptest! {
        #[test]
        fn any_body_is_refused(body: Vec<u8>) {
            let mut ledger = Ledger::new(Environment::Sandbox);
            prop_assert!(decide(&mut ledger, &form_headers(), &body, NOW).is_err());
        }

        #[test]
        fn any_assertion_is_refused(header in ".*", claims in ".*", signature: Vec<u8>) {
            let mut ledger = Ledger::new(Environment::Sandbox);
            let now = NOW + std::time::Duration::from_secs(1_700_000_000);
            let client = Client::read(GUIDE, "https://example.com", &[], now).unwrap();
            let id = ledger.register(client);
            // Half of the time a header and claims that lead as far as the signature.
            for (header, claims) in [
                (header, claims),
                (
                    r#"{"alg":"RS256","typ":"JWT"}"#.to_owned(),
                    format!(r#"{{"sub":"{id}","exp":1800000000}}"#),
                ),
            ] {
                let jwt = [header.as_bytes(), claims.as_bytes(), &signature]
                    .map(|part| URL_SAFE_NO_PAD.encode(part))
                    .join(".");
                prop_assert!(assertion::verify(&ledger, &jwt, now).is_err());
            }
        }
    }
}
