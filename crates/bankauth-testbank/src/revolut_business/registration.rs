//! Uploading a certificate, redirect URI and IP list, as in the bank's web app.

use std::{borrow::Borrow, fmt, net::IpAddr, time::SystemTime};

use x509_parser::{
    certificate::X509Certificate, oid_registry::OID_PKCS1_RSAENCRYPTION, pem::parse_x509_pem,
    prelude::FromDer, public_key::PublicKey,
};

use crate::{date, ip_list::IpList, redirect_uri, secret};

/// The guide makes keys of this size.
const MIN_RSA_BITS: usize = 2048;

/// The id under which the bank knows a certificate: no secret. It begins with a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    pub(super) fn random() -> Self {
        Self(secret::identifier())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for ClientId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Why the bank does not take an upload.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// The text is not one PEM block and nothing else.
    #[error("certificate: {found} found, one PEM block and nothing else expected")]
    NotOnePem {
        /// What the text is instead.
        found: &'static str,
    },
    /// A PEM block of something else, e.g. a bare public key or, worse, a private key.
    #[error("certificate: a PEM block of a {label} found, a CERTIFICATE expected")]
    NotACertificate {
        /// The label of the block.
        label: String,
    },
    /// The block does not hold an X.509 certificate.
    #[error("certificate: the PEM block does not hold an X.509 certificate")]
    Malformed,
    /// The subject has no field; the bank's guide asks for one at least.
    #[error("certificate: an empty subject found, one field at least expected")]
    EmptySubject,
    /// The key is no RSA key, e.g. an elliptic curve one.
    #[error("certificate: a key of the algorithm {algorithm} found, RSA expected")]
    NotRsa {
        /// The object identifier of the algorithm.
        algorithm: String,
    },
    /// The RSA key is too short.
    #[error("certificate: an RSA key of {bits} bits found, 2048 at least expected")]
    KeyTooShort {
        /// The size of the modulus.
        bits: usize,
    },
    /// The certificate's time is over, or has not come.
    #[error("certificate: not valid now by the bank's clock, but only {validity}")]
    NotValidNow {
        /// From when until when, for people to read.
        validity: String,
    },
    /// The redirect URI cannot be one.
    #[error(
        "redirect URI: {found} found, an absolute http or https URL in ASCII without user name and fragment expected"
    )]
    RedirectUri {
        /// What is wrong.
        found: &'static str,
    },
    /// An entry of the IP list is neither an address nor a CIDR pool.
    #[error("IP list: {entry:?} found, an IP address or a pool in CIDR notation expected")]
    IpList {
        /// The entry.
        entry: String,
    },
}

impl UploadError {
    /// What the bank's web app says, where that is known: `Invalid public key` for whatever is wrong with the
    /// certificate.
    pub fn bank_words(&self) -> Option<&'static str> {
        match self {
            Self::RedirectUri { .. } | Self::IpList { .. } => None,
            _ => Some("Invalid public key"),
        }
    }
}

/// What the bank keeps of an upload.
pub(crate) struct Client {
    /// The RSA public key as PKCS#1 DER.
    pub(super) public_key: Vec<u8>,
    /// Unix seconds after which the certificate is of no use.
    pub(super) not_after: i64,
    /// Exactly as it was typed.
    pub(super) redirect_uri: String,
    /// Host of the redirect URI without port, which every assertion must name as its issuer.
    pub(super) issuer: String,
    ip_list: IpList,
}

impl Client {
    pub(super) fn read(
        pem: &str,
        redirect_uri: &str,
        ip_list: &[&str],
        now: SystemTime,
    ) -> Result<Self, UploadError> {
        let (public_key, not_after) = read_certificate(pem, date::unix_seconds(now))?;
        Ok(Self {
            public_key,
            not_after,
            issuer: issuer_of(redirect_uri)?,
            redirect_uri: redirect_uri.to_owned(),
            ip_list: IpList::read(ip_list).map_err(|entry| UploadError::IpList { entry })?,
        })
    }

    pub(super) fn has_ip_list(&self) -> bool {
        !self.ip_list.is_empty()
    }

    pub(super) fn admits(&self, peer: IpAddr) -> bool {
        self.ip_list.admits(peer)
    }
}

fn read_certificate(text: &str, now: i64) -> Result<(Vec<u8>, i64), UploadError> {
    let not_one_pem = |found| UploadError::NotOnePem { found };
    let text = text.trim();
    match text.matches("-----BEGIN ").count() {
        _ if text.is_empty() => return Err(not_one_pem("nothing")),
        0 => return Err(not_one_pem("no PEM block")),
        1 if !text.starts_with("-----BEGIN ") => return Err(not_one_pem("text before the block")),
        1 => {}
        _ => return Err(not_one_pem("more than one PEM block")),
    }
    let Ok((rest, pem)) = parse_x509_pem(text.as_bytes()) else {
        return Err(not_one_pem("a broken PEM block"));
    };
    if !rest.trim_ascii().is_empty() {
        return Err(not_one_pem("text after the block"));
    }
    if pem.label != "CERTIFICATE" {
        return Err(UploadError::NotACertificate { label: pem.label });
    }
    let Ok(([], certificate)) = X509Certificate::from_der(&pem.contents) else {
        return Err(UploadError::Malformed);
    };

    let mut fields = certificate.subject().iter_attributes();
    if fields.all(|field| field.attr_value().data.is_empty()) {
        return Err(UploadError::EmptySubject);
    }
    let public_key = certificate.public_key();
    let algorithm = &public_key.algorithm.algorithm;
    if *algorithm != OID_PKCS1_RSAENCRYPTION {
        let algorithm = algorithm.to_id_string();
        return Err(UploadError::NotRsa { algorithm });
    }
    let Ok(PublicKey::RSA(rsa)) = public_key.parsed() else {
        return Err(UploadError::Malformed);
    };
    let bits = bit_length(rsa.modulus);
    if bits < MIN_RSA_BITS {
        return Err(UploadError::KeyTooShort { bits });
    }
    let validity = certificate.validity();
    let (not_before, not_after) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    if now < not_before || not_after < now {
        let validity = format!(
            "from {} until {}",
            date::java_date(not_before),
            date::java_date(not_after)
        );
        return Err(UploadError::NotValidNow { validity });
    }
    Ok((public_key.subject_public_key.data.to_vec(), not_after))
}

fn bit_length(big_endian: &[u8]) -> usize {
    match big_endian.iter().position(|byte| *byte != 0) {
        None => 0,
        Some(first) => (big_endian.len() - first) * 8 - big_endian[first].leading_zeros() as usize,
    }
}

fn issuer_of(redirect_uri: &str) -> Result<String, UploadError> {
    let wrong = |found| UploadError::RedirectUri { found };
    let url = redirect_uri::read(redirect_uri).map_err(wrong)?;
    match url.host_str() {
        Some(host) => Ok(host.to_owned()),
        None => Err(wrong("no host")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GUIDE: &str = include_str!("../../tests/certificates/guide.cer");

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = read_certificate(&text, 0);
            let _ = read_certificate(
                &format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"),
                0,
            );
            let _ = issuer_of(&text);
        }

        #[test]
        fn a_changed_byte_is_read_or_refused(at in 0..GUIDE.len(), byte in 0x20_u8..0x7f) {
            let mut text = GUIDE.as_bytes().to_vec();
            text[at] = byte;
            let text = String::from_utf8(text).unwrap();
            let _ = read_certificate(&text, 1_700_000_000);
        }

    }

    #[test]
    fn issuer_is_the_host_without_port() {
        let issuer = |uri| issuer_of(uri).unwrap();
        assert_eq!(issuer("https://example.com"), "example.com");
        assert_eq!(issuer("https://127.0.0.1:8787/callback"), "127.0.0.1");
        assert_eq!(issuer("http://localhost/?a=b"), "localhost");
        assert_eq!(issuer("https://EXAMPLE.com/a@b"), "example.com");
    }

    #[test]
    fn bits_of_a_modulus() {
        assert_eq!(bit_length(&[]), 0);
        assert_eq!(bit_length(&[0, 0x80, 0]), 16);
        assert_eq!(bit_length(&[1]), 1);
    }
}
