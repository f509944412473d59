//! The user's consent: where to send the user, and what comes back.

mod authorization_request;
mod authorization_response;
mod authorization_response_error;
mod callback;
#[cfg(feature = "loopback")]
mod loopback_http;
#[cfg(feature = "loopback")]
mod loopback_receiver;
mod pending_authorization;
mod pushed_authorization;

pub use authorization_request::{AuthorizationRequest, IssuerParameter, ResponseType};
pub use authorization_response::AuthorizationResponse;
pub use authorization_response_error::AuthorizationResponseError;
pub use callback::{Callback, ResponseMode};
#[cfg(feature = "loopback")]
pub use loopback_receiver::{LoopbackError, LoopbackReceiver};
pub use pending_authorization::{PendingAuthorization, PendingAuthorizationError};
pub use pushed_authorization::{PushedAuthorization, PushedAuthorizationEndpoint};
