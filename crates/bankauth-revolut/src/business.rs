//! The Business API of Revolut: consent, exchange, renewal, and the request that proves a token.
//!
//! Facts are those of the bank's guide "Make your first API request" and of the description of its API, both read
//! 2026-11-20, unless a comment names another origin.

mod account;
mod answer;
mod api_error;
mod assertion;
mod client;
mod consent;
mod credential;
mod environment;
mod hint;
mod path;
mod printable;
mod resource;
mod scope;
mod token;

pub use account::{Account, Amount};
pub use api_error::{ApiError, MalformedApiAnswer};
pub use client::{Client, SetupError};
pub use consent::RedirectError;
pub use credential::WrongEnvironment;
pub use environment::{Endpoints, EndpointsError, Environment};
pub use path::PathError;
pub use scope::{Scope, ScopeError};
