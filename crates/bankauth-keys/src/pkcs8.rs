//! `OneAsymmetricKey`, the envelope of PKCS#8 keys (RFC 5958 section 2).

use crate::der::{Reader, oid_text, tag, whole_octets};
use crate::ec_key::Curve;
use crate::key_error::KeyErrorKind;
use crate::pss::PssHash;

/// What the envelope says of the key within.
pub(crate) struct PrivateKeyInfo<'a> {
    pub(crate) algorithm: Algorithm<'a>,
    /// `RSAPrivateKey`, `ECPrivateKey` or `CurvePrivateKey`.
    pub(crate) private_key: &'a [u8],
    /// The public key that version 2 may carry along.
    pub(crate) public_key: Option<&'a [u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm<'a> {
    Rsa,
    /// With the `AlgorithmIdentifier` as it stands in the key, which goes wherever the key goes.
    RsaPss {
        hash: PssHash,
        identifier: &'a [u8],
    },
    Ec(Curve),
    Ed25519,
}

impl<'a> PrivateKeyInfo<'a> {
    /// Takes version 1 and version 2, with attributes or without.
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, KeyErrorKind> {
        let envelope = KeyErrorKind::field("PrivateKeyInfo");
        let mut outer = Reader::new(der);
        let mut info = outer.enter(tag::SEQUENCE).map_err(envelope)?;
        let version_field = KeyErrorKind::field("PrivateKeyInfo.version");
        let version = match info.read(tag::INTEGER).map_err(version_field)? {
            [0] => 0,
            [1] => 1,
            _ => {
                return Err(KeyErrorKind::Malformed {
                    field: "PrivateKeyInfo.version",
                    problem: "is neither 0 nor 1",
                });
            }
        };
        let algorithm = algorithm(&mut info)?;
        let private_key = info
            .read(tag::OCTET_STRING)
            .map_err(KeyErrorKind::field("PrivateKeyInfo.privateKey"))?;
        info.read_optional(tag::CONTEXT_0)
            .map_err(KeyErrorKind::field("PrivateKeyInfo.attributes"))?;
        let public_field = KeyErrorKind::field("PrivateKeyInfo.publicKey");
        let public_key = info
            .read_optional(tag::CONTEXT_1_PRIMITIVE)
            .and_then(|content| content.map(whole_octets).transpose())
            .map_err(public_field)?;
        // RFC 5958 section 2: a public key makes it version 2.
        if public_key.is_some() && version == 0 {
            return Err(KeyErrorKind::Malformed {
                field: "PrivateKeyInfo.publicKey",
                problem: "is there although the version is 0",
            });
        }
        info.end().map_err(envelope)?;
        match outer.rest().len() {
            0 => Ok(Self {
                algorithm,
                private_key,
                public_key,
            }),
            count => Err(KeyErrorKind::TrailingBytes { count }),
        }
    }
}

/// Reads the curve's name from `ECParameters` (RFC 5480 section 2.1.1).
pub(crate) fn read_curve(parameters: &mut Reader<'_>) -> Result<Curve, KeyErrorKind> {
    match parameters.peek() {
        Some(tag::OID) => {}
        Some(tag::SEQUENCE) => return Err(KeyErrorKind::ExplicitCurve),
        _ => return Err(KeyErrorKind::MissingCurve),
    }
    let field = KeyErrorKind::field("ECParameters");
    let curve = match parameters.read(tag::OID).map_err(field)? {
        PRIME256V1 => Curve::P256,
        SECP384R1 => Curve::P384,
        SECP521R1 => Curve::P521,
        other => {
            let curve = match other {
                SECP256K1 => "secp256k1".to_owned(),
                other => oid_text(other),
            };
            return Err(KeyErrorKind::UnsupportedCurve { curve });
        }
    };
    parameters.end().map_err(field)?;
    Ok(curve)
}

// RFC 8017 appendix C
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
// RFC 5480 section 2.1.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const SECP521R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
// SEC 2 appendix A.2.1
const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
// RFC 8410 section 3
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];
// RFC 3279 section 2.3.2
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];

fn algorithm<'a>(info: &mut Reader<'a>) -> Result<Algorithm<'a>, KeyErrorKind> {
    let field = KeyErrorKind::field("PrivateKeyInfo.privateKeyAlgorithm");
    let element = info.element().map_err(field)?;
    let mut identifier = Reader::new(element.raw)
        .enter(tag::SEQUENCE)
        .map_err(field)?;
    let name = match identifier.read(tag::OID).map_err(field)? {
        RSA_ENCRYPTION => {
            // RFC 8017 appendix A.1: the parameters are NULL.
            let null = identifier.read(tag::NULL).map_err(field)?;
            Reader::new(null).end().map_err(field)?;
            identifier.end().map_err(field)?;
            return Ok(Algorithm::Rsa);
        }
        RSASSA_PSS => {
            let hash = PssHash::read(&mut identifier)?;
            let identifier = element.raw;
            return Ok(Algorithm::RsaPss { hash, identifier });
        }
        EC_PUBLIC_KEY => return read_curve(&mut identifier).map(Algorithm::Ec),
        ED25519 => {
            // RFC 8410 section 3: the parameters are absent, which NULL is not.
            identifier.end().map_err(field)?;
            return Ok(Algorithm::Ed25519);
        }
        X25519 => "X25519, which is for key agreement".to_owned(),
        ED448 => "Ed448".to_owned(),
        DSA => "DSA".to_owned(),
        other => oid_text(other),
    };
    Err(KeyErrorKind::UnsupportedAlgorithm { algorithm: name })
}
