//! The name under which a credential is kept.

use core::fmt;

/// Names one credential: a client at a bank, in an environment. Two programs that use the same client must use the
/// same name, or each renewal of one would end the token of the other.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(Box<str>);

/// Why parts do not make a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialIdError {
    /// A part is empty.
    #[error("part {position} of the credential's name is empty")]
    Empty {
        /// Zero-based.
        position: usize,
    },
    /// The name is longer than a file name can be.
    #[error(
        "the credential's name has {length} characters once escaped, expected at most {}",
        CredentialId::LONGEST
    )]
    TooLong {
        /// In characters.
        length: usize,
    },
}

impl CredentialId {
    /// The longest name, in characters: with a suffix it still fits a file name.
    pub const LONGEST: usize = 200;

    /// A name from parts, for instance provider, environment and client id. Anything in a part but ASCII letters,
    /// digits, `-` and `_` is escaped, so that the parts stay apart and the name fits a file, a row or a key.
    ///
    /// # Errors
    /// When a part is empty or the whole is too long.
    pub fn from_parts(parts: &[&str]) -> Result<Self, CredentialIdError> {
        let mut name = String::new();
        for (position, part) in parts.iter().enumerate() {
            if part.is_empty() {
                return Err(CredentialIdError::Empty { position });
            }
            if position > 0 {
                name.push('.');
            }
            for byte in part.bytes() {
                if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
                    name.push(char::from(byte));
                } else {
                    name.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        if name.is_empty() {
            return Err(CredentialIdError::Empty { position: 0 });
        }
        if name.len() > Self::LONGEST {
            return Err(CredentialIdError::TooLong { length: name.len() });
        }
        Ok(Self(name.into()))
    }

    /// The name as text: ASCII letters, digits, `-`, `_`, `.` and `%`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialId").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_stay_apart_and_fit_a_file_name() {
        let id = CredentialId::from_parts(&[
            "revolut-business",
            "custom",
            "https://127.0.0.1:8443",
            "../x",
        ])
        .unwrap();
        assert_eq!(
            id.as_str(),
            "revolut-business.custom.https%3A%2F%2F127%2E0%2E0%2E1%3A8443.%2E%2E%2Fx"
        );
        assert_eq!(
            CredentialId::from_parts(&["a", ""]),
            Err(CredentialIdError::Empty { position: 1 })
        );
        assert_eq!(
            CredentialId::from_parts(&[]),
            Err(CredentialIdError::Empty { position: 0 })
        );
        assert!(matches!(
            CredentialId::from_parts(&[&"é".repeat(100)]),
            Err(CredentialIdError::TooLong { .. })
        ));
    }

    proptest! {
        #[test]
        fn different_parts_give_different_names(a in "\\PC{1,8}", b in "\\PC{1,8}", c in "\\PC{1,8}", d in "\\PC{1,8}") {
            let one = CredentialId::from_parts(&[&a, &b]).unwrap();
            let two = CredentialId::from_parts(&[&c, &d]).unwrap();
            prop_assert_eq!(one == two, (a, b) == (c, d));
        }
    }
}
