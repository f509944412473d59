//! Bytes of a request or an answer that may hold secrets.

use core::fmt;
use zeroize::Zeroizing;

/// The body of a request or an answer: wiped when dropped, and its `Debug` shows the length alone.
#[derive(Default)]
pub struct Body(Zeroizing<Vec<u8>>);

impl Body {
    /// A body without bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The bytes themselves. They may hold credentials.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds bytes at the end. The buffer grows by copying into a new one and wiping the old, which `Vec` would not do.
    pub fn append(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut grown = Vec::with_capacity(needed.max(self.0.capacity().saturating_mul(2)));
            grown.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(grown);
        }
        self.0.extend_from_slice(bytes);
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes().to_vec())
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_a_secret_body_can_be_printed() {
        let request = http::Request::post("https://bank.example/token")
            .body(Body::from("client_secret=marked"))
            .unwrap();
        let printed = format!("{request:?}");
        assert!(!printed.contains("marked"), "{printed}");
        assert!(printed.contains("Body(20 bytes)"), "{printed}");
    }

    #[test]
    fn appending_keeps_the_bytes_in_order() {
        let mut body = Body::empty();
        for part in [&b"one"[..], b"", b" and a longer two", b" three"] {
            body.append(part);
        }
        assert_eq!(body.expose_secret(), b"one and a longer two three");
    }
}
