//! What comes back to the redirect URI (RFC 6749 §4.1.2).

use url::Url;

use crate::{AuthorizationCode, ErrorCode, RedirectUri, printable};

/// The user agreed: the code, taken from the address that the browser was sent to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthorizationResponse {
    /// The code to exchange.
    pub code: AuthorizationCode,
    /// The state, where the server echoed one.
    pub state: Option<String>,
}

/// Why an address holds no code. None of the texts holds the address's query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationResponseError {
    /// Not a URL at all.
    #[error(
        "the pasted text is not an absolute URL, expected the whole address from the browser, beginning with {expected}"
    )]
    NotUrl {
        /// The redirect URI.
        expected: Box<str>,
    },
    /// The address of another redirect URI.
    #[error("the pasted address belongs to {found}, expected {expected}")]
    OtherRedirectUri {
        /// Scheme, host, port and path that were found.
        found: Box<str>,
        /// The redirect URI.
        expected: Box<str>,
    },
    /// The server or the user refused (RFC 6749 §4.1.2.1).
    #[error("no consent was given: {}{}", code.as_str(), description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Denied {
        /// The server's code, for instance `access_denied`.
        code: ErrorCode,
        /// The server's words, made printable.
        description: Option<String>,
    },
    /// There is neither `code` nor `error`.
    #[error(
        "the pasted address has no parameter `code`, expected the address that the browser shows after the consent"
    )]
    NoCode,
    /// A parameter occurs twice, or `code` and `error` together (RFC 6749 §3.1).
    #[error("parameter `{name}` occurs twice or contradicts another")]
    Contradiction {
        /// The parameter.
        name: &'static str,
    },
    /// The code is empty or has characters that no code has.
    #[error("parameter `code` is empty or damaged, expected printable ASCII")]
    DamagedCode,
}

impl AuthorizationResponse {
    /// Reads the address that the browser was redirected to. White space around it is passed over; scheme, host, port,
    /// path and query of `redirect_uri` must be there.
    ///
    /// # Errors
    /// See [`AuthorizationResponseError`].
    pub fn read(
        pasted: &str,
        redirect_uri: &RedirectUri,
    ) -> Result<Self, AuthorizationResponseError> {
        let expected = || redirect_uri.as_str().into();
        let url = Url::parse(pasted.trim()).map_err(|_| AuthorizationResponseError::NotUrl {
            expected: expected(),
        })?;
        let registered = redirect_uri.url();
        let same_place = url.scheme() == registered.scheme()
            && url.host() == registered.host()
            && url.port_or_known_default() == registered.port_or_known_default()
            && url.path() == registered.path()
            && registered
                .query_pairs()
                .all(|pair| url.query_pairs().any(|found| found == pair));
        if !same_place {
            return Err(AuthorizationResponseError::OtherRedirectUri {
                found: place(&url),
                expected: expected(),
            });
        }
        let code = single(&url, "code")?;
        let error = single(&url, "error")?;
        let state = single(&url, "state")?;
        match (code, error) {
            (Some(_), Some(_)) => Err(AuthorizationResponseError::Contradiction { name: "error" }),
            (None, Some(error)) => Err(AuthorizationResponseError::Denied {
                code: ErrorCode::read(&error),
                description: single(&url, "error_description")?.map(|text| printable(&text)),
            }),
            (None, None) => Err(AuthorizationResponseError::NoCode),
            (Some(code), None) => {
                let code = AuthorizationCode::new(code)
                    .map_err(|_| AuthorizationResponseError::DamagedCode)?;
                Ok(Self { code, state })
            }
        }
    }
}

fn single(url: &Url, name: &'static str) -> Result<Option<String>, AuthorizationResponseError> {
    let mut values = url
        .query_pairs()
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned());
    let first = values.next();
    if values.next().is_some() {
        return Err(AuthorizationResponseError::Contradiction { name });
    }
    Ok(first)
}

/// Where a URL points, without user information, query and fragment, which may hold secrets.
fn place(url: &Url) -> Box<str> {
    let mut place = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        place.push_str(&format!(":{port}"));
    }
    place.push_str(&printable(url.path()));
    place.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pasted: &str) -> Result<String, String> {
        let redirect_uri = RedirectUri::new("https://example.com/callback?tenant=1").unwrap();
        AuthorizationResponse::read(pasted, &redirect_uri)
            .map(|response| response.code.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_code_is_read_with_or_without_white_space_and_slash() {
        assert_eq!(
            read(" https://example.com/callback?tenant=1&code=oa_sand_x \n").unwrap(),
            "oa_sand_x"
        );
        let bare = RedirectUri::new("https://example.com").unwrap();
        for pasted in [
            "https://example.com?code=c",
            "https://example.com/?code=c",
            "https://example.com:443/?code=c#",
        ] {
            assert!(
                AuthorizationResponse::read(pasted, &bare).is_ok(),
                "{pasted}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_code_is_shown() {
        insta::assert_snapshot!(read("oa_prod_marked").unwrap_err(), @"the pasted text is not an absolute URL, expected the whole address from the browser, beginning with https://example.com/callback?tenant=1");
        insta::assert_snapshot!(read("https://evil.example:8/callback?code=marked").unwrap_err(), @"the pasted address belongs to https://evil.example:8/callback, expected https://example.com/callback?tenant=1");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1").unwrap_err(), @"the pasted address has no parameter `code`, expected the address that the browser shows after the consent");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&error=access_denied&error_description=No%1b[31m").unwrap_err(), @r"no consent was given: access_denied: No\u{1b}[31m");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=a&code=b").unwrap_err(), @"parameter `code` occurs twice or contradicts another");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=a&error=b").unwrap_err(), @"parameter `error` occurs twice or contradicts another");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=").unwrap_err(), @"parameter `code` is empty or damaged, expected printable ASCII");
    }

    proptest! {
        #[test]
        fn no_address_panics_or_shows_its_query(query in "\\PC{0,64}") {
            if let Err(error) = read(&format!("https://other.example/callback?code=marked{query}")) {
                prop_assert!(!error.contains("marked"));
            }
            let _ = read(&query);
        }
    }
}
