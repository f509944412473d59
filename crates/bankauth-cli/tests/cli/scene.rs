//! A bank, a folder, and the program to run in it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use bankauth_testbank::{Options, RevolutBusiness, TestBank};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const REDIRECT_URI: &str = "https://example.com/callback";

pub(crate) struct Scene {
    // Dropped in this order: the bank's tasks end before their runtime does.
    pub(crate) bank: TestBank,
    _runtime: Runtime,
    pub(crate) folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Checks the exit code, and shows everything when it is another.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }
}

impl Scene {
    /// A bank and an empty folder.
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let bank = runtime
            .block_on(TestBank::start(Options::default()))
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), bank.ca_pem()).unwrap();
        Self {
            bank,
            _runtime: runtime,
            folder,
        }
    }

    /// With a profile `acme`, made by `init` and uploaded.
    pub(crate) fn registered() -> Self {
        let scene = Self::new();
        scene.init(&["--country", "GB"]).expect(0);
        scene.upload("acme.cer");
        scene
    }

    /// With tokens for `acme`.
    pub(crate) fn logged_in() -> Self {
        let scene = Self::registered();
        scene.login();
        scene
    }

    /// With tokens for `acme`, of which the access token is over.
    pub(crate) fn expired() -> Self {
        let scene = Self::registered();
        scene.web_app().set_access_token_lifetime(Duration::ZERO);
        scene.login();
        scene
            .web_app()
            .set_access_token_lifetime(Duration::from_secs(2399));
        scene
    }

    pub(crate) fn web_app(&self) -> RevolutBusiness {
        self.bank.revolut_business()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("bankauth.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The one file that holds tokens.
    pub(crate) fn token_file(&self) -> PathBuf {
        let files = fs::read_dir(self.state())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|end| end == "token"))
            .last()
            .unwrap()
    }

    pub(crate) fn init(&self, more: &[&str]) -> Ran {
        let web_app = self.web_app();
        let (token, consent, api) = (
            web_app.token_endpoint(),
            web_app.consent_page(),
            web_app.api_base(),
        );
        let ca = self.path("ca.pem").display().to_string();
        let mut arguments = vec![
            "init",
            "revolut-business",
            "--profile",
            "acme",
            "--redirect-uri",
            REDIRECT_URI,
            "--environment",
            "custom",
            "--ca-bundle",
            &ca,
            "--token-endpoint",
            &token,
            "--consent-endpoint",
            &consent,
            "--api-endpoint",
            &api,
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// What a person does in the web app, and `set` after it.
    pub(crate) fn upload(&self, certificate: &str) -> String {
        let pem = fs::read_to_string(self.path(certificate)).unwrap();
        let client_id = self
            .web_app()
            .upload_certificate(&pem, REDIRECT_URI, &[])
            .unwrap();
        self.run(&["set", "acme", "client-id", client_id.as_str()])
            .expect(0);
        client_id.as_str().to_owned()
    }

    /// The address that the browser ends at after a consent.
    pub(crate) fn redirected_to(&self) -> String {
        let url = self.run(&["login", "acme", "--print-url"]).expect(0).out;
        self.web_app()
            .authorise(url.trim())
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    pub(crate) fn login(&self) {
        let address = self.redirected_to();
        self.run_with(&["login", "acme", "--redirected-to", "-"], &address)
            .expect(0);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bankauth"));
        command
            .arg("--config")
            .arg(self.config())
            .arg("--state-dir")
            .arg(self.state())
            .args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        finished(self.command(arguments))
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        ran(child.wait_with_output().unwrap())
    }

    /// Text with what differs from run to run taken out.
    pub(crate) fn settled(&self, text: &str) -> String {
        let text = text.replace(&self.folder.path().display().to_string(), "FOLDER");
        let text = text.replace(self.bank.base_url(), "https://BANK");
        let is_hash =
            |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        words
            .map(|word| {
                let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
                if is_hash(bare) {
                    word.replace(bare, "HASH")
                } else {
                    word.to_owned()
                }
            })
            .collect()
    }
}

pub(crate) fn finished(mut command: Command) -> Ran {
    ran(command.output().unwrap())
}

fn ran(output: std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `openssl`, which the tests need, and returns what it prints.
pub(crate) fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output
        .unwrap_or_else(|error| panic!("the program openssl is needed for this test: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {text}");
    text
}
