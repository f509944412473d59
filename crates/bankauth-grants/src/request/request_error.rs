//! What was given does not make a request.

/// What was given does not make a request. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Not an absolute `https` URL without fragment, user name or password.
    #[error(
        "{field} is {found}, expected an absolute https URL without fragment, user name or password"
    )]
    Url {
        /// Which URL.
        field: &'static str,
        /// What it is instead.
        found: Box<str>,
    },
    /// A required parameter is empty.
    #[error("{field} is empty")]
    Empty {
        /// Which parameter.
        field: &'static str,
    },
    /// A scope outside the grammar of RFC 6749 §3.3.
    #[error(
        "scope `{found}` has a character that is not allowed, expected printable ASCII without quote and backslash"
    )]
    Scope {
        /// The scope.
        found: Box<str>,
    },
    /// A refresh that asks for more than was granted (RFC 6749 §6).
    #[error("scope `{found}` was not granted, and a refresh cannot ask for more")]
    WiderScope {
        /// The value that was not granted.
        found: Box<str>,
    },
    /// A parameter or scope value that is there already (RFC 6749 §3.1, §3.2).
    #[error("`{name}` occurs twice")]
    Twice {
        /// Its name.
        name: Box<str>,
    },
    /// A parameter that this crate writes itself.
    #[error("`{name}` is not a further parameter: it has a type or method of its own")]
    Own {
        /// Its name.
        name: &'static str,
    },
    /// A value that cannot be carried where it has to go. The value is not repeated.
    #[error("{field} is {found}, expected {expected}")]
    Value {
        /// Which value.
        field: &'static str,
        /// What is wrong with it.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A code of one authorization server for the token endpoint of another (RFC 9700 §4.4).
    #[error("the code is of {found}, and the token endpoint of {expected}")]
    OtherIssuer {
        /// Whose code it is.
        found: Box<str>,
        /// Whose endpoint it is.
        expected: Box<str>,
    },
    /// The request could not be put together for another reason.
    #[error("the request could not be put together")]
    Internal,
}
