//! Ed25519: `CurvePrivateKey` (RFC 8410 section 7).

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::der::{Reader, tag};
use crate::key_error::KeyErrorKind;

/// RFC 8032 section 5.1.5.
const SEED_OCTETS: usize = 32;

pub(crate) fn generate() -> Result<Ed25519KeyPair, KeyErrorKind> {
    Ed25519KeyPair::generate().map_err(|_| KeyErrorKind::Generation)
}

/// Every string of 32 octets is a key, so only the length can be checked.
pub(crate) fn load_within_pkcs8(der: &[u8]) -> Result<Ed25519KeyPair, KeyErrorKind> {
    let field = KeyErrorKind::field("CurvePrivateKey");
    let mut outer = Reader::new(der);
    let seed = outer.read(tag::OCTET_STRING).map_err(field)?;
    outer.end().map_err(field)?;
    if seed.len() != SEED_OCTETS {
        return Err(KeyErrorKind::Malformed {
            field: "CurvePrivateKey",
            problem: "is not 32 octets long",
        });
    }
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyErrorKind::Inconsistent {
        algorithm: "Ed25519",
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair as _;

    use super::*;
    use crate::der::build;

    // RFC 8410 section 7
    #[test]
    fn a_seed_has_32_octets_in_a_string_of_its_own() {
        let message = |der: &[u8]| load_within_pkcs8(der).unwrap_err().to_string();
        for length in [0, 31, 33, 64] {
            assert_eq!(
                message(&build::element(tag::OCTET_STRING, &vec![7; length])),
                "the private key is damaged: CurvePrivateKey is not 32 octets long"
            );
        }
        assert_eq!(
            message(&[7; 32]),
            "the private key is damaged: CurvePrivateKey is missing or of another type"
        );
        let mut long = build::element(tag::OCTET_STRING, &[7; 32]);
        long.push(0);
        assert_eq!(
            message(&long),
            "the private key is damaged: CurvePrivateKey is followed by octets that do not belong there"
        );
    }

    // RFC 8032 section 7.1, TEST 1
    #[test]
    fn the_public_key_is_that_of_the_seed() {
        let octets = |text: &str| -> Vec<u8> {
            (0..text.len() / 2)
                .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
                .collect()
        };
        let seed = octets("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let pair = load_within_pkcs8(&build::element(tag::OCTET_STRING, &seed)).unwrap();
        assert_eq!(
            pair.public_key().as_ref(),
            octets("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        );
    }
}
