//! What authorization servers say of themselves (RFC 8414, OpenID Connect Discovery 1.0).

mod auth_method;
mod issuer;
mod metadata;
mod metadata_cache;

pub use auth_method::AuthMethod;
pub use issuer::Issuer;
pub use metadata::{Connection, Metadata};
pub use metadata_cache::{MetadataCache, StaleMetadata};
