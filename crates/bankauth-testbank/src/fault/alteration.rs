//! The right answer, changed.

use std::fmt;

use http::{HeaderMap, HeaderValue, header};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{body, header_value};

/// The lifetime of an answer that does not tell one: an hour, as the only bank without one has it.
const SILENT_LIFETIME: &str = "3600";

/// What is changed in the right answer. The bank has acted on the request.
///
/// What needs a JSON object leaves any other body as it is; the odd forms of token members leave an answer without
/// an `access_token` as it is.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Alteration {
    /// Another `Content-Type`.
    ContentType(#[serde(deserialize_with = "header_value")] HeaderValue),
    /// The body as gzip with `Content-Encoding: gzip`, whatever the client accepts.
    Gzip,
    /// A byte order mark before the body (forbidden by RFC 8259 section 8.1).
    Bom,
    /// A member more, whose value is a string that is not UTF-8.
    InvalidUtf8,
    /// A member more, of arrays in arrays to this depth.
    Nested(usize),
    /// A member as this JSON text, which is not checked; `null` in the JSON of the control endpoint, and `None` here,
    /// leave the member out.
    Member {
        /// The name of the member.
        name: String,
        /// Its value.
        json: Option<String>,
    },
    /// The member once more at the end, with this JSON text, which is not checked.
    Repeated {
        /// The name of the member.
        name: String,
        /// Its second value.
        json: String,
    },
    /// An odd `expires_in`.
    ExpiresIn(OddExpiresIn),
    /// An odd `token_type`.
    TokenType(OddTokenType),
    /// An odd `scope`, of an answer that has one.
    Scope(OddScope),
}

macro_rules! odd_forms {
    ($(#[$doc:meta])* $name:ident { $($(#[$form_doc:meta])* $form:ident,)* }) => {
        $(#[$doc])*
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$form_doc])* $form,)* }

        impl $name {
            /// All of them, for a test that tries each.
            pub const ALL: &[Self] = &[$(Self::$form,)*];
        }
    };
}

odd_forms! {
    /// Forms of `expires_in`, made from the true one; an answer without one lives for 3600 seconds.
    OddExpiresIn {
        /// The true number in quotes.
        Text,
        /// The true number with `.0`.
        Float,
        /// The true number with `.5`.
        Fraction,
        /// 0
        Zero,
        /// -1
        Negative,
        /// A number beyond 64 bits.
        Huge,
        /// `null`
        Null,
        /// A word.
        Word,
        /// No such member.
        Missing,
    }
}

odd_forms! {
    /// Forms of `token_type`. The first three mean Bearer (RFC 6749 section 5.1: in any case).
    OddTokenType {
        /// `bearer`
        LowerCase,
        /// `BEARER`
        UpperCase,
        /// `bEaReR`
        MixedCase,
        /// `mac`
        Mac,
        /// The empty string.
        Empty,
        /// `null`
        Null,
        /// No such member.
        Missing,
    }
}

odd_forms! {
    /// Forms of `scope`, made from the true one.
    OddScope {
        /// An array of strings.
        Array,
        /// A list separated by commas.
        Comma,
        /// The empty string.
        Empty,
        /// `null`
        Null,
        /// No such member.
        Missing,
    }
}

impl Alteration {
    pub(super) fn apply(self, headers: &mut HeaderMap, body: Vec<u8>) -> Vec<u8> {
        match self {
            Self::ContentType(value) => {
                headers.insert(header::CONTENT_TYPE, value);
                body
            }
            Self::Gzip => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                body::gzip(&body)
            }
            Self::Bom => ["\u{feff}".as_bytes(), &body].concat(),
            Self::InvalidUtf8 => appended(body, b"\"odd\":\"\xff\""),
            Self::Nested(depth) => {
                let nested = format!(r#""odd":{}{}"#, "[".repeat(depth), "]".repeat(depth));
                appended(body, nested.as_bytes())
            }
            Self::Repeated { name, json } => {
                let member = format!("{}:{json}", quoted(&name));
                appended(body, member.as_bytes())
            }
            Self::Member { name, json } => match Members::read(&body) {
                Some(mut members) => {
                    members.set(&name, json);
                    members.write()
                }
                None => body,
            },
            Self::ExpiresIn(odd) => token_answer(body, |members| odd.apply(members)),
            Self::TokenType(odd) => token_answer(body, |members| odd.apply(members)),
            Self::Scope(odd) => token_answer(body, |members| odd.apply(members)),
        }
    }
}

impl OddExpiresIn {
    fn apply(self, members: &mut Members) {
        let right = members.get("expires_in").unwrap_or(SILENT_LIFETIME);
        let json = match self {
            Self::Text => Some(format!("\"{right}\"")),
            Self::Float => Some(format!("{right}.0")),
            Self::Fraction => Some(format!("{right}.5")),
            Self::Zero => Some("0".to_owned()),
            Self::Negative => Some("-1".to_owned()),
            Self::Huge => Some("123456789012345678901234567890".to_owned()),
            Self::Null => Some("null".to_owned()),
            Self::Word => Some("\"soon\"".to_owned()),
            Self::Missing => None,
        };
        members.set("expires_in", json);
    }
}

impl OddTokenType {
    fn apply(self, members: &mut Members) {
        let json = match self {
            Self::LowerCase => Some("\"bearer\""),
            Self::UpperCase => Some("\"BEARER\""),
            Self::MixedCase => Some("\"bEaReR\""),
            Self::Mac => Some("\"mac\""),
            Self::Empty => Some("\"\""),
            Self::Null => Some("null"),
            Self::Missing => None,
        };
        members.set("token_type", json.map(str::to_owned));
    }
}

impl OddScope {
    fn apply(self, members: &mut Members) {
        let Some(Ok(right)) = members.get("scope").map(serde_json::from_str::<String>) else {
            return;
        };
        let words: Vec<_> = right.split_whitespace().collect();
        let json = match self {
            Self::Array => {
                let words: Vec<_> = words.into_iter().map(quoted).collect();
                Some(format!("[{}]", words.join(",")))
            }
            Self::Comma => Some(quoted(&words.join(","))),
            Self::Empty => Some("\"\"".to_owned()),
            Self::Null => Some("null".to_owned()),
            Self::Missing => None,
        };
        members.set("scope", json);
    }
}

fn token_answer(body: Vec<u8>, change: impl FnOnce(&mut Members)) -> Vec<u8> {
    match Members::read(&body) {
        Some(mut members) if members.get("access_token").is_some() => {
            change(&mut members);
            members.write()
        }
        _ => body,
    }
}

/// Adds a member, given as bytes that need not be JSON, to an object.
fn appended(body: Vec<u8>, member: &[u8]) -> Vec<u8> {
    let Some(members) = Members::read(&body) else {
        return body;
    };
    let mut object = members.write();
    object.pop();
    if !members.0.is_empty() {
        object.push(b',');
    }
    object.extend_from_slice(member);
    object.push(b'}');
    object
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The members of a JSON object in their order, the values as text.
struct Members(Vec<(String, String)>);

impl Members {
    fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    fn get(&self, name: &str) -> Option<&str> {
        let (_, json) = self.0.iter().find(|(found, _)| found == name)?;
        Some(json)
    }

    fn set(&mut self, name: &str, json: Option<String>) {
        let at = self.0.iter().position(|(found, _)| found == name);
        match (at, json) {
            (Some(at), Some(json)) => self.0[at].1 = json,
            (Some(at), None) => drop(self.0.remove(at)),
            (None, Some(json)) => self.0.push((name.to_owned(), json)),
            (None, None) => {}
        }
    }

    fn write(&self) -> Vec<u8> {
        let members = self
            .0
            .iter()
            .map(|(name, json)| format!("{}:{json}", quoted(name)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, json)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((name, json.get().to_owned()));
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str =
        r#"{"access_token":"a\"b","token_type":"Bearer","expires_in":300,"scope":"one two"}"#;

    fn altered(alteration: Alteration, body: &str) -> String {
        let body = alteration.apply(&mut HeaderMap::new(), body.as_bytes().to_vec());
        String::from_utf8_lossy(&body).into_owned()
    }

    fn member(name: &str, alteration: Alteration) -> String {
        let members = Members::read(altered(alteration, ANSWER).as_bytes()).unwrap();
        members.get(name).unwrap_or("-").to_owned()
    }

    proptest! {
        #[test]
        fn any_body_is_changed_or_left(body: Vec<u8>, depth in 0_usize..300) {
            for alteration in [
                Alteration::Nested(depth),
                Alteration::InvalidUtf8,
                Alteration::ExpiresIn(OddExpiresIn::Text),
                Alteration::Scope(OddScope::Array),
            ] {
                let changed = alteration.apply(&mut HeaderMap::new(), body.clone());
                if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body).is_err() {
                    prop_assert_eq!(&changed, &body);
                }
            }
        }

        #[test]
        fn what_is_not_touched_stays(name in "[a-z]{1,8}", text: String) {
            let body = serde_json::json!({ "kept": text, "nested": { "a": [1, 2.50, null] } }).to_string();
            let alteration = Alteration::Member { name: name.clone(), json: Some("7".to_owned()) };
            let mut expected: serde_json::Value = serde_json::from_str(&body).unwrap();
            expected[&name] = 7.into();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&altered(alteration, &body)).unwrap(), expected);
        }
    }

    #[test]
    fn odd_expires_in() {
        let forms = OddExpiresIn::ALL
            .iter()
            .map(|odd| member("expires_in", Alteration::ExpiresIn(*odd)));
        insta::assert_snapshot!(forms.collect::<Vec<_>>().join(" "), @r#""300" 300.0 300.5 0 -1 123456789012345678901234567890 null "soon" -"#);
    }

    #[test]
    fn odd_token_type() {
        let forms = OddTokenType::ALL
            .iter()
            .map(|odd| member("token_type", Alteration::TokenType(*odd)));
        insta::assert_snapshot!(forms.collect::<Vec<_>>().join(" "), @r#""bearer" "BEARER" "bEaReR" "mac" "" null -"#);
    }

    #[test]
    fn odd_scope() {
        let forms = OddScope::ALL
            .iter()
            .map(|odd| member("scope", Alteration::Scope(*odd)));
        insta::assert_snapshot!(forms.collect::<Vec<_>>().join(" "), @r#"["one","two"] "one,two" "" null -"#);
    }

    #[test]
    fn whole_bodies() {
        let repeated = Alteration::Repeated {
            name: "access_token".to_owned(),
            json: "\"c\"".to_owned(),
        };
        insta::assert_snapshot!(altered(repeated, ANSWER), @r#"{"access_token":"a\"b","token_type":"Bearer","expires_in":300,"scope":"one two","access_token":"c"}"#);
        insta::assert_snapshot!(altered(Alteration::Nested(3), "{}"), @r#"{"odd":[[[]]]}"#);
        assert_eq!(
            altered(Alteration::InvalidUtf8, r#"{"a":1}"#),
            "{\"a\":1,\"odd\":\"\u{fffd}\"}"
        );
        assert_eq!(altered(Alteration::Bom, "{}"), "\u{feff}{}");
        let refusal = r#"{"error":"invalid_grant"}"#;
        assert_eq!(
            altered(Alteration::ExpiresIn(OddExpiresIn::Text), refusal),
            refusal
        );
        assert_eq!(altered(Alteration::Nested(3), "<html>"), "<html>");
    }
}
