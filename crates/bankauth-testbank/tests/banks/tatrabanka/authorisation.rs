//! The authorisation page.

use bankauth_testbank::{AuthorisationError, TatraBankaApplication, TatraBankaProduct};
use reqwest::StatusCode;

use super::application::{Application, REDIRECT_URI};
use crate::client::{parameter, send};

#[tokio::test]
async fn state_and_code_come_back() {
    let app = Application::consumer().await;
    let redirection = app.authorise(&[]);
    let url = redirection.expose_secret();
    // RFC 6749 section 4.1.2: the query of the redirect URI stays.
    assert!(
        url.starts_with("https://example.com/callback?from=bank&code="),
        "{url}"
    );
    assert_eq!(
        parameter(&redirection, "state").unwrap(),
        "a state/with=signs&é"
    );
    let without = app.authorise(&[("state", "")]);
    assert_eq!(parameter(&without, "state"), None);
    assert_eq!(format!("{redirection:?}"), "Redirection(..)");
}

#[tokio::test]
async fn denying() {
    let app = Application::consumer().await;
    let redirection = app.tatra().deny(&app.page(&[("state", "s")])).unwrap();
    insta::assert_snapshot!(redirection.expose_secret(), @"https://example.com/callback?from=bank&error=access_denied&state=s");
}

#[tokio::test]
async fn by_a_browser() {
    let app = Application::consumer().await;
    let page = app.page(&[]);
    let shown = send(app.http.get(&page)).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.headers["content-type"], "text/html; charset=utf-8");
    for part in [
        "Tatra banka account",
        app.id(),
        "PREMIUM_AIS",
        "Authorise",
        "Deny",
    ] {
        assert!(shown.body.contains(part), "{part}");
    }
    let pressed = send(app.http.post(&page).form(&[("decision", "authorise")])).await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER);
    let location = pressed.headers["location"].to_str().unwrap();
    assert!(location.starts_with(REDIRECT_URI) && location.contains("&code="));
    let neither = send(app.http.post(&page).form(&[("decision", "")])).await;
    assert_eq!(neither.status, StatusCode::BAD_REQUEST);

    // A wrong request goes back without a question.
    let back = send(app.http.get(app.page(&[("code_challenge", "")]))).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(
        back.headers["location"]
            .to_str()
            .unwrap()
            .contains("error=invalid_request")
    );
}

#[tokio::test]
async fn requests_that_go_back_with_an_error() {
    let app = Application::consumer().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "IDENTITY", "invalid_scope"),
        ("scope", "PREMIUM_PIS", "invalid_scope"),
        ("scope", "PREMIUM_AIS PREMIUM_PIS", "invalid_scope"),
        ("scope", "PREMIUM_AIS,PREMIUM_PIS", "invalid_scope"),
        ("scope", "PREMIUM_AIS:consent", "invalid_scope"),
        ("scope", "premium_ais", "invalid_scope"),
    ] {
        let redirection = app.authorise(&[(name, value)]);
        assert_eq!(
            parameter(&redirection, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert_eq!(
            parameter(&redirection, "state").unwrap(),
            "a state/with=signs&é"
        );
        assert_eq!(parameter(&redirection, "code"), None);
    }
}

#[tokio::test]
async fn requests_that_end_on_a_page() {
    let app = Application::consumer().await;
    let refused = |changed: &[(&str, &str)]| app.tatra().authorise(&app.page(changed)).unwrap_err();
    assert_eq!(
        refused(&[("client_id", "")]),
        AuthorisationError::Missing("client_id")
    );
    assert_eq!(
        refused(&[("client_id", "l7")]),
        AuthorisationError::UnknownClient
    );
    assert_eq!(
        refused(&[("redirect_uri", "")]),
        AuthorisationError::Missing("redirect_uri")
    );
    for other in [
        "https://example.com/callback",
        "https://example.com/callback?from=bank&",
        "https://EXAMPLE.com/callback?from=bank",
    ] {
        let found = other.to_owned();
        assert_eq!(
            refused(&[("redirect_uri", other)]),
            AuthorisationError::RedirectUri { found }
        );
    }
    let twice = format!("{}&state=again", app.page(&[]));
    assert_eq!(
        app.tatra().authorise(&twice).unwrap_err(),
        AuthorisationError::Repeated("state")
    );
    for elsewhere in [
        "",
        "https://api.tatrabanka.sk/premium/sandbox/auth/oauth/v2/authorize?a=b",
    ] {
        assert_eq!(
            app.tatra().authorise(elsewhere).unwrap_err(),
            AuthorisationError::AnotherPage
        );
    }
    let shown = send(app.http.get(app.page(&[("client_id", "l7")]))).await;
    assert_eq!(shown.status, StatusCode::BAD_REQUEST);
    assert!(shown.body.contains("client_id: not known to this bank"));
}

#[tokio::test]
async fn a_third_party_names_its_consent() {
    let app = Application::start(TatraBankaApplication::third_party()).await;
    let consent = app.new_consent().await.json()["consentId"]
        .as_str()
        .unwrap()
        .to_owned();
    let error = |scope: &str| parameter(&app.authorise(&[("scope", scope)]), "error");
    assert_eq!(error("PREMIUM_AIS").unwrap(), "invalid_scope");
    assert_eq!(error("PREMIUM_AIS:other").unwrap(), "invalid_scope");
    assert_eq!(error("PREMIUM_AIS:").unwrap(), "invalid_scope");
    assert_eq!(error(&format!("PREMIUM_AIS:{consent}")), None);
    let shown = send(
        app.http
            .get(app.page(&[("scope", &format!("PREMIUM_AIS:{consent}"))])),
    )
    .await;
    assert!(shown.body.contains(&consent));

    // Another third party's consent is as good as none.
    let other = TatraBankaApplication::third_party().with_redirect_uri(REDIRECT_URI);
    let other = app.tatra().register(other).unwrap();
    let url = app.page(&[
        ("client_id", other.client_id()),
        ("scope", &format!("PREMIUM_AIS:{consent}")),
    ]);
    let redirection = app.tatra().authorise(&url).unwrap();
    assert_eq!(parameter(&redirection, "error").unwrap(), "invalid_scope");
}

#[tokio::test]
async fn only_products_with_users_have_a_page() {
    let app = Application::consumer().await;
    let pages = TatraBankaProduct::ALL
        .iter()
        .map(|product| app.tatra().authorisation_page(*product).is_some());
    assert_eq!(pages.collect::<Vec<_>>(), [true, false, false, true]);
}
