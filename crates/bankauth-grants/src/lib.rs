//! The OAuth 2.0 wire as values: client authentication, grants, consent, registration, and tolerant answers.
//!
//! This crate never opens a socket by itself, reads no clock and no file, follows no redirect, and prints no secret.
//! A request is a value that can be looked at; an answer is read by a pure function; what lies between them is one
//! object-safe trait, [`HttpSend`], for which the feature `reqwest` brings an implementation.
//!
//! ```
//! use bankauth_grants::{AuthorizationCode, Body, ClientAuth, Grant, TokenEndpoint};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = TokenEndpoint::new("https://bank.example/token")?;
//! let code = AuthorizationCode::new("SplxlOBeZQQYbYS6WxSbIA".to_owned())?;
//! let client = ClientAuth::secret_basic("s6BhdRkqt3", "gX1fBat3bV".to_owned());
//! let request = endpoint.request(Grant::authorization_code(&code), &client)?;
//! assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
//!
//! // Send it with any HTTP client (or with `exchange` and an `HttpSend`), then read what came back:
//! let answer = http::Response::builder()
//!     .header("content-type", "application/json")
//!     .body(Body::from(r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"bearer","expires_in":2399}"#))?;
//! let tokens = endpoint.read(&answer)?;
//! assert_eq!(tokens.expires_in.map(|life| life.as_secs()), Some(2399));
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | to | use |
//! |---|---|
//! | find a server's endpoints | [`Issuer`], [`Metadata`], [`MetadataCache`] |
//! | send a user to the bank | [`AuthorizationRequest`], [`PushedAuthorizationEndpoint`], [`RedirectUri`], [`Scope`] |
//! | read what comes back | [`PendingAuthorization`], [`Callback`], [`AuthorizationResponse`] |
//! | say who the client is | [`ClientAuth`], [`Authenticate`] |
//! | get tokens | [`TokenEndpoint`], [`Grant`], [`TokenSet`] |
//! | give them back, ask what they are worth | [`RevocationEndpoint`], [`IntrospectionEndpoint`] |
//! | register a client | [`RegistrationEndpoint`], [`RegistrationRequest`], [`Registration`], [`RegisteredClient`] |
//! | understand a failure | [`TokenError`], [`EndpointError`], [`Refusal`], [`ApiRefusal`], [`Verdict`] |
//! | let a bank renew its tokens | [`Renew`], [`Renewal`] |
//! | bring an HTTP client | [`HttpSend`], [`Body`], [`Limits`] |
//!
//! # Features
//!
//! Both are off by default.
//! * `reqwest`: `ReqwestSender`, over reqwest and rustls (aws-lc-rs given explicitly, nothing installed for the process),
//!   with the system's roots, a CA bundle, a client certificate or a proxy.
//! * `loopback`: `LoopbackReceiver`, which listens on 127.0.0.1 or ::1 for the one redirect of a native app.
//!
//! # What is wiped
//!
//! Credentials and bodies are wiped when dropped. Out of reach are the buffers of the HTTP library and those of header values.
//!
//! # Out of scope
//!
//! Implicit grants, verifying id tokens, calling a bank's API, and keeping tokens: see `bankauth-tokens`.

mod answer;
mod body;
mod consent;
mod discovery;
mod endpoint_error;
mod failure;
mod http_send;
mod introspection;
mod random_text;
mod redirect_uri;
mod registration;
mod renew;
mod request;
mod revocation;
mod secret;
#[cfg(feature = "reqwest")]
mod sender;
mod token;

pub use body::Body;
pub use consent::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationResponseError, Callback,
    IssuerParameter, PendingAuthorization, PendingAuthorizationError, PushedAuthorization,
    PushedAuthorizationEndpoint, ResponseMode, ResponseType,
};
#[cfg(feature = "loopback")]
pub use consent::{LoopbackError, LoopbackReceiver};
pub use discovery::{AuthMethod, Connection, Issuer, Metadata, MetadataCache, StaleMetadata};
pub use endpoint_error::EndpointError;
pub use failure::{
    ApiRefusal, Challenge, ErrorCode, ErrorDetail, ErrorShape, MalformedAnswer, Refusal, Verdict,
    printable, retry_after,
};
pub use http_send::{BoxError, BoxFuture, HttpSend, Limits, SendError, SendErrorKind};
pub use introspection::{Introspection, IntrospectionEndpoint};
pub use random_text::{EntropyError, Nonce, PkceVerifier, State};
pub use redirect_uri::RedirectUri;
pub use registration::{
    CertificateName, ClientMetadata, RegisteredClient, Registration, RegistrationDifference,
    RegistrationEndpoint, RegistrationRequest, RegistrationTolerance,
};
pub use renew::{Renew, Renewal};
pub use request::{
    Authenticate, BasicEncoding, ClientAuth, NarrowedScope, Parameters, RequestError, Scope,
    ScopeDifference, ScopeSeparator,
};
pub use revocation::{IssuedToken, RevocationEndpoint};
pub use secret::{
    AccessToken, AuthorizationCode, CredentialError, IdToken, RefreshToken, RegistrationAccessToken,
};
#[cfg(feature = "reqwest")]
pub use sender::{ClientIdentity, ReqwestSender, SenderError, SenderOptions};
pub use token::{
    Grant, PasswordGrant, PasswordOptIn, TokenEndpoint, TokenError, TokenSet, Tolerance,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
