//! `bankauth csr create`

use bankauth_keys::{AttributeType, Dialect, Profile, Psd2Statement, SigningRequest};
use serde_json::json;

use crate::{arguments::CsrCreate, command::key, failure::Failure, output::Output};

pub(crate) fn create(create: &CsrCreate, output: &Output) -> Result<(), Failure> {
    let profile = create.profile;
    let fields = &create.subject;
    let subject = profile.subject([
        (AttributeType::COUNTRY, &fields.country),
        (AttributeType::STATE, &fields.state),
        (AttributeType::LOCALITY, &fields.locality),
        (AttributeType::ORGANIZATION, &fields.organization),
        (
            AttributeType::ORGANIZATIONAL_UNIT,
            &fields.organizational_unit,
        ),
        (
            AttributeType::ORGANIZATION_IDENTIFIER,
            &create.organization_identifier,
        ),
        (AttributeType::COMMON_NAME, &fields.common_name),
        (AttributeType::EMAIL_ADDRESS, &fields.email),
    ]);
    let mut request = SigningRequest::new(profile, subject);
    if let Some(statement) = statement(create)? {
        request = request.with_psd2(statement);
    }
    for host in &create.host {
        request = request.with_host(host);
    }
    // What will be signed is checked and shown before the key is touched.
    request.check()?;
    let subject = request.subject().to_text(Dialect::SHORT_NAME);
    output.say(format!("profile {profile}, subject {subject}"));
    if let Some(statement) = request.psd2() {
        output.say(format!("PSD2: {statement}"));
    }
    for warning in request.warnings() {
        output.warn(warning.to_string());
    }
    let signed = request.sign(&key::read(&create.key, &create.passphrase)?)?;
    let der = create.der || profile == Profile::RevolutSandbox;
    if der {
        signed.write_new_der_file(&create.out)?
    } else {
        signed.write_new_file(&create.out)?
    }
    output.say(format!(
        "the request is in {} ({})",
        create.out.display(),
        if der { "DER" } else { "PEM" }
    ));
    if output.is_json() {
        return output.value(&json!({
            "file": create.out,
            "encoding": if der { "der" } else { "pem" },
            "profile": profile.as_str(),
            "subject": subject,
            "key": signed.key_kind().map(|kind| kind.to_string()),
            "psd2": request.psd2().map(|statement| json!({
                "roles": statement.roles().iter().map(|role| role.as_str()).collect::<Vec<_>>(),
                "nca_name": statement.nca_name(),
                "nca_id": statement.nca_id(),
                "qc_type": statement.qc_type().map(|kind| kind.to_string()),
            })),
            "warnings": request.warnings().iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    }
    if der {
        Ok(())
    } else {
        output.line(signed.to_pem().trim_end())
    }
}

/// The statement of PSD2 that the arguments make, if they make one.
fn statement(create: &CsrCreate) -> Result<Option<Psd2Statement>, Failure> {
    let Some(qc_type) = create.profile.qc_type() else {
        let given = !create.role.is_empty() || create.nca_name.is_some();
        return if given {
            Err(Failure::usage(format!(
                "--role, --nca-name and --nca-id are given, expected none of them with profile {}",
                create.profile
            )))
        } else {
            Ok(None)
        };
    };
    match (&create.nca_name, &create.nca_id) {
        (Some(name), Some(id)) => Ok(Some(Psd2Statement::new(
            qc_type,
            create.role.iter().copied(),
            name,
            id,
        )?)),
        _ => Err(Failure::usage(format!(
            "--nca-name and --nca-id are missing, expected both and --role with profile {}",
            create.profile
        ))),
    }
}
