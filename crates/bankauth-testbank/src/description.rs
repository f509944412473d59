//! The files that tell other processes where the bank is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use serde::Serialize;

use crate::{bank::TestBank, tatrabanka::TatraBankaProduct};

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
    revsto: Urls,
    figurepay: Urls,
    tatrabanka: TatraBanka,
}

#[derive(Serialize)]
struct RevolutBusiness {
    token: String,
    consent: String,
    api: String,
}

#[derive(Serialize)]
struct Urls {
    #[serde(skip_serializing_if = "Option::is_none")]
    authorize: Option<String>,
    token: String,
    api: String,
}

/// Premium, and beside it the other products.
#[derive(Serialize)]
struct TatraBanka {
    #[serde(flatten)]
    premium: Urls,
    identity: Urls,
    tatrapayplus: Urls,
    psd2: Urls,
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
    let (revsto, figurepay, tatrabanka) = (bank.revsto(), bank.figurepay(), bank.tatrabanka());
    let product = |product| Urls {
        authorize: tatrabanka.authorisation_page(product),
        token: tatrabanka.token_endpoint(product),
        api: tatrabanka.api_base(product),
    };
    let description = Description {
        ca: ca.clone(),
        control: bank.control_url(),
        revolut_business: RevolutBusiness {
            token: revolut.token_endpoint(),
            consent: revolut.consent_page(),
            api: revolut.api_base(),
        },
        revsto: Urls {
            authorize: None,
            token: revsto.token_endpoint(),
            api: revsto.api_base(),
        },
        figurepay: Urls {
            authorize: None,
            token: figurepay.token_endpoint(),
            api: figurepay.api_base(),
        },
        tatrabanka: TatraBanka {
            premium: product(TatraBankaProduct::Premium),
            identity: product(TatraBankaProduct::Identity),
            tatrapayplus: product(TatraBankaProduct::TatraPayPlus),
            psd2: product(TatraBankaProduct::Psd2),
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
