//! Elliptic curves: `ECPrivateKey` (RFC 5915 section 3) and the checks before first use.

use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _,
};

use crate::der::{Reader, tag, whole_octets};
use crate::key_error::KeyErrorKind;
use crate::pkcs8::read_curve;

/// The curves that JOSE and X.509 share (RFC 7518 section 6.2.1.1, RFC 5480 section 2.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Each with the hash of its own strength (RFC 5480 section 4).
    fn algorithm(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        }
    }

    const fn inconsistent(self) -> KeyErrorKind {
        let algorithm = self.as_str();
        KeyErrorKind::Inconsistent { algorithm }
    }
}

pub(crate) fn generate(curve: Curve) -> Result<EcdsaKeyPair, KeyErrorKind> {
    EcdsaKeyPair::generate(curve.algorithm()).map_err(|_| KeyErrorKind::Generation)
}

/// Loads a key whose envelope named the curve. The key may name it again.
pub(crate) fn load_within_pkcs8(curve: Curve, der: &[u8]) -> Result<EcdsaKeyPair, KeyErrorKind> {
    match read(der)? {
        Some(other) if other != curve => Err(KeyErrorKind::Malformed {
            field: "ECPrivateKey.parameters",
            problem: "names another curve than PrivateKeyInfo.privateKeyAlgorithm",
        }),
        _ => load_checked(curve, der),
    }
}

/// Loads a key that stands alone and so has to name its curve itself (RFC 5915 section 3).
pub(crate) fn load(der: &[u8]) -> Result<(Curve, EcdsaKeyPair), KeyErrorKind> {
    let curve = read(der)?.ok_or(KeyErrorKind::MissingCurve)?;
    Ok((curve, load_checked(curve, der)?))
}

/// That the scalar is in range and the point is its own is checked underneath (RFC 5480 section 2.2).
fn load_checked(curve: Curve, der: &[u8]) -> Result<EcdsaKeyPair, KeyErrorKind> {
    let algorithm = curve.algorithm();
    let inconsistent = || curve.inconsistent();
    let pair = EcdsaKeyPair::from_private_key_der(algorithm, der).map_err(|_| inconsistent())?;
    // Rebuilt from its numbers: a pair remembers whether its input had a public key, and in which
    // form, and would write it that way again.
    let scalar: EcPrivateKeyBin<'_> = pair
        .private_key()
        .as_be_bytes()
        .map_err(|_| inconsistent())?;
    let point = pair.public_key().as_ref();
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar.as_ref(), point)
        .map_err(|_| inconsistent())
}

/// Holds the key to its structure, and gives the curve if it names one.
fn read(der: &[u8]) -> Result<Option<Curve>, KeyErrorKind> {
    let whole = KeyErrorKind::field("ECPrivateKey");
    let mut outer = Reader::new(der);
    let mut key = outer.enter(tag::SEQUENCE).map_err(whole)?;
    match key.read(tag::INTEGER) {
        Ok([1]) => {}
        Ok(_) => {
            return Err(KeyErrorKind::Malformed {
                field: "ECPrivateKey.version",
                problem: "is not 1",
            });
        }
        Err(problem) => return Err(KeyErrorKind::field("ECPrivateKey.version")(problem)),
    }
    key.read(tag::OCTET_STRING)
        .map_err(KeyErrorKind::field("ECPrivateKey.privateKey"))?;
    let parameters = key
        .read_optional(tag::CONTEXT_0)
        .map_err(KeyErrorKind::field("ECPrivateKey.parameters"))?;
    let curve = parameters
        .map(|parameters| read_curve(&mut Reader::new(parameters)))
        .transpose()?;
    let public_field = KeyErrorKind::field("ECPrivateKey.publicKey");
    if let Some(public_key) = key.read_optional(tag::CONTEXT_1).map_err(public_field)? {
        let mut public_key = Reader::new(public_key);
        public_key
            .read(tag::BIT_STRING)
            .and_then(whole_octets)
            .and_then(|_| public_key.end())
            .map_err(public_field)?;
    }
    key.end().map_err(whole)?;
    match outer.rest().len() {
        0 => Ok(curve),
        count => Err(KeyErrorKind::TrailingBytes { count }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build;

    const PEM: &[u8] = include_bytes!("../tests/data/ec.sec1.pem");

    struct Parts {
        scalar: Vec<u8>,
        parameters: Vec<u8>,
        point: Vec<u8>,
    }

    impl Parts {
        /// Those of the test key.
        fn read() -> Self {
            let blocks = crate::pem::blocks(PEM).unwrap();
            let der = blocks[1].decode().unwrap();
            let mut key = Reader::new(&der).enter(tag::SEQUENCE).unwrap();
            key.read(tag::INTEGER).unwrap();
            let scalar = key.read(tag::OCTET_STRING).unwrap().to_vec();
            let parameters = key.read(tag::CONTEXT_0).unwrap().to_vec();
            let mut public = key.enter(tag::CONTEXT_1).unwrap();
            let point = whole_octets(public.read(tag::BIT_STRING).unwrap())
                .unwrap()
                .to_vec();
            Self {
                scalar,
                parameters,
                point,
            }
        }

        fn der(&self) -> Vec<u8> {
            let bits = [&[0][..], &self.point].concat();
            let public = build::element(tag::BIT_STRING, &bits);
            build::sequence(&[
                &[0x02, 0x01, 0x01],
                &build::element(tag::OCTET_STRING, &self.scalar),
                &build::element(tag::CONTEXT_0, &self.parameters),
                &build::element(tag::CONTEXT_1, &public),
            ])
        }

        fn without_point(&self) -> Vec<u8> {
            build::sequence(&[
                &[0x02, 0x01, 0x01],
                &build::element(tag::OCTET_STRING, &self.scalar),
                &build::element(tag::CONTEXT_0, &self.parameters),
            ])
        }
    }

    fn pkcs8(pair: &EcdsaKeyPair) -> Vec<u8> {
        pair.to_pkcs8v1().unwrap().as_ref().to_vec()
    }

    // SEC 1 section 2.3.3: the point may be compressed; RFC 5915 section 3: it may be left out
    #[test]
    fn the_form_of_the_public_key_leaves_no_trace() {
        let parts = Parts::read();
        let expected = pkcs8(&load(&parts.der()).unwrap().1);
        assert_eq!(pkcs8(&load(&parts.without_point()).unwrap().1), expected);
        let mut compressed = Parts::read();
        compressed.point.truncate(33);
        compressed.point[0] = 2 + (parts.point[64] & 1);
        assert_eq!(pkcs8(&load(&compressed.der()).unwrap().1), expected);
    }

    // RFC 7518 section 6.2; RFC 5480 section 2.2
    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        let mut off_curve = Parts::read();
        off_curve.point[40] ^= 1;
        let mut infinity = Parts::read();
        infinity.point = vec![0];
        let mut other_scalar = Parts::read();
        other_scalar.scalar[20] ^= 1;
        let mut zero = Parts::read();
        zero.scalar = vec![0; 32];
        let mut beyond_order = Parts::read();
        beyond_order.scalar = vec![0xff; 32];
        for bad in [
            off_curve.der(),
            infinity.der(),
            other_scalar.der(),
            zero.der(),
            zero.without_point(),
            beyond_order.without_point(),
        ] {
            let error = load(&bad).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the parts of the P-256 key do not fit together; restore the key from a copy"
            );
        }
    }

    #[test]
    fn a_key_that_stands_alone_names_its_curve() {
        let parts = Parts::read();
        let bare = build::sequence(&[
            &[0x02, 0x01, 0x01],
            &build::element(tag::OCTET_STRING, &parts.scalar),
        ]);
        assert!(matches!(load(&bare), Err(KeyErrorKind::MissingCurve)));
        assert!(load_within_pkcs8(Curve::P256, &bare).is_ok());
        let mut null = Parts::read();
        null.parameters = vec![tag::NULL, 0];
        assert!(matches!(load(&null.der()), Err(KeyErrorKind::MissingCurve)));
    }

    #[test]
    fn both_names_of_the_curve_are_the_same() {
        let der = Parts::read().der();
        assert!(load_within_pkcs8(Curve::P256, &der).is_ok());
        assert_eq!(
            load_within_pkcs8(Curve::P384, &der)
                .unwrap_err()
                .to_string(),
            "the private key is damaged: ECPrivateKey.parameters names another curve than \
             PrivateKeyInfo.privateKeyAlgorithm"
        );
    }

    // RFC 7518 section 6.2.1: the numbers of one curve under the name of another
    #[test]
    fn numbers_of_another_curve_are_refused() {
        for other in [
            &[0x2b, 0x81, 0x04, 0x00, 0x22],
            &[0x2b, 0x81, 0x04, 0x00, 0x23],
        ] {
            let mut renamed = Parts::read();
            renamed.parameters = build::element(tag::OID, other);
            let error = load(&renamed.der()).unwrap_err();
            assert!(
                matches!(error, KeyErrorKind::Inconsistent { .. }),
                "{error}"
            );
        }
    }

    // RFC 5480 section 2.2: the scalar is from 1 to n - 1
    #[test]
    fn the_scalar_is_in_the_range_of_its_curve() {
        for (curve, octets) in [(Curve::P256, 32), (Curve::P384, 48), (Curve::P521, 66)] {
            let key = |scalar: &[u8]| {
                let scalar = build::element(tag::OCTET_STRING, scalar);
                load_within_pkcs8(curve, &build::sequence(&[&[0x02, 0x01, 0x01], &scalar]))
            };
            let mut one = vec![0; octets];
            one[octets - 1] = 1;
            assert!(key(&one).is_ok(), "{curve:?}");
            for bad in [vec![0; octets], vec![0xff; octets], vec![]] {
                let error = key(&bad).unwrap_err();
                assert!(
                    matches!(error, KeyErrorKind::Inconsistent { .. }),
                    "{curve:?}: {error}"
                );
            }
        }
    }
}
