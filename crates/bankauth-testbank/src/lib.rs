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
//! * [`RevolutBusiness`]: uploads, consent, settings, [`Counters`] and [`RecordedRequest`]s of one bank.
//! * [`Fault`] and [`Endpoint`]: what shall go wrong, and where.
//!
//! # Revolut Business
//!
//! `GET` and `POST /app-confirm`, `POST /api/1.0/auth/token`, `GET /api/1.0/accounts`. The bank's guide "Make your
//! first API request" and the description of its API (both read 2026-11-20) say how these behave. Where they are
//! silent, the test bank does this:
//!
//! | case | answer |
//! |---|---|
//! | wrong `sub`, signature, `alg`, `typ`; no `exp`; certificate over | 400 `unauthorized_client`, "Failed to authorise client" |
//! | wrong `iss`; wrong `aud`; `exp` that is no whole number; not three parts | 400 `invalid_request` |
//! | body that is no form | 400 `invalid_client`, "client_id is missing" |
//! | parameter missing or repeated; `Authorization` header; `client_id` that is not `sub` | 400 `invalid_request` |
//! | code or refresh token unknown, over, used, or another client's | 400 `invalid_grant` |
//! | consent without `scope` | READ, WRITE and PAY; not READ_SENSITIVE_CARD_DATA, which needs an IP list |
//! | IP list | holds for the API, not for the token endpoint |
//! | consent again | the tokens of earlier consents live on |
//! | unknown path below `/api/` | 401 or 403 as anywhere, else 404 |
//!
//! # Control endpoints
//!
//! The same for tests in another process: JSON over the same HTTPS, below `/control`. Refusals are a sentence.
//! Without `=>` the answer is an empty 204.
//!
//! | request | body `=>` answer |
//! |---|---|
//! | `GET`, `POST /clock` | `{"advance_secs": 60}` or `{"set_unix_secs": 1717430121}` `=>` `{"unix_secs": 1717430121}` |
//! | `POST /revolut-business/certificates` | `{"certificate": "-----BEGIN ...", "redirect_uri": "https://example.com", "ip_list": ["192.0.2.0/24"]}` `=>` `{"client_id": "..."}` |
//! | `POST /revolut-business/consent` | `{"url": "https://127.0.0.1:8443/app-confirm?...", "decision": "authorise"}` (or `deny`) `=>` `{"redirect": "https://example.com?code=..."}` |
//! | `POST /revolut-business/settings` | any of `{"code_lifetime_secs": 120, "access_token_lifetime_secs": 2399, "plan": "freelancer", "error_shape": "new", "peer_address": "192.0.2.1"}` |
//! | `POST /revolut-business/faults` | `{"endpoint": "token", "fault": {"html": 502}, "times": 1}`, see [`Fault`]; `DELETE` forgets them |
//! | `POST /revolut-business/refresh-tokens/end`, `.../access-tokens/end` | `{"client_id": "..."}` `=>` `{"ended": 1}` |
//! | `GET /revolut-business/counters` | `=>` [`Counters`] |
//! | `GET /revolut-business/requests` | `=>` a list of `{"method", "path", "query", "headers", "body"}`, secrets included |
//!
//! # Out of scope
//!
//! The second factor, the bank's business endpoints beyond `/accounts`, keeping anything after the end.

mod bank;
mod ca;
mod clock;
mod control;
mod date;
mod description;
mod fault;
mod recorder;
mod revolut_business;
mod secret;
mod server;

pub use bank::{Options, StartError, TestBank};
pub use clock::Clock;
pub use description::DescriptionError;
pub use fault::{Endpoint, Fault};
pub use recorder::{Counters, RecordedRequest};
pub use revolut_business::{
    ClientId, ConsentError, Environment, ErrorShape, Plan, Redirection, RevolutBusiness,
    UploadError,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
