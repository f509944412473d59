#![no_main]
//! DER that may be a private key: PKCS#8 of both versions, PKCS#1, SEC1, and PKCS#8 under a passphrase.

use bankauth_keys::PrivateKey;
use secrecy::{ExposeSecret as _, SecretString};

libfuzzer_sys::fuzz_target!(|der: &[u8]| {
    if let Ok(key) = PrivateKey::from_der(der) {
        // What is read is written so that it is read again.
        let again = PrivateKey::from_der(key.to_pkcs8_der().expose_secret()).expect("our own PKCS#8");
        assert_eq!(again.public_key_der(), key.public_key_der());
    }
    let _ = PrivateKey::from_bytes_with_passphrase(der, &SecretString::from("passphrase"));
});
