//! What is asked of a token endpoint.

use std::borrow::Cow;

use http::Request;
use oauth2::{
    AuthorizationCode as Code, ClientId, RedirectUrl, ResourceOwnerPassword, ResourceOwnerUsername,
    TokenUrl, basic::BasicClient,
};
use url::Url;

use crate::{
    AuthorizationCode, Body, ClientAuth, NarrowedScope, Parameters, PasswordGrant, PkceVerifier,
    RedirectUri, RefreshToken, RequestError, Scope,
    request::form_request::{Capture, Form},
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
        /// What the challenge of the authorization request was made from (RFC 7636 §4.5).
        code_verifier: Option<&'a PkceVerifier>,
    },
    /// A refresh token (RFC 6749 §6).
    RefreshToken {
        /// The token.
        refresh_token: &'a RefreshToken,
        /// A part of what was granted; all of it where there is none.
        scope: Option<&'a NarrowedScope>,
    },
    /// The client's own credentials (RFC 6749 §4.4). No refresh token is to be expected: ask again instead.
    ClientCredentials {
        /// What is asked for; the server's default where there is none.
        scope: Option<&'a Scope>,
    },
    /// A user's name and password (RFC 6749 §4.3). See [`PasswordOptIn`](crate::PasswordOptIn).
    Password {
        /// Both.
        credentials: &'a PasswordGrant,
        /// What is asked for; the server's default where there is none.
        scope: Option<&'a Scope>,
    },
}

impl<'a> Grant<'a> {
    /// A code, without redirect URI and verifier.
    #[must_use]
    pub const fn authorization_code(code: &'a AuthorizationCode) -> Self {
        Self::AuthorizationCode {
            code,
            redirect_uri: None,
            code_verifier: None,
        }
    }

    /// A refresh token, for all that was granted.
    #[must_use]
    pub const fn refresh_token(refresh_token: &'a RefreshToken) -> Self {
        Self::RefreshToken {
            refresh_token,
            scope: None,
        }
    }

    /// The client's own credentials.
    #[must_use]
    pub const fn client_credentials(scope: &'a Scope) -> Self {
        Self::ClientCredentials { scope: Some(scope) }
    }

    /// What is secret in a request for this grant.
    pub(crate) fn secrets(&self) -> [&'a str; 2] {
        match self {
            Self::AuthorizationCode {
                code,
                code_verifier,
                ..
            } => [
                code.expose_secret(),
                code_verifier.map_or("", PkceVerifier::expose_secret),
            ],
            Self::RefreshToken { refresh_token, .. } => [refresh_token.expose_secret(), ""],
            Self::ClientCredentials { .. } => ["", ""],
            Self::Password { credentials, .. } => [credentials.username(), credentials.password()],
        }
    }
}

/// Builds the request: `oauth2` writes what is public, then secrets and client authentication are added.
///
/// `oauth2` is given the empty string in place of each secret, and parameters without a value are left out
/// (RFC 6749 §3.2), so that it never sees one and none is sent empty.
pub(crate) fn build(
    url: &Url,
    grant: Grant<'_>,
    parameters: &Parameters,
    auth: &ClientAuth,
) -> Result<Request<Body>, RequestError> {
    let capture = Capture::default();
    let client = BasicClient::new(ClientId::new(String::new()))
        .set_token_uri(TokenUrl::from_url(url.clone()));
    let scope = |scope: Option<&Scope>| {
        let scope = scope.filter(|scope| !scope.is_empty());
        scope.map(|scope| oauth2::Scope::new(scope.to_string()))
    };
    match grant {
        Grant::AuthorizationCode { redirect_uri, .. } => {
            let redirect_uri = redirect_uri
                .map(|uri| RedirectUrl::new(uri.as_str().to_owned()))
                .transpose()
                .map_err(|_| RequestError::Internal)?;
            let mut request = client.exchange_code(Code::new(String::new()));
            if let Some(redirect_uri) = redirect_uri {
                request = request.set_redirect_uri(Cow::Owned(redirect_uri));
            }
            let _taken = request.request(&capture);
        }
        Grant::RefreshToken { scope: narrow, .. } => {
            let token = oauth2::RefreshToken::new(String::new());
            let _taken = client
                .exchange_refresh_token(&token)
                .add_scopes(scope(narrow.map(NarrowedScope::scope)))
                .request(&capture);
        }
        Grant::ClientCredentials { scope: asked } => {
            let _taken = client
                .exchange_client_credentials()
                .add_scopes(scope(asked))
                .request(&capture);
        }
        Grant::Password { scope: asked, .. } => {
            let name = ResourceOwnerUsername::new(String::new());
            let password = ResourceOwnerPassword::new(String::new());
            let _taken = client
                .exchange_password(&name, &password)
                .add_scopes(scope(asked))
                .request(&capture);
        }
    }
    let written = capture.into_body()?;
    let mut form = Form::written(&written);
    match grant {
        Grant::AuthorizationCode {
            code,
            code_verifier,
            ..
        } => {
            form.insert_second("code", code.expose_secret());
            if let Some(verifier) = code_verifier {
                form.push("code_verifier", verifier.expose_secret());
            }
        }
        Grant::RefreshToken { refresh_token, .. } => {
            form.insert_second("refresh_token", refresh_token.expose_secret());
        }
        Grant::ClientCredentials { .. } => {}
        Grant::Password { credentials, .. } => {
            form.insert_second("password", credentials.password());
            form.insert_second("username", credentials.username());
        }
    }
    form.extend(parameters);
    form.into_request(url, auth)
}
