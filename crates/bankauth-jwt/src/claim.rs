//! The rules that a value must keep before it is signed.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// More than any identifier or URL that a bank hands out; a limit there must be, because a JWT of
/// any size would be refused only after it was sent.
const MAX_TEXT_BYTES: usize = 2048;

/// The largest time written, in the year 5138. Above it readers take a number for milliseconds.
const MAX_NUMERIC_DATE: u64 = 99_999_999_999;

/// A value that cannot go into a JWT: which one, what it was, what it has to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: found {found}, expected {expected}")]
pub struct ClaimError {
    field: &'static str,
    found: Cow<'static, str>,
    expected: &'static str,
}

impl ClaimError {
    /// The claim (`iss`, `sub`, `aud`, `exp`), the header parameter (`kid`) or the argument
    /// (`lifetime`, `now`).
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What was given, described: texts are never repeated here.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What the rule asks for.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }

    fn new(
        field: &'static str,
        found: impl Into<Cow<'static, str>>,
        expected: &'static str,
    ) -> Self {
        Self {
            field,
            found: found.into(),
            expected,
        }
    }
}

/// An identifier (StringOrURI, RFC 7519 section 2): compared byte for byte by the reader, so an
/// invisible character that came along when it was copied would make it another identifier.
pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), ClaimError> {
    let expected = "1 to 2048 bytes of text without control characters";
    if text.is_empty() {
        return Err(ClaimError::new(field, "an empty text", expected));
    }
    if text.len() > MAX_TEXT_BYTES {
        let found = format!("{} bytes", text.len());
        return Err(ClaimError::new(field, found, expected));
    }
    if let Some((at, control)) = text.char_indices().find(|(_, c)| c.is_control()) {
        let found = format!(
            "the control character U+{:04X} at byte {at}",
            u32::from(control)
        );
        return Err(ClaimError::new(field, found, expected));
    }
    Ok(())
}

/// An `https` URL without user name, fragment and (for an issuer) query.
pub(crate) fn check_https_url(
    field: &'static str,
    url: &str,
    with_query: bool,
) -> Result<(), ClaimError> {
    check_text(field, url)?;
    let expected = if with_query {
        "an https URL without user name and fragment"
    } else {
        "an https URL without user name, query and fragment"
    };
    let refuse = |found: &'static str| Err(ClaimError::new(field, found, expected));
    let scheme = "https://";
    if !url
        .get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    {
        return refuse("a text that does not start with https://");
    }
    if url.contains(char::is_whitespace) {
        return refuse("white space");
    }
    if url.contains('#') {
        return refuse("a fragment");
    }
    if !with_query && url.contains('?') {
        return refuse("a query");
    }
    let rest = &url[scheme.len()..];
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return refuse("a user name");
    }
    if authority.is_empty() || authority.starts_with(':') {
        return refuse("no host");
    }
    Ok(())
}

/// Whole seconds of a lifetime, so that `exp` is exactly that far from the second of issue.
pub(crate) fn lifetime_seconds(
    lifetime: Duration,
    limit: Option<Duration>,
) -> Result<u64, ClaimError> {
    let expected = if limit.is_some() {
        "whole seconds from 1 s to 300 s (with_long_lifetime takes more)"
    } else {
        "whole seconds, at least 1 s"
    };
    let too_long = limit.is_some_and(|limit| lifetime > limit);
    if lifetime.as_secs() == 0 || lifetime.subsec_nanos() != 0 || too_long {
        let found = format!("{lifetime:?}");
        return Err(ClaimError::new("lifetime", found, expected));
    }
    Ok(lifetime.as_secs())
}

/// The NumericDate (RFC 7519 section 2) of a moment, rounded down: an `iat` is never in the future.
pub(crate) fn numeric_date(now: SystemTime) -> Result<u64, ClaimError> {
    let expected = "a time from 1970 to 5138 (is the clock set?)";
    let since = now
        .duration_since(UNIX_EPOCH)
        .map_err(|_| ClaimError::new("now", "a time before 1970", expected))?;
    if since.as_secs() > MAX_NUMERIC_DATE {
        return Err(ClaimError::new("now", "a time after 5138", expected));
    }
    Ok(since.as_secs())
}

/// `exp`, so many seconds after the second of issue.
pub(crate) fn expiry(issued_at: u64, lifetime: u64) -> Result<u64, ClaimError> {
    issued_at
        .checked_add(lifetime)
        .filter(|exp| *exp <= MAX_NUMERIC_DATE)
        .ok_or_else(|| {
            let found = format!("{issued_at} s plus a lifetime of {lifetime} s");
            ClaimError::new("exp", found, "at most 99999999999 s, in the year 5138")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_hold_no_control_character() {
        assert_eq!(check_text("iss", "example.com"), Ok(()));
        assert_eq!(check_text("iss", &"x".repeat(2048)), Ok(()));
        assert_eq!(check_text("iss", "Žofia \"quoted\" \\ 👍"), Ok(()));
        for (text, found) in [
            ("", "an empty text"),
            ("abc\n", "the control character U+000A at byte 3"),
            ("\u{0}", "the control character U+0000 at byte 0"),
            ("é\u{7f}", "the control character U+007F at byte 2"),
            ("a\u{85}b", "the control character U+0085 at byte 1"),
            (&*"é".repeat(1025), "2050 bytes"),
        ] {
            let error = check_text("iss", text).unwrap_err();
            assert_eq!((error.field(), error.found()), ("iss", found));
        }
    }

    #[test]
    fn urls_are_https_and_bare() {
        for url in [
            "https://bank.example",
            "HTTPS://bank.example/a/b",
            "https://127.0.0.1:8443/x",
        ] {
            assert_eq!(check_https_url("aud", url, false), Ok(()));
        }
        assert_eq!(
            check_https_url("aud", "https://b.example/token?a=b@c", true),
            Ok(())
        );
        for (url, found) in [
            ("", "an empty text"),
            (
                "http://bank.example",
                "a text that does not start with https://",
            ),
            ("bank.example", "a text that does not start with https://"),
            ("https:/é", "a text that does not start with https://"),
            ("https://", "no host"),
            ("https:///x", "no host"),
            ("https://:443", "no host"),
            ("https://me:secret@bank.example", "a user name"),
            ("https://bank.example/#a", "a fragment"),
            ("https://bank.example?a=b", "a query"),
            ("https://bank.example/ ", "white space"),
        ] {
            let error = check_https_url("aud", url, false).unwrap_err();
            assert_eq!(error.found(), found, "{url}");
        }
    }

    #[test]
    fn times_are_whole_seconds_within_limits() {
        assert_eq!(
            numeric_date(UNIX_EPOCH + Duration::from_millis(1_999)),
            Ok(1)
        );
        assert_eq!(numeric_date(UNIX_EPOCH), Ok(0));
        let before = numeric_date(UNIX_EPOCH - Duration::from_nanos(1)).unwrap_err();
        assert_eq!(
            (before.field(), before.found()),
            ("now", "a time before 1970")
        );
        let after = UNIX_EPOCH + Duration::from_secs(MAX_NUMERIC_DATE + 1);
        assert_eq!(
            numeric_date(after).unwrap_err().found(),
            "a time after 5138"
        );

        assert_eq!(expiry(1_700_000_000, 60), Ok(1_700_000_060));
        assert_eq!(expiry(MAX_NUMERIC_DATE - 60, 60), Ok(MAX_NUMERIC_DATE));
        assert_eq!(
            expiry(MAX_NUMERIC_DATE - 59, 60).unwrap_err().field(),
            "exp"
        );
        assert_eq!(expiry(u64::MAX, u64::MAX).unwrap_err().field(), "exp");
    }
}
