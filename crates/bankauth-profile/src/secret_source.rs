//! Secrets from files and environment variables, never from arguments.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use zeroize::Zeroizing;

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSource {
    /// A file that only its owner can read. One line feed at its end is not part of the secret.
    File(PathBuf),
    /// An environment variable.
    Environment(OsString),
}

/// Why a secret cannot be had. It never holds the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretSourceError {
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Others can read the file.
    #[error("{} has mode {found:04o}, expected 0600 (`chmod 600`): others could read the secret in it", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        found: u32,
    },
    /// There is no such variable.
    #[error("the environment variable {} is not set, expected the secret in it", name.display())]
    NotSet {
        /// Which variable.
        name: OsString,
    },
    /// There is nothing in it, or no text.
    #[error("{place} is {found}, expected the secret as text")]
    NotText {
        /// Where.
        place: String,
        /// What it is instead.
        found: &'static str,
    },
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// See [`SecretSourceError`].
    pub fn read(&self) -> Result<SecretString, SecretSourceError> {
        let (text, place) = match self {
            Self::File(path) => (read_file(path)?, path.display().to_string()),
            Self::Environment(name) => {
                let place = format!("the environment variable {}", name.display());
                let value = std::env::var_os(name)
                    .ok_or_else(|| SecretSourceError::NotSet { name: name.clone() })?;
                let text = value
                    .into_string()
                    .map_err(|_| SecretSourceError::NotText {
                        place: place.clone(),
                        found: "no UTF-8",
                    })?;
                (Zeroizing::new(text), place)
            }
        };
        if text.is_empty() {
            return Err(SecretSourceError::NotText {
                place,
                found: "empty",
            });
        }
        Ok(SecretString::from(text.as_str()))
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, SecretSourceError> {
    let failed = |source| SecretSourceError::File {
        path: path.to_owned(),
        source,
    };
    let about = fs::metadata(path).map_err(failed)?;
    let mode = about.permissions().mode() & 0o777;
    if about.is_file() && mode & 0o077 != 0 {
        return Err(SecretSourceError::Exposed {
            path: path.to_owned(),
            found: mode,
        });
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(failed)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| SecretSourceError::NotText {
        place: path.display().to_string(),
        found: "no UTF-8",
    })?;
    let text = text
        .strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8], mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn one_line_end_is_not_part_of_the_secret() {
        use secrecy::ExposeSecret as _;
        for (bytes, secret) in [
            ("s", "s"),
            ("s\n", "s"),
            ("s\r\n", "s"),
            (" s \n\n", " s \n"),
        ] {
            let file = file(bytes.as_bytes(), 0o600);
            let read = SecretSource::File(file.path().to_owned()).read().unwrap();
            assert_eq!(read.expose_secret(), secret);
        }
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_empty_is_refused() {
        let file = |bytes, mode| {
            let file = file(bytes, mode);
            let error = SecretSource::File(file.path().to_owned())
                .read()
                .unwrap_err();
            error
                .to_string()
                .replace(&file.path().display().to_string(), "FILE")
        };
        insta::assert_snapshot!(file(b"marked", 0o640), @"FILE has mode 0640, expected 0600 (`chmod 600`): others could read the secret in it");
        insta::assert_snapshot!(file(b"\n", 0o600), @"FILE is empty, expected the secret as text");
        insta::assert_snapshot!(file(b"\xff", 0o600), @"FILE is no UTF-8, expected the secret as text");
        let error = SecretSource::Environment("BANKAUTH_NO_SUCH_VARIABLE".into())
            .read()
            .unwrap_err();
        insta::assert_snapshot!(error, @"the environment variable BANKAUTH_NO_SUCH_VARIABLE is not set, expected the secret in it");
    }
}
