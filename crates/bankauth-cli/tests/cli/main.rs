//! The program as a person or a script runs it: a process of its own, against a test bank over real TLS.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod bad_input;
mod credential;
mod endpoint;
mod fleet;
mod foreign;
mod journey;
mod leak;
mod scene;
mod store;
