//! `bankauth dn FILE`

use std::path::Path;

use bankauth_keys::{Attribute, Certificate, Dialect, DistinguishedName, SignedRequest};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Kind},
    output::{Output, escape},
};

/// More than any certificate has, in bytes.
const LARGEST: u64 = 1024 * 1024;

pub(crate) fn run(file: &Path, output: &Output) -> Result<(), Failure> {
    let name = read(file)?;
    let mut rows: Vec<(&str, String, String)> = Dialect::ALL
        .iter()
        .map(|dialect| {
            (
                dialect.label(),
                name.to_text(*dialect),
                dialect.used_by().join(", "),
            )
        })
        .collect();
    // Shown so that they are known when they are met; no bank takes them.
    let old = openssl_default(&name, " = ", true);
    rows.push((
        "openssl-3.0-default",
        old,
        "openssl up to 3.1, not for banks".to_owned(),
    ));
    let new = openssl_default(&name, "=", false);
    rows.push((
        "openssl-3.2-default",
        new,
        "openssl from 3.2, not for banks".to_owned(),
    ));
    if output.is_json() {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(label, text, by)| json!({ "dialect": label, "name": text, "used_by": by }))
            .collect();
        return output.value(&Value::Array(rows));
    }
    for (label, text, by) in rows {
        output.line(format!("{label:<20} {}", escape(&text)))?;
        if !by.is_empty() {
            output.line(format!("{:<20}   {by}", ""))?;
        }
    }
    Ok(())
}

/// The subject of a certificate or a request, or the name that stands in a text.
fn read(file: &Path) -> Result<DistinguishedName, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Kind::Usage,
            format!("{} cannot be read: {error}", file.display()),
        )
    };
    if std::fs::metadata(file).map_err(failed)?.len() > LARGEST {
        return Err(Failure::usage(format!(
            "{} is larger than {LARGEST} bytes",
            file.display()
        )));
    }
    let bytes = std::fs::read(file).map_err(failed)?;
    let is_text = |word: &str| {
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    };
    if is_text("BEGIN CERTIFICATE REQUEST") || is_text("BEGIN NEW CERTIFICATE REQUEST") {
        return Ok(SignedRequest::read_file(file)?.subject().clone());
    }
    if is_text("-----BEGIN ") {
        return Ok(Certificate::read_file(file)?.subject_name().clone());
    }
    // DER begins with a sequence, whose tag is also the digit that a dotted type may begin with.
    if bytes.first() == Some(&0x30) && bytes.get(1) != Some(&b'.') {
        return match SignedRequest::from_bytes(&bytes) {
            Ok(request) => Ok(request.subject().clone()),
            Err(_) => Ok(Certificate::read_file(file)?.subject_name().clone()),
        };
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::usage(format!(
            "{} is neither a certificate nor text",
            file.display()
        ))
    })?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(DistinguishedName::parse(
        text.strip_suffix('\r').unwrap_or(text),
    )?)
}

/// What `openssl x509 -subject` prints unless it is told otherwise: the order of the certificate, and quotation marks
/// or nothing where RFC 4514 has escapes.
fn openssl_default(name: &DistinguishedName, equals: &str, quotes: bool) -> String {
    let attribute = |attribute: &Attribute| {
        let kind = attribute.kind();
        let label = kind.short_name().map_or_else(|| kind.oid(), str::to_owned);
        let text = attribute.text().unwrap_or_default();
        let special = text.contains([',', '+', '"', '\\', '<', '>', ';'])
            || text.starts_with(['#', ' '])
            || text.ends_with(' ');
        let text = if quotes { ascii(&text) } else { text };
        let text = if quotes && special {
            format!("\"{}\"", text.replace('"', "\\\""))
        } else {
            text
        };
        format!("{label}{equals}{text}")
    };
    let together = |attributes: &[Attribute]| {
        attributes
            .iter()
            .map(attribute)
            .collect::<Vec<_>>()
            .join(" + ")
    };
    name.relative_names()
        .map(together)
        .collect::<Vec<_>>()
        .join(", ")
}

/// What openssl makes of octets outside of printable ASCII.
fn ascii(text: &str) -> String {
    let octet = |octet: u8| match octet {
        b' '..=b'~' => char::from(octet).to_string(),
        other => format!("\\{other:02X}"),
    };
    text.bytes().map(octet).collect()
}
