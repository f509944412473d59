//! Misbehaviour on demand.

mod alteration;
mod body;
mod course;

use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode};
use serde::Deserialize;

pub use alteration::{Alteration, OddExpiresIn, OddScope, OddTokenType};
pub(crate) use course::{Course, Ending};

/// A part of a bank that can be told to misbehave.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// The page on which the user consents.
    Consent,
    /// The token endpoint.
    Token,
    /// Everything below the base of the bank's API but the token endpoint.
    Api,
}

/// What happens to a request instead of the right answer.
///
/// The bank acts on the request with [`LostResponse`](Self::LostResponse), [`ActLater`](Self::ActLater) and all that
/// stand after them; every other fault leaves codes and tokens as they were. In the JSON of the control endpoint the
/// names are in kebab case: `"never"`, `{"html": 502}`, `{"redirect": {"status": 307, "location":
/// "https://example.com/"}}`, `{"large": 10485760}`, `{"answer": {"status": 200, "content_type": "application/json",
/// "body": "{}"}}`, `{"retry-after": "30"}`, `{"trickle": 5}` (milliseconds), `{"altered": {"expires-in": "text"}}`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Fault {
    /// An HTML page with this status, as a proxy before the bank sends it.
    Html(#[serde(deserialize_with = "status")] StatusCode),
    /// A redirect to another place.
    Redirect {
        /// The status, e.g. 302 or 307.
        #[serde(deserialize_with = "status")]
        status: StatusCode,
        /// The value of the `Location` header.
        #[serde(deserialize_with = "header_value")]
        location: HeaderValue,
    },
    /// This status and no body.
    Empty(#[serde(deserialize_with = "status")] StatusCode),
    /// Status 200, `application/json`, and a body of this many letters `a`, sent without a `Content-Length`.
    Large(u64),
    /// Status 200, `application/json`, and a gzip body that unpacks to this many letters `a`, rounded up to a MiB.
    GzipBomb(u64),
    /// No answer: the connection stays open until the client gives up.
    Never,
    /// The connection is dropped before the bank looks at the request.
    Close,
    /// The same, but the connection is reset (RST) instead of ended.
    Reset,
    /// This answer.
    Answer {
        /// The status.
        #[serde(deserialize_with = "status")]
        status: StatusCode,
        /// The value of the `Content-Type` header.
        #[serde(deserialize_with = "header_value")]
        content_type: HeaderValue,
        /// The body.
        body: String,
    },
    /// Status 429 with the bank's body for it and this `Retry-After` header: seconds, a date, or nonsense.
    RetryAfter(#[serde(deserialize_with = "header_value")] HeaderValue),
    /// The bank does what was asked, then the connection is dropped before the answer.
    LostResponse,
    /// The connection is dropped at once, and the bank acts on the request when
    /// [`TestBank::act_on_delayed`](crate::TestBank::act_on_delayed) tells it to.
    ActLater,
    /// The bank waits so long, acts and answers.
    DelayBefore(#[serde(deserialize_with = "millis")] Duration),
    /// The bank acts, waits so long and answers.
    DelayAfter(#[serde(deserialize_with = "millis")] Duration),
    /// The right answer, one byte of its body after the other with so long a pause before each.
    Trickle(#[serde(deserialize_with = "millis")] Duration),
    /// The right answer with its true `Content-Length`, but the connection is dropped after half of the body.
    Torn,
    /// The same, but the connection is reset, and less than half may arrive.
    ResetInBody,
    /// The right answer, changed.
    Altered(Alteration),
}

/// The faults still to come, in the order in which they were asked for.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Vec<(Endpoint, Fault, Extent)>,
}

enum Extent {
    Times(u32),
    Until(SystemTime),
}

impl Faults {
    pub(crate) fn plan(&mut self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.planned.push((endpoint, fault, Extent::Times(times)));
        }
    }

    pub(crate) fn plan_until(&mut self, endpoint: Endpoint, fault: Fault, until: SystemTime) {
        self.planned.push((endpoint, fault, Extent::Until(until)));
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    pub(crate) fn take(&mut self, endpoint: Endpoint, now: SystemTime) -> Option<Fault> {
        self.planned
            .retain(|(_, _, extent)| !matches!(extent, Extent::Until(until) if *until <= now));
        let next = self.planned.iter().position(|plan| plan.0 == endpoint)?;
        let (_, fault, extent) = &mut self.planned[next];
        if let Extent::Times(times) = extent {
            *times -= 1;
            if *times == 0 {
                return Some(self.planned.remove(next).1);
            }
        }
        Some(fault.clone())
    }
}

fn status<'de, D: serde::Deserializer<'de>>(from: D) -> Result<StatusCode, D::Error> {
    let code = u16::deserialize(from)?;
    match StatusCode::from_u16(code) {
        Ok(status) if code >= 200 => Ok(status),
        _ => Err(serde::de::Error::custom(format_args!(
            "status {code} found, 200 to 999 expected"
        ))),
    }
}

fn header_value<'de, D: serde::Deserializer<'de>>(from: D) -> Result<HeaderValue, D::Error> {
    let text = String::deserialize(from)?;
    HeaderValue::try_from(text)
        .map_err(|_| serde::de::Error::custom("a header value without control characters expected"))
}

fn millis<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn faults_come_in_order_and_by_endpoint() {
        let mut faults = Faults::default();
        faults.plan(Endpoint::Token, Fault::Never, 2);
        faults.plan(Endpoint::Api, Fault::Close, 1);
        faults.plan(Endpoint::Token, Fault::Large(1), 1);
        faults.plan(Endpoint::Token, Fault::Close, 0);
        let mut take = |endpoint| faults.take(endpoint, NOW);
        assert_eq!(take(Endpoint::Consent), None);
        assert_eq!(take(Endpoint::Token), Some(Fault::Never));
        assert_eq!(take(Endpoint::Token), Some(Fault::Never));
        assert_eq!(take(Endpoint::Token), Some(Fault::Large(1)));
        assert_eq!(take(Endpoint::Token), None);
        assert_eq!(take(Endpoint::Api), Some(Fault::Close));
        assert_eq!(take(Endpoint::Api), None);
    }

    #[test]
    fn faults_by_time_end_by_the_clock() {
        let mut faults = Faults::default();
        let second = Duration::from_secs(1);
        faults.plan_until(Endpoint::Token, Fault::Never, NOW + second);
        faults.plan(Endpoint::Token, Fault::Close, 1);
        assert_eq!(faults.take(Endpoint::Token, NOW), Some(Fault::Never));
        assert_eq!(faults.take(Endpoint::Token, NOW), Some(Fault::Never));
        assert_eq!(
            faults.take(Endpoint::Token, NOW + second),
            Some(Fault::Close)
        );
        assert_eq!(faults.take(Endpoint::Token, NOW + second), None);
    }

    #[test]
    fn names_in_json() {
        let read = |json: &str| serde_json::from_str::<Fault>(json);
        assert_eq!(read(r#""never""#).unwrap(), Fault::Never);
        assert_eq!(read(r#""lost-response""#).unwrap(), Fault::LostResponse);
        assert_eq!(read(r#""act-later""#).unwrap(), Fault::ActLater);
        assert_eq!(read(r#"{"gzip-bomb":1}"#).unwrap(), Fault::GzipBomb(1));
        assert_eq!(
            read(r#"{"delay-after":250}"#).unwrap(),
            Fault::DelayAfter(Duration::from_millis(250))
        );
        assert_eq!(
            read(r#"{"html":502}"#).unwrap(),
            Fault::Html(StatusCode::BAD_GATEWAY)
        );
        assert_eq!(
            read(r#"{"redirect":{"status":307,"location":"https://example.com/"}}"#).unwrap(),
            Fault::Redirect {
                status: StatusCode::TEMPORARY_REDIRECT,
                location: HeaderValue::from_static("https://example.com/"),
            }
        );
        assert_eq!(
            read(r#"{"retry-after":"soon"}"#).unwrap(),
            Fault::RetryAfter(HeaderValue::from_static("soon"))
        );
        assert_eq!(
            read(r#"{"altered":{"expires-in":"text"}}"#).unwrap(),
            Fault::Altered(Alteration::ExpiresIn(OddExpiresIn::Text))
        );
        assert_eq!(
            read(r#"{"altered":{"content-type":"text/plain"}}"#).unwrap(),
            Fault::Altered(Alteration::ContentType(HeaderValue::from_static(
                "text/plain"
            )))
        );
        assert_eq!(
            read(r#"{"html":101}"#).unwrap_err().to_string(),
            "status 101 found, 200 to 999 expected"
        );
        assert!(read(r#"{"retry-after":"a\nb"}"#).is_err());
    }
}
