//! Whose turn it is after a failure.

use http::StatusCode;

use crate::{ErrorCode, failure::answer_head::is_passing};

/// What helps after a request that brought nothing.
///
/// Our own mistakes have none of these: nothing but other code or another configuration helps then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The same request, made anew later.
    Retry,
    /// The same request to an API with another access token, once.
    RenewToken,
    /// The same request with a new client assertion: the one that was sent had expired.
    RenewAssertion,
    /// Setting this machine's clock, and then the same request.
    FixClock,
    /// The user, who has to authorise again.
    AskUser,
    /// The bank, or what is registered there: this client may not do this, or not in this way.
    AskBank,
}

impl Verdict {
    /// What a code and a status say by themselves. A server's words are the business of its adapter.
    pub(crate) fn of(status: StatusCode, code: Option<&ErrorCode>) -> Self {
        let code = code.map_or("", ErrorCode::as_str);
        match code {
            "temporarily_unavailable" | "server_error" => Self::Retry,
            _ if is_passing(status) => Self::Retry,
            // OpenID Connect Core §3.1.2.6 has the latter ones.
            "invalid_grant"
            | "access_denied"
            | "expired_token"
            | "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required" => Self::AskUser,
            _ => Self::AskBank,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_statuses_say_whose_turn_it_is_rfc6749_5_2() {
        let of = |status, code: &str| {
            let code = Some(code).filter(|code| !code.is_empty());
            Verdict::of(
                StatusCode::from_u16(status).unwrap(),
                code.map(ErrorCode::read).as_ref(),
            )
        };
        for (status, code, verdict) in [
            (400, "invalid_grant", Verdict::AskUser),
            (400, "access_denied", Verdict::AskUser),
            (400, "interaction_required", Verdict::AskUser),
            (400, "invalid_request", Verdict::AskBank),
            (401, "invalid_client", Verdict::AskBank),
            (400, "unauthorized_client", Verdict::AskBank),
            (400, "unsupported_grant_type", Verdict::AskBank),
            (400, "invalid_scope", Verdict::AskBank),
            (400, "of_their_own", Verdict::AskBank),
            (403, "", Verdict::AskBank),
            (400, "temporarily_unavailable", Verdict::Retry),
            (500, "server_error", Verdict::Retry),
            (503, "", Verdict::Retry),
            (429, "", Verdict::Retry),
            (408, "", Verdict::Retry),
            (502, "invalid_grant", Verdict::Retry),
        ] {
            assert_eq!(of(status, code), verdict, "{status} {code}");
        }
    }
}
