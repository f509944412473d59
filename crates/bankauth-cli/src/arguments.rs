//! What can be typed.

mod certificate;

use std::{path::PathBuf, time::Duration};

use bankauth_keys::Subject;
use bankauth_profile::EnvironmentName;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::certificate::{Cert, CertCreate, Csr, CsrCreate, Key, Passphrase};

/// From an empty folder to an authorised call of a bank's API, and a token that is kept alive.
///
/// Exit codes: 0 done, 1 our own fault, 2 usage or configuration, 3 refused by the bank, 4 network, 5 the user must act.
#[derive(Debug, Parser)]
#[command(name = "bankauth", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration file [default: bankauth/bankauth.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder for tokens [default: bankauth in the user's state folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Print JSON for programs: show, init, key, cert, csr and dn
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more of what happens inside, on stderr
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

impl Global {
    pub(crate) fn level(&self) -> tracing_subscriber::filter::LevelFilter {
        use tracing_subscriber::filter::LevelFilter;
        match self.verbose {
            _ if self.quiet => LevelFilter::ERROR,
            0 => LevelFilter::WARN,
            1 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole journey against a bank inside this program; only loopback is used
    Demo {
        /// Which bank
        #[arg(value_enum, default_value_t = DemoBank::RevolutBusiness)]
        bank: DemoBank,
    },
    /// Make a key, a certificate and a profile, and say what to do in the bank's web app
    Init(Box<Init>),
    /// Set one key of a profile, for instance `client-id`
    Set {
        /// The profile
        name: String,
        /// The key; a dot leads into a table, as in `endpoints.token`
        key: String,
        /// Its new value
        value: String,
    },
    /// Show a profile, its key and its certificate; no secrets
    Show {
        /// The profile
        name: String,
    },
    /// Print a client assertion, the signed JWT that proves who the client is
    Assertion {
        /// The profile
        name: String,
        /// How long it is valid, for instance `60s` or `5m`
        #[arg(long, value_parser = humantime::parse_duration, default_value = "60s")]
        lifetime: Duration,
    },
    /// Store a refresh token that you hold already, read from standard input
    Import {
        /// The profile
        name: String,
        /// Take it although the profile has a token that works
        #[arg(long)]
        replace: bool,
    },
    /// Ask the user for consent at the bank, and store the tokens that it brings
    Login(Login),
    /// Print an access token that is valid now, and nothing else
    Token {
        /// The profile
        name: String,
    },
    /// Send a GET request to the bank's API with a valid token, and print the answer
    Get {
        /// The profile
        name: String,
        /// The path below the API's base, for instance `/accounts`
        path: String,
    },
    /// Private keys
    Key {
        #[command(subcommand)]
        command: Key,
    },
    /// Certificates
    Cert {
        #[command(subcommand)]
        command: Cert,
    },
    /// Certificate signing requests
    Csr {
        #[command(subcommand)]
        command: Csr,
    },
    /// Write a name in every way that banks want it
    Dn {
        /// A certificate, a signing request, or a text that holds a name
        file: PathBuf,
    },
    /// A bank to test against
    Testbank {
        #[command(subcommand)]
        command: Testbank,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DemoBank {
    RevolutBusiness,
    /// Every bank there is
    All,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The bank
    #[arg(value_enum)]
    pub(crate) provider: ProviderName,
    /// The name of the new profile
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: String,
    /// The OAuth redirect URI that is registered with the certificate; any https URL does for tests
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: String,
    /// The bank's environment; production has to be named
    #[arg(long, value_enum, default_value = "sandbox")]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// How many days the certificate is valid
    #[arg(long, default_value_t = 1825, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
    /// Use the RSA key in this file instead of making one
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
    /// Trust the certificates in this file besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_bundle: Option<PathBuf>,
    /// The token endpoint, for environment `custom`
    #[arg(long, value_name = "URL")]
    pub(crate) token_endpoint: Option<String>,
    /// The page that a browser opens for consent, for environment `custom`
    #[arg(long, value_name = "URL")]
    pub(crate) consent_endpoint: Option<String>,
    /// The base of the API, for environment `custom`
    #[arg(long, value_name = "URL")]
    pub(crate) api_endpoint: Option<String>,
}

/// The seven fields that `openssl req` asks for; what is empty is left out.
#[derive(Debug, Args)]
pub(crate) struct SubjectArguments {
    /// Country of the certificate's subject, two upper-case letters
    #[arg(long, value_name = "CC", default_value = "", hide_default_value = true)]
    pub(crate) country: String,
    /// State or province
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) state: String,
    /// Locality, for instance a city
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) locality: String,
    /// Organisation, for instance a company
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) organization: String,
    /// Organisational unit, for instance a section
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) organizational_unit: String,
    /// Common name, for instance a host name
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) common_name: String,
    /// E-mail address
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) email: String,
}

impl From<&SubjectArguments> for Subject {
    fn from(fields: &SubjectArguments) -> Self {
        Self::new()
            .with_country(&fields.country)
            .with_state(&fields.state)
            .with_locality(&fields.locality)
            .with_organization(&fields.organization)
            .with_organizational_unit(&fields.organizational_unit)
            .with_common_name(&fields.common_name)
            .with_email(&fields.email)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProviderName {
    RevolutBusiness,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Environment {
    Sandbox,
    Production,
    Custom,
}

impl From<Environment> for EnvironmentName {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Sandbox => Self::Sandbox,
            Environment::Production => Self::Production,
            Environment::Custom => Self::Custom,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The profile
    pub(crate) name: String,
    /// What to ask for, separated by commas: READ, WRITE, PAY, READ_SENSITIVE_CARD_DATA [default: the profile's; none asks for full rights]
    #[arg(long, value_name = "READ,WRITE")]
    pub(crate) scope: Option<String>,
    /// Do not open a browser; print the address alone
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Print the consent URL and end
    #[arg(long, conflicts_with_all = ["redirected_to", "code"])]
    pub(crate) print_url: bool,
    /// The address that the browser was sent to after the consent; `-` reads it from standard input
    #[arg(long, value_name = "URL", conflicts_with = "code")]
    pub(crate) redirected_to: Option<String>,
    /// The authorization code alone; `-` reads it from standard input
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Testbank {
    /// Run the test bank until it is stopped, and write DIR/testbank.json and DIR/ca.pem
    Serve {
        /// Where to write how to reach it
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_secret_and_no_switch_against_tls_can_be_typed() {
        fn options(command: &clap::Command) -> Vec<String> {
            let own = command
                .get_arguments()
                .filter_map(|argument| argument.get_long().map(str::to_owned));
            own.chain(command.get_subcommands().flat_map(options))
                .collect()
        }
        for option in options(&Arguments::command()) {
            assert!(
                !["secret", "password", "insecure", "refresh-token"]
                    .iter()
                    .any(|word| option.contains(word)),
                "{option}"
            );
        }
    }
}
