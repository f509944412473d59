//! What a fault makes of a request.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use super::{Alteration, Fault, body};

/// How a request goes on once its fault is known.
pub(crate) enum Course {
    /// The bank waits so long, works on the request, and the answer has this ending.
    Process(Duration, Ending),
    /// The connection ends; the bank works on the request when it is told to.
    ProcessLater,
    /// This is the answer.
    Answer(Response<Body>),
    /// The connection ends.
    Drop,
    /// The connection ends by a reset.
    Reset,
    /// Nothing happens any more on this connection.
    Hang,
}

/// What becomes of the right answer.
pub(crate) enum Ending {
    /// It is sent.
    Sent,
    /// It is sent after so long.
    Delayed(Duration),
    /// The connection ends instead.
    Lost,
    /// It is sent byte by byte.
    Trickle(Duration),
    /// Half of it is sent.
    Torn,
    /// Half of it is sent, then the connection is reset.
    ResetInBody,
    /// It is changed.
    Altered(Alteration),
}

impl Course {
    /// `rate_limited` is the bank's body for a 429.
    pub(crate) fn new(fault: Option<Fault>, rate_limited: &'static str) -> Self {
        let acts = |ending| Self::Process(Duration::ZERO, ending);
        let Some(fault) = fault else {
            return acts(Ending::Sent);
        };
        Self::Answer(match fault {
            Fault::Never => return Self::Hang,
            Fault::Close => return Self::Drop,
            Fault::Reset => return Self::Reset,
            Fault::ActLater => return Self::ProcessLater,
            Fault::LostResponse => return acts(Ending::Lost),
            Fault::DelayBefore(pause) => return Self::Process(pause, Ending::Sent),
            Fault::DelayAfter(pause) => return acts(Ending::Delayed(pause)),
            Fault::Trickle(pause) => return acts(Ending::Trickle(pause)),
            Fault::Torn => return acts(Ending::Torn),
            Fault::ResetInBody => return acts(Ending::ResetInBody),
            Fault::Altered(alteration) => return acts(Ending::Altered(alteration)),
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
            Fault::Large(bytes) => answer(StatusCode::OK, JSON, body::large(bytes)),
            Fault::GzipBomb(bytes) => {
                let response = answer(StatusCode::OK, JSON, body::gzip_bomb(bytes));
                with_header(response, header::CONTENT_ENCODING, GZIP)
            }
            Fault::Answer {
                status,
                content_type,
                body,
            } => answer(status, content_type, Body::from(body)),
            Fault::RetryAfter(value) => {
                let body = Body::from(rate_limited);
                let response = answer(StatusCode::TOO_MANY_REQUESTS, JSON, body);
                with_header(response, header::RETRY_AFTER, value)
            }
        })
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

impl Ending {
    /// What is sent instead of the right answer; `None` when the connection ends.
    pub(crate) async fn of(self, response: Response<Body>) -> Option<Response<Body>> {
        match self {
            Self::Sent => Some(response),
            Self::Lost => None,
            Self::Delayed(pause) => {
                tokio::time::sleep(pause).await;
                Some(response)
            }
            Self::Trickle(pause) => {
                let (mut parts, bytes) = whole(response).await;
                parts
                    .headers
                    .insert(header::CONTENT_LENGTH, bytes.len().into());
                Some(Response::from_parts(parts, body::trickle(bytes, pause)))
            }
            Self::Torn | Self::ResetInBody => {
                let (mut parts, mut bytes) = whole(response).await;
                parts
                    .headers
                    .insert(header::CONTENT_LENGTH, bytes.len().into());
                bytes.truncate(bytes.len() / 2);
                Some(Response::from_parts(parts, body::torn(bytes)))
            }
            Self::Altered(alteration) => {
                let (mut parts, bytes) = whole(response).await;
                // The right length of the new body takes its place.
                parts.headers.remove(header::CONTENT_LENGTH);
                let bytes = alteration.apply(&mut parts.headers, bytes);
                Some(Response::from_parts(parts, Body::from(bytes)))
            }
        }
    }
}

/// The bank's answers lie in memory as they are, so that reading them cannot fail.
async fn whole(response: Response<Body>) -> (http::response::Parts, Vec<u8>) {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    (parts, bytes.unwrap_or_default().to_vec())
}

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
    name: HeaderName,
    value: HeaderValue,
) -> Response<Body> {
    response.headers_mut().insert(name, value);
    response
}
