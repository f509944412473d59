//! Revolut Business as a client sees it: over HTTPS, with a signer that shares no code with the bank's verifier.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it expects, in its helpers too"
)]

mod accounts;
mod application;
mod assertion;
mod consent;
mod control;
mod faults;
mod registration;
mod server;
mod token;
