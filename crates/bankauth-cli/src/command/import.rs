//! `bankauth import NAME`

use bankauth_grants::RefreshToken;

use crate::{
    arguments::Global,
    failure::{Failure, Kind},
    input,
    output::Output,
    session,
};

pub(crate) fn run(global: &Global, name: &str, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    let text = input::all("a refresh token")?;
    let refresh_token =
        RefreshToken::new(text.as_str()).map_err(|error| Failure::new(Kind::Usage, error))?;
    bank.client
        .environment()
        .check_refresh_token(&refresh_token)
        .map_err(|error| Failure::new(Kind::Usage, error))?;
    session::run(async { Ok(bank.tokens.adopt_refresh_token(refresh_token).await?) })?;
    output.say("the refresh token is stored; the next `bankauth token` asks the bank with it");
    Ok(())
}
