//! The extensions of certificates and requests, as far as banks look into them.

use std::net::IpAddr;

use x509_parser::extensions as parser;
use x509_parser::prelude::FromDer as _;

use crate::der::{Problem, Reader, oid_text, tag};
use crate::key_usage::{ExtendedKeyUsage, KeyUsage};
use crate::name::distinguished_name::DistinguishedName;
use crate::psd2::Psd2Statement;
use crate::psd2::qc_statements::{self, QcStatementsError};

/// The extensions of a certificate (RFC 5280 section 4.2), or those that a request asks for.
///
/// They are looked into only when asked for, so that one which is damaged, or of a kind unknown here,
/// stands in nobody's way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    list: Vec<Extension>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Extension {
    oid: Vec<u8>,
    critical: bool,
    value: Vec<u8>,
}

impl Extensions {
    /// The identifiers in dotted form, each with whether it is critical, in their order.
    pub fn identifiers(&self) -> impl Iterator<Item = (String, bool)> {
        self.list
            .iter()
            .map(|extension| (oid_text(&extension.oid), extension.critical))
    }

    /// What the key may be used for, in the order of RFC 5280 section 4.2.1.3; empty without the extension.
    ///
    /// # Errors
    /// [`ExtensionError::Malformed`].
    pub fn key_usage(&self) -> Result<Vec<KeyUsage>, ExtensionError> {
        let Some(value) = self.value(KEY_USAGE) else {
            return Ok(Vec::new());
        };
        let found = whole(parser::KeyUsage::from_der(value), "keyUsage")?;
        let used = |usage: &KeyUsage| found.flags >> usage.bit() & 1 == 1;
        Ok(KeyUsage::ALL.into_iter().filter(used).collect())
    }

    /// What the certificate may be used for, in its order; empty without the extension
    /// (RFC 5280 section 4.2.1.12).
    ///
    /// # Errors
    /// [`ExtensionError::Malformed`].
    pub fn extended_key_usage(&self) -> Result<Vec<ExtendedKeyUsage>, ExtensionError> {
        let Some(value) = self.value(EXTENDED_KEY_USAGE) else {
            return Ok(Vec::new());
        };
        let read = || {
            let mut outer = Reader::new(value);
            let mut list = outer.enter(tag::SEQUENCE)?;
            outer.end()?;
            let mut found = Vec::new();
            while list.peek().is_some() {
                found.push(ExtendedKeyUsage::from_content(list.read(tag::OID)?));
            }
            Ok(found)
        };
        read().map_err(malformed("extKeyUsage"))
    }

    /// Further names of the holder, as text such as `DNS:api.example.com` and `IP:192.0.2.1`; empty without
    /// the extension (RFC 5280 section 4.2.1.6).
    ///
    /// # Errors
    /// [`ExtensionError::Malformed`].
    pub fn alternative_names(&self) -> Result<Vec<String>, ExtensionError> {
        let Some(value) = self.value(ALTERNATIVE_NAME) else {
            return Ok(Vec::new());
        };
        let field = "subjectAltName";
        let found = whole(parser::SubjectAlternativeName::from_der(value), field)?;
        found
            .general_names
            .iter()
            .map(|name| {
                alternative_name(name).ok_or_else(|| malformed(field)(Problem::UnexpectedTag))
            })
            .collect()
    }

    /// The identifier of the key (RFC 5280 section 4.2.1.2).
    ///
    /// # Errors
    /// [`ExtensionError::Malformed`].
    pub fn subject_key_identifier(&self) -> Result<Option<&[u8]>, ExtensionError> {
        let Some(value) = self.value(KEY_IDENTIFIER) else {
            return Ok(None);
        };
        let mut outer = Reader::new(value);
        let identifier = outer.read(tag::OCTET_STRING);
        identifier
            .and_then(|identifier| outer.end().map(|()| Some(identifier)))
            .map_err(malformed("subjectKeyIdentifier"))
    }

    /// What the certificate says of PSD2: roles and authority (ETSI TS 119 495 section 5.1). `None` without
    /// QCStatements, or without one of PSD2 among them.
    ///
    /// # Errors
    /// [`ExtensionError::QcStatements`] if they are not as the standard has them.
    pub fn psd2(&self) -> Result<Option<Psd2Statement>, ExtensionError> {
        match self.value(QC_STATEMENTS) {
            None => Ok(None),
            Some(value) => qc_statements::read(value).map_err(ExtensionError::QcStatements),
        }
    }

    /// Reads the content of `Extensions`. The second error is that of an extension that is there twice.
    pub(crate) fn read(mut list: Reader<'_>) -> Result<Result<Self, ExtensionError>, Problem> {
        let mut found: Vec<Extension> = Vec::new();
        while list.peek().is_some() {
            let mut extension = list.enter(tag::SEQUENCE)?;
            let oid = extension.read(tag::OID)?.to_vec();
            let critical = match extension.read_optional(BOOLEAN)? {
                None => false,
                Some([0xff]) => true,
                // X.690 sections 11.1 and 11.5: neither another true nor the default is written, though
                // some do write the default.
                Some([0]) => false,
                Some(_) => return Err(Problem::UnexpectedTag),
            };
            let value = extension.read(tag::OCTET_STRING)?.to_vec();
            extension.end()?;
            if found.iter().any(|other| other.oid == oid) {
                let extension = oid_text(&oid);
                return Ok(Err(ExtensionError::Duplicate { extension }));
            }
            found.push(Extension {
                oid,
                critical,
                value,
            });
        }
        Ok(Ok(Self { list: found }))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn value(&self, oid: &[u8]) -> Option<&[u8]> {
        self.list
            .iter()
            .find(|extension| extension.oid == oid)
            .map(|extension| extension.value.as_slice())
    }
}

/// An extension is not as its standard has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// The encoding is damaged.
    #[error("the extension {extension} is damaged: it {problem}")]
    Malformed {
        /// Which.
        extension: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An extension is there twice (RFC 5280 section 4.2).
    #[error("the extension {extension} is there twice, expected each at most once")]
    Duplicate {
        /// Its identifier in dotted form.
        extension: String,
    },
    /// A host name cannot stand in a certificate.
    #[error(
        "the host is {found:?}, expected letters, digits and hyphens between dots, such as \
         \"api.example.com\"; one with other letters is written as xn--…"
    )]
    Host {
        /// What was given.
        found: String,
    },
    /// An extended key usage is no identifier.
    #[error(
        "the extended key usage is {found:?}, expected an identifier such as \"1.3.6.1.5.5.7.3.2\""
    )]
    Usage {
        /// What was given.
        found: String,
    },
    /// The QCStatements are not as EN 319 412-5 and TS 119 495 have them.
    #[error(transparent)]
    QcStatements(QcStatementsError),
}

const BOOLEAN: u8 = 0x01;

// RFC 5280 section 4.2.1, id-ce
const KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
// RFC 3739 section 3.2.6, id-pe-qcStatements
const QC_STATEMENTS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 3];

fn malformed(extension: &'static str) -> impl Fn(Problem) -> ExtensionError {
    move |problem| ExtensionError::Malformed {
        extension,
        problem: problem.as_str(),
    }
}

/// What was parsed, with nothing left over.
fn whole<T, E>(
    parsed: Result<(&[u8], T), E>,
    extension: &'static str,
) -> Result<T, ExtensionError> {
    match parsed {
        Ok(([], found)) => Ok(found),
        Ok(_) => Err(malformed(extension)(Problem::Trailing)),
        Err(_) => Err(malformed(extension)(Problem::UnexpectedTag)),
    }
}

fn alternative_name(name: &parser::GeneralName<'_>) -> Option<String> {
    Some(match name {
        parser::GeneralName::DNSName(host) => format!("DNS:{host}"),
        parser::GeneralName::RFC822Name(address) => format!("email:{address}"),
        parser::GeneralName::URI(uri) => format!("URI:{uri}"),
        parser::GeneralName::IPAddress(octets) => {
            let address = if let Ok(four) = <[u8; 4]>::try_from(*octets) {
                IpAddr::from(four)
            } else {
                IpAddr::from(<[u8; 16]>::try_from(*octets).ok()?)
            };
            format!("IP:{address}")
        }
        parser::GeneralName::DirectoryName(name) => {
            format!("DN:{}", DistinguishedName::from_der(name.as_raw()).ok()?)
        }
        parser::GeneralName::RegisteredID(oid) => format!("OID:{}", oid.to_id_string()),
        parser::GeneralName::OtherName(oid, _) => format!("other:{}", oid.to_id_string()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode::{element, sequence};

    fn with(oid: &[u8], value: &[u8]) -> Extensions {
        let extension = sequence(&[&element(tag::OID, oid), &element(tag::OCTET_STRING, value)]);
        Extensions::read(Reader::new(&extension)).unwrap().unwrap()
    }

    // RFC 5280 sections 4.2.1.3 and 4.2.1.6
    #[test]
    fn values_are_read() {
        let usage = with(KEY_USAGE, &[3, 3, 7, 0xc1, 0x80]).key_usage().unwrap();
        let usage: Vec<_> = usage.iter().map(ToString::to_string).collect();
        assert_eq!(
            usage.join(" "),
            "digitalSignature nonRepudiation encipherOnly decipherOnly"
        );
        let names = sequence(&[
            &element(0x82, b"a.example"),
            &element(0x87, &[192, 0, 2, 1]),
            &element(0x87, &[0; 16]),
            &element(0x86, b"https://a.example"),
            &element(0x81, b"a@b.example"),
        ]);
        let names = with(ALTERNATIVE_NAME, &names).alternative_names().unwrap();
        assert_eq!(
            names.join(" "),
            "DNS:a.example IP:192.0.2.1 IP::: URI:https://a.example email:a@b.example"
        );
        let other = sequence(&[&element(tag::OID, &[0x2a, 3])]);
        let usage = with(EXTENDED_KEY_USAGE, &other).extended_key_usage();
        assert_eq!(usage, Ok(vec![ExtendedKeyUsage::Other("1.2.3".to_owned())]));
    }

    // RFC 5280 section 4.2; X.690 section 11.1
    #[test]
    fn each_is_there_once() {
        let one = |critical: &[u8]| {
            sequence(&[
                &element(tag::OID, KEY_USAGE),
                critical,
                &element(tag::OCTET_STRING, &[]),
            ])
        };
        let read = |list: &[Vec<u8>]| Extensions::read(Reader::new(&list.concat()));
        let twice = read(&[one(&[]), one(&[])]).unwrap().unwrap_err();
        insta::assert_snapshot!(twice, @"the extension 2.5.29.15 is there twice, expected each at most once");
        for (critical, expected) in [
            (&[][..], Some(false)),
            (&[1, 1, 0], Some(false)),
            (&[1, 1, 0xff], Some(true)),
            (&[1, 1, 1], None),
            (&[1, 0], None),
        ] {
            let found = read(&[one(critical)]).ok().map(Result::unwrap);
            let found = found.map(|found| found.identifiers().all(|(_, critical)| critical));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn damage_is_named_when_asked_for() {
        let bad = &[tag::NULL, 0][..];
        insta::assert_snapshot!(with(KEY_USAGE, bad).key_usage().unwrap_err(), @"the extension keyUsage is damaged: it is missing or of another type");
        insta::assert_snapshot!(with(KEY_USAGE, &[3, 2, 7, 0x80, 0]).key_usage().unwrap_err(), @"the extension keyUsage is damaged: it is followed by octets that do not belong there");
        assert!(with(EXTENDED_KEY_USAGE, bad).extended_key_usage().is_err());
        assert!(with(KEY_IDENTIFIER, bad).subject_key_identifier().is_err());
        assert!(with(QC_STATEMENTS, bad).psd2().is_err());
        for name in [&[0x87, 1, 0][..], &[0x82, 1, 0xff]] {
            let names = sequence(&[name]);
            assert!(with(ALTERNATIVE_NAME, &names).alternative_names().is_err());
        }
        let none = Extensions::default();
        assert_eq!(none.key_usage(), Ok(vec![]));
        assert_eq!(none.psd2(), Ok(None));
    }

    proptest! {
        #[test]
        fn reading_never_panics(octets: Vec<u8>) {
            let _ = Extensions::read(Reader::new(&octets));
            let oids = [KEY_IDENTIFIER, KEY_USAGE, ALTERNATIVE_NAME, EXTENDED_KEY_USAGE, QC_STATEMENTS];
            for oid in oids {
                let extensions = with(oid, &octets);
                let _ = extensions.key_usage();
                let _ = extensions.extended_key_usage();
                let _ = extensions.alternative_names();
                let _ = extensions.subject_key_identifier();
                let _ = extensions.psd2();
            }
        }
    }
}
