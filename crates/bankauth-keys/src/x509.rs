//! What is read from a certificate, and the rules of RFC 5280 that its parser does not look at.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::error::X509Error;
use x509_parser::nom::{self, Parser as _};

use crate::certificate_error::CertificateErrorKind;
use crate::der::{Element, Problem, Reader, tag, whole_octets};
use crate::extension::Extensions;
use crate::name::distinguished_name::DistinguishedName;

/// A certificate in the fields that are asked for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) subject: DistinguishedName,
    pub(crate) issuer: DistinguishedName,
    /// The content of the INTEGER.
    pub(crate) serial_number: Vec<u8>,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    pub(crate) extensions: Extensions,
}

pub(crate) fn parse(der: &[u8]) -> Result<Fields, CertificateErrorKind> {
    let mut whole = Reader::new(der);
    whole
        .read(tag::SEQUENCE)
        .map_err(|problem| malformed("its DER", problem))?;
    if !whole.rest().is_empty() {
        let count = whole.rest().len();
        return Err(CertificateErrorKind::TrailingBytes { count });
    }
    // Extensions are left unparsed: a bank's may hold anything, and ours are looked into when asked for.
    let (_, parsed) = X509CertificateParser::new()
        .with_deep_parse_extensions(false)
        .parse(der)
        .map_err(|error| CertificateErrorKind::Malformed {
            problem: parser_text(&error),
        })?;
    check_signature_fields(der)?;
    let (serial_number, extensions) = own_fields(der)?;
    check_version(&parsed, &extensions)?;
    let not_before = parsed.validity().not_before.timestamp();
    let not_after = parsed.validity().not_after.timestamp();
    if not_after < not_before {
        return Err(CertificateErrorKind::ValidityReversed);
    }
    let name = |field: &str, der| {
        DistinguishedName::from_der(der).map_err(|error| CertificateErrorKind::Malformed {
            problem: format!("{field}: {error}"),
        })
    };
    Ok(Fields {
        subject: name("its subject", parsed.subject().as_raw())?,
        issuer: name("its issuer", parsed.issuer().as_raw())?,
        serial_number,
        public_key: parsed.public_key().raw.to_vec(),
        not_before: system_time(not_before)?,
        not_after: system_time(not_after)?,
        extensions,
    })
}

/// Reads what the parser is lax about: the serial number, which it takes in any form (X.690 section
/// 8.3.2), the form of the dates, and extensions that occur twice.
fn own_fields(der: &[u8]) -> Result<(Vec<u8>, Extensions), CertificateErrorKind> {
    let read = || {
        let mut inner = Reader::new(der)
            .enter(tag::SEQUENCE)?
            .enter(tag::SEQUENCE)?;
        inner.read_optional(tag::CONTEXT_0)?;
        let serial_number = inner.read(tag::INTEGER)?;
        if let [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] = serial_number {
            return Err(Problem::Integer);
        }
        for _ in 0..2 {
            inner.element()?;
        }
        let mut validity = inner.enter(tag::SEQUENCE)?;
        check_date(validity.element()?)?;
        check_date(validity.element()?)?;
        validity.end()?;
        for _ in 0..2 {
            inner.element()?;
        }
        inner.read_optional(ISSUER_UNIQUE_ID)?;
        inner.read_optional(SUBJECT_UNIQUE_ID)?;
        let extensions = match inner.read_optional(EXTENSIONS)? {
            None => Ok(Extensions::default()),
            Some(content) => {
                let mut outer = Reader::new(content);
                let list = outer.enter(tag::SEQUENCE)?;
                outer.end()?;
                Extensions::read(list)?
            }
        };
        inner.end()?;
        Ok((serial_number.to_vec(), extensions))
    };
    let (serial_number, extensions) = read().map_err(|problem| malformed("a field", problem))?;
    let extensions = extensions.map_err(CertificateErrorKind::Extension)?;
    Ok((serial_number, extensions))
}

/// RFC 5280 section 4.1.2.5: with seconds, without fractions, in UTC.
fn check_date(date: Element<'_>) -> Result<(), Problem> {
    let digits = match date.tag {
        UTC_TIME => 12,
        GENERALIZED_TIME => 14,
        _ => return Err(Problem::UnexpectedTag),
    };
    match date.content.split_last() {
        Some((b'Z', rest)) if rest.len() == digits && rest.iter().all(u8::is_ascii_digit) => Ok(()),
        _ => Err(Problem::UnexpectedTag),
    }
}

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const ISSUER_UNIQUE_ID: u8 = 0x81;
const SUBJECT_UNIQUE_ID: u8 = 0x82;
const EXTENSIONS: u8 = 0xa3;

/// RFC 5280 section 4.1.1.2: the same algorithm, and here octet for octet. The parser compares neither
/// these nor all of their tags.
fn check_signature_fields(der: &[u8]) -> Result<(), CertificateErrorKind> {
    let read = || {
        let mut certificate = Reader::new(der).enter(tag::SEQUENCE)?;
        let mut signed = certificate.enter(tag::SEQUENCE)?;
        signed.read_optional(tag::CONTEXT_0)?;
        signed.read(tag::INTEGER)?;
        let inside = signed.element()?;
        // A wrong type in both would pass as equal.
        Reader::new(inside.raw)
            .enter(tag::SEQUENCE)?
            .read(tag::OID)?;
        let outside = certificate.element()?;
        certificate.read(tag::BIT_STRING).and_then(whole_octets)?;
        certificate.end()?;
        Ok(inside.raw == outside.raw)
    };
    match read() {
        Ok(true) => Ok(()),
        Ok(false) => Err(CertificateErrorKind::AlgorithmMismatch),
        Err(problem) => Err(malformed("a field around its signature", problem)),
    }
}

/// RFC 5280 section 4.1.2.1: extensions need version 3. Version 1 is still about, in samples and roots.
fn check_version(
    parsed: &X509Certificate<'_>,
    extensions: &Extensions,
) -> Result<(), CertificateErrorKind> {
    let found = parsed.version().0.saturating_add(1);
    let expected = match found {
        3 => return Ok(()),
        1 | 2 if extensions.is_empty() => return Ok(()),
        1 | 2 => "3 because it has extensions",
        _ => "1, 2 or 3",
    };
    Err(CertificateErrorKind::Version { found, expected })
}

fn malformed(field: &str, problem: Problem) -> CertificateErrorKind {
    CertificateErrorKind::Malformed {
        problem: format!("{field} {}", problem.as_str()),
    }
}

fn parser_text(error: &nom::Err<X509Error>) -> String {
    match error {
        // These two say nothing to anyone without the parser's source at hand.
        nom::Err::Incomplete(_)
        | nom::Err::Error(X509Error::NomError(_))
        | nom::Err::Failure(X509Error::NomError(_)) => "one of its fields is no DER".to_owned(),
        nom::Err::Error(error) | nom::Err::Failure(error) => error.to_string(),
    }
}

fn system_time(seconds: i64) -> Result<SystemTime, CertificateErrorKind> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.ok_or(CertificateErrorKind::DateOutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::build::{element, sequence};

    const PEM: &[u8] = include_bytes!("../tests/data/rsa.cer");

    /// The elements of `TBSCertificate` (RFC 5280 section 4.1) and what follows it.
    struct Parts {
        signed: Vec<Vec<u8>>,
        algorithm: Vec<u8>,
        signature: Vec<u8>,
    }

    const VERSION: usize = 0;
    const ALGORITHM: usize = 2;
    const VALIDITY: usize = 4;
    const SUBJECT: usize = 5;
    const EXTENSION_FIELD: usize = 7;
    const SERIAL: usize = 1;

    impl Parts {
        fn read() -> Self {
            let der = crate::pem::blocks(PEM).unwrap()[0].decode().unwrap();
            let mut certificate = Reader::new(&der).enter(tag::SEQUENCE).unwrap();
            let mut inner = certificate.enter(tag::SEQUENCE).unwrap();
            let mut signed = Vec::new();
            while inner.peek().is_some() {
                signed.push(inner.element().unwrap().raw.to_vec());
            }
            Self {
                signed,
                algorithm: certificate.element().unwrap().raw.to_vec(),
                signature: certificate.element().unwrap().raw.to_vec(),
            }
        }

        fn with(mut self, index: usize, raw: Vec<u8>) -> Self {
            self.signed[index] = raw;
            self
        }

        fn der(&self) -> Vec<u8> {
            let signed = element(tag::SEQUENCE, &self.signed.concat());
            sequence(&[&signed, &self.algorithm, &self.signature])
        }

        fn error(&self) -> String {
            parse(&self.der()).err().unwrap().to_string()
        }
    }

    fn validity(begin: &str, end: &str) -> Vec<u8> {
        let time = |text: &str| {
            // GeneralizedTime has the longer year.
            let tag = if text.len() == 15 { 0x18 } else { 0x17 };
            element(tag, text.as_bytes())
        };
        sequence(&[&time(begin), &time(end)])
    }

    fn years(begin: &str, end: &str) -> (i64, i64) {
        let fields = parse(&Parts::read().with(VALIDITY, validity(begin, end)).der());
        let fields = fields.ok().unwrap();
        let days = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_secs() as i64,
            Err(before) => -(before.duration().as_secs() as i64),
        };
        (days(fields.not_before), days(fields.not_after))
    }

    #[test]
    fn the_parts_make_the_certificate_again() {
        assert!(parse(&Parts::read().der()).is_ok());
    }

    // RFC 5280 section 4.1.1.2
    #[test]
    fn both_algorithms_are_the_same_to_the_octet() {
        let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
        let sha384 = sequence(&[&element(tag::OID, &oid), &[tag::NULL, 0]]);
        let inside = Parts::read().with(ALGORITHM, sha384.clone());
        let mut outside = Parts::read();
        outside.algorithm = sha384;
        let mut tagged = Parts::read();
        tagged.algorithm[2] = tag::OCTET_STRING;
        for bad in [inside, outside, tagged] {
            assert_eq!(
                bad.error(),
                "the certificate names one signature algorithm inside and another outside, \
                 expected the same; it was altered or its maker is broken"
            );
        }
    }

    // RFC 5280 section 4.1.2.1
    #[test]
    fn the_version_goes_with_the_extensions() {
        let mut version_1 = Parts::read();
        version_1.signed.remove(VERSION);
        assert_eq!(
            version_1.error(),
            "the certificate has version 1, expected 3 because it has extensions"
        );
        version_1.signed.remove(EXTENSION_FIELD - 1);
        assert!(parse(&version_1.der()).is_ok());
        let version_9 = element(tag::CONTEXT_0, &[tag::INTEGER, 1, 8]);
        assert_eq!(
            Parts::read().with(VERSION, version_9).error(),
            "the certificate has version 9, expected 1, 2 or 3"
        );
    }

    // RFC 5280 section 4.2
    #[test]
    fn an_extension_occurs_once() {
        let parts = Parts::read();
        let mut wrapped = Reader::new(&parts.signed[EXTENSION_FIELD]);
        let mut wrapped = wrapped.enter(0xa3).unwrap();
        let list = wrapped.read(tag::SEQUENCE).unwrap();
        let first = Reader::new(list).element().unwrap().raw;
        let twice = element(0xa3, &sequence(&[list, first]));
        assert_eq!(
            parts.with(EXTENSION_FIELD, twice).error(),
            "the extension 2.5.29.14 is there twice, expected each at most once"
        );
    }

    // RFC 5280 section 4.1.2.5: two digits up to 49 are in this century
    #[test]
    fn dates_of_both_forms_are_read() {
        assert_eq!(
            years("500101000000Z", "491231235959Z"),
            (-631_152_000, 2_524_607_999)
        );
        assert_eq!(
            years("700101000000Z", "99991231235959Z"),
            (0, 253_402_300_799)
        );
        assert_eq!(years("700101000000Z", "700101000000Z"), (0, 0));
        let reversed = validity("700101000001Z", "700101000000Z");
        assert_eq!(
            Parts::read().with(VALIDITY, reversed).error(),
            "the certificate ends before it begins, expected notAfter not to precede notBefore"
        );
        let no_date = validity("701301000000Z", "711301000000Z");
        assert_eq!(
            Parts::read().with(VALIDITY, no_date).error(),
            "the certificate is damaged: invalid date"
        );
    }

    // RFC 5280 section 4.1.2.5: Z, seconds, and no fractions
    #[test]
    fn dates_in_other_forms_are_refused() {
        for (begin, end) in [
            ("7001010000Z", "491231235959Z"),
            ("700101000000+0100", "491231235959Z"),
            ("700101000000Z", "20500101000000.5Z"),
            ("700101000000Z", "205001010000Z"),
            ("700101000000", "491231235959Z"),
        ] {
            let time = |text: &str| {
                let tag = if text.starts_with("20") { 0x18 } else { 0x17 };
                element(tag, text.as_bytes())
            };
            let validity = sequence(&[&time(begin), &time(end)]);
            let text = Parts::read().with(VALIDITY, validity).error();
            assert!(text.starts_with("the certificate is damaged: "), "{text}");
        }
    }

    // X.690 section 8.3.2: the shortest form; RFC 5280 section 4.1.2.2: others are to be read
    #[test]
    fn serial_numbers_are_minimal() {
        let with = |serial: &[u8]| Parts::read().with(SERIAL, element(tag::INTEGER, serial));
        for bad in [&[][..], &[0, 1], &[0, 0x7f, 0], &[0xff, 0x80]] {
            with(bad).error();
        }
        for good in [&[0][..], &[0xff], &[0xff, 0x7f], &[0x7f; 21], &[0, 0x80]] {
            assert_eq!(parse(&with(good).der()).ok().unwrap().serial_number, good);
        }
    }

    #[test]
    fn nothing_follows() {
        let mut der = Parts::read().der();
        der.extend_from_slice(b"\r\n");
        assert_eq!(
            parse(&der).err().unwrap().to_string(),
            "octets after the certificate: 2, expected 0"
        );
        let mut inside = Parts::read();
        inside.signature.extend_from_slice(&[tag::NULL, 0]);
        assert!(parse(&inside.der()).is_err());
    }

    // RFC 5280 section 4.1.2.6 has certificates without subject
    #[test]
    fn a_subject_may_be_empty() {
        let fields = parse(&Parts::read().with(SUBJECT, sequence(&[])).der());
        assert!(fields.ok().unwrap().subject.is_empty());
    }
}
