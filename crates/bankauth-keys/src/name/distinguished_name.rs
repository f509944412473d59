//! Names as certificates hold them: ordered, and never flattened.

use std::fmt;

use crate::der::{Problem, Reader, tag};
use crate::encode::{element, sequence};
use crate::name::attribute::Attribute;
use crate::name::attribute_type::AttributeType;
use crate::name::dialect::Dialect;
use crate::name::error::NameError;
use crate::name::rfc4514;
use crate::name::subject::SubjectError;

/// A distinguished name (RFC 5280 section 4.1.2.4): a sequence of relative names, nearly always of one
/// attribute each. Their order is kept, and types may repeat.
///
/// `==` compares encodings to the octet; [`matches`](Self::matches) compares what is meant.
///
/// ```
/// use bankauth_keys::{AttributeType, Dialect, DistinguishedName};
///
/// let name = DistinguishedName::new()
///     .with(AttributeType::COUNTRY, "GB")
///     .with(AttributeType::ORGANIZATION, "Acme, Ltd")
///     .with(AttributeType::ORGANIZATION_IDENTIFIER, "PSDGB-FCA-123456");
/// let text = name.to_text(Dialect::SHORT_NAME);
/// assert_eq!(text, "organizationIdentifier=PSDGB-FCA-123456,O=Acme\\, Ltd,C=GB");
/// assert_eq!(DistinguishedName::parse(&text)?, name);
/// # Ok::<(), bankauth_keys::NameError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct DistinguishedName {
    /// Each with at least one attribute, in the order of the encoding.
    relative_names: Vec<Vec<Attribute>>,
}

impl DistinguishedName {
    /// A name without attributes.
    pub const fn new() -> Self {
        Self {
            relative_names: Vec::new(),
        }
    }

    /// Adds a relative name of one attribute at the end, in the order of the certificate: what RFC 4514
    /// text has first is added last.
    #[must_use]
    pub fn with(self, kind: AttributeType, value: impl AsRef<str>) -> Self {
        self.with_together([Attribute::new(kind, value.as_ref())])
    }

    /// Adds one relative name of several attributes at the end. They are a set, which DER sorts
    /// (X.690 section 11.6). Without attributes nothing is added.
    #[must_use]
    pub fn with_together(mut self, attributes: impl IntoIterator<Item = Attribute>) -> Self {
        let mut together: Vec<_> = attributes.into_iter().collect();
        together.sort_by_cached_key(Attribute::to_der);
        if !together.is_empty() {
            self.relative_names.push(together);
        }
        self
    }

    /// Reads the DER of a `Name`. Order, string types and even the octets of an unsorted set are kept.
    ///
    /// # Errors
    /// [`NameError::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, NameError> {
        Self::read(der).map_err(|problem| NameError::Malformed {
            problem: problem.as_str(),
        })
    }

    /// Reads RFC 4514 text, such as `CN=Acme,O=Acme Ltd,C=GB`: types by short name or number, values as
    /// escaped text or as `#` with hexadecimal DER. Nothing else is taken: no spaces around separators, no
    /// `;`, no values in quotation marks, which RFC 2253 still read.
    ///
    /// Text says nothing of string types, so values get those of [`Attribute::new`].
    ///
    /// # Errors
    /// [`NameError`] says where the text ceases to be RFC 4514, and names the forms of `openssl` that
    /// are pasted by mistake.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        rfc4514::parse(text)
    }

    /// The DER of the name.
    pub fn to_der(&self) -> Vec<u8> {
        let sets: Vec<_> = self
            .relative_names
            .iter()
            .map(|together| {
                let attributes: Vec<_> = together.iter().map(Attribute::to_der).collect();
                element(tag::SET, &attributes.concat())
            })
            .collect();
        sequence(&[&sets.concat()])
    }

    /// The name as text in that dialect.
    pub fn to_text(&self, dialect: Dialect) -> String {
        dialect.render(self)
    }

    /// The relative names in the order of the certificate, each with one attribute or more.
    pub fn relative_names(&self) -> impl DoubleEndedIterator<Item = &[Attribute]> {
        self.relative_names.iter().map(Vec::as_slice)
    }

    /// All attributes in the order of the certificate.
    pub fn attributes(&self) -> impl DoubleEndedIterator<Item = &Attribute> {
        self.relative_names.iter().flatten()
    }

    /// The text of the first attribute of that type.
    pub fn first(&self, kind: &AttributeType) -> Option<String> {
        self.attributes()
            .find(|attribute| attribute.kind() == kind)
            .and_then(Attribute::text)
    }

    /// Whether there is no attribute, as in the subject of some certificates.
    pub const fn is_empty(&self) -> bool {
        self.relative_names.is_empty()
    }

    /// Checks what signing checks: at least one attribute, none empty, lengths, alphabets, and the form of
    /// the country (RFC 5280 section 4.1.2.4 and appendix A.1).
    ///
    /// # Errors
    /// [`SubjectError`], the first that is found in the order of the attributes.
    pub fn check(&self) -> Result<(), SubjectError> {
        if self.is_empty() {
            return Err(SubjectError::Empty);
        }
        self.attributes().try_for_each(Attribute::check)
    }

    /// Whether both mean the same (RFC 5280 section 7.1): the same types in the same order, and values
    /// that are the same whatever their string type, capitals, and number of spaces. Attributes of one
    /// relative name are a set, so their order does not count.
    pub fn matches(&self, other: &Self) -> bool {
        self.relative_names.len() == other.relative_names.len()
            && self
                .relative_names
                .iter()
                .zip(&other.relative_names)
                .all(|(ours, theirs)| same_set(ours, theirs))
    }

    fn read(der: &[u8]) -> Result<Self, Problem> {
        let mut outer = Reader::new(der);
        let mut sequence = outer.enter(tag::SEQUENCE)?;
        outer.end()?;
        let mut relative_names = Vec::new();
        while sequence.peek().is_some() {
            let mut set = sequence.enter(tag::SET)?;
            let mut together = vec![Attribute::read(&mut set)?];
            while set.peek().is_some() {
                together.push(Attribute::read(&mut set)?);
            }
            relative_names.push(together);
        }
        Ok(Self { relative_names })
    }
}

/// In [`Dialect::SHORT_NAME`].
impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Dialect::SHORT_NAME))
    }
}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DistinguishedName({self})")
    }
}

pub(crate) fn same_set(ours: &[Attribute], theirs: &[Attribute]) -> bool {
    let mut left: Vec<_> = theirs.iter().collect();
    ours.len() == theirs.len()
        && ours.iter().all(|attribute| {
            let found = left.iter().position(|other| same(attribute, other));
            found.map(|at| left.swap_remove(at)).is_some()
        })
}

pub(crate) fn same(ours: &Attribute, theirs: &Attribute) -> bool {
    ours.kind() == theirs.kind()
        && match (ours.text(), theirs.text()) {
            (Some(ours), Some(theirs)) => folded(&ours) == folded(&theirs),
            _ => ours.value_der() == theirs.value_der(),
        }
}

/// RFC 4518 in the parts that matter here: without regard to case, spaces at the ends, and the number of
/// spaces within.
fn folded(value: &str) -> String {
    let words: Vec<_> = value.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build;
    use crate::name::attribute::StringType;

    fn two_units() -> DistinguishedName {
        DistinguishedName::new()
            .with(AttributeType::ORGANIZATIONAL_UNIT, "a")
            .with(AttributeType::ORGANIZATIONAL_UNIT, "b")
    }

    #[test]
    fn attributes_of_one_type_keep_their_order() {
        let name = DistinguishedName::from_der(&two_units().to_der()).unwrap();
        assert_eq!(name, two_units());
        assert_eq!(name.to_string(), "OU=b,OU=a");
        let unit = AttributeType::ORGANIZATIONAL_UNIT;
        assert_eq!(name.first(&unit).as_deref(), Some("a"));
    }

    // X.690 section 11.6
    #[test]
    fn a_relative_name_is_a_sorted_set() {
        let unit = Attribute::new(AttributeType::ORGANIZATIONAL_UNIT, "Sales");
        let person = Attribute::new(AttributeType::COMMON_NAME, "J");
        let name = |attributes| DistinguishedName::new().with_together(attributes);
        let sorted = name(vec![unit.clone(), person.clone()]);
        assert_eq!(sorted, name(vec![person.clone(), unit.clone()]));
        let kinds: Vec<_> = sorted.attributes().map(Attribute::kind).collect();
        assert_eq!(
            kinds,
            [
                &AttributeType::COMMON_NAME,
                &AttributeType::ORGANIZATIONAL_UNIT
            ]
        );
        assert!(name(vec![]).is_empty());
        // Some certificate has it the other way round, and keeps its octets.
        let unsorted = sequence(&[&element(
            tag::SET,
            &[unit.to_der(), person.to_der()].concat(),
        )]);
        let read = DistinguishedName::from_der(&unsorted).unwrap();
        assert_eq!(read.to_der(), unsorted);
        assert_ne!(read, sorted);
        assert!(read.matches(&sorted));
    }

    // RFC 5280 section 7.1
    #[test]
    fn names_match_by_meaning() {
        let name = |text: &str| DistinguishedName::parse(text).unwrap();
        let acme = name("CN=acme ltd,C=GB");
        for alike in ["CN=ACME  Ltd\\ ,C=GB", "2.5.4.3=Acme Ltd,c=gb"] {
            assert!(acme.matches(&name(alike)), "{alike}");
        }
        // PrintableString instead of UTF8String
        assert!(acme.matches(&name("CN=#130861636d65206c7464,C=GB")));
        for other in [
            "C=GB,CN=acme ltd",
            "CN=acme ltd",
            "CN=acmeltd,C=GB",
            "CN=acme ltd+C=GB",
        ] {
            assert!(!acme.matches(&name(other)), "{other}");
        }
    }

    #[test]
    fn damaged_names_are_refused() {
        let cn = Attribute::new(AttributeType::COMMON_NAME, "a").to_der();
        let sloppy_type = build::sequence(&[&[tag::OID, 3, 0x2a, 0x80, 0x01], &[tag::NULL, 0]]);
        for bad in [
            vec![],
            sequence(&[&element(tag::SET, &[])]),
            sequence(&[&cn]),
            [sequence(&[]), vec![0]].concat(),
            sequence(&[&element(tag::SET, &sloppy_type)]),
        ] {
            let error = DistinguishedName::from_der(&bad).unwrap_err();
            assert!(matches!(error, NameError::Malformed { .. }));
        }
        assert!(DistinguishedName::from_der(&[0x30, 0]).unwrap().is_empty());
    }

    #[test]
    fn checks_are_those_of_signing() {
        assert_eq!(DistinguishedName::new().check(), Err(SubjectError::Empty));
        let empty = two_units().with(AttributeType::COMMON_NAME, "");
        let attribute = "common name".to_owned();
        assert_eq!(empty.check(), Err(SubjectError::EmptyValue { attribute }));
        assert_eq!(two_units().check(), Ok(()));
        let country = two_units().with(AttributeType::COUNTRY, "GB");
        let last = country.attributes().next_back().unwrap();
        assert_eq!(last.string_type(), StringType::PRINTABLE);
    }
}
