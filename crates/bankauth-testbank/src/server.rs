//! Connections: TCP, TLS, HTTP/1.1, and what a fault does to them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::{
    body::{Bytes, Incoming},
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    bank::{self, Bank},
    date,
    desk::Provider,
    fault::{Course, Ending},
    recorder::RecordedRequest,
    tls,
};

/// No request that a bank expects comes near this.
const BODY_LIMIT: usize = 1024 * 1024;

/// Long enough for a busy machine; a client that opens a port and says nothing is not kept for ever.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// The pause after a failed `accept`: out of file descriptors, most likely, and asking again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Who calls, as the connection shows it.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) address: IpAddr,
    /// SHA-256 of the client certificate; always there on the listener for mutual TLS, never on the other.
    pub(crate) certificate: Option<[u8; 32]>,
}

/// A request whose sender is gone, and which the bank still acts on when it is told to.
pub(crate) type Delayed = Request<Body>;

/// Accepts connections until this future is dropped; all connections end with it.
pub(crate) async fn accept(listener: TcpListener, tls: TlsAcceptor, bank: Arc<Bank>) {
    let router = bank::routes(&bank);
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let served = serve(stream, peer, tls.clone(), Arc::clone(&bank), router.clone());
                connections.spawn(served);
            }
            Err(_) => time::sleep(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
    bank: Arc<Bank>,
    router: Router,
) {
    let Ok(Ok(stream)) = time::timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await else {
        return;
    };
    let caller = Caller {
        address: peer.ip(),
        certificate: client_certificate(&stream),
    };
    let resets = AtomicBool::new(false);
    let service = service_fn(|request| answer(&bank, &router, caller, request, &resets));
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is the client's leaving or a fault that was asked for; there is no one to tell.
    let _ = (&mut connection).await;
    if resets.load(Ordering::Relaxed) {
        let stream = connection.into_parts().io.into_inner();
        // With nothing to linger for, closing sends RST. Should that fail, the connection ends as a dropped one.
        let _ = stream.get_ref().0.set_zero_linger();
    }
}

fn client_certificate(stream: &TlsStream<TcpStream>) -> Option<[u8; 32]> {
    let (_, connection) = stream.get_ref();
    let certificate = connection.peer_certificates()?.first()?;
    Some(tls::fingerprint(certificate))
}

/// Returned to hyper, which then drops the connection without a further byte.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

async fn answer(
    bank: &Bank,
    router: &Router,
    caller: Caller,
    request: Request<Incoming>,
    resets: &AtomicBool,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), BODY_LIMIT).await else {
        return Ok(dated(bank, status(StatusCode::PAYLOAD_TOO_LARGE)));
    };
    let course = course(bank, caller, &parts, &body);
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(caller);
    let (pause, ending) = match course {
        Course::Process(pause, ending) => (pause, ending),
        Course::ProcessLater => {
            bank.delay(request);
            return Err(Dropped);
        }
        Course::Answer(response) => return Ok(dated(bank, response)),
        Course::Drop => return Err(Dropped),
        Course::Reset => {
            resets.store(true, Ordering::Relaxed);
            return Err(Dropped);
        }
        Course::Hang => std::future::pending().await,
    };
    if !pause.is_zero() {
        time::sleep(pause).await;
    }
    let response = process(router, request).await;
    resets.store(matches!(ending, Ending::ResetInBody), Ordering::Relaxed);
    let response = ending.of(response).await.ok_or(Dropped)?;
    Ok(dated(bank, response))
}

/// Lets the bank act on the requests whose senders are gone, and returns how many there were.
pub(crate) async fn act_on_delayed(bank: &Arc<Bank>) -> usize {
    let requests = bank.take_delayed();
    let router = bank::routes(bank);
    let count = requests.len();
    for request in requests {
        process(&router, request).await;
    }
    count
}

async fn process(router: &Router, request: Request<Body>) -> Response<Body> {
    let Ok(response) = TowerToHyperService::new(router.clone()).call(request).await;
    response
}

/// Records the request at the bank that it is for, and asks for the fault that awaits it.
fn course(bank: &Bank, caller: Caller, parts: &http::request::Parts, body: &Bytes) -> Course {
    let Some((provider, endpoint)) = Provider::at(parts.uri.path()) else {
        return Course::Process(Duration::ZERO, Ending::Sent);
    };
    let request = RecordedRequest::new(parts, body.clone(), caller.certificate);
    let now = bank.clock.now();
    let fault = bank.lock().desk(provider).admit(endpoint, request, now);
    Course::new(fault, provider.rate_limited())
}

/// The `Date` header tells the bank's time, not the machine's.
fn dated(bank: &Bank, mut response: Response<Body>) -> Response<Body> {
    if let Ok(date) = HeaderValue::try_from(date::http_date(bank.clock.now())) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
