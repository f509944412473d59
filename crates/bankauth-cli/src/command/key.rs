//! `bankauth key generate|show`

use std::path::Path;

use bankauth_keys::{KeySpec, PrivateKey};

use crate::{
    arguments::{Key, Passphrase},
    failure::Failure,
    output::Output,
};

pub(crate) fn run(command: Key, output: &Output) -> Result<(), Failure> {
    match command {
        Key::Generate {
            algorithm,
            out,
            passphrase,
        } => {
            let key = PrivateKey::generate(KeySpec::from(algorithm))?;
            match passphrase.source() {
                Some(source) => key.write_new_encrypted_file(&out, &source.read()?)?,
                None => key.write_new_file(&out)?,
            }
            output.say(format!(
                "the private key is in {}, mode 0600",
                out.display()
            ));
            tell(&key, &out, output)
        }
        Key::Show { file, passphrase } => tell(&read(&file, &passphrase)?, &file, output),
    }
}

/// Reads a key, opened with the passphrase where one is named.
pub(crate) fn read(file: &Path, passphrase: &Passphrase) -> Result<PrivateKey, Failure> {
    Ok(match passphrase.source() {
        Some(source) => PrivateKey::read_file_with_passphrase(file, &source.read()?)?,
        None => PrivateKey::read_file(file)?,
    })
}

fn tell(key: &PrivateKey, file: &Path, output: &Output) -> Result<(), Failure> {
    output.fields(&serde_json::json!({
        "file": file,
        "kind": key.kind().to_string(),
        "public_key_sha256": crate::output::hex(&key.public_key_sha256()),
        "public_key": key.public_key_pem(),
    }))
}
