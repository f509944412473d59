//! Where the user is sent to agree (RFC 6749 §4.1.1).

use std::time::SystemTime;

use oauth2::{AuthUrl, ClientId, CsrfToken, RedirectUrl, basic::BasicClient};
use url::Url;

use crate::{
    Nonce, Parameters, PendingAuthorization, PkceVerifier, PushedAuthorization, RedirectUri,
    RequestError, ResponseMode, Scope, State, request::endpoint_url,
};

/// What is asked for in the front channel. There is no token among it, by construction (RFC 9700 §2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ResponseType {
    /// A code (RFC 6749 §4.1.1).
    #[default]
    Code,
    /// A code and an id token (OpenID Connect Core §3.3), in the fragment unless another mode is asked for.
    CodeIdToken,
}

impl ResponseType {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::CodeIdToken => "code id_token",
        }
    }
}

/// Whether the server names itself in its response (RFC 9207).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IssuerParameter {
    /// It says that it does (`authorization_response_iss_parameter_supported`): a response without `iss` is refused.
    Required,
    /// It is not known to. If it does, the name has to be right.
    Optional,
    /// It is not known to, and what it says is passed over (RFC 9207 §2.4).
    Ignored,
}

/// How a response is tied to its request.
#[derive(Debug, Clone, Default)]
pub(crate) enum StateUse {
    #[default]
    Undecided,
    Required(State),
    NotEchoed,
}

/// An authorization request: where the user is sent to agree.
///
/// [`start`](Self::start) gives the URL together with the [`PendingAuthorization`] that reads the response.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    endpoint: Url,
    client_id: String,
    pub(crate) redirect_uri: RedirectUri,
    scope: Scope,
    pub(crate) response_type: ResponseType,
    response_mode: Option<ResponseMode>,
    pub(crate) state: StateUse,
    pub(crate) code_verifier: Option<PkceVerifier>,
    pub(crate) nonce: Option<Nonce>,
    pub(crate) issuer: Option<(Box<str>, IssuerParameter)>,
    parameters: Parameters,
}

impl AuthorizationRequest {
    /// A request for a code at `endpoint`.
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
            scope: Scope::none(),
            response_type: ResponseType::Code,
            response_mode: None,
            state: StateUse::Undecided,
            code_verifier: None,
            nonce: None,
            issuer: None,
            parameters: Parameters::new(),
        })
    }

    /// What access is asked for. An empty scope is not sent.
    #[must_use]
    pub fn with_scope(mut self, scope: &Scope) -> Self {
        self.scope = scope.clone();
        self
    }

    /// What is asked for, if it is more than a code.
    #[must_use]
    pub const fn with_response_type(mut self, response_type: ResponseType) -> Self {
        self.response_type = response_type;
        self
    }

    /// Where the response is to stand, if it is not where it stands by default.
    #[must_use]
    pub const fn with_response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = Some(mode);
        self
    }

    /// Sends a state, which the response has to repeat.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        self.state = StateUse::Required(state);
        self
    }

    /// Sends no state, for a bank that is known to echo none. Nothing then tells a response to this request from one that
    /// somebody else brought about, but the short life of the request and PKCE, where the bank has it.
    #[must_use]
    pub fn without_state_as_bank_echoes_none(mut self) -> Self {
        self.state = StateUse::NotEchoed;
        self
    }

    /// Sends the S256 challenge of `verifier` (RFC 7636 §4.3); the verifier goes into the token request.
    #[must_use]
    pub fn with_pkce(mut self, verifier: PkceVerifier) -> Self {
        self.code_verifier = Some(verifier);
        self
    }

    /// Sends a nonce, which id tokens have to repeat.
    #[must_use]
    pub fn with_nonce(mut self, nonce: Nonce) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// Says whose endpoint this is, and whether its responses say so as well.
    #[must_use]
    pub fn with_issuer(mut self, issuer: &str, parameter: IssuerParameter) -> Self {
        self.issuer = Some((issuer.into(), parameter));
        self
    }

    /// Sends further parameters, for instance a signed request object (RFC 9101) or `prompt`.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Where the response is expected.
    #[must_use]
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or(match self.response_type {
            ResponseType::Code => ResponseMode::Query,
            ResponseType::CodeIdToken => ResponseMode::Fragment,
        })
    }

    /// The URL to open in the user's browser, for a caller that reads the response by other means. A query of the
    /// endpoint is kept (RFC 6749 §3.1).
    ///
    /// # Errors
    /// When a parameter would occur twice.
    pub fn url(&self) -> Result<String, RequestError> {
        self.at_endpoint(self.written()?)
    }

    /// The URL to open in the user's browser, and what reads the response. `now` is when the request is made.
    ///
    /// # Errors
    /// When nothing was said about state; without nonce where an id token is asked for (`openid`); when a parameter
    /// would occur twice.
    pub fn start(self, now: SystemTime) -> Result<(String, PendingAuthorization), RequestError> {
        let url = self.url()?;
        Ok((url, self.into_pending(now)?))
    }

    /// As [`start`](Self::start), for a request that was pushed (RFC 9126): the URL has the client's name and the
    /// reference alone (§4). A reference is good for one request.
    ///
    /// # Errors
    /// As [`start`](Self::start), and when the reference has expired.
    pub fn start_pushed(
        self,
        pushed: PushedAuthorization,
        now: SystemTime,
    ) -> Result<(String, PendingAuthorization), RequestError> {
        let parameters = vec![
            ("client_id".to_owned(), self.client_id.clone()),
            ("request_uri".to_owned(), pushed.into_request_uri(now)?),
        ];
        let url = self.at_endpoint(parameters)?;
        Ok((url, self.into_pending(now)?))
    }

    fn into_pending(self, now: SystemTime) -> Result<PendingAuthorization, RequestError> {
        self.check()?;
        Ok(PendingAuthorization::of(self, now))
    }

    /// What a request needs so that its response can be trusted.
    pub(crate) fn check(&self) -> Result<(), RequestError> {
        if matches!(self.state, StateUse::Undecided) {
            return Err(RequestError::Empty { field: "state" });
        }
        let wants_id_token =
            self.response_type == ResponseType::CodeIdToken || self.scope.contains("openid");
        if wants_id_token && self.nonce.is_none() {
            return Err(RequestError::Empty { field: "nonce" });
        }
        Ok(())
    }

    fn at_endpoint(&self, parameters: Vec<(String, String)>) -> Result<String, RequestError> {
        let mut url = self.endpoint.clone();
        for (name, _) in &parameters {
            if url.query_pairs().any(|(known, _)| known == *name) {
                return Err(RequestError::Twice {
                    name: name.as_str().into(),
                });
            }
        }
        if url.query() == Some("") {
            url.set_query(None);
        }
        url.query_pairs_mut().extend_pairs(parameters);
        Ok(url.into())
    }

    /// All parameters, in order: what `oauth2` writes, then ours. Those without value are left out (RFC 6749 §3.1).
    pub(crate) fn written(&self) -> Result<Vec<(String, String)>, RequestError> {
        let redirect_uri = RedirectUrl::new(self.redirect_uri.as_str().to_owned())
            .map_err(|_| RequestError::Internal)?;
        let mut bare = self.endpoint.clone();
        bare.set_query(None);
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(bare))
            .set_redirect_uri(redirect_uri);
        // oauth2 always writes a state; an empty one is left out below.
        let mut request = client
            .authorize_url(|| CsrfToken::new(String::new()))
            .set_response_type(&oauth2::ResponseType::new(
                self.response_type.as_str().to_owned(),
            ));
        if !self.scope.is_empty() {
            request = request.add_scope(oauth2::Scope::new(self.scope.to_string()));
        }
        let (url, _state) = request.url();
        let mut written: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let mut push = |name: &str, value: &str| written.push((name.into(), value.into()));
        if let Some(mode) = self.response_mode {
            push("response_mode", mode.as_str());
        }
        if let StateUse::Required(state) = &self.state {
            push("state", state.expose_secret());
        }
        if let Some(nonce) = &self.nonce {
            push("nonce", nonce.expose_secret());
        }
        if let Some(verifier) = &self.code_verifier {
            push("code_challenge", &verifier.challenge());
            push("code_challenge_method", "S256");
        }
        for (name, value) in self.parameters.iter() {
            if written.iter().any(|(known, _)| known == name) {
                return Err(RequestError::Twice { name: name.into() });
            }
            written.push((name.to_owned(), value.to_owned()));
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    fn request(endpoint: &str) -> AuthorizationRequest {
        let redirect_uri = RedirectUri::new("https://example.com/cb").unwrap();
        AuthorizationRequest::new(endpoint, "client 1", &redirect_uri).unwrap()
    }

    fn url(endpoint: &str, redirect_uri: &str, scope: &str) -> String {
        let redirect_uri = RedirectUri::new(redirect_uri).unwrap();
        AuthorizationRequest::new(endpoint, "client 1", &redirect_uri)
            .unwrap()
            .with_scope(&Scope::parse(scope).unwrap())
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
    fn everything_that_can_be_asked_for() {
        let request = request("https://bank.example/authorize")
            .with_scope(&Scope::parse("openid accounts").unwrap())
            .with_response_type(ResponseType::CodeIdToken)
            .with_response_mode(ResponseMode::FormPost)
            .with_state(State::from_bytes([1; 32]))
            .with_nonce(Nonce::from_bytes([2; 32]))
            .with_pkce(PkceVerifier::from_bytes([3; 32]))
            .with_parameters(Parameters::new().with("prompt", "consent").unwrap());
        let printed = format!("{request:?}");
        assert!(
            !printed.contains("AQEBAQ") && !printed.contains("AwMDAw"),
            "{printed}"
        );
        insta::assert_snapshot!(request.url().unwrap(), @"https://bank.example/authorize?response_type=code+id_token&client_id=client+1&redirect_uri=https%3A%2F%2Fexample.com%2Fcb&scope=openid+accounts&response_mode=form_post&state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE&nonce=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI&code_challenge=g77gcvvTQj90gfwWOCFjatjPtz-u8N0FgfOXnqDHMbk&code_challenge_method=S256&prompt=consent");
    }

    #[test]
    fn no_parameter_occurs_twice_rfc6749_3_1() {
        let scope = Scope::parse("a").unwrap();
        let twice = Parameters::new().with("scope", "b").unwrap();
        let error = request("https://bank.example/")
            .with_scope(&scope)
            .with_parameters(twice)
            .url()
            .unwrap_err();
        insta::assert_snapshot!(error, @"`scope` occurs twice");
        assert!(request("https://bank.example/?client_id=x").url().is_err());
        assert!(
            request("https://bank.example/?")
                .url()
                .unwrap()
                .contains("/?response_type")
        );
    }

    #[test]
    fn a_request_without_what_ties_the_response_to_it_does_not_start() {
        let start = |request: AuthorizationRequest| request.start(UNIX_EPOCH).map(|_| ());
        let plain = || request("https://bank.example/");
        let state = || State::from_bytes([1; 32]);
        insta::assert_snapshot!(start(plain()).unwrap_err(), @"state is empty");
        assert!(start(plain().with_state(state())).is_ok());
        assert!(start(plain().without_state_as_bank_echoes_none()).is_ok());
        let openid = plain()
            .with_state(state())
            .with_scope(&Scope::parse("openid").unwrap());
        insta::assert_snapshot!(start(openid.clone()).unwrap_err(), @"nonce is empty");
        assert!(start(openid.with_nonce(Nonce::from_bytes([1; 32]))).is_ok());
    }

    proptest! {
        #[test]
        fn what_was_given_reads_back(client_id in "\\PC{1,20}", path in "[a-z/]{0,10}", value in "\\PC{1,20}") {
            let redirect_uri = RedirectUri::new(&format!("https://example.com/{path}")).unwrap();
            let request = AuthorizationRequest::new("https://bank.example/a?t=1", &client_id, &redirect_uri)
                .unwrap()
                .with_parameters(Parameters::new().with("own", &value).unwrap());
            let url = Url::parse(&request.url().unwrap()).unwrap();
            let find = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
            prop_assert_eq!(find("client_id"), client_id);
            prop_assert_eq!(find("redirect_uri"), redirect_uri.as_str());
            prop_assert_eq!(find("own"), value);
            prop_assert_eq!(find("t"), "1");
        }
    }
}
