//! Signing requests: what is in them, what is refused, and what is read back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bankauth_keys::{
    AttributeType, BoxError, Content, DistinguishedName, ExtendedKeyUsage, KeyKind, KeySpec,
    KeyUsage, PrivateKey, Profile, Psd2Role, Psd2Statement, QcType, RequestErrorKind,
    SignatureAlgorithm, SignedRequest, Signer, SignerError, SigningRequest, Subject,
};
use proptest::prelude::*;

const RSA: &[u8] = include_bytes!("data/rsa.pkcs8.pem");
const P256: &[u8] = include_bytes!("data/ec.pkcs8.pem");

fn key(pem: &[u8]) -> PrivateKey {
    PrivateKey::from_pem(pem).unwrap()
}

fn subject(profile: Profile) -> DistinguishedName {
    profile.subject(match profile {
        Profile::OpenBankingLegacy => vec![
            (AttributeType::ORGANIZATIONAL_UNIT, "0015800001041ReAAI"),
            (AttributeType::COMMON_NAME, "5ad2d9b9c0d1"),
        ],
        Profile::RevolutSandbox => vec![
            (AttributeType::COUNTRY, "GB"),
            (AttributeType::ORGANIZATION, "Acme Ltd"),
        ],
        _ => vec![
            (AttributeType::COUNTRY, "GB"),
            (AttributeType::ORGANIZATION, "Acme Ltd"),
            (AttributeType::ORGANIZATION_IDENTIFIER, "PSDGB-FCA-123456"),
            (AttributeType::COMMON_NAME, "0015800001041ReAAI"),
        ],
    })
}

fn statement(qc_type: QcType) -> Psd2Statement {
    let roles = [Psd2Role::PaymentInitiation, Psd2Role::AccountInformation];
    Psd2Statement::new(qc_type, roles, "Financial Conduct Authority", "GB-FCA").unwrap()
}

fn request(profile: Profile) -> SigningRequest {
    let request = SigningRequest::new(profile, subject(profile));
    match profile.qc_type() {
        Some(qc_type) => request.with_psd2(statement(qc_type)),
        None => request,
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

fn error(request: &SigningRequest) -> String {
    request.sign(&key(RSA)).unwrap_err().to_string()
}

// RFC 2986 section 4.1: without extensions the attributes are there and empty
#[test]
fn a_plain_request_has_empty_attributes() {
    for profile in [
        Profile::Plain,
        Profile::OpenBankingLegacy,
        Profile::RevolutSandbox,
    ] {
        let signed = request(profile).sign(&key(RSA)).unwrap();
        // [0] after the key, which ends in the exponent, and before the algorithm.
        assert!(contains(
            signed.as_der(),
            &[2, 3, 1, 0, 1, 0xa0, 0, 0x30, 13, 6, 9]
        ));
        assert_eq!(signed.extensions().identifiers().count(), 0);
        assert_eq!(*signed.subject(), subject(profile));
        assert_eq!(signed.key_kind(), Some(KeyKind::Rsa { bits: 2048 }));
        assert_eq!(signed.public_key_der(), key(RSA).public_key_der());
        // RFC 2985 section 5.4.1: no challengePassword
        let challenge = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 7];
        assert!(!contains(signed.as_der(), &challenge));
    }
}

// RFC 5280 sections 4.2.1.2, 4.2.1.3 and 4.2.1.12; ETSI TS 119 495 section 5.1
#[test]
fn the_profiles_of_psd2_have_their_extensions() {
    for profile in [
        Profile::Obwac,
        Profile::Obseal,
        Profile::Qwac,
        Profile::Qsealc,
    ] {
        let request = request(profile);
        request.check().unwrap();
        let signed = request.sign(&key(RSA)).unwrap();
        assert_eq!(*signed.subject(), subject(profile));
        let extensions = signed.extensions();
        let seal = profile.qc_type() == Some(QcType::ElectronicSeal);
        let identifiers: Vec<_> = extensions.identifiers().collect();
        let expected = [
            ("2.5.29.15", true),
            ("2.5.29.37", false),
            ("2.5.29.14", false),
            ("1.3.6.1.5.5.7.1.3", false),
        ];
        let expected = expected
            .into_iter()
            .filter(|(oid, _)| !(seal && *oid == "2.5.29.37"))
            .map(|(oid, critical)| (oid.to_owned(), critical));
        assert_eq!(identifiers, expected.collect::<Vec<_>>());
        let (usage, octets) = if seal {
            let usage = vec![KeyUsage::DigitalSignature, KeyUsage::NonRepudiation];
            (usage, [4, 4, 3, 2, 6, 0xc0])
        } else {
            (vec![KeyUsage::DigitalSignature], [4, 4, 3, 2, 7, 0x80])
        };
        assert_eq!(extensions.key_usage().unwrap(), usage);
        assert!(contains(signed.as_der(), &octets));
        let extended = extensions.extended_key_usage().unwrap();
        if seal {
            assert_eq!(extended, []);
        } else {
            let both = [ExtendedKeyUsage::ClientAuth, ExtendedKeyUsage::ServerAuth];
            assert_eq!(extended, both);
        }
        let identifier = extensions.subject_key_identifier().unwrap().unwrap();
        assert_eq!(identifier.len(), 20);
        assert_eq!(extensions.psd2().unwrap().as_ref(), request.psd2());
        assert_eq!(request.warnings(), []);
    }
}

#[test]
fn what_the_profile_does_not_allow_is_refused() {
    let missing = SigningRequest::new(Profile::Obwac, subject(Profile::Obwac));
    insta::assert_snapshot!(error(&missing), @"the PSD2 statement is missing, expected one for web sites (QWAC) for the profile obwac");
    let seal = missing.with_psd2(statement(QcType::ElectronicSeal));
    insta::assert_snapshot!(error(&seal), @"the PSD2 statement is for electronic seals (QSealC), expected one for web sites (QWAC) for the profile obwac");
    let legacy = request(Profile::OpenBankingLegacy).with_psd2(statement(QcType::Web));
    insta::assert_snapshot!(error(&legacy), @"the PSD2 statement is for web sites (QWAC), expected none for the profile ob-legacy");
    let usage = request(Profile::Obseal).with_extended_key_usage(ExtendedKeyUsage::ClientAuth);
    insta::assert_snapshot!(error(&usage), @"the request asks for an extended key usage, expected none for the profile obseal; its issuers refuse it");
    let host = request(Profile::OpenBankingLegacy).with_host("api.example.com");
    insta::assert_snapshot!(error(&host), @"the request asks for host names or addresses, expected none for the profile ob-legacy; its issuers refuse it");
    let raw = request(Profile::Qwac).with_host("bücher.example");
    insta::assert_snapshot!(error(&raw), @r#"the host is "bücher.example", expected letters, digits and hyphens between dots, such as "api.example.com"; one with other letters is written as xn--…"#);
    let other = ExtendedKeyUsage::Other("client".to_owned());
    let usage = request(Profile::Qwac).with_extended_key_usage(other);
    insta::assert_snapshot!(error(&usage), @r#"the extended key usage is "client", expected an identifier such as "1.3.6.1.5.5.7.3.2""#);
    let subject = SigningRequest::new(Profile::Plain, Subject::new().with_country("gb"));
    insta::assert_snapshot!(error(&subject), @r#"the country is "gb", expected two upper-case letters such as "GB""#);
    let p256 = request(Profile::Obwac).sign(&key(P256)).unwrap_err();
    insta::assert_snapshot!(p256, @"the key is P-256, expected RSA 2048 for the profile obwac");
    request(Profile::Qwac).sign(&key(P256)).unwrap();
}

// ETSI TS 119 495 section 5.2.1: both authorities should agree
#[test]
fn authorities_that_disagree_are_warned_of() {
    let statement = Psd2Statement::new(
        QcType::Web,
        [Psd2Role::AccountInformation],
        "Národná banka Slovenska",
        "SK-NBS",
    );
    let subject = subject(Profile::Qwac);
    let request = SigningRequest::new(Profile::Qwac, subject).with_psd2(statement.unwrap());
    let warnings: Vec<_> = request.warnings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @"the organization identifier names the authority GB-FCA, the PSD2 statement SK-NBS; they should agree");
    request.sign(&key(RSA)).unwrap();
}

// RFC 5280 section 4.2: each extension once
#[test]
fn what_is_asked_for_twice_is_there_once() {
    let signed = request(Profile::Plain)
        .with_extended_key_usage(ExtendedKeyUsage::ClientAuth)
        .with_extended_key_usage(ExtendedKeyUsage::ClientAuth)
        .with_host("api.example.com")
        .with_host("*.example.com")
        .with_address([192, 0, 2, 1].into())
        .with_address([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into())
        .sign(&key(P256))
        .unwrap();
    let extensions = signed.extensions();
    let usage = extensions.extended_key_usage().unwrap();
    assert_eq!(usage, [ExtendedKeyUsage::ClientAuth]);
    assert_eq!(
        extensions.alternative_names().unwrap(),
        [
            "DNS:api.example.com",
            "DNS:*.example.com",
            "IP:192.0.2.1",
            "IP:2001:db8::1"
        ]
    );
    assert!(extensions.identifiers().all(|(_, critical)| !critical));
}

/// A device that gives what it is told to.
struct Device {
    key: PrivateKey,
    algorithm: SignatureAlgorithm,
    answer: fn(Vec<u8>) -> Result<Vec<u8>, BoxError>,
}

impl Signer for Device {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public_key_der(&self) -> &[u8] {
        self.key.public_key_der()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        (self.answer)(Signer::sign(&self.key, message)?)
    }
}

/// r and s one after the other, as PKCS#11 gives them.
fn raw(der: Vec<u8>) -> Result<Vec<u8>, BoxError> {
    let number = |at: usize| {
        let length = usize::from(der[at + 1]);
        let mut number = der[at + 2..at + 2 + length].to_vec();
        while number.len() > 32 {
            number.remove(0);
        }
        [vec![0; 32 - number.len()], number].concat()
    };
    let second = 4 + usize::from(der[3]);
    Ok([number(2), number(second)].concat())
}

#[test]
fn a_device_signs_for_a_key_that_is_not_held() {
    let device = |algorithm, answer| Device {
        key: key(P256),
        algorithm,
        answer,
    };
    let sign = |device: &Device| request(Profile::Plain).sign(device);
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    for answer in [Ok as fn(Vec<u8>) -> Result<Vec<u8>, BoxError>, raw] {
        for _ in 0..50 {
            let signed = sign(&device(algorithm, answer)).unwrap();
            assert_eq!(signed.public_key_der(), key(P256).public_key_der());
        }
    }
    let error = |algorithm, answer| sign(&device(algorithm, answer)).unwrap_err();
    insta::assert_snapshot!(error(algorithm, |_| Ok(vec![1, 2, 3])), @"the signature of the signer does not verify with its public key by ECDSA with SHA-256");
    insta::assert_snapshot!(error(SignatureAlgorithm::RsaSha256, Ok), @"the signer has a key P-256 and signs by RSA with SHA-256, expected an algorithm of that key");
    let failed = error(algorithm, |_| Err("the card was taken out".into()));
    insta::assert_snapshot!(failed, @"the signer did not sign");
    let kind = failed.kind();
    assert!(matches!(
        kind,
        RequestErrorKind::Signer(SignerError::Failed(_))
    ));
    let source = std::error::Error::source(&failed).unwrap();
    assert_eq!(source.to_string(), "the card was taken out");
}

#[test]
fn requests_are_read_in_every_form() {
    let signed = request(Profile::Qsealc).sign(&key(RSA)).unwrap();
    let pem = signed.to_pem();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    for input in [
        pem.clone().into_bytes(),
        pem.replace('\n', "\r\n").into_bytes(),
        pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
            .into_bytes(),
        format!("text\n{}{pem}", str::from_utf8(RSA).unwrap()).into_bytes(),
        signed.as_der().to_vec(),
    ] {
        assert_eq!(SignedRequest::from_bytes(&input).unwrap(), signed);
    }
    let folder = tempfile::tempdir().unwrap();
    let (text, der) = (folder.path().join("a.csr"), folder.path().join("a.der"));
    signed.write_new_file(&text).unwrap();
    signed.write_new_der_file(&der).unwrap();
    assert_eq!(SignedRequest::read_file(&text).unwrap(), signed);
    assert_eq!(std::fs::read(&der).unwrap(), signed.as_der());
    let error = signed.write_new_file(&text).unwrap_err();
    assert!(matches!(error.kind(), RequestErrorKind::File(_)));
    assert_eq!(error.path(), Some(&*text));
    // openssl made this one.
    let theirs = SignedRequest::from_pem(include_bytes!("data/rsa.csr.pem")).unwrap();
    assert_eq!(theirs.public_key_der(), key(RSA).public_key_der());
}

#[test]
fn what_is_no_request_is_named() {
    let error = |input: &[u8]| SignedRequest::from_bytes(input).unwrap_err().to_string();
    insta::assert_snapshot!(error(b""), @"the input is empty, expected a certificate signing request");
    insta::assert_snapshot!(error(b"MIIE"), @"the input is neither PEM text with a line -----BEGIN nor DER, expected a certificate signing request");
    insta::assert_snapshot!(error(RSA), @"expected a certificate signing request, found a private key");
    let certificate = include_bytes!("data/rsa.cer");
    let found = SignedRequest::from_pem(certificate).unwrap_err();
    assert!(matches!(
        found.kind(),
        RequestErrorKind::NotARequest {
            found: Content::Certificate
        }
    ));
    let signed = request(Profile::Plain).sign(&key(RSA)).unwrap();
    let mut longer = signed.as_der().to_vec();
    longer.extend([0, 0]);
    insta::assert_snapshot!(error(&longer), @"octets after the signing request: 2, expected 0");
    insta::assert_snapshot!(error(&signed.as_der()[..300]), @"the signing request is damaged: its DER ends too early");
}

// RFC 2986 section 3: the signature shows that whoever asks has the key
#[test]
fn a_flipped_bit_is_noticed() {
    let signed = request(Profile::Obwac).sign(&key(RSA)).unwrap();
    let der = signed.as_der();
    for at in 0..der.len() {
        let mut bad = der.to_vec();
        bad[at] ^= 1;
        assert!(SignedRequest::from_der(&bad).is_err(), "octet {at}");
    }
    let mut bad = der.to_vec();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    let error = SignedRequest::from_der(&bad).unwrap_err();
    insta::assert_snapshot!(error, @"the signature of the signing request does not verify; it was altered or cut together");
}

#[test]
fn every_kind_of_key_signs() {
    for (spec, kind) in [
        (KeySpec::Rsa2048, KeyKind::Rsa { bits: 2048 }),
        (KeySpec::P256, KeyKind::P256),
        (KeySpec::P384, KeyKind::P384),
        (KeySpec::P521, KeyKind::P521),
        (KeySpec::Ed25519, KeyKind::Ed25519),
    ] {
        let key = PrivateKey::generate(spec).unwrap();
        let signed = request(Profile::Qwac).sign(&key).unwrap();
        assert_eq!(signed.key_kind(), Some(kind));
        assert_eq!(signed.public_key_der(), key.public_key_der());
    }
}

proptest! {
    #[test]
    fn reading_never_panics(input: Vec<u8>) {
        let _ = SignedRequest::from_bytes(&input);
        let _ = SignedRequest::from_der(&input);
    }

    #[test]
    fn reading_damaged_requests_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut: prop::sample::Index,
    ) {
        let mut der = request(Profile::Obwac).sign(&key(RSA)).unwrap().as_der().to_vec();
        for (at, octet) in changes {
            let at = at.index(der.len());
            der[at] = octet;
        }
        let _ = SignedRequest::from_der(&der);
        let _ = SignedRequest::from_der(&der[..cut.index(der.len())]);
    }
}
