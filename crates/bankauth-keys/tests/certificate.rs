//! Reading certificates that others made.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_keys::{Certificate, CertificateErrorKind, Content, KeyKind, KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}

fn der(text: &str) -> Vec<u8> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}

fn key(text: &str) -> PrivateKey {
    PrivateKey::from_pem(text.as_bytes()).unwrap()
}

fn certificate(text: &str) -> Certificate {
    Certificate::from_pem(text.as_bytes()).unwrap()
}

fn error(input: impl AsRef<[u8]>) -> String {
    Certificate::from_bytes(input.as_ref())
        .unwrap_err()
        .to_string()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_certificate_of_openssl_is_read() {
    let text = data!("rsa.cer");
    let certificate = certificate(text);
    assert_eq!(
        certificate.subject(),
        "emailAddress=api@example.com,CN=example.com,OU=API,O=Example\\, Ltd,\
         L=London,ST=Greater London,C=GB"
    );
    let lifetime = seconds(certificate.not_after()) - seconds(certificate.not_before());
    assert_eq!(lifetime, 1825 * 86_400);
    assert_eq!(certificate.as_der(), der(text));
    assert_eq!(certificate.to_pem(), text, "openssl writes it alike");
    for input in [
        text.replace('\n', "\r\n").into_bytes(),
        der(text),
        // Text around, and a chain, whose first certificate is the one of the key.
        format!("leaf\n{text}\nissuer\n{}", data!("rfc8705.cer")).into_bytes(),
        format!("{}{text}", data!("rsa.pkcs8.pem")).into_bytes(),
        data!("rsa.bundle.pem").as_bytes().to_vec(),
    ] {
        assert_eq!(Certificate::from_bytes(&input).unwrap(), certificate);
    }
}

// RFC 8705 appendix A and section 3.1; RFC 5280 section 4.1.2.1: it is of version 1
#[test]
fn the_sample_of_rfc_8705_has_the_thumbprint_given_there() {
    let certificate = certificate(data!("rfc8705.cer"));
    assert_eq!(
        URL_SAFE_NO_PAD.encode(certificate.sha256_fingerprint()),
        "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
    );
    assert_eq!(certificate.subject(), "CN=mtls");
    // 2018-10-18T12:37:09Z to 2022-05-02T12:37:09Z
    assert_eq!(seconds(certificate.not_before()), 1_539_866_229);
    assert_eq!(seconds(certificate.not_after()), 1_651_495_029);
}

#[test]
fn a_certificate_belongs_to_its_key_alone() {
    let rsa = certificate(data!("rsa.cer"));
    let rsa_key = key(data!("rsa.pkcs1.pem"));
    assert!(rsa.belongs_to(&rsa_key));
    rsa.check_belongs_to(&rsa_key).unwrap();
    // RFC 5480 section 2.2: openssl wrote the point in compressed form here.
    let ec = certificate(data!("ec.compressed.cer"));
    let ec_key = key(data!("ec.sec1.pem"));
    assert!(ec.belongs_to(&ec_key));
    let other_ec_key = PrivateKey::generate(KeySpec::P256).unwrap();
    for (certificate, other) in [(&rsa, &ec_key), (&ec, &rsa_key), (&ec, &other_ec_key)] {
        assert!(!certificate.belongs_to(other));
        let error = certificate.check_belongs_to(other).unwrap_err();
        assert!(matches!(
            error.kind(),
            CertificateErrorKind::OtherKey { certificate, key } if certificate != key
        ));
    }
    let error = rsa
        .check_belongs_to(&key(data!("rsa.exponent3.pem")))
        .unwrap_err();
    insta::assert_snapshot!(error, @"the certificate belongs to another private key: it holds the public key with SHA-256 32e13cac2a75e534dd816eaeeb31b188dcddc121809024ab25224f1965bd763c, expected 5e31c024d3907363ffbf64826f5b8835dcb9ede8c92f0fdb38a8abcaedcc6509; give the pair that was made together");
}

// RFC 5280 section 4.1.2.5: both ends are part of the validity
#[test]
fn both_ends_of_the_validity_count() {
    let certificate = certificate(data!("rfc8705.cer"));
    let (begin, end) = (certificate.not_before(), certificate.not_after());
    let nanosecond = Duration::from_nanos(1);
    let second = Duration::from_secs(1);
    for (now, valid, days) in [
        (begin - nanosecond, false, 1292),
        (begin, true, 1292),
        (end - 86_400 * second, true, 1),
        (end - 86_399 * second, true, 0),
        (end, true, 0),
        (end + second - nanosecond, true, 0),
        (end + second, false, -1),
        (end + 86_400 * second, false, -1),
        (end + 86_401 * second, false, -2),
        (UNIX_EPOCH, false, 19_114),
        (UNIX_EPOCH - nanosecond, false, 19_114),
    ] {
        assert_eq!(certificate.is_valid_at(now), valid, "{now:?}");
        assert_eq!(certificate.days_left(now), days, "{now:?}");
    }
}

#[test]
fn what_is_no_certificate_is_named() {
    for (input, expected) in [
        (data!("rsa.pkcs8.pem").as_bytes(), Content::PrivateKey),
        (&der(data!("rsa.pkcs1.pem")), Content::PrivateKey),
        (data!("rsa.csr.pem").as_bytes(), Content::CertificateRequest),
        (&der(data!("rsa.csr.pem")), Content::CertificateRequest),
        (data!("rsa.public.pem").as_bytes(), Content::PublicKey),
        (&der(data!("rsa.public.pem")), Content::PublicKey),
        (
            data!("rsa.encrypted.pkcs8.pem").as_bytes(),
            Content::EncryptedPrivateKey,
        ),
    ] {
        let error = Certificate::from_bytes(input).unwrap_err();
        assert!(
            matches!(error.kind(), CertificateErrorKind::NotACertificate { found } if *found == expected),
            "{error}"
        );
    }
    insta::assert_snapshot!(error(data!("rsa.pkcs8.pem")), @"expected a certificate, found a private key");
    insta::assert_snapshot!(error(data!("rsa.csr.pem")), @"expected a certificate, found a certificate signing request; give the certificate that was issued for it");
}

#[test]
fn damaged_inputs_are_named() {
    let text = data!("rsa.cer");
    let cut = &der(text)[..700];
    let mut longer = der(text);
    longer.push(0);
    insta::assert_snapshot!(error(""), @"the input is empty, expected a certificate");
    insta::assert_snapshot!(error("MIIE"), @"the input is neither PEM text with a line -----BEGIN nor DER, expected a certificate");
    insta::assert_snapshot!(error(cut), @"the certificate is damaged: its DER ends too early");
    insta::assert_snapshot!(error(longer), @"octets after the certificate: 1, expected 0");
    insta::assert_snapshot!(error(text.replacen("MII", "M I#", 1)), @"line 2 holds a character that is not base64");
    insta::assert_snapshot!(error(text.replace("END CERTIFICATE", "END PRIVATE KEY")), @"the block CERTIFICATE is ended on line 24 as PRIVATE KEY, expected CERTIFICATE");
    insta::assert_snapshot!(error(data!("rsa.pkcs8.pem").replace("PRIVATE KEY", "CERTIFICATE")), @"expected a certificate, found a private key");
}

// RFC 7468 section 5: several certificates in one text
#[test]
fn a_chain_is_read_in_its_order() {
    let both = format!(
        "leaf\n{}{}\nroot\n{}",
        data!("rsa.cer"),
        data!("rsa.pkcs8.pem"),
        data!("rfc8705.cer")
    );
    let chain = Certificate::chain_from_bytes(both.as_bytes()).unwrap();
    assert_eq!(
        chain,
        [
            certificate(data!("rsa.cer")),
            certificate(data!("rfc8705.cer"))
        ]
    );
    let both = [der(data!("rsa.cer")), der(data!("rfc8705.cer"))].concat();
    assert_eq!(Certificate::chain_from_bytes(&both).unwrap(), chain);
    assert!(Certificate::chain_from_bytes(&both[..both.len() - 1]).is_err());
    for one in [data!("rsa.cer").as_bytes(), &der(data!("rsa.cer"))] {
        let chain = Certificate::chain_from_bytes(one).unwrap();
        assert_eq!(chain, [certificate(data!("rsa.cer"))]);
    }
    let damaged = format!(
        "{}{}",
        data!("rsa.cer"),
        data!("rsa.public.pem").replace("PUBLIC KEY", "CERTIFICATE")
    );
    let error = Certificate::chain_from_bytes(damaged.as_bytes()).unwrap_err();
    insta::assert_snapshot!(error, @"certificate 2 of the chain cannot be read");
    let source = std::error::Error::source(&error).unwrap();
    insta::assert_snapshot!(source, @"expected a certificate, found a public key; a certificate holds a public key together with a name and dates");
    for input in ["", "MIIE", data!("rsa.pkcs8.pem")] {
        let one = Certificate::from_bytes(input.as_bytes()).unwrap_err();
        let chain = Certificate::chain_from_bytes(input.as_bytes()).unwrap_err();
        assert_eq!(chain.to_string(), one.to_string());
    }
}

// RFC 7515 section 4.1.8; RFC 8705 section 3.1 and appendix A
#[test]
fn thumbprints_are_compared_in_their_one_form() {
    let certificate = certificate(data!("rfc8705.cer"));
    let good = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
    assert_eq!(certificate.x5t_s256(), good);
    certificate.check_x5t_s256(good).unwrap();
    let error = |text: &str| certificate.check_x5t_s256(text).unwrap_err().to_string();
    insta::assert_snapshot!(error(&format!("{good}=")), @"the thumbprint is padded with =, expected base64url of SHA-256 over the DER: A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    let digest = certificate.sha256_fingerprint();
    let hex: String = digest.iter().map(|octet| format!("{octet:02X}")).collect();
    insta::assert_snapshot!(error(&hex), @"the thumbprint is hexadecimal, expected base64url of SHA-256 over the DER: A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
}

#[test]
fn what_is_in_a_certificate_is_told() {
    let theirs = certificate(data!("rsa.cer"));
    assert_eq!(theirs.subject_name(), theirs.issuer_name());
    assert!(theirs.is_self_issued());
    assert_eq!(theirs.key_kind(), Some(KeyKind::Rsa { bits: 2048 }));
    assert_eq!(
        theirs.public_key_der(),
        key(data!("rsa.pkcs8.pem")).public_key_der()
    );
    assert_eq!(theirs.extensions().psd2().unwrap(), None);
    theirs.check_serial_number().unwrap();
    let first = certificate(data!("rfc8705.cer"));
    assert_eq!(first.extensions().identifiers().count(), 0);
    assert_eq!(first.key_kind(), Some(KeyKind::P256));
}

// RFC 5280 section 4.1.2.2: such numbers are to be read, and are not as they should be
#[test]
fn serial_numbers_are_judged_when_asked() {
    let theirs = der(data!("rsa.cer"));
    let at = theirs.windows(2).position(|window| window == [2, 20]);
    let at = at.unwrap() + 2;
    let with_first = |octet: u8| {
        let mut der = theirs.clone();
        der[at] = octet;
        Certificate::from_der(&der).unwrap().check_serial_number()
    };
    with_first(0x7f).unwrap();
    insta::assert_snapshot!(with_first(0x80).unwrap_err(), @"the serial number of the certificate is negative, expected 1 to 20 octets above zero");
}
