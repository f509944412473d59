//! Finds the one private key in an input, whatever its encoding, and opens it if it is under a passphrase.

use secrecy::SecretString;

use crate::content::{Announced, Content, KeyForm, is_der};
use crate::encrypted_pkcs8;
use crate::key_error::KeyErrorKind;
use crate::key_pair::Pair;
use crate::pem::{self, Block};
use crate::pem_error::PemError;

/// Reads PEM or DER, whichever it is. The passphrase is not looked at if the key is not encrypted.
pub(crate) fn read_bytes(
    bytes: &[u8],
    passphrase: Option<&SecretString>,
) -> Result<Pair, KeyErrorKind> {
    if is_der(bytes) {
        read_der(bytes, passphrase)
    } else {
        match read_pem(bytes, passphrase) {
            Err(KeyErrorKind::Pem(PemError::NoBlock)) => Err(KeyErrorKind::Unrecognized),
            result => result,
        }
    }
}

pub(crate) fn read_der(
    der: &[u8],
    passphrase: Option<&SecretString>,
) -> Result<Pair, KeyErrorKind> {
    if der.is_empty() {
        return Err(KeyErrorKind::Empty);
    }
    match Announced::by_der(der) {
        Some(Announced::Key(form)) => Pair::load(form, der),
        Some(Announced::Other(Content::EncryptedPrivateKey)) => load_encrypted(der, passphrase),
        Some(Announced::Other(found)) => Err(KeyErrorKind::NotAPrivateKey { found }),
        None => Err(KeyErrorKind::Malformed {
            field: "the DER",
            problem: "is cut short or none of PKCS#8, PKCS#1 and SEC1",
        }),
    }
}

pub(crate) fn read_pem(
    text: &[u8],
    passphrase: Option<&SecretString>,
) -> Result<Pair, KeyErrorKind> {
    if text.trim_ascii().is_empty() {
        return Err(KeyErrorKind::Empty);
    }
    let blocks = pem::blocks(text).map_err(KeyErrorKind::Pem)?;
    let mut keys = Vec::new();
    let mut others = Vec::new();
    for block in &blocks {
        match Announced::by_label(block.label) {
            Announced::Key(form) => keys.push((block, Form::Plain(form))),
            Announced::Other(Content::EncryptedPrivateKey) => keys.push((block, Form::Encrypted)),
            Announced::Other(content) => others.push(content),
        }
    }
    match (&keys[..], others.into_iter().next()) {
        ([(block, form)], _) => read_block(block, *form, passphrase),
        ([], Some(found)) => Err(KeyErrorKind::NotAPrivateKey { found }),
        ([], None) => Err(KeyErrorKind::Pem(PemError::NoBlock)),
        (keys, _) => Err(KeyErrorKind::SeveralKeys { count: keys.len() }),
    }
}

/// What a label or an encoding says of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain(KeyForm),
    Encrypted,
}

impl Form {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain(form) => form.as_str(),
            Self::Encrypted => "encrypted PKCS#8",
        }
    }
}

fn read_block(
    block: &Block<'_>,
    label: Form,
    passphrase: Option<&SecretString>,
) -> Result<Pair, KeyErrorKind> {
    if block.encrypted {
        return Err(KeyErrorKind::TraditionalEncryption);
    }
    let der = block.decode().map_err(KeyErrorKind::Pem)?;
    let found = match Announced::by_der(&der) {
        Some(Announced::Key(form)) => Form::Plain(form),
        Some(Announced::Other(Content::EncryptedPrivateKey)) => Form::Encrypted,
        Some(Announced::Other(found)) => return Err(KeyErrorKind::NotAPrivateKey { found }),
        // Damaged, and where is said when it is read as what it was meant to be.
        None => label,
    };
    if found != label {
        return Err(KeyErrorKind::Mislabelled {
            label: label.as_str(),
            found: found.as_str(),
        });
    }
    match label {
        Form::Plain(form) => Pair::load(form, &der),
        Form::Encrypted => load_encrypted(&der, passphrase),
    }
}

fn load_encrypted(der: &[u8], passphrase: Option<&SecretString>) -> Result<Pair, KeyErrorKind> {
    let passphrase = passphrase.ok_or(KeyErrorKind::Encrypted)?;
    let pkcs8 = encrypted_pkcs8::open(der, passphrase)?;
    Pair::load(KeyForm::Pkcs8, &pkcs8)
}
