//! Revolut Business through the public API: requests byte for byte, answers as the bank documents them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod api;
mod assertion;
mod bank;
mod consent;
mod environment;
mod secret;
mod setup;
mod token;
