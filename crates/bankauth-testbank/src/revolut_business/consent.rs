//! The consent page: what it accepts, what its buttons do, and where the browser goes then.

use std::{sync::Arc, time::SystemTime};

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
};
use http::Response;
use url::{Url, form_urlencoded};

use super::{
    CONSENT_PAGE,
    ledger::Ledger,
    registration::{Client, ClientId},
};
use crate::{
    bank::Bank,
    decision::{self, Decision, Redirection},
    page::{self, Question},
};

/// Why the consent page refuses.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The URL is not that of this bank's consent page, e.g. it is that of the bank itself.
    #[error("consent URL: that of another page found, {expected} expected")]
    AnotherPage {
        /// The URL of the consent page.
        expected: String,
    },
    /// A parameter is missing, or empty.
    #[error("{0}: missing")]
    Missing(&'static str),
    /// A parameter is there twice (RFC 6749 section 3.1).
    #[error("{0}: given more than once")]
    Repeated(&'static str),
    /// No certificate was uploaded under this client id.
    #[error("client_id: not known to this bank")]
    UnknownClient,
    /// The redirect URI is not exactly the registered one.
    #[error("redirect_uri: {found:?} found, {registered:?} expected, as it was registered")]
    RedirectUri {
        /// The one in the URL.
        found: String,
        /// The one given with the certificate.
        registered: String,
    },
    /// The response type is not `code`.
    #[error("response_type: {0:?} found, \"code\" expected")]
    ResponseType(String),
    /// A scope that the bank does not have. Scopes are separated by commas; this bank takes no blanks.
    #[error(
        "scope: {0:?} found, a list of READ, WRITE, PAY and READ_SENSITIVE_CARD_DATA separated by commas expected"
    )]
    Scope(String),
    /// Neither button was pressed.
    #[error("decision: neither \"authorise\" nor \"deny\" found")]
    Decision,
}

impl ConsentError {
    /// The title of the page on which the user sees this. Only that of a wrong redirect URI is known to be the bank's.
    fn title(&self) -> &'static str {
        match self {
            Self::RedirectUri { .. } => "Bad Request: redirect URL",
            Self::UnknownClient => "Bad Request: unknown client",
            _ => "Bad Request",
        }
    }
}

/// What a client may do, in the order of the bank's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Read,
    Write,
    Pay,
    ReadSensitiveCardData,
}

impl Scope {
    const ALL: [Self; 4] = [
        Self::Read,
        Self::Write,
        Self::Pay,
        Self::ReadSensitiveCardData,
    ];

    /// What a consent without `scope` grants. Card data is not part of it: it demands an IP list, and the bank's
    /// guide works with neither.
    const FULL: [Self; 3] = [Self::Read, Self::Write, Self::Pay];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Pay => "PAY",
            Self::ReadSensitiveCardData => "READ_SENSITIVE_CARD_DATA",
        }
    }

    fn read_list(list: &str) -> Result<Vec<Self>, ConsentError> {
        let read = |name: &str| Self::ALL.into_iter().find(|scope| scope.name() == name);
        list.split(',')
            .map(|name| read(name).ok_or_else(|| ConsentError::Scope(name.to_owned())))
            .collect()
    }
}

/// A request for consent that the page accepts.
pub(super) struct Consent {
    pub(super) client_id: ClientId,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<Scope>,
}

impl Consent {
    /// Reads the query of the page's URL. Parameters beyond these, `state` among them, are ignored.
    fn read(ledger: &Ledger, query: &str) -> Result<Self, ConsentError> {
        let value = |name: &'static str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned());
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(ConsentError::Repeated(name)),
                (first, None) => Ok(first),
            }
        };
        let required = |name| {
            value(name)?
                .filter(|value| !value.is_empty())
                .ok_or(ConsentError::Missing(name))
        };
        let client_id = required("client_id")?;
        let (client_id, Client { redirect_uri, .. }) = ledger
            .client(&client_id)
            .ok_or(ConsentError::UnknownClient)?;
        let found = required("redirect_uri")?;
        if found != *redirect_uri {
            let registered = redirect_uri.clone();
            return Err(ConsentError::RedirectUri { found, registered });
        }
        let response_type = required("response_type")?;
        if response_type != "code" {
            return Err(ConsentError::ResponseType(response_type));
        }
        let scopes = match value("scope")? {
            None => Scope::FULL.to_vec(),
            Some(list) => Scope::read_list(&list)?,
        };
        Ok(Self {
            client_id: client_id.clone(),
            redirect_uri: found,
            scopes,
        })
    }

    fn page(&self) -> Response<Body> {
        let scopes: Vec<_> = self.scopes.iter().map(|scope| scope.name()).collect();
        page::consent(&Question {
            bank: "Revolut Business",
            client_id: self.client_id.as_str(),
            scopes: &scopes.join(", "),
            redirect_uri: &self.redirect_uri,
        })
    }

    fn settle(self, ledger: &mut Ledger, decision: Decision, now: SystemTime) -> Redirection {
        let redirect_uri = self.redirect_uri.clone();
        match decision {
            Decision::Authorise => {
                let code = ledger.give_code(self, now);
                Redirection::new(&redirect_uri, &[("code", &code)])
            }
            Decision::Deny => Redirection::new(&redirect_uri, &[("error", "access_denied")]),
        }
    }
}

/// The direct way: opens the page at this URL and presses a button.
pub(crate) fn decide(
    bank: &Bank,
    consent_url: &str,
    decision: Decision,
) -> Result<Redirection, ConsentError> {
    let expected = format!("{}{CONSENT_PAGE}", bank.origin);
    let another_page = || ConsentError::AnotherPage {
        expected: expected.clone(),
    };
    let url = Url::parse(consent_url).map_err(|_| another_page())?;
    let here = url.as_str().split(['?', '#']).next();
    if here != Some(expected.as_str()) {
        return Err(another_page());
    }
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.revolut_business;
    let consent = Consent::read(ledger, url.query().unwrap_or_default())?;
    Ok(consent.settle(ledger, decision, now))
}

/// `GET /app-confirm`: the page with the two buttons.
pub(super) async fn show(
    State(bank): State<Arc<Bank>>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let state = bank.lock();
    match Consent::read(&state.revolut_business, &query.unwrap_or_default()) {
        Ok(consent) => consent.page(),
        Err(error) => page::refused(error.title(), &error.to_string()),
    }
}

/// `POST /app-confirm`: a button was pressed. The URL is that of the page, the form holds the decision alone.
pub(super) async fn press(
    State(bank): State<Arc<Bank>>,
    RawQuery(query): RawQuery,
    form: Bytes,
) -> Response<Body> {
    let now = bank.clock.now();
    let mut state = bank.lock();
    let ledger = &mut state.revolut_business;
    let settled = Consent::read(ledger, &query.unwrap_or_default()).and_then(|consent| {
        let decision = decision::pressed(&form).ok_or(ConsentError::Decision)?;
        Ok(consent.settle(ledger, decision, now))
    });
    match settled {
        Ok(redirection) => decision::see_other(&redirection),
        Err(error) => page::refused(error.title(), &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::revolut_business::Environment;

    proptest! {
        #[test]
        fn any_query_is_refused_without_a_client(query in ".*") {
            let ledger = Ledger::new(Environment::Sandbox);
            prop_assert!(Consent::read(&ledger, &query).is_err());
        }

        #[test]
        fn scopes_round_trip(scopes in proptest::sample::subsequence(Scope::ALL.to_vec(), 1..=4)) {
            let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
            prop_assert_eq!(Scope::read_list(&names.join(",")).unwrap(), scopes);
        }
    }
}
