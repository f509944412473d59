//! What is wrong with a profile.

use std::path::PathBuf;

use bankauth_grants::BoxError;

/// Why a profile cannot be read, written or opened. Each text names the file, the profile or the key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The configuration file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The configuration file is not TOML, or not in the form of profiles.
    #[error("{}, line {line}: {problem}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// One-based.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// There is no profile of this name.
    #[error("there is no profile `{name}` in {}{}", path.display(), did_you_mean(nearest.as_deref()))]
    UnknownProfile {
        /// The name.
        name: Box<str>,
        /// The configuration file.
        path: PathBuf,
        /// A name like it.
        nearest: Option<Box<str>>,
    },
    /// A profile of this name exists already.
    #[error("profile `{name}` exists already in {}, expected a new name", path.display())]
    ProfileExists {
        /// The name.
        name: Box<str>,
        /// The configuration file.
        path: PathBuf,
    },
    /// A name that no profile can have.
    #[error(
        "profile name `{found}` is not allowed, expected 1 to 64 of A-Z, a-z, 0-9, `-` and `_`"
    )]
    ProfileName {
        /// The name.
        found: Box<str>,
    },
    /// There is no provider of this name.
    #[error("provider `{found}` is not known, expected one of: {known}{}", did_you_mean(nearest.as_deref()))]
    UnknownProvider {
        /// The name.
        found: Box<str>,
        /// A name like it.
        nearest: Option<Box<str>>,
        /// All names.
        known: String,
    },
    /// A key that this provider does not have.
    #[error("profile `{profile}` has no key `{key}`{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The profile.
        profile: Box<str>,
        /// The key.
        key: Box<str>,
        /// A key like it.
        nearest: Option<Box<str>>,
    },
    /// A key that is needed and missing.
    #[error("profile `{profile}` lacks `{key}`: {why}")]
    Missing {
        /// The profile.
        profile: Box<str>,
        /// The key.
        key: &'static str,
        /// What it is needed for, or how to set it.
        why: String,
    },
    /// A value that the key cannot have.
    #[error("profile `{profile}`, key `{key}`: {found}, expected {expected}")]
    Value {
        /// The profile.
        profile: Box<str>,
        /// The key.
        key: Box<str>,
        /// What it has.
        found: String,
        /// What it can have.
        expected: String,
    },
    /// What a key names cannot be used.
    #[error("profile `{profile}`, key `{key}` cannot be used")]
    Unusable {
        /// The profile.
        profile: Box<str>,
        /// The key.
        key: Box<str>,
        /// Why not.
        #[source]
        source: BoxError,
    },
    /// A file that would be written exists already.
    #[error("{} exists already, and nothing is overwritten", path.display())]
    FileExists {
        /// Which file.
        path: PathBuf,
    },
    /// The folders of this user are not known, for instance because HOME is not set.
    #[error("the folder for {what} is not known (is HOME set?), expected {option}")]
    NoHome {
        /// Of what.
        what: &'static str,
        /// The option that names it.
        option: &'static str,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

impl ProfileError {
    pub(crate) fn unusable(profile: &str, key: &str, source: impl Into<BoxError>) -> Self {
        Self::Unusable {
            profile: profile.into(),
            key: key.into(),
            source: source.into(),
        }
    }

    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
        source: std::io::Error,
    ) -> Self {
        Self::File {
            action,
            path: path.into(),
            source,
        }
    }
}
