//! `x5t#S256`, and what is taken for it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::certificate_error::CertificateErrorKind;
use crate::fingerprint::{hex, sha1, sha256};

/// Base64url without padding of SHA-256 over the DER (RFC 7515 section 4.1.8).
pub(crate) fn x5t_s256(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha256(der))
}

/// Says what the text is instead (RFC 8705 section 3.1 has the same value as `cnf`).
pub(crate) fn check(
    text: &str,
    der: &[u8],
    pem: &str,
    public_key: &[u8],
) -> Result<(), CertificateErrorKind> {
    let digest = sha256(der);
    let expected = x5t_s256(der);
    if text == expected {
        return Ok(());
    }
    let plain = text.replace(':', "").to_ascii_lowercase();
    let sha1_digest = sha1(der);
    let is = |octets: &[u8]| text.trim_end_matches('=') == URL_SAFE_NO_PAD.encode(octets);
    let found = if plain == hex(&digest) {
        "hexadecimal"
    } else if text == URL_SAFE.encode(digest) {
        "padded with ="
    } else if text.trim_end_matches('=') == STANDARD.encode(digest).trim_end_matches('=') {
        "base64, not base64url"
    } else if is(hex(&digest).as_bytes()) || is(hex(&digest).to_uppercase().as_bytes()) {
        "base64url of hexadecimal digits"
    } else if is(&sha1_digest) || plain == hex(&sha1_digest) {
        "that of SHA-1"
    } else if is(&sha256(pem.as_bytes())) {
        "that of the PEM text"
    } else if is(&sha256(public_key)) {
        "that of the public key alone"
    } else {
        "that of something else"
    };
    Err(CertificateErrorKind::Thumbprint { found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7515 section 4.1.8; RFC 8705 section 3.1
    #[test]
    fn what_is_taken_for_it_is_named() {
        let (der, pem, key) = (&b"der"[..], "pem", &b"key"[..]);
        let digest = sha256(der);
        assert!(check(&x5t_s256(der), der, pem, key).is_ok());
        let colons = hex(&digest).to_uppercase();
        let colons: Vec<_> = colons.as_bytes().chunks(2).collect();
        for (text, expected) in [
            (hex(&digest), "hexadecimal"),
            (
                String::from_utf8(colons.join(&b':')).unwrap(),
                "hexadecimal",
            ),
            (URL_SAFE.encode(digest), "padded with ="),
            (
                URL_SAFE_NO_PAD.encode(hex(&digest)),
                "base64url of hexadecimal digits",
            ),
            (URL_SAFE_NO_PAD.encode(sha1(der)), "that of SHA-1"),
            (
                URL_SAFE_NO_PAD.encode(sha256(pem.as_bytes())),
                "that of the PEM text",
            ),
            (
                URL_SAFE_NO_PAD.encode(sha256(key)),
                "that of the public key alone",
            ),
            (String::new(), "that of something else"),
        ] {
            match check(&text, der, pem, key).unwrap_err() {
                CertificateErrorKind::Thumbprint { found, .. } => assert_eq!(found, expected),
                other => panic!("{other}"),
            }
        }
    }
}
