//! What a user decides on a consent page, and where the browser goes then.

use std::fmt;

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use url::form_urlencoded;

use crate::page;

/// The button that the user presses.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decision {
    /// Grants what was asked for.
    Authorise,
    /// Grants nothing.
    Deny,
}

/// Where the bank sends the browser: the redirect URI with a code or an error.
///
/// The code in it is a secret for two minutes; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirection(String);

impl Redirection {
    /// Adds the parameters to the query of a redirect URI that was checked at registration.
    pub(crate) fn new(redirect_uri: &str, parameters: &[(&str, &str)]) -> Self {
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        Self(format!("{redirect_uri}{separator}{}", query.finish()))
    }

    /// The whole URL.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Redirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirection(..)")
    }
}

/// `None` when neither button was pressed, or both.
pub(crate) fn pressed(form: &[u8]) -> Option<Decision> {
    let mut values = form_urlencoded::parse(form).filter(|(key, _)| key == "decision");
    match (
        values.next().as_ref().map(|(_, value)| &**value),
        values.next(),
    ) {
        (Some("authorise"), None) => Some(Decision::Authorise),
        (Some("deny"), None) => Some(Decision::Deny),
        _ => None,
    }
}

/// 303, so that the browser asks for the redirect URI with GET and without the form.
pub(crate) fn see_other(redirection: &Redirection) -> Response<Body> {
    // A redirect URI with a character that a header cannot hold was refused at registration.
    let Ok(location) = HeaderValue::try_from(redirection.expose_secret()) else {
        return page::refused("Bad Request", "the redirect URI does not fit into a header");
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    page::with_security_headers(response)
}
