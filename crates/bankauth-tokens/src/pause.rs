//! A pause after failures, so that a bank in trouble is not asked at each call while there is a token to use.

use core::time::Duration;
use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

/// The first pause; each further failure doubles it.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// The longest pause that a bank can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, Default)]
pub(crate) struct Pause(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    over_at: Option<SystemTime>,
}

impl Pause {
    /// Whether it is not over yet. A clock that was set back ends it.
    pub(crate) fn is_on(&self, now: SystemTime) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = state
            .over_at
            .and_then(|over_at| over_at.duration_since(now).ok());
        left.is_some_and(|left| !left.is_zero() && left <= LONGEST_ASKED)
    }

    /// Notes a failure, with how long the bank asks to wait.
    pub(crate) fn lengthen(&self, now: SystemTime, asked: Option<Duration>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = FIRST
            .saturating_mul(1 << state.failures.min(6))
            .min(LONGEST);
        let pause = asked.map_or(own, |asked| asked.min(LONGEST_ASKED));
        state.failures = state.failures.saturating_add(1);
        state.over_at = now.checked_add(pause);
    }

    /// Notes a success.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn failures_lengthen_it_and_a_success_ends_it() {
        let pause = Pause::default();
        assert!(!pause.is_on(at(0)));
        for (failure, seconds) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
            pause.lengthen(at(0), None);
            assert!(pause.is_on(at(seconds - 1)), "failure {failure}");
            assert!(!pause.is_on(at(seconds)), "failure {failure}");
        }
        pause.clear();
        assert!(!pause.is_on(at(0)));
    }

    #[test]
    fn the_bank_is_taken_at_its_word_for_up_to_an_hour_rfc9110_10_2_3() {
        let pause = Pause::default();
        pause.lengthen(at(0), Some(Duration::from_secs(300)));
        assert!(pause.is_on(at(299)) && !pause.is_on(at(300)));
        pause.lengthen(at(0), Some(Duration::from_secs(1_000_000)));
        assert!(!pause.is_on(at(3600)));
    }

    #[test]
    fn a_clock_that_is_set_back_ends_it() {
        let pause = Pause::default();
        pause.lengthen(at(1_000_000), None);
        assert!(!pause.is_on(at(0)));
    }
}
