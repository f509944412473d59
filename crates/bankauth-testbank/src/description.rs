//! The files that tell other processes where the bank is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use serde::Serialize;

use crate::bank::TestBank;

/// Why the description could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct DescriptionError {
    path: PathBuf,
    source: io::Error,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Description {
    ca: PathBuf,
    control: String,
    revolut_business: RevolutBusiness,
}

#[derive(Serialize)]
struct RevolutBusiness {
    token: String,
    consent: String,
    api: String,
}

pub(crate) fn write(bank: &TestBank, dir: &Path) -> Result<PathBuf, DescriptionError> {
    let failed = |path: &Path, source| DescriptionError {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(dir).map_err(|source| failed(dir, source))?;
    let dir = dir.canonicalize().map_err(|source| failed(dir, source))?;
    let ca = dir.join("ca.pem");
    let path = dir.join("testbank.json");

    let revolut = bank.revolut_business();
    let description = Description {
        ca: ca.clone(),
        control: bank.control_url(),
        revolut_business: RevolutBusiness {
            token: revolut.token_endpoint(),
            consent: revolut.consent_page(),
            api: revolut.api_base(),
        },
    };
    let mut json = serde_json::to_string_pretty(&description)
        .map_err(|error| failed(&path, io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    json.push('\n');

    write_whole(&ca, bank.ca_pem()).map_err(|source| failed(&ca, source))?;
    write_whole(&path, &json).map_err(|source| failed(&path, source))?;
    Ok(path)
}

/// A process that waits for the file never reads half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", process::id()));
    fs::write(&temporary, text)
        .and_then(|()| fs::rename(&temporary, path))
        .inspect_err(|_| {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
        })
}
