//! The private certificate authority, made anew at each start.

use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::secret;

/// What the server shows, and the CA certificate by which clients check it.
pub(crate) struct ServerIdentity {
    pub(crate) ca_pem: String,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Makes a CA and a server certificate for `127.0.0.1` and `localhost`, and forgets the CA's key.
///
/// `now` is real time, never the bank's clock: the client checks these certificates by its own clock.
pub(crate) fn issue(now: SystemTime) -> Result<ServerIdentity, rcgen::Error> {
    let now = OffsetDateTime::from(now);
    let mut ca = CertificateParams::default();
    // The name differs from run to run, so that a bundle with the CAs of two runs stays unambiguous.
    ca.distinguished_name = named(&format!("bankauth test bank CA {}", secret::run_name()));
    (ca.not_before, ca.not_after) = validity(now);
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name = named("bankauth test bank");
    (leaf.not_before, leaf.not_after) = validity(now);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let leaf = leaf.signed_by(&key, &ca)?;

    Ok(ServerIdentity {
        ca_pem: ca.pem(),
        chain: vec![leaf.der().clone()],
        key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
    })
}

/// An hour back, for clocks that disagree; a year ahead, less than any limit of a TLS library.
fn validity(now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    (
        now.saturating_sub(Duration::hours(1)),
        now.saturating_add(Duration::days(365)),
    )
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
