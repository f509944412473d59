//! What is read from a certificate, and the rules of RFC 5280 that its parser does not look at.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::error::X509Error;
use x509_parser::nom::{self, Parser as _};

use crate::certificate_error::CertificateErrorKind;
use crate::der::{Problem, Reader, tag, whole_octets};
use crate::rfc4514;

/// A certificate in the fields that are asked for.
pub(crate) struct Fields {
    /// RFC 4514 text.
    pub(crate) subject: String,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
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
    // Extensions are left unparsed: nothing here looks into them, and a bank's may hold anything.
    let (_, parsed) = X509CertificateParser::new()
        .with_deep_parse_extensions(false)
        .parse(der)
        .map_err(|error| CertificateErrorKind::Malformed {
            problem: parser_text(&error),
        })?;
    check_algorithms(der)?;
    check_version(&parsed)?;
    // RFC 5280 section 4.2
    parsed
        .extensions_map()
        .map_err(|_| CertificateErrorKind::DuplicateExtension)?;
    let not_before = parsed.validity().not_before.timestamp();
    let not_after = parsed.validity().not_after.timestamp();
    if not_after < not_before {
        return Err(CertificateErrorKind::ValidityReversed);
    }
    Ok(Fields {
        subject: rfc4514::text(parsed.subject().as_raw())
            .map_err(|problem| malformed("its subject", problem))?,
        public_key: parsed.public_key().raw.to_vec(),
        not_before: system_time(not_before)?,
        not_after: system_time(not_after)?,
    })
}

/// RFC 5280 section 4.1.1.2: the same algorithm, and here octet for octet. The parser compares neither
/// these nor all of their tags.
fn check_algorithms(der: &[u8]) -> Result<(), CertificateErrorKind> {
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
fn check_version(parsed: &X509Certificate<'_>) -> Result<(), CertificateErrorKind> {
    let found = parsed.version().0.saturating_add(1);
    let expected = match found {
        3 => return Ok(()),
        1 | 2 if parsed.extensions().is_empty() => return Ok(()),
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
    const EXTENSIONS: usize = 7;

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
        version_1.signed.remove(EXTENSIONS - 1);
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
        let mut wrapped = Reader::new(&parts.signed[EXTENSIONS]);
        let mut wrapped = wrapped.enter(0xa3).unwrap();
        let list = wrapped.read(tag::SEQUENCE).unwrap();
        let first = Reader::new(list).element().unwrap().raw;
        let twice = element(0xa3, &sequence(&[list, first]));
        assert_eq!(
            parts.with(EXTENSIONS, twice).error(),
            "the certificate has an extension twice, expected each at most once"
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
        assert_eq!(fields.ok().unwrap().subject, "");
    }
}
