//! Where the bank is, and what belongs to it.

use bankauth_revolut::{
    business::{Endpoints, Environment, WrongEnvironment},
    grants::{Grant, Renew as _},
};

use crate::bank::{access_token, chain, client, code, now, refresh_token};

fn custom() -> Environment {
    let endpoints = Endpoints::new(
        "https://127.0.0.1:8443/api/1.0/auth/token",
        "https://127.0.0.1:8443/app-confirm",
        "https://127.0.0.1:8443/api/1.0/",
    );
    Environment::custom(endpoints.unwrap())
}

#[test]
fn the_environments_are_those_of_the_bank() {
    let shown = |environment: Environment| {
        let endpoints = environment.endpoints();
        format!(
            "{}\n{}\n{}\n{}\n{:?}\n{:?}",
            environment.name(),
            endpoints.token(),
            endpoints.consent(),
            endpoints.api(),
            environment.credential_prefix(),
            environment.web_app(),
        )
    };
    insta::assert_snapshot!(shown(Environment::sandbox()), @r#"
    sandbox
    https://sandbox-b2b.revolut.com/api/1.0/auth/token
    https://sandbox-business.revolut.com/app-confirm
    https://sandbox-b2b.revolut.com/api/1.0
    Some("oa_sand_")
    Some("https://sandbox-business.revolut.com")
    "#);
    insta::assert_snapshot!(shown(Environment::production()), @r#"
    production
    https://b2b.revolut.com/api/1.0/auth/token
    https://business.revolut.com/app-confirm
    https://b2b.revolut.com/api/1.0
    Some("oa_prod_")
    Some("https://business.revolut.com")
    "#);
    insta::assert_snapshot!(shown(custom()), @"
    custom
    https://127.0.0.1:8443/api/1.0/auth/token
    https://127.0.0.1:8443/app-confirm
    https://127.0.0.1:8443/api/1.0
    None
    None
    ");
}

#[test]
fn endpoints_get_credentials_and_are_https_rfc6749_3_2() {
    let good = "https://bank.example/";
    let refused =
        |token, consent, api| Endpoints::new(token, consent, api).unwrap_err().to_string();
    let errors = [
        refused("http://bank.example/token", good, good),
        refused(good, "bank.example/consent", good),
        refused(good, good, ""),
        refused(good, good, "https://bank.example/#marked"),
        refused(good, good, "https://me:marked@bank.example/"),
        refused(good, good, "https://bank.example/api?version=marked"),
    ]
    .join("\n");
    assert!(!errors.contains("marked"));
    insta::assert_snapshot!(errors, @"
    the token endpoint is an http URL, expected an absolute https URL without fragment, user name or password
    the consent page is no absolute URL, expected an absolute https URL without fragment, user name or password
    the base of the API is empty, expected an absolute https URL without fragment, user name or password
    the base of the API is a URL with a fragment, expected an absolute https URL without fragment, user name or password
    the base of the API is a URL with a user name or password, expected an absolute https URL without fragment, user name or password
    the base of the API is a URL with a query, expected one to which a path can be appended
    ");
    let root = Endpoints::new(good, good, "https://bank.example").unwrap();
    assert_eq!(root.api(), "https://bank.example");
}

#[tokio::test]
async fn a_credential_of_another_environment_is_not_sent() {
    for (environment, own, other) in [
        (Environment::sandbox(), "oa_sand_marked", "oa_prod_marked"),
        (
            Environment::production(),
            "oa_prod_marked",
            "oa_sand_marked",
        ),
    ] {
        let name = environment.name();
        let (client, bank) = client(environment);
        let mut errors = Vec::new();

        for grant in [
            Grant::authorization_code(&code(other)),
            Grant::refresh_token(&refresh_token(other)),
        ] {
            errors.push(client.token_request(grant, now()).unwrap_err());
        }
        errors.push(client.exchange(&code(other), now()).await.unwrap_err());
        errors.push(
            client
                .refresh(&refresh_token(other), now())
                .await
                .unwrap_err(),
        );
        errors.push(
            client
                .renew(Some(&refresh_token(other)), now())
                .await
                .unwrap_err(),
        );
        for error in &errors {
            let wrong = WrongEnvironment::of(error).unwrap();
            assert_eq!(wrong.expected(), name);
            assert_ne!(wrong.found(), name);
            assert!(
                !error.is_retryable() && !error.needs_user() && !error.may_have_been_processed()
            );
        }
        if name == "sandbox" {
            insta::assert_snapshot!(chain(&errors[0]), @"the credential is not for this server: the authorization code belongs to production, expected one of sandbox");
            insta::assert_snapshot!(chain(&errors[1]), @"the credential is not for this server: the refresh token belongs to production, expected one of sandbox");
        }

        let token = access_token(other);
        let error = client.accounts(&token).await.unwrap_err();
        if name == "sandbox" {
            insta::assert_snapshot!(chain(&error), @"the access token cannot be used here: the access token belongs to production, expected one of sandbox");
            insta::assert_snapshot!(error.hint().unwrap(), @"sandbox and production are apart: log in again in the environment that the client is set up for");
        }
        assert!(!error.is_token_fault() && !error.is_retryable());
        assert!(client.get("/accounts", &token).await.is_err());
        assert!(client.get_request("/accounts", &token).is_err());
        let pasted = format!("https://example.com?code={other}");
        let error = client.read_redirect(&pasted).unwrap_err();
        if name == "sandbox" {
            insta::assert_snapshot!(chain(&error), @"the authorization code belongs to production, expected one of sandbox");
            insta::assert_snapshot!(error.hint(), @"sandbox and production are apart: consent in the environment in which the certificate was uploaded");
        }
        assert!(bank.was_asked().is_empty());

        assert!(client.environment().check_code(&code(own)).is_ok());
        assert!(
            client
                .environment()
                .check_refresh_token(&refresh_token(own))
                .is_ok()
        );
        assert!(
            client
                .environment()
                .check_access_token(&access_token(own))
                .is_ok()
        );
        assert!(client.accounts_request(&access_token(own)).is_ok());
    }
}

#[test]
fn what_has_no_mark_is_sent_and_endpoints_of_ones_own_take_everything() {
    for environment in [Environment::sandbox(), Environment::production()] {
        assert!(
            environment
                .check_access_token(&access_token("dG9rZW4="))
                .is_ok()
        );
        assert!(
            environment
                .check_access_token(&access_token("oa_next_1"))
                .is_ok()
        );
    }
    for token in ["oa_prod_1", "oa_sand_1", "other"] {
        assert!(custom().check_access_token(&access_token(token)).is_ok());
    }
}
