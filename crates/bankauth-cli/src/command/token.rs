//! `bankauth token NAME`

use bankauth_profile::Profile;

use crate::{arguments::Global, failure::Failure, output::Output, session};

pub(crate) fn run(global: &Global, name: &str, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    let current = session::run(async { Ok(bank.tokens.access_token().await?) })
        .map_err(|failure| advise(failure, global, &profile))?;
    output.line(current.access_token().expose_secret())
}

/// Says what helps when only the user can: which command, and where a damaged record was kept.
pub(crate) fn advise(failure: Failure, global: &Global, profile: &Profile) -> Failure {
    if failure.code() != 5 {
        return failure;
    }
    let mut hint = format!(
        "run `{} login {}`",
        session::program(global),
        profile.name()
    );
    if let (Ok(id), Ok(folder)) = (profile.credential_id(), session::state_folder(global)) {
        let kept = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let is_kept = |path: &std::path::PathBuf| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.starts_with(&format!("{id}.damaged-"))
        };
        for path in kept.filter(is_kept) {
            hint.push_str(&format!(
                "; a damaged record was kept as {}",
                path.display()
            ));
        }
    }
    failure.of_profile(profile.name()).with_hint(hint)
}
