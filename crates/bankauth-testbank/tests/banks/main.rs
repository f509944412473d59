//! The banks as a client sees them: over HTTPS.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it expects, in its helpers too"
)]

mod certificate;
mod client;
mod control;
mod faults;
mod figurepay;
mod mutual_tls;
mod revolut_business;
mod revsto;
mod tatrabanka;
