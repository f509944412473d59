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
//! let grant = Grant::AuthorizationCode { code: &code, redirect_uri: None };
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
mod authorization_request;
mod authorization_response;
mod body;
mod client_auth;
mod endpoint_url;
mod grant;
mod http_send;
mod redirect_uri;
mod refusal;
mod renew;
#[cfg(feature = "reqwest")]
mod reqwest_sender;
mod secret;
mod token_endpoint;
mod token_error;
mod token_set;

pub use authorization_request::AuthorizationRequest;
pub use authorization_response::{AuthorizationResponse, AuthorizationResponseError};
pub use body::Body;
pub use client_auth::{Authenticate, ClientAuth};
pub use grant::Grant;
pub use http_send::{BoxError, BoxFuture, HttpSend, Limits, SendError, SendErrorKind};
pub use redirect_uri::RedirectUri;
pub use refusal::{ErrorCode, Refusal};
pub use renew::{Renew, Renewal};
#[cfg(feature = "reqwest")]
pub use reqwest_sender::{ReqwestSender, SenderError};
pub use secret::{AccessToken, AuthorizationCode, CredentialError, RefreshToken};
pub use token_endpoint::TokenEndpoint;
pub use token_error::{MalformedAnswer, RequestError, TokenError};
pub use token_set::{TokenSet, Tolerance};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
