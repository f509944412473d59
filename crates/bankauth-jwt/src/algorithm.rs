//! The signature algorithms that a bank may ask for.

use std::fmt;

use crate::sign::SignError;

/// A signature algorithm, by its name in RFC 7518 section 3.1.
///
/// The algorithm belongs to the key: a [`Sign`](crate::Sign) says which one it uses and nothing else
/// sets it, so a header can never name an algorithm that the key does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
    Rs256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5).
    Ps256,
    /// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each (RFC 7518 section 3.4).
    Es256,
}

impl Algorithm {
    /// The name as it stands in the `alg` header parameter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }

    /// Refuses a signature whose length this algorithm cannot have.
    ///
    /// An RSA signature is as long as the modulus, of which only the limits are known here.
    pub(crate) fn check_signature_length(self, found: usize) -> Result<(), SignError> {
        let (lengths, expected) = match self {
            Self::Rs256 | Self::Ps256 => (
                256..=2048,
                "256 to 2048 bytes, the length of the RSA modulus",
            ),
            Self::Es256 => (64..=64, "64 bytes: r and s as 32 bytes each, not DER"),
        };
        if lengths.contains(&found) {
            return Ok(());
        }
        Err(SignError::SignatureLength {
            algorithm: self,
            found,
            expected,
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
