//! Registering a client, and looking after the registration (RFC 7591, RFC 7592).

mod client_metadata;
mod registered;
mod registration_endpoint;
mod registration_request;

pub use client_metadata::{CertificateName, ClientMetadata};
pub use registered::{Registration, RegistrationDifference, RegistrationTolerance};
pub use registration_endpoint::{RegisteredClient, RegistrationEndpoint};
pub use registration_request::RegistrationRequest;
