//! The outside of a file: a line that tells a whole record from half of one.

use bankauth_grants::Body;

use crate::Revision;

const NAME: &str = "bankauth-token-file";
const FORMAT: &str = "1";

pub(crate) struct Envelope<'a> {
    pub(crate) revision: Revision,
    pub(crate) record: &'a [u8],
}

/// `bankauth-token-file 1 REVISION LENGTH CRC32`, a line feed, and the record.
pub(crate) fn wrap(revision: Revision, record: &[u8]) -> Body {
    let line = format!(
        "{NAME} {FORMAT} {} {} {:08x}\n",
        revision.number(),
        record.len(),
        crc32fast::hash(record)
    );
    let mut body = Body::from(line);
    body.append(record);
    body
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Cut, changed, or never a token file.
    Damaged(&'static str),
    /// Whole, as far as can be told, and written by a later version: not to be touched.
    Newer,
}

/// The revision and the record, or what is wrong.
pub(crate) fn unwrap(bytes: &[u8]) -> Result<Envelope<'_>, Unreadable> {
    parse(bytes).map_err(|problem| {
        if problem == NEWER {
            Unreadable::Newer
        } else {
            Unreadable::Damaged(problem)
        }
    })
}

const NEWER: &str = "it is of another format";

fn parse(bytes: &[u8]) -> Result<Envelope<'_>, &'static str> {
    if bytes.is_empty() {
        return Err("it is empty");
    }
    let end = bytes
        .iter()
        .take(200)
        .position(|byte| *byte == b'\n')
        .ok_or("its first line is cut off")?;
    let line = core::str::from_utf8(&bytes[..end]).map_err(|_| "its first line is no text")?;
    let record = &bytes[end + 1..];
    let fields: Vec<_> = line.split(' ').collect();
    let [name, format, revision, length, sum] = fields[..] else {
        return Err("its first line is not that of a token file");
    };
    if name != NAME {
        return Err("its first line is not that of a token file");
    }
    if format != FORMAT {
        return Err(NEWER);
    }
    let revision = revision.parse().map_err(|_| "its revision is no number")?;
    if length.parse() != Ok(record.len()) {
        return Err("its length is not the one it names");
    }
    if u32::from_str_radix(sum, 16) != Ok(crc32fast::hash(record)) {
        return Err("its checksum does not fit");
    }
    Ok(Envelope {
        revision: Revision::new(revision),
        record,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_line_names_everything() {
        assert_eq!(
            wrap(Revision::new(7), b"{}").expose_secret(),
            b"bankauth-token-file 1 7 2 a3a6bf43\n{}".as_slice()
        );
    }

    proptest! {
        #[test]
        fn a_record_comes_back(number in any::<u64>(), record in proptest::collection::vec(any::<u8>(), 0..100)) {
            let body = wrap(Revision::new(number), &record);
            let envelope = unwrap(body.expose_secret()).unwrap();
            prop_assert_eq!(envelope.revision.number(), number);
            prop_assert_eq!(envelope.record, &record[..]);
        }

        #[test]
        fn no_cut_goes_unnoticed(record in proptest::collection::vec(any::<u8>(), 0..60), cut in 0_usize..90) {
            let body = wrap(Revision::new(1), &record);
            let bytes = body.expose_secret();
            if cut < bytes.len() {
                prop_assert!(unwrap(&bytes[..cut]).is_err());
            }
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = unwrap(&bytes);
        }
    }
}
