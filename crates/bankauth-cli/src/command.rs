//! The commands, one file each.

mod assertion;
mod cert;
mod csr;
mod demo;
mod dn;
mod get;
mod import;
mod init;
mod key;
mod login;
mod set;
mod show;
mod testbank;
mod token;

use crate::{
    arguments::{Arguments, Command, Csr},
    failure::Failure,
    output::Output,
};

pub(crate) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let global = &arguments.global;
    match arguments.command {
        Command::Demo { bank } => demo::run(bank, output),
        Command::Init(init) => init::run(global, *init, output),
        Command::Set { name, key, value } => set::run(global, &name, &key, &value, output),
        Command::Show { name } => show::run(global, &name, output),
        Command::Assertion { name, lifetime } => assertion::run(global, &name, lifetime, output),
        Command::Import { name, replace } => import::run(global, &name, replace, output),
        Command::Login(login) => login::run(global, &login, output),
        Command::Token { name } => token::run(global, &name, output),
        Command::Get { name, path } => get::run(global, &name, &path, output),
        Command::Key { command } => key::run(command, output),
        Command::Cert { command } => cert::run(global, command, output),
        Command::Csr {
            command: Csr::Create(create),
        } => csr::create(&create, output),
        Command::Dn { file } => dn::run(&file, output),
        Command::Testbank { command } => testbank::run(command, output),
    }
}
