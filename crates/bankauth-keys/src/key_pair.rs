//! Keys of every kind under one roof, over the library that computes with them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaSignatureEncoding,
};
use zeroize::Zeroizing;

use crate::content::KeyForm;
use crate::der::tag;
use crate::ec_key::Curve;
use crate::encode::{element, sequence};
use crate::key_error::KeyErrorKind;
use crate::key_kind::{KeyKind, KeySpec};
use crate::pkcs8::{Algorithm, PrivateKeyInfo};
use crate::pss::PssHash;
use crate::{ec_key, ed25519_key, rsa_key};

/// RFC 5958 section 2: version 1 is written as 0.
const VERSION_1: &[u8] = &[tag::INTEGER, 1, 0];

/// The key as the library underneath holds it, which wipes it when it is freed.
pub(crate) enum Pair {
    Rsa(RsaKeyPair),
    /// The identifier is the `AlgorithmIdentifier` that restricts the key.
    RsaPss {
        pair: RsaKeyPair,
        hash: PssHash,
        identifier: Vec<u8>,
    },
    Ec(Curve, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Pair {
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, KeyErrorKind> {
        let rsa = |size| rsa_key::generate(size).map(Self::Rsa);
        let ec = |curve| Ok(Self::Ec(curve, ec_key::generate(curve)?));
        match spec {
            KeySpec::Rsa2048 => rsa(KeySize::Rsa2048),
            KeySpec::Rsa3072 => rsa(KeySize::Rsa3072),
            KeySpec::Rsa4096 => rsa(KeySize::Rsa4096),
            KeySpec::P256 => ec(Curve::P256),
            KeySpec::P384 => ec(Curve::P384),
            KeySpec::P521 => ec(Curve::P521),
            KeySpec::Ed25519 => ed25519_key::generate().map(Self::Ed25519),
        }
    }

    pub(crate) fn load(form: KeyForm, der: &[u8]) -> Result<Self, KeyErrorKind> {
        match form {
            KeyForm::Pkcs1 => rsa_key::load(der).map(Self::Rsa),
            KeyForm::Sec1 => ec_key::load(der).map(|(curve, pair)| Self::Ec(curve, pair)),
            KeyForm::Pkcs8 => {
                let info = PrivateKeyInfo::parse(der)?;
                let pair = Self::load_info(&info)?;
                // RFC 5958 section 2: the public key that may come along is that of the private key.
                match info.public_key {
                    Some(public_key) if public_key != pair.subject_public_key() => {
                        let algorithm = pair.algorithm();
                        Err(KeyErrorKind::Inconsistent { algorithm })
                    }
                    _ => Ok(pair),
                }
            }
        }
    }

    pub(crate) fn kind(&self) -> KeyKind {
        let bits = || rsa_key::modulus_bits(self.subject_public_key());
        match self {
            Self::Rsa(_) => KeyKind::Rsa { bits: bits() },
            Self::RsaPss { .. } => KeyKind::RsaPss { bits: bits() },
            Self::Ec(Curve::P256, _) => KeyKind::P256,
            Self::Ec(Curve::P384, _) => KeyKind::P384,
            Self::Ec(Curve::P521, _) => KeyKind::P521,
            Self::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// The content of `subjectPublicKey`: an `RSAPublicKey`, a point, or the 32 octets of Ed25519.
    pub(crate) fn subject_public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) | Self::RsaPss { pair, .. } => pair.public_key().as_ref(),
            Self::Ec(_, pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// PKCS#8 version 1, which OpenSSL 3.0 reads for every algorithm; version 2 it does not.
    pub(crate) fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        // Each buffer of the library is wiped when dropped.
        let rsa = |pair: &RsaKeyPair| -> Result<_, Unspecified> {
            let der: Pkcs8V1Der<'_> = pair.as_der()?;
            Ok(Zeroizing::new(der.as_ref().to_vec()))
        };
        match self {
            Self::Rsa(pair) => rsa(pair),
            Self::RsaPss {
                pair, identifier, ..
            } => {
                let plain = rsa(pair)?;
                let info = PrivateKeyInfo::parse(&plain).map_err(|_| Unspecified)?;
                // Either buffer has its full length at once, so that nothing is left behind unwiped.
                let key = Zeroizing::new(element(tag::OCTET_STRING, info.private_key));
                let parts = Zeroizing::new([VERSION_1, identifier, &key].concat());
                Ok(Zeroizing::new(element(tag::SEQUENCE, &parts)))
            }
            Self::Ec(_, pair) => Ok(Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec())),
            Self::Ed25519(pair) => Ok(Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec())),
        }
    }

    /// `SubjectPublicKeyInfo`.
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der()?,
            Self::RsaPss { identifier, .. } => {
                // RFC 4055 section 1.2: the restriction of the private key is that of the public key.
                let bits = [&[0], self.subject_public_key()].concat();
                return Ok(sequence(&[identifier, &element(tag::BIT_STRING, &bits)]));
            }
            Self::Ec(_, pair) => pair.public_key().as_der()?,
            Self::Ed25519(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    /// Signs as X.509 has it: PKCS#1 v1.5 with SHA-256 under RSA; RSASSA-PSS with the hash that the key
    /// is held to, or SHA-256, and a salt of its length; DER-encoded ECDSA with SHA-256, SHA-384 or
    /// SHA-512 under P-256, P-384 or P-521; Ed25519 over the message itself.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        let rsa = |pair: &RsaKeyPair, encoding: &'static RsaSignatureEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &random, message, &mut signature)?;
            Ok(signature)
        };
        match self {
            Self::Rsa(pair) => rsa(pair, &RSA_PKCS1_SHA256),
            Self::RsaPss { pair, hash, .. } => rsa(pair, hash.encoding()),
            Self::Ec(_, pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    fn load_info(info: &PrivateKeyInfo<'_>) -> Result<Self, KeyErrorKind> {
        let key = info.private_key;
        match info.algorithm {
            Algorithm::Rsa => rsa_key::load(key).map(Self::Rsa),
            Algorithm::RsaPss { hash, identifier } => Ok(Self::RsaPss {
                pair: rsa_key::load(key)?,
                hash,
                identifier: identifier.to_vec(),
            }),
            Algorithm::Ec(curve) => {
                let pair = ec_key::load_within_pkcs8(curve, key)?;
                Ok(Self::Ec(curve, pair))
            }
            Algorithm::Ed25519 => ed25519_key::load_within_pkcs8(key).map(Self::Ed25519),
        }
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) | Self::RsaPss { .. } => "RSA",
            Self::Ec(curve, _) => curve.as_str(),
            Self::Ed25519(_) => "Ed25519",
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        UnparsedPublicKey, VerificationAlgorithm,
    };

    use super::*;

    fn check(pair: &Pair, algorithm: &'static dyn VerificationAlgorithm) {
        let signature = pair.sign(b"header.payload").unwrap();
        let public_key = UnparsedPublicKey::new(algorithm, pair.subject_public_key());
        let name = pair.kind();
        assert!(
            public_key.verify(b"header.payload", &signature).is_ok(),
            "{name}"
        );
        assert!(
            public_key.verify(b"header.payloaf", &signature).is_err(),
            "{name}"
        );
    }

    // RFC 8017 section 8.2; RFC 5480 section 4; RFC 8410 section 6
    #[test]
    fn each_kind_signs_in_its_own_way() {
        for (spec, algorithm) in [
            (
                KeySpec::Rsa2048,
                &RSA_PKCS1_2048_8192_SHA256 as &'static dyn VerificationAlgorithm,
            ),
            (KeySpec::P256, &ECDSA_P256_SHA256_ASN1),
            (KeySpec::P384, &ECDSA_P384_SHA384_ASN1),
            (KeySpec::P521, &ECDSA_P521_SHA512_ASN1),
            (KeySpec::Ed25519, &ED25519),
        ] {
            check(&Pair::generate(spec).unwrap(), algorithm);
        }
    }

    // RFC 4055 section 1.2
    #[test]
    fn a_key_for_rsassa_pss_signs_with_that_alone() {
        let load = |text| {
            let der = crate::pem::blocks(text).unwrap()[0].decode().unwrap();
            Pair::load(KeyForm::Pkcs8, &der).unwrap()
        };
        let any = load(include_bytes!("../tests/data/rsa-pss.pem"));
        check(&any, &RSA_PSS_2048_8192_SHA256);
        let sha384 = load(include_bytes!("../tests/data/rsa-pss.sha384.pem"));
        check(&sha384, &RSA_PSS_2048_8192_SHA384);
    }
}
