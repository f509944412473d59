//! Requests and certificates, judged by the program `openssl` of the machine: every algorithm, every
//! profile, and keys that only openssl holds.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_keys::{
    AttributeType, BoxError, Certificate, ExtendedKeyUsage, ExtensionError, KeyKind, KeySpec,
    PrivateKey, Profile, Psd2Role, Psd2Statement, QcStatementsError, QcType, SelfSigned,
    SignatureAlgorithm, SignedRequest, Signer, SigningRequest, Subject,
};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program `openssl` must be installed for this test");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.success(), text)
}

fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let (success, text) = run(folder, arguments);
    assert!(success, "openssl {arguments:?}:\n{text}");
    text
}

fn now() -> SystemTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "`openssl verify` compares with the clock of the machine"
    )]
    SystemTime::now()
}

/// Writes the request, and has openssl verify and print it.
fn verified(request: &SignedRequest) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    request
        .write_new_der_file(&folder.path().join("request.der"))
        .unwrap();
    request
        .write_new_file(&folder.path().join("request.pem"))
        .unwrap();
    let arguments = [
        "req",
        "-verify",
        "-noout",
        "-text",
        "-inform",
        "DER",
        "-in",
        "request.der",
    ];
    let text = openssl(folder.path(), &arguments);
    assert!(text.contains("self-signature verify OK"), "{text}");
    (folder, text)
}

fn subject(profile: Profile) -> bankauth_keys::DistinguishedName {
    profile.subject([
        (AttributeType::COUNTRY, "GB"),
        (
            AttributeType::ORGANIZATION,
            match profile {
                Profile::OpenBankingLegacy => "OpenBanking",
                _ => "Äcme, Ltd",
            },
        ),
        (
            AttributeType::ORGANIZATION_IDENTIFIER,
            match profile.qc_type() {
                Some(_) => "PSDGB-FCA-123456",
                None => "",
            },
        ),
        (
            AttributeType::ORGANIZATIONAL_UNIT,
            match profile {
                Profile::OpenBankingLegacy => "0015800001041ReAAI",
                _ => "",
            },
        ),
        (
            AttributeType::COMMON_NAME,
            match profile {
                Profile::RevolutSandbox => "",
                _ => "0015800001041ReAAI",
            },
        ),
    ])
}

fn request(profile: Profile) -> SigningRequest {
    let request = SigningRequest::new(profile, subject(profile));
    match profile.qc_type() {
        None => request,
        Some(qc_type) => {
            let roles = [
                Psd2Role::AccountServicing,
                Psd2Role::PaymentInitiation,
                Psd2Role::AccountInformation,
                Psd2Role::CardIssuing,
            ];
            let authority = "Financial Conduct Authority";
            let statement = Psd2Statement::new(qc_type, roles, authority, "GB-FCA");
            request.with_psd2(statement.unwrap())
        }
    }
}

const ALL_KEYS: [KeySpec; 7] = [
    KeySpec::Rsa2048,
    KeySpec::Rsa3072,
    KeySpec::Rsa4096,
    KeySpec::P256,
    KeySpec::P384,
    KeySpec::P521,
    KeySpec::Ed25519,
];

// RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3
#[test]
fn requests_and_certificates_verify_for_every_algorithm() {
    for spec in ALL_KEYS {
        let key = PrivateKey::generate(spec).unwrap();
        let (_, text) = verified(&request(Profile::Plain).sign(&key).unwrap());
        assert!(text.contains("Attributes:\n            (none)"), "{text}");
        let certificate = SelfSigned::new(Subject::new().with_country("GB"))
            .with_extended_key_usage(ExtendedKeyUsage::ClientAuth)
            .with_host("api.example.com")
            .sign(&key, now())
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        certificate
            .write_new_file(&folder.path().join("a.pem"))
            .unwrap();
        let verify = [
            "verify",
            "-x509_strict",
            "-check_ss_sig",
            "-CAfile",
            "a.pem",
            "a.pem",
        ];
        assert_eq!(openssl(folder.path(), &verify), "a.pem: OK\n");
        let purpose = [
            "verify",
            "-purpose",
            "sslclient",
            "-CAfile",
            "a.pem",
            "a.pem",
        ];
        assert_eq!(openssl(folder.path(), &purpose), "a.pem: OK\n");
        let text = openssl(folder.path(), &["x509", "-noout", "-text", "-in", "a.pem"]);
        assert!(text.contains("DNS:api.example.com"), "{text}");
        assert_eq!(certificate.key_kind(), Some(key.kind()));
        certificate.check_belongs_to(&key).unwrap();
    }
}

// RFC 4055 section 1.2: keys that are for RSASSA-PSS only, the second for SHA-384 only
#[test]
fn keys_for_pss_only_sign_by_it() {
    for pem in [
        &include_bytes!("data/rsa-pss.pem")[..],
        include_bytes!("data/rsa-pss.sha384.pem"),
    ] {
        let key = PrivateKey::from_pem(pem).unwrap();
        let (_, text) = verified(&request(Profile::Qsealc).sign(&key).unwrap());
        assert!(text.contains("Signature Algorithm: rsassaPss"), "{text}");
        let certificate = SelfSigned::new(Subject::new().with_country("GB"))
            .sign(&key, now())
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        certificate
            .write_new_file(&folder.path().join("a.pem"))
            .unwrap();
        let verify = ["verify", "-check_ss_sig", "-CAfile", "a.pem", "a.pem"];
        assert_eq!(openssl(folder.path(), &verify), "a.pem: OK\n");
        certificate.check_belongs_to(&key).unwrap();
    }
}

#[test]
fn requests_of_every_profile_verify() {
    let key = PrivateKey::generate(KeySpec::Rsa2048).unwrap();
    for profile in Profile::ALL {
        let signed = request(profile).sign(&key).unwrap();
        let (folder, text) = verified(&signed);
        let dump = openssl(
            folder.path(),
            &["asn1parse", "-i", "-inform", "DER", "-in", "request.der"],
        );
        // The country is a PrintableString, what follows a UTF8String.
        assert!(dump.contains("PRINTABLESTRING   :GB"), "{dump}");
        if profile.qc_type().is_none() {
            assert!(text.contains("(none)"), "{text}");
            assert!(dump.contains("cons:   cont [ 0 ]"), "{dump}");
            continue;
        }
        for expected in [
            "X509v3 Key Usage: critical",
            "Digital Signature",
            "X509v3 Subject Key Identifier:",
            "qcStatements:",
        ] {
            assert!(text.contains(expected), "{profile} {expected}:\n{text}");
        }
        let web = profile.qc_type() == Some(QcType::Web);
        assert_eq!(text.contains("TLS Web Client Authentication"), web);
        assert_eq!(text.contains("TLS Web Server Authentication"), web);
        assert_eq!(text.contains("Non Repudiation"), !web);
        assert!(!text.contains("challengePassword"), "{text}");
        let statements = statements(folder.path(), &dump);
        for expected in [
            "OBJECT            :0.4.0.19495.2",
            "OBJECT            :0.4.0.19495.1.3",
            "UTF8STRING        :PSP_AI",
            "UTF8STRING        :Financial Conduct Authority",
            "UTF8STRING        :GB-FCA",
        ] {
            assert!(statements.contains(expected), "{expected}\n{statements}");
        }
    }
}

/// The value of the last extension, taken apart.
fn statements(folder: &Path, dump: &str) -> String {
    let line = dump
        .lines()
        .rfind(|line| line.contains("OCTET STRING"))
        .unwrap();
    let offset = line.split(':').next().unwrap().trim();
    let arguments = [
        "asn1parse",
        "-inform",
        "DER",
        "-in",
        "request.der",
        "-strparse",
        offset,
    ];
    openssl(folder, &arguments)
}

/// A key that lies with openssl.
struct Device {
    folder: PathBuf,
    public_key: Vec<u8>,
    algorithm: SignatureAlgorithm,
    options: &'static [&'static str],
}

impl Signer for Device {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn public_key_der(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        std::fs::write(self.folder.join("message"), message)?;
        let arguments = ["-sign", "key.pem", "-out", "signature", "message"];
        openssl(&self.folder, &[self.options, &arguments].concat());
        Ok(std::fs::read(self.folder.join("signature"))?)
    }
}

// RFC 4055 section 3.1: the parameters of RSASSA-PSS
#[test]
fn keys_that_openssl_holds_sign() {
    const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    const PSS_KEY: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];
    const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    const PSS: [&str; 4] = [
        "-sigopt",
        "rsa_padding_mode:pss",
        "-sigopt",
        "rsa_pss_saltlen:digest",
    ];
    for (key, algorithm, options) in [
        (RSA, SignatureAlgorithm::RsaSha256, &["dgst", "-sha256"][..]),
        (RSA, SignatureAlgorithm::RsaSha384, &["dgst", "-sha384"]),
        (RSA, SignatureAlgorithm::RsaSha512, &["dgst", "-sha512"]),
        (
            RSA,
            SignatureAlgorithm::RsaPssSha256,
            &["dgst", "-sha256", PSS[0], PSS[1], PSS[2], PSS[3]],
        ),
        (
            RSA,
            SignatureAlgorithm::RsaPssSha512,
            &["dgst", "-sha512", PSS[0], PSS[1], PSS[2], PSS[3]],
        ),
        (
            PSS_KEY,
            SignatureAlgorithm::RsaPssSha384,
            &["dgst", "-sha384", PSS[0], PSS[1], PSS[2], PSS[3]],
        ),
        (P384, SignatureAlgorithm::EcdsaSha384, &["dgst", "-sha384"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        openssl(
            folder.path(),
            &[&["genpkey"], key, &["-out", "key.pem"]].concat(),
        );
        openssl(
            folder.path(),
            &[
                "pkey",
                "-in",
                "key.pem",
                "-pubout",
                "-outform",
                "DER",
                "-out",
                "public.der",
            ],
        );
        let device = Device {
            folder: folder.path().to_owned(),
            public_key: std::fs::read(folder.path().join("public.der")).unwrap(),
            algorithm,
            options,
        };
        let (_, text) = verified(&request(Profile::Qsealc).sign(&device).unwrap());
        let pss = algorithm.to_string().starts_with("RSASSA-PSS");
        assert_eq!(
            text.contains("Signature Algorithm: rsassaPss"),
            pss,
            "{text}"
        );
        let certificate = SelfSigned::new(Subject::new().with_country("GB"))
            .sign(&device, now())
            .unwrap();
        certificate
            .write_new_file(&folder.path().join("a.pem"))
            .unwrap();
        let verify = ["verify", "-check_ss_sig", "-CAfile", "a.pem", "a.pem"];
        assert_eq!(openssl(folder.path(), &verify), "a.pem: OK\n");
    }
}

// ETSI TS 119 495 section 5.1: what the issuer puts into the certificate is read back
#[test]
fn a_certificate_that_openssl_issues_tells_its_roles() {
    let key = PrivateKey::generate(KeySpec::Rsa2048).unwrap();
    let signed = request(Profile::Qwac)
        .with_host("api.example.com")
        .sign(&key)
        .unwrap();
    let (folder, _) = verified(&signed);
    let path = folder.path();
    openssl(
        path,
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "issuer.key",
            "-out",
            "issuer.pem",
            "-subj",
            "/C=SK/O=Issuer/CN=QTSP",
        ],
    );
    openssl(
        path,
        &[
            "x509",
            "-req",
            "-in",
            "request.pem",
            "-CA",
            "issuer.pem",
            "-CAkey",
            "issuer.key",
            "-copy_extensions",
            "copyall",
            "-days",
            "30",
            "-set_serial",
            "0x0123456789abcdef",
            "-out",
            "leaf.pem",
        ],
    );
    openssl(path, &["verify", "-CAfile", "issuer.pem", "leaf.pem"]);
    let read = |name: &str| std::fs::read(path.join(name)).unwrap();
    let bundle = [read("leaf.pem"), b"issuer\n".to_vec(), read("issuer.pem")].concat();
    std::fs::write(path.join("bundle.pem"), &bundle).unwrap();
    let chain = Certificate::read_chain_file(&path.join("bundle.pem")).unwrap();
    let [leaf, issuer] = &chain[..] else {
        panic!("{} certificates", chain.len());
    };
    assert_eq!(leaf.issuer_name(), issuer.subject_name());
    assert_eq!(leaf.issuer_name().to_string(), "CN=QTSP,O=Issuer,C=SK");
    assert!(issuer.is_self_issued() && !leaf.is_self_issued());
    assert_eq!(leaf.serial_number(), "0123456789abcdef");
    leaf.check_serial_number().unwrap();
    leaf.check_belongs_to(&key).unwrap();
    assert_eq!(leaf.key_kind(), Some(KeyKind::Rsa { bits: 2048 }));
    assert_eq!(issuer.key_kind(), Some(KeyKind::P256));
    assert_eq!(*leaf.subject_name(), subject(Profile::Qwac));
    let extensions = leaf.extensions();
    let statement = extensions.psd2().unwrap().unwrap();
    assert_eq!(Some(&statement), request(Profile::Qwac).psd2());
    assert_eq!(
        statement.to_string(),
        "PSP_AS PSP_PI PSP_AI PSP_IC, supervised by Financial Conduct Authority (GB-FCA), for web sites (QWAC)"
    );
    assert_eq!(
        extensions.alternative_names().unwrap(),
        ["DNS:api.example.com"]
    );
    assert!(issuer.extensions().psd2().unwrap().is_none());
    let thumbprint = openssl(
        path,
        &[
            "x509",
            "-noout",
            "-fingerprint",
            "-sha256",
            "-in",
            "leaf.pem",
        ],
    );
    let thumbprint = thumbprint.trim().rsplit('=').next().unwrap().to_owned();
    let error = leaf.check_x5t_s256(&thumbprint).unwrap_err().to_string();
    assert!(error.contains("is hexadecimal, expected"), "{error}");
    leaf.check_x5t_s256(&leaf.x5t_s256()).unwrap();
    assert_eq!(leaf.days_left(now() - Duration::from_secs(60)), 30);
}

// ETSI TS 119 495 annex A: the template that is passed around has all roles in one sequence
#[test]
fn the_flattened_form_of_openssl_templates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = "
[req]
distinguished_name = name
prompt = no
req_extensions = extensions
[name]
C = GB
O = Acme
organizationIdentifier = PSDGB-FCA-1
CN = 0015800001041ReAAI
[extensions]
1.3.6.1.5.5.7.1.3 = ASN1:SEQUENCE:statements
[statements]
type = SEQUENCE:type
psd2 = SEQUENCE:psd2
[type]
id = OID:0.4.0.1862.1.6
types = SEQUENCE:types
[types]
one = OID:0.4.0.1862.1.6.2
[psd2]
id = OID:0.4.0.19495.2
value = SEQUENCE:value
[value]
roles = SEQUENCE:roles
name = UTF8:Financial Conduct Authority
authority = UTF8:GB-FCA
[roles]
flattened = SEQUENCE:flattened
[flattened]
a = OID:0.4.0.19495.1.2
b = UTF8:PSP_PI
c = OID:0.4.0.19495.1.3
d = UTF8:PSP_AI
";
    for (text, flattened) in [
        (configuration.to_owned(), true),
        (
            configuration
                .replace("c = OID:0.4.0.19495.1.3\n", "")
                .replace("d = UTF8:PSP_AI\n", ""),
            false,
        ),
    ] {
        std::fs::write(folder.path().join("request.cnf"), text).unwrap();
        openssl(
            folder.path(),
            &[
                "req",
                "-new",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-config",
                "request.cnf",
                "-keyout",
                "key.pem",
                "-out",
                "request.pem",
            ],
        );
        let theirs = SignedRequest::read_file(&folder.path().join("request.pem")).unwrap();
        assert_eq!(
            theirs.subject().to_string(),
            "CN=0015800001041ReAAI,organizationIdentifier=PSDGB-FCA-1,O=Acme,C=GB"
        );
        match theirs.extensions().psd2() {
            Err(ExtensionError::QcStatements(QcStatementsError::FlattenedRoles)) => {
                assert!(flattened);
            }
            found => {
                assert!(!flattened);
                assert_eq!(
                    found.unwrap().unwrap().roles(),
                    [Psd2Role::PaymentInitiation]
                );
            }
        }
    }
}

// RFC 2986 section 4.2
#[test]
fn a_damaged_request_fails_for_both() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let (folder, _) = verified(&request(Profile::Plain).sign(&key).unwrap());
    let mut der = std::fs::read(folder.path().join("request.der")).unwrap();
    // Within the name.
    let at = der.windows(4).position(|window| window == b"cme,").unwrap();
    der[at] ^= 1;
    std::fs::write(folder.path().join("bad.der"), &der).unwrap();
    let (_, text) = run(
        folder.path(),
        &[
            "req", "-verify", "-noout", "-inform", "DER", "-in", "bad.der",
        ],
    );
    assert!(!text.contains("verify OK"), "{text}");
    assert!(SignedRequest::from_der(&der).is_err());
}

#[test]
fn the_epoch_is_a_date_like_any_other() {
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let certificate = SelfSigned::new(Subject::new().with_country("GB"))
        .sign(&key, UNIX_EPOCH)
        .unwrap();
    assert_eq!(certificate.not_before(), UNIX_EPOCH);
}
