//! What the issuers of bank certificates want to see in a request.

use std::fmt;
use std::str::FromStr;

use crate::key_usage::{ExtendedKeyUsage, KeyUsage};
use crate::name::attribute_type::AttributeType;
use crate::name::distinguished_name::DistinguishedName;
use crate::psd2::QcType;
use crate::psd2::authorisation_number::AuthorisationNumber;
use crate::request_error::RequestErrorKind;

/// What kind of certificate a [`SigningRequest`](crate::SigningRequest) is for.
///
/// | profile | subject, in this order | key | key usage | extended | QcType |
/// |---|---|---|---|---|---|
/// | `Plain` | any | any | – | – | – |
/// | `Obwac` | C, O, organizationIdentifier, CN | RSA 2048 | digitalSignature | client, server | web |
/// | `Obseal` | C, O, organizationIdentifier, CN | RSA 2048 | + nonRepudiation | – | eseal |
/// | `Qwac` | the same and more, in any order | any | digitalSignature | client, server | web |
/// | `Qsealc` | the same and more, in any order | any | + nonRepudiation | – | eseal |
/// | `OpenBankingLegacy` | C=GB, O=OpenBanking, OU, CN | RSA 2048 | – | – | – |
/// | `RevolutSandbox` | C, O, OU=001580000103UAvAAM, CN=2kiXQyo0tedjW2somjSgH7 | RSA 2048 | – | – | – |
///
/// The four of PSD2 carry a [`Psd2Statement`](crate::Psd2Statement) as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// A name and a key, and the extensions that are asked for.
    Plain,
    /// The transport certificate of Open Banking Limited (its directory's page on certificate signing
    /// requests, read 2026-11-20). CN is the identifier of the organisation in the directory.
    Obwac,
    /// The signing certificate of Open Banking Limited (the same page).
    Obseal,
    /// The qualified certificate for web sites (ETSI TS 119 495), for mutual TLS.
    Qwac,
    /// The qualified certificate for seals (ETSI TS 119 495), for signatures.
    Qsealc,
    /// Transport and signing certificates of the Open Banking Directory before PSD2. OU is the identifier
    /// of the organisation, CN that of the software statement.
    OpenBankingLegacy,
    /// The one request that Revolut's Developer Portal makes both sandbox certificates of; it is uploaded
    /// as DER (<https://developer.revolut.com/docs/open-banking-api/>, read 2026-11-20).
    RevolutSandbox,
}

/// One attribute of a profile's subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubjectField {
    /// Its type.
    pub kind: AttributeType,
    /// Its value, where the profile fixes it.
    pub fixed: Option<&'static str>,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Obwac,
        Self::Obseal,
        Self::Qwac,
        Self::Qsealc,
        Self::OpenBankingLegacy,
        Self::RevolutSandbox,
    ];

    /// Its name, such as `obwac`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Obwac => "obwac",
            Self::Obseal => "obseal",
            Self::Qwac => "qwac",
            Self::Qsealc => "qsealc",
            Self::OpenBankingLegacy => "ob-legacy",
            Self::RevolutSandbox => "revolut-sandbox",
        }
    }

    /// What the subject must have, in the order of the certificate.
    pub fn subject_fields(self) -> Vec<SubjectField> {
        let field = |kind, fixed| SubjectField { kind, fixed };
        let open = |kind| field(kind, None);
        match self {
            Self::Plain => Vec::new(),
            Self::Obwac | Self::Obseal | Self::Qwac | Self::Qsealc => vec![
                open(AttributeType::COUNTRY),
                open(AttributeType::ORGANIZATION),
                open(AttributeType::ORGANIZATION_IDENTIFIER),
                open(AttributeType::COMMON_NAME),
            ],
            Self::OpenBankingLegacy => vec![
                field(AttributeType::COUNTRY, Some("GB")),
                field(AttributeType::ORGANIZATION, Some("OpenBanking")),
                open(AttributeType::ORGANIZATIONAL_UNIT),
                open(AttributeType::COMMON_NAME),
            ],
            Self::RevolutSandbox => vec![
                open(AttributeType::COUNTRY),
                open(AttributeType::ORGANIZATION),
                field(
                    AttributeType::ORGANIZATIONAL_UNIT,
                    Some("001580000103UAvAAM"),
                ),
                field(AttributeType::COMMON_NAME, Some("2kiXQyo0tedjW2somjSgH7")),
            ],
        }
    }

    /// The subject of these values: put into the order of the profile, with what it fixes filled in.
    /// Values that are only white space are left out, and types that the profile does not name follow at
    /// the end.
    pub fn subject<V: AsRef<str>>(
        self,
        values: impl IntoIterator<Item = (AttributeType, V)>,
    ) -> DistinguishedName {
        let mut given: Vec<_> = values
            .into_iter()
            .filter(|(_, value)| !value.as_ref().trim().is_empty())
            .collect();
        let mut name = DistinguishedName::new();
        for field in self.subject_fields() {
            let at = given.iter().position(|(kind, _)| *kind == field.kind);
            let value = at.map(|at| given.remove(at).1);
            name = match (&value, field.fixed) {
                (Some(value), _) => name.with(field.kind, value),
                (None, Some(fixed)) => name.with(field.kind, fixed),
                (None, None) => name,
            };
        }
        given
            .into_iter()
            .fold(name, |name, (kind, value)| name.with(kind, value))
    }

    /// The type that the profile's statement has; none if the profile is not one of PSD2.
    pub const fn qc_type(self) -> Option<QcType> {
        match self {
            Self::Obwac | Self::Qwac => Some(QcType::Web),
            Self::Obseal | Self::Qsealc => Some(QcType::ElectronicSeal),
            Self::Plain | Self::OpenBankingLegacy | Self::RevolutSandbox => None,
        }
    }

    pub(crate) fn key_usage(self) -> &'static [KeyUsage] {
        match self.qc_type() {
            None => &[],
            Some(QcType::Web) => &[KeyUsage::DigitalSignature],
            Some(_) => &[KeyUsage::DigitalSignature, KeyUsage::NonRepudiation],
        }
    }

    pub(crate) fn extended_key_usage(self) -> &'static [ExtendedKeyUsage] {
        match self.qc_type() {
            Some(QcType::Web) => &[ExtendedKeyUsage::ClientAuth, ExtendedKeyUsage::ServerAuth],
            _ => &[],
        }
    }

    /// Whether uses and further names may be asked for beyond those of the profile.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Plain | Self::Obwac | Self::Qwac)
    }

    /// Whether the key must be RSA of 2048 bits.
    pub(crate) const fn wants_rsa_2048(self) -> bool {
        !matches!(self, Self::Plain | Self::Qwac | Self::Qsealc)
    }

    /// That a subject has what the profile wants.
    pub(crate) fn check_subject(self, name: &DistinguishedName) -> Result<(), RequestErrorKind> {
        name.check().map_err(RequestErrorKind::Subject)?;
        let fields = self.subject_fields();
        for field in &fields {
            let attribute = &field.kind;
            let refused = |found: String, expected: String| RequestErrorKind::SubjectField {
                profile: self,
                attribute: attribute.clone(),
                found,
                expected,
            };
            let mut values = name
                .attributes()
                .filter(|found| found.kind() == attribute)
                .map(|found| found.text().unwrap_or_default());
            let expected = match field.fixed {
                Some(fixed) => format!("{fixed:?}"),
                None => "it exactly once".to_owned(),
            };
            let Some(value) = values.next() else {
                return Err(refused("missing".to_owned(), expected));
            };
            if values.next().is_some() {
                return Err(refused("there more than once".to_owned(), expected));
            }
            if field.fixed.is_some_and(|fixed| fixed != value) {
                return Err(refused(format!("{value:?}"), expected));
            }
            if *attribute == AttributeType::ORGANIZATION_IDENTIFIER {
                self.check_identifier(&value)?;
            }
        }
        let strict = !matches!(self, Self::Plain | Self::Qwac | Self::Qsealc);
        let kinds = |name: &DistinguishedName| -> Vec<String> {
            name.attributes()
                .map(|attribute| attribute.kind().to_string())
                .collect()
        };
        let wanted: Vec<_> = fields.iter().map(|field| field.kind.to_string()).collect();
        let flat = name.relative_names().all(|together| together.len() == 1);
        if strict && (kinds(name) != wanted || !flat) {
            return Err(RequestErrorKind::SubjectOrder {
                profile: self,
                found: kinds(name).join(", "),
                expected: wanted.join(", "),
            });
        }
        Ok(())
    }

    /// TS 119 495 section 5.2.1 wants the authorisation number. Since its version 1.5.1 this is "should",
    /// and other identifiers of EN 319 412-1 section 5.1.4 occur: `VATSK-…`, `NTRGB-…`.
    fn check_identifier(self, value: &str) -> Result<(), RequestErrorKind> {
        let other_scheme = || match value.as_bytes() {
            [a, b, c, d, e, b'-', _, ..] => {
                value.is_ascii()
                    && !value.starts_with("PSD")
                    && [a, b, c, d, e].into_iter().all(u8::is_ascii_uppercase)
            }
            _ => false,
        };
        match value.parse::<AuthorisationNumber>() {
            Ok(_) => Ok(()),
            Err(_) if matches!(self, Self::Qwac | Self::Qsealc) && other_scheme() => Ok(()),
            Err(error) => Err(RequestErrorKind::Psd2(error)),
        }
    }
}

/// By [`as_str`](Profile::as_str).
impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(name: &str) -> Result<Self, ProfileError> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
            .ok_or_else(|| ProfileError {
                found: name.to_owned(),
            })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No profile has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the profile is {found:?}, expected plain, obwac, obseal, qwac, qsealc, ob-legacy or \
     revolut-sandbox"
)]
pub struct ProfileError {
    found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_profile() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        insta::assert_snapshot!("OBWAC".parse::<Profile>().unwrap_err(), @r#"the profile is "OBWAC", expected plain, obwac, obseal, qwac, qsealc, ob-legacy or revolut-sandbox"#);
    }

    #[test]
    fn values_are_put_into_order() {
        let values = [
            (AttributeType::COMMON_NAME, "0015800001041ReAAI"),
            (AttributeType::LOCALITY, " "),
            (AttributeType::ORGANIZATION_IDENTIFIER, "PSDGB-FCA-1"),
            (AttributeType::COUNTRY, "GB"),
            (AttributeType::ORGANIZATION, "Acme"),
        ];
        let name = Profile::Obwac.subject(values);
        assert_eq!(
            name.to_string(),
            "CN=0015800001041ReAAI,organizationIdentifier=PSDGB-FCA-1,O=Acme,C=GB"
        );
        assert!(Profile::Obwac.check_subject(&name).is_ok());
        let legacy = Profile::OpenBankingLegacy.subject([
            (AttributeType::COMMON_NAME, "s"),
            (AttributeType::ORGANIZATIONAL_UNIT, "o"),
        ]);
        assert_eq!(legacy.to_string(), "CN=s,OU=o,O=OpenBanking,C=GB");
        let sandbox = Profile::RevolutSandbox.subject([
            (AttributeType::ORGANIZATION, "Acme"),
            (AttributeType::COUNTRY, "GB"),
        ]);
        assert_eq!(
            sandbox.to_string(),
            "CN=2kiXQyo0tedjW2somjSgH7,OU=001580000103UAvAAM,O=Acme,C=GB"
        );
    }

    #[test]
    fn other_subjects_are_refused() {
        let error = |profile: Profile, values: &[(AttributeType, &str)]| {
            let name = profile.subject(values.iter().cloned());
            profile.check_subject(&name).unwrap_err().to_string()
        };
        let base = [
            (AttributeType::COUNTRY, "GB"),
            (AttributeType::ORGANIZATION, "Acme"),
            (AttributeType::COMMON_NAME, "0015800001041ReAAI"),
        ];
        let with = |kind: AttributeType, value: &'static str| {
            let mut values = base.to_vec();
            values.push((kind, value));
            values
        };
        let identifier = AttributeType::ORGANIZATION_IDENTIFIER;
        insta::assert_snapshot!(error(Profile::Obwac, &base), @"the organizationIdentifier is missing, expected it exactly once for the profile obwac");
        insta::assert_snapshot!(error(Profile::Obwac, &with(identifier.clone(), "12345")), @r#"the organization identifier is "12345", expected PSD, a country, an authority and a number, such as "PSDGB-FCA-123456""#);
        insta::assert_snapshot!(error(Profile::Obseal, &with(identifier.clone(), "VATSK-12345")), @r#"the organization identifier is "VATSK-12345", expected PSD, a country, an authority and a number, such as "PSDGB-FCA-123456""#);
        let mut more = with(identifier.clone(), "PSDGB-FCA-1");
        more.push((AttributeType::LOCALITY, "London"));
        insta::assert_snapshot!(error(Profile::Obwac, &more), @"the subject holds C, O, organizationIdentifier, CN, L, expected C, O, organizationIdentifier, CN for the profile obwac");
        insta::assert_snapshot!(error(Profile::OpenBankingLegacy, &base[2..]), @"the OU is missing, expected it exactly once for the profile ob-legacy");
        insta::assert_snapshot!(error(Profile::OpenBankingLegacy, &[(AttributeType::COUNTRY, "SK")]), @r#"the C is "SK", expected "GB" for the profile ob-legacy"#);
        insta::assert_snapshot!(error(Profile::Plain, &[]), @"the subject is empty, expected at least one attribute such as the country");
        let qualified = |value| {
            let name = Profile::Qwac.subject(with(identifier.clone(), value));
            Profile::Qwac.check_subject(&name).is_ok()
        };
        for good in ["PSDGB-FCA-1", "VATSK-12345", "NTRGB-12345678"] {
            assert!(qualified(good), "{good}");
        }
        for bad in ["PSDGB-12345", "VATSK-", "VATSK", "-", "vatsk-1", "12345"] {
            assert!(!qualified(bad), "{bad}");
        }
        assert!(
            Profile::Qsealc
                .check_subject(&Profile::Qsealc.subject(more))
                .is_ok()
        );
    }
}
