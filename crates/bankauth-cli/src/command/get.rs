//! `bankauth get NAME PATH`

use crate::{arguments::Global, command::token::advise, failure::Failure, output::Output, session};

pub(crate) fn run(global: &Global, name: &str, path: &str, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    let answer = session::run(async {
        let current = bank.tokens.access_token().await?;
        match bank.client.get(path, current.access_token()).await {
            // Another program may have renewed the token, which ends the one that was read here.
            Err(error) if error.is_token_fault() => {
                let other = bank.tokens.replace(current.access_token()).await?;
                Ok(bank.client.get(path, other.access_token()).await?)
            }
            answer => Ok(answer?),
        }
    })
    .map_err(|failure| advise(failure, global, &profile))?;
    output.foreign(answer.expose_secret())
}
