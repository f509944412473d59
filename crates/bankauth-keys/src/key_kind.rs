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
    /// An RSA key that names RSASSA-PSS as its algorithm and may sign in no other way (RFC 4055
    /// section 1.2): with `PS256` and its like, never with `RS256`.
    RsaPss {
        /// The length of its modulus in bits.
        bits: u32,
    },
    /// A key on the curve P-256, also called prime256v1 and secp256r1 (RFC 5480 section 2.1.1.1).
    P256,
    /// A key on the curve P-384, also called secp384r1 (RFC 5480 section 2.1.1.1).
    P384,
    /// A key on the curve P-521, also called secp521r1 (RFC 5480 section 2.1.1.1).
    P521,
    /// An Ed25519 key (RFC 8032 section 5.1).
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::RsaPss { bits } => write!(f, "RSA {bits} for RSASSA-PSS only"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
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
    /// The curve P-384.
    P384,
    /// The curve P-521.
    P521,
    /// Ed25519.
    Ed25519,
}
