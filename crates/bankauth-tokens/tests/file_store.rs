//! The file store: modes, damage, conflicts.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use bankauth_tokens::{CredentialId, FileStore, Promises, StoreError, Swap, TokenStore as _};
use secrecy::ExposeSecret as _;

fn id() -> CredentialId {
    CredentialId::from_parts(&["bank", "sandbox", "client"]).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn store_with(record: &[u8]) -> (tempfile::TempDir, FileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("state"));
    assert!(matches!(
        store.swap(&id(), None, record).await.unwrap(),
        Swap::Applied(_)
    ));
    (folder, store)
}

#[tokio::test]
async fn files_are_for_the_owner_alone() {
    let (_folder, store) = store_with(b"one").await;
    assert_eq!(mode(store.folder()), 0o700);
    let names: Vec<_> = fs::read_dir(store.folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    assert_eq!(names.len(), 2, "the record and the lock, nothing temporary");
    for entry in names {
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
    }
    assert_eq!(
        store.promises(),
        Promises::NONE.with_durable(true).with_linearizable(true)
    );
}

#[tokio::test]
async fn a_swap_needs_the_revision_that_is_there() {
    let (_folder, store) = store_with(b"one").await;
    let stored = store.load(&id()).await.unwrap().unwrap();
    assert_eq!(stored.record.expose_secret(), b"one");
    assert!(stored.age.is_some());
    assert!(matches!(
        store.swap(&id(), None, b"two").await.unwrap(),
        Swap::Conflict(Some(_))
    ));
    let Swap::Applied(second) = store
        .swap(&id(), Some(stored.revision), b"two")
        .await
        .unwrap()
    else {
        panic!("expected a write");
    };
    assert!(second > stored.revision);
    let Swap::Conflict(Some(found)) = store
        .swap(&id(), Some(stored.revision), b"three")
        .await
        .unwrap()
    else {
        panic!("expected a conflict");
    };
    assert_eq!(
        (found.revision, found.record.expose_secret()),
        (second, &b"two"[..])
    );
}

#[tokio::test]
async fn a_file_cut_in_half_is_kept_aside_and_named() {
    let (_folder, store) = store_with(b"a record of some length").await;
    for number in 1..=2 {
        let path = store.file(&id());
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let error = store.load(&id()).await.unwrap_err();
        let StoreError::Damaged { kept_as, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(fs::read(kept_as).unwrap(), &whole[..whole.len() / 2]);
        assert!(
            kept_as.ends_with(format!("bank.sandbox.client.damaged-{number}")),
            "{kept_as:?}"
        );
        let text = error
            .to_string()
            .replace(&store.folder().display().to_string(), "FOLDER");
        if number == 1 {
            insta::assert_snapshot!(text, @"FOLDER/bank.sandbox.client.token is damaged (its first line is cut off); it was kept as FOLDER/bank.sandbox.client.damaged-1, log in again or restore it");
        }
        // It is said once; then the register is empty and can be written again.
        assert!(store.load(&id()).await.unwrap().is_none());
        store
            .swap(&id(), None, b"a record of some length")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_write_over_a_damaged_file_says_so_and_keeps_it() {
    let (_folder, store) = store_with(b"one").await;
    fs::write(store.file(&id()), b"").unwrap();
    let error = store.swap(&id(), None, b"two").await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused() {
    let (_folder, store) = store_with(b"one").await;
    fs::set_permissions(store.file(&id()), fs::Permissions::from_mode(0o644)).unwrap();
    let error = store.load(&id()).await.unwrap_err();
    let text = error
        .to_string()
        .replace(&store.folder().display().to_string(), "FOLDER");
    insta::assert_snapshot!(text, @"FOLDER/bank.sandbox.client.token has mode 0644, expected 0600: others could read or replace the tokens");
}

#[tokio::test]
async fn a_symbolic_link_is_not_followed() {
    let (folder, store) = store_with(b"one").await;
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(store.file(&id()), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, store.file(&id())).unwrap();
    assert!(matches!(
        store.load(&id()).await.unwrap_err(),
        StoreError::Unavailable { .. }
    ));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let (_folder, store) = store_with(b"one").await;
    let newer = b"bankauth-token-file 2 1 3 00000000\none";
    fs::write(store.file(&id()), newer).unwrap();
    assert!(matches!(
        store.load(&id()).await.unwrap_err(),
        StoreError::Record { .. }
    ));
    assert!(matches!(
        store.swap(&id(), None, b"two").await.unwrap_err(),
        StoreError::Record { .. }
    ));
    assert_eq!(fs::read(store.file(&id())).unwrap(), newer);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    // A file stands where the folder should be: no user, not even root, can make a folder in it.
    let file = tempfile::NamedTempFile::new().unwrap();
    let store = FileStore::new(file.path().join("state"));
    let error = store.swap(&id(), None, b"one").await.unwrap_err();
    assert!(
        error.to_string().starts_with("cannot make the folder /"),
        "{error}"
    );
}

#[tokio::test]
async fn a_folder_that_others_can_write_to_is_refused() {
    let (_folder, store) = store_with(b"one").await;
    fs::set_permissions(store.folder(), fs::Permissions::from_mode(0o777)).unwrap();
    let stored = store.load(&id()).await.unwrap().unwrap();
    let error = store
        .swap(&id(), Some(stored.revision), b"two")
        .await
        .unwrap_err();
    let text = error
        .to_string()
        .replace(&store.folder().display().to_string(), "FOLDER");
    insta::assert_snapshot!(text, @"FOLDER has mode 0777, expected 0700: others could read or replace the tokens");
}

#[tokio::test]
async fn a_file_from_the_future_has_no_age() {
    let (_folder, store) = store_with(b"one").await;
    let file = fs::File::options()
        .write(true)
        .open(store.file(&id()))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(32_503_680_000))
        .unwrap();
    assert_eq!(store.load(&id()).await.unwrap().unwrap().age, None);
}
