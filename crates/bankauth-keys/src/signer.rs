//! Who signs a certificate or a request: a key of ours, or one that never leaves its device.

use std::error::Error;

use aws_lc_rs::signature::UnparsedPublicKey;

use crate::der::{Reader, tag};
use crate::encode::{element, sequence};
use crate::key_kind::KeyKind;
use crate::private_key::PrivateKey;
use crate::pss::PssHash;
use crate::public_key::PublicKeyInfo;
use crate::signature_algorithm::SignatureAlgorithm;

/// An error of a signer, whatever it is.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A key that signs, wherever it is kept: implemented by [`PrivateKey`], and by whoever talks to an HSM,
/// a card or a key management service.
///
/// ```
/// # use bankauth_keys::{BoxError, KeySpec, PrivateKey};
/// use bankauth_keys::{AttributeType, DistinguishedName, Profile, SignatureAlgorithm, Signer, SigningRequest};
///
/// struct Hsm {
///     public_key: Vec<u8>, // SubjectPublicKeyInfo
///     # key: PrivateKey,
/// }
///
/// impl Signer for Hsm {
///     fn algorithm(&self) -> SignatureAlgorithm {
///         SignatureAlgorithm::EcdsaSha256
///     }
///     fn public_key_der(&self) -> &[u8] {
///         &self.public_key
///     }
///     fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
///         // ask the device
///         # Signer::sign(&self.key, message)
///     }
/// }
/// # let key = PrivateKey::generate(KeySpec::P256)?;
/// # let hsm = Hsm { public_key: key.public_key_der().to_vec(), key };
/// let name = DistinguishedName::new().with(AttributeType::COMMON_NAME, "Acme");
/// let request = SigningRequest::new(Profile::Plain, name).sign(&hsm)?;
/// println!("{}", request.to_pem());
/// # Ok::<(), BoxError>(())
/// ```
pub trait Signer {
    /// How it signs. It has to fit the public key.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// The public key as `SubjectPublicKeyInfo` DER (RFC 5280 section 4.1.2.7).
    fn public_key_der(&self) -> &[u8];

    /// Signs the message, which it hashes itself. An ECDSA signature is `ECDSA-Sig-Value` DER (RFC 3279
    /// section 2.2.3), or r and s one after the other, each of the length of the curve, as PKCS#11 devices
    /// give it.
    ///
    /// # Errors
    /// Whatever keeps the device from signing; it becomes the source of the error that is returned.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BoxError>;
}

impl Signer for PrivateKey {
    fn algorithm(&self) -> SignatureAlgorithm {
        match self.kind() {
            KeyKind::Rsa { .. } => SignatureAlgorithm::RsaSha256,
            KeyKind::RsaPss { .. } => {
                let key = PublicKeyInfo::read(Self::public_key_der(self));
                match key.ok().and_then(|key| key.pss_hash()) {
                    Some(PssHash::Sha384) => SignatureAlgorithm::RsaPssSha384,
                    Some(PssHash::Sha512) => SignatureAlgorithm::RsaPssSha512,
                    Some(PssHash::Sha256) | None => SignatureAlgorithm::RsaPssSha256,
                }
            }
            KeyKind::P256 => SignatureAlgorithm::EcdsaSha256,
            KeyKind::P384 => SignatureAlgorithm::EcdsaSha384,
            KeyKind::P521 => SignatureAlgorithm::EcdsaSha512,
            KeyKind::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }

    fn public_key_der(&self) -> &[u8] {
        Self::public_key_der(self)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(Self::sign(self, message)?)
    }
}

/// What is wrong with a signer or with what it gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The signer could not sign.
    #[error("the signer did not sign")]
    Failed(#[source] BoxError),
    /// The public key is none that this crate knows.
    #[error("the public key of the signer {problem}, expected RSA, P-256, P-384, P-521 or Ed25519")]
    PublicKey {
        /// What is wrong with it.
        problem: String,
    },
    /// The algorithm does not go with the public key.
    #[error(
        "the signer has a key {key} and signs by {algorithm}, expected an algorithm of that key"
    )]
    Mismatch {
        /// What the key is.
        key: KeyKind,
        /// How it is said to sign.
        algorithm: SignatureAlgorithm,
    },
    /// The signature was made by another key, over another message, or in another way.
    #[error("the signature of the signer does not verify with its public key by {algorithm}")]
    Unverified {
        /// How it should have been signed.
        algorithm: SignatureAlgorithm,
    },
    /// What is to be signed could not be encoded.
    #[error("what is to be signed could not be encoded")]
    Encoding,
}

/// Whether a signature that was read verifies; `None` if its algorithm is not known here or is none for
/// that key.
pub(crate) fn verify(
    identifier: &[u8],
    key: &PublicKeyInfo<'_>,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let algorithm = SignatureAlgorithm::from_identifier(identifier)?;
    fitting(algorithm, key).ok()?;
    let key = UnparsedPublicKey::new(algorithm.verifier(), key.bits);
    Some(key.verify(message, signature).is_ok())
}

/// Signs, and looks whether the signature is any good.
pub(crate) fn sign(signer: &dyn Signer, message: &[u8]) -> Result<Vec<u8>, SignerError> {
    let algorithm = signer.algorithm();
    let key = check(signer)?;
    let mut signature = signer.sign(message).map_err(SignerError::Failed)?;
    if let Some(length) = algorithm.number_length()
        && signature.len() == 2 * length
        && !is_ecdsa_value(&signature)
    {
        signature = ecdsa_value(&signature, length);
    }
    let verifier = UnparsedPublicKey::new(algorithm.verifier(), key.bits);
    match verifier.verify(message, &signature) {
        Ok(()) => Ok(signature),
        Err(_) => Err(SignerError::Unverified { algorithm }),
    }
}

/// That key and algorithm of the signer are known and go together.
pub(crate) fn check<'a>(signer: &'a dyn Signer) -> Result<PublicKeyInfo<'a>, SignerError> {
    let key = PublicKeyInfo::read(signer.public_key_der()).map_err(|problem| {
        let problem = problem.as_str().to_owned();
        SignerError::PublicKey { problem }
    })?;
    fitting(signer.algorithm(), &key)?;
    Ok(key)
}

fn fitting(algorithm: SignatureAlgorithm, key: &PublicKeyInfo<'_>) -> Result<KeyKind, SignerError> {
    let kind = key.kind().ok_or_else(|| SignerError::PublicKey {
        problem: format!("is {}", key.description()),
    })?;
    if algorithm.fits(kind) {
        Ok(kind)
    } else {
        Err(SignerError::Mismatch {
            key: kind,
            algorithm,
        })
    }
}

fn is_ecdsa_value(signature: &[u8]) -> bool {
    let mut outer = Reader::new(signature);
    let whole = outer.enter(tag::SEQUENCE).and_then(|mut numbers| {
        numbers.read(tag::INTEGER)?;
        numbers.read(tag::INTEGER)?;
        numbers.end()
    });
    whole.and_then(|()| outer.end()).is_ok()
}

fn ecdsa_value(numbers: &[u8], length: usize) -> Vec<u8> {
    let (r, s) = numbers.split_at(length);
    let integer = |magnitude: &[u8]| {
        let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
        let significant = &magnitude[zeros.min(length - 1)..];
        // A set top bit would be a sign.
        let sign: &[u8] = if significant[0] >= 0x80 { &[0] } else { &[] };
        element(tag::INTEGER, &[sign, significant].concat())
    };
    sequence(&[&integer(r), &integer(s)])
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 3279 section 2.2.3
    #[test]
    fn raw_signatures_are_encoded() {
        let mut raw = vec![0; 64];
        raw[31] = 0x7f;
        raw[32] = 0x80;
        let der = ecdsa_value(&raw, 32);
        assert_eq!(&der[..8], &[0x30, 38, 2, 1, 0x7f, 2, 33, 0]);
        assert!(is_ecdsa_value(&der));
        assert!(!is_ecdsa_value(&raw));
        assert_eq!(ecdsa_value(&[0; 64], 32), [0x30, 6, 2, 1, 0, 2, 1, 0]);
    }
}
