//! A path of the API, appended to its base.

use http::Uri;

/// A path to which no access token is sent. The path is not repeated: it may hold what a person would not log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the path is {found}, expected one that begins with a slash and is appended to the base of the API, such as /accounts"
)]
pub struct PathError {
    found: &'static str,
}

impl PathError {
    /// What the path is instead.
    #[must_use]
    pub const fn found(&self) -> &'static str {
        self.found
    }
}

/// Appends `path`, which may have a query, to `base`, an `https` URL without slash at the end.
///
/// HTTP libraries normalise URLs in different ways. What is accepted here is a path to all of them, and leads nowhere
/// but below the base.
pub(super) fn join(base: &str, path: &str) -> Result<Uri, PathError> {
    let refuse = |found| Err(PathError { found });
    if path.is_empty() {
        return refuse("empty");
    }
    if !path.starts_with('/') {
        return refuse(if path.contains(':') {
            "an absolute URL"
        } else {
            "one without a slash in front"
        });
    }
    if path.starts_with("//") {
        return refuse("the name of another host");
    }
    if path.contains('#') {
        return refuse("one with a fragment");
    }
    if !path.bytes().all(is_allowed) {
        return refuse("one with a character that has to be percent-encoded");
    }
    let steps = path.split('?').next().unwrap_or_default();
    let (Some(steps), Some(_)) = (percent_decoded(steps), percent_decoded(path)) else {
        return refuse("one with a broken percent-encoding");
    };
    if steps
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .any(|step| matches!(step, b"." | b".."))
    {
        return refuse("one with a step `.` or `..`");
    }
    Uri::try_from(format!("{base}{path}")).or_else(|_| refuse("longer than HTTP carries"))
}

/// The characters of path and query (RFC 3986 sections 3.3 and 3.4).
const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'/'
                | b'?'
                | b'%'
        )
}

/// RFC 3986 section 2.1; `None` where a percent sign is not followed by two digits.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut out = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: &str = "https://b2b.revolut.com/api/1.0";

    #[test]
    fn a_path_is_appended_with_its_query() {
        for path in [
            "/accounts",
            "/",
            "/accounts/2a0d4d03-e26c-4159-9de1-c6bf3adfd8a1/bank-details",
            "/transactions?from=2026-01-01T00:00:00.000Z&count=10",
            "/counterparties?name=a%20b/../c",
            "/a..b/...",
        ] {
            assert_eq!(
                join(BASE, path).unwrap().to_string(),
                format!("{BASE}{path}")
            );
        }
    }

    #[test]
    fn what_leads_elsewhere_is_refused_without_being_repeated() {
        let refused = |path| join(BASE, path).unwrap_err().to_string();
        insta::assert_snapshot!(refused("https://evil.example/marked"), @"the path is an absolute URL, expected one that begins with a slash and is appended to the base of the API, such as /accounts");
        for (path, found) in [
            ("", "empty"),
            ("accounts", "one without a slash in front"),
            ("@evil.example/", "one without a slash in front"),
            (".evil.example/", "one without a slash in front"),
            (":8443/accounts", "an absolute URL"),
            ("//evil.example/", "the name of another host"),
            ("/accounts#marked", "one with a fragment"),
            ("/..", "one with a step `.` or `..`"),
            (
                "/accounts/../../2.0/webhooks",
                "one with a step `.` or `..`",
            ),
            ("/accounts/./x", "one with a step `.` or `..`"),
            ("/%2e%2E/2.0", "one with a step `.` or `..`"),
            ("/x%2f..%5c2.0", "one with a step `.` or `..`"),
            (
                "/\\evil.example",
                "one with a character that has to be percent-encoded",
            ),
            (
                "/a b",
                "one with a character that has to be percent-encoded",
            ),
            (
                "/a\r\nX: y",
                "one with a character that has to be percent-encoded",
            ),
            ("/é", "one with a character that has to be percent-encoded"),
            ("/%", "one with a broken percent-encoding"),
            ("/%4", "one with a broken percent-encoding"),
            ("/a?b=%zz", "one with a broken percent-encoding"),
            ("/a?b=%+4", "one with a broken percent-encoding"),
        ] {
            let error = join(BASE, path).unwrap_err();
            assert_eq!(error.found(), found, "{path}");
            assert!(!error.to_string().contains("marked"));
        }
        let endless = format!("/{}", "a".repeat(70_000));
        assert_eq!(
            join(BASE, &endless).unwrap_err().found(),
            "longer than HTTP carries"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_below_the_base(path in "/?[/.%25eE0-9a-f?#@:\\\\ \\PC]{0,24}") {
            if let Ok(uri) = join(BASE, &path) {
                prop_assert_eq!(uri.scheme_str(), Some("https"));
                prop_assert_eq!(uri.authority().map(|a| a.as_str()), Some("b2b.revolut.com"));
                prop_assert_eq!(uri.to_string(), format!("{BASE}{path}"));
                prop_assert!(!uri.path().to_ascii_lowercase().replace("%2e", ".").split('/').any(|step| step == ".."));
            }
        }
    }
}
