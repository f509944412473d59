//! A private key in memory that signs.

use std::error::Error;
use std::fmt;

use josekit::JoseError;
use josekit::jws::{ES256, JwsSigner, PS256, RS256};

use crate::algorithm::Algorithm;
use crate::claim::{ClaimError, check_text};
use crate::pkcs8::{KeyKind, Pkcs8};
use crate::sign::{Sign, SignError};

/// RFC 7518 sections 3.3 and 3.5 set the lower limit, OpenSSL the upper one.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=16384;

/// A software key, bound to one algorithm.
///
/// It is read once, here; signing does not read it again. Keep one for as long as the program runs
/// and share it as `Arc<dyn Sign>`. It cannot be cloned, its `Debug` shows algorithm and key id, and
/// OpenSSL wipes it when it is dropped. Whether the numbers in it belong together is not checked: a
/// damaged key that can still be read gives signatures that the bank refuses.
pub struct SigningKey {
    algorithm: Algorithm,
    key_id: Option<String>,
    signer: Box<dyn JwsSigner>,
}

impl SigningKey {
    /// Reads an RSA key for RS256 from PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError`] when it is not such a key, or shorter than 2048 bits.
    pub fn rs256(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let key = read(Algorithm::Rs256, pkcs8)?;
        let signer = RS256.signer_from_der(&*key.for_rsa()).map_err(refused)?;
        Ok(Self::new(Algorithm::Rs256, signer))
    }

    /// Reads an RSA key for PS256 from PKCS#8 in DER. It may be a key that is restricted to
    /// RSASSA-PSS (RFC 4055 section 1.2), if the restriction allows PS256.
    ///
    /// # Errors
    /// [`KeyError`] when it is not such a key, or shorter than 2048 bits.
    pub fn ps256(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let key = read(Algorithm::Ps256, pkcs8)?;
        let signer = PS256
            .signer_from_der(&*key.for_pss_sha256())
            .map_err(refused)?;
        Ok(Self::new(Algorithm::Ps256, signer))
    }

    /// Reads an EC key on P-256 for ES256 from PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError`] when it is not such a key.
    pub fn es256(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let key = read(Algorithm::Es256, pkcs8)?;
        let signer = ES256.signer_from_der(&*key.for_p256()).map_err(refused)?;
        Ok(Self::new(Algorithm::Es256, signer))
    }

    /// Puts this `kid` (RFC 7515 section 4.1.4) into every header. Needed by banks that hold several
    /// keys of a client; without it the parameter is left out.
    ///
    /// # Errors
    /// [`ClaimError`] when it is empty, has a control character or more than 2048 bytes.
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Result<Self, ClaimError> {
        let key_id = key_id.into();
        check_text("kid", &key_id)?;
        self.key_id = Some(key_id);
        Ok(self)
    }

    fn new(algorithm: Algorithm, signer: impl JwsSigner + 'static) -> Self {
        Self {
            algorithm,
            key_id: None,
            signer: Box::new(signer),
        }
    }
}

impl Sign for SigningKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        // As text: the library's error repeats itself in its source.
        let signature = self.signer.sign(input);
        signature.map_err(|error| SignError::failed(error.to_string()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Why a private key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the right file, or not the right form of it. Convert it, for example with
    /// `openssl pkcs8 -topk8 -nocrypt -outform DER`.
    #[error("found {found}, expected a private key in PKCS#8 (DER)")]
    NotPkcs8 {
        /// What it is, as far as that can be told.
        found: &'static str,
    },

    /// A private key, but of a kind that the algorithm cannot use. Take the key that was registered
    /// with the bank for this algorithm.
    #[error("{algorithm} needs {expected}, found {found}")]
    WrongKind {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// The kind of key that was found.
        found: String,
        /// The kind of key that the algorithm takes.
        expected: &'static str,
    },

    /// An RSA key that is too short to be safe (RFC 7518 section 3.3) or absurdly long.
    #[error("the RSA key has {found} bits, expected 2048 to 16384")]
    RsaSize {
        /// The length of the modulus.
        found: usize,
    },

    /// The crypto library does not accept the key: it is damaged.
    #[error("the private key is damaged")]
    Damaged {
        /// The library's error.
        source: Box<dyn Error + Send + Sync>,
    },
}

fn read(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Pkcs8<'_>, KeyError> {
    let key = Pkcs8::read(pkcs8).map_err(|found| KeyError::NotPkcs8 { found })?;
    let (fits, expected) = match algorithm {
        Algorithm::Rs256 => (
            matches!(key.kind, KeyKind::Rsa { .. }),
            "an unrestricted RSA key",
        ),
        Algorithm::Ps256 => (
            matches!(
                key.kind,
                KeyKind::Rsa { .. }
                    | KeyKind::RsaPss {
                        other_parameters: false,
                        ..
                    }
            ),
            "an RSA key",
        ),
        Algorithm::Es256 => (key.kind == KeyKind::P256, "an EC key on P-256"),
    };
    if !fits {
        return Err(KeyError::WrongKind {
            algorithm,
            found: key.kind.to_string(),
            expected,
        });
    }
    match key.kind {
        KeyKind::Rsa { bits } | KeyKind::RsaPss { bits, .. } if !RSA_BITS.contains(&bits) => {
            Err(KeyError::RsaSize { found: bits })
        }
        _ => Ok(key),
    }
}

fn refused(error: JoseError) -> KeyError {
    KeyError::Damaged {
        source: error.to_string().into(),
    }
}
