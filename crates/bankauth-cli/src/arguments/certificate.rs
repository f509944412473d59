//! What can be typed about keys, certificates, signing requests and names.

use std::{ffi::OsString, path::PathBuf};

use bankauth_keys::{KeySpec, Profile, Psd2Role};
use bankauth_profile::SecretSource;
use clap::{Args, Subcommand, ValueEnum};

use super::SubjectArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a private key, in a new file of mode 0600
    Generate {
        /// What kind
        #[arg(long, value_enum, default_value = "rsa-2048")]
        algorithm: KeyAlgorithm,
        /// Where to write it; nothing is overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Tell what a private key is; never the key itself
    Show {
        /// The key
        file: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyAlgorithm {
    #[value(name = "rsa-2048")]
    Rsa2048,
    #[value(name = "rsa-3072")]
    Rsa3072,
    #[value(name = "rsa-4096")]
    Rsa4096,
    #[value(name = "p-256")]
    P256,
    #[value(name = "p-384")]
    P384,
    #[value(name = "p-521")]
    P521,
    Ed25519,
}

impl From<KeyAlgorithm> for KeySpec {
    fn from(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Rsa2048 => Self::Rsa2048,
            KeyAlgorithm::Rsa3072 => Self::Rsa3072,
            KeyAlgorithm::Rsa4096 => Self::Rsa4096,
            KeyAlgorithm::P256 => Self::P256,
            KeyAlgorithm::P384 => Self::P384,
            KeyAlgorithm::P521 => Self::P521,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
        }
    }
}

/// Where a passphrase comes from; never an argument itself.
#[derive(Debug, Args)]
pub(crate) struct Passphrase {
    /// The file that holds the passphrase of the key
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The environment variable that holds the passphrase of the key
    #[arg(long, value_name = "NAME")]
    pub(crate) passphrase_env: Option<OsString>,
}

impl Passphrase {
    pub(crate) fn source(&self) -> Option<SecretSource> {
        let file = self.passphrase_file.clone().map(SecretSource::File);
        file.or_else(|| self.passphrase_env.clone().map(SecretSource::Environment))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cert {
    /// Make a self-signed certificate
    Create(Box<CertCreate>),
    /// Tell what a certificate, or each of a chain, says
    Show {
        /// The certificate
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CertCreate {
    /// The private key
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "profile",
        conflicts_with = "profile"
    )]
    pub(crate) key: Option<PathBuf>,
    /// Where to write the certificate; nothing is overwritten
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "profile",
        conflicts_with = "profile"
    )]
    pub(crate) out: Option<PathBuf>,
    /// The profile whose certificate is to be renewed
    #[arg(long, value_name = "NAME", requires = "renew")]
    pub(crate) profile: Option<String>,
    /// Put a new certificate of the same subject, over the same key, in the place of the profile's; the old file is kept
    #[arg(long, requires = "profile")]
    pub(crate) renew: bool,
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// How many days the certificate is valid
    #[arg(long, default_value_t = 1825, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Csr {
    /// Make a signing request
    Create(Box<CsrCreate>),
}

#[derive(Debug, Args)]
pub(crate) struct CsrCreate {
    /// What the certificate is for: plain, obwac, obseal, qwac, qsealc, ob-legacy, revolut-sandbox
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Profile,
    /// The private key
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where to write the request; nothing is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write DER instead of PEM; revolut-sandbox is DER in any case
    #[arg(long)]
    pub(crate) der: bool,
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Organisation identifier (2.5.4.97), for instance PSDGB-FCA-123456
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) organization_identifier: String,
    /// Roles under PSD2, separated by commas: PSP_AS, PSP_PI, PSP_AI, PSP_IC
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub(crate) role: Vec<Psd2Role>,
    /// Name of the supervising authority, for instance Financial Conduct Authority
    #[arg(long, value_name = "NAME", requires = "nca_id")]
    pub(crate) nca_name: Option<String>,
    /// Identifier of the supervising authority, for instance GB-FCA
    #[arg(long, value_name = "ID", requires = "nca_name")]
    pub(crate) nca_id: Option<String>,
    /// A host name that the certificate is to be for as well
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
}
