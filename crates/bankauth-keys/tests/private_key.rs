//! Loading private keys in every form, and refusing what is none.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bankauth_keys::{Content, KeyErrorKind, KeyKind, KeySpec, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("data/", $name))
    };
}

/// The base64 of the last block in a text, decoded.
fn der(text: &str) -> Vec<u8> {
    let begin = text.rfind("-----BEGIN").unwrap();
    let body: String = text[begin..]
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    STANDARD.decode(body).unwrap()
}

fn pkcs8(key: &PrivateKey) -> Vec<u8> {
    key.to_pkcs8_der().expose_secret().to_vec()
}

fn error(input: impl AsRef<[u8]>) -> String {
    PrivateKey::from_bytes(input.as_ref())
        .unwrap_err()
        .to_string()
}

// RFC 5958; RFC 8017 appendix A.1.2; RFC 5915; RFC 7468 sections 2 and 3
#[test]
fn one_rsa_key_in_all_its_forms() {
    let expected = der(data!("rsa.pkcs8.pem"));
    let public_key = der(data!("rsa.public.pem"));
    for text in [data!("rsa.pkcs8.pem"), data!("rsa.pkcs1.pem")] {
        for input in [
            text.as_bytes().to_vec(),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', "\n \n").into_bytes(),
            format!("the key of a test\n\n{text}\nand nothing else\n").into_bytes(),
            format!("{}{text}", data!("rsa.cer")).into_bytes(),
            der(text),
        ] {
            let key = PrivateKey::from_bytes(&input).unwrap();
            assert_eq!(key.kind(), KeyKind::Rsa { bits: 2048 });
            assert_eq!(pkcs8(&key), expected);
            assert_eq!(key.public_key_der(), public_key);
        }
        assert!(PrivateKey::from_pem(text.as_bytes()).is_ok());
        assert!(PrivateKey::from_der(&der(text)).is_ok());
    }
    // What `openssl pkcs12 -nodes` writes: bag attributes, certificate and key in one text.
    let key = PrivateKey::from_pem(data!("rsa.bundle.pem").as_bytes()).unwrap();
    assert_eq!(pkcs8(&key), expected);
    assert_eq!(
        key.to_pkcs8_pem().expose_secret(),
        data!("rsa.pkcs8.pem"),
        "openssl writes it alike"
    );
}

#[test]
fn one_p256_key_in_all_its_forms() {
    let expected = der(data!("ec.pkcs8.pem"));
    for input in [
        data!("ec.sec1.pem").as_bytes().to_vec(),
        data!("ec.pkcs8.pem").as_bytes().to_vec(),
        data!("ec.compressed.pem").as_bytes().to_vec(),
        der(data!("ec.sec1.pem")),
        der(data!("ec.pkcs8.pem")),
    ] {
        let key = PrivateKey::from_bytes(&input).unwrap();
        assert_eq!(key.kind(), KeyKind::P256);
        assert_eq!(pkcs8(&key), expected);
    }
}

// RFC 5915 section 3; RFC 5958
#[test]
fn the_longer_curves_in_all_their_forms() {
    for (kind, sec1, pkcs8_text) in [
        (KeyKind::P384, data!("p384.pem"), data!("p384.pkcs8.pem")),
        (
            KeyKind::P521,
            data!("p521.sec1.pem"),
            data!("p521.pkcs8.pem"),
        ),
    ] {
        for input in [
            sec1.as_bytes().to_vec(),
            der(sec1),
            pkcs8_text.as_bytes().to_vec(),
            der(pkcs8_text),
        ] {
            let key = PrivateKey::from_bytes(&input).unwrap();
            assert_eq!(key.kind(), kind);
            assert_eq!(key.to_pkcs8_pem().expose_secret(), pkcs8_text);
        }
    }
}

// RFC 8410 sections 7 and 10.3
#[test]
fn an_ed25519_key_of_both_versions() {
    let text = data!("ed25519.pem");
    let key = PrivateKey::from_pem(text.as_bytes()).unwrap();
    assert_eq!(key.kind(), KeyKind::Ed25519);
    assert_eq!(key.to_pkcs8_pem().expose_secret(), text);

    let version_2 = data!("ed25519.rfc8410.pem");
    let key = PrivateKey::from_pem(version_2.as_bytes()).unwrap();
    assert_eq!(
        STANDARD.encode(key.public_key_der()),
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
    );
    // The first example of the section, which is version 1 of the same key.
    assert_eq!(
        key.to_pkcs8_pem().expose_secret(),
        "-----BEGIN PRIVATE KEY-----\n\
         MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
         -----END PRIVATE KEY-----\n"
    );
    // The octet before its last is of the public key, which is then that of another key.
    let mut other = der(version_2);
    let at = other.len() - 2;
    other[at] ^= 1;
    insta::assert_snapshot!(error(other), @"the parts of the Ed25519 key do not fit together; restore the key from a copy");
}

// RFC 8410 sections 3 and 7
#[test]
fn an_ed25519_key_is_held_to_its_form() {
    let good = der(data!("ed25519.pem"));
    let seed = &good[good.len() - 32..];
    let key = |parameters: &[u8], seed: &[u8]| {
        let element = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            [&[tag, content.len() as u8], &content[..]].concat()
        };
        let algorithm = element(0x30, &[&[0x06, 0x03, 0x2b, 0x65, 0x70], parameters]);
        let key = element(0x04, &[&element(0x04, &[seed])]);
        element(0x30, &[&[0x02, 0x01, 0x00], &algorithm, &key])
    };
    assert_eq!(key(&[], seed), good);
    insta::assert_snapshot!(error(key(&[0x05, 0x00], seed)), @"the private key is damaged: PrivateKeyInfo.privateKeyAlgorithm is followed by octets that do not belong there");
    insta::assert_snapshot!(error(key(&[], &seed[1..])), @"the private key is damaged: CurvePrivateKey is not 32 octets long");
}

// RFC 4055 sections 1.2 and 3.1
#[test]
fn a_key_for_rsassa_pss_only_stays_one() {
    for text in [data!("rsa-pss.pem"), data!("rsa-pss.sha384.pem")] {
        let key = PrivateKey::from_pem(text.as_bytes()).unwrap();
        assert_eq!(key.kind(), KeyKind::RsaPss { bits: 2048 });
        assert_eq!(key.kind().to_string(), "RSA 2048 for RSASSA-PSS only");
        assert_eq!(key.to_pkcs8_pem().expose_secret(), text);
    }
    insta::assert_snapshot!(error(data!("rsa-pss.sha1.pem")), @"the key is for RSASSA-PSS with SHA-1 (the default of its parameters) only, expected SHA-256, SHA-384 or SHA-512 for message and mask and a salt of at most its length");
}

// RFC 8017 section 3.1
#[test]
fn the_public_exponent_three_is_taken() {
    let key = PrivateKey::from_pem(data!("rsa.exponent3.pem").as_bytes()).unwrap();
    assert_eq!(key.kind().to_string(), "RSA 2048");
}

#[test]
fn generated_keys_are_read_back() {
    for (spec, kind) in [
        (KeySpec::Rsa2048, "RSA 2048"),
        (KeySpec::Rsa3072, "RSA 3072"),
        (KeySpec::Rsa4096, "RSA 4096"),
        (KeySpec::P256, "P-256"),
        (KeySpec::P384, "P-384"),
        (KeySpec::P521, "P-521"),
        (KeySpec::Ed25519, "Ed25519"),
    ] {
        let key = PrivateKey::generate(spec).unwrap();
        assert_eq!(key.kind().to_string(), kind);
        let text = key.to_pkcs8_pem();
        let again = PrivateKey::from_pem(text.expose_secret().as_bytes()).unwrap();
        assert_eq!(pkcs8(&again), pkcs8(&key));
        assert_eq!(again.public_key_der(), key.public_key_der());
    }
}

#[test]
fn two_generated_keys_differ() {
    let keys = [KeySpec::P256; 2].map(|spec| PrivateKey::generate(spec).unwrap());
    assert_ne!(keys[0].public_key_der(), keys[1].public_key_der());
}

#[test]
fn a_key_goes_to_other_threads() {
    fn check<T: Send + Sync + std::fmt::Debug>() {}
    check::<PrivateKey>();
}

#[test]
fn what_is_no_private_key_is_named() {
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let dsa = "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n";
    // The outermost layer of RFC 7292: version 3 and content of some type.
    let pkcs12 = [0x30, 0x05, 0x02, 0x01, 0x03, 0x30, 0x00];
    let public_pkcs1 = [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x03];
    for (input, expected) in [
        (data!("rsa.cer").as_bytes(), Content::Certificate),
        (&der(data!("rsa.cer")), Content::Certificate),
        (&der(data!("rfc8705.cer")), Content::Certificate),
        (data!("rsa.csr.pem").as_bytes(), Content::CertificateRequest),
        (&der(data!("rsa.csr.pem")), Content::CertificateRequest),
        (data!("rsa.public.pem").as_bytes(), Content::PublicKey),
        (&der(data!("rsa.public.pem")), Content::PublicKey),
        (&public_pkcs1, Content::PublicKey),
        (openssh.as_bytes(), Content::OpenSshPrivateKey),
        (&pkcs12, Content::Pkcs12),
        (dsa.as_bytes(), Content::Other("DSA PRIVATE KEY".to_owned())),
        (
            &data!("ec.sec1.pem").as_bytes()[..78],
            Content::EcParameters,
        ),
    ] {
        let error = PrivateKey::from_bytes(input).unwrap_err();
        assert!(
            matches!(error.kind(), KeyErrorKind::NotAPrivateKey { found } if *found == expected),
            "{error}"
        );
    }
    insta::assert_snapshot!(error(data!("rsa.cer")), @"expected a private key, found a certificate; give the private key that it was made from");
    insta::assert_snapshot!(error(data!("rsa.csr.pem")), @"expected a private key, found a certificate signing request; give the private key that it was made from");
    insta::assert_snapshot!(error(data!("rsa.public.pem")), @"expected a private key, found a public key; give the private key that it was made from");
    insta::assert_snapshot!(error(openssh), @"expected a private key, found a private key in OpenSSH's own format; convert a copy with `ssh-keygen -p -m PKCS8 -f COPY`");
    insta::assert_snapshot!(error(pkcs12), @"expected a private key, found a PKCS#12 file; take the key out with `openssl pkcs12 -nodes -nocerts -in FILE`");
    insta::assert_snapshot!(error(dsa), @"expected a private key, found a PEM block DSA PRIVATE KEY");
}

#[test]
fn keys_that_do_not_serve_are_named() {
    insta::assert_snapshot!(error(data!("rsa1024.pem")), @"the RSA key has 1024 bits, expected 2048 or more; generate a new key");
    insta::assert_snapshot!(error(data!("secp256k1.pem")), @"the key lies on the curve secp256k1, expected P-256 (prime256v1), P-384 (secp384r1) or P-521 (secp521r1)");
    insta::assert_snapshot!(error(data!("ec.explicit.pem")), @"the curve of the key is written out in numbers, expected its name; convert the key with `openssl ec -in FILE -param_enc named_curve -out NEWFILE`");
    // The OIDs of RFC 8410 section 3 differ in their last octet.
    let ed25519 = data!("ed25519.pem");
    insta::assert_snapshot!(error(ed25519.replace("K2Vw", "K2Vx")), @"the key is for Ed448, expected RSA, an elliptic curve (P-256, P-384 or P-521) or Ed25519");
    insta::assert_snapshot!(error(ed25519.replace("K2Vw", "K2Vu")), @"the key is for X25519, which is for key agreement, expected RSA, an elliptic curve (P-256, P-384 or P-521) or Ed25519");
}

#[test]
fn damaged_inputs_are_named() {
    let pkcs1 = data!("rsa.pkcs1.pem");
    let cut = &der(pkcs1)[..600];
    let mut longer = der(pkcs1);
    longer.push(0);
    let mut lines: Vec<_> = pkcs1.lines().collect();
    lines.remove(lines.len() - 2);
    let line_lost = lines.join(
        "
",
    );
    insta::assert_snapshot!(error(""), @"the input is empty, expected a private key");
    insta::assert_snapshot!(error(" \r\n"), @"the input is empty, expected a private key");
    insta::assert_snapshot!(error("client_id = 7"), @"the input is neither PEM text with a line -----BEGIN nor DER, expected a private key");
    insta::assert_snapshot!(error(cut), @"the private key is damaged: the DER is cut short or none of PKCS#8, PKCS#1 and SEC1");
    insta::assert_snapshot!(error(longer), @"octets after the private key: 1, expected 0");
    insta::assert_snapshot!(error(pkcs1.replacen('M', "*", 1)), @"line 2 holds a character that is not base64");
    insta::assert_snapshot!(error(line_lost), @"the private key is damaged: RSAPrivateKey ends too early");
    insta::assert_snapshot!(error(pkcs1.replace("END RSA", "END EC")), @"the block RSA PRIVATE KEY is ended on line 27 as EC PRIVATE KEY, expected RSA PRIVATE KEY");
    insta::assert_snapshot!(error(format!("{} # key", pkcs1.trim_end())), @"line 27 goes on after its boundary, expected a line break there");
    insta::assert_snapshot!(error(pkcs1.replace('\n', "\\n")), @"line 1 goes on after its boundary, expected a line break there");
    insta::assert_snapshot!(error(pkcs1.replace("RSA ", "")), @"the PEM label stands for PKCS#8, found PKCS#1 under it; write it anew with `openssl pkey -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(data!("rsa.pkcs8.pem").replace("PRIVATE", "EC PRIVATE")), @"the PEM label stands for SEC1, found PKCS#8 under it; write it anew with `openssl pkey -in FILE -out NEWFILE`");
    insta::assert_snapshot!(error(data!("rsa.cer").replace("CERTIFICATE", "PRIVATE KEY")), @"expected a private key, found a certificate; give the private key that it was made from");
    insta::assert_snapshot!(error(format!("{pkcs1}{}", data!("ec.pkcs8.pem"))), @"the text holds 2 private keys, expected one");
}
