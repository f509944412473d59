//! Starting, finding and stopping the test bank.

use std::{
    error::Error,
    fmt, io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{net::TcpListener, task::JoinHandle};

use axum::Router;

use crate::{
    ca,
    certificate::{Certificates, ServerCertificate},
    clock::{self, Clock},
    control,
    description::{self, DescriptionError},
    desk::{Desk, Provider},
    figurepay::{self, FigurePay},
    revolut_business::{self, Environment, RevolutBusiness},
    revsto::{self, Revsto},
    server::{self, Delayed},
    tatrabanka::{self, TatraBanka},
    tls,
};

/// How to start a [`TestBank`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    port: u16,
    mutual_tls_port: u16,
    environment: Environment,
    server_certificate: ServerCertificate,
    client_ca: Option<String>,
}

impl Options {
    /// Listens on this port of `127.0.0.1`. Default 0: a free one.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Listens on this port of `127.0.0.1` for mutual TLS. Default 0: a free one.
    #[must_use]
    pub fn with_mutual_tls_port(mut self, port: u16) -> Self {
        self.mutual_tls_port = port;
        self
    }

    /// Shows this certificate on every connection that [`TestBank::show_next`] says nothing else about. Default:
    /// [`ServerCertificate::Good`].
    #[must_use]
    pub fn with_server_certificate(mut self, certificate: ServerCertificate) -> Self {
        self.server_certificate = certificate;
        self
    }

    /// For mutual TLS, takes only client certificates that one of these CAs signed, as PEM. Default: any certificate
    /// will do for the connection; the banks compare it with the one that was registered.
    #[must_use]
    pub fn with_client_ca(mut self, pem: impl Into<String>) -> Self {
        self.client_ca = Some(pem.into());
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
    /// The CAs for client certificates are not what they should be.
    #[error("cannot use the CA for client certificates")]
    ClientCa(#[source] Box<dyn Error + Send + Sync>),
}

/// A running test bank. It stops, with all its connections, when it is dropped.
///
/// It listens on `127.0.0.1` only, speaks HTTPS with a certificate of its own CA, and keeps everything in memory.
pub struct TestBank {
    bank: Arc<Bank>,
    ca_pem: String,
    /// One task for each listener.
    accepting: [JoinHandle<()>; 2],
}

/// What all handlers share.
pub(crate) struct Bank {
    pub(crate) clock: Clock,
    /// Scheme, host and port, without a slash at the end.
    pub(crate) origin: String,
    /// The same of the listener for mutual TLS.
    pub(crate) mutual_tls_origin: String,
    pub(crate) environment: Environment,
    pub(crate) certificates: Arc<Certificates>,
    state: Mutex<State>,
    delayed: Mutex<Vec<Delayed>>,
}

/// Everything that changes, behind one lock.
pub(crate) struct State {
    pub(crate) revolut_business: revolut_business::Ledger,
    pub(crate) revsto: revsto::Ledger,
    pub(crate) figurepay: figurepay::Ledger,
    pub(crate) tatrabanka: tatrabanka::Ledger,
}

impl State {
    pub(crate) fn desk(&mut self, provider: Provider) -> &mut Desk {
        match provider {
            Provider::RevolutBusiness => &mut self.revolut_business.desk,
            Provider::Revsto => &mut self.revsto.desk,
            Provider::FigurePay => &mut self.figurepay.desk,
            Provider::TatraBanka => &mut self.tatrabanka.desk,
        }
    }
}

impl TestBank {
    /// Starts the bank on the current tokio runtime, which needs its I/O and time drivers.
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] when a port cannot be had; [`StartError::ClientCa`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, as everything of tokio does.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (listener, origin) = listen(options.port).await?;
        let (mutual_listener, mutual_tls_origin) = listen(options.mutual_tls_port).await?;

        let identity =
            ca::issue(clock::real_time()).map_err(|error| StartError::Certificate(error.into()))?;
        let certificates = Certificates::new(&identity, options.server_certificate)
            .map_err(|error| StartError::Certificate(error.into()))?;
        let certificates = Arc::new(certificates);
        let verifier = tls::client_verifier(options.client_ca.as_deref())
            .map_err(|error| StartError::ClientCa(error.into()))?;
        let plain = tls::plain(Arc::clone(&certificates));
        let mutual = tls::mutual(Arc::clone(&certificates), verifier);
        let plain = plain.map_err(|error| StartError::Certificate(error.into()))?;
        let mutual = mutual.map_err(|error| StartError::Certificate(error.into()))?;

        let bank = Arc::new(Bank {
            clock: Clock::default(),
            origin,
            mutual_tls_origin,
            environment: options.environment,
            certificates,
            state: Mutex::new(State {
                revolut_business: revolut_business::Ledger::new(options.environment),
                revsto: revsto::Ledger::default(),
                figurepay: figurepay::Ledger::default(),
                tatrabanka: tatrabanka::Ledger::default(),
            }),
            delayed: Mutex::default(),
        });
        let accepting = [(listener, plain), (mutual_listener, mutual)];
        Ok(Self {
            accepting: accepting.map(|(listener, tls)| {
                tokio::spawn(server::accept(listener, tls, Arc::clone(&bank)))
            }),
            ca_pem: identity.ca_pem,
            bank,
        })
    }

    /// Scheme, host and port, e.g. `https://127.0.0.1:8443`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.bank.origin
    }

    /// As [`base_url`](Self::base_url), of the listener that takes no connection without a client certificate. All
    /// banks answer there too; Tatra banka's PSD2 products answer only there.
    pub fn mutual_tls_url(&self) -> &str {
        &self.bank.mutual_tls_origin
    }

    /// Shows this certificate on the next `times` connections, of both listeners. Orders given earlier come first.
    pub fn show_next(&self, certificate: ServerCertificate, times: u32) {
        self.bank.certificates.show_next(certificate, times);
    }

    /// Lets the banks act on the requests that [`Fault::ActLater`](crate::Fault::ActLater) put off, in their order,
    /// and returns how many there were.
    pub async fn act_on_delayed(&self) -> usize {
        server::act_on_delayed(&self.bank).await
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

    /// Revsto.
    pub fn revsto(&self) -> Revsto {
        Revsto::new(Arc::clone(&self.bank))
    }

    /// Figure Pay.
    pub fn figurepay(&self) -> FigurePay {
        FigurePay::new(Arc::clone(&self.bank))
    }

    /// Tatra banka.
    pub fn tatrabanka(&self) -> TatraBanka {
        TatraBanka::new(Arc::clone(&self.bank))
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
    ///   },
    ///   "revsto": { "token": "...", "api": "..." },
    ///   "figurepay": { "token": "...", "api": "..." },
    ///   "tatrabanka": {
    ///     "authorize": "...", "token": "...", "api": "...",
    ///     "identity": { "token": "...", "api": "..." },
    ///     "tatrapayplus": { "token": "...", "api": "..." },
    ///     "psd2": { "authorize": "...", "token": "...", "api": "..." }
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
        for accepting in &mut self.accepting {
            accepting.abort();
            // Always an error: the cancellation that was asked for.
            let _ = accepting.await;
        }
    }

    /// Serves until the future is dropped, and stops then.
    pub async fn serve(mut self) {
        for accepting in &mut self.accepting {
            // The task ends only by a panic in the accept loop; there is nothing left to serve then.
            let _ = accepting.await;
        }
    }
}

impl Drop for TestBank {
    fn drop(&mut self) {
        for accepting in &self.accepting {
            accepting.abort();
        }
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

    pub(crate) fn delay(&self, request: Delayed) {
        let mut delayed = self.delayed.lock().unwrap_or_else(PoisonError::into_inner);
        delayed.push(request);
    }

    pub(crate) fn take_delayed(&self) -> Vec<Delayed> {
        let mut delayed = self.delayed.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut delayed)
    }
}

/// Everything that the server answers.
pub(crate) fn routes(bank: &Arc<Bank>) -> Router {
    revolut_business::routes()
        .merge(revsto::routes())
        .merge(figurepay::routes())
        .merge(tatrabanka::routes(bank.environment))
        .nest("/control", control::routes())
        .with_state(Arc::clone(bank))
}

async fn listen(port: u16) -> Result<(TcpListener, String), StartError> {
    let failed = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("https://{address}")))
}
