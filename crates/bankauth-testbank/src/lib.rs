//! Banks to test against, in process or as a server, with faults.
//!
//! **This is for tests and not an authorisation server.** It keeps everything in memory, asks no user for a second
//! factor, hands the secrets of its callers to whoever asks for them, and listens on `127.0.0.1` only. It depends on
//! no other crate of bankauth and never installs anything for the whole process.
//!
//! ```
//! use bankauth_testbank::{Options, TestBank};
//!
//! # const CERTIFICATE: &str = include_str!("../tests/certificates/guide.cer");
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bank = TestBank::start(Options::default()).await?;
//! let revolut = bank.revolut_business();
//!
//! // What a person does in the bank's web app ...
//! let client_id = revolut.upload_certificate(CERTIFICATE, "https://example.com/callback", &[])?;
//! let consent_url = revolut.consent_url(client_id.as_str(), &["READ"])?;
//! let redirection = revolut.authorise(&consent_url)?;
//!
//! // ... and what the program under test gets: a code at its redirect URI, live for two minutes.
//! let start = "https://example.com/callback?code=oa_sand_";
//! assert!(redirection.expose_secret().starts_with(start));
//! println!("token endpoint {}, trusted by {}", revolut.token_endpoint(), bank.ca_pem());
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! * [`TestBank`], started with [`Options`]: the server, its CA, its [`Clock`], and the files for other processes.
//! * [`RevolutBusiness`], [`Revsto`], [`FigurePay`] and [`TatraBanka`]: what a person does at a bank, settings,
//!   [`Counters`] and [`RecordedRequest`]s. The documentation of each lists its paths, and what it does where the
//!   bank's documents are silent.
//! * [`Fault`], [`Alteration`] and [`Endpoint`]: what shall go wrong, and where. [`ServerCertificate`]: TLS that no
//!   client may trust. [`Rotation`] and [`OldAccessToken`]: what a refresh does with the tokens before.
//!
//! # Control endpoints
//!
//! The same for tests in another process: JSON over the same HTTPS, below `/control`. Refusals are a sentence.
//! Without `=>` the answer is an empty 204. In the first table `BANK` is `revolut-business`, `revsto`, `figurepay` or
//! `tatrabanka`; the settings of a bank are named as the methods of its handle.
//!
//! | request | body `=>` answer |
//! |---|---|
//! | `GET`, `POST /clock` | `{"advance_secs": 60}` or `{"set_unix_secs": 1717430121}` `=>` `{"unix_secs": 1717430121}` |
//! | `POST /server-certificate` | `{"certificate": "expired", "times": 1}`, see [`ServerCertificate`] |
//! | `POST /delayed` | `{}` `=>` `{"acted_on": 1}`, see [`Fault::ActLater`] |
//! | `POST /BANK/faults` | `{"endpoint": "token", "fault": {"html": 502}, "times": 1}` or `"for_secs": 60`, see [`Fault`]; `DELETE` forgets them |
//! | `POST /BANK/refresh-tokens/end`, `/BANK/access-tokens/end` | `{"client_id": "..."}` `=>` `{"ended": 1}` |
//! | `GET /BANK/counters` | `=>` [`Counters`] |
//! | `GET /BANK/requests` | `=>` a list of `{"method", "path", "query", "headers", "body"}`, secrets included |
//! | `POST /BANK/settings` | e.g. `{"access_token_lifetime_secs": 2, "rotation": "same", "old_access_token": {"dies-after-secs": 5}}` |
//!
//! | request | body `=>` answer |
//! |---|---|
//! | `POST /revolut-business/certificates` | `{"certificate": "-----BEGIN ...", "redirect_uri": "https://example.com", "ip_list": ["192.0.2.0/24"]}` `=>` `{"client_id": "..."}` |
//! | `POST /revsto/distributors` | `{"ip_list": []}` `=>` `{"client_id", "client_secret", "username", "password"}` |
//! | `POST /figurepay/clients` | `{}` `=>` `{"client_id", "client_secret"}` |
//! | `POST /tatrabanka/applications` | `{"usage": "final-consumer", "scopes": ["PREMIUM_AIS"], "redirect_uris": [...]}`, if need be `"public": true`, `"certificate": "-----BEGIN ..."` `=>` `{"client_id", "client_secret"}` |
//! | `POST /revolut-business/consent`, `/tatrabanka/consent` | `{"url": "https://127.0.0.1:8443/app-confirm?...", "decision": "authorise"}` (or `deny`) `=>` `{"redirect": "https://example.com?code=..."}` |
//! | `POST /revsto/access`, `/figurepay/access` | `{"client_id": "...", "enabled": false}`; at Figure Pay `"active"` |
//! | `POST /tatrabanka/contract`, `/tatrabanka/consents/end` | `{"client_id": "...", "contract": false}`; `{"consent_id": "..."}` |
//! | `POST /figurepay/versions` | `{"version": "2024-01-31", "state": "removed"}`, or `{"deprecated": {"since_unix_secs": 1, "sunset_unix_secs": 2}}` |
//!
//! # Out of scope
//!
//! The second factor, the banks' business endpoints beyond the one that proves a token, keeping anything after the end.

mod bank;
mod ca;
mod certificate;
mod clock;
mod control;
mod date;
mod decision;
mod description;
mod desk;
mod family;
mod fault;
mod figurepay;
mod form;
mod ip_list;
mod page;
mod recorder;
mod redirect_uri;
mod revolut_business;
mod revsto;
mod secret;
mod server;
mod tatrabanka;
mod tls;

pub use bank::{Options, StartError, TestBank};
pub use certificate::ServerCertificate;
pub use clock::Clock;
pub use decision::Redirection;
pub use description::DescriptionError;
pub use family::{OldAccessToken, Rotation};
pub use fault::{Alteration, Endpoint, Fault, OddExpiresIn, OddScope, OddTokenType};
pub use figurepay::{FigurePay, FigurePayCredentials, VersionError, VersionState};
pub use recorder::{Counters, RecordedRequest};
pub use revolut_business::{
    ClientId, ConsentError, Environment, ErrorShape, Plan, RevolutBusiness, UploadError,
};
pub use revsto::{IpListError, Revsto, RevstoCredentials};
pub use tatrabanka::{
    AuthorisationError, TatraBanka, TatraBankaApplication, TatraBankaApplicationError,
    TatraBankaCredentials, TatraBankaProduct,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
