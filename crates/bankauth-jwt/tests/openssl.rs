//! Signatures checked by the `openssl` program, as a person would.

#![expect(clippy::unwrap_used, reason = "in a test it is the assertion")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use bankauth_jwt::{Audience, ClientAssertion, Sign, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The two halves of an assertion: what was signed, and the signature.
fn assertion(key: &dyn Sign) -> (String, Vec<u8>) {
    let jwt = ClientAssertion::new("client-1", Audience::fixed("https://revolut.com"))
        .unwrap()
        .with_issuer("example.com")
        .unwrap()
        .sign(key, UNIX_EPOCH + Duration::from_secs(1_706_136_731))
        .unwrap();
    let (input, signature) = jwt.expose_secret().rsplit_once('.').unwrap();
    (input.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// Runs `openssl dgst -sha256 -verify`; `test` names the folder that its input goes to.
fn openssl_accepts(
    test: &str,
    input: &str,
    signature: &[u8],
    public: &str,
    options: &[&str],
) -> bool {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("openssl-{test}"));
    fs::create_dir_all(&folder).unwrap();
    let (input_file, signature_file) = (folder.join("input"), folder.join("signature"));
    fs::write(&input_file, input).unwrap();
    fs::write(&signature_file, signature).unwrap();
    let public = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(public);

    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-keyform", "DER", "-verify"])
        .arg(public)
        .args(options)
        .arg("-signature")
        .args([&signature_file, &input_file])
        .output()
        .unwrap_or_else(|error| panic!("this test needs the program openssl in the PATH: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    // A wrong option must not pass for a wrong signature.
    assert!(
        said.contains("Verified OK") || said.to_lowercase().contains("verification failure"),
        "openssl gave no verdict: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.status.success()
}

#[test]
fn rs256() {
    let key = SigningKey::rs256(include_bytes!("data/rsa2048.pkcs8.der")).unwrap();
    let (input, signature) = assertion(&key);
    let accepts =
        |input: &str| openssl_accepts("rs256", input, &signature, "rsa2048.public.der", &[]);
    assert!(accepts(&input));
    assert!(!accepts(&input.replacen('e', "f", 1)));
}

// RFC 7518 section 3.5: the salt has the length of the hash. OpenSSL compares the length that it is
// told with the one in the signature, so all others must fail.
#[test]
fn ps256_has_a_salt_of_exactly_32_bytes() {
    let key = SigningKey::ps256(include_bytes!("data/rsa2048.pkcs8.der")).unwrap();
    let (input, signature) = assertion(&key);
    for (salt, accepted) in [
        ("20", false),
        ("31", false),
        ("32", true),
        ("33", false),
        ("max", false),
    ] {
        let salt_option = format!("rsa_pss_saltlen:{salt}");
        let options = [
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            &salt_option,
            "-sigopt",
            "rsa_mgf1_md:sha256",
        ];
        let test = format!("ps256-{salt}");
        let verdict = openssl_accepts(&test, &input, &signature, "rsa2048.public.der", &options);
        assert_eq!(verdict, accepted, "salt {salt}");
    }
}

// RFC 7518 section 3.4: r and s. OpenSSL wants them in DER, into which they are put here.
#[test]
fn es256() {
    let key = SigningKey::es256(include_bytes!("data/p256.pkcs8.der")).unwrap();
    let (input, signature) = assertion(&key);
    let (r, s) = signature.split_at(32);
    let integers = [integer(r), integer(s)].concat();
    let mut der = vec![0x30, u8::try_from(integers.len()).unwrap()];
    der.extend(integers);
    assert!(openssl_accepts(
        "es256",
        &input,
        &der,
        "p256.public.der",
        &[]
    ));
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap();
    let mut contents = bytes[start..].to_vec();
    if contents[0] & 0x80 != 0 {
        contents.insert(0, 0);
    }
    [vec![2, u8::try_from(contents.len()).unwrap()], contents].concat()
}
