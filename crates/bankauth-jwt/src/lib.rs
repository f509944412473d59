//! Client assertions (RFC 7523): the JWT with which a program proves to a bank who it is.
//!
//! This crate never talks to a bank, never reads a clock or a random source, and knows no bank: what
//! a bank wants is given to it as values. It never reads the JWTs of others, and it never lets a
//! caller choose an algorithm that the key does not have.
//!
//! ```
//! use std::time::SystemTime;
//! use bankauth_jwt::{Audience, ClientAssertion, SigningKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let pkcs8 = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rsa2048.pkcs8.der"));
//! // Once, when the program starts. `pkcs8` holds the private key in DER.
//! let key = SigningKey::rs256(pkcs8)?;
//! let assertion = ClientAssertion::new("client-1", Audience::fixed("https://revolut.com"))?
//!     .with_issuer("example.com")?;
//!
//! // For each request to the token endpoint.
//! let jwt = assertion.sign(&key, SystemTime::now())?;
//! assert_eq!(jwt.expose_secret().split('.').count(), 3);
//! assert_eq!(format!("{jwt:?}"), "Jwt(..)");
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! * [`ClientAssertion`] says what is claimed, [`Audience`] to whom, [`JwtId`] which one it is.
//! * [`Sign`] is whoever signs: [`SigningKey`] is a key in memory; a hardware module or an agent is a
//!   type of yours with three methods. [`Algorithm`] belongs to it.
//! * [`SigningInput`] is the two-step form for signers that do not answer at once.
//! * [`Jwt`] is the result and a secret.
//! * [`KeyError`], [`ClaimError`] and [`SignError`] say what was found and what was expected.
//!
//! # Features
//!
//! * `vendored`: builds OpenSSL from source. Without it the system's OpenSSL and its headers are
//!   needed.
//!
//! # Out of scope
//!
//! Reading PEM and other key forms, making keys, sending the assertion (in a form it goes with the
//! `client_assertion_type` of RFC 7523 section 2.2), and assertions keyed with a shared secret.

mod algorithm;
mod audience;
mod claim;
mod client_assertion;
mod compact;
mod der;
mod header;
mod jwt;
mod jwt_id;
mod pkcs8;
mod sign;
mod signing_key;

pub use algorithm::Algorithm;
pub use audience::Audience;
pub use claim::ClaimError;
pub use client_assertion::ClientAssertion;
pub use compact::SigningInput;
pub use jwt::Jwt;
pub use jwt_id::JwtId;
pub use sign::{Sign, SignError};
pub use signing_key::{KeyError, SigningKey};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
