//! TLS of both listeners, with the provider given here, so that nothing is installed for the whole process.

use std::{fmt, sync::Arc};

use sha2::{Digest, Sha256};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
        SignatureScheme,
        client::danger::HandshakeSignatureValid,
        crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, UnixTime, pem::PemObject},
        server::{
            NoServerSessionStorage, WebPkiClientVerifier,
            danger::{ClientCertVerified, ClientCertVerifier},
        },
        version,
    },
};

use crate::certificate::Certificates;

/// Why the certificates of clients cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientCaError {
    #[error("no certificate found, one at least expected in PEM")]
    NoCertificate,
    #[error("a certificate that is none of a CA")]
    NotACa(#[source] rustls::Error),
    #[error("the CA cannot be used")]
    Unusable(#[source] rustls::server::VerifierBuilderError),
}

/// Asks for no client certificate.
pub(crate) fn plain(certificates: Arc<Certificates>) -> Result<TlsAcceptor, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth();
    Ok(acceptor(builder.with_cert_resolver(certificates)))
}

/// Takes no connection without a client certificate.
pub(crate) fn mutual(
    certificates: Arc<Certificates>,
    verifier: Arc<dyn ClientCertVerifier>,
) -> Result<TlsAcceptor, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_client_cert_verifier(verifier);
    Ok(acceptor(builder.with_cert_resolver(certificates)))
}

/// Every certificate will do, as long as the client has its key; or only those that one of these CAs signed.
pub(crate) fn client_verifier(
    ca_pem: Option<&str>,
) -> Result<Arc<dyn ClientCertVerifier>, ClientCaError> {
    let Some(pem) = ca_pem else {
        return Ok(Arc::new(AnyCertificate(provider())));
    };
    let mut roots = RootCertStore::empty();
    for ca in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let ca = ca.map_err(|_| ClientCaError::NoCertificate)?;
        roots.add(ca).map_err(ClientCaError::NotACa)?;
    }
    if roots.is_empty() {
        return Err(ClientCaError::NoCertificate);
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(ClientCaError::Unusable)
}

/// SHA-256 of a certificate as DER, by which the bank knows it again (RFC 8705 section 3.1).
pub(crate) fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn acceptor(mut config: ServerConfig) -> TlsAcceptor {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session shows no certificate; a bad one would go unseen.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    TlsAcceptor::from(Arc::new(config))
}

/// Asks who signed a certificate of nobody: the bank compares fingerprints with those registered.
struct AnyCertificate(Arc<CryptoProvider>);

impl fmt::Debug for AnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyCertificate")
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
