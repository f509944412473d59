//! Revolut Business: consent, tokens, and the request that proves them.
//!
//! This crate never opens a socket, a file or a clock: requests go through an [`HttpSend`](grants::HttpSend) of yours, the
//! time is an argument. It never sends a credential to another environment than its own, and prints none.
//!
//! ```
//! use std::{error::Error, sync::Arc, time::SystemTime};
//! use bankauth_revolut::{business::{Client, Environment, Scope}, grants::{HttpSend, RedirectUri}, jwt::SigningKey};
//!
//! async fn first_call(pkcs8: &[u8], http: Arc<dyn HttpSend>) -> Result<(), Box<dyn Error>> {
//!     // The client id is what the web app shows once the certificate of this key is uploaded.
//!     let redirect_uri = RedirectUri::new("https://example.com")?;
//!     let key = Arc::new(SigningKey::rs256(pkcs8)?);
//!     let client = Client::new(Environment::sandbox(), "client-1", redirect_uri, key, http)?;
//!
//!     // The user opens this, agrees, and comes back to the redirect URI with a code that lives for two minutes.
//!     println!("{}", client.consent_url(&[Scope::Read])?);
//!     let code = client.read_redirect("https://example.com?code=oa_sand_vYo3mAI9TmJuo2")?;
//!
//!     let tokens = client.exchange(&code, SystemTime::now()).await?;
//!     for account in client.accounts(&tokens.access_token).await? {
//!         println!("{} {}", account.balance, account.currency);
//!     }
//!     Ok(())
//! }
//! # use bankauth_revolut::grants::{Body, BoxFuture, Limits, SendError};
//! # struct Canned;
//! # impl HttpSend for Canned {
//! #     fn send(&self, request: http::Request<Body>, _: Limits) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
//! #         let token = r#"{"access_token":"oa_sand_a","token_type":"bearer","expires_in":2399}"#;
//! #         let body = if request.method() == "POST" { token } else { "[]" };
//! #         Box::pin(async move { Ok(http::Response::new(Body::from(body))) })
//! #     }
//! # }
//! # let pkcs8 = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rsa2048.pkcs8.der"));
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(first_call(pkcs8, Arc::new(Canned))).unwrap();
//! ```
//!
//! # Map
//!
//! | to | use |
//! |---|---|
//! | say where the bank is | [`Environment`](business::Environment), [`Endpoints`](business::Endpoints) |
//! | be a client of the bank | [`Client`](business::Client) |
//! | send the user to the bank, read what comes back | [`consent_url`](business::Client::consent_url), [`read_redirect`](business::Client::read_redirect), [`Scope`](business::Scope) |
//! | get and renew tokens | [`exchange`](business::Client::exchange), [`refresh`](business::Client::refresh), or `Client` as [`Renew`](grants::Renew) |
//! | prove a token | [`accounts`](business::Client::accounts), [`get`](business::Client::get) |
//! | make an assertion for another program | [`assertion`](business::Client::assertion), [`assertion_for`](business::Client::assertion_for) |
//! | use an HTTP client of your own | `token_request`, `explain`, `accounts_request`, `read_accounts` of `Client`: pure |
//!
//! # Deviations
//!
//! Where the bank departs from the standards, or fills in what they leave open. "Guide" is its "Make your first API request",
//! "API" the description of its API, both read 2026-11-20.
//!
//! | the standard says | the bank does | since | held by the test |
//! |---|---|---|---|
//! | `iss` of an assertion is the client id (RFC 7523 section 3) | the host of the redirect URI | guide | `assertion::claims_are_those_of_the_guide` |
//! | `aud` is the issuer or token endpoint (RFC 7523 section 3) | `https://revolut.com`, in the sandbox too | guide | `assertion::claims_are_those_of_the_guide` |
//! | scopes are separated by spaces (RFC 6749 section 3.3) | by commas | guide | `consent::scopes_are_separated_by_commas` |
//! | no scope means a default or an error (RFC 6749 section 3.3) | full rights | guide | `consent::none_given_is_none_sent` |
//! | `state` comes back (RFC 6749 section 4.1.2) | it does not, so none is sent | seen in other clients | `consent::the_address_of_the_guide` |
//! | the redirect URI is sent with the code (RFC 6749 section 4.1.3) | it is not asked for | guide | `token::the_form_of_a_code` |
//! | an expired assertion is `invalid_client` (RFC 6749 section 5.2) | 400 `invalid_request`, "The Token has expired on …" | guide | `token::a_stale_assertion_is_rebuilt_once` |
//! | a refresh leaves access tokens alone (RFC 6749 section 6) | it ends the previous one at once | guide | `token::renewal_kills_the_previous_access_token` |
//! | 401 says `WWW-Authenticate: Bearer error="invalid_token"` (RFC 6750 section 3) | JSON with `message` | guide | `api::a_token_that_is_not_accepted` |
//! | | and `error_id`, and code 1000 for all causes | 2026-03-30, API | `api::a_token_that_is_not_accepted` |
//! | 403 says `insufficient_scope` (RFC 6750 section 3.1) | code 9002, for IP list and permissions too | API | `api::what_is_forbidden_is_no_fault_of_the_token` |
//!
//! # Features
//!
//! * `vendored`: builds OpenSSL, with which assertions are signed, from source.
//!
//! # Out of scope
//!
//! Keys and certificates (`bankauth-keys`), keeping tokens (`bankauth-tokens`), sending requests (`bankauth-grants` with
//! `reqwest`), and the bank's further endpoints: [`get`](business::Client::get) reads them as JSON.

pub mod business;

pub use bankauth_grants as grants;
pub use bankauth_jwt as jwt;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
