//! The private key itself; how its encodings are read is in the modules named after them.

use std::fmt;
use std::path::Path;

use aws_lc_rs::error::Unspecified;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::content::{Announced, Content, is_der};
use crate::file::{self, Access};
use crate::fingerprint::{hex, sha256};
use crate::key_error::{Encryption, KeyError, KeyErrorKind};
use crate::key_kind::{KeyKind, KeySpec};
use crate::key_pair::Pair;
use crate::pem;
use crate::pem_error::PemError;

/// A private key: loaded and checked once, wiped when dropped, and not `Clone`.
///
/// `Debug` shows the kind and the fingerprint of the public half. The private half leaves only through
/// [`to_pkcs8_der`](Self::to_pkcs8_der), [`to_pkcs8_pem`](Self::to_pkcs8_pem) and
/// [`write_new_file`](Self::write_new_file).
pub struct PrivateKey {
    kind: KeyKind,
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
    public_key: Vec<u8>,
}

impl PrivateKey {
    /// Generates a key from the randomness of the operating system. The public exponent of an RSA key
    /// is 65537.
    ///
    /// # Errors
    /// [`KeyErrorKind::Generation`] if there is no randomness.
    pub fn generate(spec: KeySpec) -> Result<Self, KeyError> {
        Pair::generate(spec)
            .and_then(Self::new)
            .map_err(KeyError::new)
    }

    /// Reads a key from PEM text: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC1
    /// (`EC PRIVATE KEY`). Lines may end in LF or CRLF and have any length, and text and blocks of
    /// other kinds may stand around the key (RFC 7468).
    ///
    /// # Errors
    /// See [`KeyErrorKind`]; among them no private key, several of them, or one that is encrypted.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        read_pem(text).map_err(KeyError::new)
    }

    /// Reads a key from DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1.2) or SEC1 (RFC 5915),
    /// told apart by their structure.
    ///
    /// # Errors
    /// See [`KeyErrorKind`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        read_der(der).map_err(KeyError::new)
    }

    /// Reads a key from PEM or DER, whichever it is.
    ///
    /// # Errors
    /// See [`KeyErrorKind`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        read_bytes(bytes).map_err(KeyError::new)
    }

    /// Reads a key file, PEM or DER. On Unix the file must be closed to group and others, as with mode
    /// 0600 or 0400; a key that the system hands over otherwise can be read with
    /// [`from_bytes`](Self::from_bytes).
    ///
    /// # Errors
    /// See [`KeyErrorKind`]; the error names the file.
    pub fn read_file(path: &Path) -> Result<Self, KeyError> {
        file::read(path, Access::Owner)
            .map_err(KeyErrorKind::File)
            .and_then(|bytes| read_bytes(&bytes))
            .map_err(|kind| KeyError::in_file(path, kind))
    }

    /// What the key is.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as PKCS#8 version 1 DER (RFC 5958), whatever encoding it was read from.
    pub fn to_pkcs8_der(&self) -> SecretSlice<u8> {
        SecretSlice::new(Box::from(self.pkcs8.as_slice()))
    }

    /// The key as PKCS#8 PEM (`PRIVATE KEY`), whatever encoding it was read from.
    pub fn to_pkcs8_pem(&self) -> SecretString {
        SecretString::from(pem::encode("PRIVATE KEY", &self.pkcs8))
    }

    /// Writes the key as PKCS#8 PEM into a new file of mode 0600, and returns once it is on the disk.
    ///
    /// # Errors
    /// [`KeyErrorKind::File`] if the file exists, which is never overwritten, or cannot be written.
    pub fn write_new_file(&self, path: &Path) -> Result<(), KeyError> {
        let text = self.to_pkcs8_pem();
        file::write_new(path, text.expose_secret().as_bytes(), Access::Owner)
            .map_err(|error| KeyError::in_file(path, KeyErrorKind::File(error)))
    }

    /// The public half as `SubjectPublicKeyInfo` DER (RFC 5280 section 4.1.2.7).
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    /// The content of `subjectPublicKey`: an `RSAPublicKey` or a point.
    pub(crate) fn subject_public_key(&self) -> &[u8] {
        self.pair.subject_public_key()
    }

    /// See [`Pair::sign_sha256`].
    pub(crate) fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        self.pair.sign_sha256(message)
    }

    fn new(pair: Pair) -> Result<Self, KeyErrorKind> {
        // These encode what was just made or checked; only a lack of memory could stop them.
        let pkcs8 = pair.pkcs8().map_err(|_| KeyErrorKind::Generation)?;
        let public_key = pair.public_key().map_err(|_| KeyErrorKind::Generation)?;
        Ok(Self {
            kind: pair.kind(),
            pair,
            pkcs8,
            public_key,
        })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("kind", &self.kind)
            .field("public_key_sha256", &hex(&sha256(&self.public_key)))
            .finish_non_exhaustive()
    }
}

fn read_bytes(bytes: &[u8]) -> Result<PrivateKey, KeyErrorKind> {
    if is_der(bytes) {
        read_der(bytes)
    } else {
        match read_pem(bytes) {
            Err(KeyErrorKind::Pem(PemError::NoBlock)) => Err(KeyErrorKind::Unrecognized),
            result => result,
        }
    }
}

fn read_der(der: &[u8]) -> Result<PrivateKey, KeyErrorKind> {
    if der.is_empty() {
        return Err(KeyErrorKind::Empty);
    }
    match Announced::by_der(der) {
        Some(Announced::Key(form)) => Pair::load(form, der).and_then(PrivateKey::new),
        Some(Announced::Other(content)) => Err(refuse(content)),
        None => Err(KeyErrorKind::Malformed {
            field: "the DER",
            problem: "is cut short or none of PKCS#8, PKCS#1 and SEC1",
        }),
    }
}

fn read_pem(text: &[u8]) -> Result<PrivateKey, KeyErrorKind> {
    if text.trim_ascii().is_empty() {
        return Err(KeyErrorKind::Empty);
    }
    let blocks = pem::blocks(text).map_err(KeyErrorKind::Pem)?;
    let mut keys = Vec::new();
    let mut others = Vec::new();
    for block in &blocks {
        match Announced::by_label(block.label) {
            Announced::Key(form) => keys.push((block, form)),
            Announced::Other(content) => others.push(content),
        }
    }
    let (block, label) = match keys[..] {
        [key] => key,
        [] => return Err(refuse_all(others)),
        _ => return Err(KeyErrorKind::SeveralKeys { count: keys.len() }),
    };
    if block.encrypted {
        let form = Encryption::Traditional;
        return Err(KeyErrorKind::Encrypted { form });
    }
    let der = block.decode().map_err(KeyErrorKind::Pem)?;
    match Announced::by_der(&der) {
        Some(Announced::Key(found)) if found != label => {
            Err(KeyErrorKind::mislabelled(label, found))
        }
        Some(Announced::Other(content)) => Err(refuse(content)),
        _ => Pair::load(label, &der).and_then(PrivateKey::new),
    }
}

fn refuse(found: Content) -> KeyErrorKind {
    match found {
        Content::EncryptedPrivateKey => KeyErrorKind::Encrypted {
            form: Encryption::Pkcs8,
        },
        found => KeyErrorKind::NotAPrivateKey { found },
    }
}

/// Of several blocks, none of which is a plain private key, the encrypted key of a bundle is spoken of
/// before its certificates, else the first.
fn refuse_all(others: Vec<Content>) -> KeyErrorKind {
    let encrypted = others.contains(&Content::EncryptedPrivateKey);
    match others.into_iter().next() {
        Some(_) if encrypted => refuse(Content::EncryptedPrivateKey),
        Some(first) => refuse(first),
        None => KeyErrorKind::Pem(PemError::NoBlock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{Reader, build, tag};

    const PKCS8: &[u8] = include_bytes!("../tests/data/rsa.pkcs8.pem");

    fn decode(text: &[u8]) -> Zeroizing<Vec<u8>> {
        pem::blocks(text).unwrap()[0].decode().unwrap()
    }

    /// The test key as RFC 5958 version 2.
    fn version_2(public_key: &[u8]) -> Vec<u8> {
        let der = decode(PKCS8);
        let mut info = Reader::new(&der).enter(tag::SEQUENCE).unwrap();
        info.read(tag::INTEGER).unwrap();
        build::sequence(&[
            &[tag::INTEGER, 1, 1],
            info.element().unwrap().raw,
            info.element().unwrap().raw,
            // Attributes: an empty set.
            &[tag::CONTEXT_0, 0],
            &build::element(tag::CONTEXT_1_PRIMITIVE, &[&[0][..], public_key].concat()),
        ])
    }

    // RFC 5958 section 2
    #[test]
    fn version_2_is_read_and_its_public_key_compared() {
        let key = PrivateKey::from_pem(PKCS8).unwrap();
        let der = version_2(key.subject_public_key());
        let same = PrivateKey::from_der(&der).unwrap();
        assert_eq!(
            same.to_pkcs8_der().expose_secret(),
            key.to_pkcs8_der().expose_secret()
        );
        let other = PrivateKey::generate(KeySpec::P256).unwrap();
        let der = version_2(other.subject_public_key());
        let error = PrivateKey::from_der(&der).unwrap_err();
        assert!(matches!(error.kind(), KeyErrorKind::Inconsistent { .. }));
    }

    #[test]
    fn the_envelope_is_held_to() {
        let der = decode(PKCS8);
        let mut info = Reader::new(&der).enter(tag::SEQUENCE).unwrap();
        let version = info.element().unwrap().raw;
        let algorithm = info.element().unwrap().raw;
        let key = info.element().unwrap().raw;
        let public = build::element(tag::CONTEXT_1_PRIMITIVE, &[0, 1]);
        let algorithm_with = |oid: &[u8], parameters: &[u8]| {
            build::sequence(&[&build::element(tag::OID, oid), parameters])
        };
        let rsa = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        let pss = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
        let two = &[tag::INTEGER, 1, 2];
        for (parts, message) in [
            (
                &[two, algorithm, key][..],
                "the private key is damaged: PrivateKeyInfo.version is neither 0 nor 1",
            ),
            (
                &[version, algorithm, key, &public],
                "the private key is damaged: PrivateKeyInfo.publicKey is there although the version is 0",
            ),
            (
                &[version, algorithm, key, two],
                "the private key is damaged: PrivateKeyInfo is followed by octets that do not belong there",
            ),
            (
                &[version, &algorithm_with(rsa, &[]), key],
                "the private key is damaged: PrivateKeyInfo.privateKeyAlgorithm ends too early",
            ),
            (
                &[version, &algorithm_with(pss, &[]), key],
                "the key is for RSASSA-PSS only, expected RSA or an elliptic curve (P-256)",
            ),
            (
                &[version, &algorithm_with(&[0x2a, 3, 4], &[]), key],
                "the key is for 1.2.3.4, expected RSA or an elliptic curve (P-256)",
            ),
        ] {
            let error = PrivateKey::from_der(&build::sequence(parts)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
