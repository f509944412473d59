//! The seam between a JWT and whoever holds the private key.

use std::error::Error;

use crate::algorithm::Algorithm;
use crate::claim::ClaimError;

/// Whoever can sign: a software key ([`SigningKey`](crate::SigningKey)), a hardware module, an agent.
///
/// The call blocks until the signature is there. A signer that is reached over the network and must
/// not block uses the two-step form instead: [`prepare`](crate::ClientAssertion::prepare), sign the
/// bytes in its own time, [`with_signature`](crate::SigningInput::with_signature).
pub trait Sign: Send + Sync {
    /// The algorithm that [`sign`](Self::sign) uses, always the same for one signer.
    fn algorithm(&self) -> Algorithm;

    /// What goes into the `kid` header parameter; none leaves the parameter out.
    fn key_id(&self) -> Option<&str>;

    /// Signs the whole input (which is hashed here, by the signer).
    ///
    /// RSA signatures are as long as the modulus. EC signatures are r and s, big-endian, padded on
    /// the left to 32 bytes each (RFC 7518 section 3.4); many libraries give DER instead, which has
    /// to be converted.
    ///
    /// # Errors
    /// [`SignError::Failed`] with the signer's own error, made by [`SignError::failed`].
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why no JWT came out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// What should be signed breaks a rule; nothing was signed. Correct the value that it names.
    #[error(transparent)]
    Claim(ClaimError),

    /// The signer did not sign. Its own error is the source and says whether trying again helps.
    #[error("the signer failed")]
    Failed {
        /// The signer's error.
        source: Box<dyn Error + Send + Sync>,
    },

    /// The signer gave bytes that cannot be a signature of its algorithm. Correct the signer: most
    /// often an EC signature was left in DER.
    #[error("the {algorithm} signature has {found} bytes, expected {expected}")]
    SignatureLength {
        /// The algorithm that the signer claims.
        algorithm: Algorithm,
        /// The number of bytes that it gave.
        found: usize,
        /// The number of bytes that the algorithm has.
        expected: &'static str,
    },
}

impl SignError {
    /// Wraps the error of a signer of your own. It must hold no secret: it is shown to people.
    pub fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed {
            source: source.into(),
        }
    }
}
