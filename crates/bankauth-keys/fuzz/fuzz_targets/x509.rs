#![no_main]
//! DER that may be a certificate, and everything that one tells of itself.

use bankauth_keys::Certificate;

libfuzzer_sys::fuzz_target!(|der: &[u8]| {
    if let Ok(certificate) = Certificate::from_der(der) {
        assert_eq!(certificate.as_der(), der);
        let extensions = certificate.extensions();
        let _ = (extensions.key_usage(), extensions.extended_key_usage(), extensions.alternative_names());
        let _ = (extensions.subject_key_identifier(), extensions.psd2(), extensions.identifiers().count());
        let _ = (certificate.subject(), certificate.serial_number(), certificate.check_serial_number());
        let _ = (certificate.key_kind(), certificate.not_before(), certificate.not_after());
    }
});
