//! One profile: its values, checked, and paths made whole.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bankauth_grants::ReqwestSender;
use bankauth_keys::PrivateKey;
use bankauth_tokens::CredentialId;
use toml_edit::{Item, TableLike};

use crate::{ProfileError, Provider, SecretSource};

/// A profile with each key known and each value a string. What a value means is checked where it is used.
#[derive(Debug, Clone)]
pub struct Profile {
    name: Box<str>,
    folder: PathBuf,
    provider: Provider,
    environment: EnvironmentName,
    values: BTreeMap<&'static str, String>,
}

/// Which of a bank's environments a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvironmentName {
    /// The bank's sandbox.
    Sandbox,
    /// The bank itself, and real money.
    Production,
    /// Endpoints of one's own.
    Custom,
}

impl EnvironmentName {
    /// Every environment there is.
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::Production, Self::Custom];

    /// The name as it stands in a profile.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Custom => "custom",
        }
    }
}

impl Profile {
    pub(crate) fn provider_of(name: &str, table: &dyn TableLike) -> Result<Provider, ProfileError> {
        Provider::of_table(name, table)
    }

    pub(crate) fn read(
        name: &str,
        folder: &Path,
        table: &dyn TableLike,
    ) -> Result<Self, ProfileError> {
        let provider = Self::provider_of(name, table)?;
        let mut values = BTreeMap::new();
        let mut take = |key: String, item: &Item| {
            let known = provider
                .setting(name, &key)
                .ok()
                .filter(|known| *known == key);
            let Some(known) = known else {
                // A dash in the file is not taken for an underscore: one spelling, so that it can be searched for.
                let nearest = provider.setting(name, &key).map(Into::into).ok();
                return Err(match provider.setting(name, &key) {
                    Err(error) => error,
                    Ok(_) => ProfileError::UnknownKey {
                        profile: name.into(),
                        key: key.into(),
                        nearest,
                    },
                });
            };
            let text = item.as_str().ok_or_else(|| ProfileError::Value {
                profile: name.into(),
                key: known.into(),
                found: format!("{} is no text", item.type_name()),
                expected: "a string in quotation marks".to_owned(),
            })?;
            if text.trim() != text || text.is_empty() || text.chars().any(char::is_control) {
                return Err(ProfileError::Value {
                    profile: name.into(),
                    key: known.into(),
                    found:
                        "an empty text, or one with spaces around it or control characters in it"
                            .to_owned(),
                    expected: "the value alone".to_owned(),
                });
            }
            values.insert(known, text.to_owned());
            Ok(())
        };
        for (key, item) in table.iter() {
            match item.as_table_like() {
                Some(inner) if key == "endpoints" => {
                    for (inner_key, item) in inner.iter() {
                        take(format!("{key}.{inner_key}"), item)?;
                    }
                }
                _ => take(key.to_owned(), item)?,
            }
        }
        let environment = match values.get("environment") {
            None => {
                return Err(ProfileError::Missing {
                    profile: name.into(),
                    key: "environment",
                    why: "one of sandbox, production, custom".to_owned(),
                });
            }
            Some(text) => EnvironmentName::ALL
                .into_iter()
                .find(|known| known.as_str() == text)
                .ok_or_else(|| ProfileError::Value {
                    profile: name.into(),
                    key: "environment".into(),
                    found: format!("`{}`", text.escape_debug()),
                    expected: "one of sandbox, production, custom".to_owned(),
                })?,
        };
        let profile = Self {
            name: name.into(),
            folder: folder.to_owned(),
            provider,
            environment,
            values,
        };
        profile.check_store()?;
        match provider {
            Provider::RevolutBusiness => crate::revolut_business::check(&profile)?,
        }
        Ok(profile)
    }

    /// The profile's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bank.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.provider
    }

    /// The bank's environment.
    #[must_use]
    pub const fn environment(&self) -> EnvironmentName {
        self.environment
    }

    /// The value of a key as it was written.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// All keys and values. None of them is a secret: secrets stand in files that the values name.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(key, text)| (*key, text.as_str()))
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// When it is not, with `why` it is needed.
    pub fn required(&self, key: &'static str, why: &str) -> Result<&str, ProfileError> {
        self.value(key).ok_or_else(|| ProfileError::Missing {
            profile: self.name.clone(),
            key,
            why: why.to_owned(),
        })
    }

    /// The path that a key names, made whole with the folder of the configuration file.
    #[must_use]
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        self.value(key).map(|text| self.folder.join(text))
    }

    /// The client's identifier.
    ///
    /// # Errors
    /// When it was not set yet.
    pub fn client_id(&self) -> Result<&str, ProfileError> {
        let how = format!(
            "copy it from the bank's web app and run `bankauth set {} client-id VALUE`",
            self.name
        );
        self.required("client_id", &how)
    }

    /// The name under which this client's tokens are kept: the client at the bank, not the profile, so that two
    /// profiles of one client share one token instead of ending each other's.
    ///
    /// # Errors
    /// When the client id was not set yet or is too long.
    pub fn credential_id(&self) -> Result<CredentialId, ProfileError> {
        let mut parts = vec![
            self.provider.as_str(),
            self.environment.as_str(),
            self.client_id()?,
        ];
        parts.extend(self.value("endpoints.token"));
        CredentialId::from_parts(&parts)
            .map_err(|error| ProfileError::unusable(&self.name, "client_id", error))
    }

    /// The private key, opened with its passphrase where the profile names one.
    ///
    /// # Errors
    /// When the file or the passphrase cannot be read, or is not what it should be.
    pub fn private_key(&self) -> Result<PrivateKey, ProfileError> {
        self.required("private_key", "the key whose certificate the bank knows")?;
        let path = self.path("private_key").unwrap_or_default();
        match self.secret_source("private_key_passphrase_file", "private_key_passphrase_env")? {
            Some((key, source)) => {
                let passphrase = source
                    .read()
                    .map_err(|error| ProfileError::unusable(&self.name, key, error))?;
                PrivateKey::read_file_with_passphrase(&path, &passphrase)
            }
            None => PrivateKey::read_file(&path),
        }
        .map_err(|error| ProfileError::unusable(&self.name, "private_key", error))
    }

    /// Where a secret comes from that one of two keys names, and which of them.
    fn secret_source(
        &self,
        file_key: &'static str,
        env_key: &'static str,
    ) -> Result<Option<(&'static str, SecretSource)>, ProfileError> {
        match (self.path(file_key), self.value(env_key)) {
            (Some(_), Some(_)) => Err(self.wrong(
                env_key,
                format!("a second source beside {file_key}"),
                "one of the two",
            )),
            (Some(path), None) => Ok(Some((file_key, SecretSource::File(path)))),
            (None, Some(name)) => Ok(Some((env_key, SecretSource::Environment(name.into())))),
            (None, None) => Ok(None),
        }
    }

    /// The HTTP client of this profile: the system's roots, and those of `ca_bundle`.
    ///
    /// # Errors
    /// When the bundle cannot be read or holds no certificate, or TLS cannot be set up.
    pub fn sender(&self) -> Result<ReqwestSender, ProfileError> {
        match self.path("ca_bundle") {
            Some(path) => {
                let pem = std::fs::read(&path)
                    .map_err(|error| ProfileError::file("read the CA bundle", &path, error))?;
                ReqwestSender::with_ca_bundle(&pem)
                    .map_err(|error| ProfileError::unusable(&self.name, "ca_bundle", error))
            }
            None => ReqwestSender::new()
                .map_err(|error| ProfileError::unusable(&self.name, "ca_bundle", error)),
        }
    }

    pub(crate) fn wrong(
        &self,
        key: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> ProfileError {
        ProfileError::Value {
            profile: self.name.clone(),
            key: key.into(),
            found: found.into(),
            expected: expected.into(),
        }
    }

    fn check_store(&self) -> Result<(), ProfileError> {
        match self.value("store") {
            None | Some("file") => Ok(()),
            Some(other) => {
                Err(self.wrong("store", format!("`{}`", other.escape_debug()), "`file`"))
            }
        }
    }
}
