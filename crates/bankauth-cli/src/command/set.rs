//! `bankauth set NAME KEY VALUE`

use crate::{arguments::Global, failure::Failure, output::Output, session};

pub(crate) fn run(
    global: &Global,
    name: &str,
    key: &str,
    value: &str,
    output: &Output,
) -> Result<(), Failure> {
    let mut config = session::config(global)?;
    let profile = config.set(name, key, value)?;
    config.write()?;
    session::announce(&profile, output);
    output.say(format!(
        "{} is set in {}",
        key.replace('-', "_"),
        config.path().display()
    ));
    Ok(())
}
