//! RSA: `RSAPrivateKey` (RFC 8017 appendix A.1.2) and the checks before first use.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;

use crate::der::{Reader, tag, unsigned};
use crate::key_error::KeyErrorKind;

/// RFC 7518 section 3.3.
const MIN_BITS: u32 = 2048;

/// The most that the library underneath takes.
const MAX_BITS: u32 = 8192;

pub(crate) fn generate(size: KeySize) -> Result<RsaKeyPair, KeyErrorKind> {
    RsaKeyPair::generate(size).map_err(|_| KeyErrorKind::Generation)
}

/// Checks length and public exponent here, for errors that say what is wrong. That the numbers fit
/// together (n = p·q, d·e = 1 modulo p-1 and q-1, and the three CRT values) is checked underneath.
pub(crate) fn load(der: &[u8]) -> Result<RsaKeyPair, KeyErrorKind> {
    check(der)?;
    RsaKeyPair::from_der(der).map_err(|_| INCONSISTENT)
}

/// The length in bits of the modulus in an `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub(crate) fn modulus_bits(public_key: &[u8]) -> u32 {
    Reader::new(public_key)
        .enter(tag::SEQUENCE)
        .and_then(|mut key| key.read(tag::INTEGER))
        .and_then(unsigned)
        .map_or(0, bits)
}

const INCONSISTENT: KeyErrorKind = KeyErrorKind::Inconsistent { algorithm: "RSA" };

fn check(der: &[u8]) -> Result<(), KeyErrorKind> {
    let mut outer = Reader::new(der);
    let whole = KeyErrorKind::field("RSAPrivateKey");
    let mut key = outer.enter(tag::SEQUENCE).map_err(whole)?;
    match key.read(tag::INTEGER) {
        Ok([0]) => {}
        Ok([1]) => return Err(KeyErrorKind::MultiPrime),
        Ok(_) => {
            return Err(KeyErrorKind::Malformed {
                field: "RSAPrivateKey.version",
                problem: "is not 0",
            });
        }
        Err(problem) => return Err(KeyErrorKind::field("RSAPrivateKey.version")(problem)),
    }
    let mut number = |field| {
        key.read(tag::INTEGER)
            .and_then(unsigned)
            .map_err(KeyErrorKind::field(field))
    };
    let modulus = number("RSAPrivateKey.modulus")?;
    let exponent = number("RSAPrivateKey.publicExponent")?;
    let mut complete = true;
    for field in [
        "RSAPrivateKey.privateExponent",
        "RSAPrivateKey.prime1",
        "RSAPrivateKey.prime2",
        "RSAPrivateKey.exponent1",
        "RSAPrivateKey.exponent2",
        "RSAPrivateKey.coefficient",
    ] {
        complete &= !number(field)?.is_empty();
    }
    key.end().map_err(whole)?;
    if !outer.rest().is_empty() {
        let count = outer.rest().len();
        return Err(KeyErrorKind::TrailingBytes { count });
    }
    match bits(modulus) {
        bits @ ..MIN_BITS => return Err(KeyErrorKind::RsaTooSmall { bits }),
        MIN_BITS..=MAX_BITS => {}
        bits => return Err(KeyErrorKind::RsaTooLarge { bits }),
    }
    check_exponent(exponent)?;
    // A zero among the private numbers marks keys stripped of them, which would escape the checks.
    if complete { Ok(()) } else { Err(INCONSISTENT) }
}

/// RFC 8017 section 3.1: odd and at least 3. The upper end is that of the library underneath; longer
/// exponents serve only to slow down whoever verifies.
fn check_exponent(exponent: &[u8]) -> Result<(), KeyErrorKind> {
    let found = if exponent.len() > 8 {
        format!("{} bits long", bits(exponent))
    } else {
        let value = exponent
            .iter()
            .fold(0_u64, |sum, octet| (sum << 8) | u64::from(*octet));
        if value % 2 == 1 && (3..1 << 33).contains(&value) {
            return Ok(());
        }
        value.to_string()
    };
    Err(KeyErrorKind::RsaExponent { found })
}

fn bits(magnitude: &[u8]) -> u32 {
    let Some(first) = magnitude.first() else {
        return 0;
    };
    // Beyond half a gigabyte the exact length no longer matters.
    let octets = u32::try_from(magnitude.len()).unwrap_or(u32::MAX);
    octets.saturating_mul(8) - first.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build;

    const PEM: &[u8] = include_bytes!("../tests/data/rsa.pkcs1.pem");

    /// The nine numbers of the test key.
    fn numbers() -> Vec<Vec<u8>> {
        let der = crate::pem::blocks(PEM).unwrap()[0].decode().unwrap();
        let mut key = Reader::new(&der).enter(tag::SEQUENCE).unwrap();
        (0..9)
            .map(|_| key.read(tag::INTEGER).unwrap().to_vec())
            .collect()
    }

    fn load_numbers(numbers: &[Vec<u8>]) -> Result<RsaKeyPair, KeyErrorKind> {
        let parts: Vec<_> = numbers
            .iter()
            .map(|number| build::element(tag::INTEGER, number))
            .collect();
        load(&build::element(tag::SEQUENCE, &parts.concat()))
    }

    // RFC 8017 section 3.2; RFC 8725 section 3.4
    #[test]
    fn one_bit_flipped_in_any_number_is_refused() {
        let good = numbers();
        assert!(load_numbers(&good).is_ok());
        for index in [1, 3, 4, 5, 6, 7, 8] {
            for at in [good[index].len() / 2, good[index].len() - 1] {
                let mut bad = good.clone();
                bad[index][at] ^= 0x10;
                let error = load_numbers(&bad).unwrap_err();
                assert!(
                    matches!(error, KeyErrorKind::Inconsistent { .. }),
                    "{index}: {error}"
                );
            }
        }
    }

    #[test]
    fn a_number_left_out_as_zero_is_refused() {
        for zeroes in [&[8][..], &[6, 7, 8], &[4, 5, 6, 7, 8], &[3]] {
            let mut bad = numbers();
            for index in zeroes {
                bad[*index] = vec![0];
            }
            let error = load_numbers(&bad).unwrap_err();
            assert!(
                matches!(error, KeyErrorKind::Inconsistent { .. }),
                "{zeroes:?}: {error}"
            );
        }
    }

    // RFC 8017 section 3.1
    #[test]
    fn the_public_exponent_is_odd_and_at_least_three() {
        for (exponent, message) in [
            (&[0][..], "is 0,"),
            (&[1], "is 1,"),
            (&[2], "is 2,"),
            (&[1, 0, 0], "is 65536,"),
            (&[2, 0, 0, 0, 1], "is 8589934593,"),
            (&[1; 9], "is 65 bits long,"),
        ] {
            let mut bad = numbers();
            bad[2] = exponent.to_vec();
            let text = load_numbers(&bad).unwrap_err().to_string();
            assert!(text.contains(message), "{text}");
        }
        // Another odd exponent passes this check and then fails the next: it belongs to another key.
        let mut other = numbers();
        other[2] = vec![17];
        let error = load_numbers(&other).unwrap_err();
        assert!(matches!(error, KeyErrorKind::Inconsistent { .. }));
    }

    #[test]
    fn the_structure_is_held_to() {
        let mut version_1 = numbers();
        version_1[0] = vec![1];
        assert!(matches!(
            load_numbers(&version_1),
            Err(KeyErrorKind::MultiPrime)
        ));
        let mut version_2 = numbers();
        version_2[0] = vec![2];
        let mut negative = numbers();
        negative[1][0] = 0x80;
        let mut long = numbers();
        long.push(vec![1]);
        for (bad, message) in [
            (&version_2[..], "RSAPrivateKey.version is not 0"),
            (
                &negative,
                "RSAPrivateKey.modulus is not a non-negative integer in its shortest form",
            ),
            (
                &long,
                "RSAPrivateKey is followed by octets that do not belong there",
            ),
            (&numbers()[..8], "RSAPrivateKey.coefficient ends too early"),
        ] {
            let text = load_numbers(bad).unwrap_err().to_string();
            assert_eq!(text, format!("the private key is damaged: {message}"));
        }
        let mut large = numbers();
        large[1] = vec![0x01; 1025];
        assert_eq!(
            load_numbers(&large).unwrap_err().to_string(),
            "the RSA key has 8193 bits, expected at most 8192"
        );
    }
}
