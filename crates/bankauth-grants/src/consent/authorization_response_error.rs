//! Why what came back holds no code.

use crate::ErrorCode;

/// Why what came back to the redirect URI holds no code. None of the texts holds the address's query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationResponseError {
    /// Not a URL at all.
    #[error(
        "the pasted text is not an absolute URL, expected the whole address from the browser, beginning with {expected}"
    )]
    NotUrl {
        /// The redirect URI.
        expected: Box<str>,
    },
    /// The address of another redirect URI.
    #[error("the pasted address belongs to {found}, expected {expected}")]
    OtherRedirectUri {
        /// Scheme, host, port and path that were found.
        found: Box<str>,
        /// The redirect URI.
        expected: Box<str>,
    },
    /// The response does not stand where the request asked for it.
    #[error("the response stands in {found}, expected in {expected}")]
    OtherCarrier {
        /// Where it stands.
        found: &'static str,
        /// Where it was asked for.
        expected: &'static str,
    },
    /// The server or the user refused (RFC 6749 §4.1.2.1).
    #[error("no consent was given: {}{}", code.as_str(), description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Denied {
        /// The server's code, for instance `access_denied`.
        code: ErrorCode,
        /// The server's words, made printable.
        description: Option<String>,
    },
    /// There is neither `code` nor `error`.
    #[error(
        "the pasted address has no parameter `code`, expected the address that the browser shows after the consent"
    )]
    NoCode,
    /// A parameter occurs twice, or `code` and `error` together (RFC 6749 §3.1), or a token where none was asked for.
    #[error("parameter `{name}` occurs twice or contradicts another")]
    Contradiction {
        /// The parameter.
        name: &'static str,
    },
    /// The code is empty or has characters that no code has.
    #[error("parameter `code` is empty or damaged, expected printable ASCII")]
    DamagedCode,
    /// The id token is missing where one was asked for, or has characters that no compact JWT has.
    #[error("parameter `id_token` is missing or damaged, expected a compact JWT")]
    DamagedIdToken,
    /// The state is not that of the request, or is missing (RFC 6749 §10.12): the response answers another request,
    /// perhaps an attacker's. Begin again.
    #[error("parameter `state` is {found}, expected that of the request")]
    State {
        /// `missing`, `another one`, or `there` where none was sent.
        found: &'static str,
    },
    /// The issuer is not the one that the request was sent to, or is missing (RFC 9207 §2.4). Begin again.
    #[error("parameter `iss` is {found}, expected {expected}")]
    Issuer {
        /// `missing` or `another one`.
        found: &'static str,
        /// The issuer that the request was sent to.
        expected: Box<str>,
    },
    /// The request is too old to be answered. Begin again.
    #[error("the request was made more than {minutes} minutes ago, or in the future")]
    Expired {
        /// How long a request may wait for its answer.
        minutes: u64,
    },
}

impl AuthorizationResponseError {
    /// Whether what was given is no response to this request at all, for instance a mistake in pasting: then the pending
    /// authorization, if its bytes were kept, may wait for the right one. Every other error ends it.
    #[must_use]
    pub const fn is_other_address(&self) -> bool {
        matches!(
            self,
            Self::NotUrl { .. } | Self::OtherRedirectUri { .. } | Self::NoCode
        )
    }
}
