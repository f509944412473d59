//! Requests to the API: a path, a token, and what comes back.

use bankauth_grants::{AccessToken, Body, Limits};
use http::{HeaderValue, Request, Response, header};
use serde::de::IgnoredAny;

use super::{Account, ApiError, Client, answer, api_error::Problem, path};

impl Client {
    /// The accounts of the business: the request that proves a token. It needs the scope READ.
    ///
    /// # Errors
    /// [`ApiError`]. Only where [`is_token_fault`](ApiError::is_token_fault) is another token worth asking for.
    pub async fn accounts(&self, token: &AccessToken) -> Result<Vec<Account>, ApiError> {
        let request = self.accounts_request(token)?;
        Self::read_accounts(&self.send(request).await?)
    }

    /// The request for the accounts, for callers with an HTTP client of their own:
    ///
    /// ```http
    /// GET /api/1.0/accounts HTTP/1.1
    /// Accept: application/json
    /// Authorization: Bearer oa_sand_…
    /// ```
    ///
    /// # Errors
    /// When the token belongs to another environment.
    pub fn accounts_request(&self, token: &AccessToken) -> Result<Request<Body>, ApiError> {
        self.get_request("/accounts", token)
    }

    /// Reads the answer to [`accounts_request`](Self::accounts_request). Members that are not known are passed over.
    ///
    /// # Errors
    /// When the bank refused, or the answer is no list of accounts.
    pub fn read_accounts(answer: &Response<Body>) -> Result<Vec<Account>, ApiError> {
        answer::check(answer)?;
        let body = answer.body().expose_secret();
        if body.is_empty() {
            return Err(answer::malformed(answer, Problem::Empty));
        }
        serde_json::from_slice(body).map_err(|error| {
            // Only the place: the error's own text repeats what stands there.
            let (line, column) = (error.line(), error.column());
            answer::malformed(answer, Problem::NotAccounts { line, column })
        })
    }

    /// The JSON that the API has at `path`, which is appended to the base of the API and may have a query.
    ///
    /// # Errors
    /// As [`accounts`](Self::accounts), and [`ApiError::Path`] for a path that leads elsewhere.
    pub async fn get(&self, path: &str, token: &AccessToken) -> Result<Body, ApiError> {
        let request = self.get_request(path, token)?;
        Self::read_json(self.send(request).await?)
    }

    /// The request for what is at `path`, for callers with an HTTP client of their own.
    ///
    /// # Errors
    /// When the token belongs to another environment, or the path is not one below the base of the API: an absolute
    /// URL, another host, `..`, a fragment.
    pub fn get_request(&self, path: &str, token: &AccessToken) -> Result<Request<Body>, ApiError> {
        self.environment
            .check_access_token(token)
            .map_err(ApiError::WrongEnvironment)?;
        let base = self.environment.endpoints().api();
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path::join(base, path).map_err(ApiError::Path)?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::AUTHORIZATION, token.authorization_header());
        Ok(request)
    }

    /// Reads the answer to [`get_request`](Self::get_request): its body, unchanged, if it is JSON.
    ///
    /// # Errors
    /// When the bank refused, or the body is not JSON.
    pub fn read_json(answer: Response<Body>) -> Result<Body, ApiError> {
        answer::check(&answer)?;
        let body = answer.body().expose_secret();
        if body.is_empty() {
            return Err(answer::malformed(&answer, Problem::Empty));
        }
        if serde_json::from_slice::<IgnoredAny>(body).is_err() {
            return Err(answer::malformed(&answer, Problem::NotJson));
        }
        Ok(answer.into_body())
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, ApiError> {
        self.http
            .send(request, Limits::RESOURCE)
            .await
            .map_err(ApiError::Transport)
    }
}
