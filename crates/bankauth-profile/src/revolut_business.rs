//! Profiles of Revolut Business: made, checked and opened.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use bankauth_grants::{HttpSend, RedirectUri};
use bankauth_jwt::SigningKey;
use bankauth_keys::{Certificate, KeyKind, KeySpec, PrivateKey, SelfSigned, Subject};
use bankauth_revolut::business::{Client, Endpoints, Environment, Scope};
use bankauth_tokens::{FileStore, Tokens};
use secrecy::ExposeSecret as _;

use crate::{ConfigFile, EnvironmentName, Profile, ProfileError, Provider};

/// An opened profile of Revolut Business.
#[derive(Debug)]
#[non_exhaustive]
pub struct RevolutBusiness {
    /// Consent, exchange, and the request that proves a token.
    pub client: Arc<Client>,
    /// The source of valid access tokens.
    pub tokens: Tokens,
}

impl RevolutBusiness {
    /// Opens a profile: reads the key, checks that the certificate belongs to it, and keeps tokens in `state_folder`.
    ///
    /// # Errors
    /// When a value is missing or what it names cannot be used. Nothing is sent.
    pub fn open(profile: &Profile, state_folder: &Path) -> Result<Self, ProfileError> {
        let client = Arc::new(Self::client(profile, Arc::new(profile.sender()?))?);
        let store = Arc::new(FileStore::new(state_folder));
        let tokens = Tokens::new(profile.credential_id()?, store, Arc::clone(&client) as _);
        Ok(Self { client, tokens })
    }

    /// The client of a profile, over an HTTP client of one's own.
    ///
    /// # Errors
    /// When a value is missing or what it names cannot be used.
    pub fn client(profile: &Profile, http: Arc<dyn HttpSend>) -> Result<Client, ProfileError> {
        let key = read_key(profile)?;
        let signing_key = SigningKey::rs256(key.to_pkcs8_der().expose_secret())
            .map_err(|error| ProfileError::unusable(profile.name(), "private_key", error))?;
        let redirect_uri = redirect_uri(profile)?;
        Client::new(
            environment(profile)?,
            profile.client_id()?,
            redirect_uri,
            Arc::new(signing_key),
            http,
        )
        .map_err(|error| ProfileError::unusable(profile.name(), "client_id", error))
    }
}

/// What a new profile of Revolut Business is made from.
#[derive(Debug)]
pub struct NewRevolutBusiness {
    name: String,
    environment: EnvironmentName,
    redirect_uri: String,
    subject: Subject,
    days: u32,
    key: Option<PathBuf>,
    settings: Vec<(&'static str, String)>,
}

/// What was made for a new profile.
#[derive(Debug)]
#[non_exhaustive]
pub struct Created {
    /// The profile.
    pub profile: Profile,
    /// The file of the private key, written unless the key was there already.
    pub private_key: PathBuf,
    /// The file of the certificate.
    pub certificate_file: PathBuf,
    /// The certificate, to be uploaded whole.
    pub certificate: Certificate,
}

impl NewRevolutBusiness {
    /// A profile `name` for the sandbox, with a certificate of `subject` that is valid for 1825 days over a new key.
    #[must_use]
    pub fn new(name: impl Into<String>, redirect_uri: impl Into<String>, subject: Subject) -> Self {
        Self {
            name: name.into(),
            environment: EnvironmentName::Sandbox,
            redirect_uri: redirect_uri.into(),
            subject,
            days: 1825,
            key: None,
            settings: Vec::new(),
        }
    }

    /// For this environment.
    #[must_use]
    pub const fn with_environment(mut self, environment: EnvironmentName) -> Self {
        self.environment = environment;
        self
    }

    /// With a certificate that is valid for this many days.
    #[must_use]
    pub const fn with_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Over the key in this file, which stays where it is.
    #[must_use]
    pub fn with_key(mut self, path: impl Into<PathBuf>) -> Self {
        self.key = Some(path.into());
        self
    }

    /// With another key of the profile set from the start, for instance `endpoints.token`.
    #[must_use]
    pub fn with_setting(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    /// Makes `NAME.key.pem` (mode 0600) and `NAME.cer` beside the configuration file, and adds the profile to it.
    ///
    /// Everything is checked before anything is written, and nothing is overwritten.
    ///
    /// # Errors
    /// When the profile or one of its files exists, or a value is not what it should be.
    pub fn create(self, config: &mut ConfigFile, now: SystemTime) -> Result<Created, ProfileError> {
        config.check_new_name(&self.name)?;
        let unusable = |key: &str, error: bankauth_grants::BoxError| {
            ProfileError::unusable(&self.name, key, error)
        };
        self.subject
            .check()
            .map_err(|error| unusable("certificate", error.into()))?;
        let key_name = format!("{}.key.pem", self.name);
        let certificate_name = format!("{}.cer", self.name);
        let private_key = match &self.key {
            Some(path) => std::path::absolute(path)
                .map_err(|error| ProfileError::file("find", path, error))?,
            None => config.folder().join(&key_name),
        };
        let certificate_file = config.folder().join(&certificate_name);
        let new_files = [
            Some(&certificate_file),
            Some(&private_key).filter(|_| self.key.is_none()),
        ];
        for path in new_files.into_iter().flatten() {
            if path.symlink_metadata().is_ok() {
                return Err(ProfileError::FileExists { path: path.clone() });
            }
        }
        let key_text = match &self.key {
            Some(_) => {
                private_key
                    .to_str()
                    .map(str::to_owned)
                    .ok_or_else(|| ProfileError::Value {
                        profile: self.name.as_str().into(),
                        key: "private_key".into(),
                        found: "a path that is no UTF-8".to_owned(),
                        expected: "one that is".to_owned(),
                    })?
            }
            None => key_name,
        };
        let mut values = vec![
            ("provider", Provider::RevolutBusiness.as_str()),
            ("environment", self.environment.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("private_key", key_text.as_str()),
            ("certificate", certificate_name.as_str()),
        ];
        values.extend(
            self.settings
                .iter()
                .map(|(key, text)| (*key, text.as_str())),
        );
        let mut changed = config.clone();
        let profile = changed.add(&self.name, &values)?;

        let key = match &self.key {
            Some(_) => rsa(&self.name, profile.private_key()?)?,
            None => PrivateKey::generate(KeySpec::Rsa2048)
                .map_err(|error| unusable("private_key", error.into()))?,
        };
        let certificate = SelfSigned::new(self.subject.clone())
            .with_days(self.days)
            .sign(&key, now)
            .map_err(|error| unusable("certificate", error.into()))?;
        std::fs::create_dir_all(config.folder())
            .map_err(|error| ProfileError::file("make the folder", config.folder(), error))?;
        if self.key.is_none() {
            key.write_new_file(&private_key)
                .map_err(|error| unusable("private_key", error.into()))?;
        }
        certificate
            .write_new_file(&certificate_file)
            .map_err(|error| unusable("certificate", error.into()))?;
        changed.write()?;
        *config = changed;
        Ok(Created {
            profile,
            private_key,
            certificate_file,
            certificate,
        })
    }
}

/// Checks what can be checked without opening a file.
pub(crate) fn check(profile: &Profile) -> Result<(), ProfileError> {
    profile.required(
        "private_key",
        "the RSA key whose certificate was uploaded to the bank",
    )?;
    redirect_uri(profile)?;
    environment(profile)?;
    scopes(profile)?;
    Ok(())
}

/// The scopes of a profile; none means that none is asked for, and the bank grants full rights.
///
/// # Errors
/// When one is not known.
pub fn scopes(profile: &Profile) -> Result<Vec<Scope>, ProfileError> {
    profile.value("scope").map_or(Ok(Vec::new()), |text| {
        Scope::parse_list(text)
            .map_err(|error| ProfileError::unusable(profile.name(), "scope", error))
    })
}

fn redirect_uri(profile: &Profile) -> Result<RedirectUri, ProfileError> {
    let text = profile.required(
        "redirect_uri",
        "the OAuth redirect URI that was registered with the certificate",
    )?;
    RedirectUri::new(text)
        .map_err(|error| ProfileError::unusable(profile.name(), "redirect_uri", error))
}

fn environment(profile: &Profile) -> Result<Environment, ProfileError> {
    let keys = ["endpoints.token", "endpoints.consent", "endpoints.api"];
    match profile.environment() {
        EnvironmentName::Custom => {
            let why = "environment `custom` has no endpoints of its own";
            let [token, consent, api] = keys.map(|key| profile.required(key, why));
            let endpoints = Endpoints::new(token?, consent?, api?)
                .map_err(|error| ProfileError::unusable(profile.name(), "endpoints", error))?;
            Ok(Environment::custom(endpoints))
        }
        name => {
            if let Some(key) = keys.into_iter().find(|key| profile.value(key).is_some()) {
                return Err(profile.wrong(
                    key,
                    format!("an endpoint beside environment `{}`", name.as_str()),
                    "environment `custom`, or no endpoints",
                ));
            }
            Ok(if name == EnvironmentName::Production {
                Environment::production()
            } else {
                Environment::sandbox()
            })
        }
    }
}

fn read_key(profile: &Profile) -> Result<PrivateKey, ProfileError> {
    let key = rsa(profile.name(), profile.private_key()?)?;
    if let Some(path) = profile.path("certificate") {
        Certificate::read_file(&path)
            .and_then(|certificate| certificate.check_belongs_to(&key))
            .map_err(|error| ProfileError::unusable(profile.name(), "certificate", error))?;
    }
    Ok(key)
}

/// Takes a key of the one kind that this bank knows.
fn rsa(profile: &str, key: PrivateKey) -> Result<PrivateKey, ProfileError> {
    match key.kind() {
        KeyKind::Rsa { .. } => Ok(key),
        kind => Err(ProfileError::Value {
            profile: profile.into(),
            key: "private_key".into(),
            found: format!("a {kind} key"),
            expected: "an RSA key: Revolut Business takes RS256 alone".to_owned(),
        }),
    }
}
