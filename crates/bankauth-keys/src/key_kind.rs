//! What keys there are.

use std::fmt;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// An RSA key (RFC 8017).
    Rsa {
        /// The length of its modulus in bits.
        bits: u32,
    },
    /// A key on the curve P-256, also called prime256v1 and secp256r1 (RFC 5480 section 2.1.1.1).
    P256,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::P256 => f.write_str("P-256"),
        }
    }
}

/// What key to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySpec {
    /// RSA with 2048 bits, what banks ask for most.
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
    /// The curve P-256.
    P256,
}
