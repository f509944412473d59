//! `bankauth cert create|show`

use std::path::Path;

use bankauth_keys::{Certificate, Dialect, ExtensionError, SelfSigned, Subject};
use bankauth_profile::renew_certificate;
use serde_json::{Value, json};

use crate::{
    arguments::{Cert, CertCreate, Global},
    command::key,
    failure::Failure,
    output::{Output, hex},
    session,
};

pub(crate) fn run(global: &Global, command: Cert, output: &Output) -> Result<(), Failure> {
    match command {
        Cert::Create(create) => match (&create.profile, &create.key, &create.out) {
            (Some(profile), ..) => {
                let subject = Subject::from(&create.subject);
                if subject.check().is_ok() || create.passphrase.source().is_some() {
                    return Err(Failure::usage(
                        "a subject or a passphrase is given beside --renew, expected neither: the subject stays that of \
                         the old certificate, and the passphrase is the profile's (`cert create --key --out` makes another)",
                    ));
                }
                renew(global, profile, create.days, output)
            }
            (None, ..) if create.renew => Err(Failure::usage(
                "--renew is given without --profile, expected the profile whose certificate is renewed",
            )),
            (None, Some(key), Some(out)) => self_sign(&create, key, out, output),
            // clap asks for both unless a profile is named.
            _ => Err(Failure::usage(
                "--key and --out are needed, or --profile and --renew",
            )),
        },
        Cert::Show { file } => show(&file, output),
    }
}

fn self_sign(create: &CertCreate, key: &Path, out: &Path, output: &Output) -> Result<(), Failure> {
    let key = key::read(key, &create.passphrase)?;
    let certificate = SelfSigned::new(Subject::from(&create.subject))
        .with_days(create.days)
        .sign(&key, session::now())?;
    certificate.write_new_file(out)?;
    output.say(format!("the certificate is in {}", out.display()));
    if output.is_json() {
        output.value(&describe(&certificate))
    } else {
        output.line(certificate.to_pem().trim_end())
    }
}

fn renew(global: &Global, name: &str, days: u32, output: &Output) -> Result<(), Failure> {
    let program = session::program(global);
    let profile = session::profile(global, name, output)?;
    let renewed = renew_certificate(&profile, days, session::now())?;
    if output.is_json() {
        let mut value = describe(&renewed.certificate);
        value["file"] = json!(renewed.file);
        value["kept_as"] = json!(renewed.kept_as);
        return output.value(&value);
    }
    output.say(format!(
        "the new certificate is in {}, the old one was kept as {}
upload the new one to the bank as you did the old one; if the bank shows another ClientID with it, run
`{program} set {name} client-id VALUE` and `{program} login {name}`",
        renewed.file.display(),
        renewed.kept_as.display(),
    ));
    output.line(renewed.certificate.to_pem().trim_end())
}

fn show(file: &Path, output: &Output) -> Result<(), Failure> {
    let chain = Certificate::read_chain_file(file)?;
    if output.is_json() {
        return output.value(&Value::Array(chain.iter().map(describe).collect()));
    }
    for (index, certificate) in chain.iter().enumerate() {
        if index > 0 {
            output.line("")?;
        }
        output.fields(&describe(certificate))?;
    }
    Ok(())
}

/// What a certificate says, without its bytes.
fn describe(certificate: &Certificate) -> Value {
    let now = session::now();
    let extensions = certificate.extensions();
    json!({
        "subject": certificate.subject(),
        "issuer": certificate.issuer_name().to_text(Dialect::SHORT_NAME),
        "self_issued": certificate.is_self_issued(),
        "serial_number": certificate.serial_number(),
        "key": certificate.key_kind().map(|kind| kind.to_string()),
        "not_before": session::utc(certificate.not_before()),
        "not_after": session::utc(certificate.not_after()),
        "days_left": certificate.days_left(now),
        "valid_now": certificate.is_valid_at(now),
        "sha256": hex(&certificate.sha256_fingerprint()),
        "x5t#S256": certificate.x5t_s256(),
        "key_usage": list(extensions.key_usage()),
        "extended_key_usage": list(extensions.extended_key_usage()),
        "alternative_names": list(extensions.alternative_names()),
        "psd2": match extensions.psd2() {
            Ok(statement) => json!(statement.map(|statement| statement.to_string())),
            Err(error) => json!({ "problem": crate::failure::chain(&error) }),
        },
    })
}

/// Values of an extension, or what is wrong with it.
fn list<T: ToString>(values: Result<Vec<T>, ExtensionError>) -> Value {
    match values {
        Ok(values) => json!(values.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Err(error) => json!({ "problem": crate::failure::chain(&error) }),
    }
}
