//! `bankauth demo`: the whole journey on a bank inside this program.

use std::{
    sync::{Arc, atomic::AtomicU64, atomic::Ordering},
    time::Duration,
};

use bankauth_grants::AccessToken;
use bankauth_jwt::ClientAssertion;
use bankauth_keys::Subject;
use bankauth_profile::{ConfigFile, EnvironmentName, NewRevolutBusiness, RevolutBusiness};
use bankauth_revolut::business::{Account, Client, Scope};
use bankauth_testbank::{Options, TestBank};
use bankauth_tokens::{Clock, FileStore, Timing, Tokens};

use crate::{
    arguments::DemoBank,
    failure::{Failure, Kind},
    output::Output,
    session,
};

const REDIRECT_URI: &str = "https://example.com/callback";

pub(crate) fn run(bank: DemoBank, output: &Output) -> Result<(), Failure> {
    match bank {
        DemoBank::RevolutBusiness | DemoBank::All => session::run(revolut_business(output)),
    }
}

/// A step that did not do what it should.
fn unexpected(step: &str, what: impl std::fmt::Display) -> Failure {
    Failure::new(
        Kind::Ours,
        format!("the demonstration failed at the step `{step}`: {what}"),
    )
}

/// Numbers the steps and tells what each is about.
struct Story<'a> {
    output: &'a Output,
    step: u32,
}

impl Story<'_> {
    fn step(&mut self, title: &str, meaning: &str) -> Result<(), Failure> {
        self.step += 1;
        self.output.line(format!(
            "\n{}. {title}\n   {}",
            self.step,
            meaning.replace('\n', "\n   ")
        ))
    }

    fn fact(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        self.output.line(format!("   -> {}", text.as_ref()))
    }
}

async fn revolut_business(output: &Output) -> Result<(), Failure> {
    let mut story = Story { output, step: 0 };
    let folder = tempfile::tempdir()?;
    let bank = TestBank::start(Options::default())
        .await
        .map_err(|error| Failure::new(Kind::Ours, error))?;
    let web_app = bank.revolut_business();
    output.line(format!(
        "Revolut Business, from an empty folder to an authorised call.\nThe bank is inside this program, at {}. Nothing leaves this machine.",
        bank.base_url()
    ))?;

    story.step("Key and certificate", "A new RSA key of 2048 bits, and a certificate that carries its public half.\nThe key stays here (mode 0600); the certificate goes to the bank.")?;
    let ca_bundle = folder.path().join("ca.pem");
    std::fs::write(&ca_bundle, bank.ca_pem())?;
    let mut config = ConfigFile::read(&folder.path().join("bankauth.toml"))?;
    let created = NewRevolutBusiness::new("demo", REDIRECT_URI, Subject::new().with_country("GB"))
        .with_environment(EnvironmentName::Custom)
        .with_setting("ca_bundle", "ca.pem")
        .with_setting("endpoints.token", web_app.token_endpoint())
        .with_setting("endpoints.consent", web_app.consent_page())
        .with_setting("endpoints.api", web_app.api_base())
        .create(&mut config, session::now())?;
    if !created.certificate.is_valid_at(session::now()) {
        return Err(unexpected("certificate", "it is not valid now"));
    }
    let certificate = &created.certificate;
    story.fact(format!(
        "subject {}, valid until {}",
        certificate.subject(),
        session::utc(certificate.not_after())
    ))?;

    story.step("Upload", "You would paste the certificate into the bank's web app (APIs, Business API, Add API certificate),\nenter the redirect URI, and copy the ClientID that it shows.")?;
    let client_id = web_app
        .upload_certificate(&created.certificate.to_pem(), REDIRECT_URI, &[])
        .map_err(|error| unexpected("upload", error))?;
    let profile = config.set("demo", "client-id", client_id.as_str())?;
    config.write()?;
    story.fact(format!("ClientID {}", client_id.as_str()))?;

    // The demonstration moves the bank's clock, and its own with it.
    let ahead = Arc::new(AtomicU64::new(0));
    let clock: Clock = {
        let ahead = Arc::clone(&ahead);
        Arc::new(move || session::now() + Duration::from_secs(ahead.load(Ordering::SeqCst)))
    };
    let client = Arc::new(RevolutBusiness::client(
        &profile,
        Arc::new(profile.sender()?),
    )?);
    let store = Arc::new(FileStore::new(folder.path().join("state")));
    let tokens = Tokens::with(
        profile.credential_id()?,
        store,
        Arc::clone(&client) as _,
        Timing::default(),
        Arc::clone(&clock),
    );

    story.step("Client assertion", "A JWT, signed with the key, says to the token endpoint who is asking. A new one is made for each\nrequest and lives for a minute, so that one which leaks is soon worth nothing.")?;
    let assertion = client
        .assertion(clock())
        .map_err(|error| unexpected("assertion", error))?;
    if assertion.expose_secret().split('.').count() != 3 {
        return Err(unexpected("assertion", "it has not three parts"));
    }
    story.fact(format!(
        "iss example.com, sub {}, aud https://revolut.com, valid {} s",
        client_id.as_str(),
        ClientAssertion::DEFAULT_LIFETIME.as_secs()
    ))?;

    story.step("Consent", "You would open this address (or click Enable access), click Authorise, and pass the two-factor step.\nWithout a scope the bank grants full rights; READ is enough here.")?;
    let url = client
        .consent_url(&[Scope::Read])
        .map_err(|error| unexpected("consent", error))?;
    story.fact(&url)?;
    let redirection = web_app
        .authorise(&url)
        .map_err(|error| unexpected("consent", error))?;
    story.fact("the browser is sent to https://example.com/callback?code=..., a code for two minutes and one use")?;

    story.step(
        "Exchange",
        "The code and a client assertion go to the token endpoint, and tokens come back.",
    )?;
    let code = client.read_redirect(redirection.expose_secret())?;
    let set = client.exchange(&code, clock()).await?;
    let life = set.expires_in.unwrap_or_default();
    tokens.adopt(&set, clock()).await?;
    story.fact(format!(
        "an access token for {} s, and a refresh token; both stored, mode 0600",
        life.as_secs()
    ))?;

    story.step(
        "Accounts",
        "GET /accounts with the access token proves that it works.",
    )?;
    let first = tokens.access_token().await?;
    accounts(&client, first.access_token(), &story).await?;

    story.step(
        "Expiry",
        "The bank's clock goes ahead by 40 minutes. The access token is dead.",
    )?;
    let minutes_40 = Duration::from_secs(2400);
    bank.clock().advance(minutes_40);
    match client.accounts(first.access_token()).await {
        Err(error) if error.is_token_fault() => story.fact(Failure::from(error).text())?,
        Err(error) => return Err(error.into()),
        Ok(_) => return Err(unexpected("expiry", "a token that is over was accepted")),
    }
    ahead.store(minutes_40.as_secs(), Ordering::SeqCst);

    story.step("Refresh", "The source of tokens notices by itself, asks once however many are waiting, and stores the new token.\nAt this bank a refresh ends the previous access token at once, so all programs have to share one.")?;
    let before = web_app.counters().refreshes;
    let (one, two) = tokio::join!(tokens.access_token(), tokens.access_token());
    let (one, two) = (one?, two?);
    let refreshes = web_app.counters().refreshes - before;
    if refreshes != 1 || !one.access_token().is_same(two.access_token()) {
        return Err(unexpected(
            "refresh",
            format!("two readers made {refreshes} requests, expected 1"),
        ));
    }
    story.fact("two readers, one request, one new token; the refresh token is kept")?;

    story.step(
        "Accounts again",
        "The new token works, and the old one stays dead.",
    )?;
    accounts(&client, one.access_token(), &story).await?;
    if client.accounts(first.access_token()).await.is_ok() {
        return Err(unexpected("accounts again", "the old token was accepted"));
    }

    output.line("\nDone: every step was checked. With the bank itself: bankauth init revolut-business --help")
}

async fn accounts(client: &Client, token: &AccessToken, story: &Story<'_>) -> Result<(), Failure> {
    let accounts: Vec<Account> = client.accounts(token).await?;
    if accounts.len() != 2 {
        return Err(unexpected(
            "accounts",
            format!("the bank lists {}, expected 2", accounts.len()),
        ));
    }
    for account in accounts {
        let name = account.name.as_deref().unwrap_or("(no name)");
        story.fact(format!("{name}: {} {}", account.balance, account.currency))?;
    }
    Ok(())
}
