//! Registering a client, and looking after the registration (RFC 7591, RFC 7592, UK Open Banking).

use http::{HeaderValue, Method, Request, Response, header};
use url::Url;

use crate::{
    AccessToken, Body, EndpointError, HttpSend, Limits, Registration, RegistrationAccessToken,
    RegistrationRequest, RegistrationTolerance, RequestError, endpoint_error::Endpoint,
    request::endpoint_url,
};

const THIS: Endpoint = Endpoint("the registration endpoint");

/// A registration endpoint, by its URL.
#[derive(Debug, Clone)]
pub struct RegistrationEndpoint {
    url: Url,
    limits: Limits,
}

/// A registration that exists: where it is managed, and the token that allows it. The two ways that there are have
/// constructors of their own, so that neither's token is sent the other's way.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    url: Url,
    limits: Limits,
    client_id: String,
    authorization: HeaderValue,
}

impl RegistrationEndpoint {
    /// The endpoint at `url`, an absolute `https` URL.
    ///
    /// # Errors
    /// When it is not `https`, or has a fragment, user name or password.
    pub fn new(url: &str) -> Result<Self, RequestError> {
        Ok(Self {
            url: endpoint_url::parse(THIS.0, url)?,
            limits: Limits::TOKEN,
        })
    }

    /// Other limits than [`Limits::TOKEN`].
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The request that registers a client. `initial` is the token that some servers want for it (RFC 7591 §3); where the
    /// certificate of the connection says enough there is none:
    ///
    /// ```http
    /// POST /register HTTP/1.1
    /// Accept: application/json
    /// Content-Type: application/jwt
    ///
    /// eyJhbGciOiJQUzI1NiIs…
    /// ```
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn request(
        &self,
        registration: &RegistrationRequest,
        initial: Option<&AccessToken>,
    ) -> Result<Request<Body>, EndpointError> {
        let authorization = initial.map(AccessToken::authorization_header);
        build(
            Method::POST,
            &self.url,
            Some((registration, None)),
            authorization,
        )
    }

    /// Reads an answer: 201, or 200 as some servers have it.
    ///
    /// # Errors
    /// [`EndpointError::Refused`] where the server says an error (RFC 7591 §3.2.2, or that of UK Open Banking);
    /// [`EndpointError::Malformed`] without `client_id`, or for what is none of the protocol's answers.
    pub fn read(
        &self,
        registration: &RegistrationRequest,
        answer: &Response<Body>,
    ) -> Result<Registration, EndpointError> {
        let json = THIS.json(answer, &[200, 201], "201")?;
        Registration::read(json, answer, Some(registration.asked()), true)
            .map_err(|problem| THIS.malformed(answer, problem))
    }

    /// Registers a client through `http`. After a failure that [may have been
    /// processed](EndpointError::may_have_been_processed) there may be a client that nobody knows the name of.
    ///
    /// # Errors
    /// As [`request`](Self::request) and [`read`](Self::read), and [`EndpointError::Transport`].
    pub async fn register(
        &self,
        http: &dyn HttpSend,
        registration: &RegistrationRequest,
        initial: Option<&AccessToken>,
    ) -> Result<Registration, EndpointError> {
        let request = self.request(registration, initial)?;
        let answer = THIS.send(http, request, self.limits).await?;
        self.read(registration, &answer)
    }

    /// A registration below this endpoint, `…/register/{client_id}`, managed with an access token of the client as UK Open
    /// Banking has it. The identifier is one segment of the path, whatever its characters.
    ///
    /// # Errors
    /// When `client_id` is empty, or a path of dots.
    pub fn client(
        &self,
        client_id: &str,
        token: &AccessToken,
    ) -> Result<RegisteredClient, RequestError> {
        if client_id.is_empty() {
            return Err(RequestError::Empty { field: "client_id" });
        }
        if client_id == "." || client_id == ".." {
            return Err(RequestError::Value {
                field: "client_id",
                found: "a path of dots",
                expected: "an identifier",
            });
        }
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| RequestError::Internal)?
            .pop_if_empty()
            .push(client_id);
        Ok(RegisteredClient {
            url,
            limits: self.limits,
            client_id: client_id.to_owned(),
            authorization: token.authorization_header(),
        })
    }
}

impl RegisteredClient {
    /// A registration at its own address, `registration_client_uri`, managed with its own token (RFC 7592 §2).
    ///
    /// # Errors
    /// When the address is no `https` URL or `client_id` is empty.
    pub fn at(
        registration_client_uri: &str,
        client_id: &str,
        token: &RegistrationAccessToken,
    ) -> Result<Self, RequestError> {
        if client_id.is_empty() {
            return Err(RequestError::Empty { field: "client_id" });
        }
        Ok(Self {
            url: endpoint_url::parse("registration_client_uri", registration_client_uri)?,
            limits: Limits::TOKEN,
            client_id: client_id.to_owned(),
            authorization: token.authorization_header(),
        })
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The request that reads the registration (RFC 7592 §2.1).
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn read_request(&self) -> Result<Request<Body>, EndpointError> {
        self.build(Method::GET, None)
    }

    /// The request that replaces the registration (RFC 7592 §2.2). What is not said again is taken away.
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn update_request(
        &self,
        registration: &RegistrationRequest,
    ) -> Result<Request<Body>, EndpointError> {
        self.build(Method::PUT, Some(registration))
    }

    /// The request that ends the registration (RFC 7592 §2.3).
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub fn delete_request(&self) -> Result<Request<Body>, EndpointError> {
        self.build(Method::DELETE, None)
    }

    /// Reads the answer to a reading or an update, of which `asked` is what was asked for. A new
    /// [token](Registration::registration_access_token) in it replaces the old one. A refusal with 401 also says that the
    /// token has ended (RFC 7592 §2.1): stop using it.
    ///
    /// # Errors
    /// As [`RegistrationEndpoint::read`].
    pub fn read(
        &self,
        asked: Option<&RegistrationRequest>,
        answer: &Response<Body>,
    ) -> Result<Registration, EndpointError> {
        let json = THIS.json(answer, &[200], "200")?;
        Registration::read(json, answer, asked.map(RegistrationRequest::asked), false)
            .map_err(|problem| THIS.malformed(answer, problem))
    }

    /// Reads the answer to a deletion: 204. Other successes are recorded.
    ///
    /// # Errors
    /// As [`RegistrationEndpoint::read`].
    pub fn read_deletion(
        &self,
        answer: &Response<Body>,
    ) -> Result<Vec<RegistrationTolerance>, EndpointError> {
        THIS.body(answer, &[200, 202, 204], "204")?;
        Ok(match answer.status().as_u16() {
            204 => Vec::new(),
            _ => vec![RegistrationTolerance::DeletionStatus],
        })
    }

    /// Sends a request of this registration through `http`.
    ///
    /// # Errors
    /// [`EndpointError::Transport`].
    pub async fn send(
        &self,
        http: &dyn HttpSend,
        request: Request<Body>,
    ) -> Result<Response<Body>, EndpointError> {
        THIS.send(http, request, self.limits).await
    }

    fn build(
        &self,
        method: Method,
        registration: Option<&RegistrationRequest>,
    ) -> Result<Request<Body>, EndpointError> {
        let body = registration.map(|registration| (registration, Some(self.client_id.as_str())));
        build(method, &self.url, body, Some(self.authorization.clone()))
    }
}

fn build(
    method: Method,
    url: &Url,
    body: Option<(&RegistrationRequest, Option<&str>)>,
    authorization: Option<HeaderValue>,
) -> Result<Request<Body>, EndpointError> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() =
        http::Uri::try_from(url.as_str()).map_err(|_| THIS.request(RequestError::Internal))?;
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(authorization) = authorization {
        headers.insert(header::AUTHORIZATION, authorization);
    }
    if let Some((registration, client_id)) = body {
        let (body, media_type) = registration
            .body(client_id)
            .map_err(|error| THIS.request(error))?;
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        *request.body_mut() = body;
    }
    Ok(request)
}
