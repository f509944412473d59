//! The seam between a bank and whoever keeps its token alive.

use std::time::SystemTime;

use crate::{BoxFuture, RefreshToken, TokenError, TokenSet};

/// What a renewal does to the credentials that exist already. A fact of the bank, not a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Renewal {
    /// Each renewal hands out a new refresh token and ends the old one.
    Rotates,
    /// The refresh token stays; each renewal ends the previous access token at once.
    KillsPrevious,
    /// Nothing is lost by asking again.
    Stateless,
}

/// Renews an access token at one bank. Adapters implement it; whoever keeps tokens drives it.
pub trait Renew: Send + Sync {
    /// What a renewal does to the credentials that exist already.
    fn renewal(&self) -> Renewal;

    /// Asks the bank for a new access token. `refresh` is the refresh token held, if the bank gives any;
    /// `now` is when the request is made, and what a client assertion's lifetime counts from.
    fn renew<'a>(
        &'a self,
        refresh: Option<&'a RefreshToken>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<TokenSet, TokenError>>;
}
