//! [`HttpSend`] over reqwest, rustls and the system's roots.

use core::{fmt, time::Duration};
use std::{error::Error as _, sync::Arc};

use bytes::Bytes;
use reqwest::{redirect, retry};
use rustls::{
    ClientConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
    sign::SingleCertAndKey,
};
use rustls_platform_verifier::Verifier;

use crate::{
    Body, BoxFuture, ClientIdentity, HttpSend, Limits, SendError, SendErrorKind, SenderError,
    SenderOptions,
};

/// How long a connection may take to be made; the deadline of a call covers it as well.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends over TLS 1.2 or 1.3 with certificates always verified, follows no redirect, repeats nothing,
/// unpacks nothing, and uses no proxy unless told to.
///
/// The answer's bytes are wiped when they are dropped, except in the read buffers of the HTTP library.
#[derive(Clone)]
pub struct ReqwestSender(reqwest::Client);

impl ReqwestSender {
    /// Trusts the system's roots.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, SenderError> {
        Self::with_options(SenderOptions::new())
    }

    /// Trusts the certificates of `pem` besides the system's roots.
    ///
    /// # Errors
    /// When `pem` holds no certificate, or TLS cannot be set up.
    pub fn with_ca_bundle(pem: &[u8]) -> Result<Self, SenderError> {
        Self::with_options(SenderOptions::new().with_ca_bundle(pem)?)
    }

    /// A sender for mutual TLS, behind a proxy, or with further roots.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_options(options: SenderOptions) -> Result<Self, SenderError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = tls(provider, options.roots, options.identity)
            .map_err(|error| SenderError::Tls(error.into()))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .https_only(true)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            // Off whatever other crates turn on in reqwest: a small answer must not become a large one.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("bankauth/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = options.proxy {
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map(Self)
            .map_err(|error| SenderError::Tls(error.into()))
    }
}

fn tls(
    provider: Arc<CryptoProvider>,
    extra_roots: Vec<CertificateDer<'static>>,
    identity: Option<ClientIdentity>,
) -> Result<ClientConfig, rustls::Error> {
    let verifier = Verifier::new_with_extra_roots(extra_roots, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider)
        // TLS 1.2 and 1.3.
        .with_safe_default_protocol_versions()?
        // Named so by rustls because a verifier can be wrong; this one is the platform's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(match identity {
        None => config.with_no_client_auth(),
        Some(identity) => config
            .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified_key()))),
    })
}

impl fmt::Debug for ReqwestSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestSender").finish_non_exhaustive()
    }
}

impl HttpSend for ReqwestSender {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        Box::pin(async move {
            // The body is handed over as its owner, so that it is wiped once the library lets go of it.
            let mut request =
                reqwest::Request::try_from(request.map(Bytes::from_owner)).map_err(classify)?;
            *request.timeout_mut() = Some(limits.deadline());
            let mut answer = self.0.execute(request).await.map_err(classify)?;
            let too_large = || SendError::new(SendErrorKind::BodyTooLarge);
            let announced =
                usize::try_from(answer.content_length().unwrap_or_default()).unwrap_or(usize::MAX);
            if announced > limits.max_body() {
                return Err(too_large());
            }
            let mut body = Body::from(Vec::with_capacity(announced));
            while let Some(chunk) = answer.chunk().await.map_err(classify)? {
                if body.len().saturating_add(chunk.len()) > limits.max_body() {
                    return Err(too_large());
                }
                body.append(&chunk);
            }
            let mut response = http::Response::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = core::mem::take(answer.headers_mut());
            Ok(response)
        })
    }
}

/// Tells from a failure whether the request may have arrived. Where it cannot be told, it may have.
fn classify(error: reqwest::Error) -> SendError {
    let kind = if error.is_builder() {
        SendErrorKind::Unsendable
    } else if refused_handshake(&error) || (error.is_connect() && has_tls_error(&error)) {
        SendErrorKind::Tls
    } else if error.is_connect() {
        SendErrorKind::Connect
    } else if error.is_timeout() {
        SendErrorKind::Timeout
    } else {
        SendErrorKind::Interrupted
    };
    // The text of a reqwest error holds the URL, and a URL's query may hold what is nobody's business.
    SendError::new(kind).with_source(error.without_url())
}

fn tls_errors(error: &reqwest::Error) -> impl Iterator<Item = &rustls::Error> {
    core::iter::successors(error.source(), |&error| error.source()).filter_map(tls_error)
}

fn tls_error<'a>(error: &'a (dyn core::error::Error + 'static)) -> Option<&'a rustls::Error> {
    // The source of an I/O error is that of the error which it wraps, and the connector wraps one in another.
    let wrapped = || error.downcast_ref::<std::io::Error>()?.get_ref();
    error.downcast_ref().or_else(|| tls_error(wrapped()?))
}

fn has_tls_error(error: &reqwest::Error) -> bool {
    tls_errors(error).next().is_some()
}

/// Under TLS 1.3 a server refuses the client's certificate only after the client believes the handshake done, but
/// always before it reads a request.
fn refused_handshake(error: &reqwest::Error) -> bool {
    use rustls::AlertDescription as Alert;
    tls_errors(error).any(|error| {
        matches!(
            error,
            rustls::Error::AlertReceived(
                Alert::AccessDenied
                    | Alert::BadCertificate
                    | Alert::CertificateExpired
                    | Alert::CertificateRequired
                    | Alert::CertificateRevoked
                    | Alert::CertificateUnknown
                    | Alert::HandshakeFailure
                    | Alert::ProtocolVersion
                    | Alert::UnknownCA
                    | Alert::UnsupportedCertificate
            )
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_bundle_without_certificates_is_refused() {
        insta::assert_snapshot!(
            ReqwestSender::with_ca_bundle(b"nothing here").unwrap_err(),
            @"the CA bundle holds no certificate, expected certificates in PEM"
        );
        insta::assert_snapshot!(
            ReqwestSender::with_ca_bundle(b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n").unwrap_err(),
            @"the CA bundle holds damaged PEM, expected certificates in PEM"
        );
    }

    #[tokio::test]
    async fn plain_http_is_never_sent_rfc6749_3_2() {
        let sender = ReqwestSender::new().unwrap();
        let request = http::Request::get("http://127.0.0.1:1/")
            .body(Body::empty())
            .unwrap();
        let error = sender.send(request, Limits::TOKEN).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Unsendable);
        assert!(!error.may_have_been_processed());
    }

    #[tokio::test]
    async fn a_refused_connection_was_not_processed() {
        let sender = ReqwestSender::new().unwrap();
        let request = http::Request::get("https://127.0.0.1:1/?code=marked")
            .body(Body::empty())
            .unwrap();
        let error = sender.send(request, Limits::TOKEN).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Connect);
        assert!(!error.may_have_been_processed());
        assert!(!format!("{error:?}").contains("marked"));
    }
}
