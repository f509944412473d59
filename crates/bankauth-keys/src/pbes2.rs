//! PBES2 (RFC 8018 section 6.2): a key derivation and a cipher, as the parameters of a file have them.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use crate::der::{Reader, oid_text, tag};
use crate::kdf::Kdf;
use crate::key_error::KeyErrorKind;

/// The parameters, all within limits.
pub(crate) struct Pbes2<'a> {
    kdf: Kdf<'a>,
    cipher: &'static Algorithm,
    iv: [u8; BLOCK],
}

impl<'a> Pbes2<'a> {
    /// Reads the `AlgorithmIdentifier` of an encrypted key.
    pub(crate) fn read(info: &mut Reader<'a>) -> Result<Self, KeyErrorKind> {
        let field = KeyErrorKind::field("EncryptedPrivateKeyInfo.encryptionAlgorithm");
        let mut identifier = info.enter(tag::SEQUENCE).map_err(field)?;
        match identifier.read(tag::OID).map_err(field)? {
            PBES2 => {}
            other => return Err(unsupported(scheme(other))),
        }
        let field = KeyErrorKind::field("PBES2-params");
        let mut parameters = identifier.enter(tag::SEQUENCE).map_err(field)?;
        identifier.end().map_err(field)?;
        let mut kdf = parameters.enter(tag::SEQUENCE).map_err(field)?;
        let mut cipher = parameters.enter(tag::SEQUENCE).map_err(field)?;
        parameters.end().map_err(field)?;
        let (cipher, iv) = read_cipher(&mut cipher)?;
        let kdf = Kdf::read(&mut kdf, key_octets(cipher))?;
        Ok(Self { kdf, cipher, iv })
    }

    /// Whether ciphertext can have that length.
    pub(crate) const fn fits(&self, length: usize) -> bool {
        length > 0 && length.is_multiple_of(BLOCK)
    }

    /// Decrypts in place, and gives the length of what was encrypted; `None` if its padding is wrong.
    pub(crate) fn decrypt(&self, passphrase: &[u8], octets: &mut [u8]) -> Option<usize> {
        let mut key = Zeroizing::new([0; LONGEST_KEY]);
        let key = &mut key[..key_octets(self.cipher)];
        self.kdf.derive(passphrase, key)?;
        let context = DecryptionContext::Iv128(FixedLength::from(&self.iv));
        UnboundCipherKey::new(self.cipher, key)
            .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
            .and_then(|key| Ok(key.decrypt(octets, context)?.len()))
            .ok()
    }
}

/// RFC 8018 appendix A.4
pub(crate) const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// RFC 8018 appendix B.2.5, arc `aes` of NIST
pub(crate) const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const AES_192_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16];
// RFC 8018 appendix B.2.2
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];
// RFC 8018 appendix A.3
const MD5_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03];
const SHA1_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0a];
// RFC 7292 appendix C
const PKCS12_3DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03];

/// Octets in a block of AES.
const BLOCK: usize = 16;

/// Octets in the key of AES-256.
const LONGEST_KEY: usize = 32;

fn read_cipher(
    identifier: &mut Reader<'_>,
) -> Result<(&'static Algorithm, [u8; BLOCK]), KeyErrorKind> {
    let field = KeyErrorKind::field("PBES2-params.encryptionScheme");
    let cipher = match identifier.read(tag::OID).map_err(field)? {
        AES_128_CBC => &AES_128,
        AES_192_CBC => &AES_192,
        AES_256_CBC => &AES_256,
        DES_EDE3_CBC => return Err(unsupported("the cipher 3DES".to_owned())),
        other => return Err(unsupported(format!("the cipher {}", oid_text(other)))),
    };
    let iv = identifier.read(tag::OCTET_STRING).map_err(field)?;
    identifier.end().map_err(field)?;
    let iv = iv.try_into().map_err(|_| KeyErrorKind::Malformed {
        field: "PBES2-params.encryptionScheme",
        problem: "has an initialization vector that is not 16 octets long",
    })?;
    Ok((cipher, iv))
}

fn key_octets(cipher: &Algorithm) -> usize {
    if cipher == &AES_128 {
        16
    } else if cipher == &AES_192 {
        24
    } else {
        LONGEST_KEY
    }
}

const fn unsupported(found: String) -> KeyErrorKind {
    KeyErrorKind::UnsupportedEncryption { found }
}

fn scheme(oid: &[u8]) -> String {
    match oid {
        MD5_DES => "PBES1 (MD5 and DES)".to_owned(),
        SHA1_DES => "PBES1 (SHA-1 and DES)".to_owned(),
        PKCS12_3DES => "a scheme of PKCS#12 (SHA-1 and 3DES)".to_owned(),
        other => oid_text(other),
    }
}
