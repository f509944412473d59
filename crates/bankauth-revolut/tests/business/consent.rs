//! The consent page and the way back from it.

use bankauth_revolut::business::{Environment, Scope};

use crate::bank::{client, client_with, key};

#[test]
fn the_address_of_the_guide() {
    // "https://business.revolut.com/app-confirm?client_id=<ClientID>&redirect_uri=https://example.com&response_type=code"
    let (client, _) = client(Environment::production());
    let url = client.consent_url(&[]).unwrap();
    insta::assert_snapshot!(url, @"https://business.revolut.com/app-confirm?response_type=code&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&redirect_uri=https%3A%2F%2Fexample.com");
    let (page, query) = url.split_once('?').unwrap();
    assert_eq!(page, "https://business.revolut.com/app-confirm");
    let mut parameters: Vec<&str> = query.split('&').collect();
    parameters.sort_unstable();
    assert_eq!(
        parameters,
        [
            "client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp",
            "redirect_uri=https%3A%2F%2Fexample.com",
            "response_type=code"
        ]
    );
}

#[test]
fn none_given_is_none_sent() {
    let (client, _) = client(Environment::sandbox());
    let url = client.consent_url(&[]).unwrap();
    assert!(url.starts_with("https://sandbox-business.revolut.com/app-confirm?"));
    assert!(!url.contains("scope"));
}

#[test]
fn scopes_are_separated_by_commas() {
    let (client, _) = client(Environment::production());
    let url = |scopes: &[Scope]| client.consent_url(scopes).unwrap();
    insta::assert_snapshot!(url(&[Scope::Read]), @"https://business.revolut.com/app-confirm?response_type=code&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&redirect_uri=https%3A%2F%2Fexample.com&scope=READ");
    // "(...)&response_type=code&scope=READ,WRITE": percent-encoded, which reads the same.
    insta::assert_snapshot!(url(&[Scope::Read, Scope::Write]), @"https://business.revolut.com/app-confirm?response_type=code&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&redirect_uri=https%3A%2F%2Fexample.com&scope=READ%2CWRITE");
    insta::assert_snapshot!(url(&Scope::ALL), @"https://business.revolut.com/app-confirm?response_type=code&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&redirect_uri=https%3A%2F%2Fexample.com&scope=READ%2CWRITE%2CPAY%2CREAD_SENSITIVE_CARD_DATA");
    assert_eq!(
        url(&[Scope::Pay, Scope::Read, Scope::Pay]),
        url(&[Scope::Pay, Scope::Read])
    );
    assert_eq!(url(&Scope::parse_list("").unwrap()), url(&[]));
}

#[test]
fn the_redirect_uri_is_sent_as_it_was_registered() {
    let registered = "https://example.com:8787/Callback?tenant=1";
    let (client, _) = client_with(Environment::sandbox(), registered, key());
    insta::assert_snapshot!(client.consent_url(&[]).unwrap(), @"https://sandbox-business.revolut.com/app-confirm?response_type=code&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&redirect_uri=https%3A%2F%2Fexample.com%3A8787%2FCallback%3Ftenant%3D1");
}

#[test]
fn the_code_of_the_guide_is_read() {
    let (client, _) = client(Environment::production());
    let pasted = "https://example.com?code=oa_prod_vYo3mAI9TmJuo2_ukYlHVZMh3OiszmfQdgVqk_gLSkU\n";
    let code = client.read_redirect(pasted).unwrap();
    assert_eq!(
        code.expose_secret(),
        "oa_prod_vYo3mAI9TmJuo2_ukYlHVZMh3OiszmfQdgVqk_gLSkU"
    );
}

#[test]
fn an_address_without_a_code_is_refused_with_a_hint() {
    let (client, _) = client(Environment::sandbox());
    let errors = [
        "https://example.com?error=access_denied",
        "https://example.com/",
        "https://other.example/?code=oa_sand_marked",
        "oa_sand_marked",
        "https://example.com?code=oa_sand_marked&code=oa_sand_marked",
    ]
    .map(|pasted| {
        let error = client.read_redirect(pasted).unwrap_err();
        format!("{error}\n  {}", error.hint())
    })
    .join("\n");
    assert!(!errors.contains("marked"));
    insta::assert_snapshot!(errors, @"
    no consent was given: access_denied
      open the consent page again, press Authorise and finish the two-factor step
    the pasted address has no parameter `code`, expected the address that the browser shows after the consent
      copy the whole address that the browser shows after Authorise and the two-factor step
    the pasted address belongs to https://other.example/, expected https://example.com
      the redirect URI has to be the one that was registered with the certificate
    the pasted text is not an absolute URL, expected the whole address from the browser, beginning with https://example.com
      copy the whole address that the browser shows after Authorise and the two-factor step
    parameter `code` occurs twice or contradicts another
      copy the whole address that the browser shows after Authorise and the two-factor step
    ");
}
