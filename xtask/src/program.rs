//! The programs besides cargo that building and testing call.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::manifest::system_openssl;
use crate::process;

/// A program, how to see that it is there, and Debian's name for its package.
#[derive(Debug, Clone, Copy)]
struct Program {
    name: &'static str,
    probe: &'static str,
    package: &'static str,
    reason: &'static str,
}

const OPENSSL: Program = Program {
    name: "openssl",
    probe: "version",
    package: "openssl",
    reason: "tests compare our keys, certificates and signatures with it",
};

const CURL: Program = Program {
    name: "curl",
    probe: "--version",
    package: "curl",
    reason: "a test calls the test bank with it, as the README does",
};

const UNSHARE: Program = Program {
    name: "unshare",
    probe: "--version",
    package: "util-linux",
    reason: "a test fills a disk in a mount namespace of its own",
};

const MAKE: Program = Program {
    name: "make",
    probe: "--version",
    package: "make",
    reason: "builds OpenSSL from source",
};

const PERL: Program = Program {
    name: "perl",
    probe: "--version",
    package: "perl",
    reason: "configures OpenSSL's sources",
};

/// Sees to it that every program that the tests call is there.
///
/// Installs what is missing where that needs no question, as root on Debian. Elsewhere the error is
/// the one line that says what to install.
pub(crate) fn ensure() -> Result<()> {
    let mut needed = vec![OPENSSL, CURL, UNSHARE];
    if !system_openssl() {
        needed.extend([MAKE, PERL]);
    }
    let missing: Vec<Program> = needed
        .into_iter()
        .filter(|program| !is_there(program))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !(is_debian() && is_root()) {
        bail!("{}", advice(&missing));
    }
    process::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]);
    install
        .args(missing.iter().map(|program| program.package))
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&mut install)?;
    match missing.iter().find(|program| !is_there(program)) {
        Some(program) => bail!(
            "{} is still missing after its package was installed",
            program.name
        ),
        None => Ok(()),
    }
}

fn advice(missing: &[Program]) -> String {
    let reasons: Vec<String> = missing
        .iter()
        .map(|program| format!("{} ({})", program.name, program.reason))
        .collect();
    let packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    format!(
        "missing: {}; on Debian: apt-get install {}",
        reasons.join(", "),
        packages.join(" ")
    )
}

fn is_there(program: &Program) -> bool {
    let mut probe = Command::new(program.name);
    probe
        .arg(program.probe)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_its_reason_and_package_on_one_line() {
        let advice = advice(&[OPENSSL, PERL]);
        assert_eq!(
            advice,
            "missing: openssl (tests compare our keys, certificates and signatures with it), perl (configures OpenSSL's sources); \
             on Debian: apt-get install openssl perl"
        );
    }

    #[test]
    fn a_program_that_cannot_be_started_is_missing() {
        assert!(!is_there(&Program {
            name: "no-such-program-anywhere",
            ..OPENSSL
        }));
    }
}
