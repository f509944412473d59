//! The token endpoint of every product.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::IntoResponse,
};
use http::{HeaderMap, header};
use hyper::body::Bytes;
use serde::Serialize;

use super::{
    client::{self, Refusal},
    ledger::{Issued, Ledger, NotExchanged},
    product::{Scope, TatraBankaProduct},
    registration::Client,
};
use crate::{
    bank::Bank,
    form::{self, Form},
    server::Caller,
};

/// A successful answer.
#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_id: Option<String>,
}

/// `POST /auth/oauth/v2/token` below the base of a product.
pub(super) async fn answer(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
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
    let request = Request {
        product,
        certificate: caller.certificate,
        headers: &headers,
        query: query.as_deref().unwrap_or_default(),
        body: &body,
    };
    let granted = request.decide(&mut state.tatrabanka, now).map(|issued| {
        Json(Granted {
            access_token: issued.access_token,
            token_type: "Bearer",
            expires_in: issued.expires_in,
            refresh_token: issued.refresh_token,
            scope: issued.scope.name(),
            consent_id: issued.consent,
        })
    });
    (uncached, granted)
}

struct Request<'a> {
    product: TatraBankaProduct,
    certificate: Option<[u8; 32]>,
    headers: &'a HeaderMap,
    query: &'a str,
    body: &'a [u8],
}

impl Request<'_> {
    fn decide(&self, ledger: &mut Ledger, now: SystemTime) -> Result<Issued, Refusal> {
        if !self.query.is_empty() {
            return Err(Refusal::invalid_request("Parameters belong into the body"));
        }
        if !form::is_form(self.headers) {
            return Err(Refusal::invalid_request("The body is not a form"));
        }
        let form = Form::read(self.body)
            .map_err(|_| Refusal::invalid_request("A parameter is given more than once"))?;
        let grant_type = form.get("grant_type");
        let grant_type =
            grant_type.ok_or_else(|| Refusal::invalid_request("grant_type is missing"))?;
        let client =
            client::authenticate(ledger, self.product, self.certificate, self.headers, &form)?;
        let client_id = client.client_id.clone();
        match grant_type {
            "client_credentials" => {
                if client.client_secret.is_none() {
                    return Err(Refusal::bad(
                        "unauthorized_client",
                        "A public client has users only",
                    ));
                }
                let scope = self.scope(client, form.get("scope"))?;
                Ok(ledger.grant(&client_id, self.product, scope, now))
            }
            "authorization_code" if self.product.has_users() => {
                self.exchange(ledger, &form, &client_id, now)
            }
            "refresh_token" if self.product.has_users() => {
                let token = form.get("refresh_token");
                let token =
                    token.ok_or_else(|| Refusal::invalid_request("refresh_token is missing"))?;
                let refreshed = ledger.refresh(token, &client_id, self.product, now);
                refreshed
                    .map_err(|_| Refusal::bad("invalid_grant", "The refresh token is not valid"))
            }
            _ => Err(Refusal::bad(
                "unsupported_grant_type",
                "The grant type is not supported",
            )),
        }
    }

    fn exchange(
        &self,
        ledger: &mut Ledger,
        form: &Form,
        client_id: &str,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        let code = form.get("code");
        let code = code.ok_or_else(|| Refusal::invalid_request("code is missing"))?;
        let verifier = form.get("code_verifier");
        let verifier =
            verifier.ok_or_else(|| Refusal::invalid_request("code_verifier is missing"))?;
        if !is_verifier(verifier) {
            return Err(Refusal::invalid_request("code_verifier is none"));
        }
        let redirect_uri = form.get("redirect_uri");
        ledger
            .exchange(code, client_id, self.product, redirect_uri, verifier, now)
            .map_err(|reason| match reason {
                NotExchanged::Grant => Refusal::bad("invalid_grant", "The code is not valid"),
                NotExchanged::RedirectUri => Refusal::bad(
                    "invalid_redirect_uri",
                    "The redirect_uri is not that of the authorization",
                ),
            })
    }

    fn scope(&self, client: &Client, list: Option<&str>) -> Result<Scope, Refusal> {
        list.and_then(Scope::read)
            .filter(|scope| scope.product() == self.product && client.scopes.contains(scope))
            .ok_or_else(|| Refusal::bad("invalid_scope", "The scope is not valid"))
    }
}

/// RFC 7636 section 4.1
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_is_refused(body: Vec<u8>) {
            let mut headers = HeaderMap::new();
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            let request = Request {
                product: TatraBankaProduct::Premium,
                certificate: None,
                headers: &headers,
                query: "",
                body: &body,
            };
            let mut ledger = Ledger::default();
            prop_assert!(request.decide(&mut ledger, SystemTime::UNIX_EPOCH).is_err());
        }
    }
}
