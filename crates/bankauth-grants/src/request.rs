//! What requests are put together from.

mod client_auth;
pub(crate) mod endpoint_url;
pub(crate) mod form_request;
mod parameters;
mod request_error;
mod scope;

pub use client_auth::{Authenticate, BasicEncoding, ClientAuth};
pub use parameters::Parameters;
pub use request_error::RequestError;
pub use scope::{NarrowedScope, Scope, ScopeDifference, ScopeSeparator};
