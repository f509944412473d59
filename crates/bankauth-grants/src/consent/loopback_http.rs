//! As much of HTTP/1.1 as one redirect needs.

use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use zeroize::Zeroizing;

use crate::{Body, Callback};

/// The longest head of a request. Codes are long at some banks, cookies of other local servers come along.
const LONGEST_HEAD: usize = 32 * 1024;
/// The longest form.
const LONGEST_FORM: usize = 64 * 1024;

/// One request as far as it matters here.
pub(crate) struct LocalRequest {
    method: Box<str>,
    /// Path and query, as the browser sent them.
    target: Zeroizing<String>,
    host: Box<str>,
    form: Option<Body>,
}

/// What is said to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Done,
    NotFound,
    BadRequest,
    MethodNotAllowed,
}

impl LocalRequest {
    /// Reads one request; `None` for what is none or too long.
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut received = Body::empty();
        let mut chunk = Zeroizing::new([0; 4096]);
        let head_length = loop {
            if let Some(end) = find(received.expose_secret(), b"\r\n\r\n") {
                break end;
            }
            if received.len() > LONGEST_HEAD {
                return None;
            }
            let count = stream.read(&mut *chunk).await.ok()?;
            if count == 0 {
                return None;
            }
            received.append(chunk.get(..count)?);
        };
        let head = received.expose_secret().get(..head_length)?;
        let (mut request, form_length) = Self::parse(core::str::from_utf8(head).ok()?)?;
        if let Some(length) = form_length {
            let mut form = Body::empty();
            form.append(received.expose_secret().get(head_length + 4..)?);
            while form.len() < length {
                let count = stream.read(&mut *chunk).await.ok()?;
                if count == 0 || form.len() > LONGEST_FORM {
                    return None;
                }
                form.append(chunk.get(..count)?);
            }
            let mut whole = Body::empty();
            whole.append(form.expose_secret().get(..length)?);
            request.form = Some(whole);
        }
        Some(request)
    }

    /// The request line and the headers, and how long the form is that follows.
    fn parse(head: &str) -> Option<(Self, Option<usize>)> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
            return None;
        }
        let (mut host, mut length, mut is_form) = ("", None, false);
        for line in lines {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            if name.eq_ignore_ascii_case("host") {
                host = value;
            } else if name.eq_ignore_ascii_case("content-length") {
                length = Some(
                    value
                        .parse()
                        .ok()
                        .filter(|length| *length <= LONGEST_FORM)?,
                );
            } else if name.eq_ignore_ascii_case("content-type") {
                let media_type = value.split(';').next().unwrap_or_default().trim();
                is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
            }
        }
        let request = Self {
            method: method.into(),
            target: Zeroizing::new(target.to_owned()),
            host: host.into(),
            form: None,
        };
        Some((request, length.filter(|_| is_form && method == "POST")))
    }

    /// What this is to a receiver at `authority` (host and port) whose redirect URI has this `path`.
    pub(crate) fn into_callback(self, authority: &str, path: &str) -> Result<Callback, Page> {
        // A page of another site can make the browser resolve its own name to this machine, but not change the name.
        if !self.host.eq_ignore_ascii_case(authority) {
            return Err(Page::BadRequest);
        }
        if self.target.split('?').next() != Some(path) {
            return Err(Page::NotFound);
        }
        match (&*self.method, self.form) {
            ("GET", _) => {
                let mut address = Zeroizing::new(String::with_capacity(
                    7 + authority.len() + self.target.len(),
                ));
                address.push_str("http://");
                address.push_str(authority);
                address.push_str(&self.target);
                Ok(Callback::Address(SecretString::from(address.as_str())))
            }
            ("POST", Some(form)) => Ok(Callback::FormPost(form)),
            ("POST", None) => Err(Page::BadRequest),
            _ => Err(Page::MethodNotAllowed),
        }
    }
}

impl Page {
    /// Says it, with nothing of the request in it: no code in the page, none in a referrer, no address to go on to
    /// (RFC 9700 §4.2, §4.11).
    pub(crate) async fn write(self, stream: &mut TcpStream) {
        let (status, text) = match self {
            Self::Done => (
                "200 OK",
                "The answer was received. You can close this page and go back to the program.",
            ),
            Self::NotFound => ("404 Not Found", "There is nothing here."),
            Self::BadRequest => (
                "400 Bad Request",
                "This is not the answer that is awaited here.",
            ),
            Self::MethodNotAllowed => (
                "405 Method Not Allowed",
                "This is not the answer that is awaited here.",
            ),
        };
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>bankauth</title><p>{text}</p></html>\n"
        );
        let length = page.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{page}"
        );
        // Whether the browser shows it changes nothing.
        let _shown = stream.write_all(answer.as_bytes()).await;
        let _closed = stream.shutdown().await;
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(head: &str) -> Result<Callback, Page> {
        let (request, _) = LocalRequest::parse(head).ok_or(Page::BadRequest)?;
        request.into_callback("127.0.0.1:8787", "/callback")
    }

    #[test]
    fn one_path_of_one_host_is_answered_rfc8252_8_3() {
        let page = |head: &str| read(head).map(|_| ()).unwrap_err();
        assert!(read("GET /callback?code=a HTTP/1.1\r\nHost: 127.0.0.1:8787").is_ok());
        assert!(read("GET /callback?code=a HTTP/1.0\r\nhost:127.0.0.1:8787").is_ok());
        for (head, expected) in [
            (
                "GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:8787",
                Page::NotFound,
            ),
            (
                "GET /callback/?code=a HTTP/1.1\r\nHost: 127.0.0.1:8787",
                Page::NotFound,
            ),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1:8787", Page::NotFound),
            (
                "GET /callback?code=a HTTP/1.1\r\nHost: evil.example:8787",
                Page::BadRequest,
            ),
            ("GET /callback?code=a HTTP/1.1", Page::BadRequest),
            (
                "HEAD /callback?code=a HTTP/1.1\r\nHost: 127.0.0.1:8787",
                Page::MethodNotAllowed,
            ),
            (
                "POST /callback HTTP/1.1\r\nHost: 127.0.0.1:8787",
                Page::BadRequest,
            ),
            (
                "GET http://evil.example/callback HTTP/1.1\r\nHost: 127.0.0.1:8787",
                Page::BadRequest,
            ),
            ("GET /callback", Page::BadRequest),
            ("", Page::BadRequest),
        ] {
            assert_eq!(page(head), expected, "{head}");
        }
    }

    proptest! {
        #[test]
        fn no_head_panics(head in "\\PC{0,60}", rest in "[ -~\r\n]{0,60}") {
            let _ = read(&head);
            let _ = read(&format!("GET /callback HTTP/1.1\r\n{rest}"));
        }
    }
}
