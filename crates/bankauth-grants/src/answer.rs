//! A JSON object read member by member: no name twice, unknown members passed over, no value in an error.

use core::fmt;
use std::collections::BTreeSet;

use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The names of members that are read of a grant. Others are passed over.
const GRANT: &[&str] = &[
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "id_token",
    "scope",
    "error",
];

/// A member's value, as far as OAuth answers need it. Texts may be secrets.
pub(crate) enum Member {
    Null,
    Bool(bool),
    Integer(u64),
    Float(f64),
    Text(SecretString),
    Texts(Vec<SecretString>),
    Other,
}

impl Member {
    /// What kind of value this is, for an error that must not show it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Texts(_) => "an array of strings",
            Self::Other => "another kind of value",
        }
    }
}

/// The known members of one JSON object.
pub(crate) struct Members(Vec<(&'static str, Member)>);

impl Members {
    /// Parses the answer of a token endpoint, which must be one JSON object and nothing after it.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        Self::parse_known(text, GRANT)
    }

    /// As [`parse`](Self::parse), for the members that are `known`.
    pub(crate) fn parse_known(
        text: &[u8],
        known: &'static [&'static str],
    ) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let members = Known(known).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(members)
    }

    /// Whether a member is there and not null.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut found = self.0.iter().filter(|(known, _)| *known == name);
        found.any(|(_, member)| !matches!(member, Member::Null))
    }

    /// Takes a member out, if it is there.
    pub(crate) fn take(&mut self, name: &str) -> Option<Member> {
        let index = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.swap_remove(index).1)
    }
}

/// Reads the members of these names.
struct Known(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = Members;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Known {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut seen = BTreeSet::new();
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match self.0.iter().find(|known| **known == name) {
                Some(known) => members.push((*known, map.next_value()?)),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if !seen.insert(name) {
                return Err(serde::de::Error::custom("a member occurs twice"));
            }
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Member, E> {
        Ok(Member::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Member, E> {
        Ok(Member::Integer(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Member, E> {
        // A negative number keeps its sign as a float: no member allows one, so none is lost.
        #[expect(clippy::cast_precision_loss, reason = "only the sign is looked at")]
        Ok(u64::try_from(value).map_or(Member::Float(value as f64), Member::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Member, E> {
        Ok(Member::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Member, E> {
        Ok(Member::Text(SecretString::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Member, E> {
        Ok(Member::Text(SecretString::from(value)))
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Member, A::Error> {
        let mut texts = Vec::new();
        let mut only_texts = true;
        while let Some(element) = seq.next_element()? {
            match element {
                Member::Text(text) => texts.push(text),
                _ => only_texts = false,
            }
        }
        Ok(if only_texts {
            Member::Texts(texts)
        } else {
            Member::Other
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_occurs_twice_is_refused_even_when_unknown_rfc8259_4() {
        assert!(Members::parse(br#"{"access_token":"a","access_token":"b"}"#).is_err());
        assert!(Members::parse(br#"{"x":1,"x":2}"#).is_err());
        assert!(Members::parse(br#"{"x":1,"y":2}"#).is_ok());
    }

    #[test]
    fn only_one_object_is_read() {
        for bad in ["[]", "1", "null", "", "{} {}", "{}x", "\"{}\""] {
            assert!(Members::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{{\"scope\":{}", "[".repeat(100_000));
        assert!(Members::parse(deep.as_bytes()).is_err());
    }
}
