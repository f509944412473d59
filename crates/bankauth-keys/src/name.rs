//! Distinguished names: what they are made of, how they are read and written, and how they differ.

pub(crate) mod attribute;
pub(crate) mod attribute_type;
pub(crate) mod dialect;
pub(crate) mod difference;
pub(crate) mod distinguished_name;
pub(crate) mod error;
pub(crate) mod rfc4514;
pub(crate) mod schema;
pub(crate) mod subject;

pub use attribute::{Attribute, StringType};
pub use attribute_type::AttributeType;
pub use dialect::{Dialect, DialectError, Escaping, Naming, Order};
pub use difference::NameDifference;
pub use distinguished_name::DistinguishedName;
pub use error::{NameError, OpenSslForm};
pub use schema::{NameSchema, NameSchemaError};
pub use subject::{Subject, SubjectError};
