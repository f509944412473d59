//! The private certificate authority, made anew at each start.

use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::{certificate::ServerCertificate, secret};

/// What the server shows, and the CA certificate by which clients check it.
pub(crate) struct ServerIdentity {
    pub(crate) ca_pem: String,
    /// One certificate for each of [`ServerCertificate::ALL`], in that order, all for the same key.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Makes a CA and server certificates for `127.0.0.1` and `localhost`, good and bad, and forgets the CA's key.
///
/// `now` is real time, never the bank's clock: the client checks these certificates by its own clock.
pub(crate) fn issue(now: SystemTime) -> Result<ServerIdentity, rcgen::Error> {
    let now = OffsetDateTime::from(now);
    let ca = authority("bankauth test bank CA", now)?;
    let stranger = authority("bankauth test bank CA that nobody trusts", now)?;
    let key = KeyPair::generate()?;
    let certificates = ServerCertificate::ALL.iter().map(|kind| {
        let issuer = match kind {
            ServerCertificate::UntrustedCa => &stranger,
            _ => &ca,
        };
        let leaf = leaf(*kind, now)?.signed_by(&key, issuer)?;
        Ok(leaf.der().clone())
    });
    Ok(ServerIdentity {
        ca_pem: ca.pem(),
        certificates: certificates.collect::<Result<_, rcgen::Error>>()?,
        key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    })
}

fn authority(
    name: &str,
    now: OffsetDateTime,
) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut ca = CertificateParams::default();
    // The name differs from run to run, so that a bundle with the CAs of two runs stays unambiguous.
    ca.distinguished_name = named(&format!("{name} {}", secret::run_name()));
    // Wider than that of every server certificate, so that an expired one is the only thing that is expired.
    ca.not_before = now.saturating_sub(Duration::days(90));
    ca.not_after = now.saturating_add(Duration::days(365));
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(ca, KeyPair::generate()?)
}

fn leaf(kind: ServerCertificate, now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let names: &[&str] = match kind {
        ServerCertificate::WrongName => &["elsewhere.example"],
        _ => &["localhost", "127.0.0.1"],
    };
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name = named("bankauth test bank");
    (leaf.not_before, leaf.not_after) = validity(kind, now);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![match kind {
        ServerCertificate::WrongUsage => ExtendedKeyUsagePurpose::ClientAuth,
        _ => ExtendedKeyUsagePurpose::ServerAuth,
    }];
    Ok(leaf)
}

/// An hour back, for clocks that disagree; a year ahead, less than any limit of a TLS library.
fn validity(kind: ServerCertificate, now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    let (from, until) = match kind {
        ServerCertificate::Expired => (Duration::days(-60), Duration::days(-30)),
        ServerCertificate::NotYetValid => (Duration::days(30), Duration::days(60)),
        _ => (Duration::hours(-1), Duration::days(364)),
    };
    (now.saturating_add(from), now.saturating_add(until))
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
