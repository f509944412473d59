//! The OAuth 2.0 wire as values: client authentication, grants, consent, and tolerant answers.
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
//! let grant = Grant::authorization_code(&code);
//! let request = endpoint.request(grant, &ClientAuth::private_key_jwt("eyJ…".to_owned()))?;
//! assert_eq!(request.method(), "POST");
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
//! | send a user to the bank | [`AuthorizationRequest`], [`RedirectUri`] |
//! | read where the user comes back | [`AuthorizationResponse`] |
//! | say who the client is | [`ClientAuth`], [`Authenticate`] |
//! | get tokens | [`TokenEndpoint`], [`Grant`], [`TokenSet`] |
//! | understand a failure | [`TokenError`], [`Refusal`], [`SendError`] |
//! | let a bank renew its tokens | [`Renew`], [`Renewal`] |
//! | bring an HTTP client | [`HttpSend`], [`Body`], [`Limits`] |
//!
//! # Features
//!
//! * `reqwest`: `ReqwestSender`, over reqwest and rustls (aws-lc-rs given explicitly, nothing installed for the process)
//!   with the system's roots. Off by default.
//!
//! # What is wiped
//!
//! Credentials and bodies are wiped when dropped. Out of reach are the buffers of the HTTP library and those of header values.
//!
//! # Out of scope
//!
//! Implicit grants, calling a bank's API beyond sending a request, and keeping tokens: see `bankauth-tokens`.

mod answer;
mod answer_head;
mod api_refusal;
mod auth_method;
mod authorization_request;
mod authorization_response;
mod authorization_response_error;
mod body;
mod callback;
mod challenge;
mod client_auth;
#[cfg(feature = "reqwest")]
mod client_identity;
mod client_metadata;
mod endpoint_error;
mod endpoint_url;
mod error_body;
mod error_code;
mod form_request;
mod grant;
mod http_send;
mod introspection;
mod issuer;
mod kept_body;
#[cfg(feature = "loopback")]
mod loopback_http;
#[cfg(feature = "loopback")]
mod loopback_receiver;
mod malformed_answer;
mod metadata;
mod metadata_cache;
mod parameters;
mod password_grant;
mod pending_authorization;
mod printable;
mod pushed_authorization;
mod random_text;
mod redirect_uri;
mod refusal;
mod registration;
mod registration_endpoint;
mod registration_request;
mod renew;
mod request_error;
#[cfg(feature = "reqwest")]
mod reqwest_sender;
mod revocation;
mod scope;
mod secret;
#[cfg(feature = "reqwest")]
mod sender_options;
mod token_endpoint;
mod token_error;
mod token_set;
mod verdict;

pub use answer_head::retry_after;
pub use api_refusal::ApiRefusal;
pub use auth_method::AuthMethod;
pub use authorization_request::{AuthorizationRequest, IssuerParameter, ResponseType};
pub use authorization_response::AuthorizationResponse;
pub use authorization_response_error::AuthorizationResponseError;
pub use body::Body;
pub use callback::{Callback, ResponseMode};
pub use challenge::Challenge;
pub use client_auth::{Authenticate, BasicEncoding, ClientAuth};
#[cfg(feature = "reqwest")]
pub use client_identity::ClientIdentity;
pub use client_metadata::{CertificateName, ClientMetadata};
pub use endpoint_error::EndpointError;
pub use error_body::{ErrorDetail, ErrorShape};
pub use error_code::ErrorCode;
pub use grant::Grant;
pub use http_send::{BoxError, BoxFuture, HttpSend, Limits, SendError, SendErrorKind};
pub use introspection::{Introspection, IntrospectionEndpoint};
pub use issuer::Issuer;
#[cfg(feature = "loopback")]
pub use loopback_receiver::{LoopbackError, LoopbackReceiver};
pub use malformed_answer::MalformedAnswer;
pub use metadata::{Connection, Metadata};
pub use metadata_cache::{MetadataCache, StaleMetadata};
pub use parameters::Parameters;
pub use password_grant::{PasswordGrant, PasswordOptIn};
pub use pending_authorization::{PendingAuthorization, PendingAuthorizationError};
pub use printable::printable;
pub use pushed_authorization::{PushedAuthorization, PushedAuthorizationEndpoint};
pub use random_text::{EntropyError, Nonce, PkceVerifier, State};
pub use redirect_uri::RedirectUri;
pub use refusal::Refusal;
pub use registration::{Registration, RegistrationDifference, RegistrationTolerance};
pub use registration_endpoint::{RegisteredClient, RegistrationEndpoint};
pub use registration_request::RegistrationRequest;
pub use renew::{Renew, Renewal};
pub use request_error::RequestError;
#[cfg(feature = "reqwest")]
pub use reqwest_sender::ReqwestSender;
pub use revocation::{IssuedToken, RevocationEndpoint};
pub use scope::{NarrowedScope, Scope, ScopeDifference, ScopeSeparator};
pub use secret::{
    AccessToken, AuthorizationCode, CredentialError, IdToken, RefreshToken, RegistrationAccessToken,
};
#[cfg(feature = "reqwest")]
pub use sender_options::{SenderError, SenderOptions};
pub use token_endpoint::TokenEndpoint;
pub use token_error::TokenError;
pub use token_set::{TokenSet, Tolerance};
pub use verdict::Verdict;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
