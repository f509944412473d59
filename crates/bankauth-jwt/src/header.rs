//! The JOSE header of a JWT.

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::claim::{ClaimError, check_text};

/// The protected header: `alg`, `typ`, and `kid` when the key has one.
///
/// Nothing else can be expressed. A header that carries a key or points to one (`jwk`, `jku`, `x5u`,
/// `x5c`) asks the reader to trust it (RFC 8725 section 3.10), which no bank does.
#[derive(Serialize)]
pub(crate) struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl<'a> Header<'a> {
    pub(crate) fn new(
        algorithm: Algorithm,
        typ: &'static str,
        kid: Option<&'a str>,
    ) -> Result<Self, ClaimError> {
        if let Some(kid) = kid {
            check_text("kid", kid)?;
        }
        Ok(Self {
            alg: algorithm.as_str(),
            typ,
            kid,
        })
    }
}
