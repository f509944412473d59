//! Talk to a bank: keys, client assertions, OAuth grants, consent, and tokens kept alive.
//!
//! This crate holds no code of its own: each module is a crate of bankauth under one name, and is there when its feature
//! is on. None is on by default but `grants`, so that nothing is compiled which you do not use.
//!
//! ```
//! use bankauth::grants::{AuthorizationRequest, RedirectUri};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let redirect_uri = RedirectUri::new("https://example.com/callback")?;
//! let url = AuthorizationRequest::new("https://bank.example/consent", "my-client-id", &redirect_uri)?.url()?;
//! assert!(url.starts_with("https://bank.example/consent?response_type=code&client_id=my-client-id"));
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | module | feature | for |
//! |---|---|---|
//! | `grants` | always | the OAuth 2.0 wire: client authentication, grants, consent, answers |
//! | `keys` | `keys` | private keys and X.509 certificates |
//! | `jwt` | `jwt` | client assertions |
//! | `tokens` | `tokens` | a token kept alive and shared |
//! | `revolut` | `revolut` | Revolut Business |
//! | `profile` | `profile` | all of it from a named profile in a file |
//!
//! # Other features
//!
//! * `reqwest`: the sender of `grants` over reqwest and rustls.
//! * `vendored`: builds OpenSSL from source instead of linking the system's; of use with `jwt`, `revolut` and `profile`.
//!
//! # Out of scope
//!
//! A bank's business endpoints beyond the request that proves a token, and user interfaces for end customers.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

pub use bankauth_grants as grants;

#[cfg(feature = "jwt")]
pub use bankauth_jwt as jwt;
#[cfg(feature = "keys")]
pub use bankauth_keys as keys;
#[cfg(feature = "profile")]
pub use bankauth_profile as profile;
#[cfg(feature = "revolut")]
pub use bankauth_revolut as revolut;
#[cfg(feature = "tokens")]
pub use bankauth_tokens as tokens;
