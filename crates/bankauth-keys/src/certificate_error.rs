//! What can be wrong with a certificate.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::extension::ExtensionError;
use crate::file::FileError;
use crate::name::subject::SubjectError;
use crate::pem_error::PemError;
use crate::signer::SignerError;

/// A certificate could not be made, read or written, or does not belong to a key. The text names the
/// file, if one was given.
#[derive(Debug)]
pub struct CertificateError {
    path: Option<PathBuf>,
    kind: CertificateErrorKind,
}

impl CertificateError {
    /// What is wrong.
    pub const fn kind(&self) -> &CertificateErrorKind {
        &self.kind
    }

    /// The file that was read or written, if one was.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    pub(crate) const fn new(kind: CertificateErrorKind) -> Self {
        Self { path: None, kind }
    }

    pub(crate) fn in_file(path: &Path, kind: CertificateErrorKind) -> Self {
        let path = Some(path.to_owned());
        Self { path, kind }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        self.kind.fmt(f)
    }
}

impl Error for CertificateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

/// What is wrong with a certificate; each kind says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateErrorKind {
    /// There is nothing in the input.
    #[error("the input is empty, expected a certificate")]
    Empty,
    /// The input is neither PEM nor DER.
    #[error("the input is neither PEM text with a line -----BEGIN nor DER, expected a certificate")]
    Unrecognized,
    /// The text is not readable as PEM.
    #[error(transparent)]
    Pem(PemError),
    /// The file cannot be read or written.
    #[error(transparent)]
    File(FileError),
    /// The input holds something else.
    #[error("expected a certificate, found {found}{}", found.hint_for_certificate())]
    NotACertificate {
        /// What the input holds.
        found: Content,
    },
    /// The encoding is damaged.
    #[error("the certificate is damaged: {problem}")]
    Malformed {
        /// What is wrong with it.
        problem: String,
    },
    /// Octets follow the certificate.
    #[error("octets after the certificate: {count}, expected 0")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The algorithm outside of what is signed is not the one inside (RFC 5280 section 4.1.1.2).
    #[error(
        "the certificate names one signature algorithm inside and another outside, \
         expected the same; it was altered or its maker is broken"
    )]
    AlgorithmMismatch,
    /// The version is unknown, or does not go with what the certificate holds (RFC 5280 section 4.1.2.1).
    #[error("the certificate has version {found}, expected {expected}")]
    Version {
        /// The version, counted from 1.
        found: u32,
        /// What it should be.
        expected: &'static str,
    },
    /// The certificate ends before it begins (RFC 5280 section 4.1.2.5).
    #[error("the certificate ends before it begins, expected notAfter not to precede notBefore")]
    ValidityReversed,
    /// A date of the certificate is out of the range of the system's clock.
    #[error("a date of the certificate is beyond what this system can express")]
    DateOutOfRange,
    /// The certificate holds the public half of another key.
    #[error(
        "the certificate belongs to another private key: it holds the public key with SHA-256 \
         {certificate}, expected {key}; give the pair that was made together"
    )]
    OtherKey {
        /// Fingerprint of the public key in the certificate, in hexadecimal.
        certificate: String,
        /// Fingerprint of the public half of the private key, in hexadecimal.
        key: String,
    },
    /// The name is not usable.
    #[error(transparent)]
    Subject(SubjectError),
    /// The certificate would be valid for no time at all.
    #[error("the certificate would be valid for 0 days, expected 1 or more")]
    NoLifetime,
    /// The certificate would end after the year 9999, which its date cannot express (RFC 5280 section
    /// 4.1.2.5).
    #[error(
        "the certificate would be valid for {days} days, expected an end before the year 10000"
    )]
    LifetimeTooLong {
        /// The days asked for.
        days: u32,
    },
    /// The clock is set to a time before 1970.
    #[error("the clock shows a time before 1970, expected the present; set the clock")]
    Clock,
    /// The operating system gave no randomness for the serial number.
    #[error("the operating system gives no randomness for the serial number")]
    Randomness,
    /// The certificate could not be signed.
    #[error(transparent)]
    Signer(SignerError),
    /// An extension is not as its standard has it.
    #[error(transparent)]
    Extension(ExtensionError),
    /// The serial number is not positive, or longer than 20 octets (RFC 5280 section 4.1.2.2).
    #[error("the serial number of the certificate {problem}, expected 1 to 20 octets above zero")]
    SerialNumber {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A thumbprint is not the `x5t#S256` of the certificate (RFC 7515 section 4.1.8).
    #[error("the thumbprint is {found}, expected base64url of SHA-256 over the DER: {expected}")]
    Thumbprint {
        /// What it is instead.
        found: &'static str,
        /// The thumbprint of this certificate.
        expected: String,
    },
    /// One certificate of several is at fault.
    #[error("certificate {number} of the chain cannot be read")]
    InChain {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        kind: Box<Self>,
    },
}
