//! The configuration file: profiles as tables, edited in place so that comments stay.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::{Profile, ProfileError, Provider, setting::nearest};

/// A configuration file and what it says:
///
/// ```toml
/// [profile.acme]
/// provider = "revolut-business"
/// environment = "sandbox"
/// client_id = "..."
/// redirect_uri = "https://example.com/callback"
/// private_key = "acme.key.pem"
/// ```
///
/// Relative paths in it start at its own folder.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    path: PathBuf,
    document: DocumentMut,
    /// As it was read, to see whether somebody else has changed it since.
    text: String,
}

impl ConfigFile {
    /// Reads the file; one that does not exist has no profiles.
    ///
    /// # Errors
    /// When it cannot be read, or is not TOML.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ProfileError::file("read", path, error)),
        };
        let document = text
            .parse::<DocumentMut>()
            .map_err(|error| ProfileError::Syntax {
                path: path.to_owned(),
                line: error.span().map_or(1, |span| {
                    1 + text[..span.start.min(text.len())].matches('\n').count()
                }),
                // The error's own Display quotes the line, which may hold what nobody should read.
                problem: error.message().replace('\n', ", "),
            })?;
        Ok(Self {
            path: path.to_owned(),
            document,
            text,
        })
    }

    /// Where the file is, or will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the file, where its relative paths start.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new(""))
    }

    /// The names of all profiles.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.profiles()
            .map(|profiles| profiles.iter().map(|(name, _)| name).collect())
            .unwrap_or_default()
    }

    /// The profile of this name, with each key checked.
    ///
    /// # Errors
    /// When there is none, or a key or value of it is not what it should be.
    pub fn profile(&self, name: &str) -> Result<Profile, ProfileError> {
        let table = self.table(name)?;
        Profile::read(name, self.folder(), table)
    }

    /// Adds a profile with these keys and values.
    ///
    /// # Errors
    /// When one of that name exists, or a key or value is not what it should be; the file is then as it was.
    pub fn add(
        &mut self,
        name: &str,
        values: &[(&'static str, &str)],
    ) -> Result<Profile, ProfileError> {
        self.check_new_name(name)?;
        let mut changed = self.clone();
        let profiles = changed
            .document
            .entry("profile")
            .or_insert_with(|| {
                let mut table = Table::new();
                table.set_implicit(true);
                Item::Table(table)
            })
            .as_table_like_mut()
            .ok_or_else(|| self.not_a_table())?;
        profiles.insert(name, Item::Table(Table::new()));
        for (key, text) in values {
            changed.insert(name, key, text)?;
        }
        let profile = changed.profile(name)?;
        *self = changed;
        Ok(profile)
    }

    /// Checks that a profile of this name could be added.
    ///
    /// # Errors
    /// When the name is not allowed or taken.
    pub fn check_new_name(&self, name: &str) -> Result<(), ProfileError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(ProfileError::ProfileName { found: name.into() });
        }
        if self.names().contains(&name) {
            return Err(ProfileError::ProfileExists {
                name: name.into(),
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    /// Sets one key of a profile. `-` and `_` are the same; a dot leads into a table, as in `endpoints.token`.
    ///
    /// # Errors
    /// When there is no such profile or key, or the profile would not be valid any more; the file is then as it was.
    pub fn set(&mut self, name: &str, key: &str, text: &str) -> Result<Profile, ProfileError> {
        let provider = Profile::provider_of(name, self.table(name)?)?;
        let key = provider.setting(name, key)?;
        let mut changed = self.clone();
        changed.insert(name, key, text)?;
        let profile = changed.profile(name)?;
        *self = changed;
        Ok(profile)
    }

    /// Writes the file: to a temporary file first, synced and renamed over the old one.
    ///
    /// # Errors
    /// When it cannot be written, or somebody else has changed it since it was read; the file is then as it was.
    pub fn write(&mut self) -> Result<(), ProfileError> {
        self.text = self
            .write_now()
            .map_err(|error| ProfileError::file("write", &self.path, error))?;
        Ok(())
    }

    fn write_now(&self) -> io::Result<String> {
        // A link is written through, so that a configuration kept elsewhere stays there.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        let found = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            found => found?,
        };
        if found != self.text {
            return Err(io::Error::other(
                "another program has changed it meanwhile; try again",
            ));
        }
        let mut file = tempfile::Builder::new()
            .prefix(".writing-")
            .tempfile_in(folder)?;
        let text = self.document.to_string();
        file.write_all(text.as_bytes())?;
        if let Ok(about) = fs::metadata(&path) {
            file.as_file().set_permissions(about.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        fs::File::open(folder)?.sync_all()?;
        Ok(text)
    }

    fn profiles(&self) -> Option<&dyn TableLike> {
        self.document.get("profile")?.as_table_like()
    }

    fn table(&self, name: &str) -> Result<&dyn TableLike, ProfileError> {
        match self.profiles().and_then(|profiles| profiles.get(name)) {
            Some(item) => item.as_table_like().ok_or_else(|| self.not_a_table()),
            None => Err(ProfileError::UnknownProfile {
                name: name.into(),
                path: self.path.clone(),
                nearest: nearest(name, self.names().into_iter()),
            }),
        }
    }

    fn insert(&mut self, name: &str, key: &'static str, text: &str) -> Result<(), ProfileError> {
        let path = self.path.clone();
        let not_a_table = || ProfileError::Syntax {
            path: path.clone(),
            line: 1,
            problem: format!("`profile.{name}` and its `endpoints` have to be tables"),
        };
        let mut table = self
            .document
            .get_mut("profile")
            .and_then(|profiles| {
                profiles
                    .as_table_like_mut()?
                    .get_mut(name)?
                    .as_table_like_mut()
            })
            .ok_or_else(not_a_table)?;
        let mut key = key;
        if let Some((outer, inner)) = key.split_once('.') {
            table = table
                .entry(outer)
                .or_insert_with(|| Item::Table(Table::new()))
                .as_table_like_mut()
                .ok_or_else(not_a_table)?;
            key = inner;
        }
        match table.get_mut(key).and_then(Item::as_value_mut) {
            // In the place of the old value, so that comments around it stay.
            Some(old) => {
                let decor = old.decor().clone();
                *old = text.into();
                *old.decor_mut() = decor;
            }
            None => {
                table.insert(key, value(text));
            }
        }
        Ok(())
    }

    fn not_a_table(&self) -> ProfileError {
        ProfileError::Syntax {
            path: self.path.clone(),
            line: 1,
            problem: "`profile` has to be a table of tables, as in `[profile.acme]`".to_owned(),
        }
    }
}

impl Provider {
    /// Reads the provider's name out of a table.
    pub(crate) fn of_table(profile: &str, table: &dyn TableLike) -> Result<Self, ProfileError> {
        match table.get("provider").and_then(Item::as_str) {
            Some(name) => Self::parse(name),
            None => Err(ProfileError::Missing {
                profile: profile.into(),
                key: "provider",
                why: format!("one of {}", Self::ALL.map(Self::as_str).join(", ")),
            }),
        }
    }
}
