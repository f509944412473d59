//! `bankauth assertion NAME`

use std::time::Duration;

use bankauth_jwt::ClientAssertion;

use crate::{
    arguments::Global,
    failure::{Failure, Kind},
    output::Output,
    session,
};

pub(crate) fn run(
    global: &Global,
    name: &str,
    lifetime: Duration,
    output: &Output,
) -> Result<(), Failure> {
    let profile = session::profile(global, name, output)?;
    let bank = session::open(global, &profile)?;
    if lifetime > ClientAssertion::LIFETIME_LIMIT {
        output.warn(format!(
            "whoever gets hold of this assertion can act as the client for {}; five minutes are enough for any request",
            humantime::format_duration(lifetime)
        ));
    }
    let jwt = bank
        .client
        .assertion_for(session::now(), lifetime)
        .map_err(|error| Failure::new(Kind::Usage, error))?;
    output.line(jwt.expose_secret())
}
