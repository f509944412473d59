//! What is printed, and where: results on stdout, everything said to a person on stderr.

use std::io::{self, IsTerminal as _, Write as _};

use crate::failure::Failure;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        self.bytes(text.as_ref().as_bytes())?;
        self.bytes(b"\n")
    }

    /// Bytes of the result, as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .or_else(|error| {
                // Whoever reads us had enough, as `head` does.
                if error.kind() == io::ErrorKind::BrokenPipe {
                    Ok(())
                } else {
                    Err(error.into())
                }
            })
    }

    /// An answer of a server: as it is to a program, without control characters to a terminal.
    pub(crate) fn foreign(&self, bytes: &[u8]) -> Result<(), Failure> {
        if io::stdout().is_terminal() {
            self.line(escape(&String::from_utf8_lossy(bytes)))
        } else {
            self.bytes(bytes)?;
            self.bytes(if bytes.ends_with(b"\n") { b"" } else { b"\n" })
        }
    }

    /// A value for programs.
    pub(crate) fn value(&self, value: &serde_json::Value) -> Result<(), Failure> {
        self.line(format!("{value:#}"))
    }

    /// An object: as JSON to a program, as labelled lines to a person.
    pub(crate) fn fields(&self, value: &serde_json::Value) -> Result<(), Failure> {
        let serde_json::Value::Object(fields) = value else {
            return self.value(value);
        };
        if self.json {
            return self.value(value);
        }
        for (label, value) in fields {
            match value {
                serde_json::Value::Object(inner) => {
                    self.line(format!("{label}:"))?;
                    for (label, value) in inner {
                        self.line(format!("  {label}: {}", plain(value)))?;
                    }
                }
                value if plain(value).contains('\n') => {
                    self.line(format!("{label}:\n{}", plain(value).trim_end()))?
                }
                value => self.line(format!("{label}: {}", plain(value)))?,
            }
        }
        Ok(())
    }

    /// Something that a person should know, unless they want quiet.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            complain(text.as_ref());
        }
    }

    /// Something that a person should know in any case.
    pub(crate) fn warn(&self, text: impl AsRef<str>) {
        complain(&format!("warning: {}", text.as_ref()));
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        complain(&format!("error: {}", escape(&failure.text())));
        if let Some(hint) = failure.hint() {
            complain(&format!("hint: {}", escape(&hint)));
        }
    }
}

fn complain(text: &str) {
    // A program whose stderr is gone has nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn plain(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::String(text) => escape(text),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "-".to_owned(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Octets as people compare them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}

/// Text of others made fit for a terminal: lines and tabs stay, other control characters become escapes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' && c != '\t' {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_cannot_drive_the_terminal() {
        assert_eq!(
            escape("{\n\t\"a\": \"\u{1b}[2J\u{9b}1m\r\"}"),
            "{\n\t\"a\": \"\\u{1b}[2J\\u{9b}1m\\r\"}"
        );
    }
}
