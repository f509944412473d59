//! `bankauth show NAME`

use bankauth_keys::{Certificate, PrivateKey};
use bankauth_profile::Profile;
use bankauth_tokens::{FileStore, Status};
use serde_json::{Map, Value, json};

use crate::{
    arguments::Global,
    failure::{Failure, Kind},
    output::Output,
    session,
};

pub(crate) fn run(global: &Global, name: &str, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let mut shown = Map::new();
    shown.insert("profile".to_owned(), json!(profile.name()));
    for (key, value) in profile.values() {
        shown.insert(key.to_owned(), json!(value));
    }
    shown.insert("key".to_owned(), key(&profile));
    shown.insert("certificate_details".to_owned(), certificate(&profile));
    shown.insert("token".to_owned(), token(global, &profile)?);
    if output.is_json() {
        return output.value(&Value::Object(shown));
    }
    for (key, value) in &shown {
        match value {
            Value::Object(inner) => {
                output.line(format!("{key}:"))?;
                for (key, value) in inner {
                    output.line(format!("  {key}: {}", plain(value)))?;
                }
            }
            value => output.line(format!("{key}: {}", plain(value)))?,
        }
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "-".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn key(profile: &Profile) -> Value {
    let Some(path) = profile.path("private_key") else {
        return Value::Null;
    };
    match PrivateKey::read_file(&path) {
        Ok(key) => json!({ "file": path, "kind": key.kind().to_string() }),
        Err(error) => json!({ "file": path, "problem": chain(&error) }),
    }
}

fn certificate(profile: &Profile) -> Value {
    let Some(path) = profile.path("certificate") else {
        return Value::Null;
    };
    match Certificate::read_file(&path) {
        Ok(certificate) => {
            let key = profile
                .path("private_key")
                .and_then(|path| PrivateKey::read_file(&path).ok());
            json!({
                "file": path,
                "subject": certificate.subject(),
                "not_before": session::utc(certificate.not_before()),
                "not_after": session::utc(certificate.not_after()),
                "days_left": certificate.days_left(session::now()),
                "sha256": hex(&certificate.sha256_fingerprint()),
                "belongs_to_key": key.map(|key| certificate.belongs_to(&key)),
            })
        }
        Err(error) => json!({ "file": path, "problem": chain(&error) }),
    }
}

fn token(global: &Global, profile: &Profile) -> Result<Value, Failure> {
    let Ok(id) = profile.credential_id() else {
        return Ok(Value::Null);
    };
    let store = FileStore::new(session::state_folder(global)?);
    match session::run(async {
        Status::load(&id, &store)
            .await
            .map_err(|error| Failure::new(Kind::Ours, error))
    })? {
        None => Ok(json!({ "stored": false })),
        Some(status) => Ok(describe(&status)),
    }
}

fn describe(status: &Status) -> Value {
    json!({
        "stored": true,
        "refresh_token": status.has_refresh_token,
        "issued_at": status.issued_at.map(session::utc),
        "expires_at": status.expires_at.map(session::utc),
        "scope": status.scope,
        "generation": status.generation,
        "authorise_again_because": status.needs_user,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect::<Vec<_>>()
        .join(":")
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
