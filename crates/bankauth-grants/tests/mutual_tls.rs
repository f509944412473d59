//! The sender with a certificate of its own, against a server that asks for one.

#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::Arc;

use bankauth_grants::{
    Body, ClientIdentity, HttpSend as _, Limits, ReqwestSender, SendError, SendErrorKind,
    SenderError, SenderOptions,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig, SupportedProtocolVersion,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
        server::WebPkiClientVerifier,
        version::{TLS12, TLS13},
    },
};

/// Root, intermediate, and what they issued.
struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
}

fn authority(name: &str) -> Authority {
    let params = |name: String| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let root =
        CertifiedIssuer::self_signed(params(format!("{name} root")), KeyPair::generate().unwrap())
            .unwrap();
    let intermediate = CertifiedIssuer::signed_by(
        params(format!("{name} issuing")),
        KeyPair::generate().unwrap(),
        &root,
    )
    .unwrap();
    Authority { root, intermediate }
}

/// A leaf in PEM, and its key.
fn leaf(
    authority: &Authority,
    names: &[&str],
    usage: ExtendedKeyUsagePurpose,
) -> (rcgen::Certificate, KeyPair) {
    leaf_until(authority, names, usage, 2090)
}

fn leaf_until(
    authority: &Authority,
    names: &[&str],
    usage: ExtendedKeyUsagePurpose,
    year: i32,
) -> (rcgen::Certificate, KeyPair) {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "leaf");
    params.extended_key_usages = vec![usage];
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = KeyPair::generate().unwrap();
    (
        params.signed_by(&key, &authority.intermediate).unwrap(),
        key,
    )
}

/// Serves one connection after the other; says how many certificates the client showed.
async fn serve(
    server: &Authority,
    clients: &Authority,
    versions: &[&'static SupportedProtocolVersion],
    names: &[&str],
) -> String {
    let shown = leaf(server, names, ExtendedKeyUsagePurpose::ServerAuth);
    serve_with(server, clients, versions, shown).await
}

async fn serve_with(
    server: &Authority,
    clients: &Authority,
    versions: &[&'static SupportedProtocolVersion],
    (certificate, key): (rcgen::Certificate, KeyPair),
) -> String {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.root.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let chain = vec![certificate.der().clone(), server.intermediate.der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let shown = stream
                .get_ref()
                .1
                .peer_certificates()
                .unwrap_or_default()
                .len();
            let version = format!("{:?}", stream.get_ref().1.protocol_version().unwrap());
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let body = format!("{shown} {version}");
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    format!("https://{address}/")
}

async fn get(sender: &ReqwestSender, url: &str) -> Result<String, SendError> {
    let request = http::Request::get(url).body(Body::empty()).unwrap();
    let answer = sender.send(request, Limits::TOKEN).await?;
    Ok(String::from_utf8(answer.body().expose_secret().to_vec()).unwrap())
}

fn options(server: &Authority) -> SenderOptions {
    SenderOptions::new()
        .with_ca_bundle(server.root.pem().as_bytes())
        .unwrap()
}

#[tokio::test]
async fn the_leaf_and_its_intermediate_are_shown_and_the_root_is_not_rfc8446_4_4_2() {
    let (server, clients) = (authority("server"), authority("clients"));
    let (certificate, key) = leaf(&clients, &[], ExtendedKeyUsagePurpose::ClientAuth);
    let chain = format!(
        "{}{}{}",
        certificate.pem(),
        clients.intermediate.pem(),
        clients.root.pem()
    );
    let identity =
        ClientIdentity::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    assert_eq!(
        format!("{identity:?}"),
        "ClientIdentity { certificates: 2, .. }"
    );
    let sender = ReqwestSender::with_options(options(&server).with_identity(identity)).unwrap();
    for (version, name) in [(&TLS13, "TLSv1_3"), (&TLS12, "TLSv1_2")] {
        let url = serve(&server, &clients, &[version], &["127.0.0.1"]).await;
        // And nothing is unpacked, whatever the server says.
        assert_eq!(get(&sender, &url).await.unwrap(), format!("2 {name}"));
    }
}

#[tokio::test]
async fn without_a_certificate_the_server_is_not_reached() {
    let (server, clients) = (authority("server"), authority("clients"));
    let sender = ReqwestSender::with_options(options(&server)).unwrap();
    for version in [&TLS13, &TLS12] {
        let url = serve(&server, &clients, &[version], &["127.0.0.1"]).await;
        let error = get(&sender, &url).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
        assert!(!error.may_have_been_processed());
    }
}

#[tokio::test]
async fn the_server_is_verified_all_the_same_rfc9525() {
    let (server, clients) = (authority("server"), authority("clients"));
    let (certificate, key) = leaf(&clients, &[], ExtendedKeyUsagePurpose::ClientAuth);
    let chain = format!("{}{}", certificate.pem(), clients.intermediate.pem());
    let identity =
        || ClientIdentity::from_pem(chain.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    let wrong_name = serve(&server, &clients, &[&TLS13], &["bank.example"]).await;
    let sender = ReqwestSender::with_options(options(&server).with_identity(identity())).unwrap();
    let error = get(&sender, &wrong_name).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    let expired = leaf_until(&server, &["127.0.0.1"], usage, 2001);
    let other_usage = leaf(&server, &["127.0.0.1"], ExtendedKeyUsagePurpose::ClientAuth);
    for shown in [expired, other_usage] {
        let url = serve_with(&server, &clients, &[&TLS13], shown).await;
        let error = get(&sender, &url).await.unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
    }
    let url = serve(&server, &clients, &[&TLS13], &["127.0.0.1"]).await;
    let sender = ReqwestSender::with_options(SenderOptions::new().with_identity(identity()));
    let error = get(&sender.unwrap(), &url).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Tls, "{error:?}");
}

#[test]
fn an_identity_that_does_not_fit_together_is_refused() {
    let clients = authority("clients");
    let (certificate, key) = leaf(&clients, &[], ExtendedKeyUsagePurpose::ClientAuth);
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let other = KeyPair::generate().unwrap().serialize_pem();
    let intermediate = clients.intermediate.pem();
    let broken = "-----BEGIN CERTIFICATE-----\nbWFya2Vk\n-----END CERTIFICATE-----\n";
    let errors = [
        ("", &*key),
        (&key, &key),
        (&certificate, ""),
        (&certificate, &certificate),
        (&certificate, &other),
        (&format!("{intermediate}{certificate}"), &key),
        (broken, &key),
        ("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", &key),
    ]
    .map(|(chain, key)| {
        let error = ClientIdentity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
        assert!(matches!(error, SenderError::Identity { .. }));
        error.to_string().replace(", expected its certificate, then intermediates, and the private key of the first, in PEM", "")
    })
    .join("\n");
    insta::assert_snapshot!(errors, @"
    the client's identity holds no certificate
    the client's identity holds no certificate
    the client's identity holds no private key, or one in damaged PEM
    the client's identity holds no private key, or one in damaged PEM
    the client's identity holds a private key of another certificate than the first
    the client's identity holds a private key of another certificate than the first
    the client's identity holds a damaged certificate
    the client's identity holds certificates in damaged PEM
    ");
}

#[tokio::test]
async fn a_proxy_is_used_when_it_is_named() {
    for bad in [
        "",
        "proxy:8080",
        "socks5://127.0.0.1:1",
        "ftp://me:marked@x",
    ] {
        let error = SenderOptions::new().with_proxy(bad).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("marked"));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://me:marked@{}", listener.local_addr().unwrap());
    let options = SenderOptions::new().with_proxy(&proxy).unwrap();
    assert!(!format!("{options:?}").contains("marked"), "{options:?}");
    let sender = ReqwestSender::with_options(options).unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).await.unwrap();
        let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(refusal.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    let error = get(&sender, "https://bank.example/?code=hidden")
        .await
        .unwrap_err();
    assert!(!error.may_have_been_processed(), "{error:?}");
    let printed = format!("{error:?}");
    assert!(
        !printed.contains("hidden") && !printed.contains("marked"),
        "{printed}"
    );
    let asked = asked.await.unwrap();
    assert!(
        asked.starts_with("CONNECT bank.example:443 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(!asked.contains("hidden"), "the proxy sees the host alone");
}
