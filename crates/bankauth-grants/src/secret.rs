//! The credentials that travel over the OAuth wire, each a type of its own.

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Why a string cannot be a credential. It never holds the string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Nothing was given.
    #[error("{what} is empty, expected printable ASCII characters")]
    Empty {
        /// The kind of credential.
        what: &'static str,
    },
    /// A character outside the grammar of RFC 6749 Appendix A, which could break a header or a line.
    #[error(
        "{what} has a character that is not allowed at position {position}, expected {expected}"
    )]
    Character {
        /// The kind of credential.
        what: &'static str,
        /// Zero-based, in characters.
        position: usize,
        /// The characters that are allowed.
        expected: &'static str,
    },
    /// Too short to be safe, or too long to be taken.
    #[error("{what} has {found} characters, expected 43 to 128")]
    Length {
        /// The kind of credential.
        what: &'static str,
        /// How many characters it has.
        found: usize,
    },
}

macro_rules! credential {
    ($(#[$doc:meta])* $name:ident, $what:literal, $allowed:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the credential as the server wrote it; nothing is trimmed or changed.
            ///
            /// # Errors
            /// When it is empty or holds a character outside its grammar (RFC 6749 Appendix A).
            pub fn new(value: impl Into<SecretString>) -> Result<Self, CredentialError> {
                let value = value.into();
                let text = value.expose_secret();
                if text.is_empty() {
                    return Err(CredentialError::Empty { what: $what });
                }
                let allowed: fn(char) -> bool = $allowed;
                if let Some(position) = text.chars().position(|c| !allowed(c)) {
                    return Err(CredentialError::Character {
                        what: $what,
                        position,
                        expected: $expected,
                    });
                }
                Ok(Self(value))
            }

            /// The characters themselves. The only way out.
            #[must_use]
            pub fn expose_secret(&self) -> &str {
                self.0.expose_secret()
            }

            /// Whether both are the same credential, compared in constant time.
            #[must_use]
            pub fn is_same(&self, other: &Self) -> bool {
                self.expose_secret()
                    .as_bytes()
                    .ct_eq(other.expose_secret().as_bytes())
                    .into()
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "([REDACTED])"))
            }
        }
    };
}

credential! {
    /// An access token (RFC 6749 §1.4): visible ASCII without spaces, so that it fits a header.
    ///
    /// The string is wiped when the last copy is dropped.
    AccessToken, "the access token", |c| c.is_ascii_graphic(), "visible ASCII without spaces"
}
credential! {
    /// A refresh token (RFC 6749 §1.5): printable ASCII (Appendix A.17).
    ///
    /// The string is wiped when the last copy is dropped.
    RefreshToken, "the refresh token", |c| c.is_ascii_graphic() || c == ' ', "printable ASCII"
}
credential! {
    /// An authorization code (RFC 6749 §1.3.1): printable ASCII (Appendix A.11), used once and soon.
    ///
    /// The string is wiped when the last copy is dropped.
    AuthorizationCode, "the authorization code", |c| c.is_ascii_graphic() || c == ' ', "printable ASCII"
}
credential! {
    /// An id token (OpenID Connect Core §2): a compact JWT. It is kept as it came and not verified here.
    ///
    /// The string is wiped when the last copy is dropped.
    IdToken, "the id token", |c| c.is_ascii_alphanumeric() || "-_.".contains(c), "a compact JWT"
}

credential! {
    /// The token that manages one registration (RFC 7592 §3): visible ASCII without spaces. It opens nothing else.
    ///
    /// The string is wiped when the last copy is dropped.
    RegistrationAccessToken, "the registration access token", |c| c.is_ascii_graphic(), "visible ASCII without spaces"
}

impl AccessToken {
    /// The value of the `Authorization` header (RFC 6750 §2.1), marked sensitive so that `Debug` hides it.
    ///
    /// The header's own buffer is not wiped when it is dropped: the type has no hook for that.
    #[must_use]
    pub fn authorization_header(&self) -> HeaderValue {
        bearer(self.expose_secret())
    }
}

impl RegistrationAccessToken {
    /// The value of the `Authorization` header, as for an [`AccessToken`].
    #[must_use]
    pub fn authorization_header(&self) -> HeaderValue {
        bearer(self.expose_secret())
    }
}

fn bearer(token: &str) -> HeaderValue {
    let mut text = Zeroizing::new(String::with_capacity(7 + token.len()));
    text.push_str("Bearer ");
    text.push_str(token);
    let mut value = HeaderValue::from_str(&text).expect("visible ASCII makes a header value");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_access_token_that_could_break_a_header_is_refused_rfc6750_2_1() {
        for bad in ["", "a b", "a\r\nX: y", "a\u{7f}", "é"] {
            let error = AccessToken::new(bad.to_owned()).unwrap_err();
            assert!(
                bad.is_empty() || !error.to_string().contains(bad),
                "{error}"
            );
        }
        assert!(AccessToken::new("dG9rZW4=".to_owned()).is_ok());
    }

    #[test]
    fn errors_name_what_and_where() {
        insta::assert_snapshot!(
            AccessToken::new("ab cd".to_owned()).unwrap_err(),
            @"the access token has a character that is not allowed at position 2, expected visible ASCII without spaces"
        );
        insta::assert_snapshot!(
            RefreshToken::new(String::new()).unwrap_err(),
            @"the refresh token is empty, expected printable ASCII characters"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = AccessToken::new("oa_prod_marked".to_owned()).unwrap();
        assert_eq!(format!("{token:?}"), "AccessToken([REDACTED])");
        let header = token.authorization_header();
        assert_eq!(header.to_str().unwrap(), "Bearer oa_prod_marked");
        assert_eq!(format!("{header:?}"), "Sensitive");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_fits_a_header(text in "\\PC{0,64}") {
            if let Ok(token) = AccessToken::new(text.clone()) {
                prop_assert_eq!(token.expose_secret(), text.as_str());
                prop_assert!(token.authorization_header().is_sensitive());
                prop_assert!(token.is_same(&token.clone()));
            }
        }
    }
}
