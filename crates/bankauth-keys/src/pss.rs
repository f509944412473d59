//! `RSASSA-PSS-params` (RFC 4055 section 3.1): what a key that is for RSASSA-PSS only allows.

use aws_lc_rs::signature::{RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaSignatureEncoding};

use crate::der::{Problem, Reader, oid_text, tag, unsigned};
use crate::key_error::KeyErrorKind;

/// The hash that a key is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PssHash {
    Sha256,
    Sha384,
    Sha512,
}

impl PssHash {
    /// Reads what follows the algorithm's OID. Without parameters the key may be used with any hash
    /// (RFC 4055 section 3.1), of which SHA-256 is taken.
    pub(crate) fn read(identifier: &mut Reader<'_>) -> Result<Self, KeyErrorKind> {
        let field = KeyErrorKind::field("RSASSA-PSS-params");
        if identifier.peek().is_none() {
            return Ok(Self::Sha256);
        }
        let mut parameters = identifier.enter(tag::SEQUENCE).map_err(field)?;
        identifier.end().map_err(field)?;
        let hash = match parameters.read_optional(HASH).map_err(field)? {
            Some(content) => hash(content).map_err(field)??,
            None => return Err(unusable("SHA-1 (the default of its parameters)")),
        };
        let mask = match parameters.read_optional(MASK).map_err(field)? {
            Some(content) => mask_hash(content).map_err(field)??,
            None => {
                return Err(unusable(
                    "SHA-1 in its mask (the default of its parameters)",
                ));
            }
        };
        if mask != hash {
            return Err(unusable(
                "one hash for the message and another for the mask",
            ));
        }
        // RFC 4055 section 3.1: the least that a salt must have; what is signed here has that of the hash.
        let salt = parameters.read_optional(SALT).map_err(field)?;
        let salt = salt.map_or(Ok(DEFAULT_SALT), salt_length).map_err(field)?;
        if salt > hash.length() {
            return Err(unusable("a salt that is longer than the hash"));
        }
        match parameters.read_optional(TRAILER).map_err(field)? {
            None | Some([tag::INTEGER, 1, 1]) => {}
            Some(_) => return Err(unusable("another trailer than 0xbc")),
        }
        parameters.end().map_err(field)?;
        Ok(hash)
    }

    pub(crate) fn encoding(self) -> &'static RsaSignatureEncoding {
        match self {
            Self::Sha256 => &RSA_PSS_SHA256,
            Self::Sha384 => &RSA_PSS_SHA384,
            Self::Sha512 => &RSA_PSS_SHA512,
        }
    }

    const fn length(self) -> u64 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// RFC 4055 section 3.1
const DEFAULT_SALT: u64 = 20;

const HASH: u8 = 0xa0;
const MASK: u8 = 0xa1;
const SALT: u8 = 0xa2;
const TRAILER: u8 = 0xa3;

// RFC 4055 section 2.1
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];
// RFC 4055 section 2.2
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];

type Read<T> = Result<Result<T, KeyErrorKind>, Problem>;

fn unusable(found: &str) -> KeyErrorKind {
    let found = found.to_owned();
    KeyErrorKind::UnsupportedPss { found }
}

/// `HashAlgorithm`, whose NULL may be left out (RFC 4055 section 2.1).
fn hash(content: &[u8]) -> Read<PssHash> {
    let mut outer = Reader::new(content);
    let mut identifier = outer.enter(tag::SEQUENCE)?;
    outer.end()?;
    let oid = identifier.read(tag::OID)?;
    identifier.read_optional(tag::NULL)?;
    identifier.end()?;
    Ok(match oid {
        SHA256 => Ok(PssHash::Sha256),
        SHA384 => Ok(PssHash::Sha384),
        SHA512 => Ok(PssHash::Sha512),
        SHA1 => Err(unusable("SHA-1")),
        other => Err(unusable(&format!("the hash {}", oid_text(other)))),
    })
}

fn mask_hash(content: &[u8]) -> Read<PssHash> {
    let mut outer = Reader::new(content);
    let mut identifier = outer.enter(tag::SEQUENCE)?;
    outer.end()?;
    let function = identifier.read(tag::OID)?;
    if function != MGF1 {
        let found = format!("the mask {}", oid_text(function));
        return Ok(Err(unusable(&found)));
    }
    hash(identifier.rest())
}

fn salt_length(content: &[u8]) -> Result<u64, Problem> {
    let mut outer = Reader::new(content);
    let magnitude = outer.read(tag::INTEGER).and_then(unsigned)?;
    outer.end()?;
    Ok(match magnitude.len() {
        0..=4 => magnitude
            .iter()
            .fold(0, |sum, octet| (sum << 8) | u64::from(*octet)),
        _ => u64::MAX,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build::{element, sequence};

    fn identifier(oid: &[u8]) -> Vec<u8> {
        sequence(&[&element(tag::OID, oid)])
    }

    fn parameters(hash: &[u8], mask: &[u8], salt: &[u8]) -> Vec<u8> {
        let mask = sequence(&[&element(tag::OID, MGF1), &identifier(mask)]);
        sequence(&[
            &element(HASH, &identifier(hash)),
            &element(MASK, &mask),
            &element(SALT, &element(tag::INTEGER, salt)),
        ])
    }

    fn read(parameters: &[u8]) -> Result<PssHash, String> {
        PssHash::read(&mut Reader::new(parameters)).map_err(|error| error.to_string())
    }

    // RFC 4055 section 3.1
    #[test]
    fn parameters_that_jose_can_use_are_taken() {
        assert_eq!(read(&[]), Ok(PssHash::Sha256));
        assert_eq!(
            read(&parameters(SHA256, SHA256, &[32])),
            Ok(PssHash::Sha256)
        );
        assert_eq!(
            read(&parameters(SHA384, SHA384, &[48])),
            Ok(PssHash::Sha384)
        );
        assert_eq!(read(&parameters(SHA512, SHA512, &[0])), Ok(PssHash::Sha512));
    }

    #[test]
    fn other_parameters_are_named() {
        let with_trailer = |trailer: u8| {
            let good = parameters(SHA256, SHA256, &[32]);
            let trailer = element(TRAILER, &[tag::INTEGER, 1, trailer]);
            sequence(&[&good[2..], &trailer])
        };
        assert_eq!(read(&with_trailer(1)), Ok(PssHash::Sha256));
        for (bad, found) in [
            (sequence(&[]), "SHA-1 (the default of its parameters)"),
            (parameters(SHA1, SHA1, &[20]), "SHA-1"),
            (
                sequence(&[&element(HASH, &identifier(SHA256))]),
                "SHA-1 in its mask (the default of its parameters)",
            ),
            (
                parameters(SHA256, SHA384, &[32]),
                "one hash for the message and another for the mask",
            ),
            (
                parameters(SHA256, SHA256, &[33]),
                "a salt that is longer than the hash",
            ),
            (parameters(&[0x2a, 3], SHA256, &[32]), "the hash 1.2.3"),
            (with_trailer(2), "another trailer than 0xbc"),
        ] {
            assert_eq!(
                read(&bad).unwrap_err(),
                format!(
                    "the key is for RSASSA-PSS with {found} only, expected SHA-256, SHA-384 or \
                     SHA-512 for message and mask and a salt of at most its length"
                )
            );
        }
        assert_eq!(
            read(&[tag::NULL, 0]).unwrap_err(),
            "the private key is damaged: RSASSA-PSS-params is missing or of another type"
        );
    }
}
