//! `cargo xtask fixtures`: test data that follows from other test data, made again.
//!
//! Keys, and whatever holds a random number or a date, are made once and committed; the README
//! beside them says how, and that they are for tests only. What OpenSSL derives from such a key
//! without a random number is listed here: it can always be made again, and `--check` says whether
//! what is committed is still that.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, program};

/// Makes the bytes of a fixture from the file that it follows from.
type Make = fn(&Path) -> Result<Vec<u8>>;

/// A committed file, the one beside it that it follows from, and how.
#[derive(Debug, Clone, Copy)]
struct Fixture {
    folder: &'static str,
    name: &'static str,
    from: &'static str,
    make: Make,
}

const fn fixture(
    folder: &'static str,
    name: &'static str,
    from: &'static str,
    make: Make,
) -> Fixture {
    Fixture {
        folder,
        name,
        from,
        make,
    }
}

const JWT: &str = "crates/bankauth-jwt/tests/data";

const FIXTURES: &[Fixture] = &[
    fixture(JWT, "p256.public.der", "p256.pkcs8.der", public_key),
    fixture(JWT, "p256.sec1.der", "p256.pkcs8.der", sec1),
    fixture(
        JWT,
        "rfc7515-a2.public.der",
        "rfc7515-a2.pkcs8.der",
        public_key,
    ),
    fixture(
        JWT,
        "rfc7515-a3.public.der",
        "rfc7515-a3.pkcs8.der",
        public_key,
    ),
    fixture(
        JWT,
        "rsa-pss-sha256.public.der",
        "rsa-pss-sha256.pkcs8.der",
        public_key,
    ),
    fixture(JWT, "rsa-pss.public.der", "rsa-pss.pkcs8.der", public_key),
    fixture(JWT, "rsa2048.pkcs1.der", "rsa2048.pkcs8.der", pkcs1),
    fixture(JWT, "rsa2048.public.der", "rsa2048.pkcs8.der", public_key),
    fixture(JWT, "rsa3072.public.der", "rsa3072.pkcs8.der", public_key),
];

/// Writes every fixture anew.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    program::ensure()?;
    for fixture in FIXTURES {
        let path = fixture.path(&workspace.root);
        std::fs::write(&path, fixture.made(&workspace.root)?)?;
        println!("{}/{}", fixture.folder, fixture.name);
    }
    Ok(())
}

/// Compares every fixture with what would be written, and changes nothing.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    program::ensure()?;
    let differ = differing(&workspace.root, FIXTURES)?;
    if !differ.is_empty() {
        bail!(
            "not what `cargo xtask fixtures` makes: {}",
            differ.join(", ")
        );
    }
    println!(
        "fixtures: {} follow from the committed keys",
        FIXTURES.len()
    );
    Ok(())
}

fn differing(root: &Path, fixtures: &[Fixture]) -> Result<Vec<String>> {
    let mut differ = Vec::new();
    for fixture in fixtures {
        let committed = std::fs::read(fixture.path(root)).unwrap_or_default();
        if committed != fixture.made(root)? {
            differ.push(format!("{}/{}", fixture.folder, fixture.name));
        }
    }
    Ok(differ)
}

impl Fixture {
    fn path(&self, root: &Path) -> PathBuf {
        root.join(self.folder).join(self.name)
    }

    fn made(&self, root: &Path) -> Result<Vec<u8>> {
        let from = root.join(self.folder).join(self.from);
        (self.make)(&from).with_context(|| format!("{}/{}", self.folder, self.name))
    }
}

/// SubjectPublicKeyInfo of a PKCS#8 key.
fn public_key(from: &Path) -> Result<Vec<u8>> {
    openssl(
        &[
            "pkey", "-inform", "DER", "-pubout", "-outform", "DER", "-in",
        ],
        from,
    )
}

/// The PKCS#1 form of an RSA key in PKCS#8.
fn pkcs1(from: &Path) -> Result<Vec<u8>> {
    openssl(
        &[
            "rsa",
            "-inform",
            "DER",
            "-traditional",
            "-outform",
            "DER",
            "-in",
        ],
        from,
    )
}

/// The SEC1 form of an EC key in PKCS#8.
fn sec1(from: &Path) -> Result<Vec<u8>> {
    openssl(&["ec", "-inform", "DER", "-outform", "DER", "-in"], from)
}

fn openssl(arguments: &[&str], from: &Path) -> Result<Vec<u8>> {
    process::output(Command::new("openssl").args(arguments).arg(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_that_is_missing_or_other_is_found() {
        let this = Path::new(env!("CARGO_MANIFEST_DIR"));
        let same: Make = |from| Ok(std::fs::read(from)?);
        let other: Make = |_| Ok(vec![0]);
        let fixtures = [
            fixture("src", "main.rs", "main.rs", same),
            fixture("src", "main.rs", "main.rs", other),
            fixture("src", "no_such_file.rs", "main.rs", same),
        ];
        let found = differing(this, &fixtures).unwrap();
        assert_eq!(found, ["src/main.rs", "src/no_such_file.rs"]);
    }

    #[test]
    fn no_fixture_follows_from_itself_or_stands_there_twice() {
        for (index, fixture) in FIXTURES.iter().enumerate() {
            assert_ne!(fixture.name, fixture.from);
            let rest = &FIXTURES[index + 1..];
            let path = |other: &Fixture| (other.folder, other.name);
            assert!(
                rest.iter().all(|other| path(other) != path(fixture)),
                "{}",
                fixture.name
            );
        }
    }
}
