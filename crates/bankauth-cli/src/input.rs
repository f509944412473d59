//! What is read from standard input: secrets, so nothing is echoed, and all of it is wiped when it is dropped.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use crate::failure::Failure;

/// More than any address or token has, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Reads a secret: at a terminal one line after a prompt and without echo, else all there is.
pub(crate) fn secret(what: &str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if io::stdin().is_terminal() {
        return prompted(what, prompt);
    }
    let mut text = empty();
    io::stdin()
        .lock()
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(what, &error))?;
    checked(text, what)
}

/// Reads one line that is not blank: at a terminal after a prompt and without echo.
pub(crate) fn line(what: &str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if io::stdin().is_terminal() {
        return prompted(what, prompt);
    }
    let mut input = io::stdin().lock().take(LONGEST + 1);
    loop {
        let mut text = empty();
        let read = input
            .read_line(&mut text)
            .map_err(|error| unreadable(what, &error))?;
        if read == 0 || !text.trim().is_empty() {
            return checked(text, what);
        }
    }
}

fn prompted(what: &str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    loop {
        let text = rpassword::prompt_password(prompt).map_err(|error| unreadable(what, &error))?;
        let text = Zeroizing::new(text);
        if !text.trim().is_empty() {
            return checked(text, what);
        }
    }
}

/// Room for the longest text from the start: a string that grows leaves copies behind.
fn empty() -> Zeroizing<String> {
    Zeroizing::new(String::with_capacity(
        usize::try_from(LONGEST).unwrap_or_default() + 1,
    ))
}

fn unreadable(what: &str, error: &io::Error) -> Failure {
    Failure::usage(format!(
        "{what} cannot be read from standard input: {error}"
    ))
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
