//! How a passphrase becomes a key: PBKDF2 (RFC 8018 section 5.2) and scrypt (RFC 7914), within limits.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

use crate::der::{Reader, oid_text, tag, unsigned};
use crate::key_error::KeyErrorKind;

/// The derivation with its parameters, all within the limits below.
pub(crate) enum Kdf<'a> {
    Pbkdf2 {
        prf: pbkdf2::Algorithm,
        iterations: NonZeroU32,
        salt: &'a [u8],
    },
    Scrypt {
        parameters: scrypt::Params,
        salt: &'a [u8],
    },
}

impl<'a> Kdf<'a> {
    /// Reads an `AlgorithmIdentifier`, for a key of that length.
    pub(crate) fn read(
        identifier: &mut Reader<'a>,
        key_octets: usize,
    ) -> Result<Self, KeyErrorKind> {
        let field = KeyErrorKind::field("PBES2-params.keyDerivationFunc");
        let oid = identifier.read(tag::OID).map_err(field)?;
        let mut parameters = match oid {
            PBKDF2 | SCRYPT => identifier.enter(tag::SEQUENCE).map_err(field)?,
            other => {
                let found = format!("the key derivation {}", oid_text(other));
                return Err(KeyErrorKind::UnsupportedEncryption { found });
            }
        };
        identifier.end().map_err(field)?;
        let kdf = if oid == PBKDF2 {
            Self::read_pbkdf2(&mut parameters, key_octets)?
        } else {
            Self::read_scrypt(&mut parameters, key_octets)?
        };
        parameters.end().map_err(field)?;
        Ok(kdf)
    }

    /// Fills the key; `None` if the library fails.
    pub(crate) fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Option<()> {
        match self {
            Self::Pbkdf2 {
                prf,
                iterations,
                salt,
            } => pbkdf2::derive(*prf, *iterations, salt, passphrase, key),
            Self::Scrypt { parameters, salt } => {
                scrypt::scrypt(passphrase, salt, parameters, key).ok()?;
            }
        }
        Some(())
    }

    /// `PBKDF2-params` (RFC 8018 appendix A.2).
    fn read_pbkdf2(parameters: &mut Reader<'a>, octets: usize) -> Result<Self, KeyErrorKind> {
        let field = KeyErrorKind::field("PBKDF2-params");
        let salt = parameters.read(tag::OCTET_STRING).map_err(field)?;
        let iterations = number(parameters, "PBKDF2-params.iterationCount")?;
        check_key_length(parameters, "PBKDF2-params.keyLength", octets)?;
        let prf = match parameters.peek() {
            // The default.
            None => pbkdf2::PBKDF2_HMAC_SHA1,
            Some(_) => {
                let mut prf = parameters.enter(tag::SEQUENCE).map_err(field)?;
                let oid = prf.read(tag::OID).map_err(field)?;
                prf.read_optional(tag::NULL).map_err(field)?;
                prf.end().map_err(field)?;
                match oid {
                    HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
                    HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
                    HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
                    HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
                    other => {
                        let found = format!("PBKDF2 with {}", oid_text(other));
                        return Err(KeyErrorKind::UnsupportedEncryption { found });
                    }
                }
            }
        };
        bound("iterations of PBKDF2", iterations, MOST_ITERATIONS)?;
        let iterations = u32::try_from(iterations).ok().and_then(NonZeroU32::new);
        let iterations = iterations.ok_or(KeyErrorKind::Malformed {
            field: "PBKDF2-params.iterationCount",
            problem: "is 0",
        })?;
        Ok(Self::Pbkdf2 {
            prf,
            iterations,
            salt,
        })
    }

    /// `scrypt-params` (RFC 7914 section 7.1).
    fn read_scrypt(parameters: &mut Reader<'a>, octets: usize) -> Result<Self, KeyErrorKind> {
        let salt = parameters
            .read(tag::OCTET_STRING)
            .map_err(KeyErrorKind::field("scrypt-params"))?;
        let n = number(parameters, "scrypt-params.costParameter")?;
        let r = number(parameters, "scrypt-params.blockSize")?;
        let p = number(parameters, "scrypt-params.parallelizationParameter")?;
        check_key_length(parameters, "scrypt-params.keyLength", octets)?;
        let blocks = n.saturating_mul(r);
        // RFC 7914 section 6: N blocks to mix in, and p that are mixed.
        let memory = n.max(p).saturating_mul(r).saturating_mul(128);
        bound("octets of memory for scrypt", memory, MOST_SCRYPT_MEMORY)?;
        let work = blocks.saturating_mul(p);
        bound("steps (N·r·p) of scrypt", work, MOST_SCRYPT_WORK)?;
        let parameters = match (u32::try_from(r), u32::try_from(p)) {
            // RFC 7914 section 2: a power of 2 above 1. By the limits r and p have 22 bits at most.
            (Ok(r), Ok(p)) if n > 1 && n.is_power_of_two() && work > 0 => {
                u8::try_from(n.trailing_zeros())
                    .ok()
                    .and_then(|log_n| scrypt::Params::new(log_n, r, p).ok())
            }
            _ => None,
        };
        let parameters = parameters.ok_or(KeyErrorKind::Malformed {
            field: "scrypt-params",
            problem: "holds numbers that scrypt does not allow",
        })?;
        Ok(Self::Scrypt { parameters, salt })
    }
}

/// RFC 8018 appendix A.2
pub(crate) const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// RFC 8018 appendix B.1.2
pub(crate) const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];

const HMAC_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07];
const HMAC_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a];
const HMAC_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b];
// RFC 7914 section 7
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];

/// Some seconds of work: sixteen times of what is written here, five thousand times of what openssl
/// writes when it is not asked for more.
const MOST_ITERATIONS: u64 = 10_000_000;

/// 64 MiB, twice of what OpenSSL itself is ready to use.
const MOST_SCRYPT_MEMORY: u64 = 64 << 20;

/// As N·r·p, 32 times of what openssl writes.
const MOST_SCRYPT_WORK: u64 = 1 << 22;

/// A number that is far beyond every limit is only known to be so.
fn number(parameters: &mut Reader<'_>, field: &'static str) -> Result<u64, KeyErrorKind> {
    let magnitude = parameters
        .read(tag::INTEGER)
        .and_then(unsigned)
        .map_err(KeyErrorKind::field(field))?;
    Ok(match magnitude.len() {
        0..=8 => magnitude
            .iter()
            .fold(0, |sum, octet| (sum << 8) | u64::from(*octet)),
        _ => u64::MAX,
    })
}

fn check_key_length(
    parameters: &mut Reader<'_>,
    field: &'static str,
    expected: usize,
) -> Result<(), KeyErrorKind> {
    if parameters.peek() != Some(tag::INTEGER) {
        return Ok(());
    }
    let found = number(parameters, field)?;
    if usize::try_from(found) == Ok(expected) {
        return Ok(());
    }
    Err(KeyErrorKind::Malformed {
        field,
        problem: "is not that of the cipher",
    })
}

/// Who writes a file must not decide how long its reader computes.
const fn bound(what: &'static str, found: u64, limit: u64) -> Result<(), KeyErrorKind> {
    if found > limit {
        return Err(KeyErrorKind::CostlyEncryption { what, found, limit });
    }
    Ok(())
}
