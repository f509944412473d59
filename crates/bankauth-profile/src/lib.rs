//! Named profiles in a file: which bank, which environment, which key, and a token that is kept alive.
//!
//! This crate never overwrites a key, a certificate or a profile, keeps no secret in the configuration file, and sends
//! nothing while it opens a profile. It puts the other crates together and adds no rule of its own.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // The profile that `bankauth init` made and `bankauth login` authorised:
//! let tokens = bankauth_profile::open("acme")?;
//! let current = tokens.access_token().await?;
//! let header = current.access_token().authorization_header();
//! # let _ = header; Ok(())
//! # }
//! ```
//!
//! A profile is a table:
//!
//! ```toml
//! [profile.acme]
//! provider = "revolut-business"
//! environment = "sandbox"
//! client_id = "..."
//! redirect_uri = "https://example.com/callback"
//! private_key = "acme.key.pem"
//! certificate = "acme.cer"
//! ```
//!
//! # Map
//!
//! | to | use |
//! |---|---|
//! | get tokens by a profile's name | [`open`] |
//! | read, add and change profiles | [`ConfigFile`], [`Profile`] |
//! | make a key, a certificate and a profile | [`NewRevolutBusiness`] |
//! | consent, exchange and API requests | [`RevolutBusiness`] |
//! | put another certificate in the place of one that ends | [`renew_certificate`] |
//! | read a secret from a file or a variable | [`SecretSource`] |
//! | know where things are kept | [`default_config_file`], [`default_state_folder`] |
//!
//! # Features
//!
//! * `vendored`: builds OpenSSL from source instead of linking the system's. Off by default.
//!
//! # Out of scope
//!
//! Asking the user anything: see the program `bankauth`.

mod config_file;
mod error;
mod folders;
mod profile;
mod renewed_certificate;
mod revolut_business;
mod secret_source;
mod setting;

use bankauth_tokens::Tokens;

pub use config_file::ConfigFile;
pub use error::ProfileError;
pub use folders::{default_config_file, default_state_folder};
pub use profile::{EnvironmentName, Profile};
pub use renewed_certificate::{RenewedCertificate, renew_certificate};
pub use revolut_business::{Created, NewRevolutBusiness, RevolutBusiness, scopes};
pub use secret_source::{SecretSource, SecretSourceError};
pub use setting::Provider;

/// Opens the profile of this name in this user's configuration, with tokens in this user's state folder.
///
/// # Errors
/// When there is no such profile, or what it names cannot be used. Nothing is sent.
pub fn open(name: &str) -> Result<Tokens, ProfileError> {
    let profile = ConfigFile::read(&default_config_file()?)?.profile(name)?;
    match profile.provider() {
        Provider::RevolutBusiness => {
            Ok(RevolutBusiness::open(&profile, &default_state_folder()?)?.tokens)
        }
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
