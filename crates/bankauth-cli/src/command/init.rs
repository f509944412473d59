//! `bankauth init PROVIDER`

use std::path::PathBuf;

use bankauth_keys::Subject;
use bankauth_profile::{Created, EnvironmentName, NewRevolutBusiness};

use crate::{
    arguments::{Global, Init, ProviderName},
    failure::Failure,
    output::Output,
    session,
};

/// The validity of the bank's own guide; a longer one is allowed, and asks for a thought.
const GUIDE_DAYS: u32 = 1825;

pub(crate) fn run(global: &Global, init: Init, output: &Output) -> Result<(), Failure> {
    match init.provider {
        ProviderName::RevolutBusiness => revolut_business(global, init, output),
    }
}

fn revolut_business(global: &Global, init: Init, output: &Output) -> Result<(), Failure> {
    let mut config = session::config(global)?;
    let environment = EnvironmentName::from(init.environment);
    let mut new = NewRevolutBusiness::new(
        init.profile,
        init.redirect_uri,
        Subject::from(&init.subject),
    )
    .with_environment(environment)
    .with_days(init.days);
    let has_key = init.key.is_some();
    if let Some(path) = init.key {
        new = new.with_key(path);
    }
    let ca_bundle = absolute(init.ca_bundle)?;
    let passphrase_file = absolute(init.passphrase.passphrase_file.clone())?;
    let passphrase_env = init
        .passphrase
        .passphrase_env
        .as_ref()
        .map(|name| name.display().to_string());
    for (key, value) in [
        ("private_key_passphrase_file", passphrase_file),
        ("private_key_passphrase_env", passphrase_env),
        ("ca_bundle", ca_bundle),
        ("endpoints.token", init.token_endpoint),
        ("endpoints.consent", init.consent_endpoint),
        ("endpoints.api", init.api_endpoint),
    ] {
        if let Some(value) = value {
            new = new.with_setting(key, value);
        }
    }
    if init.passphrase.source().is_some() && !has_key {
        return Err(Failure::usage(
            "a passphrase is given, expected it with --key and the key that it opens",
        ));
    }
    let created = new.create(&mut config, session::now())?;
    session::announce(&created.profile, output);
    if init.days > GUIDE_DAYS {
        output.warn(format!(
            "the certificate is valid for {} days; the bank's guide uses {GUIDE_DAYS}",
            init.days
        ));
    }
    if output.is_json() {
        return output.value(&serde_json::json!({
            "profile": created.profile.name(),
            "environment": environment.as_str(),
            "configuration": config.path(),
            "private_key": created.private_key,
            "certificate_file": created.certificate_file,
            "certificate": created.certificate.to_pem(),
            "not_after": session::utc(created.certificate.not_after()),
        }));
    }
    output.line(format!(
        "Profile {} is in {}\nThe private key is in {}; it never leaves this machine.\nThe certificate is in {}, valid until {}:\n",
        created.profile.name(),
        config.path().display(),
        created.private_key.display(),
        created.certificate_file.display(),
        session::utc(created.certificate.not_after()),
    ))?;
    output.line(created.certificate.to_pem())?;
    output.line(clicks(&created, &session::program(global)))
}

/// A path as it can stand in a file in another folder.
fn absolute(path: Option<PathBuf>) -> Result<Option<String>, Failure> {
    let path = path.map(std::path::absolute).transpose()?;
    Ok(path.map(|path| path.display().to_string()))
}

/// What a person does in the bank's web app, click by click (the bank's guide, read 2026-11-20).
fn clicks(created: &Created, program: &str) -> String {
    let name = created.profile.name();
    let redirect_uri = created.profile.value("redirect_uri").unwrap_or_default();
    let web_app = match created.profile.environment() {
        EnvironmentName::Production => "https://business.revolut.com",
        EnvironmentName::Sandbox => "https://sandbox-business.revolut.com",
        _ => "your bank's web app",
    };
    format!(
        "What to do in the bank's web app now:
  1. Log in at {web_app}
     (your account needs the permissions Manage Integrations, Manage API and View Business).
  2. Click the gear icon, then APIs, then Business API.
  3. Under API Certificates click Add API certificate (Add new, if there are others already).
  4. Paste the whole certificate above, with its BEGIN and END lines, into X509 public key.
  5. Enter as OAuth redirect URI exactly: {redirect_uri}
  6. Give it a title by which you will know it again.
  7. If you like, enter the IP addresses (single or CIDR) that alone may use it. With the scope
     READ_SENSITIVE_CARD_DATA the list is mandatory.
  8. Click Continue, and copy the ClientID.

Then:
  {program} set {name} client-id THE_CLIENT_ID
  {program} login {name} --scope READ"
    )
}
