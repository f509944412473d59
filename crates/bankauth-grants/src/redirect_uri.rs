//! The redirect URI: kept exactly as registered (RFC 6749 §3.1.2, RFC 9700 §2.1).

use core::fmt;

use url::{Host, Url};

use crate::RequestError;

/// A redirect URI, sent byte for byte as it was given.
#[derive(Clone)]
pub struct RedirectUri {
    text: Box<str>,
    url: Url,
}

impl RedirectUri {
    /// An absolute `https` URI without fragment, user name or password; `http` on a loopback address alone (RFC 8252 §7.3).
    ///
    /// # Errors
    /// When it is relative, of another scheme, or has a fragment, user name or password.
    pub fn new(text: &str) -> Result<Self, RequestError> {
        let wrong = |found: &str| RequestError::Url {
            field: "the redirect URI",
            found: found.into(),
        };
        if text.is_empty() {
            return Err(wrong("empty"));
        }
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(wrong("a text with spaces or control characters"));
        }
        let url = Url::parse(text).map_err(|_| wrong("relative or no URL"))?;
        let loopback = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            scheme => return Err(wrong(&format!("an {scheme} URL"))),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("a URL with a user name or password"));
        }
        if url.fragment().is_some() {
            return Err(wrong("a URL with a fragment"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("a URL without host"));
        }
        Ok(Self {
            text: text.into(),
            url,
        })
    }

    /// The URI as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host: no scheme, no port, no path. International names as A-labels, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The same with another port.
    #[cfg(feature = "loopback")]
    pub(crate) fn with_port(&self, port: u16) -> Result<Self, RequestError> {
        let mut url = self.url.clone();
        url.set_port(Some(port))
            .map_err(|()| RequestError::Internal)?;
        Self::new(url.as_str())
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedirectUri").field(&self.text).finish()
    }
}

impl PartialEq for RedirectUri {
    /// Byte for byte (RFC 9700 §2.1).
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RedirectUri {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_host_has_no_scheme_port_or_path() {
        for (text, host) in [
            ("https://example.com", "example.com"),
            ("https://example.com:8787/callback?x=1", "example.com"),
            ("https://127.0.0.1:8787/callback", "127.0.0.1"),
            ("http://localhost:8787/", "localhost"),
            ("http://[::1]:8787/", "[::1]"),
            ("https://EXAMPLE.com/", "example.com"),
            ("https://bücher.example/", "xn--bcher-kva.example"),
        ] {
            let uri = RedirectUri::new(text).unwrap();
            assert_eq!(uri.host(), host);
            assert_eq!(uri.as_str(), text);
        }
    }

    #[test]
    fn relative_fragment_and_userinfo_are_refused_rfc6749_3_1_2() {
        let text = |bad| RedirectUri::new(bad).unwrap_err().to_string();
        insta::assert_snapshot!(text("/callback"), @"the redirect URI is relative or no URL, expected an absolute https URL without fragment, user name or password");
        insta::assert_snapshot!(text("https://example.com/#a"), @"the redirect URI is a URL with a fragment, expected an absolute https URL without fragment, user name or password");
        insta::assert_snapshot!(text("https://me:marked@example.com/"), @"the redirect URI is a URL with a user name or password, expected an absolute https URL without fragment, user name or password");
        for bad in [
            "",
            "example.com",
            "http://example.com",
            "mailto:a@b",
            "https://exa mple.com",
            "https://example.com/\n",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_kept_exactly(text in "(https://)?\\PC{0,48}") {
            if let Ok(uri) = RedirectUri::new(&text) {
                prop_assert_eq!(uri.as_str(), text.as_str());
                prop_assert!(!uri.host().is_empty());
            }
        }
    }
}
