//! Key and certificate files: who may read them, and that nothing is overwritten.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bankauth_keys::{
    Certificate, CertificateErrorKind, FileError, KeyErrorKind, KeySpec, PrivateKey, SelfSigned,
    Subject,
};
use secrecy::ExposeSecret as _;

const KEY: &str = include_str!("data/rsa.pkcs8.pem");

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn certificate(key: &PrivateKey) -> Certificate {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    SelfSigned::new(Subject::new().with_country("GB"))
        .sign(key, now)
        .unwrap()
}

#[cfg(unix)]
#[test]
fn a_key_file_open_to_others_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.key.pem");
    std::fs::write(&path, KEY).unwrap();
    for open in [0o644, 0o640, 0o604, 0o620, 0o660, 0o666, 0o601] {
        set_mode(&path, open);
        let error = PrivateKey::read_file(&path).unwrap_err();
        assert_eq!(error.path(), Some(path.as_path()));
        assert!(matches!(
            error.kind(),
            KeyErrorKind::File(FileError::Permissions { mode }) if *mode == open
        ));
        assert_eq!(
            error.to_string(),
            format!(
                "{}: the file has mode {open:04o} and is open to other users, \
                 expected mode 0600 (`chmod 600`)",
                path.display()
            )
        );
    }
    for closed in [0o600, 0o400, 0o700] {
        set_mode(&path, closed);
        PrivateKey::read_file(&path).unwrap();
    }
    // Bytes have no mode, and a certificate is for everybody.
    PrivateKey::from_bytes(KEY.as_bytes()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rsa.cer");
    Certificate::read_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn new_files_have_their_modes_and_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let key_path = folder.path().join("acme.key.pem");
    let certificate_path = folder.path().join("acme.cer");
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let certificate = certificate(&key);
    key.write_new_file(&key_path).unwrap();
    certificate.write_new_file(&certificate_path).unwrap();
    assert_eq!(mode(&key_path), 0o600);
    // Group and others may read it as far as the umask of who runs the test lets them.
    assert_eq!(mode(&certificate_path) | 0o044, 0o644);
    assert_eq!(
        std::fs::read_to_string(&key_path).unwrap(),
        key.to_pkcs8_pem().expose_secret()
    );
    let same = PrivateKey::read_file(&key_path).unwrap();
    let read = Certificate::read_file(&certificate_path).unwrap();
    assert_eq!(read, certificate);
    assert!(read.belongs_to(&same));
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    std::fs::write(&path, "precious").unwrap();
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let error = key.write_new_file(&path).unwrap_err();
    assert!(matches!(
        error.kind(),
        KeyErrorKind::File(FileError::Exists)
    ));
    let text = format!(
        "{}: the file exists already and is not overwritten",
        path.display()
    );
    assert_eq!(error.to_string(), text);
    let error = certificate(&key).write_new_file(&path).unwrap_err();
    assert!(matches!(
        error.kind(),
        CertificateErrorKind::File(FileError::Exists)
    ));
    assert_eq!(error.to_string(), text);
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link");
    let target = folder.path().join("target");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    assert!(key.write_new_file(&link).is_err());
    assert!(!target.exists());
}

#[test]
fn errors_name_the_file_and_keep_their_cause() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing/key.pem");
    let key = PrivateKey::generate(KeySpec::P256).unwrap();
    let read = PrivateKey::read_file(&missing).unwrap_err();
    let written = key.write_new_file(&missing).unwrap_err();
    for (error, expected) in [
        (&read, "the file cannot be read"),
        (&written, "the file cannot be written"),
    ] {
        assert_eq!(
            error.to_string(),
            format!("{}: {expected}", missing.display())
        );
        let cause = std::error::Error::source(error).unwrap();
        let cause = cause.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rsa.public.pem");
    assert_eq!(
        Certificate::read_file(&path).unwrap_err().to_string(),
        format!(
            "{}: expected a certificate, found a public key; \
             a certificate holds a public key together with a name and dates",
            path.display()
        )
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_private_key_is_named_so_before_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.cer");
    let key = PrivateKey::from_pem(KEY.as_bytes()).unwrap();
    certificate(&key).write_new_file(&path).unwrap();
    assert_eq!(mode(&path), 0o644);
    let error = PrivateKey::read_file(&path).unwrap_err();
    assert!(
        matches!(error.kind(), KeyErrorKind::NotAPrivateKey { .. }),
        "{error}"
    );
}
