//! Tatra banka.

mod application;
mod authorisation;
mod consents;
mod refresh;
mod token;
