//! `bankauth token NAME`

use crate::{arguments::Global, failure::Failure, output::Output, session};

pub(crate) fn run(global: &Global, name: &str, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    let current = session::run(async { Ok(bank.tokens.access_token().await?) })
        .map_err(|failure| advise(failure, name))?;
    output.line(current.access_token().expose_secret())
}

/// Names the command that helps when only the user can.
pub(crate) fn advise(failure: Failure, name: &str) -> Failure {
    match failure.code() {
        5 => failure.with_hint(format!("run `bankauth login {name}`")),
        _ => failure,
    }
}
