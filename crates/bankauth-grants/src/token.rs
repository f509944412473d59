//! Getting tokens: what is presented, where, and what comes of it.

pub(crate) mod grant;
mod password_grant;
mod token_endpoint;
mod token_error;
mod token_set;

pub use grant::Grant;
pub use password_grant::{PasswordGrant, PasswordOptIn};
pub use token_endpoint::TokenEndpoint;
pub use token_error::TokenError;
pub use token_set::{TokenSet, Tolerance};
