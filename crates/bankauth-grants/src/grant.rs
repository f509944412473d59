//! What is asked of a token endpoint, and the one stage that turns it into a request.

use core::cell::RefCell;

use http::{HeaderValue, Request, header};
use oauth2::{
    AuthorizationCode as Code, ClientId, HttpRequest, HttpResponse, RedirectUrl, TokenUrl,
    basic::BasicClient,
};
use secrecy::ExposeSecret as _;
use url::{Url, form_urlencoded};

use crate::{
    AuthorizationCode, Body, ClientAuth, RedirectUri, RefreshToken, RequestError,
    client_auth::JWT_BEARER,
};

/// What is presented for a token.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Grant<'a> {
    /// A code from the redirect (RFC 6749 §4.1.3). A code is used once: after an answer that was lost it is not sent again.
    AuthorizationCode {
        /// The code.
        code: &'a AuthorizationCode,
        /// The redirect URI of the authorization request, where the server wants it again.
        redirect_uri: Option<&'a RedirectUri>,
    },
    /// A refresh token (RFC 6749 §6), for the scopes that were granted.
    RefreshToken {
        /// The token.
        refresh_token: &'a RefreshToken,
    },
}

/// The answer that `oauth2` gets instead of a server's: its request was taken.
#[derive(Debug, thiserror::Error)]
#[error("the request was taken")]
struct Taken;

/// Builds the request: `oauth2` writes what is public, then secrets and client authentication are added here.
///
/// `oauth2` is given the empty string in place of each secret, and parameters without a value are left out
/// (RFC 6749 §3.2), so that it never sees one and none is sent empty.
pub(crate) fn build(
    url: &Url,
    grant: Grant<'_>,
    auth: &ClientAuth,
) -> Result<Request<Body>, RequestError> {
    let taken = RefCell::new(None);
    let take = |request: HttpRequest| -> Result<HttpResponse, Taken> {
        *taken.borrow_mut() = Some(request);
        Err(Taken)
    };
    let client = BasicClient::new(ClientId::new(String::new()))
        .set_token_uri(TokenUrl::from_url(url.clone()));
    match grant {
        Grant::AuthorizationCode { redirect_uri, .. } => {
            let redirect_uri = redirect_uri
                .map(|uri| RedirectUrl::new(uri.as_str().to_owned()))
                .transpose()
                .map_err(|_| RequestError::Internal)?;
            let mut request = client.exchange_code(Code::new(String::new()));
            if let Some(redirect_uri) = redirect_uri {
                request = request.set_redirect_uri(std::borrow::Cow::Owned(redirect_uri));
            }
            let _taken = request.request(&take);
        }
        Grant::RefreshToken { .. } => {
            let _taken = client
                .exchange_refresh_token(&oauth2::RefreshToken::new(String::new()))
                .request(&take);
        }
    }
    let taken = taken.into_inner().ok_or(RequestError::Internal)?;
    let (mut head, body) = taken.into_parts();

    let public: Vec<_> = form_urlencoded::parse(&body)
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut form: Vec<(&str, &str)> = public
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .collect();
    match grant {
        Grant::AuthorizationCode { code, .. } => form.insert(1, ("code", code.expose_secret())),
        Grant::RefreshToken { refresh_token } => {
            form.insert(1, ("refresh_token", refresh_token.expose_secret()))
        }
    }
    match auth {
        ClientAuth::None { client_id } => {
            if client_id.is_empty() {
                return Err(RequestError::Empty { field: "client_id" });
            }
            form.push(("client_id", client_id));
        }
        ClientAuth::PrivateKeyJwt {
            client_id,
            assertion,
        } => {
            if assertion.expose_secret().is_empty() {
                return Err(RequestError::Empty {
                    field: "client_assertion",
                });
            }
            if let Some(client_id) = client_id.as_deref().filter(|id| !id.is_empty()) {
                form.push(("client_id", client_id));
            }
            form.push(("client_assertion_type", JWT_BEARER));
            form.push(("client_assertion", assertion.expose_secret()));
        }
    }
    // oauth2 sets both as well; said here so that they do not hang on its version (RFC 6749 §3.2, §5.1).
    head.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    head.headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(Request::from_parts(head, encode(&form)))
}

/// `application/x-www-form-urlencoded` (RFC 6749 Appendix B), in one buffer that is large enough from the start:
/// one that grows would leave copies behind.
fn encode(form: &[(&str, &str)]) -> Body {
    let room = form
        .iter()
        .map(|(name, value)| 3 * (name.len() + value.len()) + 2)
        .sum();
    let mut text = form_urlencoded::Serializer::new(String::with_capacity(room));
    text.extend_pairs(form);
    Body::from(text.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn form_encoding_is_that_of_rfc6749_appendix_b() {
        let body = encode(&[("x", " %&+£€"), ("y", "*-._aZ9")]);
        assert_eq!(
            body.expose_secret(),
            "x=+%25%26%2B%C2%A3%E2%82%AC&y=*-._aZ9".as_bytes()
        );
    }

    proptest! {
        #[test]
        fn the_form_reads_back(pairs in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,40}"), 0..6)) {
            let form: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let body = encode(&form);
            let read: Vec<_> = form_urlencoded::parse(body.expose_secret()).into_owned().collect();
            prop_assert_eq!(read, pairs);
        }
    }
}
