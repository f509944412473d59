//! The bank's errors, in the form of the OAuth server beneath it.

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

/// A refusal. `message` says the same as `error_description`, for older clients.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    hint: Option<Cow<'static, str>>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    message: &'a str,
}

impl Refusal {
    pub(super) fn invalid_request() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.",
        )
    }

    pub(super) fn check(parameter: &str) -> Self {
        Self::invalid_request().hint(format!("Check the `{parameter}` parameter"))
    }

    pub(super) fn unsupported_grant_type() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        )
        .hint("Check that all required parameters have been provided")
    }

    pub(super) fn invalid_scope(scope: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "The requested scope is invalid, unknown, or malformed",
        )
        .hint(format!("Check the `{scope}` scope"))
    }

    pub(super) fn invalid_client() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed",
        )
    }

    pub(super) fn invalid_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "The user credentials were incorrect.",
        )
    }

    pub(super) fn invalid_refresh_token(hint: &'static str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_request",
            "The refresh token is invalid.",
        )
        .hint(hint)
    }

    pub(super) fn invalid_access_token() -> Self {
        Self::denied(StatusCode::UNAUTHORIZED).hint("Access token is invalid")
    }

    pub(super) fn forbidden() -> Self {
        Self::denied(StatusCode::FORBIDDEN)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found.")
    }

    fn denied(status: StatusCode) -> Self {
        Self::new(
            status,
            "access_denied",
            "The resource owner or authorization server denied the request.",
        )
    }

    fn new(status: StatusCode, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Body {
            error: self.error,
            error_description: self.description,
            hint: self.hint.as_deref(),
            message: self.description,
        };
        (self.status, Json(body)).into_response()
    }
}
