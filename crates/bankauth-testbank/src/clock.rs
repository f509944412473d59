//! The bank's own clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// A thousand years: far enough for any test, near enough that no date overflows.
const LIMIT_MICROS: i64 = 1000 * 31_556_952 * 1_000_000;

/// The clock that the bank reads: real time plus an offset.
///
/// It keeps running; [`advance`](Self::advance) and [`set`](Self::set) only change the offset, which stays
/// within a thousand years of real time. Clones share the offset. The `Date` header of each answer and every
/// lifetime follow this clock. TLS does not: clients check the server's certificate by their own.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The time at the bank.
    pub fn now(&self) -> SystemTime {
        let offset = self.offset_micros.load(Ordering::Relaxed);
        let distance = Duration::from_micros(offset.unsigned_abs());
        let real = real_time();
        let shifted = if offset < 0 {
            real.checked_sub(distance)
        } else {
            real.checked_add(distance)
        };
        shifted.unwrap_or(real)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        let moved = |offset: i64| Some(clamped(offset.saturating_add(by)));
        // The closure always returns `Some`, so this cannot fail.
        let _ = self
            .offset_micros
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved);
    }

    /// Sets the clock to `time`, forwards or backwards; it runs on from there.
    pub fn set(&self, time: SystemTime) {
        let offset = match time.duration_since(real_time()) {
            Ok(ahead) => i64::try_from(ahead.as_micros()).unwrap_or(i64::MAX),
            Err(behind) => {
                i64::try_from(behind.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
            }
        };
        self.offset_micros.store(clamped(offset), Ordering::Relaxed);
    }
}

/// The machine's time, for the bank's clock and for the certificates of TLS.
#[expect(
    clippy::disallowed_methods,
    reason = "a server needs a clock, and this is the only place that reads it"
)]
pub(crate) fn real_time() -> SystemTime {
    SystemTime::now()
}

/// A lifetime that no calendar holds ends two thousand years later, where the bank's clock never comes.
pub(crate) fn later(from: SystemTime, by: Duration) -> SystemTime {
    const NEVER: Duration = Duration::from_secs(2000 * 31_556_952);
    from.checked_add(by).unwrap_or_else(|| from + NEVER)
}

fn clamped(offset: i64) -> i64 {
    offset.clamp(-LIMIT_MICROS, LIMIT_MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances_and_sets_for_every_clone() {
        let clock = Clock::default();
        let twin = clock.clone();
        let before = twin.now();
        clock.advance(Duration::from_secs(90 * 86_400));
        assert!(twin.now() >= before + Duration::from_secs(90 * 86_400));

        let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_717_430_121);
        clock.set(past);
        let now = twin.now();
        assert!(now >= past && now < past + Duration::from_secs(3_600));
    }

    #[test]
    fn stays_within_a_thousand_years() {
        let clock = Clock::default();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert!(clock.now() > real_time());
        clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 50));
        assert!(clock.now() > real_time());
    }
}
