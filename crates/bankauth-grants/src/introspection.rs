//! Asking what a token is worth (RFC 7662).

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{Request, Response};
use oauth2::{ClientId, IntrospectionUrl, basic::BasicClient};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    Body, ClientAuth, EndpointError, HttpSend, IssuedToken, Limits, RequestError,
    answer::{Member, Members},
    endpoint_error::Endpoint,
    failure::malformed_answer::Problem,
    request::endpoint_url,
    request::form_request::{Capture, Form},
};

const THIS: Endpoint = Endpoint("the introspection endpoint");

/// RFC 7662 §2.2.
const KNOWN: &[&str] = &[
    "active",
    "scope",
    "client_id",
    "username",
    "token_type",
    "exp",
    "iat",
    "nbf",
    "sub",
    "aud",
    "iss",
    "jti",
];

/// An introspection endpoint, by its URL.
#[derive(Debug, Clone)]
pub struct IntrospectionEndpoint {
    url: Url,
    limits: Limits,
}

/// What a server says of a token (RFC 7662 §2.2). Of one that is not active it says nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Introspection {
    /// Whether the token can be used.
    pub active: bool,
    /// Its scopes, where the server says.
    pub scope: Option<Vec<String>>,
    /// The client it was issued to.
    pub client_id: Option<String>,
    /// The user, in a form for people.
    pub username: Option<String>,
    /// Its type, for instance `Bearer`.
    pub token_type: Option<String>,
    /// When it ends.
    pub expires_at: Option<SystemTime>,
    /// When it was issued.
    pub issued_at: Option<SystemTime>,
    /// When it begins.
    pub not_before: Option<SystemTime>,
    /// Whose it is.
    pub subject: Option<String>,
    /// Whom it is for.
    pub audience: Vec<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Its own name.
    pub id: Option<String>,
}

impl IntrospectionEndpoint {
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

    /// The request about `token`, authenticated by `auth`:
    ///
    /// ```http
    /// POST /introspect HTTP/1.1
    /// Content-Type: application/x-www-form-urlencoded
    ///
    /// token=…&token_type_hint=access_token&client_id=…
    /// ```
    ///
    /// # Errors
    /// When the client authentication lacks something.
    pub fn request(
        &self,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, EndpointError> {
        self.build(token, auth).map_err(|error| THIS.request(error))
    }

    fn build(
        &self,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<Request<Body>, RequestError> {
        let capture = Capture::default();
        let _taken = BasicClient::new(ClientId::new(String::new()))
            .set_introspection_url(IntrospectionUrl::from_url(self.url.clone()))
            .introspect(&oauth2::AccessToken::new(String::new()))
            .set_token_type_hint(token.hint())
            .request(&capture);
        let written = capture.into_body()?;
        let mut form = Form::written(&written);
        form.insert_first("token", token.expose_secret());
        form.into_request(&self.url, auth)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`EndpointError::Refused`] where the server says an error; [`EndpointError::Malformed`] without `active` or with
    /// members of the wrong kind.
    pub fn read(&self, answer: &Response<Body>) -> Result<Introspection, EndpointError> {
        let json = THIS.json(answer, &[200], "200")?;
        let mut members = Members::parse_known(json, KNOWN)
            .map_err(|_| THIS.malformed(answer, Problem::NotJson))?;
        Introspection::read(&mut members).map_err(|problem| THIS.malformed(answer, problem))
    }

    /// Sends the request through `http` and reads the answer. Credentials of the request that the server repeats in an
    /// error are masked.
    ///
    /// # Errors
    /// As [`request`](Self::request) and [`read`](Self::read), and [`EndpointError::Transport`].
    pub async fn introspect(
        &self,
        http: &dyn HttpSend,
        token: IssuedToken<'_>,
        auth: &ClientAuth,
    ) -> Result<Introspection, EndpointError> {
        let request = self.request(token, auth)?;
        let answer = THIS.send(http, request, self.limits).await?;
        self.read(&answer)
            .map_err(|error| error.masking(&[token.expose_secret()], auth))
    }
}

impl Introspection {
    fn read(members: &mut Members) -> Result<Self, Problem> {
        let active = match members.take("active") {
            Some(Member::Bool(active)) => active,
            other => {
                return Err(Problem::unexpected("active", other.as_ref(), "a boolean"));
            }
        };
        let mut text = |name| match members.take(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Text(text)) => Ok(Some(text.expose_secret().to_owned())),
            other => Err(Problem::unexpected(name, other.as_ref(), "a string")),
        };
        let client_id = text("client_id")?;
        let username = text("username")?;
        let token_type = text("token_type")?;
        let subject = text("sub")?;
        let issuer = text("iss")?;
        let id = text("jti")?;
        let mut list = |name, separator: Option<char>| match members.take(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Text(text)) => {
                let text = text.expose_secret();
                let parts = match separator {
                    Some(separator) => text.split(separator).collect(),
                    None => vec![text],
                };
                let parts = parts.into_iter().filter(|part| !part.is_empty());
                Ok(Some(parts.map(str::to_owned).collect()))
            }
            Some(Member::Texts(texts)) => Ok(Some(
                texts
                    .iter()
                    .map(|text| text.expose_secret().to_owned())
                    .collect(),
            )),
            other => Err(Problem::unexpected(
                name,
                other.as_ref(),
                "a string or an array of strings",
            )),
        };
        let scope = list("scope", Some(' '))?;
        let audience = list("aud", None)?.unwrap_or_default();
        let mut time = |name| match members.take(name) {
            None | Some(Member::Null) => Ok(None),
            Some(Member::Integer(seconds)) => moment(name, Duration::from_secs(seconds)).map(Some),
            Some(Member::Float(seconds)) => match Duration::try_from_secs_f64(seconds.floor()) {
                Ok(seconds) => moment(name, seconds).map(Some),
                Err(_) => Err(out_of_range(name)),
            },
            other => Err(Problem::unexpected(name, other.as_ref(), SECONDS)),
        };
        Ok(Self {
            active,
            scope,
            client_id,
            username,
            token_type,
            expires_at: time("exp")?,
            issued_at: time("iat")?,
            not_before: time("nbf")?,
            subject,
            audience,
            issuer,
            id,
        })
    }
}

const SECONDS: &str = "a number of seconds since 1970";

fn moment(name: &'static str, seconds: Duration) -> Result<SystemTime, Problem> {
    UNIX_EPOCH
        .checked_add(seconds)
        .ok_or_else(|| out_of_range(name))
}

const fn out_of_range(name: &'static str) -> Problem {
    Problem::member(name, "a number out of range", SECONDS)
}
