//! Tells the answers of the API apart.

use core::time::Duration;

use bankauth_grants::{ApiRefusal, Body, ErrorShape};
use http::{Response, StatusCode, header};

use super::{
    api_error::{ApiError, MalformedApiAnswer, Problem},
    printable::{holds_secret, printable},
};

/// Passes what succeeded. The status decides about the rest, and the body adds what the bank says.
pub(super) fn check(answer: &Response<Body>) -> Result<(), ApiError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    if !status.is_client_error() && !status.is_server_error() {
        return Err(malformed(answer, Problem::Elsewhere));
    }
    let refusal = Box::new(refusal(answer));
    Err(match status {
        StatusCode::UNAUTHORIZED if blames_header(&refusal) => ApiError::HeaderRejected(refusal),
        StatusCode::UNAUTHORIZED => ApiError::Unauthorised(refusal),
        StatusCode::FORBIDDEN => ApiError::Forbidden(refusal),
        StatusCode::TOO_MANY_REQUESTS => ApiError::RateLimited(refusal),
        status if status.is_server_error() => ApiError::Server(refusal),
        _ => match refusal.shape() {
            ErrorShape::Empty => malformed(answer, Problem::Empty),
            ErrorShape::Html | ErrorShape::Text => malformed(answer, Problem::NotJson),
            _ if status == StatusCode::BAD_REQUEST => ApiError::Validation(refusal),
            _ => ApiError::Refused(refusal),
        },
    })
}

/// An answer that is none of the API.
pub(super) fn malformed(answer: &Response<Body>, problem: Problem) -> ApiError {
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    ApiError::Malformed(MalformedApiAnswer {
        status: answer.status(),
        content_type: content_type
            .and_then(|value| value.to_str().ok())
            .map(printable),
        length: answer.body().len(),
        problem,
    })
}

/// The bank's words are `message` alone, with `status`, with `code`, with `error_id` and `code` (since 2026-03-30), and
/// those of OAuth (RFC 6749 section 5.2), should the token endpoint's way of speaking turn up here.
fn refusal(answer: &Response<Body>) -> ApiRefusal {
    let refusal = ApiRefusal::read(answer).masking_words(holds_secret);
    let wait = refusal.message().and_then(wait_in_words);
    refusal.with_retry_after(wait)
}

/// Code 1000 stands for an expired token as well as for a header that is not `Bearer <token>`; the words tell them apart.
fn blames_header(refusal: &ApiRefusal) -> bool {
    refusal.message().is_some_and(|message| {
        message
            .to_ascii_lowercase()
            .contains("authorization header")
    })
}

/// "Try again after 30 seconds."
fn wait_in_words(message: &str) -> Option<Duration> {
    let (_, rest) = message.split_once(" after ")?;
    let mut words = rest.split_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches(['.', ',', 's']) {
        "second" => 1,
        "minute" => 60,
        _ => return None,
    };
    Some(Duration::from_secs(number.saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::error::Error as _;

    fn answer(status: u16, body: &[u8]) -> Response<Body> {
        let mut answer = Response::new(Body::from(body.to_vec()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
    }

    #[test]
    fn a_wait_is_read_from_words() {
        for (message, wait) in [
            ("Try again after 30 seconds.", Some(30)),
            ("Limit reached. Try again after 1 minute.", Some(60)),
            ("Try again after 99999999999999999999 seconds.", None),
            (
                "Try again after 18446744073709551615 minutes",
                Some(u64::MAX),
            ),
            ("Please try again later.", None),
            ("after lunch", None),
        ] {
            assert_eq!(
                wait_in_words(message),
                wait.map(Duration::from_secs),
                "{message}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_body_panics_or_drives_a_terminal(
            status in 100_u16..=599,
            message in any::<String>(),
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let json = serde_json::to_vec(&Value::from_iter([("message", message)])).unwrap();
            for body in [&json, &bytes] {
                let answer = answer(status, body);
                match check(&answer) {
                    Ok(()) => prop_assert!((200..300).contains(&status)),
                    Err(error) => {
                        let text = format!("{error}: {}", error.source().unwrap());
                        prop_assert!(!text.chars().any(char::is_control));
                        prop_assert_eq!(error.status(), Some(answer.status()));
                        prop_assert_eq!(error.is_token_fault(), status == 401 && !text.contains("could not read"));
                    }
                }
            }
        }
    }
}
