//! The usual seven fields of a subject, and the rules for every name that is to be signed.

use crate::name::attribute_type::AttributeType;
use crate::name::distinguished_name::DistinguishedName;

/// The subject of a certificate: seven attributes, all optional, of which at least one must be given.
/// For other attributes, or several of one type, there is [`DistinguishedName`].
///
/// A value that is empty or only white space is left out. The others are written in the order of
/// `openssl req`: country, state, locality, organization, organizational unit, common name, e-mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    country: Option<String>,
    state: Option<String>,
    locality: Option<String>,
    organization: Option<String>,
    organizational_unit: Option<String>,
    common_name: Option<String>,
    email: Option<String>,
}

/// A name that cannot stand in a certificate or request. Bounds and alphabets are those of RFC 5280
/// appendix A.1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// No attribute is given.
    #[error("the subject is empty, expected at least one attribute such as the country")]
    Empty,
    /// The country is not a code (X.520 section 6.3.1).
    #[error("the country is {found:?}, expected two upper-case letters such as \"GB\"")]
    Country {
        /// What was given.
        found: String,
    },
    /// An attribute is there and has nothing in it.
    #[error("the {attribute} is empty, expected it filled or left out")]
    EmptyValue {
        /// The attribute.
        attribute: String,
    },
    /// A value is longer than it may be.
    #[error("the {attribute} has {length} characters, expected at most {limit}")]
    TooLong {
        /// The attribute.
        attribute: String,
        /// Its length in characters.
        length: usize,
        /// The upper bound in characters.
        limit: usize,
    },
    /// A value has a line break or another control character in it.
    #[error("the {attribute} holds a control character such as a line break, expected none")]
    ControlCharacter {
        /// The attribute.
        attribute: String,
    },
    /// A value has a character that the string type of the attribute lacks.
    #[error("the {attribute} holds a character outside of {alphabet}, expected none")]
    Alphabet {
        /// The attribute.
        attribute: String,
        /// What it may hold.
        alphabet: &'static str,
    },
    /// A value that was read from elsewhere is not text.
    #[error("the {attribute} is no readable string, expected text")]
    NotText {
        /// The attribute.
        attribute: String,
    },
}

impl Subject {
    /// A subject without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The country as its ISO 3166 code: two upper-case letters.
    #[must_use]
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = given(country.into());
        self
    }

    /// The state or province, at most 128 characters.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = given(state.into());
        self
    }

    /// The locality, such as a city, at most 128 characters.
    #[must_use]
    pub fn with_locality(mut self, locality: impl Into<String>) -> Self {
        self.locality = given(locality.into());
        self
    }

    /// The organization, at most 64 characters.
    #[must_use]
    pub fn with_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = given(organization.into());
        self
    }

    /// The unit within the organization, at most 64 characters.
    #[must_use]
    pub fn with_organizational_unit(mut self, organizational_unit: impl Into<String>) -> Self {
        self.organizational_unit = given(organizational_unit.into());
        self
    }

    /// The common name, at most 64 characters.
    #[must_use]
    pub fn with_common_name(mut self, common_name: impl Into<String>) -> Self {
        self.common_name = given(common_name.into());
        self
    }

    /// The e-mail address, ASCII and at most 255 characters.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = given(email.into());
        self
    }

    /// Checks what signing checks, to tell of a bad name before a key is made for it.
    ///
    /// # Errors
    /// [`SubjectError`], the first that is found in the order of the attributes.
    pub fn check(&self) -> Result<(), SubjectError> {
        DistinguishedName::from(self).check()
    }
}

impl From<Subject> for DistinguishedName {
    fn from(subject: Subject) -> Self {
        Self::from(&subject)
    }
}

impl From<&Subject> for DistinguishedName {
    fn from(subject: &Subject) -> Self {
        [
            (AttributeType::COUNTRY, &subject.country),
            (AttributeType::STATE, &subject.state),
            (AttributeType::LOCALITY, &subject.locality),
            (AttributeType::ORGANIZATION, &subject.organization),
            (
                AttributeType::ORGANIZATIONAL_UNIT,
                &subject.organizational_unit,
            ),
            (AttributeType::COMMON_NAME, &subject.common_name),
            (AttributeType::EMAIL_ADDRESS, &subject.email),
        ]
        .into_iter()
        .filter_map(|(kind, value)| Some((kind, value.as_deref()?)))
        .fold(Self::new(), |name, (kind, value)| name.with(kind, value))
    }
}

fn given(value: String) -> Option<String> {
    Some(value).filter(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 5280 appendix A.1
    #[test]
    fn a_country_is_two_upper_case_letters() {
        assert_eq!(Subject::new().with_country("GB").check(), Ok(()));
        for bad in ["gb", "GBR", "G1", "G", "G ", "ÄÖ", "\u{1f600}"] {
            let error = Subject::new().with_country(bad).check().unwrap_err();
            let found = bad.to_owned();
            assert_eq!(error, SubjectError::Country { found });
        }
    }

    // RFC 5280 appendix A.1: the bounds count characters, not octets
    #[test]
    fn values_have_upper_bounds() {
        type With = fn(Subject, String) -> Subject;
        let attributes: [(&str, usize, With); 6] = [
            ("state", 128, Subject::with_state),
            ("locality", 128, Subject::with_locality),
            ("organization", 64, Subject::with_organization),
            ("organizational unit", 64, Subject::with_organizational_unit),
            ("common name", 64, Subject::with_common_name),
            ("e-mail address", 255, Subject::with_email),
        ];
        for (attribute, limit, with) in attributes {
            let letter = if limit == 255 { "a" } else { "é" };
            let longest = with(Subject::new(), letter.repeat(limit));
            assert_eq!(longest.check(), Ok(()));
            let length = limit + 1;
            assert_eq!(
                with(Subject::new(), letter.repeat(length)).check(),
                Err(SubjectError::TooLong {
                    attribute: attribute.to_owned(),
                    length,
                    limit
                })
            );
        }
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let blank = Subject::new()
            .with_country("")
            .with_state(" ")
            .with_locality("\t")
            .with_organization("")
            .with_organizational_unit("")
            .with_common_name("")
            .with_email("");
        assert_eq!(blank, Subject::new());
        assert_eq!(blank.check(), Err(SubjectError::Empty));
        assert_eq!(blank.with_email("a@b.example").check(), Ok(()));
    }

    #[test]
    fn texts_are_plain() {
        assert_eq!(
            Subject::new().with_organization("Acme\nLtd").check(),
            Err(SubjectError::ControlCharacter {
                attribute: "organization".to_owned()
            })
        );
        assert_eq!(
            Subject::new().with_email("é@b.example").check(),
            Err(SubjectError::Alphabet {
                attribute: "e-mail address".to_owned(),
                alphabet: "ASCII"
            })
        );
    }
}
