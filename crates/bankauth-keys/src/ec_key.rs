//! P-256: `ECPrivateKey` (RFC 5915 section 3) and the checks before first use.

use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING as P256, EcdsaKeyPair, KeyPair as _};

use crate::der::{Reader, tag, whole_octets};
use crate::key_error::KeyErrorKind;
use crate::pkcs8::check_curve;

pub(crate) fn generate() -> Result<EcdsaKeyPair, KeyErrorKind> {
    EcdsaKeyPair::generate(&P256).map_err(|_| KeyErrorKind::Generation)
}

/// Loads a key whose envelope named the curve.
pub(crate) fn load_within_pkcs8(der: &[u8]) -> Result<EcdsaKeyPair, KeyErrorKind> {
    check(der, false)?;
    load_checked(der)
}

/// Loads a key that stands alone and so has to name its curve itself (RFC 5915 section 3).
pub(crate) fn load(der: &[u8]) -> Result<EcdsaKeyPair, KeyErrorKind> {
    check(der, true)?;
    load_checked(der)
}

const INCONSISTENT: KeyErrorKind = KeyErrorKind::Inconsistent { algorithm: "P-256" };

/// That the scalar is in range and the point is its own is checked underneath (RFC 5480 section 2.2).
fn load_checked(der: &[u8]) -> Result<EcdsaKeyPair, KeyErrorKind> {
    let pair = EcdsaKeyPair::from_private_key_der(&P256, der).map_err(|_| INCONSISTENT)?;
    // Rebuilt from its numbers: a pair remembers whether its input had a public key, and in which
    // form, and would write it that way again.
    let scalar: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(|_| INCONSISTENT)?;
    let point = pair.public_key().as_ref();
    EcdsaKeyPair::from_private_key_and_public_key(&P256, scalar.as_ref(), point)
        .map_err(|_| INCONSISTENT)
}

fn check(der: &[u8], alone: bool) -> Result<(), KeyErrorKind> {
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
    match parameters {
        Some(parameters) => check_curve(&mut Reader::new(parameters))?,
        None if alone => return Err(KeyErrorKind::MissingCurve),
        None => {}
    }
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
        0 => Ok(()),
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
        let expected = pkcs8(&load(&parts.der()).unwrap());
        assert_eq!(pkcs8(&load(&parts.without_point()).unwrap()), expected);
        let mut compressed = Parts::read();
        compressed.point.truncate(33);
        compressed.point[0] = 2 + (parts.point[64] & 1);
        assert_eq!(pkcs8(&load(&compressed.der()).unwrap()), expected);
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
        assert!(load_within_pkcs8(&bare).is_ok());
        let mut null = Parts::read();
        null.parameters = vec![tag::NULL, 0];
        assert!(matches!(load(&null.der()), Err(KeyErrorKind::MissingCurve)));
    }
}
