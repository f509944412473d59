//! Keys of every kind under one roof, over the library that computes with them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use crate::content::KeyForm;
use crate::key_error::KeyErrorKind;
use crate::key_kind::{KeyKind, KeySpec};
use crate::pkcs8::{Algorithm, PrivateKeyInfo};
use crate::{ec_key, rsa_key};

/// The key as the library underneath holds it, which wipes it when it is freed.
pub(crate) enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl Pair {
    pub(crate) fn generate(spec: KeySpec) -> Result<Self, KeyErrorKind> {
        let size = match spec {
            KeySpec::Rsa2048 => KeySize::Rsa2048,
            KeySpec::Rsa3072 => KeySize::Rsa3072,
            KeySpec::Rsa4096 => KeySize::Rsa4096,
            KeySpec::P256 => return ec_key::generate().map(Self::P256),
        };
        rsa_key::generate(size).map(Self::Rsa)
    }

    pub(crate) fn load(form: KeyForm, der: &[u8]) -> Result<Self, KeyErrorKind> {
        match form {
            KeyForm::Pkcs1 => rsa_key::load(der).map(Self::Rsa),
            KeyForm::Sec1 => ec_key::load(der).map(Self::P256),
            KeyForm::Pkcs8 => {
                let info = PrivateKeyInfo::parse(der)?;
                let (pair, algorithm) = match info.algorithm {
                    Algorithm::Rsa => (rsa_key::load(info.private_key).map(Self::Rsa)?, "RSA"),
                    Algorithm::P256 => {
                        let pair = ec_key::load_within_pkcs8(info.private_key)?;
                        (Self::P256(pair), "P-256")
                    }
                };
                // RFC 5958 section 2: the public key that may come along is that of the private key.
                match info.public_key {
                    Some(public_key) if public_key != pair.subject_public_key() => {
                        Err(KeyErrorKind::Inconsistent { algorithm })
                    }
                    _ => Ok(pair),
                }
            }
        }
    }

    pub(crate) fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa(pair) => KeyKind::Rsa {
                bits: rsa_key::modulus_bits(pair.public_key().as_ref()),
            },
            Self::P256(_) => KeyKind::P256,
        }
    }

    pub(crate) fn subject_public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::P256(pair) => pair.public_key().as_ref(),
        }
    }

    pub(crate) fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        // Either buffer is wiped when dropped.
        Ok(Zeroizing::new(match self {
            Self::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
            Self::P256(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        }))
    }

    pub(crate) fn public_key(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Rsa(pair) => pair.public_key().as_der()?,
            Self::P256(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    /// Signs for a certificate: PKCS#1 v1.5 with SHA-256 under RSA, DER-encoded ECDSA with SHA-256
    /// under P-256.
    pub(crate) fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::P256(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
        }
    }
}
