#![no_main]
//! DER that may be a signing request.

use bankauth_keys::SignedRequest;

libfuzzer_sys::fuzz_target!(|der: &[u8]| {
    if let Ok(request) = SignedRequest::from_der(der) {
        assert_eq!(request.as_der(), der);
        let _ = (request.extensions().psd2(), request.extensions().alternative_names(), request.key_kind());
        let _ = request.subject().to_der();
    }
});
