//! What kind of key a certificate or request holds.

use crate::der::{Problem, Reader, oid_text, tag, whole_octets};
use crate::key_kind::KeyKind;
use crate::pss::PssHash;
use crate::rsa_key;

/// A `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), taken apart.
#[derive(Clone, Copy)]
pub(crate) struct PublicKeyInfo<'a> {
    algorithm: &'a [u8],
    parameters: &'a [u8],
    /// The curve, if the algorithm's parameters are an identifier.
    curve: Option<&'a [u8]>,
    /// The key itself: an `RSAPublicKey`, a point, or the octets of Ed25519.
    pub(crate) bits: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Problem> {
        let mut outer = Reader::new(der);
        let mut info = outer.enter(tag::SEQUENCE)?;
        outer.end()?;
        let mut identifier = info.enter(tag::SEQUENCE)?;
        let algorithm = identifier.read(tag::OID)?;
        let parameters = identifier.rest();
        let curve = identifier.read_optional(tag::OID)?;
        let bits = info.read(tag::BIT_STRING).and_then(whole_octets)?;
        info.end()?;
        Ok(Self {
            algorithm,
            parameters,
            curve,
            bits,
        })
    }

    /// `None` if it is of no kind that keys here can be of.
    pub(crate) fn kind(&self) -> Option<KeyKind> {
        let bits = || rsa_key::modulus_bits(self.bits);
        match (self.algorithm, self.curve) {
            (RSA_ENCRYPTION, None) => Some(KeyKind::Rsa { bits: bits() }),
            (RSASSA_PSS, None) => Some(KeyKind::RsaPss { bits: bits() }),
            (EC_PUBLIC_KEY, Some(PRIME256V1)) => Some(KeyKind::P256),
            (EC_PUBLIC_KEY, Some(SECP384R1)) => Some(KeyKind::P384),
            (EC_PUBLIC_KEY, Some(SECP521R1)) => Some(KeyKind::P521),
            (ED25519, None) => Some(KeyKind::Ed25519),
            _ => None,
        }
    }

    /// The hash that a key for RSASSA-PSS only is held to.
    pub(crate) fn pss_hash(&self) -> Option<PssHash> {
        if self.algorithm == RSASSA_PSS {
            PssHash::read(&mut Reader::new(self.parameters)).ok()
        } else {
            None
        }
    }

    /// The kind in words, for any key.
    pub(crate) fn description(&self) -> String {
        match (self.kind(), self.algorithm, self.curve) {
            (Some(kind), ..) => kind.to_string(),
            (None, EC_PUBLIC_KEY, Some(curve)) => format!("on the curve {}", oid_text(curve)),
            (None, EC_PUBLIC_KEY, None) => "on a curve without name".to_owned(),
            (None, ED448, _) => "Ed448".to_owned(),
            (None, other, _) => format!("of the algorithm {}", oid_text(other)),
        }
    }
}

/// Whether the first holds the point of the second in compressed form, which RFC 5480 section 2.2 allows
/// as well.
pub(crate) fn is_compressed(first: &[u8], second: &[u8]) -> bool {
    let (Some((algorithm, short)), Some((same_algorithm, [4, long @ ..]))) =
        (algorithm_and_bits(first), algorithm_and_bits(second))
    else {
        return false;
    };
    // SEC 1 section 2.3.3: in full 04 x y, compressed 02 x or 03 x by the parity of y.
    let (x, y) = long.split_at(long.len() / 2);
    let sign = 2 + (y.last().copied().unwrap_or(0) & 1);
    algorithm == same_algorithm && short.split_first() == Some((&sign, x))
}

/// The two parts of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
fn algorithm_and_bits(public_key: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Reader::new(public_key).enter(tag::SEQUENCE).ok()?;
    let algorithm = key.read(tag::SEQUENCE).ok()?;
    let bits = key.read(tag::BIT_STRING).and_then(whole_octets).ok()?;
    Some((algorithm, bits))
}

// RFC 8017 appendix C
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
// RFC 5480 section 2.1.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const SECP384R1: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const SECP521R1: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
// RFC 8410 section 3
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{element, sequence};

    fn info(algorithm: &[u8], parameters: &[u8]) -> Vec<u8> {
        let identifier = sequence(&[&element(tag::OID, algorithm), parameters]);
        sequence(&[&identifier, &element(tag::BIT_STRING, &[0, 4, 1])])
    }

    #[test]
    fn kinds_are_told_apart() {
        let describe = |der: &[u8]| PublicKeyInfo::read(der).unwrap().description();
        let curve = |oid| info(EC_PUBLIC_KEY, &element(tag::OID, oid));
        assert_eq!(describe(&curve(PRIME256V1)), "P-256");
        assert_eq!(describe(&curve(SECP384R1)), "P-384");
        assert_eq!(describe(&curve(SECP521R1)), "P-521");
        assert_eq!(
            describe(&curve(&[0x2b, 0x81, 4, 0, 10])),
            "on the curve 1.3.132.0.10"
        );
        let explicit = info(EC_PUBLIC_KEY, &sequence(&[]));
        assert_eq!(describe(&explicit), "on a curve without name");
        assert_eq!(describe(&info(ED25519, &[])), "Ed25519");
        assert_eq!(describe(&info(ED448, &[])), "Ed448");
        assert_eq!(describe(&info(&[0x2a, 3], &[])), "of the algorithm 1.2.3");
        assert!(PublicKeyInfo::read(&[0x30, 0]).is_err());
    }
}
