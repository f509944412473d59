//! A new certificate over a profile's key.

use std::{fs, io, path::PathBuf, time::SystemTime};

use bankauth_keys::{Certificate, SelfSigned};

use crate::{Profile, ProfileError};

/// What [`renew_certificate`] made.
#[derive(Debug)]
#[non_exhaustive]
pub struct RenewedCertificate {
    /// The new certificate, to be uploaded whole.
    pub certificate: Certificate,
    /// Its file, which held the old one before.
    pub file: PathBuf,
    /// Where the old one is now.
    pub kept_as: PathBuf,
}

/// Puts a new self-signed certificate of the same subject, over the same key, in the place of the profile's; the old
/// file is kept beside it under a new name.
///
/// # Errors
/// When the profile names no certificate, its key cannot be read or is another one's, or a file cannot be written. The
/// old certificate is then where it was.
pub fn renew_certificate(
    profile: &Profile,
    days: u32,
    now: SystemTime,
) -> Result<RenewedCertificate, ProfileError> {
    profile.required(
        "certificate",
        "the file of the certificate that is to be renewed",
    )?;
    let file = profile.path("certificate").unwrap_or_default();
    let unusable = |error: bankauth_grants::BoxError| {
        ProfileError::unusable(profile.name(), "certificate", error)
    };
    let old = Certificate::read_file(&file).map_err(|error| unusable(error.into()))?;
    let key = profile.private_key()?;
    old.check_belongs_to(&key)
        .map_err(|error| unusable(error.into()))?;
    let certificate = SelfSigned::new(old.subject_name().clone())
        .with_days(days)
        .sign(&key, now)
        .map_err(|error| unusable(error.into()))?;

    let beside = |ending: String| {
        let mut name = file.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let new = beside(".new".to_owned());
    certificate
        .write_new_file(&new)
        .map_err(|error| unusable(error.into()))?;
    let kept_as = (1_u32..)
        .map(|number| beside(format!(".{number}")))
        .find(|path| path.symlink_metadata().is_err());
    let kept_as = kept_as.unwrap_or_else(|| beside(".old".to_owned()));
    // The old one has two names for a moment, so that there is a certificate under the profile's at any time.
    let swap = || -> io::Result<()> {
        fs::hard_link(&file, &kept_as)?;
        fs::rename(&new, &file)
    };
    if let Err(error) = swap() {
        // The new one is of no use under this name, and another attempt makes another.
        let _ = fs::remove_file(&new);
        return Err(ProfileError::file(
            "keep the old certificate of",
            &file,
            error,
        ));
    }
    Ok(RenewedCertificate {
        certificate,
        file,
        kept_as,
    })
}
