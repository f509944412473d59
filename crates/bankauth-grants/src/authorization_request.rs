//! The URL that asks the user for consent (RFC 6749 §4.1.1).

use oauth2::{AuthUrl, ClientId, CsrfToken, RedirectUrl, Scope, basic::BasicClient};
use url::Url;

use crate::{RedirectUri, RequestError, endpoint_url};

/// An authorization request: where the user is sent to agree.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    endpoint: Url,
    client_id: String,
    redirect_uri: RedirectUri,
    scope: Option<String>,
}

impl AuthorizationRequest {
    /// A request for `response_type=code` at `endpoint`, without scope and state.
    ///
    /// # Errors
    /// When `endpoint` is no `https` URL or `client_id` is empty.
    pub fn new(
        endpoint: &str,
        client_id: &str,
        redirect_uri: &RedirectUri,
    ) -> Result<Self, RequestError> {
        if client_id.is_empty() {
            return Err(RequestError::Empty { field: "client_id" });
        }
        Ok(Self {
            endpoint: endpoint_url::parse("the consent endpoint", endpoint)?,
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.clone(),
            scope: None,
        })
    }

    /// The value of `scope`, as the server wants it written. Empty means that none is sent.
    ///
    /// # Errors
    /// When it has characters outside RFC 6749 §3.3.
    pub fn with_scope(mut self, scope: &str) -> Result<Self, RequestError> {
        let allowed = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        if !scope.chars().all(allowed) {
            return Err(RequestError::Scope {
                found: crate::printable(scope).into(),
            });
        }
        self.scope = Some(scope.to_owned()).filter(|scope| !scope.is_empty());
        Ok(self)
    }

    /// The URL to open in the user's browser. A query of the endpoint is kept (RFC 6749 §3.1).
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn url(&self) -> Result<String, RequestError> {
        let redirect_uri = RedirectUrl::new(self.redirect_uri.as_str().to_owned())
            .map_err(|_| RequestError::Internal)?;
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.endpoint.clone()))
            .set_redirect_uri(redirect_uri);
        // oauth2 always writes a state; an empty one is left out below, as every parameter without value.
        let mut request = client.authorize_url(|| CsrfToken::new(String::new()));
        if let Some(scope) = &self.scope {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (mut url, _state) = request.url();
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(_, value)| !value.is_empty())
            .map(|(n, v)| (n.into_owned(), v.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
        Ok(url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(endpoint: &str, redirect_uri: &str, scope: &str) -> String {
        let redirect_uri = RedirectUri::new(redirect_uri).unwrap();
        AuthorizationRequest::new(endpoint, "client 1", &redirect_uri)
            .unwrap()
            .with_scope(scope)
            .unwrap()
            .url()
            .unwrap()
    }

    #[test]
    fn parameters_without_value_are_left_out_rfc6749_3_1() {
        insta::assert_snapshot!(
            url("https://bank.example/consent", "https://example.com", ""),
            @"https://bank.example/consent?response_type=code&client_id=client+1&redirect_uri=https%3A%2F%2Fexample.com"
        );
    }

    #[test]
    fn the_query_of_the_endpoint_is_kept_rfc6749_3_1() {
        insta::assert_snapshot!(
            url("https://bank.example/consent?tenant=1", "https://example.com/", "READ,WRITE"),
            @"https://bank.example/consent?tenant=1&response_type=code&client_id=client+1&redirect_uri=https%3A%2F%2Fexample.com%2F&scope=READ%2CWRITE"
        );
    }

    #[test]
    fn scope_characters_are_those_of_rfc6749_3_3() {
        let redirect_uri = RedirectUri::new("https://example.com").unwrap();
        for bad in ["a\"b", "a\\b", "a\nb", "é"] {
            let request =
                AuthorizationRequest::new("https://bank.example/", "id", &redirect_uri).unwrap();
            assert!(request.with_scope(bad).is_err(), "{bad}");
        }
    }
}
