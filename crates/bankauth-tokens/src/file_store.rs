//! A store for the processes of one host: one file per credential.

use core::time::Duration;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use bankauth_grants::{Body, BoxFuture};
use secrecy::SecretSlice;
use zeroize::Zeroizing;

use crate::{
    CredentialId, Promises, Revision, StoreError, Stored, Swap, TokenStore,
    envelope::{self, Envelope, Unreadable},
};

/// How long a lock is waited for: ten seconds in all.
const LOCK_ATTEMPTS: u32 = 2000;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Keeps each record in a file of its own, mode 0600, in a folder that it makes with mode 0700 and that nobody else
/// may write to.
///
/// A write goes to a temporary file that is synced, renamed over the old one, and the folder is synced: a reader sees
/// the old record or the new one, and so does the next start after a crash. Writers take turns on a lock of a file
/// beside it, which the kernel frees when a process dies and which is never unlinked (a second lock on a new file
/// of the same name would keep nobody out). For local file systems: locks of network file systems promise less.
#[derive(Debug, Clone)]
pub struct FileStore(Arc<Path>);

impl FileStore {
    /// A store in `folder`, which is made at the first write.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into().into())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The file of a credential, whether it exists or not.
    #[must_use]
    pub fn file(&self, id: &CredentialId) -> PathBuf {
        self.0.join(format!("{id}.token"))
    }

    fn lock(&self, id: &CredentialId) -> Result<File, StoreError> {
        let folder = &self.0;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| {
                StoreError::unavailable("make the folder", folder.display().to_string(), error)
            })?;
        check_folder(folder)?;
        let path = folder.join(format!("{id}.lock"));
        let unavailable =
            |error: io::Error| StoreError::unavailable("lock", path.display().to_string(), error);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unavailable)?;
        // The lock is held for a read and a write; whoever holds it for longer is stuck, or up to no good.
        for _ in 0..LOCK_ATTEMPTS {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(unavailable(error)),
            }
        }
        Err(unavailable(io::Error::new(
            io::ErrorKind::TimedOut,
            "another process holds it",
        )))
    }

    fn load_now(&self, id: &CredentialId) -> Result<Option<Stored>, StoreError> {
        match read(&self.file(id))? {
            Read::Absent => Ok(None),
            Read::Whole(stored) => Ok(Some(stored)),
            // A damaged file is moved under the lock, and only if it still is damaged then.
            Read::Damaged(_) => {
                let _lock = self.lock(id)?;
                self.load_locked(id)
            }
        }
    }

    fn load_locked(&self, id: &CredentialId) -> Result<Option<Stored>, StoreError> {
        let path = self.file(id);
        match read(&path)? {
            Read::Absent => Ok(None),
            Read::Whole(stored) => Ok(Some(stored)),
            Read::Damaged(problem) => Err(keep_aside(&path, problem)),
        }
    }

    fn swap_now(
        &self,
        id: &CredentialId,
        expected: Option<Revision>,
        record: &[u8],
    ) -> Result<Swap, StoreError> {
        let _lock = self.lock(id)?;
        let found = self.load_locked(id)?;
        if found.as_ref().map(|stored| stored.revision) != expected {
            return Ok(Swap::Conflict(found));
        }
        let revision = Revision::new(expected.map_or(1, |revision| revision.number() + 1));
        let path = self.file(id);
        write(&path, &envelope::wrap(revision, record))
            .map_err(|error| StoreError::unavailable("write", path.display().to_string(), error))?;
        Ok(Swap::Applied(revision))
    }
}

impl TokenStore for FileStore {
    fn load<'a>(
        &'a self,
        id: &'a CredentialId,
    ) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        let (store, id) = (self.clone(), id.clone());
        blocking(move || store.load_now(&id))
    }

    fn swap<'a>(
        &'a self,
        id: &'a CredentialId,
        expected: Option<Revision>,
        record: &'a [u8],
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let (store, id, record) = (self.clone(), id.clone(), Body::from(record.to_vec()));
        blocking(move || store.swap_now(&id, expected, record.expose_secret()))
    }

    fn promises(&self) -> Promises {
        Promises::NONE.with_durable(true).with_linearizable(true)
    }
}

/// Runs file work, which may wait for a lock, where it holds up no task.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> BoxFuture<'static, Result<T, StoreError>> {
    Box::pin(async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::unavailable("work on", "the file store", error)),
        }
    })
}

/// Refuses a folder in which others could put a file in the place of ours.
fn check_folder(folder: &Path) -> Result<(), StoreError> {
    let place = || folder.display().to_string();
    let about =
        fs::metadata(folder).map_err(|error| StoreError::unavailable("read", place(), error))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(StoreError::Exposed {
            place: place(),
            found: mode,
            expected: 0o700,
        });
    }
    Ok(())
}

enum Read {
    Absent,
    Whole(Stored),
    Damaged(&'static str),
}

fn read(path: &Path) -> Result<Read, StoreError> {
    let unavailable =
        |error: io::Error| StoreError::unavailable("read", path.display().to_string(), error);
    loop {
        let named = match fs::symlink_metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::Absent),
            Err(error) => return Err(unavailable(error)),
        };
        if !named.is_file() {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
            return Err(unavailable(error));
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unavailable(error)),
        };
        // Mode, age and bytes are of one file: another may be renamed into its place at any moment.
        let about = file.metadata().map_err(unavailable)?;
        if (about.dev(), about.ino()) == (named.dev(), named.ino()) {
            return read_open(path, file, &about);
        }
    }
}

fn read_open(path: &Path, mut file: File, about: &fs::Metadata) -> Result<Read, StoreError> {
    let place = || path.display().to_string();
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreError::Exposed {
            place: place(),
            found: mode,
            expected: 0o600,
        });
    }
    let room = usize::try_from(about.len())
        .unwrap_or_default()
        .saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.read_to_end(&mut bytes)
        .map_err(|error| StoreError::unavailable("read", place(), error))?;
    match envelope::unwrap(&bytes) {
        Ok(Envelope { revision, record }) => {
            let age = about.modified().ok().and_then(age_of);
            Ok(Read::Whole(Stored::new(
                revision,
                SecretSlice::from(record.to_vec()),
                age,
            )))
        }
        Err(Unreadable::Damaged(problem)) => Ok(Read::Damaged(problem)),
        Err(Unreadable::Newer) => Err(StoreError::Record {
            place: place(),
            problem: "it was written by a newer version of this program".to_owned(),
        }),
    }
}

/// The host's clock is this store's clock: the file system stamps files with it. A file from the future says only that
/// the clock was set back.
#[expect(
    clippy::disallowed_methods,
    reason = "a store tells ages by its own clock, which is the host's"
)]
fn age_of(written: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(written).ok()
}

fn write(path: &Path, bytes: &Body) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no folder"))?;
    let mut file = tempfile::Builder::new()
        .prefix(".writing-")
        .permissions(fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    file.write_all(bytes.expose_secret())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Moves a damaged file out of the way, under a name that is free.
fn keep_aside(path: &Path, problem: &'static str) -> StoreError {
    let kept_as = (1_u32..)
        .map(|number| path.with_extension(format!("damaged-{number}")))
        .find(|path| {
            fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        });
    let place = path.display().to_string();
    let Some(kept_as) = kept_as else {
        return StoreError::unavailable("keep aside", place, "no name is free");
    };
    match fs::rename(path, &kept_as) {
        Ok(()) => StoreError::Damaged {
            place,
            problem,
            kept_as,
        },
        Err(error) => StoreError::unavailable("keep aside the damaged file", place, error),
    }
}
