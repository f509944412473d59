//! Values that nobody guesses: the PKCE verifier, the state and the nonce.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::CredentialError;

/// The system has no random bytes to give.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct EntropyError(#[source] getrandom::Error);

const EXPECTED: &str = "letters, digits and `-._~`";

macro_rules! random_text {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Made from 32 bytes that nobody knows: 43 characters of base64url.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                let bytes = Zeroizing::new(bytes);
                let mut text = Zeroizing::new(String::with_capacity(43));
                URL_SAFE_NO_PAD.encode_string(*bytes, &mut text);
                Self(SecretString::from(text.as_str()))
            }

            /// Made from 32 bytes of the system.
            ///
            /// # Errors
            /// When the system has none to give.
            pub fn generate() -> Result<Self, EntropyError> {
                let mut bytes = Zeroizing::new([0; 32]);
                getrandom::fill(&mut *bytes).map_err(EntropyError)?;
                Ok(Self::from_bytes(*bytes))
            }

            /// Takes one that was made elsewhere: 43 to 128 characters of `A-Z a-z 0-9 - . _ ~` (RFC 7636 §4.1).
            ///
            /// # Errors
            /// When it is of another length or has other characters.
            pub fn new(text: impl Into<SecretString>) -> Result<Self, CredentialError> {
                let text = text.into();
                let characters = text.expose_secret();
                let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
                if let Some(position) = characters.chars().position(|c| !allowed(c)) {
                    return Err(CredentialError::Character {
                        what: $what,
                        position,
                        expected: EXPECTED,
                    });
                }
                let found = characters.len();
                if !(43..=128).contains(&found) {
                    return Err(CredentialError::Length { what: $what, found });
                }
                Ok(Self(text))
            }

            /// The characters themselves. The only way out.
            #[must_use]
            pub fn expose_secret(&self) -> &str {
                self.0.expose_secret()
            }

            /// Whether `text` is this value, compared in constant time.
            #[must_use]
            pub fn is(&self, text: &str) -> bool {
                self.expose_secret().as_bytes().ct_eq(text.as_bytes()).into()
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "([REDACTED])"))
            }
        }
    };
}

random_text! {
    /// The secret half of PKCE (RFC 7636 §4.1): fresh for each authorization request.
    ///
    /// Its challenge is made with S256; `plain` cannot be expressed.
    PkceVerifier, "the code verifier"
}
random_text! {
    /// Ties a redirect to the request that it answers (RFC 6749 §10.12): fresh for each authorization request.
    State, "the state"
}
random_text! {
    /// Ties an id token to the request that it answers (OpenID Connect Core §3.1.2.1): fresh for each request.
    Nonce, "the nonce"
}

impl PkceVerifier {
    /// The public half: `BASE64URL(SHA256(verifier))` (RFC 7636 §4.2), 43 characters.
    #[must_use]
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vector_of_rfc7636_appendix_b() {
        let verifier = PkceVerifier::from_bytes([
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]);
        assert_eq!(
            verifier.expose_secret(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn lengths_and_characters_are_those_of_rfc7636_4_1() {
        let new = |text: String| PkceVerifier::new(text);
        for good in [
            "a".repeat(43),
            "~".repeat(128),
            format!("{}-._~0Z", "a".repeat(43)),
        ] {
            assert!(new(good.clone()).is_ok(), "{good}");
        }
        for bad in [
            String::new(),
            "a".repeat(42),
            "a".repeat(129),
            format!("{}+", "a".repeat(43)),
            format!("{}=", "a".repeat(43)),
            format!("{} ", "a".repeat(43)),
            format!("{}é", "a".repeat(43)),
        ] {
            let error = new(bad.clone()).unwrap_err();
            assert!(
                bad.is_empty() || !error.to_string().contains(&bad),
                "{error}"
            );
        }
        insta::assert_snapshot!(new("a".repeat(42)).unwrap_err(), @"the code verifier has 42 characters, expected 43 to 128");
    }

    #[test]
    fn each_is_fresh_and_none_is_printed() {
        let (one, two) = (State::generate().unwrap(), State::generate().unwrap());
        assert!(!one.is(two.expose_secret()));
        assert!(one.is(one.expose_secret()));
        assert_eq!(one.expose_secret().len(), 43);
        assert_eq!(format!("{one:?}"), "State([REDACTED])");
        assert_eq!(
            format!(
                "{:?} {:?}",
                PkceVerifier::from_bytes([1; 32]),
                Nonce::from_bytes([1; 32])
            ),
            "PkceVerifier([REDACTED]) Nonce([REDACTED])"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_made_is_one_rfc7636_4_1(bytes in any::<[u8; 32]>()) {
            let verifier = PkceVerifier::from_bytes(bytes);
            prop_assert!(PkceVerifier::new(verifier.expose_secret().to_owned()).is_ok());
            let challenge = verifier.challenge();
            prop_assert_eq!(challenge.len(), 43);
            prop_assert!(challenge.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        }
    }
}
