//! How an authorization response arrives (OAuth 2.0 Multiple Response Type Encoding Practices, Form Post Response Mode).

use core::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{AuthorizationResponseError as Error, Body, RedirectUri, printable};

/// Where the response stands: in what the request asked for, and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the address: the default for a code.
    Query,
    /// In the fragment of the address: the default where an id token comes with the code. Only the browser sees it.
    Fragment,
    /// In the body of a POST request that the browser makes.
    FormPost,
}

impl ResponseMode {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Query, Self::Fragment, Self::FormPost]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Query => "the query",
            Self::Fragment => "the fragment",
            Self::FormPost => "a form",
        }
    }
}

/// What came back to the redirect URI: it holds a code, so `Debug` shows its kind alone, and it is wiped.
#[non_exhaustive]
pub enum Callback {
    /// The whole address, from the browser or the request line. White space around it is passed over.
    Address(SecretString),
    /// The body of a POST request to the redirect URI.
    FormPost(Body),
}

impl Callback {
    /// The whole address.
    #[must_use]
    pub fn address(address: impl Into<SecretString>) -> Self {
        Self::Address(address.into())
    }

    /// The parameters, from where `mode` has them.
    pub(crate) fn parameters(
        &self,
        redirect_uri: &RedirectUri,
        mode: ResponseMode,
    ) -> Result<ResponseParameters, Error> {
        let other = |found: ResponseMode| Error::OtherCarrier {
            found: found.in_words(),
            expected: mode.in_words(),
        };
        match self {
            Self::FormPost(body) if mode == ResponseMode::FormPost => {
                Ok(ResponseParameters::parse(body.expose_secret()))
            }
            Self::FormPost(_) => Err(other(ResponseMode::FormPost)),
            Self::Address(address) => {
                let url = at(address.expose_secret(), redirect_uri)?;
                let query = ResponseParameters::parse(url.query().unwrap_or_default().as_bytes());
                let fragment =
                    ResponseParameters::parse(url.fragment().unwrap_or_default().as_bytes());
                let (right, wrong, found) = match mode {
                    ResponseMode::Query => (query, fragment, ResponseMode::Fragment),
                    ResponseMode::Fragment => (fragment, query, ResponseMode::Query),
                    ResponseMode::FormPost if fragment.is_response() => {
                        return Err(other(ResponseMode::Fragment));
                    }
                    ResponseMode::FormPost => return Err(other(ResponseMode::Query)),
                };
                if wrong.is_response() {
                    return Err(other(found));
                }
                Ok(right)
            }
        }
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address(_) => "Address([REDACTED])",
            Self::FormPost(_) => "FormPost([REDACTED])",
        })
    }
}

/// The parameters of a response, wiped when dropped.
pub(crate) struct ResponseParameters(Vec<(String, Zeroizing<String>)>);

impl ResponseParameters {
    fn parse(text: &[u8]) -> Self {
        Self(
            form_urlencoded::parse(text)
                .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
                .collect(),
        )
    }

    /// Whether anything of a response is here.
    pub(crate) fn is_response(&self) -> bool {
        const MARKS: [&str; 5] = ["code", "error", "id_token", "access_token", "response"];
        self.0
            .iter()
            .any(|(name, _)| MARKS.contains(&name.as_str()))
    }

    /// The value of a parameter that may occur once (RFC 6749 §3.1).
    pub(crate) fn single(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(found, _)| found == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Error::Contradiction { name });
        }
        Ok(first.map(|(_, value)| value.as_str()))
    }
}

/// The address, if it is that of the redirect URI: scheme, host, port, path and the query that was registered.
fn at(address: &str, redirect_uri: &RedirectUri) -> Result<Url, Error> {
    let expected = || redirect_uri.as_str().into();
    let url = Url::parse(address.trim()).map_err(|_| Error::NotUrl {
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
        return Err(Error::OtherRedirectUri {
            found: place(&url),
            expected: expected(),
        });
    }
    Ok(url)
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
