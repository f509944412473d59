//! What can be wrong with a signing request.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::extension::ExtensionError;
use crate::file::FileError;
use crate::name::attribute_type::AttributeType;
use crate::name::subject::SubjectError;
use crate::pem_error::PemError;
use crate::profile::Profile;
use crate::psd2::error::Psd2Error;
use crate::signer::SignerError;

/// A signing request could not be made, read or written. The text names the file, if one was given.
#[derive(Debug)]
pub struct RequestError {
    path: Option<PathBuf>,
    kind: RequestErrorKind,
}

impl RequestError {
    /// What is wrong.
    pub const fn kind(&self) -> &RequestErrorKind {
        &self.kind
    }

    /// The file that was read or written, if one was.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) const fn new(kind: RequestErrorKind) -> Self {
        Self { path: None, kind }
    }

    pub(crate) fn in_file(path: &Path, kind: RequestErrorKind) -> Self {
        let path = Some(path.to_owned());
        Self { path, kind }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        self.kind.fmt(f)
    }
}

impl Error for RequestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

/// What is wrong with a signing request; each kind says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestErrorKind {
    /// There is nothing in the input.
    #[error("the input is empty, expected a certificate signing request")]
    Empty,
    /// The input is neither PEM nor DER.
    #[error(
        "the input is neither PEM text with a line -----BEGIN nor DER, expected a certificate \
         signing request"
    )]
    Unrecognized,
    /// The text is not readable as PEM.
    #[error(transparent)]
    Pem(PemError),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(FileError),
    /// The input holds something else.
    #[error("expected a certificate signing request, found {found}")]
    NotARequest {
        /// What the input holds.
        found: Content,
    },
    /// The encoding is damaged.
    #[error("the signing request is damaged: {field} {problem}")]
    Malformed {
        /// Where.
        field: &'static str,
        /// What is wrong there.
        problem: &'static str,
    },
    /// Octets follow the request.
    #[error("octets after the signing request: {count}, expected 0")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The version is not 0 (RFC 2986 section 4.1).
    #[error("the signing request has another version than 0, expected 0")]
    Version,
    /// The key or the algorithm is one that signatures cannot be checked for here.
    #[error(
        "the signing request has a key {key} and is signed by {algorithm}, expected algorithms in use"
    )]
    UnknownSignature {
        /// What the key is.
        key: String,
        /// The identifier of the algorithm.
        algorithm: String,
    },
    /// The signature is not by the key in the request, or the request was altered.
    #[error("the signature of the signing request does not verify; it was altered or cut together")]
    Signature,
    /// An extension is not as its standard has it.
    #[error(transparent)]
    Extension(ExtensionError),
    /// The name is not usable.
    #[error(transparent)]
    Subject(SubjectError),
    /// An attribute of the subject is not what the profile wants.
    #[error("the {attribute} is {found}, expected {expected} for the profile {profile}")]
    SubjectField {
        /// The profile.
        profile: Profile,
        /// The attribute.
        attribute: AttributeType,
        /// What was given.
        found: String,
        /// What the profile wants.
        expected: String,
    },
    /// The subject has other attributes than the profile wants, or another order.
    #[error("the subject holds {found}, expected {expected} for the profile {profile}")]
    SubjectOrder {
        /// The profile.
        profile: Profile,
        /// The types given.
        found: String,
        /// The types that the profile wants.
        expected: String,
    },
    /// An identifier of PSD2 has not its form.
    #[error(transparent)]
    Psd2(Psd2Error),
    /// The profile wants a statement of PSD2, and there is none; or the other way round.
    #[error("the PSD2 statement is {found}, expected {expected} for the profile {profile}")]
    Statement {
        /// The profile.
        profile: Profile,
        /// What was given.
        found: String,
        /// What the profile wants.
        expected: String,
    },
    /// The profile wants a key of another kind.
    #[error("the key is {found}, expected RSA 2048 for the profile {profile}")]
    Key {
        /// The profile.
        profile: Profile,
        /// What was given.
        found: String,
    },
    /// The profile has no room for what is asked for.
    #[error(
        "the request asks for {what}, expected none for the profile {profile}; its issuers refuse it"
    )]
    Unwanted {
        /// The profile.
        profile: Profile,
        /// Which extension.
        what: &'static str,
    },
    /// The request could not be signed.
    #[error(transparent)]
    Signer(SignerError),
}
