//! The name in a certificate.

use rcgen::string::{Ia5String, PrintableString};
use rcgen::{DistinguishedName, DnType, DnValue};

/// The subject of a certificate: seven attributes, all optional, of which at least one must be given.
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

/// A subject that cannot stand in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// No attribute is given.
    #[error("the subject is empty, expected at least one attribute such as the country")]
    Empty,
    /// The country is not a code (RFC 5280 appendix A.1, X.520 section 6.3.1).
    #[error("the country is {found:?}, expected two upper-case letters such as \"GB\"")]
    Country {
        /// What was given.
        found: String,
    },
    /// A value is longer than RFC 5280 appendix A.1 allows.
    #[error("the {attribute} has {length} characters, expected at most {limit}")]
    TooLong {
        /// The attribute.
        attribute: &'static str,
        /// Its length in characters.
        length: usize,
        /// The upper bound in characters.
        limit: usize,
    },
    /// A value has a line break or another control character in it.
    #[error("the {attribute} holds a control character such as a line break, expected none")]
    ControlCharacter {
        /// The attribute.
        attribute: &'static str,
    },
    /// The e-mail address has a character outside of ASCII (RFC 5280 appendix A.1: IA5String).
    #[error("the e-mail address holds a character outside of ASCII, expected none")]
    EmailNotAscii,
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
        self.to_name().map(|_| ())
    }

    pub(crate) fn to_name(&self) -> Result<DistinguishedName, SubjectError> {
        let mut name = DistinguishedName::new();
        if let Some(country) = &self.country {
            name.push(DnType::CountryName, country_code(country)?);
        }
        // Upper bounds and string types: RFC 5280 appendix A.1 and section 4.1.2.4.
        for (attribute, kind, limit, value) in [
            ("state", DnType::StateOrProvinceName, 128, &self.state),
            ("locality", DnType::LocalityName, 128, &self.locality),
            (
                "organization",
                DnType::OrganizationName,
                64,
                &self.organization,
            ),
            (
                "organizational unit",
                DnType::OrganizationalUnitName,
                64,
                &self.organizational_unit,
            ),
            ("common name", DnType::CommonName, 64, &self.common_name),
        ] {
            if let Some(value) = value {
                check_text(attribute, value, limit)?;
                name.push(kind, DnValue::Utf8String(value.clone()));
            }
        }
        if let Some(email) = &self.email {
            check_text("e-mail address", email, 255)?;
            let email =
                Ia5String::try_from(email.as_str()).map_err(|_| SubjectError::EmailNotAscii)?;
            let kind = DnType::CustomDnType(EMAIL_ADDRESS.to_vec());
            name.push(kind, DnValue::Ia5String(email));
        }
        match name.iter().next() {
            Some(_) => Ok(name),
            None => Err(SubjectError::Empty),
        }
    }
}

/// RFC 5280 appendix A.1: `id-emailAddress`.
const EMAIL_ADDRESS: [u64; 7] = [1, 2, 840, 113549, 1, 9, 1];

fn given(value: String) -> Option<String> {
    Some(value).filter(|value| !value.trim().is_empty())
}

fn country_code(country: &str) -> Result<DnValue, SubjectError> {
    let refused = || SubjectError::Country {
        // Enough to recognise it by.
        found: country.chars().take(32).collect(),
    };
    if country.len() != 2 || !country.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Err(refused());
    }
    let code = PrintableString::try_from(country).map_err(|_| refused())?;
    Ok(DnValue::PrintableString(code))
}

fn check_text(attribute: &'static str, value: &str, limit: usize) -> Result<(), SubjectError> {
    if value.chars().any(char::is_control) {
        return Err(SubjectError::ControlCharacter { attribute });
    }
    let length = value.chars().count();
    if length > limit {
        return Err(SubjectError::TooLong {
            attribute,
            length,
            limit,
        });
    }
    Ok(())
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
                    attribute,
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
                attribute: "organization"
            })
        );
        assert_eq!(
            Subject::new().with_email("é@b.example").check(),
            Err(SubjectError::EmailNotAscii)
        );
    }
}
