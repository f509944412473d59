//! Making a certificate signing request.

use std::fmt;
use std::net::IpAddr;

use rcgen::{CertificateParams, CustomExtension, IsCa};

use crate::key_kind::KeyKind;
use crate::key_usage::ExtendedKeyUsage;
use crate::name::attribute_type::AttributeType;
use crate::name::distinguished_name::DistinguishedName;
use crate::profile::Profile;
use crate::psd2::Psd2Statement;
use crate::psd2::authorisation_number::AuthorisationNumber;
use crate::psd2::qc_statements;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::signed_request::SignedRequest;
use crate::signer::{self, Signer};
use crate::template::{self, Wanted};

/// A certificate signing request (PKCS#10, RFC 2986) to be made over a key.
///
/// ```
/// use bankauth_keys::{
///     AttributeType, KeySpec, PrivateKey, Profile, Psd2Role, Psd2Statement, QcType, SigningRequest,
/// };
///
/// let subject = Profile::Obwac.subject([
///     (AttributeType::COUNTRY, "GB"),
///     (AttributeType::ORGANIZATION, "Acme Ltd"),
///     (AttributeType::ORGANIZATION_IDENTIFIER, "PSDGB-FCA-123456"),
///     (AttributeType::COMMON_NAME, "0015800001041ReAAI"),
/// ]);
/// let roles = [Psd2Role::PaymentInitiation, Psd2Role::AccountInformation];
/// let statement =
///     Psd2Statement::new(QcType::Web, roles, "Financial Conduct Authority", "GB-FCA")?;
/// println!("{statement}"); // shown before it is signed
/// let request = SigningRequest::new(Profile::Obwac, subject)
///     .with_psd2(statement)
///     .sign(&PrivateKey::generate(KeySpec::Rsa2048)?)?;
/// println!("{}", request.to_pem());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    profile: Profile,
    subject: DistinguishedName,
    psd2: Option<Psd2Statement>,
    wanted: Wanted,
}

impl SigningRequest {
    /// A request for that name; [`Profile::subject`] puts one together.
    pub fn new(profile: Profile, subject: impl Into<DistinguishedName>) -> Self {
        let mut wanted = Wanted::default();
        wanted.key_usage.extend(profile.key_usage());
        wanted
            .extended_key_usage
            .extend_from_slice(profile.extended_key_usage());
        Self {
            profile,
            subject: subject.into(),
            psd2: None,
            wanted,
        }
    }

    /// What the holder may do and who supervises it; the four profiles of PSD2 need it.
    #[must_use]
    pub fn with_psd2(mut self, statement: Psd2Statement) -> Self {
        self.psd2 = Some(statement);
        self
    }

    /// Asks for a use beyond those of the profile.
    #[must_use]
    pub fn with_extended_key_usage(mut self, usage: ExtendedKeyUsage) -> Self {
        self.wanted.add_use(usage);
        self
    }

    /// Asks for a host name; one with letters outside of ASCII is given as `xn--…`.
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.wanted.hosts.push(host.into());
        self
    }

    /// Asks for an IP address.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        self.wanted.addresses.push(address);
        self
    }

    /// What is asked for.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The name.
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The statement, to be shown before it is signed.
    pub const fn psd2(&self) -> Option<&Psd2Statement> {
        self.psd2.as_ref()
    }

    /// What can be signed and is still doubtful.
    pub fn warnings(&self) -> Vec<RequestWarning> {
        let identifier = self.subject.first(&AttributeType::ORGANIZATION_IDENTIFIER);
        let (Some(identifier), Some(statement)) = (identifier, &self.psd2) else {
            return Vec::new();
        };
        match identifier.parse::<AuthorisationNumber>() {
            Ok(number) if number.nca_id() == statement.nca_id() => Vec::new(),
            Ok(number) => vec![RequestWarning::Authority {
                identifier: number.nca_id().to_owned(),
                statement: statement.nca_id().to_owned(),
            }],
            Err(_) => vec![RequestWarning::NoAuthorisationNumber { identifier }],
        }
    }

    /// Checks what signing checks, short of the key.
    ///
    /// # Errors
    /// See [`RequestErrorKind`].
    pub fn check(&self) -> Result<(), RequestError> {
        self.params().map(|_| ()).map_err(RequestError::new)
    }

    /// Signs the request with the key that the certificate is to be for, and verifies the signature.
    ///
    /// # Errors
    /// See [`RequestErrorKind`]: what the profile does not allow is refused.
    pub fn sign(&self, signer: &dyn Signer) -> Result<SignedRequest, RequestError> {
        let der = self.to_der(signer).map_err(RequestError::new)?;
        SignedRequest::from_der(&der)
    }

    fn to_der(&self, signer: &dyn Signer) -> Result<Vec<u8>, RequestErrorKind> {
        let mut params = self.params()?;
        let key = signer::check(signer).map_err(RequestErrorKind::Signer)?;
        if self.profile.wants_rsa_2048() && key.kind() != Some(KeyKind::Rsa { bits: 2048 }) {
            let (profile, found) = (self.profile, key.description());
            return Err(RequestErrorKind::Key { profile, found });
        }
        if self.profile.qc_type().is_some() {
            let identifier = template::key_identifier_extension(signer);
            let identifier = identifier.map_err(RequestErrorKind::Signer)?;
            params.custom_extensions.insert(0, identifier);
        }
        template::request(&params, &self.subject, signer).map_err(RequestErrorKind::Signer)
    }

    /// All but name and key. rcgen's default name stays: only if it were empty would it write the further
    /// names as critical (RFC 5280 section 4.2.1.6).
    fn params(&self) -> Result<CertificateParams, RequestErrorKind> {
        self.profile.check_subject(&self.subject)?;
        self.check_statement()?;
        let profile = self.profile;
        let unwanted = |what| RequestErrorKind::Unwanted { profile, what };
        let uses = &self.wanted.extended_key_usage;
        if !profile.is_open() {
            if uses.len() > profile.extended_key_usage().len() {
                return Err(unwanted("an extended key usage"));
            }
            if !(self.wanted.hosts.is_empty() && self.wanted.addresses.is_empty()) {
                return Err(unwanted("host names or addresses"));
            }
        }
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::NoCa;
        self.wanted
            .apply(&mut params)
            .map_err(RequestErrorKind::Extension)?;
        if let Some(statement) = &self.psd2 {
            let value = qc_statements::write(statement);
            params
                .custom_extensions
                .push(CustomExtension::from_oid_content(&QC_STATEMENTS, value));
        }
        Ok(params)
    }

    fn check_statement(&self) -> Result<(), RequestErrorKind> {
        let profile = self.profile;
        let shown = |statement: Option<String>| statement.unwrap_or_else(|| "missing".to_owned());
        let given = self.psd2.as_ref();
        let refused = |expected: String| RequestErrorKind::Statement {
            profile,
            found: shown(given.map(|given| {
                let qc_type = given.qc_type().map(|qc_type| qc_type.to_string());
                qc_type.unwrap_or_else(|| "without type".to_owned())
            })),
            expected,
        };
        match (profile.qc_type(), given) {
            (Some(wanted), Some(given)) if given.qc_type() == Some(wanted) => Ok(()),
            (Some(wanted), _) => Err(refused(format!("one {wanted}"))),
            (None, Some(given)) if profile != Profile::Plain || given.qc_type().is_none() => {
                Err(refused("none".to_owned()))
            }
            (None, _) => Ok(()),
        }
    }
}

/// What can be signed and may still be refused by the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestWarning {
    /// The authority in `organizationIdentifier` is not the one of the statement.
    Authority {
        /// That of the identifier.
        identifier: String,
        /// That of the statement.
        statement: String,
    },
    /// `organizationIdentifier` is no authorisation number, which ETSI TS 119 495 recommends since version
    /// 1.5.1 and demanded before.
    NoAuthorisationNumber {
        /// What it is.
        identifier: String,
    },
}

impl fmt::Display for RequestWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority {
                identifier,
                statement,
            } => write!(
                f,
                "the organization identifier names the authority {identifier}, the PSD2 statement \
                 {statement}; they should agree"
            ),
            Self::NoAuthorisationNumber { identifier } => write!(
                f,
                "the organization identifier is {identifier:?}; most banks expect an authorisation \
                 number such as \"PSDGB-FCA-123456\""
            ),
        }
    }
}

/// RFC 3739 section 3.2.6.
const QC_STATEMENTS: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 3];
