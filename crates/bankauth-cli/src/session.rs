//! A profile in use: its file, its folder for tokens, and what is said about its environment.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use bankauth_profile::{
    ConfigFile, EnvironmentName, Profile, RevolutBusiness, default_config_file,
    default_state_folder,
};

use crate::{arguments::Global, failure::Failure, output::Output};

pub(crate) fn config(global: &Global) -> Result<ConfigFile, Failure> {
    let path = match &global.config {
        Some(path) => std::path::absolute(path)?,
        None => default_config_file()?,
    };
    Ok(ConfigFile::read(&path)?)
}

pub(crate) fn state_folder(global: &Global) -> Result<PathBuf, Failure> {
    Ok(match &global.state_dir {
        Some(path) => path.clone(),
        None => default_state_folder()?,
    })
}

/// The program as it was called, for commands that a person is to type next.
pub(crate) fn program(global: &Global) -> String {
    let mut text = "bankauth".to_owned();
    for (option, path) in [
        ("--config", &global.config),
        ("--state-dir", &global.state_dir),
    ] {
        if let Some(path) = path {
            text.push_str(&format!(" {option} {}", path.display()));
        }
    }
    text
}

/// Reads a profile, and tells which bank and environment it is for.
pub(crate) fn profile(global: &Global, name: &str, output: &Output) -> Result<Profile, Failure> {
    let profile = config(global)?.profile(name)?;
    announce(&profile, output);
    Ok(profile)
}

/// Opens a profile of Revolut Business.
pub(crate) fn open(global: &Global, profile: &Profile) -> Result<RevolutBusiness, Failure> {
    Ok(RevolutBusiness::open(profile, &state_folder(global)?)?)
}

pub(crate) fn announce(profile: &Profile, output: &Output) {
    let real = if profile.environment() == EnvironmentName::Production {
        " (real money)"
    } else {
        ""
    };
    output.say(format!(
        "profile {}: {}, environment {}{real}",
        profile.name(),
        profile.provider().as_str(),
        profile.environment().as_str(),
    ));
}

/// Runs what waits for the network or a lock.
pub(crate) fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(work)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program is where the clock is read"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A time as people and programs read it, in UTC and to the second.
pub(crate) fn utc(time: SystemTime) -> String {
    // The last second of the year 9999, beyond which RFC 3339 has no dates.
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    if time < SystemTime::UNIX_EPOCH || time > last {
        return "beyond the calendar".to_owned();
    }
    humantime::format_rfc3339_seconds(time).to_string()
}
