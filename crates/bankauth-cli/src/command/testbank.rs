//! `bankauth testbank serve`

use bankauth_testbank::{Options, TestBank};

use crate::{
    arguments::Testbank,
    failure::{Failure, Kind},
    output::Output,
    session,
};

pub(crate) fn run(command: Testbank, output: &Output) -> Result<(), Failure> {
    let Testbank::Serve { dir, port } = command;
    session::run(async move {
        let options = Options::default().with_port(port);
        let bank = TestBank::start(options)
            .await
            .map_err(|error| Failure::new(Kind::Ours, error))?;
        let description = bank
            .write_description(&dir)
            .map_err(|error| Failure::new(Kind::Ours, error))?;
        output.say(format!(
            "a bank for tests listens on {}; stop it with Ctrl-C",
            bank.base_url()
        ));
        output.line(description.display().to_string())?;
        tokio::select! {
            () = bank.serve() => Ok(()),
            stopped = stopped() => stopped,
        }
    })
}

/// Waits until somebody wants the program to end.
async fn stopped() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}
