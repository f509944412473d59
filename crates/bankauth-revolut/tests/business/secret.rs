//! Nothing that can be printed holds a secret.

use std::fmt::Debug;

use bankauth_revolut::{
    business::{Client, Environment, Scope},
    grants::{Body, Grant},
};

use crate::bank::{access_token, chain, client, code, now, refresh_token};

fn check(what: &str, printed: &str) {
    assert!(!printed.contains("marked"), "{what}: {printed}");
    assert!(!printed.contains("eyJ"), "{what}: {printed}");
}

fn check_debug(what: &str, value: &dyn Debug) {
    check(what, &format!("{value:?}"));
    check(what, &format!("{value:#?}"));
}

#[tokio::test]
async fn not_even_where_the_bank_repeats_it() {
    let (client, bank) = client(Environment::sandbox());
    check_debug("client", &client);
    check_debug("assertion", &client.assertion(now()).unwrap());
    let code = code("oa_sand_marked1");
    let refresh = refresh_token("oa_sand_marked2");
    let access = access_token("oa_sand_marked3");

    for grant in [
        Grant::authorization_code(&code),
        Grant::refresh_token(&refresh),
    ] {
        check_debug("grant", &grant);
        check_debug(
            "token request",
            &client.token_request(grant, now()).unwrap(),
        );
    }
    check_debug("request", &client.accounts_request(&access).unwrap());

    for status in [200, 400, 401, 403, 404, 429, 500] {
        for error in [
            "invalid_request",
            "invalid_grant",
            "unauthorized_client",
            "oa_sand_marked1",
        ] {
            let said = format!(
                r#"{{"error":"{error}","error_description":"The Token has expired on oa_sand_marked1","error_id":"oa_sand_marked1"}}"#
            );
            bank.will_say(status, &[], &said);
            bank.will_say(status, &[], &said);
            let refused = client.exchange(&code, now()).await.unwrap_err();
            check_debug("exchange", &refused);
            check("exchange", &chain(&refused));
            bank.forget();
        }
    }
}

#[tokio::test]
async fn not_in_what_the_api_says() {
    let (client, bank) = client(Environment::sandbox());
    let access = access_token("oa_sand_marked");
    for status in [200, 302, 400, 401, 403, 404, 429, 500] {
        for body in [
            r#"{"message":"the token oa_sand_marked is bad","error_id":"oa_prod_marked","code":1000}"#,
            r#"{"message":"Authorization: Bearer oa_sand_marked"}"#,
            r#"{"error":"token=oa_sand_marked"}"#,
            r#"["oa_sand_marked"]"#,
            "oa_sand_marked",
        ] {
            bank.will_say(status, &[("content-type", "oa_sand_marked")], body);
            let error = client.accounts(&access).await.unwrap_err();
            check_debug("accounts", &error);
            check("accounts", &chain(&error));
            check("accounts", error.hint().unwrap_or_default());
            check("accounts", error.error_id().unwrap_or_default());
        }
    }
    bank.will_say(200, &[], r#"{"number":"marked"}"#);
    check_debug("body", &client.get("/cards", &access).await.unwrap());
}

#[test]
fn not_in_our_own_mistakes() {
    let (client, _) = client(Environment::production());
    for pasted in [
        "oa_prod_marked",
        "https://example.com?code=oa_sand_marked",
        "https://example.com/?code=oa_prod_marked&error=x",
        "https://other.example?code=oa_prod_marked",
    ] {
        let error = client.read_redirect(pasted).unwrap_err();
        check_debug(pasted, &error);
        check(pasted, &chain(&error));
    }
    check(
        "scope",
        &Scope::parse_list("READ,oa_prod_marked")
            .unwrap_err()
            .to_string(),
    );
    check(
        "path",
        &chain(
            &client
                .get_request("oa_prod_marked", &access_token("a"))
                .unwrap_err(),
        ),
    );
    let answer = http::Response::new(Body::from("marked"));
    check(
        "answer",
        &chain(&Client::read_accounts(&answer).unwrap_err()),
    );
}
