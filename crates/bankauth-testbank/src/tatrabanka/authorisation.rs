//! The authorisation page: what it accepts, what its buttons do, and where the browser goes then.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{RawQuery, State},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Response;
use url::{Url, form_urlencoded};

use super::{
    AUTHORIZE,
    ledger::{Authorised, Ledger},
    product::{Scope, TatraBankaProduct},
    registration::Client,
};
use crate::{
    bank::Bank,
    decision::{self, Decision, Redirection},
    page::{self, Question},
};

/// Why the bank shows a page and does not send the browser back (RFC 6749 section 4.1.2.1).
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorisationError {
    /// The URL is not that of one of this bank's authorisation pages.
    #[error("authorisation URL: that of another page found")]
    AnotherPage,
    /// A parameter without which the bank does not know where to send the browser is missing, or empty.
    #[error("{0}: missing")]
    Missing(&'static str),
    /// A parameter is there twice (RFC 6749 section 3.1).
    #[error("{0}: given more than once")]
    Repeated(&'static str),
    /// No such client.
    #[error("client_id: not known to this bank")]
    UnknownClient,
    /// The redirect URI is not exactly a registered one.
    #[error("redirect_uri: {found:?} found, one that was registered expected")]
    RedirectUri {
        /// The one in the URL.
        found: String,
    },
    /// Neither button was pressed.
    #[error("decision: neither \"authorise\" nor \"deny\" found")]
    Decision,
}

/// What the query of the page says.
enum Request {
    /// The user is asked.
    Ask {
        authorised: Authorised,
        state: Option<String>,
    },
    /// The browser goes back at once.
    Back(Redirection),
}

impl Request {
    fn read(
        ledger: &Ledger,
        product: TatraBankaProduct,
        query: &str,
    ) -> Result<Self, AuthorisationError> {
        let value = |name: &'static str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned());
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(AuthorisationError::Repeated(name)),
                (first, None) => Ok(first.filter(|value| !value.is_empty())),
            }
        };
        let required = |name| value(name)?.ok_or(AuthorisationError::Missing(name));
        let client = ledger.client(&required("client_id")?);
        let client = client.ok_or(AuthorisationError::UnknownClient)?;
        let redirect_uri = required("redirect_uri")?;
        if !client.redirect_uris.contains(&redirect_uri) {
            return Err(AuthorisationError::RedirectUri {
                found: redirect_uri,
            });
        }
        let state = value("state")?;
        let refused = |error, description| {
            let pairs = [("error", error), ("error_description", description)];
            Ok(Self::Back(back(&redirect_uri, &pairs, state.as_deref())))
        };
        if value("response_type")?.as_deref() != Some("code") {
            return refused("unsupported_response_type", "response_type must be code");
        }
        let method = value("code_challenge_method")?;
        let challenge = match value("code_challenge")? {
            Some(challenge) if is_challenge(&challenge) && method.as_deref() == Some("S256") => {
                challenge
            }
            _ => {
                return refused(
                    "invalid_request",
                    "code_challenge with the method S256 is required",
                );
            }
        };
        let scope = value("scope")?.unwrap_or_default();
        let Some((scope, consent)) = read_scope(ledger, product, client, &scope) else {
            return refused("invalid_scope", "The scope is not valid");
        };
        Ok(Self::Ask {
            authorised: Authorised {
                client_id: client.client_id.clone(),
                product,
                redirect_uri,
                scope,
                consent,
                challenge,
            },
            state,
        })
    }

    fn settle(self, ledger: &mut Ledger, decision: Decision, now: SystemTime) -> Redirection {
        match self {
            Self::Back(redirection) => redirection,
            Self::Ask { authorised, state } => {
                let redirect_uri = authorised.redirect_uri.clone();
                let (name, value) = match decision {
                    Decision::Authorise => ("code", ledger.give_code(authorised, now)),
                    Decision::Deny => ("error", "access_denied".to_owned()),
                };
                back(&redirect_uri, &[(name, &value)], state.as_deref())
            }
        }
    }

    fn show(self) -> Response<Body> {
        match self {
            Self::Back(redirection) => decision::see_other(&redirection),
            Self::Ask { authorised, .. } => {
                let scope = match &authorised.consent {
                    Some(consent) => format!("{}:{consent}", authorised.scope.name()),
                    None => authorised.scope.name().to_owned(),
                };
                page::consent(&Question {
                    bank: "Tatra banka",
                    client_id: &authorised.client_id,
                    scopes: &scope,
                    redirect_uri: &authorised.redirect_uri,
                })
            }
        }
    }
}

/// `state` comes back as it came.
fn back(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> Redirection {
    let mut pairs = pairs.to_vec();
    pairs.extend(state.map(|state| ("state", state)));
    Redirection::new(redirect_uri, &pairs)
}

/// One scope, bare for a final consumer, and with one of its consents for a third party.
fn read_scope(
    ledger: &Ledger,
    product: TatraBankaProduct,
    client: &Client,
    text: &str,
) -> Option<(Scope, Option<String>)> {
    let (name, id) = match text.split_once(':') {
        Some((name, id)) => (name, Some(id)),
        None => (text, None),
    };
    let scope = Scope::read(name)?;
    if scope.product() != product || !client.scopes.contains(&scope) {
        return None;
    }
    let right = match id {
        _ if !scope.is_for_accounts() => id.is_none_or(|id| !id.is_empty() && !id.contains(' ')),
        Some(id) => client.third_party && ledger.has_consent(id, &client.client_id),
        None => !client.third_party,
    };
    right.then(|| (scope, id.map(str::to_owned)))
}

/// RFC 7636 section 4.2: a SHA-256 in base64url without padding.
fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|hash| hash.len() == 32)
}

/// The direct way: opens the page at this URL and presses a button.
pub(super) fn decide(
    bank: &Bank,
    url: &str,
    decision: Decision,
) -> Result<Redirection, AuthorisationError> {
    let url = Url::parse(url).map_err(|_| AuthorisationError::AnotherPage)?;
    let here = url.as_str().split(['?', '#']).next();
    let page = |product: &TatraBankaProduct| {
        format!(
            "{}{}{AUTHORIZE}",
            bank.origin,
            product.base(bank.environment)
        )
    };
    let mut products = TatraBankaProduct::ALL
        .iter()
        .filter(|product| product.has_users());
    let product = products.find(|product| here == Some(page(product).as_str()));
    let product = product.ok_or(AuthorisationError::AnotherPage)?;
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.tatrabanka;
    let request = Request::read(ledger, *product, url.query().unwrap_or_default())?;
    Ok(request.settle(ledger, decision, now))
}

/// `GET /auth/oauth/v2/authorize` below the base of a product: the page with the two buttons.
pub(super) async fn show(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let state = bank.lock();
    match Request::read(&state.tatrabanka, product, &query.unwrap_or_default()) {
        Ok(request) => request.show(),
        Err(error) => page::refused("Bad Request", &error.to_string()),
    }
}

/// `POST` to the same URL: a button was pressed. The form holds the decision alone.
pub(super) async fn press(
    State(bank): State<Arc<Bank>>,
    Extension(product): Extension<TatraBankaProduct>,
    RawQuery(query): RawQuery,
    form: Bytes,
) -> Response<Body> {
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.tatrabanka;
    let settled = Request::read(ledger, product, &query.unwrap_or_default()).and_then(|request| {
        let decision = decision::pressed(&form).ok_or(AuthorisationError::Decision)?;
        Ok(request.settle(ledger, decision, now))
    });
    match settled {
        Ok(redirection) => decision::see_other(&redirection),
        Err(error) => page::refused("Bad Request", &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tatrabanka::TatraBankaApplication;

    const REDIRECT_URI: &str = "https://example.com/callback";

    proptest! {
        #[test]
        fn any_query_is_refused_without_a_client(query in ".*") {
            let ledger = Ledger::default();
            prop_assert!(Request::read(&ledger, TatraBankaProduct::Premium, &query).is_err());
        }

        #[test]
        fn rfc_6749_section_4_1_2_state_comes_back_as_it_came(state: String, scope: String) {
            let mut ledger = Ledger::default();
            let client = TatraBankaApplication::final_consumer().with_redirect_uri(REDIRECT_URI).check().unwrap();
            let credentials = ledger.register(client);
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs([
                    ("client_id", credentials.client_id()),
                    ("redirect_uri", REDIRECT_URI),
                    ("response_type", "code"),
                    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                    ("code_challenge_method", "S256"),
                    ("state", &state),
                    ("scope", &scope),
                ])
                .finish();
            let request = Request::read(&ledger, TatraBankaProduct::Premium, &query).unwrap();
            let redirection = request.settle(&mut ledger, Decision::Authorise, SystemTime::UNIX_EPOCH);
            let url = Url::parse(redirection.expose_secret()).unwrap();
            let echoed = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
            prop_assert_eq!(echoed, Some(state).filter(|state| !state.is_empty()));
        }
    }
}
