//! `bankauth import NAME`

use bankauth_grants::RefreshToken;

use crate::{
    arguments::Global,
    failure::{Failure, Kind},
    input,
    output::Output,
    session,
};

pub(crate) fn run(
    global: &Global,
    name: &str,
    replace: bool,
    output: &Output,
) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    session::run(async {
        let works = bank
            .tokens
            .status()
            .await?
            .is_some_and(|status| status.has_refresh_token && status.needs_user.is_none());
        if works && !replace {
            return Err(Failure::usage(format!(
                "profile {name} has a refresh token already, expected none, or --replace"
            )));
        }
        Ok(bank.tokens.probe().await?)
    })?;
    let text = input::secret("a refresh token", "Refresh token (not shown): ")?;
    check(&text)?;
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

/// Refuses what is pasted in the place of a refresh token. It is never repeated: it may be another secret.
fn check(text: &str) -> Result<(), Failure> {
    let found = if text.contains("-----BEGIN") {
        "PEM"
    } else if text.contains("://") {
        "an address"
    } else if text.contains(['{', '"']) {
        "JSON"
    } else if text.contains(char::is_whitespace) {
        "a text with spaces or line breaks"
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!(
        "standard input holds {found}, expected a refresh token alone"
    )))
}
