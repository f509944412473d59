//! Which certificate the server shows.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio_rustls::rustls::{
    self,
    crypto::aws_lc_rs::sign::any_supported_type,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::ca::ServerIdentity;

/// A certificate that the server can show. A client must refuse all but the first.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerCertificate {
    /// Nothing is wrong with it.
    #[default]
    Good,
    /// It ended a month ago.
    Expired,
    /// It begins in a month.
    NotYetValid,
    /// It is for another host.
    WrongName,
    /// Its extended key usage is that of clients alone.
    WrongUsage,
    /// Another CA signed it.
    UntrustedCa,
}

impl ServerCertificate {
    /// All of them, for a test that tries each.
    pub const ALL: &[Self] = &[
        Self::Good,
        Self::Expired,
        Self::NotYetValid,
        Self::WrongName,
        Self::WrongUsage,
        Self::UntrustedCa,
    ];
}

/// The certificates, and the order of those still to be shown. For both listeners.
#[derive(Debug)]
pub(crate) struct Certificates {
    keys: Vec<(ServerCertificate, Arc<CertifiedKey>)>,
    usual: ServerCertificate,
    planned: Mutex<Vec<(ServerCertificate, u32)>>,
}

impl Certificates {
    pub(crate) fn new(
        identity: &ServerIdentity,
        usual: ServerCertificate,
    ) -> Result<Self, rustls::Error> {
        let key = any_supported_type(&identity.key)?;
        let keys = ServerCertificate::ALL.iter().zip(&identity.certificates);
        let keys = keys.map(|(kind, certificate)| {
            let key = CertifiedKey::new(vec![certificate.clone()], Arc::clone(&key));
            (*kind, Arc::new(key))
        });
        Ok(Self {
            keys: keys.collect(),
            usual,
            planned: Mutex::default(),
        })
    }

    pub(crate) fn show_next(&self, certificate: ServerCertificate, times: u32) {
        if times > 0 {
            let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
            planned.push((certificate, times));
        }
    }

    fn next(&self) -> ServerCertificate {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((certificate, times)) = planned.first_mut() else {
            return self.usual;
        };
        let certificate = *certificate;
        *times -= 1;
        if *times == 0 {
            planned.remove(0);
        }
        certificate
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let next = self.next();
        let (_, key) = self.keys.iter().find(|(kind, _)| *kind == next)?;
        Some(Arc::clone(key))
    }
}
