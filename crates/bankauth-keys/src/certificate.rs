//! Reading a certificate.

use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::certificate_error::{CertificateError, CertificateErrorKind};
use crate::content::{Announced, Content, is_der};
use crate::der::{Reader, tag};
use crate::extension::Extensions;
use crate::file::{self, Access};
use crate::fingerprint::{hex, sha256};
use crate::key_kind::KeyKind;
use crate::name::distinguished_name::DistinguishedName;
use crate::pem;
use crate::pem_error::PemError;
use crate::private_key::PrivateKey;
use crate::public_key::{PublicKeyInfo, is_compressed};
use crate::thumbprint;
use crate::x509::{self, Fields};

/// An X.509 certificate (RFC 5280), its own or a bank's.
///
/// Reading checks the form and not the trust: no signature, no chain and no date is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// RFC 4514 text of the subject.
    subject: String,
    fields: Fields,
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

    /// Reads all certificates of a PEM text, or of a DER input that has them one after the other, in their
    /// order. Blocks of other kinds are passed over. There is at least one.
    ///
    /// # Errors
    /// See [`CertificateErrorKind`]; of several the error tells which one is at fault.
    pub fn chain_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, CertificateError> {
        read_chain(bytes).map_err(CertificateError::new)
    }

    /// Reads a file as [`chain_from_bytes`](Self::chain_from_bytes) does.
    ///
    /// # Errors
    /// The same; the error names the file.
    pub fn read_chain_file(path: &Path) -> Result<Vec<Self>, CertificateError> {
        file::read(path, Access::Public)
            .map_err(CertificateErrorKind::File)
            .and_then(|bytes| read_chain(&bytes))
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

    /// The subject as RFC 4514 text, such as `CN=Acme,C=GB`: the last attribute first, in
    /// [`Dialect::SHORT_NAME`](crate::Dialect::SHORT_NAME).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The subject, for other dialects and for comparing.
    pub const fn subject_name(&self) -> &DistinguishedName {
        &self.fields.subject
    }

    /// Who signed the certificate.
    pub const fn issuer_name(&self) -> &DistinguishedName {
        &self.fields.issuer
    }

    /// Whether subject and issuer are the same, as in what [`SelfSigned`](crate::SelfSigned) makes.
    pub fn is_self_issued(&self) -> bool {
        self.fields.subject.matches(&self.fields.issuer)
    }

    /// The serial number in hexadecimal, two digits for each octet, as in the encoding.
    pub fn serial_number(&self) -> String {
        hex(&self.fields.serial_number)
    }

    /// Whether the serial number is as RFC 5280 section 4.1.2.2 wants it. That section has readers take
    /// others as well, so reading does not look.
    ///
    /// # Errors
    /// [`CertificateErrorKind::SerialNumber`].
    pub fn check_serial_number(&self) -> Result<(), CertificateError> {
        let problem = match self.fields.serial_number[..] {
            [0] => "is zero",
            [0x80..=0xff, ..] => "is negative",
            ref long if long.len() > 20 => "is longer than 20 octets",
            _ => return Ok(()),
        };
        let kind = CertificateErrorKind::SerialNumber { problem };
        Err(CertificateError::new(kind))
    }

    /// What the key is; `None` if it is of no kind that this crate has.
    pub fn key_kind(&self) -> Option<KeyKind> {
        PublicKeyInfo::read(self.public_key_der()).ok()?.kind()
    }

    /// The public key as `SubjectPublicKeyInfo` DER.
    pub fn public_key_der(&self) -> &[u8] {
        &self.fields.public_key
    }

    /// The extensions: key usage, further names, and what is said of PSD2.
    pub const fn extensions(&self) -> &Extensions {
        &self.fields.extensions
    }

    /// The first second at which the certificate is valid.
    pub const fn not_before(&self) -> SystemTime {
        self.fields.not_before
    }

    /// The last second at which the certificate is valid.
    pub const fn not_after(&self) -> SystemTime {
        self.fields.not_after
    }

    /// SHA-256 over the DER, which people compare and RFC 8705 section 3.1 binds tokens to.
    pub fn sha256_fingerprint(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The thumbprint `x5t#S256`: base64url without padding of SHA-256 over the DER (RFC 7515 section
    /// 4.1.8; in RFC 8705 section 3.1 what a token is bound to).
    pub fn x5t_s256(&self) -> String {
        thumbprint::x5t_s256(&self.der)
    }

    /// Whether a text is exactly that thumbprint.
    ///
    /// # Errors
    /// [`CertificateErrorKind::Thumbprint`] says what it is instead: hexadecimal, padded, of SHA-1, of the
    /// PEM text, or of the public key.
    pub fn check_x5t_s256(&self, text: &str) -> Result<(), CertificateError> {
        thumbprint::check(text, &self.der, &self.to_pem(), self.public_key_der())
            .map_err(CertificateError::new)
    }

    /// Whether the public key in the certificate is the public half of this key.
    pub fn belongs_to(&self, key: &PrivateKey) -> bool {
        let expected = key.public_key_der();
        self.fields.public_key == expected || is_compressed(self.public_key_der(), expected)
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
            certificate: hex(&sha256(&self.fields.public_key)),
            key: hex(&sha256(key.public_key_der())),
        }))
    }

    /// Whether the certificate is valid at that time; both ends count (RFC 5280 section 4.1.2.5).
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        let now = whole_seconds(now);
        whole_seconds(self.fields.not_before) <= now && now <= whole_seconds(self.fields.not_after)
    }

    /// The whole days until the certificate ends, rounded down: 0 on its last day, negative once it
    /// has ended.
    pub fn days_left(&self, now: SystemTime) -> i64 {
        whole_seconds(self.fields.not_after)
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

fn read_chain(bytes: &[u8]) -> Result<Vec<Certificate>, CertificateErrorKind> {
    if is_der(bytes) {
        return read_der_chain(bytes);
    }
    // What is not several certificates as PEM is left to the reader of one, with its errors.
    let blocks = pem::blocks(bytes).unwrap_or_default();
    let is_certificate = |block: &&pem::Block<'_>| {
        Announced::by_label(block.label) == Announced::Other(Content::Certificate)
    };
    let certificates: Vec<_> = blocks.iter().filter(is_certificate).collect();
    if certificates.len() < 2 {
        return read_bytes(bytes).map(|certificate| vec![certificate]);
    }
    certificates
        .into_iter()
        .zip(1..)
        .map(|(block, number)| {
            let der = block.decode().map_err(CertificateErrorKind::Pem);
            der.and_then(|der| read_der(&der))
                .map_err(|kind| in_chain(number, kind))
        })
        .collect()
}

/// Certificates one after the other.
fn read_der_chain(bytes: &[u8]) -> Result<Vec<Certificate>, CertificateErrorKind> {
    let mut rest = Reader::new(bytes);
    let mut elements = Vec::new();
    while rest.peek() == Some(tag::SEQUENCE) {
        match rest.element() {
            Ok(element) => elements.push(element.raw),
            Err(_) => break,
        }
    }
    if elements.len() < 2 || rest.end().is_err() {
        return read_der(bytes).map(|certificate| vec![certificate]);
    }
    elements
        .into_iter()
        .zip(1..)
        .map(|(der, number)| read_der(der).map_err(|kind| in_chain(number, kind)))
        .collect()
}

fn in_chain(number: usize, kind: CertificateErrorKind) -> CertificateErrorKind {
    let kind = Box::new(kind);
    CertificateErrorKind::InChain { number, kind }
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
        subject: fields.subject.to_string(),
        fields,
    })
}
