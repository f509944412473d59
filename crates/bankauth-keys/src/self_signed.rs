//! Making a self-signed certificate.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use rcgen::{CertificateParams, IsCa, KeyIdMethod, SerialNumber};

use crate::certificate::Certificate;
use crate::certificate_error::{CertificateError, CertificateErrorKind};
use crate::key_usage::{ExtendedKeyUsage, KeyUsage};
use crate::name::distinguished_name::DistinguishedName;
use crate::signer::Signer;
use crate::template::{self, Wanted};

/// A self-signed X.509 v3 certificate (RFC 5280) to be made over a key of one's own.
///
/// It has a random serial number of 20 octets. Its extensions are the key usage `digitalSignature` and
/// basic constraints without the right to sign others, both critical, a subject key identifier, and what
/// else is asked for. It is valid from the second of signing on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfSigned {
    subject: DistinguishedName,
    days: u32,
    wanted: Wanted,
}

impl SelfSigned {
    /// A certificate for that subject, valid for 1825 days: what Revolut's guide for the Business API
    /// makes (<https://developer.revolut.com/docs/guides/manage-accounts/get-started/make-your-first-api-request>,
    /// read 2026-11-20).
    pub fn new(subject: impl Into<DistinguishedName>) -> Self {
        Self {
            subject: subject.into(),
            days: 1825,
            wanted: Wanted {
                key_usage: vec![KeyUsage::DigitalSignature],
                ..Wanted::default()
            },
        }
    }

    /// How many days the certificate is valid, each of 24 hours; at least 1.
    #[must_use]
    pub const fn with_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Adds a use, such as [`ExtendedKeyUsage::ClientAuth`] for mutual TLS.
    #[must_use]
    pub fn with_extended_key_usage(mut self, usage: ExtendedKeyUsage) -> Self {
        self.wanted.add_use(usage);
        self
    }

    /// Adds a host name; one with letters outside of ASCII is given as `xn--…`.
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.wanted.hosts.push(host.into());
        self
    }

    /// Adds an IP address.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        self.wanted.addresses.push(address);
        self
    }

    /// Makes the certificate, and verifies its signature. Fractions of a second of `now` are cut off.
    ///
    /// # Errors
    /// [`CertificateErrorKind::Subject`] if the name is not usable,
    /// [`Extension`](CertificateErrorKind::Extension) if a host is not,
    /// [`NoLifetime`](CertificateErrorKind::NoLifetime),
    /// [`LifetimeTooLong`](CertificateErrorKind::LifetimeTooLong) or
    /// [`Clock`](CertificateErrorKind::Clock) if the dates are not, and
    /// [`Signer`](CertificateErrorKind::Signer) if the key did not sign.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
    ) -> Result<Certificate, CertificateError> {
        let der = self.to_der(signer, now).map_err(CertificateError::new)?;
        Certificate::from_der(&der)
    }

    fn to_der(
        &self,
        signer: &dyn Signer,
        now: SystemTime,
    ) -> Result<Vec<u8>, CertificateErrorKind> {
        let (not_before, not_after) = self.validity(now)?;
        self.subject
            .check()
            .map_err(CertificateErrorKind::Subject)?;
        // rcgen's defaults are a name of its own and the years 1975 to 4096, so every field that can
        // have one is set here, but for the name: that is put in later.
        let mut params = CertificateParams::default();
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + not_before;
        params.not_after = epoch + not_after;
        params.serial_number = Some(SerialNumber::from_slice(&serial_number()?));
        params.is_ca = IsCa::ExplicitNoCa;
        let identifier = template::key_identifier(signer).map_err(CertificateErrorKind::Signer)?;
        params.key_identifier_method = KeyIdMethod::PreSpecified(identifier);
        self.wanted
            .apply(&mut params)
            .map_err(CertificateErrorKind::Extension)?;
        template::certificate(&params, &self.subject, signer).map_err(CertificateErrorKind::Signer)
    }

    /// Begin and end, since 1970.
    fn validity(&self, now: SystemTime) -> Result<(Duration, Duration), CertificateErrorKind> {
        if self.days == 0 {
            return Err(CertificateErrorKind::NoLifetime);
        }
        let now = now
            .duration_since(UNIX_EPOCH)
            .map_err(|_| CertificateErrorKind::Clock)?;
        let begin = Duration::from_secs(now.as_secs());
        let end = begin
            .checked_add(Duration::from_secs(u64::from(self.days) * 24 * 60 * 60))
            .filter(|end| *end <= END_OF_9999)
            .ok_or(CertificateErrorKind::LifetimeTooLong { days: self.days })?;
        Ok((begin, end))
    }
}

/// 9999-12-31T23:59:59Z, the last second of GeneralizedTime (RFC 5280 section 4.1.2.5).
const END_OF_9999: Duration = Duration::from_secs(253_402_300_799);

/// RFC 5280 section 4.1.2.2: positive and at most 20 octets. A set top bit would take a 21st octet for
/// the sign; a set bit below it makes the number of full length, and so neither zero nor short.
fn serial_number() -> Result<[u8; 20], CertificateErrorKind> {
    let mut serial = [0; 20];
    rand::fill(&mut serial).map_err(|_| CertificateErrorKind::Randomness)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::name::subject::Subject;

    // RFC 5280 section 4.1.2.2
    #[test]
    fn serial_numbers_are_positive_and_have_twenty_octets() {
        let drawn: HashSet<_> = (0..10_000).map(|_| serial_number().unwrap()).collect();
        assert_eq!(drawn.len(), 10_000);
        assert!(drawn.iter().all(|serial| (0x40..0x80).contains(&serial[0])));
    }

    #[test]
    fn dates_that_cannot_be_written_are_refused() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let days = |days| SelfSigned::new(Subject::new()).with_days(days);
        assert!(matches!(
            days(0).validity(at(0)),
            Err(CertificateErrorKind::NoLifetime)
        ));
        assert!(matches!(
            days(1).validity(UNIX_EPOCH - Duration::from_secs(1)),
            Err(CertificateErrorKind::Clock)
        ));
        assert!(matches!(
            days(u32::MAX).validity(at(0)),
            Err(CertificateErrorKind::LifetimeTooLong { days: u32::MAX })
        ));
        let last_day = at(END_OF_9999.as_secs() - 86_400);
        assert!(days(1).validity(last_day).is_ok());
        assert!(days(1).validity(last_day + Duration::from_secs(1)).is_err());
    }
}
