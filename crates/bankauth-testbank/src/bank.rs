//! Starting, finding and stopping the test bank.

use std::{
    error::Error,
    fmt, io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    ca,
    clock::{self, Clock},
    control,
    description::{self, DescriptionError},
    revolut_business::{self, Environment, Ledger, RevolutBusiness},
    server,
};

/// How to start a [`TestBank`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    port: u16,
    environment: Environment,
}

impl Options {
    /// Listens on this port of `127.0.0.1`. Default 0: a free one.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Plays this environment of the banks. Default: the sandbox.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }
}

/// Why the test bank did not start.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or may not be used. Choose another one, or 0.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The certificates for the server could not be made.
    #[error("cannot make the server's certificate")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
}

/// A running test bank. It stops, with all its connections, when it is dropped.
///
/// It listens on `127.0.0.1` only, speaks HTTPS with a certificate of its own CA, and keeps everything in memory.
pub struct TestBank {
    bank: Arc<Bank>,
    ca_pem: String,
    accepting: JoinHandle<()>,
}

/// What all handlers share.
pub(crate) struct Bank {
    pub(crate) clock: Clock,
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    state: Mutex<State>,
}

/// Everything that changes, behind one lock.
pub(crate) struct State {
    pub(crate) revolut_business: Ledger,
}

impl TestBank {
    /// Starts the bank on the current tokio runtime, which needs its I/O and time drivers.
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] when the port cannot be had.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as everything of tokio does.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let identity =
            ca::issue(clock::real_time()).map_err(|error| StartError::Certificate(error.into()))?;
        let ca_pem = identity.ca_pem.clone();
        let tls = server::tls(identity).map_err(|error| StartError::Certificate(error.into()))?;

        let bank = Arc::new(Bank {
            clock: Clock::default(),
            origin: format!("https://{address}"),
            state: Mutex::new(State {
                revolut_business: Ledger::new(options.environment),
            }),
        });
        let router = revolut_business::routes()
            .nest("/control", control::routes())
            .with_state(Arc::clone(&bank));
        let accepting = tokio::spawn(server::accept(listener, tls, Arc::clone(&bank), router));
        Ok(Self {
            bank,
            ca_pem,
            accepting,
        })
    }

    /// Scheme, host and port, e.g. `https://127.0.0.1:8443`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.bank.origin
    }

    /// The base of the control endpoints, described in the crate's documentation.
    pub fn control_url(&self) -> String {
        format!("{}/control", self.bank.origin)
    }

    /// The certificate of the CA that signed the server's, as PEM. Its private key is already forgotten.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The bank's clock.
    pub fn clock(&self) -> &Clock {
        &self.bank.clock
    }

    /// Revolut Business.
    pub fn revolut_business(&self) -> RevolutBusiness {
        RevolutBusiness::new(Arc::clone(&self.bank))
    }

    /// Writes `ca.pem` and `testbank.json` into `dir`, which is made if it does not exist, and returns the path of
    /// the latter. Older files of these names are replaced; each appears whole or not at all, `testbank.json` last.
    ///
    /// ```json
    /// {
    ///   "ca": "/absolute/path/ca.pem",
    ///   "control": "https://127.0.0.1:8443/control",
    ///   "revolut-business": {
    ///     "token": "https://127.0.0.1:8443/api/1.0/auth/token",
    ///     "consent": "https://127.0.0.1:8443/app-confirm",
    ///     "api": "https://127.0.0.1:8443/api/1.0"
    ///   }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the folder or a file in it cannot be written, or its path cannot be written as text.
    pub fn write_description(&self, dir: &Path) -> Result<PathBuf, DescriptionError> {
        description::write(self, dir)
    }

    /// Stops, and returns when the port is free again. Dropping the bank does not wait for that.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // Always an error: the cancellation that was asked for.
        let _ = (&mut self.accepting).await;
    }

    /// Serves until the future is dropped, and stops then.
    pub async fn serve(mut self) {
        // The task ends only by a panic in the accept loop; there is nothing left to serve then.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for TestBank {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl fmt::Debug for TestBank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBank")
            .field("base_url", &self.bank.origin)
            .finish_non_exhaustive()
    }
}

impl Bank {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock must not take the others down.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
