//! The name of an authorization server, and where its metadata lie (RFC 8414, OpenID Connect Discovery 1.0).

use http::{HeaderValue, Request, header};
use url::Url;

use crate::{Body, RequestError, request::endpoint_url};

/// An issuer identifier: an `https` URL without query, fragment, user name or password, kept and compared byte for byte
/// (RFC 8414 §2, §3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(Box<str>);

impl Issuer {
    /// The identifier exactly as the server has it; a slash at its end is part of it.
    ///
    /// # Errors
    /// When it is not `https`, or has a query, fragment, user name or password.
    pub fn new(text: &str) -> Result<Self, RequestError> {
        let url = endpoint_url::parse("the issuer", text)?;
        if url.query().is_some() {
            return Err(RequestError::Url {
                field: "the issuer",
                found: "a URL with a query".into(),
            });
        }
        Ok(Self(text.into()))
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where RFC 8414 §3.1 has the metadata: the well-known part stands between host and path.
    #[must_use]
    pub fn oauth_metadata_url(&self) -> String {
        self.well_known(|path| format!("/.well-known/oauth-authorization-server{path}"))
    }

    /// Where OpenID Connect Discovery §4.1 has the metadata: the well-known part stands behind the path.
    #[must_use]
    pub fn openid_metadata_url(&self) -> String {
        self.well_known(|path| format!("{path}/.well-known/openid-configuration"))
    }

    /// Both say that a slash at the path's end is taken away first.
    fn well_known(&self, place: impl Fn(&str) -> String) -> String {
        let Ok(mut url) = Url::parse(&self.0) else {
            return String::new();
        };
        let path = place(url.path().strip_suffix('/').unwrap_or_else(|| url.path()));
        url.set_path(&path);
        url.into()
    }

    /// The request for the metadata at `url`: one of the two above, or where the bank's documents have them.
    ///
    /// # Errors
    /// When `url` is no `https` URL.
    pub fn metadata_request(url: &str) -> Result<Request<Body>, RequestError> {
        let url = endpoint_url::parse("the address of the metadata", url)?;
        let mut request = Request::new(Body::empty());
        *request.uri_mut() =
            http::Uri::try_from(url.as_str()).map_err(|_| RequestError::Internal)?;
        request
            .headers_mut()
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_well_known_part_is_put_between_or_behind_rfc8414_3_1() {
        for (issuer, oauth, openid) in [
            (
                "https://bank.example",
                "https://bank.example/.well-known/oauth-authorization-server",
                "https://bank.example/.well-known/openid-configuration",
            ),
            (
                "https://bank.example/",
                "https://bank.example/.well-known/oauth-authorization-server",
                "https://bank.example/.well-known/openid-configuration",
            ),
            (
                "https://bank.example:8443/issuer1",
                "https://bank.example:8443/.well-known/oauth-authorization-server/issuer1",
                "https://bank.example:8443/issuer1/.well-known/openid-configuration",
            ),
            (
                "https://bank.example/a/b/",
                "https://bank.example/.well-known/oauth-authorization-server/a/b",
                "https://bank.example/a/b/.well-known/openid-configuration",
            ),
        ] {
            let found = Issuer::new(issuer).unwrap();
            assert_eq!(found.as_str(), issuer);
            assert_eq!(found.oauth_metadata_url(), oauth);
            assert_eq!(found.openid_metadata_url(), openid);
        }
    }

    #[test]
    fn an_issuer_is_https_without_query_or_fragment_rfc8414_2() {
        for bad in [
            "",
            "http://bank.example",
            "https://bank.example?x=1",
            "https://bank.example/?",
            "https://bank.example/#x",
            "https://me@bank.example",
            "bank.example",
            "urn:bank",
        ] {
            assert!(Issuer::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_issuer_panics(text in "(https://)?\\PC{0,40}") {
            if let Ok(issuer) = Issuer::new(&text) {
                prop_assert!(Issuer::metadata_request(&issuer.oauth_metadata_url()).is_ok());
                prop_assert!(Issuer::metadata_request(&issuer.openid_metadata_url()).is_ok());
            }
        }
    }
}
