//! The consent page, by hand and directly.

use bankauth_testbank::{ConsentError, Environment, Options};
use reqwest::StatusCode;

use super::application::{Application, REDIRECT_URI};
use crate::client::{Answer, send};

const FORM: &str = "application/x-www-form-urlencoded";

impl Application {
    async fn page(&self, query: &str) -> Answer {
        let url = format!("{}?{query}", self.revolut().consent_page());
        send(self.http.get(url)).await
    }

    async fn press(&self, url: &str, form: &'static str) -> Answer {
        let request = self.http.post(url).header("content-type", FORM);
        send(request.body(form)).await
    }

    fn query(&self, rest: &str) -> String {
        format!(
            "client_id={}&redirect_uri={REDIRECT_URI}{rest}",
            self.client_id
        )
    }
}

fn location(answer: &Answer) -> &str {
    answer.headers["location"].to_str().unwrap()
}

#[tokio::test]
async fn the_page_shows_what_is_asked_and_loads_nothing() {
    let app = Application::start().await;
    let query = app.query("&response_type=code&scope=READ,WRITE&state=not-echoed");
    let page = app.page(&query).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "<form method=\"post\">",
        "name=\"decision\" value=\"authorise\">Authorise</button>",
        "name=\"decision\" value=\"deny\">Deny</button>",
        "READ, WRITE",
        REDIRECT_URI,
        &app.client_id,
        "test bank",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    for foreign in ["src=", "href=", "url(", "<script", "@import", "not-echoed"] {
        assert!(!page.body.contains(foreign), "{foreign}");
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["x-frame-options"], "DENY");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-"));
    assert!(
        policy
            .ends_with("form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'")
    );
}

#[tokio::test]
async fn the_buttons_redirect_to_exactly_the_registered_uri() {
    let app = Application::start().await;
    let url = app
        .revolut()
        .consent_url(&app.client_id, &["READ"])
        .unwrap();
    let url = format!("{url}&state=not-echoed");

    let answer = app.press(&url, "decision=authorise").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let code = location(&answer)
        .strip_prefix("https://example.com/callback?code=oa_sand_")
        .unwrap();
    assert_eq!(code.len(), 43);
    assert_eq!(answer.headers["cache-control"], "no-store");

    let answer = app.press(&url, "decision=deny").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        location(&answer),
        "https://example.com/callback?error=access_denied"
    );

    for form in [
        "",
        "decision=",
        "decision=maybe",
        "decision=authorise&decision=deny",
    ] {
        assert_eq!(app.press(&url, form).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn the_direct_way_does_what_the_buttons_do() {
    let options = Options::default().with_environment(Environment::Production);
    let app = Application::start_with(options, "https://example.com", &[]).await;
    let revolut = app.revolut();
    let url = revolut.consent_url(&app.client_id, &[]).unwrap();
    // The guide's own example has neither path nor slash.
    let redirection = revolut.authorise(&url).unwrap();
    assert!(
        redirection
            .expose_secret()
            .starts_with("https://example.com?code=oa_prod_")
    );
    assert_eq!(format!("{redirection:?}"), "Redirection(..)");
    assert_eq!(
        revolut.deny(&url).unwrap().expose_secret(),
        "https://example.com?error=access_denied"
    );
    assert_ne!(redirection, revolut.authorise(&url).unwrap());
}

#[tokio::test]
async fn a_registered_query_stays() {
    let uri = "https://example.com/callback?tenant=a%26b";
    let app = Application::start_with(Options::default(), uri, &[]).await;
    let url = app.revolut().consent_url(&app.client_id, &[]).unwrap();
    let redirection = app.revolut().authorise(&url).unwrap();
    assert!(
        redirection
            .expose_secret()
            .starts_with("https://example.com/callback?tenant=a%26b&code=oa_sand_")
    );
}

#[tokio::test]
async fn another_redirect_uri_shows_the_banks_page() {
    let app = Application::start().await;
    for uri in [
        "https://example.com",
        "https://example.com/callback/",
        "https://example.org/callback",
        "http://example.com/callback",
    ] {
        let query = format!(
            "client_id={}&redirect_uri={uri}&response_type=code",
            app.client_id
        );
        let page = app.page(&query).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains("<h1>Bad Request: redirect URL</h1>"));
        assert!(!page.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn says_what_is_wrong_with_the_request() {
    let app = Application::start().await;
    let page = app.revolut().consent_page();
    let refused = |query: String| {
        app.revolut()
            .authorise(&format!("{page}?{query}"))
            .unwrap_err()
    };

    insta::assert_snapshot!(refused(String::new()), @"client_id: missing");
    insta::assert_snapshot!(refused("client_id=abc&redirect_uri=a&response_type=code".to_owned()), @"client_id: not known to this bank");
    insta::assert_snapshot!(refused(app.query("")), @"response_type: missing");
    insta::assert_snapshot!(refused(app.query("&response_type=token")), @r#"response_type: "token" found, "code" expected"#);
    insta::assert_snapshot!(refused(app.query("&response_type=code&client_id=a")), @"client_id: given more than once");
    insta::assert_snapshot!(refused(app.query("&response_type=code&scope=READ%20WRITE")), @r#"scope: "READ WRITE" found, a list of READ, WRITE, PAY and READ_SENSITIVE_CARD_DATA separated by commas expected"#);
    insta::assert_snapshot!(refused(app.query("&response_type=code&scope=READ,read")), @r#"scope: "read" found, a list of READ, WRITE, PAY and READ_SENSITIVE_CARD_DATA separated by commas expected"#);
    insta::assert_snapshot!(refused(app.query("&response_type=code&scope=")), @r#"scope: "" found, a list of READ, WRITE, PAY and READ_SENSITIVE_CARD_DATA separated by commas expected"#);
    assert!(
        app.revolut()
            .authorise(&format!(
                "{page}?{}",
                app.query("&response_type=code&scope=READ,WRITE,PAY,READ_SENSITIVE_CARD_DATA")
            ))
            .is_ok()
    );
}

#[tokio::test]
async fn nothing_from_the_url_becomes_markup() {
    let app = Application::start().await;
    let query = app.query("&response_type=code&scope=%3Cscript%3E");
    let page = app.page(&query).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("&lt;script&gt;"));
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn knows_its_own_page() {
    let app = Application::start().await;
    let query = app.query("&response_type=code");
    for url in [
        format!("https://business.revolut.com/app-confirm?{query}"),
        format!("{}/other?{query}", app.bank.base_url()),
        "app-confirm".to_owned(),
    ] {
        let error = app.revolut().authorise(&url).unwrap_err();
        assert!(matches!(error, ConsentError::AnotherPage { .. }), "{url}");
    }
    assert_eq!(
        app.revolut().consent_url("abc", &[]),
        Err(ConsentError::UnknownClient)
    );
}
