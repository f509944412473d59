//! The bodies of refusals, in all the shapes that banks have for them.

use serde::Deserialize;
use serde_json::Value;

use crate::printable;

/// How a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorShape {
    /// `{"error":…,"error_description":…}` (RFC 6749 §5.2), also with `message` and `hint` beside them, as PHP's League
    /// server and Skaleet have it.
    OAuth,
    /// `{"message":…,"code":…,"error_id":…}`, as Revolut Business has it; all but `message` may be missing.
    Message,
    /// `{"Code":…,"Message":…,"Id":…,"Errors":[…]}` of UK Open Banking.
    OpenBanking,
    /// `{"errorCode":…}`, as Tatra banka has it.
    ErrorCode,
    /// JSON that says nothing that is known here.
    OtherJson,
    /// A page for a browser, likely of something in between.
    Html,
    /// Other text.
    Text,
    /// Nothing.
    Empty,
}

/// One entry of the list `Errors` of UK Open Banking. The texts are untrusted and made printable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The code, for instance `UK.OBIE.Field.Invalid`.
    pub code: Option<String>,
    /// The words.
    pub message: Option<String>,
    /// The member of the request that is meant.
    pub path: Option<String>,
}

/// What the body of a refusal says, made printable.
#[derive(Debug, Clone)]
pub(crate) struct ErrorBody {
    pub(crate) shape: ErrorShape,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) details: Vec<ErrorDetail>,
}

/// The members that are looked at, of any kind. A name that occurs twice makes the body other than JSON.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    error: Value,
    error_description: Value,
    error_id: Value,
    hint: Value,
    message: Value,
    code: Value,
    #[serde(rename = "errorCode")]
    error_code: Value,
    #[serde(rename = "errorDescription")]
    error_code_description: Value,
    #[serde(rename = "errorMessage")]
    error_code_message: Value,
    #[serde(rename = "Code")]
    ob_code: Value,
    #[serde(rename = "Message")]
    ob_message: Value,
    #[serde(rename = "Id")]
    ob_id: Value,
    #[serde(rename = "Errors")]
    ob_errors: Value,
}

impl ErrorBody {
    /// Reads any body; none is an error.
    pub(crate) fn read(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let text = body.trim_ascii_start();
        if text.is_empty() {
            return Self::wordless(ErrorShape::Empty);
        }
        // A struct would read an array as well, by position.
        let wire = text
            .starts_with(b"{")
            .then(|| serde_json::from_slice::<Wire>(text));
        match wire {
            Some(Ok(wire)) => Self::of(&wire),
            _ if text.starts_with(b"<") => Self::wordless(ErrorShape::Html),
            _ if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() => {
                Self::wordless(ErrorShape::OtherJson)
            }
            _ => Self::wordless(ErrorShape::Text),
        }
    }

    const fn wordless(shape: ErrorShape) -> Self {
        Self {
            shape,
            code: None,
            message: None,
            id: None,
            hint: None,
            details: Vec::new(),
        }
    }

    fn of(wire: &Wire) -> Self {
        // Some servers nest the usual members under `error`.
        let nested = |name| wire.error.get(name).and_then(text);
        let details = wire.ob_errors.as_array().map(Vec::as_slice);
        let details: Vec<_> = details
            .unwrap_or_default()
            .iter()
            .take(20)
            .map(|entry| ErrorDetail {
                code: entry.get("ErrorCode").and_then(text),
                message: entry.get("Message").and_then(text),
                path: entry.get("Path").and_then(text),
            })
            .collect();
        let code = text(&wire.code);
        let message = text(&wire.message);
        let (shape, code, message) = if !wire.error.is_null() {
            (
                ErrorShape::OAuth,
                text(&wire.error).or_else(|| nested("code")),
                text(&wire.error_description)
                    .or(message)
                    .or_else(|| nested("message")),
            )
        } else if !details.is_empty() || !wire.ob_code.is_null() || !wire.ob_message.is_null() {
            (
                ErrorShape::OpenBanking,
                details
                    .iter()
                    .find_map(|detail| detail.code.clone())
                    .or_else(|| text(&wire.ob_code)),
                text(&wire.ob_message),
            )
        } else if !wire.error_code.is_null() {
            (
                ErrorShape::ErrorCode,
                text(&wire.error_code),
                text(&wire.error_code_description)
                    .or_else(|| text(&wire.error_code_message))
                    .or(message),
            )
        } else if message.is_some() || code.is_some() || !wire.error_id.is_null() {
            (ErrorShape::Message, code, message)
        } else {
            (ErrorShape::OtherJson, None, None)
        };
        Self {
            shape,
            code,
            message,
            id: text(&wire.error_id).or_else(|| text(&wire.ob_id)),
            hint: text(&wire.hint),
            details,
        }
    }

    /// The message, and behind it those of the details.
    pub(crate) fn words(&self) -> Option<String> {
        let mut words = self.message.clone().unwrap_or_default();
        for detail in &self.details {
            let Some(message) = &detail.message else {
                continue;
            };
            // Some repeat the message in their only detail.
            if detail.path.is_none() && words == *message {
                continue;
            }
            if !words.is_empty() {
                words.push_str(if words == *self.message.as_deref().unwrap_or_default() {
                    ": "
                } else {
                    "; "
                });
            }
            words.push_str(message);
            if let Some(path) = &detail.path {
                words.push_str(&format!(" (at {path})"));
            }
        }
        Some(words).filter(|words| !words.is_empty())
    }

    /// Changes each text that came from the server.
    pub(crate) fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let own = [
            &mut self.code,
            &mut self.message,
            &mut self.id,
            &mut self.hint,
        ];
        let details = self
            .details
            .iter_mut()
            .flat_map(|detail| [&mut detail.code, &mut detail.message, &mut detail.path]);
        own.into_iter().chain(details).flatten().for_each(change);
    }
}

/// A string or a number, made printable. Numbers as codes and as strings of digits both occur.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(printable(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> String {
        let body = ErrorBody::read(body.as_bytes());
        format!(
            "{:?} | {} | {} | {} | {}",
            body.shape,
            body.code.as_deref().unwrap_or("-"),
            body.words().as_deref().unwrap_or("-"),
            body.id.as_deref().unwrap_or("-"),
            body.hint.as_deref().unwrap_or("-"),
        )
    }

    #[test]
    fn all_shapes_in_the_field() {
        let read = [
            r#"{"error":"invalid_grant","error_description":"The code is dead"}"#,
            r#"{"error":"invalid_client"}"#,
            r#"{"error":"invalid_request","error_description":"Missing","hint":"Check the `scope` parameter","message":"Missing"}"#,
            r#"{"error":{"code":17,"message":"nested"}}"#,
            r#"{"message":"The request should be authorized."}"#,
            r#"{"message":"The request should be authorized.","status":401}"#,
            r#"{"error_id":"7f3c","code":1000,"message":"Access token is invalid"}"#,
            r#"{"code":"3006","message":"Resource not found"}"#,
            r#"{"Code":"400 Bad Request","Message":"Invalid request parameters","Id":"126S","Errors":[{"ErrorCode":"UK.OBIE.Field.Invalid","Message":"Failed to fetch public key","Path":"jwks"},{"ErrorCode":"UK.OBIE.Field.Missing","Message":"No name"},7]}"#,
            r#"{"Code":"403 Forbidden","Message":"Access forbidden","Errors":[]}"#,
            r#"{"errorCode":"NO_CONTRACT"}"#,
            r#"{"errorCode":"NO_AUTHORIZATION","errorDescription":"No consent"}"#,
            r#"{"hello":1}"#,
            "{}",
            r#"["invalid_grant"]"#,
            "<html><body>Bad gateway</body></html>",
            "\u{feff} <!doctype html>",
            "upstream connect error",
            r#"{"error":"a","error":"b"}"#,
            "",
            " \n",
        ]
        .map(read)
        .join("\n");
        insta::assert_snapshot!(read, @"
        OAuth | invalid_grant | The code is dead | - | -
        OAuth | invalid_client | - | - | -
        OAuth | invalid_request | Missing | - | Check the `scope` parameter
        OAuth | 17 | nested | - | -
        Message | - | The request should be authorized. | - | -
        Message | - | The request should be authorized. | - | -
        Message | 1000 | Access token is invalid | 7f3c | -
        Message | 3006 | Resource not found | - | -
        OpenBanking | UK.OBIE.Field.Invalid | Invalid request parameters: Failed to fetch public key (at jwks); No name | 126S | -
        OpenBanking | 403 Forbidden | Access forbidden | - | -
        ErrorCode | NO_CONTRACT | - | - | -
        ErrorCode | NO_AUTHORIZATION | No consent | - | -
        OtherJson | - | - | - | -
        OtherJson | - | - | - | -
        OtherJson | - | - | - | -
        Html | - | - | - | -
        Html | - | - | - | -
        Text | - | - | - | -
        OtherJson | - | - | - | -
        Empty | - | - | - | -
        Empty | - | - | - | -
        ");
    }

    #[test]
    fn the_words_of_a_server_are_made_printable() {
        assert_eq!(
            read("{\"error\":\"a\\u001b[31m\",\"error_description\":\"eyJhbGci.eyJpc3M.c2ln\"}"),
            r"OAuth | a\u{1b}[31m | [masked] | - | -"
        );
    }

    proptest! {
        #[test]
        fn no_body_panics_or_drives_a_terminal(bytes in proptest::collection::vec(any::<u8>(), 0..64), text in any::<String>()) {
            let _ = ErrorBody::read(&bytes);
            let json = serde_json::to_vec(&serde_json::json!({"message": text, "Errors": [{"Message": text}]})).unwrap();
            let words = ErrorBody::read(&json).words().unwrap_or_default();
            prop_assert!(!words.chars().any(char::is_control));
        }
    }
}
