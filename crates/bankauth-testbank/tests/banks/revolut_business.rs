//! Revolut Business, with a signer that shares no code with the bank's verifier.

mod accounts;
mod application;
mod assertion;
mod consent;
mod control;
mod faults;
mod registration;
mod server;
mod token;
