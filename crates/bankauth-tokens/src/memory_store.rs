//! A store that ends with the process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bankauth_grants::BoxFuture;
use secrecy::{ExposeSecret as _, SecretSlice};
use tokio::time::Instant;

use crate::{CredentialId, Promises, Revision, StoreError, Stored, Swap, TokenStore};

/// Keeps records in memory, wiped when dropped: for tests, and for banks where nothing is lost by asking again.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<CredentialId, Slot>>);

#[derive(Debug)]
struct Slot {
    revision: u64,
    record: SecretSlice<u8>,
    written: Instant,
}

impl Slot {
    fn stored(&self) -> Stored {
        let record = SecretSlice::from(self.record.expose_secret().to_vec());
        Stored::new(
            Revision::new(self.revision),
            record,
            Some(self.written.elapsed()),
        )
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(
        &'a self,
        id: &'a CredentialId,
    ) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        let slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = slots.get(id).map(Slot::stored);
        Box::pin(core::future::ready(Ok(stored)))
    }

    fn swap<'a>(
        &'a self,
        id: &'a CredentialId,
        expected: Option<Revision>,
        record: &'a [u8],
    ) -> BoxFuture<'a, Result<Swap, StoreError>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = slots.get(id);
        let swap = if found.map(|slot| slot.revision) == expected.map(Revision::number) {
            let revision = expected.map_or(1, |revision| revision.number() + 1);
            let record = SecretSlice::from(record.to_vec());
            slots.insert(
                id.clone(),
                Slot {
                    revision,
                    record,
                    written: Instant::now(),
                },
            );
            Swap::Applied(Revision::new(revision))
        } else {
            Swap::Conflict(found.map(Slot::stored))
        };
        Box::pin(core::future::ready(Ok(swap)))
    }

    fn promises(&self) -> Promises {
        Promises::NONE.with_linearizable(true)
    }
}
