//! Metadata that are kept for a while (RFC 8414 §3.2).

use core::time::Duration;
use std::time::SystemTime;

use crate::Metadata;

/// Metadata with the time at which they were read: to be asked for again after a while, and used for a while longer if
/// that fails.
#[derive(Debug, Clone)]
pub struct MetadataCache {
    metadata: Metadata,
    read_at: SystemTime,
    fresh_for: Duration,
    usable_for: Duration,
}

/// The metadata are too old to be used. Ask for them again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the metadata were read more than {hours} hours ago, or in the future")]
pub struct StaleMetadata {
    hours: u64,
}

impl MetadataCache {
    /// Metadata that were read at `read_at`: fresh for an hour, and usable for a day.
    #[must_use]
    pub const fn new(metadata: Metadata, read_at: SystemTime) -> Self {
        Self {
            metadata,
            read_at,
            fresh_for: Duration::from_secs(60 * 60),
            usable_for: Duration::from_secs(24 * 60 * 60),
        }
    }

    /// Other times. What is fresh is usable as well.
    #[must_use]
    pub fn with_times(mut self, fresh_for: Duration, usable_for: Duration) -> Self {
        self.fresh_for = fresh_for;
        self.usable_for = usable_for.max(fresh_for);
        self
    }

    /// Whether it is time to ask again.
    #[must_use]
    pub fn is_due(&self, now: SystemTime) -> bool {
        self.age(now).is_none_or(|age| age >= self.fresh_for)
    }

    /// The metadata, as long as they may be used. A failed attempt to ask again leaves them as they are.
    ///
    /// # Errors
    /// When they are older than that.
    pub fn usable(&self, now: SystemTime) -> Result<&Metadata, StaleMetadata> {
        match self.age(now) {
            Some(age) if age <= self.usable_for => Ok(&self.metadata),
            _ => Err(StaleMetadata {
                hours: self.usable_for.as_secs() / 3600,
            }),
        }
    }

    fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.read_at).ok()
    }
}
