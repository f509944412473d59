//! Tells what an input holds, so that a wrong file is named for what it is.

use std::fmt;

use crate::der::{Reader, tag};

/// What was found where something else was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// An unencrypted private key.
    PrivateKey,
    /// A private key under a passphrase: PKCS#8 (RFC 5958 section 3).
    EncryptedPrivateKey,
    /// A private key in the format of OpenSSH.
    OpenSshPrivateKey,
    /// A public key without certificate.
    PublicKey,
    /// An X.509 certificate.
    Certificate,
    /// A certificate signing request (RFC 2986).
    CertificateRequest,
    /// The parameters of an elliptic curve without key (RFC 5915 section 4).
    EcParameters,
    /// A PKCS#12 file, which holds key and certificate under a passphrase (RFC 7292).
    Pkcs12,
    /// A PEM block with a label that this crate does not know.
    Other(
        /// The label.
        String,
    ),
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "a private key",
            Self::EncryptedPrivateKey => "an encrypted private key",
            Self::OpenSshPrivateKey => "a private key in OpenSSH's own format",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate signing request",
            Self::EcParameters => "the parameters of a curve",
            Self::Pkcs12 => "a PKCS#12 file",
            Self::Other(label) => return write!(f, "a PEM block {label}"),
        })
    }
}

impl Content {
    /// What to do for who wanted a private key; begins with the separator.
    pub(crate) const fn hint_for_key(&self) -> &'static str {
        match self {
            Self::PublicKey | Self::Certificate | Self::CertificateRequest => {
                "; give the private key that it was made from"
            }
            Self::OpenSshPrivateKey => "; convert a copy with `ssh-keygen -p -m PKCS8 -f COPY`",
            Self::Pkcs12 => "; take the key out with `openssl pkcs12 -nodes -nocerts -in FILE`",
            _ => "",
        }
    }

    /// What to do for who wanted a certificate; begins with the separator.
    pub(crate) const fn hint_for_certificate(&self) -> &'static str {
        match self {
            Self::PublicKey => "; a certificate holds a public key together with a name and dates",
            Self::CertificateRequest => "; give the certificate that was issued for it",
            Self::Pkcs12 => "; take it out with `openssl pkcs12 -nokeys -clcerts -in FILE`",
            _ => "",
        }
    }
}

/// The three encodings of an unencrypted private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// RFC 5958 section 2.
    Pkcs8,
    /// RFC 8017 appendix A.1.2.
    Pkcs1,
    /// RFC 5915 section 3.
    Sec1,
}

impl KeyForm {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1 => "PKCS#1",
            Self::Sec1 => "SEC1",
        }
    }
}

/// What a label or an encoding announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    Key(KeyForm),
    Other(Content),
}

impl Announced {
    /// By the label of a PEM block (RFC 7468 sections 5 to 13, and the labels of OpenSSL).
    pub(crate) fn by_label(label: &str) -> Self {
        Self::Other(match label {
            "PRIVATE KEY" => return Self::Key(KeyForm::Pkcs8),
            "RSA PRIVATE KEY" => return Self::Key(KeyForm::Pkcs1),
            "EC PRIVATE KEY" => return Self::Key(KeyForm::Sec1),
            "ENCRYPTED PRIVATE KEY" => Content::EncryptedPrivateKey,
            "OPENSSH PRIVATE KEY" => Content::OpenSshPrivateKey,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Content::PublicKey,
            "CERTIFICATE" | "X509 CERTIFICATE" => Content::Certificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Content::CertificateRequest,
            "EC PARAMETERS" => Content::EcParameters,
            other => Content::Other(other.to_owned()),
        })
    }

    /// By the outermost types of an encoding; `None` if it is like nothing known here.
    pub(crate) fn by_der(der: &[u8]) -> Option<Self> {
        let mut outer = Reader::new(der).enter(tag::SEQUENCE).ok()?;
        let first = outer.element().ok()?;
        let second = outer.element().ok()?;
        let third = outer.peek();
        let other = match (first.tag, second.tag, third) {
            (tag::INTEGER, tag::SEQUENCE, _) if first.content == [3] => Content::Pkcs12,
            (tag::INTEGER, tag::SEQUENCE, _) => return Some(Self::Key(KeyForm::Pkcs8)),
            (tag::INTEGER, tag::OCTET_STRING, _) => return Some(Self::Key(KeyForm::Sec1)),
            (tag::INTEGER, tag::INTEGER, Some(_)) => return Some(Self::Key(KeyForm::Pkcs1)),
            (tag::INTEGER, tag::INTEGER, None) => Content::PublicKey,
            (tag::SEQUENCE, tag::BIT_STRING, None) => Content::PublicKey,
            (tag::SEQUENCE, tag::OCTET_STRING, None) => Content::EncryptedPrivateKey,
            (tag::SEQUENCE, tag::SEQUENCE, Some(tag::BIT_STRING)) => signed(first.content)?,
            _ => return None,
        };
        Some(Self::Other(other))
    }
}

/// Whether the input is DER, be it damaged, and not text. The second octet of a long encoding is beyond
/// ASCII.
pub(crate) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [tag::SEQUENCE, 0x80..=0xff, ..]) || Announced::by_der(bytes).is_some()
}

/// A certificate and a request are both signed: the fourth element of what is signed tells them apart,
/// the attributes of a request (RFC 2986 section 4.1) or the validity of a certificate.
fn signed(to_be_signed: &[u8]) -> Option<Content> {
    let mut inner = Reader::new(to_be_signed);
    if inner.peek() == Some(tag::CONTEXT_0) {
        return Some(Content::Certificate);
    }
    for _ in 0..3 {
        inner.element().ok()?;
    }
    match inner.peek() {
        Some(tag::SEQUENCE) => Some(Content::Certificate),
        Some(tag::CONTEXT_0) => Some(Content::CertificateRequest),
        _ => None,
    }
}
