//! What a request to a token endpoint says, and how its sender authenticates.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use url::form_urlencoded;

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a form, none of them twice (RFC 6749 section 3.2).
pub(crate) struct Form(HashMap<String, String>);

/// A parameter is there twice.
#[derive(Debug)]
pub(crate) struct Repeated;

impl Form {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Repeated> {
        let mut form = HashMap::new();
        for (name, value) in form_urlencoded::parse(body).into_owned() {
            if form.insert(name, value).is_some() {
                return Err(Repeated);
            }
        }
        Ok(Self(form))
    }

    /// A parameter without a value is as good as none (RFC 6749 section 3.2).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }
}

pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    only(headers, header::CONTENT_TYPE).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(FORM)
    })
}

/// Exactly one header `Authorization: Bearer <token>`, `Bearer` in this case of letters.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    only(headers, header::AUTHORIZATION)?.strip_prefix("Bearer ")
}

/// HTTP Basic.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Basic {
    /// There is no `Authorization` header.
    Absent,
    /// There is one, but it does not hold an id and a secret.
    Malformed,
    /// Id and secret, both form-decoded (RFC 6749 section 2.3.1).
    Credentials(String, String),
}

impl Basic {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Self::Absent;
        }
        Self::credentials(headers).unwrap_or(Self::Malformed)
    }

    fn credentials(headers: &HeaderMap) -> Option<Self> {
        let (scheme, encoded) = only(headers, header::AUTHORIZATION)?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        Some(Self::Credentials(form_decoded(id)?, form_decoded(secret)?))
    }
}

/// `None` for text that form-encoding does not produce, e.g. a bare `&` or `%zz`, so that a client which forgets to
/// encode is found out as soon as its secret has such a character.
fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
            }
            b'+' | b'*' | b'-' | b'.' | b'_' => {}
            // What RFC 3986 leaves alone; the form encoding of HTML writes it as %7E.
            b'~' => {}
            other if other.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    let (name, _) = form_urlencoded::parse(text.as_bytes())
        .next()
        .unwrap_or_default();
    Some(name.into_owned())
}

/// The value of a header that is there once, and is text.
pub(crate) fn only(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn basic(pair: &str) -> Basic {
        let value = format!("Basic {}", STANDARD.encode(pair));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        Basic::read(&headers)
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body: Vec<u8>) {
            let _ = Form::read(&body);
        }

        #[test]
        fn any_authorization_is_read_or_refused(value in "(Basic |basic |Bearer )?[ -~]{0,40}", pair: String) {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::try_from(value).unwrap());
            let _ = Basic::read(&headers);
            let _ = bearer_token(&headers);
            let _ = basic(&pair);
        }

        #[test]
        fn rfc_6749_section_2_3_1_form_encoded_first(id: String, secret: String) {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&id), encoded(&secret));
            prop_assert_eq!(basic(&pair), Basic::Credentials(id, secret));
        }
    }

    #[test]
    fn secrets_that_nobody_encoded() {
        for pair in [
            "id:a b", "id:a&b", "id:a%zz", "id:a%2", "id:ä", "id:a:b", "id",
        ] {
            assert_eq!(basic(pair), Basic::Malformed, "{pair}");
        }
        assert_eq!(
            basic("id:a~b"),
            Basic::Credentials("id".into(), "a~b".into())
        );
    }

    #[test]
    fn rfc_6749_section_3_2_parameters_once_and_with_a_value() {
        let form = Form::read(b"a=1&b=").unwrap();
        assert_eq!(
            (form.get("a"), form.get("b"), form.get("c")),
            (Some("1"), None, None)
        );
        assert!(Form::read(b"a=1&a=1").is_err());
    }
}
