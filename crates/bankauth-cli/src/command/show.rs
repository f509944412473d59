//! `bankauth show NAME`

use bankauth_keys::{Certificate, PrivateKey};
use bankauth_profile::Profile;
use bankauth_tokens::{FileStore, Status};
use serde_json::{Map, Value, json};

use crate::{
    arguments::Global,
    failure::{Failure, Kind},
    output::{Output, hex},
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
    output.fields(&Value::Object(shown))
}

fn key(profile: &Profile) -> Value {
    let Some(path) = profile.path("private_key") else {
        return Value::Null;
    };
    match PrivateKey::read_file(&path) {
        Ok(key) => json!({ "file": path, "kind": key.kind().to_string() }),
        Err(error) => json!({ "file": path, "problem": crate::failure::chain(&error) }),
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
        Err(error) => json!({ "file": path, "problem": crate::failure::chain(&error) }),
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
