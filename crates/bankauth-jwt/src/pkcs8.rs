//! The envelope of a private key (PKCS#8, RFC 5958 section 2).
//!
//! Read here and not by the JOSE library, for three reasons: its reader takes the length fields of a
//! broken file at their word, its errors do not say what key it found, and for PS256 it converts an
//! ordinary RSA key through buffers that it does not wipe. It gets an envelope that is written here.

use std::fmt;

use zeroize::Zeroizing;

use crate::der::{
    BIT_STRING, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, dotted, header_length,
    push_header, take,
};

/// Far above the 9.3 kB of the largest RSA key.
const MAX_BYTES: usize = 16 * 1024;

const NULL: [u8; 2] = [0x05, 0x00];

const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const ED25519: &[u8] = b"\x2b\x65\x70";
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x2b\x81\x04\x00\x23";
const P256_PARAMETERS: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// RSASSA-PSS-params (RFC 4055 section 3.1): SHA-256, MGF1 with SHA-256, salt of 32 bytes.
const PSS_SHA256: &[u8] = b"\x30\x30\xa0\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\
    \xa1\x1a\x30\x18\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\xa2\x03\x02\x01\x20";
/// The same with the NULL that most writers add to a hash (RFC 4055 section 2.1 allows both).
const PSS_SHA256_WITH_NULL: &[u8] =
    b"\x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa2\x03\x02\x01\x20";

/// A private key in its envelope, the key itself not yet read.
pub(crate) struct Pkcs8<'a> {
    pub(crate) kind: KeyKind,
    key: &'a [u8],
}

/// What an envelope says of its key; `Display` names it with its article.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa {
        bits: usize,
    },
    /// May sign with RSASSA-PSS only, and when `other_parameters`, not as PS256.
    RsaPss {
        bits: usize,
        other_parameters: bool,
    },
    P256,
    OtherCurve(String),
    Ed25519,
    Other(String),
}

impl<'a> Pkcs8<'a> {
    /// Reads version 0 and 1; attributes and the public key after the private one are not needed.
    ///
    /// The error describes what was found instead.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, &'static str> {
        if der.len() > MAX_BYTES {
            return Err("more than 16 KiB");
        }
        let mut rest = der;
        let envelope = take(&mut rest, SEQUENCE).filter(|_| rest.is_empty());
        envelope
            .and_then(read_envelope)
            .unwrap_or_else(|| Err(describe(der)))
    }

    /// The key in an envelope for RS256.
    pub(crate) fn for_rsa(&self) -> Zeroizing<Vec<u8>> {
        self.in_envelope(RSA, &NULL)
    }

    /// The key in an envelope that restricts it to PS256.
    pub(crate) fn for_pss_sha256(&self) -> Zeroizing<Vec<u8>> {
        self.in_envelope(RSA_PSS, PSS_SHA256)
    }

    /// The key in an envelope for ES256.
    pub(crate) fn for_p256(&self) -> Zeroizing<Vec<u8>> {
        self.in_envelope(EC, P256_PARAMETERS)
    }

    fn in_envelope(&self, oid: &[u8], parameters: &[u8]) -> Zeroizing<Vec<u8>> {
        let algorithm = 2 + oid.len() + parameters.len();
        let length = 3
            + header_length(algorithm)
            + algorithm
            + header_length(self.key.len())
            + self.key.len();
        // Exact, because a buffer that grows leaves its old contents behind.
        let mut der = Zeroizing::new(Vec::with_capacity(header_length(length) + length));
        push_header(&mut der, SEQUENCE, length);
        der.extend_from_slice(&[INTEGER, 1, 0]);
        push_header(&mut der, SEQUENCE, algorithm);
        push_header(&mut der, OBJECT_IDENTIFIER, oid.len());
        der.extend_from_slice(oid);
        der.extend_from_slice(parameters);
        push_header(&mut der, OCTET_STRING, self.key.len());
        der.extend_from_slice(self.key);
        der
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "an RSA key of {bits} bits"),
            Self::RsaPss {
                bits,
                other_parameters: false,
            } => write!(f, "an RSA-PSS key of {bits} bits"),
            Self::RsaPss {
                bits,
                other_parameters: true,
            } => write!(
                f,
                "an RSA-PSS key of {bits} bits for parameters other than SHA-256 with a salt of 32 bytes"
            ),
            Self::P256 => f.write_str("an EC key on P-256"),
            Self::OtherCurve(curve) => write!(f, "an EC key on {curve}"),
            Self::Ed25519 => f.write_str("an Ed25519 key"),
            Self::Other(oid) => write!(f, "a key of type {oid}"),
        }
    }
}

/// `None` when this is no PKCS#8, an error when it is but its key is broken.
fn read_envelope(mut envelope: &[u8]) -> Option<Result<Pkcs8<'_>, &'static str>> {
    let version = take(&mut envelope, INTEGER)?;
    let mut algorithm = take(&mut envelope, SEQUENCE)?;
    let key = take(&mut envelope, OCTET_STRING)?;
    let oid = take(&mut algorithm, OBJECT_IDENTIFIER)?;
    let parameters = algorithm;
    if !matches!(version, [0 | 1]) {
        return Some(Err("a PKCS#8 private key of an unknown version"));
    }
    let kind = match oid {
        RSA | RSA_PSS => {
            let Some(bits) = modulus_bits(key) else {
                return Some(Err("a PKCS#8 envelope around a broken RSA key"));
            };
            if oid == RSA {
                KeyKind::Rsa { bits }
            } else {
                let known = ["".as_bytes(), PSS_SHA256, PSS_SHA256_WITH_NULL];
                KeyKind::RsaPss {
                    bits,
                    other_parameters: !known.contains(&parameters),
                }
            }
        }
        EC if parameters == P256_PARAMETERS => {
            if !is_p256_key(key) {
                return Some(Err("a PKCS#8 envelope around a broken P-256 key"));
            }
            KeyKind::P256
        }
        EC => KeyKind::OtherCurve(curve(parameters)),
        ED25519 => KeyKind::Ed25519,
        _ => KeyKind::Other(dotted(oid)),
    };
    Some(Ok(Pkcs8 { kind, key }))
}

/// The length of n in an RSAPrivateKey (RFC 8017 appendix A.1.2).
fn modulus_bits(mut key: &[u8]) -> Option<usize> {
    let mut key = take(&mut key, SEQUENCE)?;
    take(&mut key, INTEGER)?;
    let modulus = take(&mut key, INTEGER)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    let (first, others) = modulus[start..].split_first()?;
    Some(others.len() * 8 + 8 - first.leading_zeros() as usize)
}

/// Whether an ECPrivateKey (RFC 5915 section 3) is on P-256: a curve that it names itself would
/// override the one of the envelope.
fn is_p256_key(mut key: &[u8]) -> bool {
    let Some(mut key) = take(&mut key, SEQUENCE) else {
        return false;
    };
    let version = take(&mut key, INTEGER);
    let scalar = take(&mut key, OCTET_STRING);
    let curve = take(&mut key, 0xa0);
    version == Some(&[1])
        && scalar.is_some_and(|scalar| scalar.len() == 32)
        && curve.is_none_or(|curve| curve == P256_PARAMETERS)
}

fn curve(mut parameters: &[u8]) -> String {
    match take(&mut parameters, OBJECT_IDENTIFIER) {
        Some(P384) => "P-384".to_owned(),
        Some(P521) => "P-521".to_owned(),
        Some(oid) => format!("the curve {}", dotted(oid)),
        None => "a curve without a name".to_owned(),
    }
}

/// Names the files that people most often hold instead of PKCS#8 in DER.
fn describe(der: &[u8]) -> &'static str {
    if der.is_empty() {
        return "nothing";
    }
    if der.trim_ascii_start().starts_with(b"-----BEGIN") {
        return "PEM text";
    }
    let mut rest = der;
    let Some(outer) = take(&mut rest, SEQUENCE) else {
        return "something that is not DER or is cut off";
    };
    if !rest.is_empty() {
        return "DER with other bytes after it";
    }
    let first_two = |first: u8, second: u8| {
        let mut rest = outer;
        take(&mut rest, first).is_some() && take(&mut rest, second).is_some()
    };
    if first_two(INTEGER, INTEGER) {
        "an RSA key in PKCS#1"
    } else if first_two(INTEGER, OCTET_STRING) {
        "an EC key in SEC1"
    } else if first_two(SEQUENCE, OCTET_STRING) {
        "an encrypted private key"
    } else if first_two(SEQUENCE, BIT_STRING) {
        "a public key"
    } else if first_two(SEQUENCE, SEQUENCE) {
        "a certificate or a signing request"
    } else {
        "other DER"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RSA_KEY: &[u8] = include_bytes!("../tests/data/rsa2048.pkcs8.der");
    const P256_KEY: &[u8] = include_bytes!("../tests/data/p256.pkcs8.der");

    fn kind(der: &[u8]) -> Result<String, &'static str> {
        Pkcs8::read(der).map(|key| key.kind.to_string())
    }

    #[test]
    fn an_envelope_is_written_as_it_was_read() {
        let key = Pkcs8::read(RSA_KEY).unwrap();
        assert_eq!(key.kind, KeyKind::Rsa { bits: 2048 });
        assert_eq!(&*key.for_rsa(), RSA_KEY);
        assert_eq!(key.for_rsa().len(), key.for_rsa().capacity());

        let key = Pkcs8::read(P256_KEY).unwrap();
        assert_eq!(key.kind, KeyKind::P256);
        assert_eq!(&*key.for_p256(), P256_KEY);
        assert_eq!(key.for_p256().len(), key.for_p256().capacity());
    }

    // RFC 5958 section 2: version 1 adds the public key, and both may have attributes.
    #[test]
    fn attributes_and_public_key_are_left_behind() {
        let mut der = P256_KEY.to_vec();
        der[1..3].copy_from_slice(&[0x81, 0x8d]);
        der[5] = 1;
        der.extend_from_slice(&[0xa0, 0x00, 0x81, 0x02, 0x00, 0x04]);
        let key = Pkcs8::read(&der).unwrap();
        assert_eq!(&*key.for_p256(), P256_KEY);

        der[5] = 2;
        assert_eq!(
            kind(&der),
            Err("a PKCS#8 private key of an unknown version")
        );
    }

    #[test]
    fn a_curve_inside_the_key_must_be_the_one_outside() {
        let inner = |parameters: &[u8]| {
            let mut key = vec![SEQUENCE, 0, INTEGER, 1, 1, OCTET_STRING, 32];
            key.extend_from_slice(&[7; 32]);
            push_header(&mut key, 0xa0, parameters.len());
            key.extend_from_slice(parameters);
            key[1] = u8::try_from(key.len() - 2).unwrap();
            key
        };
        assert!(is_p256_key(&inner(P256_PARAMETERS)));
        assert!(!is_p256_key(&inner(b"\x06\x05\x2b\x81\x04\x00\x22")));
        assert!(!is_p256_key(b""));
    }

    #[test]
    fn the_modulus_is_measured_in_bits() {
        let key = |modulus: &[u8]| {
            let mut key = vec![SEQUENCE, 0, INTEGER, 1, 0];
            push_header(&mut key, INTEGER, modulus.len());
            key.extend_from_slice(modulus);
            key[1] = u8::try_from(key.len() - 2).unwrap();
            key
        };
        assert_eq!(modulus_bits(&key(&[0, 0x80, 0])), Some(16));
        assert_eq!(modulus_bits(&key(&[0x7f, 0])), Some(15));
        assert_eq!(modulus_bits(&key(&[1])), Some(1));
        assert_eq!(modulus_bits(&key(&[0])), None);
        assert_eq!(modulus_bits(&key(&[])), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics(der: Vec<u8>) {
            let _ = kind(&der);
        }

        #[test]
        fn reading_a_changed_key_never_panics(at in 0..RSA_KEY.len(), to: u8, cut in 0..RSA_KEY.len()) {
            let mut der = RSA_KEY.to_vec();
            der[at] = to;
            let _ = kind(&der);
            prop_assert!(kind(&der[..cut]).is_err());
        }
    }
}
