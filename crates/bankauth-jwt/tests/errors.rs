//! What is refused, and in which words.

#![expect(clippy::unwrap_used, reason = "in a test it is the assertion")]

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_jwt::{
    Algorithm, Audience, ClaimError, ClientAssertion, KeyError, Sign, SignError, SigningKey,
};
use insta::assert_snapshot;

const RSA_2048: &[u8] = include_bytes!("data/rsa2048.pkcs8.der");

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_706_136_731)
}

fn assertion() -> ClientAssertion {
    ClientAssertion::new("client-1", Audience::fixed("https://revolut.com")).unwrap()
}

/// One line for each error.
fn lines<E: ToString>(errors: impl IntoIterator<Item = E>) -> String {
    let lines: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    lines.join("\n")
}

#[test]
fn identifiers() {
    let errors: [ClaimError; 8] = [
        ClientAssertion::new("", Audience::fixed("a")).unwrap_err(),
        ClientAssertion::new("client-1\n", Audience::fixed("a")).unwrap_err(),
        ClientAssertion::new("x".repeat(2049), Audience::fixed("a")).unwrap_err(),
        ClientAssertion::new("a", Audience::fixed("")).unwrap_err(),
        ClientAssertion::new("a", Audience::issuer("http://bank.example")).unwrap_err(),
        ClientAssertion::new("a", Audience::token_endpoint("https://bank.example/#x")).unwrap_err(),
        assertion().with_issuer("").unwrap_err(),
        SigningKey::rs256(RSA_2048)
            .unwrap()
            .with_key_id("a\u{7f}")
            .unwrap_err(),
    ];
    assert_snapshot!(lines(&errors), @"
    sub: found an empty text, expected 1 to 2048 bytes of text without control characters
    sub: found the control character U+000A at byte 8, expected 1 to 2048 bytes of text without control characters
    sub: found 2049 bytes, expected 1 to 2048 bytes of text without control characters
    aud: found an empty text, expected 1 to 2048 bytes of text without control characters
    aud: found a text that does not start with https://, expected an https URL without user name, query and fragment
    aud: found a fragment, expected an https URL without user name and fragment
    iss: found an empty text, expected 1 to 2048 bytes of text without control characters
    kid: found the control character U+007F at byte 1, expected 1 to 2048 bytes of text without control characters
    ");
    assert_eq!(errors[0].field(), "sub");
    assert_eq!(errors[0].found(), "an empty text");
    assert_eq!(
        errors[0].expected(),
        "1 to 2048 bytes of text without control characters"
    );
}

#[test]
fn lifetimes() {
    let short = |lifetime| assertion().with_lifetime(lifetime).unwrap_err();
    let long = |lifetime| assertion().with_long_lifetime(lifetime).unwrap_err();
    assert_snapshot!(lines([
        short(Duration::ZERO),
        short(Duration::from_millis(999)),
        short(Duration::from_millis(1_500)),
        short(ClientAssertion::LIFETIME_LIMIT + Duration::from_secs(1)),
        short(Duration::MAX),
        long(Duration::ZERO),
        long(Duration::from_nanos(3_600_000_000_001)),
    ]), @"
    lifetime: found 0ns, expected whole seconds from 1 s to 300 s (with_long_lifetime takes more)
    lifetime: found 999ms, expected whole seconds from 1 s to 300 s (with_long_lifetime takes more)
    lifetime: found 1.5s, expected whole seconds from 1 s to 300 s (with_long_lifetime takes more)
    lifetime: found 301s, expected whole seconds from 1 s to 300 s (with_long_lifetime takes more)
    lifetime: found 18446744073709551615.999999999s, expected whole seconds from 1 s to 300 s (with_long_lifetime takes more)
    lifetime: found 0ns, expected whole seconds, at least 1 s
    lifetime: found 3600.000000001s, expected whole seconds, at least 1 s
    ");
}

#[test]
fn times_that_cannot_be_written() {
    let key = SigningKey::rs256(RSA_2048).unwrap();
    let epoch = UNIX_EPOCH;
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let sign = |assertion: &ClientAssertion, now| assertion.sign(&key, now).unwrap_err();
    let forever = assertion()
        .with_long_lifetime(Duration::from_secs(u64::MAX))
        .unwrap();
    assert_snapshot!(lines([
        sign(&assertion(), epoch - Duration::from_nanos(1)),
        sign(&assertion(), epoch - century),
        sign(&assertion(), epoch + century * 100),
        sign(&assertion(), epoch + Duration::from_secs(99_999_999_940)),
        sign(&forever, now()),
    ]), @"
    now: found a time before 1970, expected a time from 1970 to 5138 (is the clock set?)
    now: found a time before 1970, expected a time from 1970 to 5138 (is the clock set?)
    now: found a time after 5138, expected a time from 1970 to 5138 (is the clock set?)
    exp: found 99999999940 s plus a lifetime of 60 s, expected at most 99999999999 s, in the year 5138
    exp: found 1706136731 s plus a lifetime of 18446744073709551615 s, expected at most 99999999999 s, in the year 5138
    ");
    assert!(assertion().sign(&key, epoch).is_ok());
}

#[test]
fn files_that_are_no_pkcs8() {
    let found = |der: &[u8]| match SigningKey::rs256(der).unwrap_err() {
        KeyError::NotPkcs8 { found } => found,
        other => panic!("{other}"),
    };
    let cut = &RSA_2048[..RSA_2048.len() - 1];
    let with_newline = [RSA_2048, b"\n"].concat();
    let mut broken = RSA_2048.to_vec();
    broken[26] = 0x31;
    assert_snapshot!(lines([
        found(b""),
        found(b"\n-----BEGIN PRIVATE KEY-----\n"),
        found(include_bytes!("data/rsa2048.pkcs1.der")),
        found(include_bytes!("data/p256.sec1.der")),
        found(include_bytes!("data/rsa2048.encrypted.der")),
        found(include_bytes!("data/rsa2048.public.der")),
        found(include_bytes!("data/rsa2048.certificate.der")),
        found(cut),
        found(&with_newline),
        found(&broken),
        found(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
        found(&[0x30; 20_000]),
        found(&[0x30, 0]),
    ]), @"
    nothing
    PEM text
    an RSA key in PKCS#1
    an EC key in SEC1
    an encrypted private key
    a public key
    a certificate or a signing request
    something that is not DER or is cut off
    DER with other bytes after it
    a PKCS#8 envelope around a broken RSA key
    something that is not DER or is cut off
    more than 16 KiB
    other DER
    ");
    assert_snapshot!(SigningKey::rs256(b"").unwrap_err(), @"found nothing, expected a private key in PKCS#8 (DER)");
}

#[test]
fn keys_that_do_not_fit_the_algorithm() {
    let p256 = include_bytes!("data/p256.pkcs8.der");
    let rsa_pss = include_bytes!("data/rsa-pss.pkcs8.der");
    assert_snapshot!(lines([
        SigningKey::rs256(p256).unwrap_err(),
        SigningKey::ps256(p256).unwrap_err(),
        SigningKey::es256(RSA_2048).unwrap_err(),
        SigningKey::es256(include_bytes!("data/p384.pkcs8.der")).unwrap_err(),
        SigningKey::es256(include_bytes!("data/p256-explicit.pkcs8.der")).unwrap_err(),
        SigningKey::es256(include_bytes!("data/ed25519.pkcs8.der")).unwrap_err(),
        SigningKey::rs256(rsa_pss).unwrap_err(),
        SigningKey::ps256(include_bytes!("data/rsa-pss-sha512.pkcs8.der")).unwrap_err(),
        // RFC 7518 sections 3.3 and 3.5: at least 2048 bits, and 2047 fill as many bytes.
        SigningKey::rs256(include_bytes!("data/rsa1024.pkcs8.der")).unwrap_err(),
        SigningKey::ps256(include_bytes!("data/rsa2047.pkcs8.der")).unwrap_err(),
    ]), @"
    RS256 needs an unrestricted RSA key, found an EC key on P-256
    PS256 needs an RSA key, found an EC key on P-256
    ES256 needs an EC key on P-256, found an RSA key of 2048 bits
    ES256 needs an EC key on P-256, found an EC key on P-384
    ES256 needs an EC key on P-256, found an EC key on a curve without a name
    ES256 needs an EC key on P-256, found an Ed25519 key
    RS256 needs an unrestricted RSA key, found an RSA-PSS key of 2048 bits
    PS256 needs an RSA key, found an RSA-PSS key of 2048 bits for parameters other than SHA-256 with a salt of 32 bytes
    the RSA key has 1024 bits, expected 2048 to 16384
    the RSA key has 2047 bits, expected 2048 to 16384
    ");
}

#[test]
fn damaged_keys() {
    // The private exponent claims to be longer than the key.
    let mut damaged = RSA_2048.to_vec();
    let exponent = 26 + 4 + 3 + 4 + 257 + 5;
    assert_eq!(damaged[exponent..exponent + 2], [0x02, 0x82]);
    damaged[exponent + 2] = 0xff;
    let errors = [
        SigningKey::rs256(&damaged).unwrap_err(),
        SigningKey::ps256(&damaged).unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.source().is_some()));
    assert_snapshot!(lines(errors), @"
    the private key is damaged
    the private key is damaged
    ");
}

struct Broken(
    Result<Vec<u8>, &'static str>,
    Algorithm,
    Option<&'static str>,
);

impl Sign for Broken {
    fn algorithm(&self) -> Algorithm {
        self.1
    }

    fn key_id(&self) -> Option<&str> {
        self.2
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        self.0.clone().map_err(SignError::failed)
    }
}

#[test]
fn signers_that_fail() {
    let sign = |signer: Broken| assertion().sign(&signer, now()).unwrap_err();
    let error = sign(Broken(Err("token removed"), Algorithm::Es256, None));
    assert!(matches!(error, SignError::Failed { .. }));
    assert_eq!(error.source().unwrap().to_string(), "token removed");

    let gives = |length, algorithm| sign(Broken(Ok(vec![0; length]), algorithm, None));
    assert_snapshot!(lines([
        error,
        gives(0, Algorithm::Es256),
        gives(71, Algorithm::Es256),
        gives(64, Algorithm::Rs256),
        gives(128, Algorithm::Ps256),
        gives(1_000_000, Algorithm::Rs256),
        sign(Broken(Ok(vec![0; 64]), Algorithm::Es256, Some(""))),
    ]), @"
    the signer failed
    the ES256 signature has 0 bytes, expected 64 bytes: r and s as 32 bytes each, not DER
    the ES256 signature has 71 bytes, expected 64 bytes: r and s as 32 bytes each, not DER
    the RS256 signature has 64 bytes, expected 256 to 2048 bytes, the length of the RSA modulus
    the PS256 signature has 128 bytes, expected 256 to 2048 bytes, the length of the RSA modulus
    the RS256 signature has 1000000 bytes, expected 256 to 2048 bytes, the length of the RSA modulus
    kid: found an empty text, expected 1 to 2048 bytes of text without control characters
    ");
}
