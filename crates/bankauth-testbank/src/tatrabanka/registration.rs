//! Saving an application, as in the bank's developer portal.

use std::fmt;

use x509_parser::pem::parse_x509_pem;

use super::product::{Scope, TatraBankaProduct};
use crate::{redirect_uri, secret, tls};

/// An application as a person describes it in the developer portal.
#[derive(Clone, Debug)]
pub struct TatraBankaApplication {
    third_party: bool,
    public: bool,
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    certificate: Option<String>,
}

/// What the portal shows once an application is saved.
///
/// `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct TatraBankaCredentials {
    client_id: String,
    client_secret: Option<String>,
}

/// Why the portal does not take an application.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TatraBankaApplicationError {
    /// A scope that the bank does not have.
    #[error("scope: {0:?} found, one of the bank's scopes expected, e.g. PREMIUM_AIS")]
    Scope(String),
    /// The redirect URI cannot be one.
    #[error(
        "redirect URI: {found} found, an absolute http or https URL in ASCII without user name and fragment expected"
    )]
    RedirectUri {
        /// What is wrong.
        found: &'static str,
    },
    /// The certificate is not one PEM block of a certificate.
    #[error("certificate: not one, an X.509 certificate as PEM expected")]
    Certificate,
    /// A PSD2 scope without a certificate.
    #[error("certificate: none found, one expected for the scope {0}")]
    NoCertificate(&'static str),
    /// A public client with a scope for which there are no users.
    #[error("scope: {0} found, one with users expected for a public client")]
    Public(&'static str),
}

/// A client, checked.
pub(super) struct Client {
    pub(super) client_id: String,
    /// `None` for a public client.
    pub(super) client_secret: Option<String>,
    pub(super) third_party: bool,
    pub(super) scopes: Vec<Scope>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) certificate: Option<[u8; 32]>,
    pub(super) contract: bool,
}

impl TatraBankaApplication {
    /// *Final consumer*: access to the accounts of whoever made the application, with the scope `PREMIUM_AIS` until
    /// [`with_scopes`](Self::with_scopes) says otherwise.
    #[must_use]
    pub fn final_consumer() -> Self {
        Self {
            third_party: false,
            public: false,
            scopes: vec![Scope::PremiumAis.name().to_owned()],
            redirect_uris: Vec::new(),
            certificate: None,
        }
    }

    /// *TPP*: access to the accounts of others, each by a consent.
    #[must_use]
    pub fn third_party() -> Self {
        Self {
            third_party: true,
            ..Self::final_consumer()
        }
    }

    /// Selects these scopes, of any products.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Adds a callback URL.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uris.push(redirect_uri.into());
        self
    }

    /// For a single page or mobile application: no secret.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// The certificate of the client for mutual TLS, as PEM. PSD2 knows the client by it.
    #[must_use]
    pub fn with_certificate(mut self, pem: impl Into<String>) -> Self {
        self.certificate = Some(pem.into());
        self
    }

    pub(super) fn check(self) -> Result<Client, TatraBankaApplicationError> {
        type Error = TatraBankaApplicationError;
        let scopes = self.scopes.into_iter();
        let scopes = scopes.map(|name| Scope::read(&name).ok_or(Error::Scope(name)));
        let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
        for redirect_uri in &self.redirect_uris {
            redirect_uri::read(redirect_uri).map_err(|found| Error::RedirectUri { found })?;
        }
        let certificate = self.certificate.as_deref().map(read_certificate);
        let certificate = certificate.transpose()?;
        for scope in &scopes {
            if scope.product() == TatraBankaProduct::Psd2 && certificate.is_none() {
                return Err(Error::NoCertificate(scope.name()));
            }
            if self.public && !scope.product().has_users() {
                return Err(Error::Public(scope.name()));
            }
        }
        Ok(Client {
            // The beginning and the length that the bank's gateway gives its ids.
            client_id: format!("l7{}", secret::hex(16)),
            client_secret: (!self.public).then(|| secret::hex(16)),
            third_party: self.third_party,
            scopes,
            redirect_uris: self.redirect_uris,
            certificate,
            contract: true,
        })
    }
}

impl Client {
    pub(super) fn credentials(&self) -> TatraBankaCredentials {
        TatraBankaCredentials {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }
}

impl TatraBankaCredentials {
    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client secret; `None` for a public client.
    pub fn expose_client_secret(&self) -> Option<&str> {
        self.client_secret.as_deref()
    }
}

impl fmt::Debug for TatraBankaCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TatraBankaCredentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

fn read_certificate(pem: &str) -> Result<[u8; 32], TatraBankaApplicationError> {
    let wrong = || TatraBankaApplicationError::Certificate;
    let (_, block) = parse_x509_pem(pem.trim().as_bytes()).map_err(|_| wrong())?;
    block.parse_x509().map_err(|_| wrong())?;
    Ok(tls::fingerprint(&block.contents))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_application_is_read_or_refused(scope: String, uri: String, pem: String) {
            let application = TatraBankaApplication::third_party()
                .with_scopes(&[&scope])
                .with_redirect_uri(uri)
                .with_certificate(&pem);
            let _ = application.check();
            let _ = read_certificate(&format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----"));
        }
    }

    #[test]
    fn what_the_portal_does_not_take() {
        let refused =
            |application: TatraBankaApplication| application.check().err().unwrap().to_string();
        let consumer = TatraBankaApplication::final_consumer;
        insta::assert_snapshot!(refused(consumer().with_scopes(&["AISP"])), @r#"scope: "AISP" found, one of the bank's scopes expected, e.g. PREMIUM_AIS"#);
        insta::assert_snapshot!(refused(consumer().with_redirect_uri("https://example.com/#a")), @"redirect URI: a fragment found, an absolute http or https URL in ASCII without user name and fragment expected");
        insta::assert_snapshot!(refused(consumer().with_certificate("x")), @"certificate: not one, an X.509 certificate as PEM expected");
        insta::assert_snapshot!(refused(consumer().with_scopes(&["AIS"])), @"certificate: none found, one expected for the scope AIS");
        insta::assert_snapshot!(refused(consumer().public().with_scopes(&["IDENTITY"])), @"scope: IDENTITY found, one with users expected for a public client");
    }
}
