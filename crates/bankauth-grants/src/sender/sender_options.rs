//! What a sender trusts, shows and goes through.

use core::fmt;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use crate::{BoxError, ClientIdentity};

/// Why a sender cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SenderError {
    /// The CA bundle is not PEM, or holds no certificate.
    #[error("the CA bundle holds {found}, expected certificates in PEM")]
    CaBundle {
        /// What it holds.
        found: &'static str,
    },
    /// The client's identity is not one.
    #[error(
        "the client's identity holds {found}, expected its certificate, then intermediates, and the private key of the first, in PEM"
    )]
    Identity {
        /// What it holds.
        found: &'static str,
    },
    /// The proxy is not one. The URL is not repeated: it may hold a password.
    #[error("the proxy is no http or https URL")]
    Proxy,
    /// TLS cannot be set up, for instance because there are no roots to trust.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
}

/// What a sender trusts besides the system's roots, what it shows to servers, and what it goes through. Nothing of it is
/// taken from the environment.
#[derive(Clone, Default)]
pub struct SenderOptions {
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) identity: Option<ClientIdentity>,
    pub(crate) proxy: Option<reqwest::Proxy>,
}

impl SenderOptions {
    /// The system's roots, no certificate of its own, no proxy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificates of `pem` besides the system's roots.
    ///
    /// # Errors
    /// When `pem` holds no certificate.
    pub fn with_ca_bundle(mut self, pem: &[u8]) -> Result<Self, SenderError> {
        let roots = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| SenderError::CaBundle {
                found: "damaged PEM",
            })?;
        if roots.is_empty() {
            return Err(SenderError::CaBundle {
                found: "no certificate",
            });
        }
        self.roots.extend(roots);
        Ok(self)
    }

    /// Shows `identity` to servers that ask for a certificate (mutual TLS).
    #[must_use]
    pub fn with_identity(mut self, identity: ClientIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Goes through the proxy at `url`, `http` or `https`, which may hold a user name and a password. TLS is between this
    /// program and the server all the same.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn with_proxy(mut self, url: &str) -> Result<Self, SenderError> {
        let parsed = url::Url::parse(url).map_err(|_| SenderError::Proxy)?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(SenderError::Proxy);
        }
        self.proxy = Some(reqwest::Proxy::all(url).map_err(|_| SenderError::Proxy)?);
        Ok(self)
    }
}

impl fmt::Debug for SenderOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderOptions")
            .field("roots", &self.roots.len())
            .field("identity", &self.identity)
            .field("proxy", &self.proxy.is_some())
            .finish()
    }
}
