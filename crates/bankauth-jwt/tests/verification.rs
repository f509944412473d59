//! Signatures checked by code that did not make them (aws-lc through `jsonwebtoken`), the examples
//! of RFC 7515, and signers from elsewhere.

#![expect(clippy::unwrap_used, reason = "in a test it is the assertion")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bankauth_jwt::{Algorithm, Audience, ClientAssertion, JwtId, Sign, SignError, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use serde_json::{Value, json};

const RSA_2048: &[u8] = include_bytes!("data/rsa2048.pkcs8.der");
const RSA_2048_PUBLIC: &[u8] = include_bytes!("data/rsa2048.public.der");
const P256: &[u8] = include_bytes!("data/p256.pkcs8.der");
const P256_PUBLIC: &[u8] = include_bytes!("data/p256.public.der");

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_706_136_731)
}

fn assertion() -> ClientAssertion {
    ClientAssertion::new("client-1", Audience::fixed("https://revolut.com"))
        .unwrap()
        .with_issuer("example.com")
        .unwrap()
}

fn verify_bytes(algorithm: Algorithm, public: &[u8], input: &[u8], signature: &[u8]) -> bool {
    let (algorithm, key) = match algorithm {
        Algorithm::Rs256 => (
            jsonwebtoken::Algorithm::RS256,
            DecodingKey::from_rsa_der(public),
        ),
        Algorithm::Ps256 => (
            jsonwebtoken::Algorithm::PS256,
            DecodingKey::from_rsa_der(public),
        ),
        Algorithm::Es256 => (
            jsonwebtoken::Algorithm::ES256,
            DecodingKey::from_ec_der(public),
        ),
        other => panic!("no verifier for {other}"),
    };
    let signature = URL_SAFE_NO_PAD.encode(signature);
    jsonwebtoken::crypto::verify(&signature, input, &key, algorithm).unwrap()
}

/// Signs an assertion, has the other library verify it and its claims, and checks that it notices
/// another payload.
fn sign_and_verify(key: &dyn Sign, public: &[u8]) {
    let jwt = assertion().sign(key, now()).unwrap();
    let (name, public_key) = match key.algorithm() {
        Algorithm::Rs256 => ("RS256", DecodingKey::from_rsa_der(public)),
        Algorithm::Ps256 => ("PS256", DecodingKey::from_rsa_der(public)),
        _ => ("ES256", DecodingKey::from_ec_der(public)),
    };
    let mut rules = Validation::new(name.parse().unwrap());
    rules.validate_exp = false;
    rules.set_audience(&["https://revolut.com"]);
    rules.set_issuer(&["example.com"]);
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    let read = jsonwebtoken::decode::<Value>(jwt.expose_secret(), &public_key, &rules).expect(name);
    assert_eq!(
        read.claims,
        json!({"iss": "example.com", "sub": "client-1", "aud": "https://revolut.com", "exp": 1_706_136_791})
    );

    let [header, _, signature] = jwt.expose_secret().split('.').collect::<Vec<_>>()[..] else {
        panic!("not three parts");
    };
    let other = URL_SAFE_NO_PAD.encode(br#"{"sub":"somebody else"}"#);
    let forged = format!("{header}.{other}.{signature}");
    assert!(jsonwebtoken::decode::<Value>(&forged, &public_key, &rules).is_err());
}

// RFC 7518 section 3.3.
#[test]
fn rs256() {
    sign_and_verify(&SigningKey::rs256(RSA_2048).unwrap(), RSA_2048_PUBLIC);
    let long = SigningKey::rs256(include_bytes!("data/rsa3072.pkcs8.der")).unwrap();
    sign_and_verify(&long, include_bytes!("data/rsa3072.public.der"));
    assert_eq!(long.sign(b"x").unwrap().len(), 384);
}

// RFC 7518 section 3.5. aws-lc takes a salt of exactly 32 bytes only.
#[test]
fn ps256() {
    sign_and_verify(&SigningKey::ps256(RSA_2048).unwrap(), RSA_2048_PUBLIC);
    let long = SigningKey::ps256(include_bytes!("data/rsa3072.pkcs8.der")).unwrap();
    sign_and_verify(&long, include_bytes!("data/rsa3072.public.der"));
    assert_eq!(long.sign(b"x").unwrap().len(), 384);
}

// RFC 7518 section 3.4. Often enough that r and s also come out short and have to be padded.
#[test]
fn es256() {
    let key = SigningKey::es256(P256).unwrap();
    sign_and_verify(&key, P256_PUBLIC);
    for round in 0_u32..1024 {
        let input = round.to_be_bytes();
        let signature = key.sign(&input).unwrap();
        assert_eq!(signature.len(), 64);
        assert!(verify_bytes(
            Algorithm::Es256,
            P256_PUBLIC,
            &input,
            &signature
        ));
    }
}

/// Input and signature of a JWS in the compact form.
fn example(compact: &str) -> (&[u8], Vec<u8>) {
    let (input, signature) = compact.rsplit_once('.').unwrap();
    (input.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

#[test]
fn rfc_7515_appendix_a_2_rs256_gives_the_published_signature() {
    let (input, published) = example(concat!(
        "eyJhbGciOiJSUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7",
        "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4",
        "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K",
        "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv",
        "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB",
        "p0igcN_IoypGlUPQGe77Rw",
    ));
    let key = SigningKey::rs256(include_bytes!("data/rfc7515-a2.pkcs8.der")).unwrap();
    assert_eq!(key.sign(input).unwrap(), published);
}

// ECDSA is randomised: the published signature shows that the verifier reads this form, and that a
// signature of ours for the same input stands beside it.
#[test]
fn rfc_7515_appendix_a_3_es256_verifies() {
    let (input, published) = example(concat!(
        "eyJhbGciOiJFUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
        "pmWQxfKTUJqPP3-Kg6NU1Q",
    ));
    let public = include_bytes!("data/rfc7515-a3.public.der");
    assert!(verify_bytes(Algorithm::Es256, public, input, &published));

    let key = SigningKey::es256(include_bytes!("data/rfc7515-a3.pkcs8.der")).unwrap();
    let ours = key.sign(input).unwrap();
    assert_ne!(ours, published);
    assert!(verify_bytes(Algorithm::Es256, public, input, &ours));
}

// RFC 4055 section 1.2: a key for RSASSA-PSS alone.
#[test]
fn keys_restricted_to_pss_sign_ps256() {
    let input = b"input";
    for (private, public) in [
        (
            &include_bytes!("data/rsa-pss.pkcs8.der")[..],
            &include_bytes!("data/rsa-pss.public.der")[..],
        ),
        (
            include_bytes!("data/rsa-pss-sha256.pkcs8.der"),
            include_bytes!("data/rsa-pss-sha256.public.der"),
        ),
    ] {
        let signature = SigningKey::ps256(private).unwrap().sign(input).unwrap();
        // The verifier reads the bare RSAPublicKey, which is the end of the SubjectPublicKeyInfo.
        let public = &public[public.len() - 270..];
        assert!(verify_bytes(Algorithm::Ps256, public, input, &signature));
    }
}

/// A signer of somebody else's making: only a closure knows the key.
struct Module<F> {
    algorithm: Algorithm,
    sign: F,
}

impl<F> Sign for Module<F>
where
    F: Fn(&[u8]) -> Result<Vec<u8>, SignError> + Send + Sync,
{
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn key_id(&self) -> Option<&str> {
        Some("slot-7")
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, SignError> {
        (self.sign)(input)
    }
}

fn aws_lc(key: &EncodingKey, name: &str, input: &[u8]) -> Result<Vec<u8>, SignError> {
    let text =
        jsonwebtoken::crypto::sign(input, key, name.parse().unwrap()).map_err(SignError::failed)?;
    Ok(URL_SAFE_NO_PAD.decode(text).unwrap())
}

#[test]
fn a_foreign_signer_goes_through_the_seam() {
    let rsa = EncodingKey::from_rsa_der(include_bytes!("data/rsa2048.pkcs1.der"));
    let ec = EncodingKey::from_ec_der(P256);
    sign_and_verify(
        &Module {
            algorithm: Algorithm::Rs256,
            sign: |input: &[u8]| aws_lc(&rsa, "RS256", input),
        },
        RSA_2048_PUBLIC,
    );
    sign_and_verify(
        &Module {
            algorithm: Algorithm::Ps256,
            sign: |input: &[u8]| aws_lc(&rsa, "PS256", input),
        },
        RSA_2048_PUBLIC,
    );
    let module: Box<dyn Sign + '_> = Box::new(Module {
        algorithm: Algorithm::Es256,
        sign: |input: &[u8]| aws_lc(&ec, "ES256", input),
    });
    sign_and_verify(&*module, P256_PUBLIC);

    let jwt = assertion().sign(&*module, now()).unwrap();
    let header = jsonwebtoken::decode_header(jwt.expose_secret()).unwrap();
    assert_eq!(header.kid.as_deref(), Some("slot-7"));
}

#[test]
fn the_two_step_form_gives_the_same_jwt() {
    let key = SigningKey::rs256(RSA_2048)
        .unwrap()
        .with_key_id("key-1")
        .unwrap();
    let id = || Some(JwtId::from_bytes([7; 16]));
    for ids in [[None, None], [id(), id()]] {
        let [first, second] = ids;
        let input = assertion()
            .prepare(key.algorithm(), key.key_id(), now(), first)
            .unwrap();
        assert_eq!(input.algorithm(), Algorithm::Rs256);
        let signature = key.sign(input.as_bytes()).unwrap();
        let in_two_steps = input.with_signature(signature).unwrap();
        let at_once = match second {
            None => assertion().sign(&key, now()),
            Some(id) => assertion().sign_with_id(&key, now(), id),
        };
        assert_eq!(
            in_two_steps.expose_secret(),
            at_once.unwrap().expose_secret()
        );
    }
}
