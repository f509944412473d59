//! A bank that says what it is told to and keeps what it is asked.

use std::{
    collections::VecDeque,
    error::Error,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bankauth_revolut::{
    business::{Client, Environment},
    grants::{
        AccessToken, AuthorizationCode, Body, BoxFuture, HttpSend, Limits, RedirectUri,
        RefreshToken, SendError, SendErrorKind,
    },
    jwt::{Sign, SigningKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

pub(crate) const RSA_2048: &[u8] = include_bytes!("../data/rsa2048.pkcs8.der");

/// The client id of the guide.
pub(crate) const CLIENT_ID: &str = "zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp";

/// Sixty seconds before the `exp` of the guide: 2024-01-24 22:52:11 UTC.
pub(crate) const NOW: u64 = 1_706_136_731;

pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

/// What was asked.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) limits: Limits,
}

#[derive(Default)]
pub(crate) struct Bank {
    answers: Mutex<VecDeque<http::Response<Body>>>,
    asked: Mutex<Vec<Asked>>,
}

impl Bank {
    /// The next answer, as JSON, with further headers.
    pub(crate) fn will_say(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut answer = http::Response::builder()
            .status(status)
            .header("content-type", "application/json");
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(Body::from(body)).unwrap();
        self.answers.lock().unwrap().push_back(answer);
    }

    /// Drops the answers that were not called for.
    pub(crate) fn forget(&self) {
        self.answers.lock().unwrap().clear();
    }

    pub(crate) fn was_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl HttpSend for Bank {
    fn send(
        &self,
        request: http::Request<Body>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Body>, SendError>> {
        let mut head = format!("{} {}", request.method(), request.uri());
        for (name, value) in request.headers() {
            head.push_str(&format!("\n{name}: {}", value.to_str().unwrap()));
        }
        let body = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        self.asked
            .lock()
            .unwrap()
            .push(Asked { head, body, limits });
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.ok_or(SendError::new(SendErrorKind::Connect)) })
    }
}

pub(crate) fn key() -> Arc<SigningKey> {
    Arc::new(SigningKey::rs256(RSA_2048).unwrap())
}

pub(crate) fn client_with(
    environment: Environment,
    redirect_uri: &str,
    key: Arc<dyn Sign>,
) -> (Client, Arc<Bank>) {
    let bank = Arc::new(Bank::default());
    let redirect_uri = RedirectUri::new(redirect_uri).unwrap();
    let client = Client::new(
        environment,
        CLIENT_ID,
        redirect_uri,
        key,
        Arc::clone(&bank) as _,
    )
    .unwrap();
    (client, bank)
}

/// A client as in the guide, with the bank that it talks to.
pub(crate) fn client(environment: Environment) -> (Client, Arc<Bank>) {
    client_with(environment, "https://example.com", key())
}

pub(crate) fn code(text: &str) -> AuthorizationCode {
    AuthorizationCode::new(text.to_owned()).unwrap()
}

pub(crate) fn refresh_token(text: &str) -> RefreshToken {
    RefreshToken::new(text.to_owned()).unwrap()
}

pub(crate) fn access_token(text: &str) -> AccessToken {
    AccessToken::new(text.to_owned()).unwrap()
}

/// Header and claims of a JWT as their JSON stands in it.
pub(crate) fn read_jwt(jwt: &str) -> (String, String) {
    let mut parts = jwt.split('.').map(|part| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// The assertion in a form; it needs no decoding, base64url and dots are as they are.
pub(crate) fn assertion_in(form: &str) -> &str {
    form.split("client_assertion=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
}

/// The whole chain, as a program would print it.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
