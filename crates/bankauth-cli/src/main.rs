//! The program `bankauth`: from an empty folder to an authorised call of a bank's API.

mod arguments;
mod command;
mod failure;
mod input;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{arguments::Arguments, output::Output};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.global.json, arguments.global.quiet);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(arguments.global.level())
        .with_target(false)
        .without_time()
        .init();
    match command::run(arguments, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}
