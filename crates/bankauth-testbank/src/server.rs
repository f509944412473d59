//! Connections: TCP, TLS, HTTP/1.1, and what a fault does to them.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
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
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, ServerConfig, crypto::aws_lc_rs, version},
};

use crate::{
    bank::Bank, ca::ServerIdentity, date, fault::Course, recorder::RecordedRequest,
    revolut_business,
};

/// No request that a bank expects comes near this.
const BODY_LIMIT: usize = 1024 * 1024;

/// Long enough for a busy machine; a client that opens a port and says nothing is not kept for ever.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// The pause after a failed `accept`: out of file descriptors, most likely, and asking again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The address of the caller, as the socket shows it.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// TLS 1.2 and 1.3 with the provider given here, so that nothing is installed for the whole process.
pub(crate) fn tls(identity: ServerIdentity) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections until this future is dropped; all connections end with it.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    bank: Arc<Bank>,
    router: Router,
) {
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
    let service = service_fn(|request| answer(&bank, &router, Peer(peer.ip()), request));
    // An error here is the client's leaving or a fault that was asked for; there is no one to tell.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Returned to hyper, which then drops the connection without a further byte.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

async fn answer(
    bank: &Bank,
    router: &Router,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), BODY_LIMIT).await else {
        return Ok(dated(bank, status(StatusCode::PAYLOAD_TOO_LARGE)));
    };
    let lost = match course(bank, &parts, &body) {
        Course::Process => false,
        Course::ProcessThenDrop => true,
        Course::Answer(response) => return Ok(dated(bank, response)),
        Course::Drop => return Err(Dropped),
        Course::Hang => std::future::pending().await,
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(peer);
    let Ok(response) = TowerToHyperService::new(router.clone()).call(request).await;
    if lost {
        return Err(Dropped);
    }
    Ok(dated(bank, response))
}

/// Records the request at the bank that it is for, and asks for the fault that awaits it.
fn course(bank: &Bank, parts: &http::request::Parts, body: &Bytes) -> Course {
    let Some(endpoint) = revolut_business::endpoint(parts.uri.path()) else {
        return Course::Process;
    };
    let request = RecordedRequest::new(parts, body.clone());
    let fault = bank.lock().revolut_business.admit(endpoint, request);
    Course::from(fault)
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
