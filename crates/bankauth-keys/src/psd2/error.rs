//! What can be wrong with PSD2 statements and identifiers.

use crate::psd2::Psd2Role;

/// A PSD2 statement or an identifier in it has not its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Psd2Error {
    /// There is no role.
    #[error("the PSD2 statement has no role, expected at least one such as PSP_AI")]
    NoRole,
    /// A role stands there twice.
    #[error("the PSD2 statement has the role {role} twice, expected each at most once")]
    RoleTwice {
        /// Which.
        role: Psd2Role,
    },
    /// No role has that name.
    #[error("the role is {found:?}, expected PSP_AS, PSP_PI, PSP_AI or PSP_IC")]
    UnknownRole {
        /// What was given.
        found: String,
    },
    /// The name of the authority has not the right length, or a line break in it.
    #[error(
        "the name of the authority has {length} characters, expected 1 to 256 and no line break"
    )]
    AuthorityName {
        /// Its length in characters.
        length: usize,
    },
    /// The identifier of the authority has not its form.
    #[error(
        "the identifier of the authority is {found:?}, expected a country and two to eight \
         capitals, with a hyphen between them, such as \"GB-FCA\""
    )]
    AuthorityId {
        /// What was given.
        found: String,
    },
    /// The organization identifier has not its form.
    #[error(
        "the organization identifier is {found:?}, expected PSD, a country, an authority and a \
         number, such as \"PSDGB-FCA-123456\""
    )]
    OrganizationIdentifier {
        /// What was given.
        found: String,
    },
}
