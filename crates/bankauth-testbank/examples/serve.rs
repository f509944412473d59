//! Serves the test bank until it is stopped: `cargo run --example serve -- DIR`. `DIR/testbank.json` says where it is.

use std::{env, error::Error, path::Path};

use bankauth_testbank::{Options, TestBank};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args_os().nth(1).ok_or("usage: serve DIR")?;
    let bank = TestBank::start(Options::default()).await?;
    bank.write_description(Path::new(&dir))?;
    bank.serve().await;
    Ok(())
}
