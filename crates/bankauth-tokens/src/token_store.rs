//! The seam to storage: a compare-and-swap register of opaque bytes.

use core::time::Duration;
use std::path::PathBuf;

use bankauth_grants::{BoxError, BoxFuture};
use secrecy::SecretSlice;

use crate::CredentialId;

/// Counts the writes of one register. A store hands it out; nobody else calculates with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(u64);

impl Revision {
    /// The revision with this number, for stores.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, for stores.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What a register holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct Stored {
    /// What a swap must expect in order to replace this record.
    pub revision: Revision,
    /// The record. It holds credentials.
    pub record: SecretSlice<u8>,
    /// How long ago it was written, by the store's clock; `None` where the store does not know.
    pub age: Option<Duration>,
}

impl Stored {
    /// A record as it stands in a store.
    #[must_use]
    pub const fn new(revision: Revision, record: SecretSlice<u8>, age: Option<Duration>) -> Self {
        Self {
            revision,
            record,
            age,
        }
    }
}

/// How a swap ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Swap {
    /// The record was written and has this revision now.
    Applied(Revision),
    /// Another write came first: the register holds this.
    Conflict(Option<Stored>),
}

/// What a store can promise. The truth, or credentials are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Promises {
    /// A swap that was applied survives a crash of this program and of its machine.
    pub durable: bool,
    /// Each load sees the last swap that was applied, whoever made it.
    pub linearizable: bool,
    /// An applied swap survives the loss of the store's leading node.
    pub survives_failover: bool,
}

impl Promises {
    /// Promises nothing.
    pub const NONE: Self = Self {
        durable: false,
        linearizable: false,
        survives_failover: false,
    };

    /// With durability promised or not.
    #[must_use]
    pub const fn with_durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// With linearizability promised or not.
    #[must_use]
    pub const fn with_linearizable(mut self, linearizable: bool) -> Self {
        self.linearizable = linearizable;
        self
    }

    /// With survival of a failover promised or not.
    #[must_use]
    pub const fn with_failover(mut self, survives_failover: bool) -> Self {
        self.survives_failover = survives_failover;
        self
    }
}

/// One register per credential, of opaque bytes, changed by compare and swap.
///
/// A store knows nothing of tokens: lease, intent and seal are fields of the record. A swap is atomic: it is applied as
/// a whole, or the register stays as it was.
pub trait TokenStore: Send + Sync {
    /// Reads the register.
    fn load<'a>(
        &'a self,
        id: &'a CredentialId,
    ) -> BoxFuture<'a, Result<Option<Stored>, StoreError>>;

    /// Writes `record` if the register is still at `expected` (`None`: still empty).
    fn swap<'a>(
        &'a self,
        id: &'a CredentialId,
        expected: Option<Revision>,
        record: &'a [u8],
    ) -> BoxFuture<'a, Result<Swap, StoreError>>;

    /// What the store can promise.
    fn promises(&self) -> Promises;
}

/// Why a store could not do it. After an error from a swap the register may or may not have changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached, read or written.
    #[error("cannot {action} {place}")]
    Unavailable {
        /// What was tried, as a verb: "read", "write", "lock".
        action: &'static str,
        /// Where: a path or the store's name.
        place: String,
        /// Why not.
        #[source]
        source: BoxError,
    },
    /// What is stored is damaged. It was kept aside, and the register is empty now.
    #[error("{place} is damaged ({problem}); it was kept as {kept_as}, log in again or restore it")]
    Damaged {
        /// Where it was.
        place: String,
        /// What is wrong with it.
        problem: &'static str,
        /// Where it is now.
        kept_as: PathBuf,
    },
    /// Others can read the file, or put another into the folder.
    #[error(
        "{place} has mode {found:04o}, expected {expected:04o}: others could read or replace the tokens"
    )]
    Exposed {
        /// Which file or folder.
        place: String,
        /// Its permission bits.
        found: u32,
        /// What they have to be.
        expected: u32,
    },
    /// A record that this version cannot read.
    #[error("the record of {place} cannot be read: {problem}")]
    Record {
        /// Which credential.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl StoreError {
    /// The store cannot be reached, read or written.
    pub fn unavailable(
        action: &'static str,
        place: impl Into<String>,
        source: impl Into<BoxError>,
    ) -> Self {
        Self::Unavailable {
            action,
            place: place.into(),
            source: source.into(),
        }
    }
}
