//! Keeps an access token alive: renewed once however many ask, shared between the processes of a host, and never lost.
//!
//! This crate never deletes a credential, never spends a refresh token before it has shown that it can store the answer,
//! and never lets a failed renewal take a valid token away. It knows no bank: what a renewal is comes as a
//! [`Renew`](bankauth_grants::Renew), where tokens are kept as a [`TokenStore`].
//!
//! ```no_run
//! use std::sync::Arc;
//! use bankauth_grants::Renew;
//! use bankauth_tokens::{CredentialId, FileStore, Tokens};
//!
//! # async fn example(bank: Arc<dyn Renew>) -> Result<(), Box<dyn std::error::Error>> {
//! let id = CredentialId::from_parts(&["revolut-business", "sandbox", "my-client-id"])?;
//! let store = Arc::new(FileStore::new("/var/lib/my-service/tokens"));
//! let tokens = Tokens::new(id, store, bank);
//!
//! // As often as you like: it asks the bank only when it has to.
//! let current = tokens.access_token().await?;
//! let header = current.access_token().authorization_header();
//! # let _ = header; Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | to | use |
//! |---|---|
//! | get a token that is valid now | [`Tokens::access_token`] |
//! | get another one after a 401 | [`Tokens::replace`] |
//! | store what a consent brought | [`Tokens::probe`], [`Tokens::adopt`], [`Tokens::adopt_refresh_token`] |
//! | see what is stored, without secrets | [`Status`] |
//! | share tokens between processes | [`FileStore`] |
//! | bring a store | [`TokenStore`], [`Stored`], [`Swap`], [`Promises`] |
//! | scale the timers | [`Timing`] |
//!
//! # How processes agree
//!
//! A store is a register that is changed by compare and swap. Whoever wants to renew first writes a lease into the
//! record; the write that succeeds is at once the lock, the proof that the store can be written, and the fence for
//! late writers. The others look again until the record has changed or the lease is over.
//!
//! # Runtime
//!
//! Tokio: renewals run in tasks of their own, so that nothing is left halfway when a caller goes away.
//!
//! # Out of scope
//!
//! Getting the user's consent, and talking to a bank: see `bankauth-grants` and the crate of your bank.

mod credential_id;
mod driver;
mod envelope;
mod file_store;
mod memory_store;
mod pause;
mod protocol;
mod record;
mod status;
mod timing;
mod token_store;
mod tokens;
mod tokens_error;

pub use credential_id::{CredentialId, CredentialIdError};
pub use file_store::FileStore;
pub use memory_store::MemoryStore;
pub use status::Status;
pub use timing::Timing;
pub use token_store::{Promises, Revision, StoreError, Stored, Swap, TokenStore};
pub use tokens::{Clock, CurrentToken, Tokens};
pub use tokens_error::TokensError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
