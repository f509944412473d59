//! What keys and certificates may be used for.

use std::fmt;

use crate::der::oid_text;

/// What a key may be used for (RFC 5280 section 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the standard's own words; section 4.2.1.3 explains them"
)]
pub enum KeyUsage {
    DigitalSignature,
    NonRepudiation,
    KeyEncipherment,
    DataEncipherment,
    KeyAgreement,
    KeyCertSign,
    CrlSign,
    EncipherOnly,
    DecipherOnly,
}

impl KeyUsage {
    pub(crate) const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    pub(crate) const fn bit(self) -> u32 {
        self as u32
    }
}

/// As in the standard, such as `digitalSignature`.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        })
    }
}

/// What a certificate may be used for (RFC 5280 section 4.2.1.12).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtendedKeyUsage {
    /// `clientAuth`: to be a client in TLS.
    ClientAuth,
    /// `serverAuth`: to be a server in TLS.
    ServerAuth,
    /// Another, by its identifier in dotted form.
    Other(String),
}

impl ExtendedKeyUsage {
    pub(crate) fn from_content(oid: &[u8]) -> Self {
        match oid {
            [0x2b, 6, 1, 5, 5, 7, 3, 1] => Self::ServerAuth,
            [0x2b, 6, 1, 5, 5, 7, 3, 2] => Self::ClientAuth,
            other => Self::Other(oid_text(other)),
        }
    }
}

impl fmt::Display for ExtendedKeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientAuth => "clientAuth",
            Self::ServerAuth => "serverAuth",
            Self::Other(oid) => oid,
        })
    }
}
