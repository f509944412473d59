//! Client authentication methods by their registered names (RFC 7591 §2, RFC 8414 §2, RFC 8705 §2).

/// A method of client authentication, as metadata and registrations name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthMethod {
    /// `none`.
    None,
    /// `client_secret_basic`.
    ClientSecretBasic,
    /// `client_secret_post`.
    ClientSecretPost,
    /// `client_secret_jwt`.
    ClientSecretJwt,
    /// `private_key_jwt`.
    PrivateKeyJwt,
    /// `tls_client_auth`: a certificate of an authority.
    TlsClientAuth,
    /// `self_signed_tls_client_auth`: a certificate that was registered.
    SelfSignedTlsClientAuth,
    /// Any other, as it was written.
    Other(Box<str>),
}

impl AuthMethod {
    /// From the strongest to the weakest: what [`Metadata::choose_auth_method`](crate::Metadata::choose_auth_method)
    /// tries in this order.
    pub(crate) const ORDER: [Self; 7] = [
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::PrivateKeyJwt,
        Self::ClientSecretJwt,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::None,
    ];

    /// By its registered name.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let known = Self::ORDER
            .into_iter()
            .find(|method| method.as_str() == text);
        known.unwrap_or_else(|| Self::Other(text.into()))
    }

    /// The registered name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::Other(text) => text,
        }
    }
}
