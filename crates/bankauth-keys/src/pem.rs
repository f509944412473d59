//! The PEM text encoding (RFC 7468). Blocks are found without decoding them, and what is decoded is wiped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::pem_error::PemError;

/// One block of a text, not yet decoded.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    /// Whether the headers of the traditional form say `Proc-Type: 4,ENCRYPTED` (RFC 1421 section 4.6.1.1).
    pub(crate) encrypted: bool,
    line: usize,
    body: &'a [u8],
    body_line: usize,
}

impl Block<'_> {
    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, PemError> {
        // Capacities are exact upper bounds: a buffer that grew would leave a copy of the key behind.
        let mut symbols = Zeroizing::new(Vec::with_capacity(self.body.len()));
        for line in lines(self.body) {
            for octet in line.octets {
                match octet {
                    b' ' | b'\t' => {}
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => {
                        symbols.push(*octet);
                    }
                    _ => {
                        let line = self.body_line + line.number - 1;
                        return Err(PemError::NotBase64 { line });
                    }
                }
            }
        }
        // The decoder's own error quotes a symbol of the input, so it goes no further.
        let damaged = || PemError::Damaged {
            label: self.label.to_owned(),
            line: self.line,
        };
        let mut der = Zeroizing::new(vec![0; symbols.len() / 4 * 3 + 3]);
        let length = STANDARD
            .decode_slice(symbols.as_slice(), der.as_mut_slice())
            .map_err(|_| damaged())?;
        der.truncate(length);
        if der.is_empty() {
            return Err(damaged());
        }
        Ok(der)
    }
}

/// Finds every block. Text outside of blocks is ignored, lines end in LF, CRLF or CR.
pub(crate) fn blocks(text: &[u8]) -> Result<Vec<Block<'_>>, PemError> {
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        return Err(PemError::Utf16);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut found = Vec::new();
    let mut lines = lines(text);
    while let Some(line) = lines.next() {
        match boundary(&line)? {
            None => {}
            Some(Boundary::Begin(label)) => found.push(block(text, label, &line, &mut lines)?),
            Some(Boundary::End(label)) => {
                return Err(PemError::NoBegin {
                    label: label.to_owned(),
                    line: line.number,
                });
            }
        }
    }
    if found.is_empty() {
        return Err(PemError::NoBlock);
    }
    Ok(found)
}

/// Writes one block: lines of 64 symbols that end in LF. The text is allocated once, at its full length.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let mut symbols = Zeroizing::new(vec![0; der.len().div_ceil(3) * 4]);
    let length = STANDARD
        .encode_slice(der, symbols.as_mut_slice())
        .expect("the buffer has the length of the padded encoding");
    let symbols = str::from_utf8(&symbols[..length]).expect("base64 is ASCII");
    let boundaries = "-----BEGIN -----\n-----END -----\n".len() + 2 * label.len();
    let mut text = String::with_capacity(boundaries + length + length.div_ceil(LINE));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = symbols;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// Symbols in a line (RFC 7468 section 2).
const LINE: usize = 64;

struct Line<'a> {
    octets: &'a [u8],
    number: usize,
    start: usize,
    /// Where the next line starts.
    end: usize,
}

#[derive(Clone)]
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    number: usize,
}

const fn lines(text: &[u8]) -> Lines<'_> {
    Lines {
        text,
        at: 0,
        number: 0,
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest
            .iter()
            .position(|octet| matches!(octet, b'\n' | b'\r'))
            .unwrap_or(rest.len());
        let ending = match rest[length..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        let start = self.at;
        self.at += length + ending;
        self.number += 1;
        Some(Line {
            octets: &rest[..length],
            number: self.number,
            start,
            end: self.at,
        })
    }
}

enum Boundary<'a> {
    Begin(&'a str),
    End(&'a str),
}

fn boundary<'a>(line: &Line<'a>) -> Result<Option<Boundary<'a>>, PemError> {
    let octets = line.octets.trim_ascii();
    let (rest, kind): (_, fn(&'a str) -> Boundary<'a>) =
        if let Some(rest) = octets.strip_prefix(BEGIN) {
            (rest, Boundary::Begin)
        } else if let Some(rest) = octets.strip_prefix(END) {
            (rest, Boundary::End)
        } else {
            return Ok(None);
        };
    let line = line.number;
    let length = rest
        .windows(5)
        .position(|window| window == b"-----")
        .ok_or(PemError::Boundary { line })?;
    let label = str::from_utf8(&rest[..length])
        .ok()
        .filter(|label| is_label(label))
        .ok_or(PemError::Boundary { line })?;
    if rest.len() > length + 5 {
        return Err(PemError::TextAfterBoundary { line });
    }
    Ok(Some(kind(label)))
}

/// Labels are repeated in errors, so they are held to a form that no key material has.
fn is_label(label: &str) -> bool {
    label.len() <= 40
        && label.bytes().all(|octet| {
            octet.is_ascii_uppercase() || octet.is_ascii_digit() || matches!(octet, b' ' | b'.')
        })
}

fn block<'a>(
    text: &'a [u8],
    label: &'a str,
    begin: &Line<'a>,
    lines: &mut Lines<'a>,
) -> Result<Block<'a>, PemError> {
    let (encrypted, body, body_line) = skip_headers(lines, begin.end, begin.number + 1);
    for line in lines.by_ref() {
        match boundary(&line)? {
            None => {}
            Some(Boundary::Begin(_)) => break,
            Some(Boundary::End(end)) if end == label => {
                return Ok(Block {
                    label,
                    encrypted,
                    line: begin.number,
                    body: &text[body..line.start],
                    body_line,
                });
            }
            Some(Boundary::End(end)) => {
                return Err(PemError::LabelMismatch {
                    begin: label.to_owned(),
                    end: end.to_owned(),
                    line: line.number,
                });
            }
        }
    }
    Err(PemError::NoEnd {
        label: label.to_owned(),
        line: begin.number,
    })
}

/// Passes the headers of the traditional form (RFC 1421 section 4.4), which an empty line ends.
/// Gives whether they announce encryption, and offset and number of the first line of the body.
fn skip_headers(lines: &mut Lines<'_>, start: usize, number: usize) -> (bool, usize, usize) {
    let mut ahead = lines.clone();
    let mut encrypted = false;
    let mut any = false;
    while let Some(line) = ahead.next() {
        let octets = line.octets.trim_ascii();
        if octets.starts_with(b"-----") {
            break;
        }
        if octets.is_empty() && any {
            *lines = ahead;
            return (encrypted, line.end, line.number + 1);
        }
        // The first line decides: base64 has no colon. Later lines may continue a header.
        if !any && !octets.contains(&b':') {
            break;
        }
        any = true;
        encrypted |= octets.starts_with(b"Proc-Type:") && octets.ends_with(b"ENCRYPTED");
    }
    (encrypted, start, number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "-----BEGIN A KEY-----\nAAEC\nAwQ=\n-----END A KEY-----\n";

    fn decoded(text: &str) -> Result<Vec<Vec<u8>>, PemError> {
        blocks(text.as_bytes())?
            .iter()
            .map(|block| Ok(block.decode()?.to_vec()))
            .collect()
    }

    // RFC 7468 section 2: text around, any line ending; section 3: any width, white space
    #[test]
    fn tolerated_forms_decode_alike() {
        let expected = Ok(vec![vec![0, 1, 2, 3, 4]]);
        for text in [
            KEY.to_owned(),
            KEY.replace('\n', "\r\n"),
            KEY.replace('\n', "\r"),
            KEY.replace("AAEC\n", "AAEC"),
            KEY.replace("AAEC", "A A\tE\nC\n"),
            KEY.replace('\n', "  \n  "),
            format!("\u{feff}{KEY}"),
            format!("Bag Attributes\n  a: b\n\u{fc}\n{KEY}trailing text\n"),
            KEY.trim_end().to_owned(),
            KEY.replace("KEY-----\nA", "KEY-----\nX-Note: a\n\nA"),
        ] {
            assert_eq!(decoded(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn several_blocks_keep_their_order() {
        let text = format!("{KEY}{}", KEY.replace("AAEC", "AAED"));
        assert_eq!(
            decoded(&text),
            Ok(vec![vec![0, 1, 2, 3, 4], vec![0, 1, 3, 3, 4]])
        );
    }

    // RFC 7468 section 3: a mismatch of labels, damaged base64 and text after END are refused
    #[test]
    fn damage_is_named_with_its_line() {
        for (text, message) in [
            (
                "",
                "no line begins with -----BEGIN, so this is not PEM text",
            ),
            (
                "MIIEow",
                "no line begins with -----BEGIN, so this is not PEM text",
            ),
            (
                "\n-----BEGIN A----\nAAEC\n",
                "line 2 is a damaged boundary, expected five dashes on both sides of a label in capitals",
            ),
            (
                "-----BEGIN MIIEow-----\nAAEC\n",
                "line 1 is a damaged boundary, expected five dashes on both sides of a label in capitals",
            ),
            (
                "-----BEGIN A-----AAEC-----END A-----",
                "line 1 goes on after its boundary, expected a line break there",
            ),
            (
                "-----BEGIN A-----\nAAEC\n-----END A-----x\n",
                "line 3 goes on after its boundary, expected a line break there",
            ),
            (
                "x\r\n-----BEGIN A-----\r\nAAEC\r\n",
                "the block A that begins on line 2 has no END line",
            ),
            (
                "-----BEGIN A-----\nAAEC\n-----BEGIN B-----\n-----END B-----\n",
                "the block A that begins on line 1 has no END line",
            ),
            (
                "AAEC\n-----END A-----\n",
                "line 2 ends a block A that never began",
            ),
            (
                "-----BEGIN A-----\nAAEC\n-----END B-----\n",
                "the block A is ended on line 3 as B, expected A",
            ),
            (
                "-----BEGIN A-----\nAAEC\nA*EC\n-----END A-----\n",
                "line 3 holds a character that is not base64",
            ),
            (
                "-----BEGIN A-----\nX: y\n\nAAEC\nA:EC\n-----END A-----\n",
                "line 5 holds a character that is not base64",
            ),
            (
                "-----BEGIN A-----\nAAE\n-----END A-----\n",
                "the base64 of the block A that begins on line 1 is cut short or damaged",
            ),
            (
                "-----BEGIN A-----\nAA==AAEC\n-----END A-----\n",
                "the base64 of the block A that begins on line 1 is cut short or damaged",
            ),
            (
                "-----BEGIN A-----\n-----END A-----\n",
                "the base64 of the block A that begins on line 1 is cut short or damaged",
            ),
        ] {
            let error = decoded(text).unwrap_err();
            assert_eq!(error.to_string(), message, "{text:?}");
        }
        assert_eq!(
            blocks(b"\xff\xfe-\0-\0").err().unwrap().to_string(),
            "the text is UTF-16, expected ASCII or UTF-8; save it again in one of these"
        );
    }

    // RFC 1421 section 4.6.1.1
    #[test]
    fn headers_tell_of_encryption() {
        let encrypted = "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n-----END A-----\n";
        for text in [encrypted.to_owned(), encrypted.replace('\n', "\r\n")] {
            let found = blocks(text.as_bytes()).unwrap();
            assert!(found[0].encrypted);
            assert_eq!(*found[0].decode().unwrap(), [0, 1, 2]);
        }
        assert!(!blocks(KEY.as_bytes()).unwrap()[0].encrypted);
    }

    #[test]
    fn what_is_written_has_its_full_length_at_once() {
        for length in [1, 2, 3, 47, 48, 49, 96, 1200] {
            let text = encode("PRIVATE KEY", &vec![7; length]);
            assert_eq!(text.capacity(), text.len(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(der in prop::collection::vec(any::<u8>(), 1..2000)) {
            let text = encode("CERTIFICATE", &der);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            let found = blocks(text.as_bytes()).unwrap();
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].label, "CERTIFICATE");
            prop_assert_eq!(&**found[0].decode().unwrap(), &der[..]);
        }

        #[test]
        fn reading_never_panics(text: Vec<u8>) {
            let _ = blocks(&text);
        }

        #[test]
        fn reading_never_panics_near_the_format(
            text in "(-----(BEGIN|END) [AB]{0,2}-{0,6}|[A-Za-z0-9+/=]{0,9}|[ :\r\n\u{feff}]{1,2}){0,12}"
        ) {
            if let Ok(found) = blocks(text.as_bytes()) {
                for block in found {
                    let _ = block.decode();
                }
            }
        }
    }
}
