//! The algorithms by which certificates and requests are signed.

use std::fmt;

use aws_lc_rs::signature::{self, VerificationAlgorithm};

use crate::der::tag;
use crate::encode::{element, sequence};
use crate::key_kind::KeyKind;

/// An algorithm that signs certificates and requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055 section 5).
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaSha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-256 for message and mask and a salt of 32 octets (RFC 4055 section 3.1).
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 octets.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 octets.
    RsaPssSha512,
    /// ECDSA with SHA-256, on P-256 (RFC 5758 section 3.2).
    EcdsaSha256,
    /// ECDSA with SHA-384, on P-384.
    EcdsaSha384,
    /// ECDSA with SHA-512, on P-521.
    EcdsaSha512,
    /// Ed25519 (RFC 8410 section 3).
    Ed25519,
}

impl SignatureAlgorithm {
    /// The `AlgorithmIdentifier`, with exactly the parameters that its standard has.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let pkcs1 = |last| with_null(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last]);
        let ecdsa = |last| alone(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last]);
        match self {
            Self::RsaSha256 => pkcs1(11),
            Self::RsaSha384 => pkcs1(12),
            Self::RsaSha512 => pkcs1(13),
            Self::RsaPssSha256 => pss(1, 32),
            Self::RsaPssSha384 => pss(2, 48),
            Self::RsaPssSha512 => pss(3, 64),
            Self::EcdsaSha256 => ecdsa(2),
            Self::EcdsaSha384 => ecdsa(3),
            Self::EcdsaSha512 => ecdsa(4),
            Self::Ed25519 => alone(&[0x2b, 0x65, 0x70]),
        }
    }

    pub(crate) fn from_identifier(identifier: &[u8]) -> Option<Self> {
        [
            Self::RsaSha256,
            Self::RsaSha384,
            Self::RsaSha512,
            Self::RsaPssSha256,
            Self::RsaPssSha384,
            Self::RsaPssSha512,
            Self::EcdsaSha256,
            Self::EcdsaSha384,
            Self::EcdsaSha512,
            Self::Ed25519,
        ]
        .into_iter()
        .find(|algorithm| algorithm.identifier() == identifier)
    }

    pub(crate) fn fits(self, kind: KeyKind) -> bool {
        match self {
            Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512 => {
                matches!(kind, KeyKind::Rsa { .. })
            }
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => {
                matches!(kind, KeyKind::Rsa { .. } | KeyKind::RsaPss { .. })
            }
            Self::EcdsaSha256 => kind == KeyKind::P256,
            Self::EcdsaSha384 => kind == KeyKind::P384,
            Self::EcdsaSha512 => kind == KeyKind::P521,
            Self::Ed25519 => kind == KeyKind::Ed25519,
        }
    }

    pub(crate) fn verifier(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::RsaSha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::RsaSha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::RsaPssSha256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::RsaPssSha384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::RsaPssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
            Self::EcdsaSha256 => &signature::ECDSA_P256_SHA256_ASN1,
            Self::EcdsaSha384 => &signature::ECDSA_P384_SHA384_ASN1,
            Self::EcdsaSha512 => &signature::ECDSA_P521_SHA512_ASN1,
            Self::Ed25519 => &signature::ED25519,
        }
    }

    /// The octets of r, and of s, if this is ECDSA.
    pub(crate) const fn number_length(self) -> Option<usize> {
        match self {
            Self::EcdsaSha256 => Some(32),
            Self::EcdsaSha384 => Some(48),
            Self::EcdsaSha512 => Some(66),
            _ => None,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RsaSha256 => "RSA with SHA-256",
            Self::RsaSha384 => "RSA with SHA-384",
            Self::RsaSha512 => "RSA with SHA-512",
            Self::RsaPssSha256 => "RSASSA-PSS with SHA-256",
            Self::RsaPssSha384 => "RSASSA-PSS with SHA-384",
            Self::RsaPssSha512 => "RSASSA-PSS with SHA-512",
            Self::EcdsaSha256 => "ECDSA with SHA-256",
            Self::EcdsaSha384 => "ECDSA with SHA-384",
            Self::EcdsaSha512 => "ECDSA with SHA-512",
            Self::Ed25519 => "Ed25519",
        })
    }
}

fn alone(oid: &[u8]) -> Vec<u8> {
    sequence(&[&element(tag::OID, oid)])
}

fn with_null(oid: &[u8]) -> Vec<u8> {
    sequence(&[&element(tag::OID, oid), &[tag::NULL, 0]])
}

/// RFC 4055 sections 2.1, 2.2 and 3.1; the trailer has its default.
fn pss(hash: u8, salt: u8) -> Vec<u8> {
    let hash = with_null(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, hash]);
    let mgf1 = element(tag::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]);
    let parameters = sequence(&[
        &element(0xa0, &hash),
        &element(0xa1, &sequence(&[&mgf1, &hash])),
        &element(0xa2, &[tag::INTEGER, 1, salt]),
    ]);
    let oid = element(tag::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]);
    sequence(&[&oid, &parameters])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::hex;

    // RFC 4055 sections 3.1 and 5, RFC 5758 section 3.2, RFC 8410 section 3
    #[test]
    fn identifiers_have_the_parameters_of_their_standard() {
        let hex = |algorithm: SignatureAlgorithm| hex(&algorithm.identifier());
        insta::assert_snapshot!(hex(SignatureAlgorithm::RsaSha256), @"300d06092a864886f70d01010b0500");
        insta::assert_snapshot!(hex(SignatureAlgorithm::RsaPssSha256), @"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120");
        insta::assert_snapshot!(hex(SignatureAlgorithm::EcdsaSha256), @"300a06082a8648ce3d040302");
        insta::assert_snapshot!(hex(SignatureAlgorithm::Ed25519), @"300506032b6570");
    }
}
