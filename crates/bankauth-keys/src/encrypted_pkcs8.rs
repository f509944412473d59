//! `EncryptedPrivateKeyInfo` (RFC 5958 section 3): PKCS#8 under a passphrase.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::{pbkdf2, rand};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::content::{Announced, KeyForm};
use crate::der::{Reader, tag};
use crate::encode::{element, sequence};
use crate::kdf::{HMAC_SHA256, PBKDF2};
use crate::key_error::KeyErrorKind;
use crate::pbes2::{AES_256_CBC, PBES2, Pbes2};

/// Gives the PKCS#8 within.
///
/// Nothing in the format proves the passphrase (RFC 8018 section 6.2 has no checksum), so it counts as
/// right if padding and outermost structure of what it opens are: a wrong one gets that far once in
/// some 2^40 times. What is damaged beyond that is damage, and what is damaged before it looks the same
/// as a wrong passphrase.
pub(crate) fn open(
    der: &[u8],
    passphrase: &SecretString,
) -> Result<Zeroizing<Vec<u8>>, KeyErrorKind> {
    let whole = KeyErrorKind::field("EncryptedPrivateKeyInfo");
    let mut outer = Reader::new(der);
    let mut info = outer.enter(tag::SEQUENCE).map_err(whole)?;
    let pbes2 = Pbes2::read(&mut info)?;
    let encrypted = info
        .read(tag::OCTET_STRING)
        .map_err(KeyErrorKind::field("EncryptedPrivateKeyInfo.encryptedData"))?;
    info.end().map_err(whole)?;
    if !outer.rest().is_empty() {
        let count = outer.rest().len();
        return Err(KeyErrorKind::TrailingBytes { count });
    }
    if !pbes2.fits(encrypted.len()) {
        return Err(KeyErrorKind::Malformed {
            field: "EncryptedPrivateKeyInfo.encryptedData",
            problem: "is not a number of whole blocks",
        });
    }
    let mut octets = Zeroizing::new(encrypted.to_vec());
    let length = pbes2
        .decrypt(passphrase.expose_secret().as_bytes(), &mut octets)
        .filter(|length| is_pkcs8(&octets[..*length]))
        .ok_or(KeyErrorKind::WrongPassphrase)?;
    octets.truncate(length);
    Ok(octets)
}

/// Encrypts with PBES2: PBKDF2 with HMAC-SHA-256, AES-256 in CBC mode, salt and vector drawn anew.
pub(crate) fn seal(pkcs8: &[u8], passphrase: &SecretString) -> Result<Vec<u8>, KeyErrorKind> {
    let passphrase = passphrase.expose_secret().as_bytes();
    if passphrase.is_empty() {
        return Err(KeyErrorKind::EmptyPassphrase);
    }
    let mut salt = [0; SALT_OCTETS];
    rand::fill(&mut salt).map_err(|_| KeyErrorKind::Encryption)?;
    let mut key = Zeroizing::new([0; 32]);
    let prf = pbkdf2::PBKDF2_HMAC_SHA256;
    pbkdf2::derive(prf, ITERATIONS, &salt, passphrase, key.as_mut_slice());
    // Room for the padding from the start: a buffer that grew would leave the key behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(pkcs8.len() + 16));
    octets.extend_from_slice(pkcs8);
    let context = UnboundCipherKey::new(&AES_256, key.as_slice())
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .and_then(|key| key.encrypt(&mut *octets))
        .map_err(|_| KeyErrorKind::Encryption)?;
    let DecryptionContext::Iv128(iv) = context else {
        return Err(KeyErrorKind::Encryption);
    };
    let oid = |oid| element(tag::OID, oid);
    let kdf = sequence(&[
        &oid(PBKDF2),
        &sequence(&[
            &element(tag::OCTET_STRING, &salt),
            &element(tag::INTEGER, ITERATIONS_DER),
            &sequence(&[&oid(HMAC_SHA256), &element(tag::NULL, &[])]),
        ]),
    ]);
    let iv = element(tag::OCTET_STRING, iv.as_ref());
    let cipher = sequence(&[&oid(AES_256_CBC), &iv]);
    let algorithm = sequence(&[&oid(PBES2), &sequence(&[&kdf, &cipher])]);
    let encrypted = element(tag::OCTET_STRING, &octets);
    Ok(sequence(&[&algorithm, &encrypted]))
}

/// What OWASP's Password Storage Cheat Sheet advises for PBKDF2 with HMAC-SHA-256 (read 2026-11-20).
const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("it is not 0");

/// The same as the content of an INTEGER.
const ITERATIONS_DER: &[u8] = &[0x09, 0x27, 0xc0];

/// NIST SP 800-132 section 5.1
const SALT_OCTETS: usize = 16;

fn is_pkcs8(der: &[u8]) -> bool {
    let mut outer = Reader::new(der);
    outer.read(tag::SEQUENCE).is_ok()
        && outer.end().is_ok()
        && Announced::by_der(der) == Some(Announced::Key(KeyForm::Pkcs8))
}
