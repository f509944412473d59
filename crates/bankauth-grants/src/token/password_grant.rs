//! The password grant, behind a door that one has to open on purpose.

use core::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::RequestError;

/// Says why a password goes to a client, which RFC 9700 §2.4 says it must not: the client sees it, users learn to type it
/// anywhere, and neither a second factor nor a narrower consent is possible. There is one reason: the server has no
/// other grant for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordOptIn {
    documented_in: &'static str,
}

impl PasswordOptIn {
    /// The bank offers no other grant; `documented_in` names the page that says so, with the day on which it was read.
    #[must_use]
    pub const fn bank_offers_nothing_else(documented_in: &'static str) -> Self {
        Self { documented_in }
    }

    /// Where the bank says so.
    #[must_use]
    pub const fn documented_in(&self) -> &'static str {
        self.documented_in
    }
}

/// A resource owner's name and password (RFC 6749 §4.3), for a bank that offers nothing else.
///
/// Both are wiped when this is dropped, which should be once a token came back; nothing here keeps them longer.
#[derive(Clone)]
pub struct PasswordGrant {
    opt_in: PasswordOptIn,
    username: SecretString,
    password: SecretString,
}

impl PasswordGrant {
    /// Name and password, with the reason for using them.
    ///
    /// # Errors
    /// When one of them is empty, or the reason names no document.
    pub fn new(
        opt_in: PasswordOptIn,
        username: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Self, RequestError> {
        let grant = Self {
            opt_in,
            username: username.into(),
            password: password.into(),
        };
        let fields = [
            ("username", grant.username()),
            ("password", grant.password()),
            ("the reason for the password grant", opt_in.documented_in),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, text)| text.is_empty()) {
            return Err(RequestError::Empty { field });
        }
        Ok(grant)
    }

    /// Why the grant is used at all.
    #[must_use]
    pub const fn opt_in(&self) -> PasswordOptIn {
        self.opt_in
    }

    pub(crate) fn username(&self) -> &str {
        self.username.expose_secret()
    }

    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

impl fmt::Debug for PasswordGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordGrant")
            .field("opt_in", &self.opt_in)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_needed_and_neither_name_nor_password_is_printed_rfc9700_2_4() {
        let reason = PasswordOptIn::bank_offers_nothing_else("the bank's guide, read 2026-11-20");
        let grant = |opt_in, name: &str, password: &str| {
            PasswordGrant::new(opt_in, name.to_owned(), password.to_owned())
        };
        let printed = format!("{:?}", grant(reason, "marked", "marked").unwrap());
        assert!(!printed.contains("marked"), "{printed}");
        assert!(printed.contains("read 2026-11-20"), "{printed}");
        let none = PasswordOptIn::bank_offers_nothing_else("");
        let errors = [
            grant(none, "n", "p"),
            grant(reason, "", "p"),
            grant(reason, "n", ""),
        ]
        .map(|result| result.unwrap_err().to_string())
        .join("\n");
        insta::assert_snapshot!(errors, @"
        the reason for the password grant is empty
        username is empty
        password is empty
        ");
    }
}
