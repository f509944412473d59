//! A certificate signing request that is signed: ours or another's.

use std::fmt;
use std::path::Path;

use crate::content::{Announced, Content, is_der};
use crate::der::{Problem, Reader, oid_text, tag, whole_octets};
use crate::extension::Extensions;
use crate::file::{self, Access};
use crate::key_kind::KeyKind;
use crate::name::distinguished_name::DistinguishedName;
use crate::pem;
use crate::pem_error::PemError;
use crate::public_key::PublicKeyInfo;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::signer;

/// A certificate signing request (PKCS#10, RFC 2986) whose signature was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    der: Vec<u8>,
    subject: DistinguishedName,
    public_key: Vec<u8>,
    extensions: Extensions,
}

impl SignedRequest {
    /// Reads a request from PEM text; text and blocks of other kinds may stand around it (RFC 7468).
    ///
    /// # Errors
    /// See [`RequestErrorKind`].
    pub fn from_pem(text: &[u8]) -> Result<Self, RequestError> {
        read_pem(text).map_err(RequestError::new)
    }

    /// Reads a request from DER.
    ///
    /// # Errors
    /// See [`RequestErrorKind`].
    pub fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        read_der(der).map_err(RequestError::new)
    }

    /// Reads a request from PEM or DER, whichever it is.
    ///
    /// # Errors
    /// See [`RequestErrorKind`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RequestError> {
        read_bytes(bytes).map_err(RequestError::new)
    }

    /// Reads a request file, PEM or DER.
    ///
    /// # Errors
    /// See [`RequestErrorKind`]; the error names the file.
    pub fn read_file(path: &Path) -> Result<Self, RequestError> {
        file::read(path, Access::Public)
            .map_err(RequestErrorKind::File)
            .and_then(|bytes| read_bytes(&bytes))
            .map_err(|kind| RequestError::in_file(path, kind))
    }

    /// The request as PEM text.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der)
    }

    /// The request as DER, which is what Revolut's Developer Portal takes.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The name asked for.
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The extensions asked for.
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The public key as `SubjectPublicKeyInfo` DER.
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    /// What the key is.
    pub fn key_kind(&self) -> Option<KeyKind> {
        PublicKeyInfo::read(&self.public_key).ok()?.kind()
    }

    /// Writes the request as PEM into a new file of mode 0644, and returns once it is on the disk.
    ///
    /// # Errors
    /// [`RequestErrorKind::File`] if the file exists, which is never overwritten, or cannot be written.
    pub fn write_new_file(&self, path: &Path) -> Result<(), RequestError> {
        write(path, self.to_pem().as_bytes())
    }

    /// Like [`write_new_file`](Self::write_new_file), as DER.
    ///
    /// # Errors
    /// The same.
    pub fn write_new_der_file(&self, path: &Path) -> Result<(), RequestError> {
        write(path, &self.der)
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

fn write(path: &Path, octets: &[u8]) -> Result<(), RequestError> {
    file::write_new(path, octets, Access::Public)
        .map_err(|error| RequestError::in_file(path, RequestErrorKind::File(error)))
}

fn read_bytes(bytes: &[u8]) -> Result<SignedRequest, RequestErrorKind> {
    if is_der(bytes) {
        return read_der(bytes);
    }
    match read_pem(bytes) {
        Err(RequestErrorKind::Pem(PemError::NoBlock)) => Err(RequestErrorKind::Unrecognized),
        result => result,
    }
}

fn read_pem(text: &[u8]) -> Result<SignedRequest, RequestErrorKind> {
    if text.trim_ascii().is_empty() {
        return Err(RequestErrorKind::Empty);
    }
    let mut found = None;
    for block in &pem::blocks(text).map_err(RequestErrorKind::Pem)? {
        let content = match Announced::by_label(block.label) {
            Announced::Other(Content::CertificateRequest) => {
                return read_der(&block.decode().map_err(RequestErrorKind::Pem)?);
            }
            Announced::Other(content) => content,
            Announced::Key(_) => Content::PrivateKey,
        };
        found.get_or_insert(content);
    }
    Err(match found {
        Some(found) => RequestErrorKind::NotARequest { found },
        None => RequestErrorKind::Pem(PemError::NoBlock),
    })
}

fn read_der(der: &[u8]) -> Result<SignedRequest, RequestErrorKind> {
    if der.is_empty() {
        return Err(RequestErrorKind::Empty);
    }
    match Announced::by_der(der) {
        // What is like nothing known is left to the reader, whose error says where it broke off.
        Some(Announced::Other(Content::CertificateRequest)) | None => {}
        Some(Announced::Other(found)) => return Err(RequestErrorKind::NotARequest { found }),
        Some(Announced::Key(_)) => {
            let found = Content::PrivateKey;
            return Err(RequestErrorKind::NotARequest { found });
        }
    }
    let request = parse(der)?;
    // RFC 2986 section 3: the signature shows that whoever asks has the key.
    let key = PublicKeyInfo::read(request.key).map_err(malformed("its public key"))?;
    match signer::verify(request.algorithm, &key, request.signed, request.signature) {
        Some(true) => {}
        Some(false) => return Err(RequestErrorKind::Signature),
        None => {
            let oid = Reader::new(request.algorithm)
                .enter(tag::SEQUENCE)
                .and_then(|mut identifier| identifier.read(tag::OID));
            return Err(RequestErrorKind::UnknownSignature {
                key: key.description(),
                algorithm: oid.map_or_else(|_| "an unreadable algorithm".to_owned(), oid_text),
            });
        }
    }
    let malformed_name = |error| match error {
        crate::name::error::NameError::Malformed { problem } => RequestErrorKind::Malformed {
            field: "its subject",
            problem,
        },
        _ => malformed("its subject")(Problem::UnexpectedTag),
    };
    Ok(SignedRequest {
        der: der.to_vec(),
        subject: DistinguishedName::from_der(request.subject).map_err(malformed_name)?,
        public_key: request.key.to_vec(),
        extensions: request.extensions,
    })
}

/// The fields of a request, as they stand in it.
struct Parts<'a> {
    signed: &'a [u8],
    subject: &'a [u8],
    key: &'a [u8],
    extensions: Extensions,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// RFC 2986 section 4.
fn parse(der: &[u8]) -> Result<Parts<'_>, RequestErrorKind> {
    let whole = malformed("its DER");
    let mut outer = Reader::new(der);
    let mut request = outer.enter(tag::SEQUENCE).map_err(whole)?;
    let count = outer.rest().len();
    if count > 0 {
        return Err(RequestErrorKind::TrailingBytes { count });
    }
    let signed = request.clone().element().map_err(whole)?.raw;
    let mut info = request.enter(tag::SEQUENCE).map_err(whole)?;
    if info.read(tag::INTEGER).map_err(malformed("its version"))? != [0] {
        return Err(RequestErrorKind::Version);
    }
    let subject = info.element().map_err(malformed("its subject"))?.raw;
    let key = info.element().map_err(malformed("its public key"))?.raw;
    let extensions = attributes(&mut info)?;
    info.end().map_err(malformed("its information"))?;
    let algorithm = request.element().map_err(malformed("its algorithm"))?.raw;
    let signature = request
        .read(tag::BIT_STRING)
        .and_then(whole_octets)
        .map_err(malformed("its signature"))?;
    request.end().map_err(malformed("its signature"))?;
    Ok(Parts {
        signed,
        subject,
        key,
        extensions,
        algorithm,
        signature,
    })
}

/// The attributes, of which only the extensions are kept (RFC 2985 section 5.4.2). The field is there even
/// if it is empty (RFC 2986 section 4.1).
fn attributes(info: &mut Reader<'_>) -> Result<Extensions, RequestErrorKind> {
    let field = malformed("its attributes");
    let mut list = info.enter(tag::CONTEXT_0).map_err(field)?;
    let mut extensions = None;
    while list.peek().is_some() {
        let mut attribute = list.enter(tag::SEQUENCE).map_err(field)?;
        let oid = attribute.read(tag::OID).map_err(field)?;
        let mut values = attribute.enter(tag::SET).map_err(field)?;
        attribute.end().map_err(field)?;
        if oid != EXTENSION_REQUEST {
            continue;
        }
        let value = values.enter(tag::SEQUENCE).map_err(field)?;
        values.end().map_err(field)?;
        let read = Extensions::read(value)
            .map_err(malformed("its extensions"))?
            .map_err(RequestErrorKind::Extension)?;
        if extensions.replace(read).is_some() {
            return Err(malformed("its list of extensions")(Problem::Trailing));
        }
    }
    Ok(extensions.unwrap_or_default())
}

/// RFC 2985 section 5.4.2.
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];

fn malformed(field: &'static str) -> impl Fn(Problem) -> RequestErrorKind + Copy {
    move |problem| RequestErrorKind::Malformed {
        field,
        problem: problem.as_str(),
    }
}
