//! Why the program ends, as a text, a hint and an exit code.

use std::{error::Error, sync::Arc};

use bankauth_grants::{AuthorizationResponseError, SendError, SendErrorKind, TokenError};
use bankauth_keys::{CertificateError, KeyError, NameError, Psd2Error, RequestError};
use bankauth_profile::{ProfileError, SecretSourceError};
use bankauth_revolut::business::{ApiError, RedirectError, WrongEnvironment};
use bankauth_tokens::{StoreError, TokensError};

/// Whose turn it is, by exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 1: ours.
    Ours,
    /// 2: usage or configuration.
    Usage,
    /// 3: the bank refused.
    Refused,
    /// 4: the network, or an answer that is none.
    Network,
    /// 5: the user must act.
    User,
}

#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: Box<dyn Error + Send + Sync>,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            error: error.into(),
            hint: None,
        }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Kind::Usage, text.into())
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) const fn code(&self) -> u8 {
        match self.kind {
            Kind::Ours => 1,
            Kind::Usage => 2,
            Kind::Refused => 3,
            Kind::Network => 4,
            Kind::User => 5,
        }
    }

    /// The same in the words of a profile, where the error speaks of a credential's name in the store.
    pub(crate) fn of_profile(self, name: &str) -> Self {
        let text = match self.error.downcast_ref::<TokensError>() {
            Some(TokensError::NotAuthorised { .. }) => format!("profile {name} has no token yet"),
            Some(TokensError::NeedsUser { reason, .. }) => {
                format!("the bank has ended the authorisation of profile {name}: {reason}")
            }
            _ => return self,
        };
        Self {
            error: text.into(),
            ..self
        }
    }

    /// The error and each of its causes, once.
    pub(crate) fn text(&self) -> String {
        chain(&*self.error)
    }

    /// What to do about it, where somebody on the way knows.
    pub(crate) fn hint(&self) -> Option<String> {
        self.hint
            .clone()
            .or_else(|| self.causes().find_map(hint_of))
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        std::iter::successors(Some(&*self.error as &(dyn Error + 'static)), |&error| {
            error.source()
        })
    }
}

/// An error and each of its causes, once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |&error| error.source()) {
        let cause = cause.to_string();
        // Some libraries repeat their cause in their own text.
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

fn hint_of(cause: &(dyn Error + 'static)) -> Option<String> {
    // A cause that is kept behind a pointer shows itself as that pointer.
    let shared = cause
        .downcast_ref::<Arc<TokenError>>()
        .map(|error| &**error);
    let token = cause.downcast_ref::<TokenError>().or(shared);
    let api = cause.downcast_ref::<ApiError>();
    if let Some(wait) = token
        .and_then(TokenError::retry_after)
        .or_else(|| api?.retry_after())
    {
        return Some(format!(
            "the bank asks to wait for {}",
            humantime::format_duration(wait)
        ));
    }
    let known = token
        .and_then(|error| error.refusal()?.hint())
        .or_else(|| api?.hint());
    if let Some(hint) = known {
        return Some(hint.to_owned());
    }
    let distrusted = cause
        .downcast_ref::<SendError>()
        .is_some_and(|error| error.kind() == SendErrorKind::Tls);
    distrusted.then(|| {
        "if the server is the right one and its authority is not among the system's, name that in the profile's ca_bundle"
            .to_owned()
    })
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::new(Kind::Usage, error)
    }
}

/// What is wrong with a file that was named, or with what was typed.
macro_rules! usage {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Kind::Usage, error)
            }
        })*
    };
}

usage!(
    CertificateError,
    KeyError,
    NameError,
    Psd2Error,
    RequestError,
    SecretSourceError
);

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::new(kind_of(&error), error)
    }
}

fn kind_of(error: &TokenError) -> Kind {
    match error {
        TokenError::Transport(_) | TokenError::Malformed(_) => Kind::Network,
        TokenError::Refused(_) => Kind::Refused,
        TokenError::Request(_) => Kind::Usage,
        _ if WrongEnvironment::of(error).is_some() => Kind::Usage,
        _ => Kind::Ours,
    }
}

impl From<TokensError> for Failure {
    fn from(error: TokensError) -> Self {
        let kind = match &error {
            TokensError::NotAuthorised { .. } | TokensError::NeedsUser { .. } => Kind::User,
            TokensError::Renewal(error) => kind_of(error),
            TokensError::Late | TokensError::Busy => Kind::Network,
            TokensError::Store(error) => match **error {
                StoreError::Damaged { .. } => Kind::User,
                StoreError::Exposed { .. } => Kind::Usage,
                _ => Kind::Ours,
            },
            _ => Kind::Ours,
        };
        Self::new(kind, error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let kind = match &error {
            ApiError::Transport(_) | ApiError::Malformed(_) | ApiError::Server(_) => Kind::Network,
            ApiError::WrongEnvironment(_) | ApiError::Path(_) => Kind::Usage,
            _ => Kind::Refused,
        };
        Self::new(kind, error)
    }
}

impl From<RedirectError> for Failure {
    fn from(error: RedirectError) -> Self {
        let denied = matches!(
            &error,
            RedirectError::Address(AuthorizationResponseError::Denied { .. })
        );
        Self::new(if denied { Kind::Refused } else { Kind::Usage }, error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Kind::Ours, error)
    }
}
