//! Names as the program `openssl` of the machine writes them, against ours.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use bankauth_keys::{
    Attribute, AttributeType, Certificate, Dialect, DistinguishedName, NameDifference, NameError,
    OpenSslForm, PrivateKey, SelfSigned,
};

fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program `openssl` must be installed for this test");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}:\n{errors}");
    text
}

/// One element of DER; lengths of two octets are enough here.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        0..0x80 => out.push(low),
        0x80..0x100 => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
    out.extend_from_slice(content);
    out
}

/// The certificate with another subject, whatever it is: its signature is no longer right, which openssl
/// does not look at when it prints.
fn with_subject(subject: &DistinguishedName) -> Vec<u8> {
    let key = PrivateKey::from_pem(include_bytes!("data/ec.pkcs8.pem")).unwrap();
    let placeholder = DistinguishedName::new().with(AttributeType::COMMON_NAME, "placeholder");
    let certificate = SelfSigned::new(placeholder.clone())
        .sign(&key, UNIX_EPOCH + Duration::from_secs(1_800_000_000))
        .unwrap();
    let der = certificate.as_der();
    let header = 4 + 3 + usize::from(der[5] & 0x7f) - 2;
    // SEQUENCE (two octets of length), then what is signed, then algorithm and signature.
    let signed_length = usize::from(u16::from_be_bytes([der[6], der[7]]));
    assert_eq!((der[1], der[5], header), (0x82, 0x82, 7));
    let (signed, rest) = der[8..].split_at(signed_length);
    let old = placeholder.to_der();
    let at = signed
        .windows(old.len())
        .rposition(|window| window == old)
        .unwrap();
    let signed = [&signed[..at], &subject.to_der(), &signed[at + old.len()..]].concat();
    element(0x30, &[&element(0x30, &signed), rest].concat())
}

/// What openssl prints with these options.
fn printed(subject: &DistinguishedName, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let der = with_subject(subject);
    std::fs::write(folder.path().join("name.der"), &der).unwrap();
    assert_eq!(Certificate::from_der(&der).unwrap().subject_name(), subject);
    let mut arguments = vec![
        "x509", "-noout", "-subject", "-inform", "DER", "-in", "name.der",
    ];
    arguments.extend(options);
    let text = openssl(folder.path(), &arguments);
    text.trim_end_matches('\n')
        .trim_start_matches("subject=")
        .to_owned()
}

fn hostile() -> Vec<DistinguishedName> {
    let name = DistinguishedName::new;
    let identifier = AttributeType::ORGANIZATION_IDENTIFIER;
    let unknown = AttributeType::from_oid("1.2.3.4.5").unwrap();
    let mut names: Vec<_> = [
        "Žofia Lučić",
        "Acme, \"Ltd\" + Söhne; <x> \\ = 子会社 \u{1f600}",
        "#hash",
        " both ends ",
        "  ",
        " ",
        "##",
        "a  b",
        "\0",
        "a\0\r\n\u{7f}",
        "\u{80}\u{9f}",
        "=",
        "a\\",
        "",
    ]
    .into_iter()
    .map(|value| {
        name()
            .with(AttributeType::COUNTRY, "GB")
            .with(AttributeType::ORGANIZATION, value)
            .with(AttributeType::COMMON_NAME, value)
    })
    .collect();
    names.push(
        name()
            .with(AttributeType::COUNTRY, "GB")
            .with(AttributeType::ORGANIZATION, "Open Banking Limited (D)")
            .with(identifier.clone(), "PSDGB-OB-Unknown0015800001041ReAAI")
            .with(AttributeType::COMMON_NAME, "0015800001041ReAAI"),
    );
    names.push(
        name()
            .with(AttributeType::ORGANIZATIONAL_UNIT, "first")
            .with(AttributeType::ORGANIZATIONAL_UNIT, "second")
            .with_together([
                Attribute::new(AttributeType::ORGANIZATIONAL_UNIT, "Sales, +1"),
                Attribute::new(AttributeType::COMMON_NAME, "J.  Smith"),
                Attribute::new(identifier, "PSDGB-FCA-1"),
            ]),
    );
    names.push(name().with(unknown, "text of a type without name"));
    names.push(
        name()
            .with(AttributeType::DOMAIN_COMPONENT, "example")
            .with(AttributeType::EMAIL_ADDRESS, "#a+b@example.com")
            .with(AttributeType::STREET, "1 High Street")
            .with(AttributeType::SERIAL_NUMBER, "12/3"),
    );
    names
}

// RFC 4514 section 2. A value that is nothing but one # openssl leaves bare, against section 2.4.
#[test]
fn short_names_are_those_of_openssl() {
    for name in hostile() {
        let ours = name.to_text(Dialect::SHORT_NAME);
        assert_eq!(ours, printed(&name, &["-nameopt", "RFC2253,-esc_msb"]));
        let ascii = name.to_text(Dialect::SHORT_NAME_ASCII);
        assert_eq!(ascii, printed(&name, &["-nameopt", "RFC2253"]));
        for dialect in Dialect::ALL {
            let read = DistinguishedName::parse(&name.to_text(dialect)).unwrap();
            let forward = dialect == Dialect::SHORT_NAME_FORWARD;
            assert!(forward || read == name, "{dialect}: {name}");
        }
    }
}

// RFC 5280 section 4.1.2.4: the string types of old certificates
#[test]
fn strings_of_every_type_are_those_of_openssl() {
    for (tag, octets) in [
        (0x13, &b"plain"[..]),
        (0x14, b"caf\xe9"),
        (0x16, b"a@b"),
        (0x12, b"12 3"),
        (0x1e, &[0, b'a', 0x20, 0xac]),
        (0x1c, &[0, 1, 0xf6, 0]),
        (0x03, &[0, 1, 2]),
    ] {
        let value = element(tag, octets);
        let kind = element(0x06, &[0x55, 4, 3]);
        let attribute = element(0x30, &[kind, value].concat());
        let der = element(0x30, &element(0x31, &attribute));
        let name = DistinguishedName::from_der(&der).unwrap();
        let theirs = printed(&name, &["-nameopt", "RFC2253,-esc_msb"]);
        assert_eq!(name.to_text(Dialect::SHORT_NAME), theirs);
    }
}

#[test]
fn the_names_of_types_are_those_of_openssl() {
    let oids = (3..=97).map(|arc| format!("2.5.4.{arc}")).chain(
        [
            "0.9.2342.19200300.100.1.1",
            "0.9.2342.19200300.100.1.25",
            "1.2.840.113549.1.9.1",
            "1.2.840.113549.1.9.2",
            "1.3.6.1.4.1.311.60.2.1.1",
            "1.3.6.1.4.1.311.60.2.1.2",
            "1.3.6.1.4.1.311.60.2.1.3",
        ]
        .map(str::to_owned),
    );
    let kinds: Vec<_> = oids
        .map(|oid| AttributeType::from_oid(&oid).unwrap())
        .filter(|kind| kind.short_name().is_some())
        .collect();
    assert_eq!(kinds.len(), 34);
    let name = kinds
        .into_iter()
        .fold(DistinguishedName::new(), |name, kind| name.with(kind, "GB"));
    assert_eq!(
        name.to_text(Dialect::SHORT_NAME),
        printed(&name, &["-nameopt", "RFC2253,-esc_msb"])
    );
}

#[test]
fn the_other_forms_of_openssl_are_recognised() {
    let name = DistinguishedName::new()
        .with(AttributeType::COUNTRY, "GB")
        .with(AttributeType::ORGANIZATION, "Acme, Ltd")
        .with(AttributeType::COMMON_NAME, "Acme");
    for options in [
        &[][..],
        &["-nameopt", "oneline"],
        &["-nameopt", "compat"],
        &["-nameopt", "oneline,-space_eq,-esc_2253"],
    ] {
        let text = printed(&name, options);
        assert!(OpenSslForm::recognise(&text).is_some(), "{text}");
        assert!(matches!(
            DistinguishedName::parse(&text),
            Err(NameError::OpenSslForm { .. })
        ));
        assert_ne!(text, name.to_text(Dialect::SHORT_NAME));
    }
    let good = printed(&name, &["-nameopt", "RFC2253"]);
    assert_eq!(OpenSslForm::recognise(&good), None);
    assert!(DistinguishedName::parse(&good).unwrap().matches(&name));
}

// X.690 section 11.6, and names that openssl built
#[test]
fn names_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ec.pkcs8.pem");
    openssl(
        folder.path(),
        &[
            "req",
            "-new",
            "-x509",
            "-utf8",
            "-multivalue-rdn",
            "-key",
            key,
            "-subj",
            "/C=GB/O=Žofia, s.r.o./OU=a/OU=b/organizationIdentifier=PSDGB-FCA-1/OU=Sales+CN=J\\+S",
            "-out",
            "theirs.pem",
        ],
    );
    let theirs = Certificate::read_file(&folder.path().join("theirs.pem")).unwrap();
    let ours = DistinguishedName::new()
        .with(AttributeType::COUNTRY, "GB")
        .with(AttributeType::ORGANIZATION, "Žofia, s.r.o.")
        .with(AttributeType::ORGANIZATIONAL_UNIT, "a")
        .with(AttributeType::ORGANIZATIONAL_UNIT, "b")
        .with(AttributeType::ORGANIZATION_IDENTIFIER, "PSDGB-FCA-1")
        .with_together([
            Attribute::new(AttributeType::ORGANIZATIONAL_UNIT, "Sales"),
            Attribute::new(AttributeType::COMMON_NAME, "J+S"),
        ]);
    let differences = NameDifference::between(&ours, theirs.subject_name());
    assert_eq!(differences, []);
    assert_eq!(*theirs.subject_name(), ours);
    assert!(theirs.is_self_issued());
}
