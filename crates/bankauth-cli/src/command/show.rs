//! `bankauth show NAME`

use bankauth_keys::{Certificate, PrivateKey};
use bankauth_profile::{Profile, ProfileError};
use bankauth_tokens::{FileStore, Status};
use serde_json::{Map, Value, json};

use crate::{
    arguments::Global,
    failure::Failure,
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
    let private_key = profile.private_key();
    shown.insert("key".to_owned(), key(&profile, &private_key));
    shown.insert(
        "certificate_details".to_owned(),
        certificate(&profile, &private_key),
    );
    shown.insert("token".to_owned(), token(global, &profile)?);
    output.fields(&Value::Object(shown))
}

fn key(profile: &Profile, key: &Result<PrivateKey, ProfileError>) -> Value {
    let file = profile.path("private_key");
    match key {
        Ok(key) => json!({ "file": file, "kind": key.kind().to_string() }),
        Err(error) => json!({ "file": file, "problem": crate::failure::chain(error) }),
    }
}

fn certificate(profile: &Profile, key: &Result<PrivateKey, ProfileError>) -> Value {
    let Some(path) = profile.path("certificate") else {
        return Value::Null;
    };
    match Certificate::read_file(&path) {
        Ok(certificate) => json!({
            "file": path,
            "subject": certificate.subject(),
            "not_before": session::utc(certificate.not_before()),
            "not_after": session::utc(certificate.not_after()),
            "days_left": certificate.days_left(session::now()),
            "sha256": hex(&certificate.sha256_fingerprint()),
            "belongs_to_key": key.as_ref().ok().map(|key| certificate.belongs_to(key)),
        }),
        Err(error) => json!({ "file": path, "problem": crate::failure::chain(&error) }),
    }
}

fn token(global: &Global, profile: &Profile) -> Result<Value, Failure> {
    let Ok(id) = profile.credential_id() else {
        return Ok(json!({ "stored": false, "problem": "the profile has no client_id yet" }));
    };
    let store = FileStore::new(session::state_folder(global)?);
    Ok(
        match session::run(async { Ok(Status::load(&id, &store).await) })? {
            Ok(None) => json!({ "stored": false }),
            Ok(Some(status)) => describe(&status),
            Err(error) => json!({ "problem": crate::failure::chain(&error) }),
        },
    )
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
