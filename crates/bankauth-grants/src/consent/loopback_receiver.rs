//! Receives the redirect of a native app on the loopback interface (RFC 8252 §7.3).

use core::{
    future::{Future, poll_fn},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    task::Poll,
    time::Duration,
};
use std::io;

use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Host;

use crate::{
    Callback, PendingAuthorization, RedirectUri, RequestError, ResponseMode,
    consent::loopback_http::{LocalRequest, Page},
};

/// Browsers open connections that they then do not use; more than these are not waited for.
const MOST_CONNECTIONS: usize = 16;
/// How long one connection may take to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nothing was received.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoopbackError {
    /// The redirect URI is not one that can be received here.
    #[error("the redirect URI is {found}, expected {expected}")]
    RedirectUri {
        /// What it is.
        found: Box<str>,
        /// What it should be.
        expected: &'static str,
    },
    /// The port cannot be listened on, for instance because another program does.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The system gives no more connections.
    #[error("no connection can be taken")]
    Accept {
        /// Why not.
        source: io::Error,
    },
    /// The response will not come this way: a fragment stays in the browser.
    #[error("the response is asked for in the fragment, expected in the query or in a form")]
    Fragment,
    /// The time is over.
    #[error("no response came within {} seconds", within.as_secs())]
    Late {
        /// How long was waited.
        within: Duration,
    },
    /// The redirect URI with the free port is none.
    #[error("the redirect URI cannot be made")]
    Request(#[source] RequestError),
}

/// Listens on 127.0.0.1 or ::1, and nowhere else, for one response at the path of a redirect URI. Every other request gets
/// a page that says so and changes nothing.
#[derive(Debug)]
pub struct LoopbackReceiver {
    listener: TcpListener,
    redirect_uri: RedirectUri,
}

impl LoopbackReceiver {
    /// Listens on the port of `redirect_uri`, which is `http` on a loopback address. A name in its place
    /// (`http://localhost`) is listened for on 127.0.0.1; RFC 8252 §8.3 advises against it, as another program may own
    /// the name on ::1.
    ///
    /// # Errors
    /// When the redirect URI is another one, or the port is taken.
    pub async fn bind(redirect_uri: &RedirectUri) -> Result<Self, LoopbackError> {
        let port = redirect_uri.url().port_or_known_default().unwrap_or(80);
        Ok(Self {
            listener: listen(SocketAddr::new(interface(redirect_uri)?, port)).await?,
            redirect_uri: redirect_uri.clone(),
        })
    }

    /// Listens on a free port, for a bank that lets a native app choose one (RFC 8252 §7.3):
    /// [`redirect_uri`](Self::redirect_uri) is then the one to ask with, `redirect_uri` with that port.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub async fn bind_free_port(redirect_uri: &RedirectUri) -> Result<Self, LoopbackError> {
        let address = SocketAddr::new(interface(redirect_uri)?, 0);
        let listener = listen(address).await?;
        let bound = listener
            .local_addr()
            .map_err(|source| LoopbackError::Listen { address, source })?;
        let redirect_uri = redirect_uri
            .with_port(bound.port())
            .map_err(LoopbackError::Request)?;
        Ok(Self {
            listener,
            redirect_uri,
        })
    }

    /// The redirect URI to ask with.
    #[must_use]
    pub const fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Waits for the response to the request that `pending` is of, for at most `within`; then nothing listens any more.
    /// A request with another state or without response is passed over. Read the response with
    /// [`PendingAuthorization::read`].
    ///
    /// # Errors
    /// When the time is over, or the response will not come this way.
    ///
    /// # Cancellation
    /// Dropping the future closes the port.
    pub async fn receive(
        self,
        pending: &PendingAuthorization,
        within: Duration,
    ) -> Result<Callback, LoopbackError> {
        if pending.response_mode() == ResponseMode::Fragment {
            return Err(LoopbackError::Fragment);
        }
        if pending.redirect_uri() != &self.redirect_uri {
            return Err(LoopbackError::RedirectUri {
                found: pending.redirect_uri().as_str().into(),
                expected: "that of the receiver",
            });
        }
        timeout(within, self.wait(pending))
            .await
            .map_err(|_| LoopbackError::Late { within })?
            .map_err(|source| LoopbackError::Accept { source })
    }

    /// Serves connections side by side, as one that is silent must not hold up the one that speaks.
    async fn wait(&self, pending: &PendingAuthorization) -> io::Result<Callback> {
        type Connection<'a> = Pin<Box<dyn Future<Output = Option<Callback>> + Send + 'a>>;
        let mut connections: Vec<Connection<'_>> = Vec::new();
        poll_fn(|context| {
            while connections.len() < MOST_CONNECTIONS {
                match self.listener.poll_accept(context) {
                    Poll::Ready(Ok((stream, _))) => {
                        connections.push(Box::pin(self.serve(stream, pending)));
                    }
                    // A connection that broke before it was taken: the next one may be better.
                    Poll::Ready(Err(error)) if is_of_one_connection(&error) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => break,
                }
            }
            let mut received = None;
            let before = connections.len();
            connections.retain_mut(|connection| match connection.as_mut().poll(context) {
                Poll::Ready(callback) => {
                    received = received.take().or(callback);
                    false
                }
                Poll::Pending => true,
            });
            if let Some(callback) = received {
                return Poll::Ready(Ok(callback));
            }
            if before == MOST_CONNECTIONS && connections.len() < before {
                // There is room again, and nobody else asks the listener.
                context.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await
    }

    async fn serve(
        &self,
        mut stream: TcpStream,
        pending: &PendingAuthorization,
    ) -> Option<Callback> {
        let request = timeout(PATIENCE, LocalRequest::read(&mut stream))
            .await
            .ok()??;
        let url = self.redirect_uri.url();
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", self.redirect_uri.host()),
            None => self.redirect_uri.host().to_owned(),
        };
        let result = match request.into_callback(&authority, url.path()) {
            Ok(callback) if pending.expects(&callback) => Ok(callback),
            Ok(_) => Err(Page::BadRequest),
            Err(page) => Err(page),
        };
        let page = result.as_ref().map_or_else(|page| *page, |_| Page::Done);
        let _written = timeout(PATIENCE, page.write(&mut stream)).await;
        result.ok()
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// The one interface to listen on.
fn interface(redirect_uri: &RedirectUri) -> Result<IpAddr, LoopbackError> {
    let url = redirect_uri.url();
    let address = match url.host() {
        Some(Host::Ipv4(Ipv4Addr::LOCALHOST)) => Some(Ipv4Addr::LOCALHOST.into()),
        Some(Host::Ipv6(Ipv6Addr::LOCALHOST)) => Some(Ipv6Addr::LOCALHOST.into()),
        Some(Host::Domain("localhost")) => Some(Ipv4Addr::LOCALHOST.into()),
        _ => None,
    };
    match address {
        Some(address) if url.scheme() == "http" => Ok(address),
        _ => Err(LoopbackError::RedirectUri {
            found: redirect_uri.as_str().into(),
            expected: "http on 127.0.0.1 or [::1]",
        }),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, LoopbackError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| LoopbackError::Listen { address, source })
}
