//! What the head of an answer tells: how long to wait, the server's clock, the name of the answer.

use core::time::Duration;
use std::time::SystemTime;

use http::{HeaderMap, StatusCode, header};

use crate::printable;

/// `Retry-After` as a duration (RFC 9110 §10.2.3), at most a day. A date counts from the answer's own `Date`; what is
/// neither seconds nor a date is passed over.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        // More digits than a number holds are a long wait all the same.
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => DAY,
        Err(_) => httpdate::parse_http_date(text)
            .ok()?
            .duration_since(date(headers)?)
            .unwrap_or_default(),
    };
    Some(wait.min(DAY))
}

/// The server's clock, from `Date`.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

/// The server's own name of the answer, made printable.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    [
        "x-request-id",
        "request-id",
        "x-correlation-id",
        "x-fapi-interaction-id",
    ]
    .iter()
    .find_map(|name| headers.get(*name)?.to_str().ok())
    .map(printable)
}

/// The content type, without control characters and at most 80 characters.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<Box<str>> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let printable = value.chars().filter(|c| !c.is_control()).take(80);
    Some(printable.collect::<String>().into())
}

/// Whether the content type is this one, whatever its parameters.
pub(crate) fn is_media_type(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case(expected)
        })
}

/// Statuses that tell of a bad moment rather than of a bad request.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, value.parse().ok()?);
        headers.insert(
            header::DATE,
            "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap(),
        );
        retry_after(&headers)
    }

    #[test]
    fn retry_after_reads_seconds_and_dates_and_passes_over_garbage_rfc9110_10_2_3() {
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:50:37 GMT"),
            Some(Duration::from_secs(60))
        );
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("99999999999"), Some(Duration::from_secs(86_400)));
        assert_eq!(wait(&"9".repeat(40)), Some(Duration::from_secs(86_400)));
        for garbage in ["soon", "-1", "", "1.5"] {
            assert_eq!(wait(garbage), None, "{garbage}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics_and_no_wait_is_longer_than_a_day(text in any::<String>()) {
            prop_assert!(wait(&text).is_none_or(|wait| wait <= Duration::from_secs(86_400)));
        }
    }
}
