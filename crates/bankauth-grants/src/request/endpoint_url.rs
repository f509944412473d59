//! One rule for the URL of every endpoint that gets credentials.

use url::Url;

use crate::RequestError;

/// Names of secrets, which have no place in any URL (RFC 6749 §2.3.1, RFC 9700 §4.3.2).
const SECRETS: [&str; 5] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "password",
    "refresh_token",
];

/// An absolute `https` URL without fragment, user name or password (RFC 6749 §3.1, §3.2).
pub(crate) fn parse(field: &'static str, text: &str) -> Result<Url, RequestError> {
    let wrong = |found: &str| RequestError::Url {
        field,
        found: found.into(),
    };
    let url = Url::parse(text).map_err(|_| {
        wrong(if text.is_empty() {
            "empty"
        } else {
            "no absolute URL"
        })
    })?;
    if url.scheme() != "https" {
        return Err(wrong(&format!("an {} URL", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a URL with a user name or password"));
    }
    if url.fragment().is_some() {
        return Err(wrong("a URL with a fragment"));
    }
    if url
        .query_pairs()
        .any(|(name, _)| SECRETS.contains(&name.as_ref()))
    {
        return Err(wrong("a URL with a secret in its query"));
    }
    // `url` and `http` differ on a few characters; what both take can be sent.
    http::Uri::try_from(url.as_str()).map_err(|_| wrong("a URL that HTTP cannot carry"))?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn credentials_go_over_https_alone_rfc6749_3_2() {
        insta::assert_snapshot!(
            parse("the token endpoint", "http://bank.example/token").unwrap_err(),
            @"the token endpoint is an http URL, expected an absolute https URL without fragment, user name or password"
        );
        for bad in [
            "",
            "/token",
            "bank.example/token",
            "https://a@b/",
            "https://a:b@c/",
            "https://a/#x",
            "ftp://a/",
            "https://a/?client_secret=marked",
            "https://a/?x=1&access%5Ftoken=marked",
            "https://",
        ] {
            assert!(parse("it", bad).is_err(), "{bad}");
        }
        assert!(parse("it", "https://bank.example:8443/token?tenant=1").is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,64}") {
            let _ = parse("it", &text);
            let _ = parse("it", &format!("https://{text}"));
        }
    }
}
