//! The private key itself; how its encodings are read is in the modules named after them.

use std::fmt;
use std::path::Path;

use aws_lc_rs::error::Unspecified;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use zeroize::Zeroizing;

use crate::file::{self, Access, FileError};
use crate::fingerprint::{hex, sha256};
use crate::key_error::{KeyError, KeyErrorKind};
use crate::key_kind::{KeyKind, KeySpec};
use crate::key_pair::Pair;
use crate::{encrypted_pkcs8, key_reader, pem};

/// A private key: loaded and checked once, wiped when dropped, and not `Clone`.
///
/// `Debug` shows the kind and the fingerprint of the public half. The private half leaves only through
/// [`to_pkcs8_der`](Self::to_pkcs8_der), [`to_pkcs8_pem`](Self::to_pkcs8_pem) and
/// [`write_new_file`](Self::write_new_file), and encrypted through
/// [`to_encrypted_pkcs8_pem`](Self::to_encrypted_pkcs8_pem) and
/// [`write_new_encrypted_file`](Self::write_new_encrypted_file).
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
        Self::load(key_reader::read_pem(text, None))
    }

    /// Reads a key as [`from_pem`](Self::from_pem) does, or one that is under this passphrase: PKCS#8
    /// (`ENCRYPTED PRIVATE KEY`) by PBES2 with PBKDF2 (HMAC with SHA-1, SHA-256, SHA-384 or SHA-512) or
    /// scrypt, and AES-CBC (RFC 8018, RFC 7914). The octets of the passphrase are its UTF-8, as openssl
    /// takes them. It is not looked at if the key is not encrypted.
    ///
    /// The work that a file may ask for is limited to some seconds: 10 million iterations of PBKDF2,
    /// 64 MiB of memory and 2^22 steps (N·r·p) of scrypt.
    ///
    /// # Errors
    /// See [`KeyErrorKind`]; among them [`WrongPassphrase`](KeyErrorKind::WrongPassphrase).
    pub fn from_pem_with_passphrase(
        text: &[u8],
        passphrase: &SecretString,
    ) -> Result<Self, KeyError> {
        Self::load(key_reader::read_pem(text, Some(passphrase)))
    }

    /// Reads a key from DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1.2) or SEC1 (RFC 5915),
    /// told apart by their structure.
    ///
    /// # Errors
    /// See [`KeyErrorKind`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::load(key_reader::read_der(der, None))
    }

    /// Reads a key from PEM or DER, whichever it is.
    ///
    /// # Errors
    /// See [`KeyErrorKind`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::load(key_reader::read_bytes(bytes, None))
    }

    /// Reads a key from PEM or DER, whichever it is, that may be under this passphrase; see
    /// [`from_pem_with_passphrase`](Self::from_pem_with_passphrase).
    ///
    /// # Errors
    /// See [`KeyErrorKind`].
    pub fn from_bytes_with_passphrase(
        bytes: &[u8],
        passphrase: &SecretString,
    ) -> Result<Self, KeyError> {
        Self::load(key_reader::read_bytes(bytes, Some(passphrase)))
    }

    /// Reads a key file, PEM or DER. On Unix the file must be closed to group and others, as with mode
    /// 0600 or 0400; a key that the system hands over otherwise can be read with
    /// [`from_bytes`](Self::from_bytes).
    ///
    /// # Errors
    /// See [`KeyErrorKind`]; the error names the file.
    pub fn read_file(path: &Path) -> Result<Self, KeyError> {
        read_file(path, None)
    }

    /// Reads a key file as [`read_file`](Self::read_file) does, with the same demands on its mode, that
    /// may be under this passphrase; see
    /// [`from_pem_with_passphrase`](Self::from_pem_with_passphrase).
    ///
    /// # Errors
    /// See [`KeyErrorKind`]; the error names the file.
    pub fn read_file_with_passphrase(
        path: &Path,
        passphrase: &SecretString,
    ) -> Result<Self, KeyError> {
        read_file(path, Some(passphrase))
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

    /// The key as encrypted PKCS#8 PEM (`ENCRYPTED PRIVATE KEY`): PBES2 with 600,000 iterations of PBKDF2
    /// with HMAC-SHA-256, and AES-256-CBC (RFC 8018 section 6.2). The text is as safe as the passphrase
    /// is hard to guess.
    ///
    /// # Errors
    /// [`KeyErrorKind::EmptyPassphrase`], or [`KeyErrorKind::Encryption`] if there is no randomness.
    pub fn to_encrypted_pkcs8_pem(&self, passphrase: &SecretString) -> Result<String, KeyError> {
        let der = encrypted_pkcs8::seal(&self.pkcs8, passphrase).map_err(KeyError::new)?;
        Ok(pem::encode("ENCRYPTED PRIVATE KEY", &der))
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

    /// Writes [`to_encrypted_pkcs8_pem`](Self::to_encrypted_pkcs8_pem) into a new file of mode 0600, and
    /// returns once it is on the disk.
    ///
    /// # Errors
    /// Those of the two other ways of writing; the error names the file.
    pub fn write_new_encrypted_file(
        &self,
        path: &Path,
        passphrase: &SecretString,
    ) -> Result<(), KeyError> {
        encrypted_pkcs8::seal(&self.pkcs8, passphrase)
            .map(|der| pem::encode("ENCRYPTED PRIVATE KEY", &der))
            .and_then(|text| {
                file::write_new(path, text.as_bytes(), Access::Owner).map_err(KeyErrorKind::File)
            })
            .map_err(|kind| KeyError::in_file(path, kind))
    }

    /// The public half as `SubjectPublicKeyInfo` DER (RFC 5280 section 4.1.2.7).
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    /// The public key as PEM (`PUBLIC KEY`, RFC 7468 section 13).
    pub fn public_key_pem(&self) -> String {
        pem::encode("PUBLIC KEY", &self.public_key)
    }

    /// SHA-256 over the `SubjectPublicKeyInfo`: the same for a key and its certificates.
    pub fn public_key_sha256(&self) -> [u8; 32] {
        sha256(&self.public_key)
    }

    /// See [`Pair::sign`].
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        self.pair.sign(message)
    }

    fn load(read: Result<Pair, KeyErrorKind>) -> Result<Self, KeyError> {
        read.and_then(Self::new).map_err(KeyError::new)
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

fn read_file(path: &Path, passphrase: Option<&SecretString>) -> Result<PrivateKey, KeyError> {
    match file::read(path, Access::Owner) {
        Ok(bytes) => key_reader::read_bytes(&bytes, passphrase).and_then(PrivateKey::new),
        // What is no private key is not made one by closing it to others.
        Err(FileError::Permissions { mode }) => Err(file::read(path, Access::Public)
            .ok()
            .and_then(|bytes| key_reader::read_bytes(&bytes, None).err())
            .filter(|kind| matches!(kind, KeyErrorKind::NotAPrivateKey { .. }))
            .unwrap_or(KeyErrorKind::File(FileError::Permissions { mode }))),
        Err(error) => Err(KeyErrorKind::File(error)),
    }
    .map_err(|kind| KeyError::in_file(path, kind))
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
        let der = version_2(key.pair.subject_public_key());
        let same = PrivateKey::from_der(&der).unwrap();
        assert_eq!(
            same.to_pkcs8_der().expose_secret(),
            key.to_pkcs8_der().expose_secret()
        );
        let other = PrivateKey::generate(KeySpec::P256).unwrap();
        let der = version_2(other.pair.subject_public_key());
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
        let dsa = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
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
                &[version, &algorithm_with(dsa, &[]), key],
                "the key is for DSA, expected RSA, an elliptic curve (P-256, P-384 or P-521) or Ed25519",
            ),
            (
                &[version, &algorithm_with(&[0x2a, 3, 4], &[]), key],
                "the key is for 1.2.3.4, expected RSA, an elliptic curve (P-256, P-384 or P-521) or Ed25519",
            ),
        ] {
            let error = PrivateKey::from_der(&build::sequence(parts)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
