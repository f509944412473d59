//! What certificates and requests are made of. rcgen writes all but names, key and algorithm: its names
//! hold no type twice and nothing multi-valued, and it knows fewer keys. Those are put in its stead.

use std::net::IpAddr;

use rcgen::string::Ia5String;
use rcgen::{
    CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, KeyUsagePurpose, PublicKeyData,
    SanType, SigningKey,
};

use crate::der::{Problem, Reader, tag};
use crate::encode::{element, object_identifier, sequence};
use crate::extension::ExtensionError;
use crate::fingerprint::sha1;
use crate::key_usage::{ExtendedKeyUsage, KeyUsage};
use crate::name::distinguished_name::DistinguishedName;
use crate::signer::{self, Signer, SignerError};

/// The extensions that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) key_usage: Vec<KeyUsage>,
    pub(crate) extended_key_usage: Vec<ExtendedKeyUsage>,
    pub(crate) hosts: Vec<String>,
    pub(crate) addresses: Vec<IpAddr>,
}

impl Wanted {
    /// A use is asked for once, however often it is named (RFC 5280 section 4.2).
    pub(crate) fn add_use(&mut self, usage: ExtendedKeyUsage) {
        if !self.extended_key_usage.contains(&usage) {
            self.extended_key_usage.push(usage);
        }
    }

    /// Puts the extensions into rcgen's parameters.
    pub(crate) fn apply(&self, params: &mut CertificateParams) -> Result<(), ExtensionError> {
        params.key_usages = self.key_usage.iter().map(purpose).collect();
        for usage in &self.extended_key_usage {
            params.extended_key_usages.push(match usage {
                ExtendedKeyUsage::ClientAuth => ExtendedKeyUsagePurpose::ClientAuth,
                ExtendedKeyUsage::ServerAuth => ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsage::Other(oid) => ExtendedKeyUsagePurpose::Other(arcs(oid)?),
            });
        }
        for host in &self.hosts {
            check_host(host)?;
            let host = Ia5String::try_from(host.as_str()).map_err(|_| no_host(host))?;
            params.subject_alt_names.push(SanType::DnsName(host));
        }
        let addresses = self.addresses.iter().copied().map(SanType::IpAddress);
        params.subject_alt_names.extend(addresses);
        Ok(())
    }
}

/// The identifier of a key (RFC 5280 section 4.2.1.2 method 1): SHA-1 over its bits alone.
pub(crate) fn key_identifier(signer: &dyn Signer) -> Result<Vec<u8>, SignerError> {
    signer::check(signer).map(|key| sha1(key.bits))
}

/// The extension with that identifier, for a request: rcgen writes it only into certificates.
pub(crate) fn key_identifier_extension(
    signer: &dyn Signer,
) -> Result<CustomExtension, SignerError> {
    let value = element(tag::OCTET_STRING, &key_identifier(signer)?);
    Ok(CustomExtension::from_oid_content(&[2, 5, 29, 14], value))
}

/// A certificate for that name, signed by its own key.
pub(crate) fn certificate(
    params: &CertificateParams,
    name: &DistinguishedName,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignerError> {
    let draft = params.self_signed(&StandIn);
    let draft = draft.map_err(|_| SignerError::Encoding)?;
    let name = name.to_der();
    let identifier = signer.algorithm().identifier();
    // RFC 5280 section 4.1: version, serial, algorithm, issuer, validity, subject, key, extensions.
    let key = signer.public_key_der();
    complete(
        draft.der(),
        &[(2, &identifier), (3, &name), (5, &name), (6, key)],
        signer,
    )
}

/// A request for that name.
pub(crate) fn request(
    params: &CertificateParams,
    name: &DistinguishedName,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignerError> {
    let draft = params.serialize_request(&StandIn);
    let draft = draft.map_err(|_| SignerError::Encoding)?;
    // RFC 2986 section 4.1: version, subject, key, attributes.
    let key = signer.public_key_der();
    complete(draft.der(), &[(1, &name.to_der()), (2, key)], signer)
}

/// Puts those fields into what the draft has signed, and signs that.
fn complete(
    draft: &[u8],
    fields: &[(usize, &[u8])],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignerError> {
    signer::check(signer)?;
    let elements = || {
        let mut inner = Reader::new(draft)
            .enter(tag::SEQUENCE)?
            .enter(tag::SEQUENCE)?;
        let mut elements = Vec::new();
        while inner.peek().is_some() {
            elements.push(inner.element()?.raw);
        }
        Ok(elements)
    };
    let mut elements = elements().map_err(|_: Problem| SignerError::Encoding)?;
    for (at, field) in fields {
        match elements.get_mut(*at) {
            Some(element) => *element = field,
            None => return Err(SignerError::Encoding),
        }
    }
    let to_be_signed = sequence(&elements);
    let signature = signer::sign(signer, &to_be_signed)?;
    Ok(sequence(&[
        &to_be_signed,
        &signer.algorithm().identifier(),
        &element(tag::BIT_STRING, &[&[0], &signature[..]].concat()),
    ]))
}

/// Signs drafts, which are thrown away: nothing of it is left in what is made.
struct StandIn;

impl PublicKeyData for StandIn {
    fn der_bytes(&self) -> &[u8] {
        &[0]
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl SigningKey for StandIn {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0])
    }
}

/// The preferred syntax of RFC 1034 section 3.5 with the bounds of RFC 1035 section 2.3.4, and a wildcard
/// as its first label (RFC 6125 section 6.4.3).
fn check_host(host: &str) -> Result<(), ExtensionError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    let plain = host.strip_prefix("*.").unwrap_or(host);
    let numeric = plain
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|octet| octet.is_ascii_digit()));
    if plain.len() <= 253 && plain.split('.').all(label) && !numeric {
        Ok(())
    } else {
        Err(no_host(host))
    }
}

fn no_host(host: &str) -> ExtensionError {
    let found = host.chars().take(64).collect();
    ExtensionError::Host { found }
}

/// What rcgen wants, which panics over what is no identifier.
fn arcs(oid: &str) -> Result<Vec<u64>, ExtensionError> {
    let arcs =
        object_identifier(oid).and_then(|_| oid.split('.').map(|arc| arc.parse().ok()).collect());
    arcs.ok_or_else(|| ExtensionError::Usage {
        found: oid.chars().take(64).collect(),
    })
}

const fn purpose(usage: &KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
        KeyUsage::EncipherOnly => KeyUsagePurpose::EncipherOnly,
        KeyUsage::DecipherOnly => KeyUsagePurpose::DecipherOnly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 5280 section 4.2.1.6
    #[test]
    fn hosts_are_plain() {
        for good in [
            "a",
            "api.example.com",
            "*.example.com",
            "xn--bcher-kva.example",
            "1.a",
        ] {
            assert_eq!(check_host(good), Ok(()), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            "bücher.example",
            "a..b",
            ".a",
            "a.",
            "-a",
            "a-",
            "a b",
            "a_b",
            "*",
            "*.",
            "a.*.b",
            "192.0.2.1",
            "a/b",
            &long,
        ] {
            assert!(check_host(bad).is_err(), "{bad}");
        }
        insta::assert_snapshot!(check_host("bücher.example").unwrap_err(), @r#"the host is "bücher.example", expected letters, digits and hyphens between dots, such as "api.example.com"; one with other letters is written as xn--…"#);
    }
}
