//! What is read from standard input: one line, wiped when it is dropped.

use std::io::{self, Read as _};

use zeroize::Zeroizing;

use crate::failure::Failure;

/// More than any address or token has, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Reads all of standard input, without the line feed at its end.
pub(crate) fn all(what: &str) -> Result<Zeroizing<String>, Failure> {
    let room = usize::try_from(LONGEST).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    io::stdin()
        .lock()
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| {
            Failure::usage(format!(
                "{what} cannot be read from standard input: {error}"
            ))
        })?;
    checked(text, what)
}

/// Reads one line of standard input.
pub(crate) fn line(what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
    io::stdin().read_line(&mut text).map_err(|error| {
        Failure::usage(format!(
            "{what} cannot be read from standard input: {error}"
        ))
    })?;
    checked(text, what)
}

fn checked(mut text: Zeroizing<String>, what: &str) -> Result<Zeroizing<String>, Failure> {
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(Failure::usage(format!(
            "{what} on standard input is longer than {LONGEST} bytes"
        )));
    }
    while text.ends_with(['\n', '\r']) {
        text.pop();
    }
    if text.is_empty() {
        return Err(Failure::usage(format!(
            "standard input is empty, expected {what}"
        )));
    }
    Ok(text)
}
