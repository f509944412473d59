//! Files: what is secret is read only from files that are, and nothing is ever written over.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Why a file cannot be read or written. The error that carries it names the path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be opened or read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// The file is far larger than a key or certificate.
    #[error("the file holds more than {limit} octets, expected a key or certificate")]
    TooLarge {
        /// The most that is read, in octets.
        limit: usize,
    },
    /// A private key lies in a file that not only its owner can use.
    #[error(
        "the file has mode {mode:04o} and is open to other users, expected mode 0600 (`chmod 600`)"
    )]
    Permissions {
        /// The permission bits found.
        mode: u32,
    },
    /// The file that is to be written is there already.
    #[error("the file exists already and is not overwritten")]
    Exists,
    /// The file cannot be created or written. A file that was begun is removed again.
    #[error("the file cannot be written")]
    Write(#[source] io::Error),
}

/// Who may read a file.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    /// Only its owner: mode 0600.
    Owner,
    /// Everybody: mode 0644.
    Public,
}

/// Room for a certificate chain with text around it.
const LIMIT: usize = 256 * 1024;

/// Reads the whole file. With [`Access::Owner`] a regular file must be closed to group and others.
pub(crate) fn read(path: &Path, access: Access) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let mut file = File::open(path).map_err(FileError::Read)?;
    if matches!(access, Access::Owner) {
        check_closed(&file)?;
    }
    // One buffer of full size, because a growing one leaves copies of what it held. One octet more
    // than the limit shows that there is more.
    let mut buffer = Zeroizing::new(vec![0; LIMIT + 1]);
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FileError::Read(error)),
        }
    }
    if length > LIMIT {
        return Err(FileError::TooLarge { limit: LIMIT });
    }
    buffer.truncate(length);
    Ok(buffer)
}

/// Writes a file that must not exist, and has it on the disk before it returns.
pub(crate) fn write_new(path: &Path, octets: &[u8], access: Access) -> Result<(), FileError> {
    let mut options = OpenOptions::new();
    // O_CREAT with O_EXCL: neither an existing file nor a symbolic link is followed.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        match access {
            Access::Owner => 0o600,
            Access::Public => 0o644,
        },
    );
    #[cfg(not(unix))]
    let _ = access;
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists,
        _ => FileError::Write(error),
    })?;
    fill(&mut file, path, octets)?;
    // The name is on the disk only once its folder is. Some file systems refuse this, and the file
    // itself is safe by now, so a refusal is no failure.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or_else(|| Path::new("."))) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Half a key would stand in the way of the next attempt, so it does not stay.
fn fill(file: &mut File, path: &Path, octets: &[u8]) -> Result<(), FileError> {
    file.write_all(octets)
        .and_then(|()| file.sync_all())
        .map_err(|error| {
            let _ = std::fs::remove_file(path);
            FileError::Write(error)
        })
}

/// Looks at the open file and not at its path, which could name another file by now. Pipes and
/// terminals have no owner's mode to speak of.
#[cfg(unix)]
fn check_closed(file: &File) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = file.metadata().map_err(FileError::Read)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(FileError::Permissions { mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_closed(_file: &File) -> Result<(), FileError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_filled_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("half");
        std::fs::write(&path, "half").unwrap();
        let mut read_only = File::open(&path).unwrap();
        let error = fill(&mut read_only, &path, b"whole").unwrap_err();
        assert!(matches!(error, FileError::Write(_)));
        assert!(!path.exists());
    }

    #[test]
    fn reading_stops_at_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        std::fs::write(&path, vec![b'x'; LIMIT]).unwrap();
        assert_eq!(read(&path, Access::Public).unwrap().len(), LIMIT);
        std::fs::write(&path, vec![b'x'; LIMIT + 1]).unwrap();
        let error = read(&path, Access::Public).unwrap_err();
        assert!(matches!(error, FileError::TooLarge { limit: LIMIT }));
    }
}
