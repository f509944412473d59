//! The one stage that turns public parameters, secrets and client authentication into a request.
//!
//! Grants, pushed authorization requests, revocation and introspection all pass through here.

use core::cell::RefCell;
use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, Request, header};
use oauth2::{HttpRequest, HttpResponse, SyncHttpClient};
use secrecy::ExposeSecret as _;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{BasicEncoding, Body, ClientAuth, Parameters, RequestError};

/// The `client_assertion_type` of a JWT (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Stands in for the network towards `oauth2`: takes its request and answers with an error.
#[derive(Default)]
pub(crate) struct Capture(RefCell<Option<HttpRequest>>);

/// The answer that `oauth2` gets instead of a server's: its request was taken.
#[derive(Debug, thiserror::Error)]
#[error("the request was taken")]
pub(crate) struct Taken;

impl SyncHttpClient for Capture {
    type Error = Taken;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, Taken> {
        *self.0.borrow_mut() = Some(request);
        Err(Taken)
    }
}

impl Capture {
    /// The body that `oauth2` wrote. It was given the empty string in place of each secret.
    pub(crate) fn into_body(self) -> Result<Vec<u8>, RequestError> {
        let request = self.0.into_inner().ok_or(RequestError::Internal)?;
        Ok(request.into_body())
    }
}

/// The parameters of a form, in order. Secrets are borrowed from their owners until the body is written.
pub(crate) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// What `oauth2` wrote, without the parameters that have no value (RFC 6749 §3.2).
    pub(crate) fn written(body: &'a [u8]) -> Self {
        Self(
            form_urlencoded::parse(body)
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// Puts a secret before the others, where the examples of RFC 7009 and RFC 7662 have it.
    pub(crate) fn insert_first(&mut self, name: &'a str, value: &'a str) {
        self.0.insert(0, (name.into(), value.into()));
    }

    /// Puts a secret behind the first parameter, where the examples of RFC 6749 have it.
    pub(crate) fn insert_second(&mut self, name: &'a str, value: &'a str) {
        self.0
            .insert(self.0.len().min(1), (name.into(), value.into()));
    }

    pub(crate) fn push(&mut self, name: &'a str, value: &'a str) {
        if !value.is_empty() {
            self.0.push((name.into(), value.into()));
        }
    }

    /// A client's name may stand in the form already, as it does in a pushed request; another's would be there twice.
    fn push_client_id(&mut self, client_id: &'a str) {
        if !self
            .0
            .iter()
            .any(|known| *known == ("client_id".into(), client_id.into()))
        {
            self.push("client_id", client_id);
        }
    }

    pub(crate) fn extend(&mut self, parameters: &'a Parameters) {
        for (name, value) in parameters.iter() {
            self.push(name, value);
        }
    }

    /// The POST request for this form, authenticated by `auth`.
    pub(crate) fn into_request(
        mut self,
        url: &'a Url,
        auth: &'a ClientAuth,
    ) -> Result<Request<Body>, RequestError> {
        let authorization = self.authenticate(auth)?;
        for (index, (name, _)) in self.0.iter().enumerate() {
            if self.0.iter().take(index).any(|(known, _)| known == name) {
                return Err(RequestError::Twice {
                    name: name.as_ref().into(),
                });
            }
        }
        let mut request = Request::new(self.encode());
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            http::Uri::try_from(url.as_str()).map_err(|_| RequestError::Internal)?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        Ok(request)
    }

    /// Adds what says who the client is: parameters, or the header that is returned. Never both.
    fn authenticate(&mut self, auth: &'a ClientAuth) -> Result<Option<HeaderValue>, RequestError> {
        let given = |field: &'static str, text: &'a str| match text {
            "" => Err(RequestError::Empty { field }),
            text => Ok(text),
        };
        match auth {
            ClientAuth::None { client_id } | ClientAuth::MutualTls { client_id } => {
                self.push_client_id(given("client_id", client_id)?);
            }
            ClientAuth::SecretBasic {
                client_id,
                client_secret,
                encoding,
            } => {
                let client_id = given("client_id", client_id)?;
                let secret = given("client_secret", client_secret.expose_secret())?;
                return basic(client_id, secret, *encoding).map(Some);
            }
            ClientAuth::SecretPost {
                client_id,
                client_secret,
            } => {
                self.push_client_id(given("client_id", client_id)?);
                let secret = given("client_secret", client_secret.expose_secret())?;
                self.push("client_secret", secret);
            }
            ClientAuth::PrivateKeyJwt {
                client_id,
                assertion,
            } => {
                let assertion = given("client_assertion", assertion.expose_secret())?;
                self.push_client_id(client_id.as_deref().unwrap_or_default());
                self.push("client_assertion_type", JWT_BEARER);
                self.push("client_assertion", assertion);
            }
        }
        Ok(None)
    }

    /// `application/x-www-form-urlencoded` (RFC 6749 Appendix B), in one buffer that is large enough from the start:
    /// one that grows would leave copies behind.
    fn encode(&self) -> Body {
        let room = self
            .0
            .iter()
            .map(|(name, value)| 3 * (name.len() + value.len()) + 2)
            .sum();
        let mut text = form_urlencoded::Serializer::new(String::with_capacity(room));
        text.extend_pairs(&self.0);
        Body::from(text.finish())
    }
}

/// The value of `Authorization` (RFC 6749 §2.3.1, RFC 7617 §2), marked sensitive.
fn basic(
    client_id: &str,
    secret: &str,
    encoding: BasicEncoding,
) -> Result<HeaderValue, RequestError> {
    let room = 3 * (client_id.len() + secret.len()) + 1;
    let mut pair = Zeroizing::new(String::with_capacity(room));
    match encoding {
        BasicEncoding::Form => {
            pair.extend(form_urlencoded::byte_serialize(client_id.as_bytes()));
            pair.push(':');
            pair.extend(form_urlencoded::byte_serialize(secret.as_bytes()));
        }
        BasicEncoding::Plain => {
            if client_id.contains(':') {
                return Err(RequestError::Value {
                    field: "client_id",
                    found: "a text with a colon",
                    expected: "none, for the first colon ends it (RFC 7617 section 2)",
                });
            }
            if client_id
                .chars()
                .chain(secret.chars())
                .any(char::is_control)
            {
                return Err(RequestError::Value {
                    field: "client_id or client_secret",
                    found: "a text with control characters",
                    expected: "none (RFC 7617 section 2)",
                });
            }
            pair.push_str(client_id);
            pair.push(':');
            pair.push_str(secret);
        }
    }
    let mut value = Zeroizing::new(String::with_capacity(6 + room.div_ceil(3) * 4));
    value.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut value);
    let mut value = HeaderValue::from_str(&value).map_err(|_| RequestError::Internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The forms in which a server may repeat secrets of a request: as they are and form-encoded, and Basic's base64.
pub(crate) fn echoes(secrets: &[&str], auth: &ClientAuth) -> Vec<Zeroizing<String>> {
    let mut echoes = Vec::new();
    for secret in secrets.iter().copied().chain([auth.secret()]) {
        let mut encoded = Zeroizing::new(String::with_capacity(3 * secret.len()));
        encoded.extend(form_urlencoded::byte_serialize(secret.as_bytes()));
        echoes.push(encoded);
        echoes.push(Zeroizing::new(secret.to_owned()));
    }
    if let ClientAuth::SecretBasic {
        client_id,
        client_secret,
        encoding,
    } = auth
        && let Ok(value) = basic(client_id, client_secret.expose_secret(), *encoding)
        && let Ok(text) = value.to_str()
    {
        echoes.push(Zeroizing::new(text.trim_start_matches("Basic ").to_owned()));
    }
    echoes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(client_id: &str, secret: &str, encoding: BasicEncoding) -> String {
        let value = basic(client_id, secret, encoding).unwrap();
        assert!(value.is_sensitive());
        value.to_str().unwrap().to_owned()
    }

    #[test]
    fn form_encoding_is_that_of_rfc6749_appendix_b() {
        let mut form = Form::new();
        form.push("x", " %&+£€");
        form.push("y", "*-._aZ9");
        form.push("z", "");
        assert_eq!(
            form.encode().expose_secret(),
            "x=+%25%26%2B%C2%A3%E2%82%AC&y=*-._aZ9".as_bytes()
        );
    }

    #[test]
    fn basic_is_that_of_rfc6749_2_3_1() {
        let form = |id, secret| header(id, secret, BasicEncoding::Form);
        assert_eq!(
            form("s6BhdRkqt3", "gX1fBat3bV"),
            "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"
        );
        // Each is encoded by itself, so a colon, a space or a slash in one of them survives.
        let decoded = |value: String| {
            String::from_utf8(STANDARD.decode(value.trim_start_matches("Basic ")).unwrap()).unwrap()
        };
        assert_eq!(
            decoded(form("a:b c", "s3 cret:/%é")),
            "a%3Ab+c:s3+cret%3A%2F%25%C3%A9"
        );
        assert_eq!(
            decoded(header("a b", "s3 cret:/%é", BasicEncoding::Plain)),
            "a b:s3 cret:/%é"
        );
        assert_ne!(
            form("id", "a+b"),
            header("id", "a+b", BasicEncoding::Plain),
            "the two encodings differ"
        );
        // RFC 7617 section 2.
        assert_eq!(
            header("Aladdin", "open sesame", BasicEncoding::Plain),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        insta::assert_snapshot!(basic("a:b", "marked", BasicEncoding::Plain).unwrap_err(), @"client_id is a text with a colon, expected none, for the first colon ends it (RFC 7617 section 2)");
        assert!(basic("a", "b\n", BasicEncoding::Plain).is_err());
    }

    #[test]
    fn no_parameter_occurs_twice_rfc6749_3_2() {
        let url = Url::parse("https://bank.example/token").unwrap();
        let mut form = Form::new();
        form.push("scope", "a");
        form.push("scope", "a");
        let error = form
            .into_request(&url, &ClientAuth::none("id"))
            .unwrap_err();
        insta::assert_snapshot!(error, @"`scope` occurs twice");
    }

    proptest! {
        #[test]
        fn the_form_reads_back(pairs in proptest::collection::vec(("\\PC{1,8}", "\\PC{1,40}"), 0..6)) {
            let mut form = Form::new();
            for (name, value) in &pairs {
                form.push(name, value);
            }
            let body = form.encode();
            let read: Vec<_> = form_urlencoded::parse(body.expose_secret()).into_owned().collect();
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn basic_reads_back(id in "\\PC{1,20}", secret in "\\PC{1,40}") {
            let value = header(&id, &secret, BasicEncoding::Form);
            let pair = STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
            let pair = String::from_utf8(pair).unwrap();
            let (left, right) = pair.split_once(':').unwrap();
            let decode = |text: &str| {
                form_urlencoded::parse(format!("x={text}").as_bytes()).next().unwrap().1.into_owned()
            };
            prop_assert_eq!(decode(left), id);
            prop_assert_eq!(decode(right), secret);
        }
    }
}
