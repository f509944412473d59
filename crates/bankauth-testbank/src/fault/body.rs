//! Bodies that no bank means to send.

use std::{
    future::Future,
    io::Write,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use flate2::{Compression, write::GzEncoder};
use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// Ends a body, and with it the connection, before its announced length.
#[derive(Debug, thiserror::Error)]
#[error("the body is cut off on purpose")]
struct CutOff;

/// This many letters `a`, never in memory as a whole.
pub(super) fn large(bytes: u64) -> Body {
    const PIECE: Bytes = Bytes::from_static(&[b'a'; 16 * 1024]);
    Body::new(Repeated {
        piece: PIECE,
        left: bytes,
    })
}

/// A gzip body that unpacks to this many letters `a`, rounded up to a MiB. The format is a row of members, each of
/// them whole (RFC 1952 section 2.2): one of a MiB, made once and sent again and again.
pub(super) fn gzip_bomb(bytes: u64) -> Body {
    const MEMBER: usize = 1024 * 1024;
    let member = Bytes::from(gzip(&vec![b'a'; MEMBER]));
    let left = bytes
        .div_ceil(MEMBER as u64)
        .saturating_mul(member.len() as u64);
    Body::new(Repeated {
        piece: member,
        left,
    })
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing into memory cannot fail")
}

/// One byte after the other, with a pause before each.
pub(super) fn trickle(bytes: Vec<u8>, pause: Duration) -> Body {
    Body::new(Trickle {
        bytes: Bytes::from(bytes),
        pause,
        waiting: Box::pin(sleep(pause)),
    })
}

/// These bytes, then the end of the connection.
pub(super) fn torn(bytes: Vec<u8>) -> Body {
    Body::new(Torn {
        bytes: Bytes::from(bytes),
        pause: None,
    })
}

struct Repeated {
    piece: Bytes,
    left: u64,
}

impl hyper::body::Body for Repeated {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let size =
            usize::try_from(self.left).map_or(self.piece.len(), |left| left.min(self.piece.len()));
        self.left -= size as u64;
        Poll::Ready(Some(Ok(Frame::data(self.piece.slice(..size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        // Unknown on purpose: with an exact size hyper would announce it, and a client could refuse before reading.
        SizeHint::new()
    }
}

struct Trickle {
    bytes: Bytes,
    pause: Duration,
    waiting: Pin<Box<Sleep>>,
}

impl hyper::body::Body for Trickle {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.waiting.as_mut().poll(context));
        self.waiting = Box::pin(sleep(self.pause));
        let byte = self.bytes.split_to(1);
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }
}

struct Torn {
    bytes: Bytes,
    pause: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for Torn {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        // An error drops what hyper has not written yet; the wait lets it write the head and the half first.
        let pause = self
            .pause
            .get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(1))));
        ready!(pause.as_mut().poll(context));
        Poll::Ready(Some(Err(CutOff)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[tokio::test]
    async fn a_bomb_unpacks_to_what_it_says() {
        let packed = axum::body::to_bytes(gzip_bomb(3 * 1024 * 1024 - 1), usize::MAX)
            .await
            .unwrap();
        assert!(packed.len() < 16 * 1024, "{}", packed.len());
        let mut unpacked = Vec::new();
        flate2::read::MultiGzDecoder::new(&*packed)
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked.len(), 3 * 1024 * 1024);
        assert!(unpacked.iter().all(|byte| *byte == b'a'));
    }
}
