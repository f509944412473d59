//! Misbehaviour on demand.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use hyper::body::{Bytes, Frame, SizeHint};
use serde::Deserialize;

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
/// Only [`LostResponse`](Self::LostResponse) lets the bank act on the request; every other fault leaves codes and
/// tokens as they were. In the JSON of the control endpoint the names are in kebab case: `"never"`,
/// `{"html": 502}`, `{"redirect": {"status": 307, "location": "https://example.com/"}}`, `{"large": 10485760}`,
/// `{"answer": {"status": 200, "content_type": "application/json", "body": "{}"}}`, `{"retry-after": "30"}`.
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
    /// No answer: the connection stays open until the client gives up.
    Never,
    /// The connection is dropped before the bank looks at the request.
    Close,
    /// The bank does what was asked, then the connection is dropped before the answer.
    LostResponse,
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
}

/// How a request goes on once its fault is known.
pub(crate) enum Course {
    /// The bank works on the request and answers.
    Process,
    /// The bank works on the request; the answer is lost.
    ProcessThenDrop,
    /// This is the answer.
    Answer(Response<Body>),
    /// The connection ends.
    Drop,
    /// Nothing happens any more on this connection.
    Hang,
}

impl From<Option<Fault>> for Course {
    fn from(fault: Option<Fault>) -> Self {
        let Some(fault) = fault else {
            return Self::Process;
        };
        Self::Answer(match fault {
            Fault::Never => return Self::Hang,
            Fault::Close => return Self::Drop,
            Fault::LostResponse => return Self::ProcessThenDrop,
            Fault::Html(status) => {
                let page = format!(
                    "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
                );
                answer(
                    status,
                    HeaderValue::from_static("text/html"),
                    Body::from(page),
                )
            }
            Fault::Redirect { status, location } => {
                with_header(empty(status), header::LOCATION, location)
            }
            Fault::Empty(status) => empty(status),
            Fault::Large(bytes) => {
                let body = Body::new(LargeBody { left: bytes });
                answer(StatusCode::OK, JSON, body)
            }
            Fault::Answer {
                status,
                content_type,
                body,
            } => answer(status, content_type, Body::from(body)),
            Fault::RetryAfter(value) => {
                let body = Body::from(r#"{"message":"Rate limit exceeded","code":3162}"#);
                let response = answer(StatusCode::TOO_MANY_REQUESTS, JSON, body);
                with_header(response, header::RETRY_AFTER, value)
            }
        })
    }
}

/// The faults still to come, in the order in which they were asked for.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Vec<(Endpoint, Fault, u32)>,
}

impl Faults {
    pub(crate) fn plan(&mut self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.planned.push((endpoint, fault, times));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let next = self.planned.iter().position(|plan| plan.0 == endpoint)?;
        let plan = &mut self.planned[next];
        plan.2 -= 1;
        if plan.2 == 0 {
            return Some(self.planned.remove(next).1);
        }
        Some(plan.1.clone())
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn answer(status: StatusCode, content_type: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    with_header(response, header::CONTENT_TYPE, content_type)
}

fn with_header(
    mut response: Response<Body>,
    name: header::HeaderName,
    value: HeaderValue,
) -> Response<Body> {
    response.headers_mut().insert(name, value);
    response
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

/// A body of any length that never lies in memory as a whole.
struct LargeBody {
    left: u64,
}

/// One piece of the large body.
static PIECE: [u8; 16 * 1024] = [b'a'; 16 * 1024];

impl hyper::body::Body for LargeBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let size = usize::try_from(self.left).map_or(PIECE.len(), |left| left.min(PIECE.len()));
        self.left -= size as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&PIECE[..size])))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        // Unknown on purpose: with an exact size hyper would announce it, and a client could refuse before reading.
        SizeHint::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_in_order_and_by_endpoint() {
        let mut faults = Faults::default();
        faults.plan(Endpoint::Token, Fault::Never, 2);
        faults.plan(Endpoint::Api, Fault::Close, 1);
        faults.plan(Endpoint::Token, Fault::Large(1), 1);
        faults.plan(Endpoint::Token, Fault::Close, 0);
        assert_eq!(faults.take(Endpoint::Consent), None);
        assert_eq!(faults.take(Endpoint::Token), Some(Fault::Never));
        assert_eq!(faults.take(Endpoint::Token), Some(Fault::Never));
        assert_eq!(faults.take(Endpoint::Token), Some(Fault::Large(1)));
        assert_eq!(faults.take(Endpoint::Token), None);
        assert_eq!(faults.take(Endpoint::Api), Some(Fault::Close));
        assert_eq!(faults.take(Endpoint::Api), None);
    }

    #[test]
    fn names_in_json() {
        let read = |json: &str| serde_json::from_str::<Fault>(json);
        assert_eq!(read(r#""never""#).unwrap(), Fault::Never);
        assert_eq!(read(r#""lost-response""#).unwrap(), Fault::LostResponse);
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
            read(r#"{"html":101}"#).unwrap_err().to_string(),
            "status 101 found, 200 to 999 expected"
        );
        assert!(read(r#"{"retry-after":"a\nb"}"#).is_err());
    }
}
