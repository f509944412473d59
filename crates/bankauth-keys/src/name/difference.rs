//! How two names differ, for whoever stares at two that look alike.

use std::fmt;

use crate::name::attribute::{Attribute, StringType};
use crate::name::attribute_type::AttributeType;
use crate::name::distinguished_name::{DistinguishedName, same};
use crate::name::error::NameError;
use crate::name::rfc4514::{self, Piece};

/// One way in which a name differs from another. `Display` says it in a sentence about "the first" and
/// "the second".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameDifference {
    /// The attributes stand in the opposite order.
    Reversed,
    /// The attributes are the same and stand in another order.
    Order,
    /// The attributes are the same, and go together in relative names (`+`) otherwise.
    Grouping,
    /// The first has an attribute that the second lacks.
    OnlyInFirst(Attribute),
    /// The second has an attribute that the first lacks.
    OnlyInSecond(Attribute),
    /// The values differ.
    Value {
        /// The type.
        kind: AttributeType,
        /// The value of the first, as text or hexadecimal DER.
        first: String,
        /// The value of the second.
        second: String,
    },
    /// The values differ only in capitals, which many servers compare.
    Case {
        /// The type.
        kind: AttributeType,
    },
    /// The values differ only in spaces, which many servers compare.
    Spaces {
        /// The type.
        kind: AttributeType,
    },
    /// The values read alike and have different types of string.
    StringType {
        /// The type.
        kind: AttributeType,
        /// That of the first.
        first: StringType,
        /// That of the second.
        second: StringType,
    },
    /// Of two texts: the type is written differently, such as `2.5.4.97` and `organizationIdentifier`.
    TypeName {
        /// As in the first.
        first: String,
        /// As in the second.
        second: String,
    },
    /// Of two texts: one has the value as text, the other as hexadecimal DER.
    Encoding {
        /// The type.
        kind: AttributeType,
    },
    /// Of two texts: the same value is escaped differently.
    Escaping {
        /// The type.
        kind: AttributeType,
        /// As in the first.
        first: String,
        /// As in the second.
        second: String,
    },
    /// Of two texts: there are spaces beside separators that belong to no value.
    Separators,
}

impl fmt::Display for NameDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reversed => f.write_str("the second has its attributes in the opposite order"),
            Self::Order => f.write_str("the second has its attributes in another order"),
            Self::Grouping => f.write_str("the two join their attributes with + differently"),
            Self::OnlyInFirst(attribute) => {
                write!(f, "only the first has {}", shown(attribute))
            }
            Self::OnlyInSecond(attribute) => {
                write!(f, "only the second has {}", shown(attribute))
            }
            Self::Value {
                kind,
                first,
                second,
            } => write!(
                f,
                "{kind} is {first:?} in the first, {second:?} in the second"
            ),
            Self::Case { kind } => write!(f, "{kind} differs in capitals"),
            Self::Spaces { kind } => write!(f, "{kind} differs in spaces"),
            Self::StringType {
                kind,
                first,
                second,
            } => write!(
                f,
                "{kind} is a {first} in the first, a {second} in the second"
            ),
            Self::TypeName { first, second } => write!(
                f,
                "the type {first} of the first is written {second} in the second"
            ),
            Self::Encoding { kind } => write!(
                f,
                "{kind} is text in one, and # with hexadecimal DER in the other"
            ),
            Self::Escaping {
                kind,
                first,
                second,
            } => write!(
                f,
                "{kind} is escaped as {first} in the first, as {second} in the second"
            ),
            Self::Separators => {
                f.write_str("one has spaces beside its separators where the other has none")
            }
        }
    }
}

impl NameDifference {
    /// How the encodings of two names differ; empty if they are equal to the octet.
    pub fn between(first: &DistinguishedName, second: &DistinguishedName) -> Vec<Self> {
        let ours: Vec<_> = first.attributes().collect();
        let theirs: Vec<_> = second.attributes().collect();
        let mut backwards = theirs.clone();
        backwards.reverse();
        let mut found = Vec::new();
        let pairs = if pairwise(&ours, &theirs, same) {
            theirs
        } else if pairwise(&ours, &backwards, same) {
            found.push(Self::Reversed);
            backwards
        } else if pairwise(&ours, &theirs, same_kind) && !permuted(&ours, &theirs) {
            theirs
        } else if pairwise(&ours, &backwards, same_kind) && !permuted(&ours, &theirs) {
            found.push(Self::Reversed);
            backwards
        } else {
            return unpaired(&ours, &theirs);
        };
        let sizes = |name: &DistinguishedName| -> Vec<usize> {
            name.relative_names().map(<[Attribute]>::len).collect()
        };
        let mut their_sizes = sizes(second);
        if found.contains(&Self::Reversed) {
            their_sizes.reverse();
        }
        if sizes(first) != their_sizes {
            found.push(Self::Grouping);
        }
        found.extend(
            ours.iter()
                .zip(&pairs)
                .filter_map(|(ours, theirs)| Self::of_values(ours, theirs)),
        );
        // Nothing is left but the order within a set.
        if found.is_empty() && first != second {
            found.push(Self::Order);
        }
        found
    }

    /// How two texts differ, which name the same or not; empty if they are the same text. Spaces beside
    /// separators are looked over and reported.
    ///
    /// # Errors
    /// [`NameError`] if one of the texts is far from RFC 4514.
    pub fn between_texts(first: &str, second: &str) -> Result<Vec<Self>, NameError> {
        let ours = rfc4514::pieces(first)?;
        let theirs = rfc4514::pieces(second)?;
        let mut found = Self::between(&rfc4514::name(&ours)?, &rfc4514::name(&theirs)?);
        let hexadecimal = |pieces: &[Piece<'_>]| pieces.iter().any(|piece| is_hexadecimal(piece));
        if !(hexadecimal(&ours) && hexadecimal(&theirs)) {
            // Text says nothing of string types.
            found.retain(|difference| !matches!(difference, Self::StringType { .. }));
        }
        let mut left: Vec<_> = theirs.iter().collect();
        for piece in &ours {
            let attribute = piece.read()?;
            let alike = |other: &&Piece<'_>| {
                other.read().is_ok_and(|other| {
                    other.kind() == attribute.kind() && other.text() == attribute.text()
                })
            };
            if let Some(at) = left.iter().position(alike) {
                let other = left.remove(at);
                found.extend(Self::of_pieces(attribute.kind(), piece, other));
            }
        }
        let padded = |pieces: &[Piece<'_>]| pieces.iter().any(|piece| piece.padded);
        if padded(&ours) != padded(&theirs) {
            found.push(Self::Separators);
        }
        if found.is_empty() && first != second {
            found.push(Self::Order);
        }
        Ok(found)
    }

    fn of_values(first: &Attribute, second: &Attribute) -> Option<Self> {
        let kind = first.kind().clone();
        if first == second {
            return None;
        }
        let (Some(ours), Some(theirs)) = (first.text(), second.text()) else {
            return Some(Self::Value {
                kind,
                first: value(first),
                second: value(second),
            });
        };
        let without_spaces = |text: &str| text.replace(' ', "");
        Some(if ours == theirs {
            Self::StringType {
                kind,
                first: first.string_type(),
                second: second.string_type(),
            }
        } else if ours.to_lowercase() == theirs.to_lowercase() {
            Self::Case { kind }
        } else if without_spaces(&ours) == without_spaces(&theirs) {
            Self::Spaces { kind }
        } else {
            Self::Value {
                kind,
                first: ours,
                second: theirs,
            }
        })
    }

    fn of_pieces(kind: &AttributeType, first: &Piece<'_>, second: &Piece<'_>) -> Vec<Self> {
        let mut found = Vec::new();
        if !first.kind.eq_ignore_ascii_case(second.kind) {
            found.push(Self::TypeName {
                first: first.kind.to_owned(),
                second: second.kind.to_owned(),
            });
        }
        if first.value != second.value {
            let kind = kind.clone();
            found.push(if is_hexadecimal(first) != is_hexadecimal(second) {
                Self::Encoding { kind }
            } else {
                Self::Escaping {
                    kind,
                    first: first.value.to_owned(),
                    second: second.value.to_owned(),
                }
            });
        }
        found
    }
}

fn pairwise(
    ours: &[&Attribute],
    theirs: &[&Attribute],
    alike: impl Fn(&Attribute, &Attribute) -> bool,
) -> bool {
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(ours, theirs)| alike(ours, theirs))
}

fn same_kind(ours: &Attribute, theirs: &Attribute) -> bool {
    ours.kind() == theirs.kind()
}

/// Whether all of the one are among the other.
fn permuted(ours: &[&Attribute], theirs: &[&Attribute]) -> bool {
    unmatched(ours, theirs).is_empty() && unmatched(theirs, ours).is_empty()
}

fn unmatched<'a>(ours: &[&'a Attribute], theirs: &[&Attribute]) -> Vec<&'a Attribute> {
    let mut left = theirs.to_vec();
    ours.iter()
        .copied()
        .filter(|ours| {
            let at = left.iter().position(|theirs| same(ours, theirs));
            at.map(|at| left.remove(at)).is_none()
        })
        .collect()
}

fn unpaired(ours: &[&Attribute], theirs: &[&Attribute]) -> Vec<NameDifference> {
    let (first, second) = (unmatched(ours, theirs), unmatched(theirs, ours));
    let common = |all: &[&Attribute], without: &[&Attribute]| -> Vec<String> {
        all.iter()
            .filter(|attribute| {
                !without
                    .iter()
                    .any(|other| std::ptr::eq(**attribute, *other))
            })
            .map(|attribute| shown(attribute).to_lowercase())
            .collect()
    };
    let mut found = Vec::new();
    let (mut ours, theirs) = (common(ours, &first), common(theirs, &second));
    if ours != theirs {
        ours.reverse();
        found.push(if ours == theirs {
            NameDifference::Reversed
        } else {
            NameDifference::Order
        });
    }
    let first = first.into_iter().cloned();
    let second = second.into_iter().cloned();
    found.extend(first.map(NameDifference::OnlyInFirst));
    found.extend(second.map(NameDifference::OnlyInSecond));
    found
}

fn is_hexadecimal(piece: &Piece<'_>) -> bool {
    piece.value.starts_with('#')
}

fn value(attribute: &Attribute) -> String {
    attribute.text().unwrap_or_else(|| {
        let digits = crate::fingerprint::hex(attribute.value_der());
        format!("#{digits}")
    })
}

fn shown(attribute: &Attribute) -> String {
    format!("{}={}", attribute.kind(), value(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(first: &str, second: &str) -> String {
        let found = NameDifference::between_texts(first, second).unwrap();
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        found.join("; ")
    }

    const NAME: &str = "CN=1a,2.5.4.97=PSDGB-OB-1,O=Acme\\, Ltd,C=GB";

    #[test]
    fn texts_are_told_apart() {
        insta::assert_snapshot!(texts(NAME, NAME), @"");
        insta::assert_snapshot!(texts(NAME, "C=GB,O=Acme\\, Ltd,2.5.4.97=PSDGB-OB-1,CN=1a"), @"the second has its attributes in the opposite order");
        insta::assert_snapshot!(texts(NAME, "2.5.4.97=PSDGB-OB-1,CN=1a,O=Acme\\, Ltd,C=GB"), @"the second has its attributes in another order");
        insta::assert_snapshot!(texts(NAME, "CN=1a,organizationIdentifier=PSDGB-OB-1,O=Acme\\2C Ltd,C=GB"), @r"the type 2.5.4.97 of the first is written organizationIdentifier in the second; O is escaped as Acme\, Ltd in the first, as Acme\2C Ltd in the second");
        insta::assert_snapshot!(texts(NAME, "CN=1a,2.5.4.97=#130a50534447422d4f422d31,O=Acme\\, Ltd,C=GB"), @"organizationIdentifier is text in one, and # with hexadecimal DER in the other");
        insta::assert_snapshot!(texts(NAME, "CN=1a, 2.5.4.97=PSDGB-OB-1, O=Acme\\, Ltd, C=GB"), @"one has spaces beside its separators where the other has none");
        insta::assert_snapshot!(texts(NAME, "CN=1A,2.5.4.97=PSDGB-OB-2,O=Acme\\,  Ltd,C=GB"), @r#"O differs in spaces; organizationIdentifier is "PSDGB-OB-1" in the first, "PSDGB-OB-2" in the second; CN differs in capitals"#);
        insta::assert_snapshot!(texts(NAME, "CN=1a,O=Acme\\, Ltd,L=London,C=GB"), @"only the first has organizationIdentifier=PSDGB-OB-1; only the second has L=London");
        insta::assert_snapshot!(texts("OU=b+CN=a", "OU=b,CN=a"), @"the two join their attributes with + differently");
        insta::assert_snapshot!(texts("2.5.4.97=#0c0161", "2.5.4.97=#130161"), @"organizationIdentifier is a UTF8String in the first, a PrintableString in the second; organizationIdentifier is escaped as #0c0161 in the first, as #130161 in the second");
        insta::assert_snapshot!(texts("OU=a,OU=b", "OU=b,OU=a"), @"the second has its attributes in the opposite order");
        assert!(NameDifference::between_texts(NAME, "/C=GB/CN=a").is_err());
    }

    #[test]
    fn encodings_are_told_apart() {
        let name = |text: &str| DistinguishedName::parse(text).unwrap();
        let between =
            |first: &str, second: &str| NameDifference::between(&name(first), &name(second));
        assert_eq!(between(NAME, NAME), []);
        assert_eq!(
            between("CN=#130161", "CN=a"),
            [NameDifference::StringType {
                kind: AttributeType::COMMON_NAME,
                first: StringType::PRINTABLE,
                second: StringType::UTF8,
            }]
        );
        assert_eq!(
            between("CN=#0401ff", "CN=a"),
            [NameDifference::Value {
                kind: AttributeType::COMMON_NAME,
                first: "#0401ff".to_owned(),
                second: "a".to_owned(),
            }]
        );
    }
}
