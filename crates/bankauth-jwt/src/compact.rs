//! The compact form: what is signed, and how signature and input become a JWT.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::jwt::Jwt;
use crate::sign::SignError;

/// A JWT that lacks its signature: the bytes to sign, then a place to put the signature.
///
/// This is the two-step form for signers that do not answer at once.
pub struct SigningInput {
    algorithm: Algorithm,
    text: Vec<u8>,
}

impl SigningInput {
    /// Writes header and payload in the order of their members, without white space.
    pub(crate) fn new(
        algorithm: Algorithm,
        header: &impl Serialize,
        payload: &impl Serialize,
    ) -> Self {
        let mut json = Vec::with_capacity(512);
        write_json(&mut json, header);
        let split = json.len();
        write_json(&mut json, payload);
        let (header, payload) = json.split_at(split);

        let length = encoded_length(header) + 1 + encoded_length(payload);
        let mut text = Vec::with_capacity(length);
        push_base64url(&mut text, header);
        text.push(b'.');
        push_base64url(&mut text, payload);
        Self { algorithm, text }
    }

    /// The algorithm that the header names and the signer must use.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What is to be signed: header, dot, payload, all ASCII (RFC 7515 section 5.1, step 5).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// Adds the signature over [`as_bytes`](Self::as_bytes), which is not verified here; the form is
    /// that of [`Sign::sign`](crate::Sign::sign).
    ///
    /// # Errors
    /// [`SignError::SignatureLength`] when it cannot be a signature of this algorithm.
    pub fn with_signature(self, signature: Vec<u8>) -> Result<Jwt, SignError> {
        // Together with the input, which anybody may see, the signature is the whole secret.
        let signature = Zeroizing::new(signature);
        self.algorithm.check_signature_length(signature.len())?;

        let length = self.text.len() + 1 + encoded_length(&signature);
        let mut text = Vec::with_capacity(length);
        text.extend_from_slice(&self.text);
        text.push(b'.');
        push_base64url(&mut text, &signature);
        Ok(Jwt::from_compact(into_text(text)))
    }
}

impl fmt::Debug for SigningInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningInput")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Base64url without padding (RFC 7515 section 2).
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("texts and integers have a JSON form");
}

fn encoded_length(bytes: &[u8]) -> usize {
    base64::encoded_len(bytes.len(), false).expect("all lengths are bounded far below the maximum")
}

/// Encodes in place: the encoder's own buffers would keep a copy of a signature on the stack.
fn push_base64url(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + encoded_length(bytes), 0);
    URL_SAFE_NO_PAD
        .encode_slice(bytes, &mut out[start..])
        .expect("the space is exactly what the encoding needs");
}

fn into_text(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).expect("base64url and dots are ASCII")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // RFC 7515 Appendix C: the example of base64url without padding.
    #[test]
    fn rfc_7515_appendix_c() {
        assert_eq!(base64url(&[3, 236, 255, 224, 193]), "A-z_4ME");
    }

    proptest! {
        // RFC 7515 section 2: the URL-safe alphabet, all trailing '=' left out.
        #[test]
        fn base64url_has_its_alphabet_and_reads_back(bytes: Vec<u8>) {
            let mut text = Vec::new();
            push_base64url(&mut text, &bytes);
            prop_assert!(text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
            prop_assert_eq!(URL_SAFE_NO_PAD.decode(&text).unwrap(), bytes);
        }
    }
}
