//! Reading a certificate.

use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::certificate_error::{CertificateError, CertificateErrorKind};
use crate::content::{Announced, Content, is_der};
use crate::der::{Reader, tag, whole_octets};
use crate::file::{self, Access};
use crate::fingerprint::{hex, sha256};
use crate::pem;
use crate::pem_error::PemError;
use crate::private_key::PrivateKey;
use crate::x509;

/// An X.509 certificate (RFC 5280), its own or a bank's.
///
/// Reading checks the form and not the trust: no signature, no chain and no date is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: String,
    public_key: Vec<u8>,
    not_before: SystemTime,
    not_after: SystemTime,
}

impl Certificate {
    /// Reads a certificate from PEM text. Of several the first is taken, which in a chain is the one of
    /// the key; text and blocks of other kinds may stand around it (RFC 7468).
    ///
    /// # Errors
    /// See [`CertificateErrorKind`].
    pub fn from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        read_pem(text).map_err(CertificateError::new)
    }

    /// Reads a certificate from DER.
    ///
    /// # Errors
    /// See [`CertificateErrorKind`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        read_der(der).map_err(CertificateError::new)
    }

    /// Reads a certificate from PEM or DER, whichever it is.
    ///
    /// # Errors
    /// See [`CertificateErrorKind`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CertificateError> {
        read_bytes(bytes).map_err(CertificateError::new)
    }

    /// Reads a certificate file, PEM or DER.
    ///
    /// # Errors
    /// See [`CertificateErrorKind`]; the error names the file.
    pub fn read_file(path: &Path) -> Result<Self, CertificateError> {
        file::read(path, Access::Public)
            .map_err(CertificateErrorKind::File)
            .and_then(|bytes| read_bytes(&bytes))
            .map_err(|kind| CertificateError::in_file(path, kind))
    }

    /// The certificate as PEM text, with its BEGIN and END lines: what is pasted into a bank's page.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// The certificate as DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The subject as RFC 4514 text, such as `CN=Acme,C=GB`: the last attribute first.
    ///
    /// Types that RFC 4514 section 3 does not name are written as numbers, except `emailAddress`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The first second at which the certificate is valid.
    pub const fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// The last second at which the certificate is valid.
    pub const fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// SHA-256 over the DER, which people compare and RFC 8705 section 3.1 binds tokens to.
    pub fn sha256_fingerprint(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// Whether the public key in the certificate is the public half of this key.
    pub fn belongs_to(&self, key: &PrivateKey) -> bool {
        let expected = key.public_key_der();
        self.public_key == expected || is_compressed(&self.public_key, expected)
    }

    /// Like [`belongs_to`](Self::belongs_to), with an error that shows both public keys by their
    /// fingerprints.
    ///
    /// # Errors
    /// [`CertificateErrorKind::OtherKey`].
    pub fn check_belongs_to(&self, key: &PrivateKey) -> Result<(), CertificateError> {
        if self.belongs_to(key) {
            return Ok(());
        }
        Err(CertificateError::new(CertificateErrorKind::OtherKey {
            certificate: hex(&sha256(&self.public_key)),
            key: hex(&sha256(key.public_key_der())),
        }))
    }

    /// Whether the certificate is valid at that time; both ends count (RFC 5280 section 4.1.2.5).
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        let now = whole_seconds(now);
        whole_seconds(self.not_before) <= now && now <= whole_seconds(self.not_after)
    }

    /// The whole days until the certificate ends, rounded down: 0 on its last day, negative once it
    /// has ended.
    pub fn days_left(&self, now: SystemTime) -> i64 {
        whole_seconds(self.not_after)
            .saturating_sub(whole_seconds(now))
            .div_euclid(SECONDS_PER_DAY)
    }

    /// Writes the certificate as PEM into a new file of mode 0644, and returns once it is on the disk.
    ///
    /// # Errors
    /// [`CertificateErrorKind::File`] if the file exists, which is never overwritten, or cannot be
    /// written.
    pub fn write_new_file(&self, path: &Path) -> Result<(), CertificateError> {
        file::write_new(path, self.to_pem().as_bytes(), Access::Public)
            .map_err(|error| CertificateError::in_file(path, CertificateErrorKind::File(error)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("sha256", &hex(&self.sha256_fingerprint()))
            .finish_non_exhaustive()
    }
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Rounded down, because certificates know no fractions of a second and their last second is whole.
fn whole_seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let seconds = before.as_secs() + u64::from(before.subsec_nanos() > 0);
            i64::try_from(seconds).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

fn read_bytes(bytes: &[u8]) -> Result<Certificate, CertificateErrorKind> {
    if is_der(bytes) {
        read_der(bytes)
    } else {
        match read_pem(bytes) {
            Err(CertificateErrorKind::Pem(PemError::NoBlock)) => {
                Err(CertificateErrorKind::Unrecognized)
            }
            result => result,
        }
    }
}

fn read_pem(text: &[u8]) -> Result<Certificate, CertificateErrorKind> {
    if text.trim_ascii().is_empty() {
        return Err(CertificateErrorKind::Empty);
    }
    let blocks = pem::blocks(text).map_err(CertificateErrorKind::Pem)?;
    let mut found = None;
    for block in &blocks {
        let content = match Announced::by_label(block.label) {
            Announced::Key(_) => Content::PrivateKey,
            Announced::Other(Content::Certificate) => {
                return read_der(&block.decode().map_err(CertificateErrorKind::Pem)?);
            }
            Announced::Other(content) => content,
        };
        found.get_or_insert(content);
    }
    Err(match found {
        Some(found) => CertificateErrorKind::NotACertificate { found },
        None => CertificateErrorKind::Pem(PemError::NoBlock),
    })
}

fn read_der(der: &[u8]) -> Result<Certificate, CertificateErrorKind> {
    if der.is_empty() {
        return Err(CertificateErrorKind::Empty);
    }
    match Announced::by_der(der) {
        // What is like nothing known is left to the parser, whose error says where it broke off.
        Some(Announced::Other(Content::Certificate)) | None => {}
        Some(Announced::Other(found)) => {
            return Err(CertificateErrorKind::NotACertificate { found });
        }
        Some(Announced::Key(_)) => {
            let found = Content::PrivateKey;
            return Err(CertificateErrorKind::NotACertificate { found });
        }
    }
    let fields = x509::parse(der)?;
    Ok(Certificate {
        der: der.to_vec(),
        subject: fields.subject,
        public_key: fields.public_key,
        not_before: fields.not_before,
        not_after: fields.not_after,
    })
}

/// Whether the first holds the point of the second in compressed form, which RFC 5480 section 2.2 allows
/// as well.
fn is_compressed(first: &[u8], second: &[u8]) -> bool {
    let (Some((algorithm, short)), Some((same_algorithm, [4, long @ ..]))) =
        (algorithm_and_bits(first), algorithm_and_bits(second))
    else {
        return false;
    };
    // SEC 1 section 2.3.3: in full 04 x y, compressed 02 x or 03 x by the parity of y.
    let (x, y) = long.split_at(long.len() / 2);
    let sign = 2 + (y.last().copied().unwrap_or(0) & 1);
    algorithm == same_algorithm && short.split_first() == Some((&sign, x))
}

/// The two parts of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
fn algorithm_and_bits(public_key: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Reader::new(public_key).enter(tag::SEQUENCE).ok()?;
    let algorithm = key.read(tag::SEQUENCE).ok()?;
    let bits = key.read(tag::BIT_STRING).and_then(whole_octets).ok()?;
    Some((algorithm, bits))
}
