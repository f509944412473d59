//! What comes back to the redirect URI (RFC 6749 §4.1.2).

use secrecy::SecretString;

use crate::{
    AuthorizationCode, AuthorizationResponseError as Error, Callback, ErrorCode, Grant, IdToken,
    Nonce, PkceVerifier, RedirectUri, RequestError, ResponseMode, TokenEndpoint,
    consent::callback::ResponseParameters, printable,
};

/// The user agreed: the code, and what belongs to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthorizationResponse {
    /// The code to exchange: once, and soon.
    pub code: AuthorizationCode,
    /// The id token that came with the code, where one was asked for. It is not verified.
    pub id_token: Option<IdToken>,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) code_verifier: Option<PkceVerifier>,
    pub(crate) nonce: Option<Nonce>,
    pub(crate) issuer: Option<Box<str>>,
}

impl AuthorizationResponse {
    /// Reads the address that the browser was redirected to, for a bank that echoes no state: nothing ties it to a request
    /// of ours, so whoever pastes it has to be sure of where it comes from. Where the bank echoes a state, use
    /// [`PendingAuthorization`](crate::PendingAuthorization).
    ///
    /// White space around the address is passed over; scheme, host, port, path and query of `redirect_uri` must be there.
    ///
    /// # Errors
    /// See [`AuthorizationResponseError`](Error).
    pub fn read_unbound(address: &str, redirect_uri: &RedirectUri) -> Result<Self, Error> {
        let callback = Callback::Address(SecretString::from(address));
        let parameters = callback.parameters(redirect_uri, ResponseMode::Query)?;
        parameters.single("state")?;
        Self::read(&parameters, redirect_uri, false)
    }

    /// Reads what remains once state and issuer are known to be right.
    pub(crate) fn read(
        parameters: &ResponseParameters,
        redirect_uri: &RedirectUri,
        expects_id_token: bool,
    ) -> Result<Self, Error> {
        let code = parameters.single("code")?;
        let error = parameters.single("error")?;
        let id_token = parameters.single("id_token")?;
        if parameters.single("access_token")?.is_some() {
            return Err(Error::Contradiction {
                name: "access_token",
            });
        }
        match (code, error) {
            (Some(_), Some(_)) => Err(Error::Contradiction { name: "error" }),
            (None, Some(error)) => Err(Error::Denied {
                code: ErrorCode::read(error),
                description: parameters.single("error_description")?.map(printable),
            }),
            (None, None) => Err(Error::NoCode),
            (Some(code), None) => Ok(Self {
                code: AuthorizationCode::new(SecretString::from(code))
                    .map_err(|_| Error::DamagedCode)?,
                id_token: match id_token {
                    Some(token) if expects_id_token => Some(
                        IdToken::new(SecretString::from(token))
                            .map_err(|_| Error::DamagedIdToken)?,
                    ),
                    None if expects_id_token => return Err(Error::DamagedIdToken),
                    // Not asked for, so nobody would check it.
                    _ => None,
                },
                redirect_uri: redirect_uri.clone(),
                code_verifier: None,
                nonce: None,
                issuer: None,
            }),
        }
    }

    /// The grant for this code at `endpoint`: code, redirect URI of the request (RFC 6749 §4.1.3) and PKCE verifier.
    ///
    /// # Errors
    /// When the code came from another issuer than the one whose endpoint this is (RFC 9700 §4.4).
    pub fn grant_for(&self, endpoint: &TokenEndpoint) -> Result<Grant<'_>, RequestError> {
        match (self.issuer.as_deref(), endpoint.issuer()) {
            (Some(found), Some(expected)) if found != expected => Err(RequestError::OtherIssuer {
                found: found.into(),
                expected: expected.into(),
            }),
            _ => Ok(Grant::AuthorizationCode {
                code: &self.code,
                redirect_uri: Some(&self.redirect_uri),
                code_verifier: self.code_verifier.as_ref(),
            }),
        }
    }

    /// The redirect URI of the request.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// The PKCE verifier of the request.
    #[must_use]
    pub const fn code_verifier(&self) -> Option<&PkceVerifier> {
        self.code_verifier.as_ref()
    }

    /// The nonce of the request, which an id token has to repeat (OpenID Connect Core §3.1.3.7).
    #[must_use]
    pub const fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }

    /// The issuer that the request was sent to, where it was named.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pasted: &str) -> Result<String, String> {
        let redirect_uri = RedirectUri::new("https://example.com/callback?tenant=1").unwrap();
        AuthorizationResponse::read_unbound(pasted, &redirect_uri)
            .map(|response| response.code.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_code_is_read_with_or_without_white_space_and_slash() {
        assert_eq!(
            read(" https://example.com/callback?tenant=1&code=oa_sand_x \n").unwrap(),
            "oa_sand_x"
        );
        let bare = RedirectUri::new("https://example.com").unwrap();
        for pasted in [
            "https://example.com?code=c",
            "https://example.com/?code=c",
            "https://example.com:443/?code=c#",
        ] {
            assert!(
                AuthorizationResponse::read_unbound(pasted, &bare).is_ok(),
                "{pasted}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_code_is_shown() {
        insta::assert_snapshot!(read("oa_prod_marked").unwrap_err(), @"the pasted text is not an absolute URL, expected the whole address from the browser, beginning with https://example.com/callback?tenant=1");
        insta::assert_snapshot!(read("https://evil.example:8/callback?code=marked").unwrap_err(), @"the pasted address belongs to https://evil.example:8/callback, expected https://example.com/callback?tenant=1");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1").unwrap_err(), @"the pasted address has no parameter `code`, expected the address that the browser shows after the consent");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&error=access_denied&error_description=No%1b[31m").unwrap_err(), @r"no consent was given: access_denied: No\u{1b}[31m");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=a&code=b").unwrap_err(), @"parameter `code` occurs twice or contradicts another");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=a&error=b").unwrap_err(), @"parameter `error` occurs twice or contradicts another");
        insta::assert_snapshot!(read("https://example.com/callback?tenant=1&code=").unwrap_err(), @"parameter `code` is empty or damaged, expected printable ASCII");
    }

    proptest! {
        #[test]
        fn no_address_panics_or_shows_its_query(query in "\\PC{0,64}") {
            if let Err(error) = read(&format!("https://other.example/callback?code=marked{query}")) {
                prop_assert!(!error.contains("marked"));
            }
            let _ = read(&query);
        }
    }
}
