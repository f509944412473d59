//! The user's consent: where to send the user, and what comes back.

use bankauth_grants::{
    AuthorizationCode, AuthorizationRequest, AuthorizationResponse, AuthorizationResponseError,
    RequestError,
};

use super::{Client, Scope, WrongEnvironment};

/// Why an address holds no code for this client. No text of it holds the address's query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// The address is not the redirect URI with a code.
    #[error(transparent)]
    Address(AuthorizationResponseError),
    /// The code belongs to another environment.
    #[error(transparent)]
    WrongEnvironment(WrongEnvironment),
}

impl RedirectError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Address(AuthorizationResponseError::Denied { .. }) => {
                "open the consent page again, press Authorise and finish the two-factor step"
            }
            Self::Address(AuthorizationResponseError::OtherRedirectUri { .. }) => {
                "the redirect URI has to be the one that was registered with the certificate"
            }
            Self::Address(_) => {
                "copy the whole address that the browser shows after Authorise and the two-factor step"
            }
            Self::WrongEnvironment(_) => {
                "sandbox and production are apart: consent in the environment in which the certificate was uploaded"
            }
        }
    }
}

impl Client {
    /// The address of the consent page, as *Enable access* in the web app opens it. The user presses *Authorise* there,
    /// goes through a two-factor step, and is sent to the redirect URI with a code that lives for two minutes.
    ///
    /// Without `scopes` no scope is sent, and the consent grants full rights; scopes narrow it. There is no `state`: the
    /// bank does not send one back, so whoever pastes an address has to be sure of where it comes from.
    ///
    /// A page that says "Bad Request: redirect URL" means that another redirect URI was registered with the certificate.
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn consent_url(&self, scopes: &[Scope]) -> Result<String, RequestError> {
        let page = self.environment.endpoints().consent();
        // The bank's list with commas is one value to the standard, and goes out as it is.
        let scope = bankauth_grants::Scope::parse(&Scope::list(scopes))?;
        AuthorizationRequest::new(page, &self.client_id, &self.redirect_uri)?
            .with_scope(&scope)
            .url()
    }

    /// Reads the code from the address to which the bank sent the browser. White space around it is passed over.
    ///
    /// # Errors
    /// When the address is not the redirect URI, holds an error or no code, or when the code belongs to another
    /// environment.
    pub fn read_redirect(&self, address: &str) -> Result<AuthorizationCode, RedirectError> {
        let answer = AuthorizationResponse::read_unbound(address, &self.redirect_uri)
            .map_err(RedirectError::Address)?;
        self.environment
            .check_code(&answer.code)
            .map_err(RedirectError::WrongEnvironment)?;
        Ok(answer.code)
    }
}
