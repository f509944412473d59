//! The token endpoint: a code becomes tokens, a refresh token becomes another access token.

use core::time::Duration;
use std::time::SystemTime;

use bankauth_grants::{
    AuthorizationCode, Body, BoxFuture, Grant, RefreshToken, Refusal, Renew, Renewal, RequestError,
    TokenError, TokenSet,
};
use bankauth_jwt::ClientAssertion;
use http::Request;

use super::{Client, hint};

/// How far the bank's clock may be ahead for an assertion to be counted from it unasked.
const CLOCK_TRUST: Duration = Duration::from_secs(5 * 60);

impl Client {
    /// Exchanges a code, which lives for two minutes and is used once, for an access token and a refresh token.
    ///
    /// `now` is the time of the call, from which the assertion's lifetime counts. An assertion that the bank finds
    /// expired is made once more, see [`renew`](Renew::renew).
    ///
    /// # Errors
    /// [`TokenError`]: a refusal has a hint where the cause is known. A code of another environment is not sent
    /// ([`WrongEnvironment::of`](super::WrongEnvironment::of)).
    pub async fn exchange(
        &self,
        code: &AuthorizationCode,
        now: SystemTime,
    ) -> Result<TokenSet, TokenError> {
        self.ask(Grant::authorization_code(code), now).await
    }

    /// Gets another access token. **The previous access token ends at once**, for everybody who holds it. The answer has
    /// no refresh token: keep the one you have.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange).
    pub async fn refresh(
        &self,
        refresh_token: &RefreshToken,
        now: SystemTime,
    ) -> Result<TokenSet, TokenError> {
        self.ask(Grant::refresh_token(refresh_token), now).await
    }

    /// The request for `grant` with an assertion made at `now`, for callers with an HTTP client of their own. The answer
    /// is read by [`token_endpoint().read`](bankauth_grants::TokenEndpoint::read); [`explain`](Self::explain) adds what
    /// this bank's refusals mean.
    ///
    /// # Errors
    /// When the credential belongs to another environment or the key does not sign.
    pub fn token_request(
        &self,
        grant: Grant<'_>,
        now: SystemTime,
    ) -> Result<Request<Body>, TokenError> {
        self.check(grant)?;
        let auth = self
            .authentication(now, ClientAssertion::DEFAULT_LIFETIME)
            .map_err(TokenError::ClientAuth)?;
        self.token_endpoint.request(grant, &auth)
    }

    /// Adds a hint to a refusal of `grant`, which was asked for at `now`, where the bank's words tell the cause.
    #[must_use]
    pub fn explain(&self, error: TokenError, grant: Grant<'_>, now: SystemTime) -> TokenError {
        match error {
            TokenError::Refused(refusal) => {
                let hint = hint::of_refusal(self, &refusal, grant, now);
                TokenError::Refused(match hint {
                    Some(hint) => Box::new(refusal.with_hint(hint)),
                    None => refusal,
                })
            }
            other => other,
        }
    }

    async fn ask(&self, grant: Grant<'_>, now: SystemTime) -> Result<TokenSet, TokenError> {
        self.check(grant)?;
        let mut answer = self
            .attempt(grant, now, ClientAssertion::DEFAULT_LIFETIME)
            .await;
        if let Err(TokenError::Refused(refusal)) = &answer
            && is_stale_assertion(refusal)
        {
            // Nothing was spent: the bank looks at the assertion first. A second one made at the same time would be the
            // same again, so it counts from the bank's clock, if that is ahead, and lives as long as one may unasked. A
            // clock that is further off is not trusted in silence.
            let bank = refusal.date().unwrap_or(now);
            if bank.duration_since(now).unwrap_or_default() <= CLOCK_TRUST {
                answer = self
                    .attempt(grant, now.max(bank), ClientAssertion::LIFETIME_LIMIT)
                    .await;
            }
        }
        answer.map_err(|error| self.explain(error, grant, now))
    }

    async fn attempt(
        &self,
        grant: Grant<'_>,
        issued_at: SystemTime,
        lifetime: Duration,
    ) -> Result<TokenSet, TokenError> {
        let auth = self
            .authentication(issued_at, lifetime)
            .map_err(TokenError::ClientAuth)?;
        self.token_endpoint
            .exchange(&*self.http, grant, &auth)
            .await
    }

    /// Refuses a credential of another environment before anything is signed or sent.
    fn check(&self, grant: Grant<'_>) -> Result<(), TokenError> {
        match grant {
            Grant::AuthorizationCode { code, .. } => self.environment.check_code(code),
            Grant::RefreshToken { refresh_token, .. } => {
                self.environment.check_refresh_token(refresh_token)
            }
            _ => Ok(()),
        }
        .map_err(|wrong| TokenError::Credential(wrong.into()))
    }
}

impl Renew for Client {
    /// The refresh token stays; each renewal ends the previous access token.
    fn renewal(&self) -> Renewal {
        Renewal::KillsPrevious
    }

    /// Asks for another access token. Where the bank says that the assertion has expired, one more request is sent, with
    /// an assertion that counts from the bank's clock if that is at most five minutes ahead; so there are two requests at the most, each within
    /// [`Limits::TOKEN`](bankauth_grants::Limits::TOKEN).
    fn renew<'a>(
        &'a self,
        refresh: Option<&'a RefreshToken>,
        now: SystemTime,
    ) -> BoxFuture<'a, Result<TokenSet, TokenError>> {
        Box::pin(async move {
            match refresh {
                Some(refresh_token) => self.refresh(refresh_token, now).await,
                None => Err(TokenError::Request(RequestError::Empty {
                    field: "refresh_token",
                })),
            }
        })
    }
}

/// The bank's words end with a date in its own way of writing, so the beginning decides. OAuth has `invalid_client` for
/// this (RFC 6749 section 5.2).
pub(super) fn is_stale_assertion(refusal: &Refusal) -> bool {
    refusal.code() == Some(&bankauth_grants::ErrorCode::InvalidRequest)
        && refusal
            .description()
            .is_some_and(|text| text.starts_with("The Token has expired on"))
}
