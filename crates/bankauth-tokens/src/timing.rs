//! When a token is renewed, and how long a renewal may take. All of it scales with the token's lifetime.

use core::time::Duration;
use std::time::SystemTime;

use crate::record::Access;

/// How long a renewal may take, and how others wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    deadline: Duration,
    lease: Duration,
}

impl Default for Timing {
    /// A deadline of 20 seconds.
    fn default() -> Self {
        Self::with_deadline(Duration::from_secs(20))
    }
}

impl Timing {
    /// A renewal is given up after `deadline`. Others take over from a process that died after a quarter more: by then
    /// its request is over, and not only late.
    #[must_use]
    pub fn with_deadline(deadline: Duration) -> Self {
        let margin = (deadline / 4).max(Duration::from_millis(100));
        Self {
            deadline,
            lease: deadline.saturating_add(margin),
        }
    }

    /// How long a renewal may take.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How long others wait before they take over.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        self.lease
    }

    /// How long to wait before looking again whether another process is done: between a half and the whole of a
    /// hundredth of the lease, kept between 10 and 250 milliseconds, so that many waiters do not ask in step.
    pub(crate) fn poll(&self, jitter: u32) -> Duration {
        let step = (self.lease / 100).clamp(Duration::from_millis(10), Duration::from_millis(250));
        step / 2 + fraction(step / 2, jitter)
    }
}

/// When an access token is used, renewed, and used no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// From here on one caller renews while the others use the token. `None`: never, until it is refused.
    pub(crate) renew_at: Option<SystemTime>,
    /// From here on nobody uses it.
    pub(crate) serve_until: Option<SystemTime>,
}

impl Window {
    /// Renewal starts a fifth of the lifetime ahead, at least 10 and at most 300 seconds, and never before half of it;
    /// `jitter` puts that off by up to half of itself. Use ends 2 % of the lifetime before the end, at most 5 seconds.
    pub(crate) fn of(access: &Access, jitter: u32) -> Self {
        let Some(expires_at) = access.expires_at else {
            return Self {
                renew_at: None,
                serve_until: None,
            };
        };
        let life = expires_at
            .duration_since(access.issued_at)
            .unwrap_or_default();
        let ahead = (life / 5)
            .clamp(Duration::from_secs(10), Duration::from_secs(300))
            .min(life / 2);
        let ahead = ahead - fraction(ahead / 2, jitter);
        let margin = (life / 50).min(Duration::from_secs(5));
        Self {
            renew_at: Some(expires_at.checked_sub(ahead).unwrap_or(access.issued_at)),
            serve_until: Some(expires_at.checked_sub(margin).unwrap_or(access.issued_at)),
        }
    }

    /// Whether nothing has to be done.
    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        self.renew_at.is_none_or(|at| now < at)
    }

    /// Whether the token may still be used.
    pub(crate) fn is_usable(&self, now: SystemTime) -> bool {
        self.serve_until.is_none_or(|at| now < at)
    }
}

/// A part of `whole`, evenly spread over the values of `jitter`.
fn fraction(whole: Duration, jitter: u32) -> Duration {
    whole.mul_f64(f64::from(jitter) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bankauth_grants::AccessToken;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    fn window(life: u64, jitter: u32) -> (u64, u64) {
        let access = Access {
            token: AccessToken::new("a".to_owned()).unwrap(),
            issued_at: UNIX_EPOCH,
            expires_at: Some(UNIX_EPOCH + Duration::from_secs(life)),
        };
        let window = Window::of(&access, jitter);
        let millis = |at: Option<SystemTime>| {
            at.unwrap().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
        };
        (
            life * 1000 - millis(window.renew_at),
            life * 1000 - millis(window.serve_until),
        )
    }

    #[test]
    fn the_window_scales_with_the_lifetime() {
        assert_eq!(window(2399, 0), (300_000, 5_000));
        assert_eq!(window(3600, 0), (300_000, 5_000));
        assert_eq!(window(300, 0), (60_000, 5_000));
        assert_eq!(window(30, 0), (10_000, 600));
        assert_eq!(window(2, 0), (1_000, 40));
        assert_eq!(window(0, 0), (0, 0));
        assert_eq!(window(2399, u32::MAX).0, 150_000);
    }

    #[test]
    fn an_unknown_lifetime_is_used_until_refused() {
        let access = Access {
            token: AccessToken::new("a".to_owned()).unwrap(),
            issued_at: UNIX_EPOCH,
            expires_at: None,
        };
        let window = Window::of(&access, 0);
        assert!(window.is_fresh(UNIX_EPOCH + Duration::from_secs(u32::MAX.into())));
    }

    proptest! {
        #[test]
        fn renewal_starts_before_use_ends_and_never_before_half(life in 1_u64..100_000, jitter in any::<u32>()) {
            let (ahead, margin) = window(life, jitter);
            prop_assert!(margin <= ahead);
            prop_assert!(ahead <= life * 500);
        }

        #[test]
        fn waiting_stays_within_bounds(deadline in 0_u64..100_000, jitter in any::<u32>()) {
            let timing = Timing::with_deadline(Duration::from_millis(deadline));
            prop_assert!(timing.lease() > timing.deadline());
            let poll = timing.poll(jitter);
            prop_assert!(poll >= Duration::from_millis(5) && poll <= Duration::from_millis(250));
        }
    }
}
