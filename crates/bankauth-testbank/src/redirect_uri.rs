//! What may be registered as a redirect URI: an absolute http or https URL in ASCII without user name and fragment.

use url::Url;

/// The error says what was found.
pub(crate) fn read(redirect_uri: &str) -> Result<Url, &'static str> {
    // The URI goes into a `Location` header as it is. The parser below would drop blanks and line ends.
    if !redirect_uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a character that is not visible ASCII");
    }
    let Ok(url) = Url::parse(redirect_uri) else {
        return Err("no absolute URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err("another scheme");
    }
    // The parser forgives `https:host` and backslashes, and an empty user name leaves no trace in what it returns.
    let Some((_, rest)) = redirect_uri.split_once("://") else {
        return Err("no absolute URL");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || redirect_uri.contains('\\') {
        return Err("no host");
    }
    if authority.contains('@') {
        return Err("a user name");
    }
    if url.fragment().is_some() {
        return Err("a fragment");
    }
    match url.host_str() {
        Some(_) => Ok(url),
        None => Err("no host"),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_registered_uri_always_fits_into_a_redirect(uri in "(https?://)?[ -~é\r\n]{0,40}") {
            if read(&uri).is_ok() {
                let url = format!("{uri}?code=a");
                prop_assert!(HeaderValue::try_from(&url).is_ok());
                let url = Url::parse(&url).unwrap();
                prop_assert_eq!(url.username(), "");
                prop_assert_eq!(url.password(), None);
            }
        }
    }

    #[test]
    fn redirect_uris_that_are_none() {
        for uri in [
            "",
            "/callback",
            "example.com",
            "https://",
            "https:example.com",
            "https:///example.com",
            "https://\\user@example.com",
            "ftp://example.com/",
            "mailto:a@example.com",
            "https://example.com/#",
            "https://example.com/#a",
            "https://user@example.com/",
            "https://@example.com/",
            "https://user:word@example.com?a=b",
            "https://example.com/\r\nSet-Cookie: a=b",
            "https://exämple.com/",
        ] {
            assert!(read(uri).is_err(), "{uri}");
        }
    }
}
