//! What to do next about a token: decisions without time, network or storage of their own.

use core::time::Duration;
use std::time::SystemTime;

use bankauth_grants::{AccessToken, TokenError, TokenSet};

use crate::{
    record::{Access, Holder, Phase, Record},
    timing::Window,
};

/// Why somebody wants a token that may have to be new.
#[derive(Debug, Clone)]
pub(crate) enum Need {
    /// One that is not near its end.
    Fresh,
    /// One other than this, which the API refused.
    Other(AccessToken),
}

impl Need {
    /// Whether this token will do.
    pub(crate) fn accepts(&self, token: &AccessToken) -> bool {
        match self {
            Self::Fresh => true,
            Self::Other(refused) => !refused.is_same(token),
        }
    }
}

/// What to do with a record that was just read.
#[derive(Debug)]
pub(crate) enum Step {
    /// Use its access token; nothing has to be asked.
    Adopt,
    /// Write this, which takes the lease; then ask the bank.
    Acquire(Box<Record>),
    /// Somebody else is asking. Look again later; meanwhile this token may be used, if there is one.
    Wait { usable: bool },
    /// Only the user can help.
    NeedsUser(String),
    /// There is nothing to ask with: nobody has logged in.
    Nothing,
}

/// Decides what to do with `record`, written `age` ago, on behalf of `holder`.
pub(crate) fn step(
    record: Option<&Record>,
    age: Duration,
    need: &Need,
    asks_without_refresh_token: bool,
    now: SystemTime,
    holder: Holder,
    lease: Duration,
) -> Step {
    let acquire = |record: &Record| {
        Step::Acquire(Box::new(
            record.with_phase(Phase::Refreshing { holder, lease }),
        ))
    };
    let Some(record) = record else {
        return if asks_without_refresh_token {
            acquire(&Record::empty())
        } else {
            Step::Nothing
        };
    };
    let window = |access: &Access| Window::of(access, 0);
    let acceptable = record
        .access
        .as_ref()
        .filter(|access| need.accepts(&access.token));
    let fresh = acceptable.is_some_and(|access| window(access).is_fresh(now));
    let usable = acceptable.is_some_and(|access| window(access).is_usable(now));
    match &record.phase {
        _ if fresh => Step::Adopt,
        Phase::Refreshing { lease, .. } if age < *lease => Step::Wait { usable },
        Phase::NeedsUser { .. } if usable => Step::Adopt,
        Phase::NeedsUser { reason } => Step::NeedsUser(reason.clone()),
        Phase::Live | Phase::Refreshing { .. } => {
            if record.refresh_token.is_some() || asks_without_refresh_token {
                acquire(record)
            } else if usable {
                Step::Adopt
            } else {
                Step::Nothing
            }
        }
    }
}

/// The record after the bank granted.
pub(crate) fn granted(leased: &Record, set: TokenSet, requested_at: SystemTime) -> Record {
    leased.granted(set, requested_at)
}

/// The record after the bank, or the way to it, failed (`None`: it was too late): the lease is given back and nothing is
/// lost. A refusal that only the user can mend leaves a mark that says so, with everything kept. A token that the API
/// refused is used no more, by nobody.
pub(crate) fn failed(
    leased: &Record,
    error: Option<&TokenError>,
    need: &Need,
    now: SystemTime,
) -> Record {
    let mut record = match error.and_then(needs_user) {
        Some(reason) => leased.with_phase(Phase::NeedsUser { reason }),
        None => leased.with_phase(Phase::Live),
    };
    if let Some(access) = record
        .access
        .as_mut()
        .filter(|access| !need.accepts(&access.token))
    {
        access.expires_at = Some(
            access
                .expires_at
                .map_or(now, |expires_at| expires_at.min(now)),
        );
    }
    record
}

/// Why only the user can help, in the bank's words and the adapter's; `None` where waiting may do.
pub(crate) fn needs_user(error: &TokenError) -> Option<String> {
    let refusal = error.refusal().filter(|_| error.needs_user())?;
    Some(match refusal.hint() {
        Some(hint) => format!("{refusal}; {hint}"),
        None => refusal.to_string(),
    })
}

/// The record to write when somebody else wrote while this process asked the bank: the winner's, with a refresh
/// token that the bank gave to the loser kept aside. `None` when there is nothing to keep.
pub(crate) fn stashed(winner: &Record, late: &Record) -> Option<Record> {
    let late_token = late.refresh_token.as_ref()?;
    let known = |record: &Record| {
        record
            .refresh_token
            .iter()
            .chain(&record.previous_refresh_tokens)
            .any(|token| token.is_same(late_token))
    };
    if known(winner) {
        return None;
    }
    let mut record = winner.clone();
    record.stash(late_token.clone());
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bankauth_grants::{Body, RefreshToken, TokenEndpoint};
    use std::time::UNIX_EPOCH;

    const LEASE: Duration = Duration::from_secs(25);
    const ME: Holder = Holder(1);
    const OTHER: Phase = Phase::Refreshing {
        holder: Holder(2),
        lease: LEASE,
    };

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn record() -> Record {
        Record {
            generation: 1,
            phase: Phase::Live,
            access: Some(Access {
                token: token("a"),
                issued_at: at(0),
                expires_at: Some(at(2400)),
            }),
            refresh_token: Some(RefreshToken::new("r".to_owned()).unwrap()),
            previous_refresh_tokens: Vec::new(),
            scope: None,
        }
    }

    fn token(text: &str) -> AccessToken {
        AccessToken::new(text.to_owned()).unwrap()
    }

    fn decide(record: Option<&Record>, age: u64, need: &Need, now: u64) -> Step {
        step(
            record,
            Duration::from_secs(age),
            need,
            false,
            at(now),
            ME,
            LEASE,
        )
    }

    #[test]
    fn nobody_logged_in() {
        assert!(matches!(decide(None, 0, &Need::Fresh, 0), Step::Nothing));
        let step = step(None, Duration::ZERO, &Need::Fresh, true, at(0), ME, LEASE);
        assert!(matches!(step, Step::Acquire(_)));
    }

    #[test]
    fn a_fresh_token_is_used_whatever_the_phase() {
        for phase in [
            Phase::Live,
            OTHER,
            Phase::NeedsUser {
                reason: String::new(),
            },
        ] {
            let record = record().with_phase(phase);
            assert!(matches!(
                decide(Some(&record), 0, &Need::Fresh, 2099),
                Step::Adopt
            ));
        }
    }

    #[test]
    fn near_its_end_the_lease_is_taken_and_the_rest_is_kept() {
        let Step::Acquire(next) = decide(Some(&record()), 0, &Need::Fresh, 2100) else {
            panic!("expected a lease")
        };
        assert_eq!(
            next.phase,
            Phase::Refreshing {
                holder: ME,
                lease: LEASE
            }
        );
        assert_eq!(next.generation, 1);
        assert!(next.access.unwrap().token.is_same(&token("a")));
        assert!(next.refresh_token.is_some());
    }

    #[test]
    fn another_ones_lease_is_waited_for_and_then_taken_over() {
        let record = record().with_phase(OTHER);
        assert!(matches!(
            decide(Some(&record), 24, &Need::Fresh, 2200),
            Step::Wait { usable: true }
        ));
        assert!(matches!(
            decide(Some(&record), 24, &Need::Fresh, 2400),
            Step::Wait { usable: false }
        ));
        assert!(matches!(
            decide(Some(&record), 25, &Need::Fresh, 2400),
            Step::Acquire(_)
        ));
    }

    #[test]
    fn a_refused_token_is_renewed_unless_another_is_there_already() {
        assert!(matches!(
            decide(Some(&record()), 0, &Need::Other(token("a")), 10),
            Step::Acquire(_)
        ));
        assert!(matches!(
            decide(Some(&record()), 0, &Need::Other(token("b")), 10),
            Step::Adopt
        ));
        let waiting = record().with_phase(OTHER);
        assert!(matches!(
            decide(Some(&waiting), 0, &Need::Other(token("a")), 10),
            Step::Wait { usable: false }
        ));
    }

    #[test]
    fn what_only_the_user_can_mend_does_not_take_a_valid_token_away() {
        let record = record().with_phase(Phase::NeedsUser {
            reason: "dead".to_owned(),
        });
        assert!(matches!(
            decide(Some(&record), 0, &Need::Fresh, 2300),
            Step::Adopt
        ));
        assert!(matches!(
            decide(Some(&record), 0, &Need::Fresh, 2400),
            Step::NeedsUser(_)
        ));
    }

    #[test]
    fn without_refresh_token_a_token_is_used_to_its_end() {
        let record = Record {
            refresh_token: None,
            ..record()
        };
        assert!(matches!(
            decide(Some(&record), 0, &Need::Fresh, 2300),
            Step::Adopt
        ));
        assert!(matches!(
            decide(Some(&record), 0, &Need::Fresh, 2400),
            Step::Nothing
        ));
    }

    #[test]
    fn a_dead_refresh_token_is_marked_and_never_deleted() {
        let refused = |body: &str| {
            let answer = http_answer(body);
            TokenEndpoint::new("https://bank.example/token")
                .unwrap()
                .read(&answer)
                .unwrap_err()
        };
        let failed = |error: &TokenError, need: &Need| {
            failed(&record().with_phase(OTHER), Some(error), need, at(100))
        };
        let dead = failed(&refused(r#"{"error":"invalid_grant"}"#), &Need::Fresh);
        assert!(matches!(dead.phase, Phase::NeedsUser { .. }));
        assert!(dead.refresh_token.is_some() && dead.access.is_some());
        let passing = failed(&refused(r#"{"error":"server_error"}"#), &Need::Fresh);
        assert_eq!(passing.access.as_ref().unwrap().expires_at, Some(at(2400)));
        let refused_by_api = failed(
            &refused(r#"{"error":"server_error"}"#),
            &Need::Other(token("a")),
        );
        assert_eq!(
            refused_by_api.access.unwrap().expires_at,
            Some(at(100)),
            "nobody uses it on"
        );
        assert_eq!(passing.phase, Phase::Live);
    }

    fn http_answer(body: &str) -> http::Response<Body> {
        http::Response::builder()
            .status(400)
            .body(Body::from(body))
            .unwrap()
    }

    #[test]
    fn a_late_refresh_token_is_kept_beside_the_winners() {
        let winner = record();
        let late = Record {
            refresh_token: Some(RefreshToken::new("late".to_owned()).unwrap()),
            ..record()
        };
        let stashed_record = stashed(&winner, &late).unwrap();
        assert_eq!(
            stashed_record
                .refresh_token
                .as_ref()
                .unwrap()
                .expose_secret(),
            "r"
        );
        assert_eq!(
            stashed_record.previous_refresh_tokens[0].expose_secret(),
            "late"
        );
        assert!(stashed(&stashed_record, &late).is_none());
        assert!(stashed(&winner, &record()).is_none());
    }
}
