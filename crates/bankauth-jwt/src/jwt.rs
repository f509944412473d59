//! A signed JWT.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A signed JWT in the compact form (RFC 7515 section 3.1).
///
/// Whoever holds a client assertion can act as the client until it expires: it is wiped from memory
/// on drop, cannot be cloned or printed, and comes out only by [`expose_secret`](Self::expose_secret)
/// or as a [`SecretString`].
pub struct Jwt(SecretString);

impl Jwt {
    /// The three parts, base64url, joined by dots: ASCII that needs no further encoding in a form.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// Takes a text whose capacity is its length, so that no shrinking leaves a copy behind.
    pub(crate) fn from_compact(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Jwt> for SecretString {
    fn from(jwt: Jwt) -> Self {
        jwt.0
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt(..)")
    }
}
