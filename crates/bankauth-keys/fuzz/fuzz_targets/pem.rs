#![no_main]
//! Text that may hold PEM: keys, certificates and requests of any label.

use bankauth_keys::{Certificate, PrivateKey, SignedRequest};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let _ = PrivateKey::from_pem(text);
    let _ = Certificate::chain_from_bytes(text);
    let _ = SignedRequest::from_pem(text);
});
