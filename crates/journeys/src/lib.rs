//! Whole journeys over every crate of the workspace, in `tests/`. What they share stands here.

use std::{path::Path, sync::Arc, time::SystemTime};

use bankauth::{
    grants::ReqwestSender,
    profile::{ConfigFile, EnvironmentName, NewRevolutBusiness, Profile, RevolutBusiness},
    revolut::business::Client,
};
use bankauth_testbank::TestBank;

/// The redirect URI of every journey.
pub const REDIRECT_URI: &str = "https://example.com/callback";

/// Any error of a journey.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A new profile `acme` in `folder`, uploaded to `bank`, with its client id set.
///
/// # Errors
/// Whatever stops it.
pub fn registered(bank: &TestBank, folder: &Path) -> Result<Profile, BoxError> {
    let revolut = bank.revolut_business();
    std::fs::write(folder.join("ca.pem"), bank.ca_pem())?;
    let mut config = ConfigFile::read(&folder.join("bankauth.toml"))?;
    let subject = bankauth::keys::Subject::new().with_country("GB");
    let created = NewRevolutBusiness::new("acme", REDIRECT_URI, subject)
        .with_environment(EnvironmentName::Custom)
        .with_setting("ca_bundle", "ca.pem")
        .with_setting("endpoints.token", revolut.token_endpoint())
        .with_setting("endpoints.consent", revolut.consent_page())
        .with_setting("endpoints.api", revolut.api_base())
        .create(&mut config, now())?;
    let client_id = revolut.upload_certificate(&created.certificate.to_pem(), REDIRECT_URI, &[])?;
    let profile = config.set("acme", "client-id", client_id.as_str())?;
    config.write()?;
    Ok(profile)
}

/// The profile's client over real TLS.
///
/// # Errors
/// Whatever stops it.
pub fn client(profile: &Profile) -> Result<Client, BoxError> {
    let sender: ReqwestSender = profile.sender()?;
    Ok(RevolutBusiness::client(profile, Arc::new(sender))?)
}

/// The time of this machine.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a journey is made in real time")]
pub fn now() -> SystemTime {
    SystemTime::now()
}
