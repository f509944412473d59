//! The certificate by which a client shows itself to a server (RFC 8705 §2, RFC 8446 §4.4.2).

use core::fmt;
use std::sync::Arc;

use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use crate::SenderError;

/// A client's certificate, the intermediates above it, and the private key.
///
/// The key is wiped when the last copy is dropped, except where the TLS library keeps it in a form of its own.
#[derive(Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// Certificates in PEM, the client's own first and the intermediates behind it; and its private key in PEM (PKCS#8,
    /// PKCS#1 or SEC1). A root at the end is left out, as servers have it.
    ///
    /// # Errors
    /// When one of them is missing or damaged, or the key belongs to another certificate than the first.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, SenderError> {
        let wrong = |found| SenderError::Identity { found };
        let mut chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| wrong("certificates in damaged PEM"))?;
        if chain.is_empty() {
            return Err(wrong("no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| wrong("no private key, or one in damaged PEM"))?;
        let mut place = 0;
        chain.retain(|certificate| {
            place += 1;
            place == 1 || !is_self_issued(certificate)
        });
        match CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()) {
            Ok(identity) => Ok(Self(Arc::new(identity))),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(wrong("a private key of another certificate than the first"))
            }
            Err(rustls::Error::InvalidCertificate(_)) => Err(wrong("a damaged certificate")),
            Err(_) => Err(wrong("a private key of a kind that TLS does not know")),
        }
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity")
            .field("certificates", &self.0.cert.len())
            .finish_non_exhaustive()
    }
}

/// Whether issuer and subject are the same, as in a root (RFC 5280 §4.1). What cannot be read is none.
fn is_self_issued(certificate: &[u8]) -> bool {
    let read = || {
        let (_, certificate, _) = element(certificate)?;
        let (_, mut rest, _) = element(certificate)?;
        if let (0xa0, _, after_version) = element(rest)? {
            rest = after_version;
        }
        let (_, _, rest) = element(rest)?; // serial number
        let (_, _, rest) = element(rest)?; // signature algorithm
        let (_, issuer, rest) = element(rest)?;
        let (_, _, rest) = element(rest)?; // validity
        let (_, subject, _) = element(rest)?;
        Some(issuer == subject)
    };
    read().unwrap_or(false)
}

/// Tag, content and what follows of the first DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        let length = bytes
            .iter()
            .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
