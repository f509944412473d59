//! What a PSD2 certificate says of its holder (ETSI TS 119 495 section 5).

pub(crate) mod authorisation_number;
pub(crate) mod error;
pub(crate) mod qc_statements;

use std::fmt;
use std::str::FromStr;

pub use authorisation_number::AuthorisationNumber;
pub use error::Psd2Error;
pub use qc_statements::QcStatementsError;

/// The statement of a PSD2 certificate or request: who supervises the holder, and what the holder may do.
/// Its values have been checked.
///
/// ```
/// use bankauth_keys::{Psd2Role, Psd2Statement, QcType};
///
/// let statement = Psd2Statement::new(
///     QcType::Web,
///     [Psd2Role::AccountInformation],
///     "Financial Conduct Authority",
///     "GB-FCA",
/// )?;
/// assert_eq!(
///     statement.to_string(),
///     "PSP_AI, supervised by Financial Conduct Authority (GB-FCA), for web sites (QWAC)"
/// );
/// # Ok::<(), bankauth_keys::Psd2Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Psd2Statement {
    qc_type: Option<QcType>,
    roles: Vec<Psd2Role>,
    nca_name: String,
    nca_id: String,
}

impl Psd2Statement {
    /// A statement of these roles, supervised by the national competent authority of that name and
    /// identifier.
    ///
    /// # Errors
    /// [`Psd2Error`] if there is no role or one twice, or name or identifier have not their form.
    pub fn new(
        qc_type: QcType,
        roles: impl IntoIterator<Item = Psd2Role>,
        nca_name: impl Into<String>,
        nca_id: impl Into<String>,
    ) -> Result<Self, Psd2Error> {
        let roles = roles.into_iter().collect();
        Self::checked(Some(qc_type), roles, nca_name.into(), nca_id.into())
    }

    /// What the certificate is for; none if a certificate that was read does not say.
    pub const fn qc_type(&self) -> Option<QcType> {
        self.qc_type
    }

    /// What the holder may do, in the order of the statement.
    pub fn roles(&self) -> &[Psd2Role] {
        &self.roles
    }

    /// The name of the authority, such as `Financial Conduct Authority`.
    pub fn nca_name(&self) -> &str {
        &self.nca_name
    }

    /// The identifier of the authority, such as `GB-FCA`.
    pub fn nca_id(&self) -> &str {
        &self.nca_id
    }

    pub(crate) fn checked(
        qc_type: Option<QcType>,
        roles: Vec<Psd2Role>,
        nca_name: String,
        nca_id: String,
    ) -> Result<Self, Psd2Error> {
        if roles.is_empty() {
            return Err(Psd2Error::NoRole);
        }
        for (at, role) in roles.iter().enumerate() {
            if roles[..at].contains(role) {
                return Err(Psd2Error::RoleTwice { role: *role });
            }
        }
        let length = nca_name.chars().count();
        if !(1..=256).contains(&length) || nca_name.chars().any(char::is_control) {
            return Err(Psd2Error::AuthorityName { length });
        }
        // Section 5.2.3: those two are supervised by no authority of one country.
        let without_authority = nca_id == "NA"
            && roles
                .iter()
                .all(|role| matches!(role, Psd2Role::CentralBank | Psd2Role::PublicAuthority));
        if !without_authority && !is_authority(&nca_id) {
            let found = nca_id.chars().take(32).collect();
            return Err(Psd2Error::AuthorityId { found });
        }
        Ok(Self {
            qc_type,
            roles,
            nca_name,
            nca_id,
        })
    }
}

impl fmt::Display for Psd2Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<_> = self.roles.iter().map(|role| role.as_str()).collect();
        write!(
            f,
            "{}, supervised by {} ({})",
            roles.join(" "),
            self.nca_name,
            self.nca_id
        )?;
        match self.qc_type {
            Some(qc_type) => write!(f, ", {qc_type}"),
            None => Ok(()),
        }
    }
}

/// What a payment service provider may do (ETSI TS 119 495 section 5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Psd2Role {
    /// `PSP_AS`: keeps accounts (a bank).
    AccountServicing,
    /// `PSP_PI`: initiates payments.
    PaymentInitiation,
    /// `PSP_AI`: reads accounts.
    AccountInformation,
    /// `PSP_IC`: issues cards over accounts elsewhere.
    CardIssuing,
    /// `Unspecified`, in certificates for other than PSD2.
    Unspecified,
    /// `PSP_CB`: a central bank.
    CentralBank,
    /// `PSP_PA`: a public authority.
    PublicAuthority,
    /// `VOP_RS`: answers whether a name belongs to an account (verification of payee).
    PayeeResponder,
    /// `VOP_VS`: routes such questions.
    PayeeRouting,
}

impl Psd2Role {
    /// Its name in the statement, such as `PSP_AI`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountServicing => "PSP_AS",
            Self::PaymentInitiation => "PSP_PI",
            Self::AccountInformation => "PSP_AI",
            Self::CardIssuing => "PSP_IC",
            Self::Unspecified => "Unspecified",
            Self::CentralBank => "PSP_CB",
            Self::PublicAuthority => "PSP_PA",
            Self::PayeeResponder => "VOP_RS",
            Self::PayeeRouting => "VOP_VS",
        }
    }

    pub(crate) const ALL: [Self; 9] = [
        Self::AccountServicing,
        Self::PaymentInitiation,
        Self::AccountInformation,
        Self::CardIssuing,
        Self::Unspecified,
        Self::CentralBank,
        Self::PublicAuthority,
        Self::PayeeResponder,
        Self::PayeeRouting,
    ];

    /// The last arc of its identifier 0.4.0.19495.1.n.
    pub(crate) const fn arc(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::AccountServicing => 1,
            Self::PaymentInitiation => 2,
            Self::AccountInformation => 3,
            Self::CardIssuing => 4,
            Self::CentralBank => 5,
            Self::PublicAuthority => 6,
            Self::PayeeResponder => 51,
            Self::PayeeRouting => 52,
        }
    }
}

impl fmt::Display for Psd2Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// By [`as_str`](Psd2Role::as_str), and for the four roles of PSD2 also without `PSP_`, such as `AI`; in
/// capitals or not.
impl FromStr for Psd2Role {
    type Err = Psd2Error;

    fn from_str(name: &str) -> Result<Self, Psd2Error> {
        Self::ALL
            .into_iter()
            .find(|role| {
                let full = role.as_str();
                let short = full.strip_prefix("PSP_").unwrap_or(full);
                full.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
            })
            .ok_or_else(|| Psd2Error::UnknownRole {
                found: name.chars().take(32).collect(),
            })
    }
}

/// What a qualified certificate is for (ETSI EN 319 412-5 section 4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QcType {
    /// Signatures of a person.
    ElectronicSignature,
    /// Seals of a company: QSealC and OBSeal.
    ElectronicSeal,
    /// Authentication of web sites, and of clients in TLS: QWAC and OBWAC.
    Web,
}

impl QcType {
    pub(crate) const ALL: [Self; 3] = [Self::ElectronicSignature, Self::ElectronicSeal, Self::Web];

    /// The last arc of its identifier 0.4.0.1862.1.6.n.
    pub(crate) const fn arc(self) -> u8 {
        match self {
            Self::ElectronicSignature => 1,
            Self::ElectronicSeal => 2,
            Self::Web => 3,
        }
    }
}

impl fmt::Display for QcType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ElectronicSignature => "for electronic signatures",
            Self::ElectronicSeal => "for electronic seals (QSealC)",
            Self::Web => "for web sites (QWAC)",
        })
    }
}

/// `^[A-Z]{2}-[A-Z]{2,8}$`
pub(crate) fn is_authority(id: &str) -> bool {
    let capitals = |text: &str| text.bytes().all(|octet| octet.is_ascii_uppercase());
    id.split_once('-').is_some_and(|(country, authority)| {
        country.len() == 2
            && (2..=8).contains(&authority.len())
            && capitals(country)
            && capitals(authority)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(name: &str, id: &str) -> Result<Psd2Statement, Psd2Error> {
        Psd2Statement::new(QcType::Web, [Psd2Role::AccountInformation], name, id)
    }

    // ETSI TS 119 495 section 5.2.3
    #[test]
    fn authorities_have_their_form() {
        for good in ["GB-FCA", "SK-NBS", "GB-OB", "UK-REVCA", "DE-BAFIN"] {
            assert!(statement("Authority", good).is_ok(), "{good}");
        }
        for bad in [
            "GB_FCA",
            "gb-fca",
            "",
            "GB",
            "GB-F",
            "GBR-FCA",
            "GB-FCA1",
            "GB-FCA-1",
            "NA",
            "GB-ABCDEFGHI",
            "ÄÖ-FCA",
        ] {
            let error = statement("Authority", bad).unwrap_err();
            assert!(matches!(error, Psd2Error::AuthorityId { .. }), "{bad}");
        }
        let longest = "é".repeat(256);
        assert!(statement(&longest, "GB-FCA").is_ok());
        for bad in ["", "a\nb", &format!("{longest}é")] {
            let error = statement(bad, "GB-FCA").unwrap_err();
            assert!(matches!(error, Psd2Error::AuthorityName { .. }));
        }
        let bank = [Psd2Role::CentralBank];
        assert!(Psd2Statement::new(QcType::Web, bank, "a", "NA").is_ok());
        insta::assert_snapshot!(statement("a", "GB_FCA").unwrap_err(), @r#"the identifier of the authority is "GB_FCA", expected a country and two to eight capitals, with a hyphen between them, such as "GB-FCA""#);
    }

    // ETSI TS 119 495 section 5.2.2
    #[test]
    fn roles_stand_once() {
        let new = |roles: &[Psd2Role]| {
            let roles = roles.iter().copied();
            Psd2Statement::new(QcType::Web, roles, "a", "GB-FCA")
        };
        assert_eq!(new(&[]), Err(Psd2Error::NoRole));
        let role = Psd2Role::PaymentInitiation;
        assert_eq!(new(&[role, role]), Err(Psd2Error::RoleTwice { role }));
        for role in Psd2Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert!(new(&[role]).is_ok());
        }
        assert_eq!("ai".parse(), Ok(Psd2Role::AccountInformation));
        insta::assert_snapshot!("AISP".parse::<Psd2Role>().unwrap_err(), @r#"the role is "AISP", expected PSP_AS, PSP_PI, PSP_AI or PSP_IC"#);
    }
}
