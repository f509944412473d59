//! `bankauth login NAME`

use bankauth_grants::AuthorizationCode;
use bankauth_profile::{Profile, RevolutBusiness, scopes};
use bankauth_revolut::business::Scope;

use crate::{
    arguments::{Global, Login},
    failure::{Failure, Kind},
    input,
    output::{Output, escape},
    session,
};

/// The address holds the code.
const ADDRESS: &str = "Address (not shown): ";

pub(crate) fn run(global: &Global, login: &Login, output: &Output) -> Result<(), Failure> {
    let profile = session::profile(global, &login.name, output)?;
    let bank = session::open(global, &profile)?;
    let scopes = match &login.scope {
        Some(text) => Scope::parse_list(text).map_err(|error| Failure::new(Kind::Usage, error))?,
        None => scopes(&profile)?,
    };
    let url = bank
        .client
        .consent_url(&scopes)
        .map_err(|error| Failure::new(Kind::Usage, error))?;
    if login.print_url {
        explain(&profile, &scopes, output);
        output.say(format!(
            "then run `{} login {} --redirected-to -` and paste the address",
            session::program(global),
            login.name
        ));
        return output.line(url);
    }
    // Before a code is spent, and before the user is sent anywhere: its answer must find room.
    session::run(async { Ok(bank.tokens.probe().await?) })?;
    let code = match (&login.redirected_to, &login.code) {
        (Some(address), _) => read_address(&bank, address)?,
        (None, Some(code)) => read_code(&bank, code)?,
        (None, None) => {
            explain(&profile, &scopes, output);
            ask(&bank, &url, login.no_browser, output)?
        }
    };
    session::run(async {
        let now = session::now();
        let mut tokens = bank.client.exchange(&code, now).await?;
        if tokens.scope.is_none() && !scopes.is_empty() {
            // Not said means granted as asked (RFC 6749 §5.1).
            tokens.scope = Some(
                scopes
                    .iter()
                    .map(|scope| scope.as_str().to_owned())
                    .collect(),
            );
        }
        Ok(bank.tokens.adopt(&tokens, now).await?)
    })?;
    output.say(format!(
        "authorised; the tokens are stored. Try: {} get {} /accounts",
        session::program(global),
        login.name
    ));
    Ok(())
}

/// Says what will happen at the bank, and what the scope means.
fn explain(profile: &Profile, scopes: &[Scope], output: &Output) {
    if scopes.is_empty() {
        output.say("no scope is asked for: this grants FULL RIGHTS, payments among them; --scope READ narrows it");
    } else {
        let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        output.say(format!("asked for: {}", names.join(", ")));
    }
    output.say(format!(
        "the bank shows the consent page (in its web app: the API certificate, then Enable access).
Click Authorise and pass the two-factor step. The browser is then sent to
  {}
with a code that is valid for two minutes and works once. That page need not exist: its address is what counts.",
        profile.value("redirect_uri").unwrap_or_default(),
    ));
}

/// Shows the consent page and reads the address that the browser ended at.
fn ask(
    bank: &RevolutBusiness,
    url: &str,
    no_browser: bool,
    output: &Output,
) -> Result<AuthorizationCode, Failure> {
    output.line(url)?;
    if !no_browser && open::that_detached(url).is_err() {
        output.say("no browser could be opened; open the address above yourself");
    }
    // The bank echoes no state, so nothing in the address ties it to this request but the person who pastes it.
    output.warn(
        "paste only the address that your own browser shows after the consent you gave just now",
    );
    read_address(bank, &input::line("the address from the browser", ADDRESS)?)
}

fn read_address(bank: &RevolutBusiness, address: &str) -> Result<AuthorizationCode, Failure> {
    let from_input = (address == "-")
        .then(|| input::line("the address from the browser", ADDRESS))
        .transpose()?;
    let address = from_input.as_ref().map_or(address, |line| line.as_str());
    // Pasted with the quotation marks or brackets that stood around it.
    let address = address.trim().trim_matches(['"', '\'', '<', '>']);
    Ok(bank.client.read_redirect(address)?)
}

fn read_code(bank: &RevolutBusiness, code: &str) -> Result<AuthorizationCode, Failure> {
    let from_input = (code == "-")
        .then(|| input::line("the authorization code", "Code (not shown): "))
        .transpose()?;
    let code = from_input.as_ref().map_or(code, |line| line.as_str());
    if code.contains("://") {
        return Err(Failure::usage(escape(
            "--code is an address, expected the code alone; --redirected-to takes the address",
        )));
    }
    let code = AuthorizationCode::new(code).map_err(|error| Failure::new(Kind::Usage, error))?;
    bank.client
        .environment()
        .check_code(&code)
        .map_err(|error| Failure::new(Kind::Usage, error))?;
    Ok(code)
}
