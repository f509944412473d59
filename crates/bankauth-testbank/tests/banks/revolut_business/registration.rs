//! What the web app takes for a certificate, a redirect URI and an IP list.

use bankauth_testbank::{Options, TestBank, UploadError};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
    date_time_ymd,
};

use super::application::{REDIRECT_URI, at, certificate, certificate_params, key};

const GUIDE: &str = include_str!("../../certificates/guide.cer");

async fn refused(pem: &str) -> UploadError {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let revolut = bank.revolut_business();
    let upload = revolut.upload_certificate(pem, REDIRECT_URI, &[]);
    upload.unwrap_err()
}

#[tokio::test]
async fn takes_the_certificate_of_the_guide() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let revolut = bank.revolut_business();
    let upload = |pem: &str| {
        revolut
            .upload_certificate(pem, "https://example.com", &["192.0.2.1", "2001:db8::/32"])
            .unwrap()
    };
    let first = upload(GUIDE);
    let again = upload(&GUIDE.replace('\n', "\r\n"));
    assert_ne!(first, again);
    assert_eq!(first.as_str().len(), 43);
    upload(&format!("\n  {GUIDE}\n\n"));
}

#[tokio::test]
async fn says_what_is_wrong_with_a_certificate() {
    let bare = refused(include_str!("../../certificates/bare-public-key.pem")).await;
    assert_eq!(bare.bank_words(), Some("Invalid public key"));
    insta::assert_snapshot!(bare, @"certificate: a PEM block of a PUBLIC KEY found, a CERTIFICATE expected");
    insta::assert_snapshot!(refused(&key().serialize_pem()).await, @"certificate: a PEM block of a PRIVATE KEY found, a CERTIFICATE expected");
    insta::assert_snapshot!(refused(include_str!("../../certificates/rsa-1024.cer")).await, @"certificate: an RSA key of 1024 bits found, 2048 at least expected");
    insta::assert_snapshot!(refused(include_str!("../../certificates/rsa-pss.cer")).await, @"certificate: a key of the algorithm 1.2.840.113549.1.1.10 found, RSA expected");
    insta::assert_snapshot!(refused("").await, @"certificate: nothing found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused("hunter2").await, @"certificate: no PEM block found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused(&format!("{GUIDE}{GUIDE}")).await, @"certificate: more than one PEM block found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused(&format!("Certificate:\n{GUIDE}")).await, @"certificate: text before the block found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused(&format!("{GUIDE}and more\n")).await, @"certificate: text after the block found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused(&GUIDE[..GUIDE.len() / 2]).await, @"certificate: a broken PEM block found, one PEM block and nothing else expected");
    insta::assert_snapshot!(refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").await, @"certificate: the PEM block does not hold an X.509 certificate");
}

#[tokio::test]
async fn takes_rsa_keys_only() {
    let p256 = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    insta::assert_snapshot!(refused(&certificate(&p256)).await, @"certificate: a key of the algorithm 1.2.840.10045.2.1 found, RSA expected");
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    insta::assert_snapshot!(refused(&certificate(&ed25519)).await, @"certificate: a key of the algorithm 1.3.101.112 found, RSA expected");
}

#[tokio::test]
async fn takes_no_certificate_before_or_after_its_time() {
    let mut params = certificate_params();
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2024, 6, 1);
    let pem = params.self_signed(key()).unwrap().pem();
    let bank = TestBank::start(Options::default()).await.unwrap();
    let upload = |unix_secs| {
        bank.clock().set(at(unix_secs));
        let revolut = bank.revolut_business();
        revolut.upload_certificate(&pem, REDIRECT_URI, &[])
    };
    assert!(
        upload(1_704_067_100).is_err(),
        "a minute and a half too early"
    );
    assert!(upload(1_704_067_201).is_ok());
    insta::assert_snapshot!(upload(1_717_200_001).unwrap_err(), @"certificate: not valid now by the bank's clock, but only from Mon Jan 01 00:00:00 UTC 2024 until Sat Jun 01 00:00:00 UTC 2024");
}

#[tokio::test]
async fn takes_no_empty_subject() {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let empty = params.self_signed(key()).unwrap().pem();
    insta::assert_snapshot!(refused(&empty).await, @"certificate: an empty subject found, one field at least expected");

    params.distinguished_name.push(DnType::CountryName, "");
    let empty = params.self_signed(key()).unwrap().pem();
    assert_eq!(refused(&empty).await, UploadError::EmptySubject);
}

#[tokio::test]
async fn says_what_is_wrong_with_redirect_uri_and_ip_list() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let revolut = bank.revolut_business();
    let refused = |redirect_uri, ip_list: &[&str]| {
        let upload = revolut.upload_certificate(GUIDE, redirect_uri, ip_list);
        let error = upload.unwrap_err();
        assert_eq!(error.bank_words(), None);
        error
    };
    insta::assert_snapshot!(refused("/callback", &[]), @"redirect URI: no absolute URL found, an absolute http or https URL in ASCII without user name and fragment expected");
    insta::assert_snapshot!(refused("https://example.com/#", &[]), @"redirect URI: a fragment found, an absolute http or https URL in ASCII without user name and fragment expected");
    insta::assert_snapshot!(refused("https://me@example.com/", &[]), @"redirect URI: a user name found, an absolute http or https URL in ASCII without user name and fragment expected");
    insta::assert_snapshot!(refused(REDIRECT_URI, &["192.0.2.1", "192.0.2.0/33"]), @r#"IP list: "192.0.2.0/33" found, an IP address or a pool in CIDR notation expected"#);
}
