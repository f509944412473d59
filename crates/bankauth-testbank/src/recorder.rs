//! What came in, kept for the test that asks.

use std::{collections::VecDeque, fmt};

use http::{HeaderMap, Method, Uri};
use hyper::body::Bytes;
use serde::Serialize;
use url::form_urlencoded;

/// The oldest requests are forgotten beyond this number, so that a long run does not eat the memory.
const KEPT: usize = 1024;

/// How often a bank was asked for something. Counted from the start, whatever became of the connection.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests that reached the token endpoint, refused and faulty ones included.
    pub token_requests: u64,
    /// Authorization codes exchanged.
    pub exchanges: u64,
    /// Tokens granted for client credentials or a password alone.
    pub credential_grants: u64,
    /// Refreshes granted, those whose answer was lost included.
    pub refreshes: u64,
    /// Families of tokens revoked because a refresh token was used again.
    pub families_revoked: u64,
    /// Requests that reached the API, refused and faulty ones included.
    pub api_calls: u64,
}

/// A request as it came in, with the secrets in it.
///
/// `Debug` shows method and path alone; whatever may hold a secret comes out through a method that says so.
#[derive(Clone)]
pub struct RecordedRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    client_certificate: Option<[u8; 32]>,
}

impl RecordedRequest {
    pub(crate) fn new(
        parts: &http::request::Parts,
        body: Bytes,
        client_certificate: Option<[u8; 32]>,
    ) -> Self {
        Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            body,
            client_certificate,
        }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query, without its `?`; empty when there is none.
    pub fn expose_query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The headers, `Authorization` among them.
    pub fn expose_headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn expose_body(&self) -> &[u8] {
        &self.body
    }

    /// SHA-256 of the client's certificate as DER, when the request came over mutual TLS.
    pub fn client_certificate_sha256(&self) -> Option<[u8; 32]> {
        self.client_certificate
    }

    /// The body read as a form (`application/x-www-form-urlencoded`), in its order.
    pub fn expose_form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// The last requests.
#[derive(Default)]
pub(crate) struct Recorder {
    requests: VecDeque<RecordedRequest>,
}

impl Recorder {
    pub(crate) fn keep(&mut self, request: RecordedRequest) {
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, body: &'static str) -> RecordedRequest {
        let (parts, ()) = http::Request::post(uri)
            .header("authorization", "Bearer hunter2")
            .body(())
            .unwrap()
            .into_parts();
        RecordedRequest::new(&parts, Bytes::from_static(body.as_bytes()), None)
    }

    #[test]
    fn debug_shows_no_secret() {
        let request = request("/token?code=hunter2", "code=hunter2");
        insta::assert_snapshot!(format!("{request:?}"), @r#"RecordedRequest { method: POST, path: "/token", .. }"#);
        assert_eq!(request.expose_query(), "code=hunter2");
        assert_eq!(
            request.expose_form(),
            [("code".to_owned(), "hunter2".to_owned())]
        );
    }

    #[test]
    fn forgets_the_oldest() {
        let mut recorder = Recorder::default();
        for number in 0..KEPT + 2 {
            recorder.keep(request(&format!("/{number}"), ""));
        }
        let kept = recorder.requests();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].path(), "/2");
    }
}
