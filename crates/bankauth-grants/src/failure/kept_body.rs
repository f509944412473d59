//! The beginning of an answer's body, for those who ask for it.

use core::fmt;
use std::sync::Arc;

use crate::Body;

/// As much as is kept.
const LONGEST: usize = 4096;

/// At most 4 KiB of a body: wiped with the last copy, and `Debug` shows the length alone.
#[derive(Clone)]
pub(crate) struct KeptBody(Arc<Body>);

impl KeptBody {
    pub(crate) fn of(body: &[u8]) -> Self {
        let kept = body.get(..LONGEST).unwrap_or(body);
        Self(Arc::new(Body::from(kept.to_vec())))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for KeptBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
