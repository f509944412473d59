//! The identifier that makes a JWT usable once.

use std::fmt;

use crate::compact::base64url;

/// The `jti` claim (RFC 7519 section 4.1.7), written as 22 characters of base64url.
///
/// It can be neither copied nor cloned and is used up by the assertion that it goes into, because a
/// bank refuses an id that it has seen (RFC 7523 section 3, item 7):
///
/// ```compile_fail,E0382
/// # use bankauth_jwt::{ClientAssertion, JwtId, Sign};
/// # fn twice(assertion: ClientAssertion, key: &dyn Sign, id: JwtId, now: std::time::SystemTime) {
/// let first = assertion.sign_with_id(key, now, id);
/// let second = assertion.sign_with_id(key, now, id);
/// # }
/// ```
pub struct JwtId([u8; 16]);

impl JwtId {
    /// Takes 16 bytes, fresh from the operating system's random source for each assertion.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) fn into_text(self) -> String {
        base64url(&self.0)
    }
}

impl fmt::Debug for JwtId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtId(..)")
    }
}
