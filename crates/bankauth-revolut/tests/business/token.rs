//! The token endpoint: forms byte for byte, answers and refusals as the bank writes them.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bankauth_revolut::{
    business::{Client, Environment, WrongEnvironment},
    grants::{Body, Grant, Limits, Renew, Renewal, SendErrorKind, TokenError, TokenSet},
};

use crate::bank::{
    Bank, NOW, access_token, assertion_in, chain, client, code, now, read_jwt, refresh_token,
};

/// The guide's answer to a code.
const GRANTED: &str = r#"{
"access_token": "oa_prod_rPo9OmbMAuguhQffR6RLR4nvmzpx4NJtpdyvGKkrS3U",
"token_type": "bearer",
"expires_in": 2399,
"refresh_token": "oa_prod_hQacSGnwx-luIfj3dlVByrytVV9rWAnyHkpJTwG_Tr8"
}"#;

/// The guide's answer to a refresh token.
const REFRESHED: &str = r#"{
"access_token": "oa_prod_rPo9OmbMAuguhQffR6RLR4nvmzpx4NJtpdyvGKkrS3U",
"token_type": "bearer",
"expires_in": 2399
}"#;

/// The guide's answer to an expired assertion.
const STALE: &str = r#"{
"error": "invalid_request",
"error_description": "The Token has expired on Mon Jun 03 15:55:21 UTC 2024."
}"#;

/// Three hours and five minutes after `NOW`.
const LATER: &str = "Thu, 25 Jan 2024 01:57:11 GMT";

fn assertion_of(form: &str) -> String {
    read_jwt(assertion_in(form)).1
}

fn expiry_of(form: &str) -> u64 {
    let claims = assertion_of(form);
    claims
        .split(r#""exp":"#)
        .nth(1)
        .unwrap()
        .trim_end_matches('}')
        .parse()
        .unwrap()
}

fn without_assertion(form: &str) -> String {
    form.replace(assertion_in(form), "<JWT>")
}

async fn exchange(say: impl Fn(&Bank)) -> (Result<TokenSet, TokenError>, usize) {
    let (client, bank) = client(Environment::production());
    say(&bank);
    let answer = client.exchange(&code("oa_prod_code"), now()).await;
    (answer, bank.was_asked().len())
}

async fn refresh(say: impl Fn(&Bank)) -> (Result<TokenSet, TokenError>, usize) {
    let (client, bank) = client(Environment::production());
    say(&bank);
    let answer = client
        .refresh(&refresh_token("oa_prod_refresh"), now())
        .await;
    (answer, bank.was_asked().len())
}

/// The chain of a refusal, and its hint.
fn shown((answer, _): (Result<TokenSet, TokenError>, usize)) -> String {
    let error = answer.unwrap_err();
    let hint = error.refusal().and_then(|refusal| refusal.hint());
    format!("{}\n{}", chain(&error), hint.unwrap_or("no hint"))
}

#[tokio::test]
async fn the_form_of_a_code() {
    let (client, bank) = client(Environment::production());
    bank.will_say(200, &[], GRANTED);
    let tokens = client
        .exchange(
            &code("oa_prod_vYo3mAI9TmJuo2_ukYlHVZMh3OiszmfQdgVqk_gLSkU"),
            now(),
        )
        .await
        .unwrap();
    assert_eq!(
        tokens.access_token.expose_secret(),
        "oa_prod_rPo9OmbMAuguhQffR6RLR4nvmzpx4NJtpdyvGKkrS3U"
    );
    assert_eq!(
        tokens.refresh_token.unwrap().expose_secret(),
        "oa_prod_hQacSGnwx-luIfj3dlVByrytVV9rWAnyHkpJTwG_Tr8"
    );
    assert_eq!(tokens.expires_in, Some(Duration::from_secs(2399)));
    assert!(tokens.tolerances.is_empty());

    let asked = &bank.was_asked()[0];
    insta::assert_snapshot!(asked.head, @"
    POST https://b2b.revolut.com/api/1.0/auth/token
    accept: application/json
    content-type: application/x-www-form-urlencoded
    ");
    insta::assert_snapshot!(without_assertion(&asked.body), @"grant_type=authorization_code&code=oa_prod_vYo3mAI9TmJuo2_ukYlHVZMh3OiszmfQdgVqk_gLSkU&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<JWT>");
    insta::assert_snapshot!(assertion_of(&asked.body), @r#"{"iss":"example.com","sub":"zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp","aud":"https://revolut.com","exp":1706136791}"#);
    assert_eq!(asked.limits, Limits::TOKEN);
}

#[tokio::test]
async fn the_form_of_a_refresh_token() {
    let (client, bank) = client(Environment::sandbox());
    bank.will_say(200, &[], REFRESHED);
    let tokens = client
        .refresh(
            &refresh_token("oa_sand_hQacSGnwx-luIfj3dlVByrytVV9rWAnyHkpJTwG_Tr8"),
            now(),
        )
        .await
        .unwrap();
    // Nothing instead of the one that was sent: it stays (RFC 6749 section 6).
    assert!(tokens.refresh_token.is_none());

    let asked = &bank.was_asked()[0];
    insta::assert_snapshot!(asked.head, @"
    POST https://sandbox-b2b.revolut.com/api/1.0/auth/token
    accept: application/json
    content-type: application/x-www-form-urlencoded
    ");
    insta::assert_snapshot!(without_assertion(&asked.body), @"grant_type=refresh_token&refresh_token=oa_sand_hQacSGnwx-luIfj3dlVByrytVV9rWAnyHkpJTwG_Tr8&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<JWT>");
    insta::assert_snapshot!(assertion_of(&asked.body), @r#"{"iss":"example.com","sub":"zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp","aud":"https://revolut.com","exp":1706136791}"#);
    assert_eq!(asked.limits, Limits::TOKEN);
}

#[test]
fn the_request_is_there_without_sending_it() {
    let (client, bank) = client(Environment::sandbox());
    let token = refresh_token("oa_sand_r");
    let grant = Grant::refresh_token(&token);
    let form = |client: &Client| {
        let request = client.token_request(grant, now()).unwrap();
        assert_eq!(request.uri(), client.token_endpoint().url());
        without_assertion(std::str::from_utf8(request.body().expose_secret()).unwrap())
    };
    insta::assert_snapshot!(form(&client), @"grant_type=refresh_token&refresh_token=oa_sand_r&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<JWT>");
    insta::assert_snapshot!(form(&client.with_client_id_in_body()), @"grant_type=refresh_token&refresh_token=oa_sand_r&client_id=zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=<JWT>");
    assert!(bank.was_asked().is_empty());
}

#[tokio::test]
async fn renewal_kills_the_previous_access_token() {
    let (client, bank) = client(Environment::sandbox());
    let renew: &dyn Renew = &client;
    assert_eq!(renew.renewal(), Renewal::KillsPrevious);

    bank.will_say(200, &[], REFRESHED);
    let token = refresh_token("oa_sand_r");
    assert!(renew.renew(Some(&token), now()).await.is_ok());
    assert!(
        bank.was_asked()[0]
            .body
            .starts_with("grant_type=refresh_token&refresh_token=oa_sand_r&")
    );

    let error = renew.renew(None, now()).await.unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the token request cannot be made: refresh_token is empty");
    assert!(bank.was_asked().is_empty());
}

#[tokio::test]
async fn a_stale_assertion_is_rebuilt_once() {
    let (client, bank) = client(Environment::production());
    bank.will_say(400, &[("date", "Wed, 24 Jan 2024 22:53:01 GMT")], STALE);
    bank.will_say(200, &[], REFRESHED);
    assert!(
        client
            .refresh(&refresh_token("oa_prod_r"), now())
            .await
            .is_ok()
    );

    let asked = bank.was_asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        without_assertion(&asked[0].body),
        without_assertion(&asked[1].body)
    );
    assert_eq!(expiry_of(&asked[0].body), NOW + 60);
    // By the bank's clock.
    assert_eq!(expiry_of(&asked[1].body), NOW + 50 + 300);
}

#[tokio::test]
async fn a_rebuilt_assertion_is_another_one_whatever_the_date() {
    // Without a date, with one that says nothing, and with one that would make things worse.
    for headers in [
        &[][..],
        &[("date", "soon")],
        &[("date", "Wed, 24 Jan 2024 22:52:11 GMT")],
        &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")],
    ] {
        let (client, bank) = client(Environment::production());
        bank.will_say(400, headers, STALE);
        bank.will_say(200, &[], GRANTED);
        assert!(client.exchange(&code("oa_prod_c"), now()).await.is_ok());
        let asked = bank.was_asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(expiry_of(&asked[0].body), NOW + 60);
        assert_eq!(expiry_of(&asked[1].body), NOW + 300);
    }
}

#[tokio::test]
async fn a_second_stale_answer_is_final_and_names_the_clock() {
    let twice = |date: Option<&'static str>| {
        move |bank: &Bank| {
            for _ in 0..3 {
                match date {
                    Some(date) => bank.will_say(400, &[("date", date)], STALE),
                    None => bank.will_say(400, &[], STALE),
                }
            }
        }
    };
    let (_, requests) = refresh(twice(Some("Wed, 24 Jan 2024 22:57:11 GMT"))).await;
    assert_eq!(requests, 2);
    // A clock that is further off than five minutes is not taken over unasked.
    let (answer, requests) = refresh(twice(Some(LATER))).await;
    assert_eq!(requests, 1);
    let error = answer.unwrap_err();
    assert!(!error.is_retryable() && !error.needs_user());
    insta::assert_snapshot!(shown((Err(error), 1)), @"
    the token endpoint refused: invalid_request: The Token has expired on Mon Jun 03 15:55:21 UTC 2024. (status 400)
    set this machine's clock: the bank's is 3 h 5 min ahead of it
    ");
    let hint = async |date| {
        shown(exchange(twice(date)).await)
            .lines()
            .last()
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!(hint(Some("Wed, 24 Jan 2024 22:53:01 GMT")).await, @"set this machine's clock: the bank's is 50 s ahead of it");
    insta::assert_snapshot!(hint(Some("Wed, 24 Jan 2024 22:50:11 GMT")).await, @"this machine's clock is not behind the bank's: the request was on its way for too long, or was made for a time that had passed");
    insta::assert_snapshot!(hint(Some("Wed, 31 Jan 2024 23:52:11 GMT")).await, @"set this machine's clock: the bank's is 7 d 1 h ahead of it");
    insta::assert_snapshot!(hint(Some("Wed, 24 Jan 2024 22:52:13 GMT")).await, @"this machine's clock is not behind the bank's: the request was on its way for too long, or was made for a time that had passed");
    insta::assert_snapshot!(hint(None).await, @"compare this machine's clock with the right time: to the bank the assertion had expired");
}

#[tokio::test]
async fn only_these_words_of_an_invalid_request_mean_a_stale_assertion() {
    for (status, body) in [
        (400, r#"{"error":"invalid_request"}"#),
        (
            400,
            r#"{"error":"invalid_request","error_description":"grant_type is missing"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_request","error_description":"It says: The Token has expired on Monday"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_grant","error_description":"The Token has expired on Mon Jun 03 15:55:21 UTC 2024."}"#,
        ),
        (
            401,
            r#"{"message":"The Token has expired on Mon Jun 03 15:55:21 UTC 2024."}"#,
        ),
        (503, r#"{"error":"temporarily_unavailable"}"#),
        (
            429,
            r#"{"message":"Too many requests. Try again later.","code":3162}"#,
        ),
        (400, "<html>"),
    ] {
        let (answer, requests) = refresh(|bank| bank.will_say(status, &[], body)).await;
        assert!(answer.is_err());
        assert_eq!(requests, 1, "{body}");
    }
}

#[tokio::test]
async fn another_error_after_the_rebuild_is_the_one_that_is_told() {
    let (answer, requests) = refresh(|bank| bank.will_say(400, &[], STALE)).await;
    assert_eq!(requests, 2);
    let Err(TokenError::Transport(error)) = answer else {
        panic!("the second request found nobody");
    };
    assert_eq!(error.kind(), SendErrorKind::Connect);
}

#[tokio::test]
async fn a_client_that_the_bank_does_not_authorise() {
    let body =
        r#"{"error":"unauthorized_client","error_description":"Failed to authorise client"}"#;
    insta::assert_snapshot!(shown(exchange(|bank| bank.will_say(400, &[("date", "Wed, 24 Jan 2024 22:52:12 GMT")], body)).await), @"
    the token endpoint refused: unauthorized_client: Failed to authorise client (status 400)
    the bank does not say why. Likely, in this order: the client id (sub = zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp) is not the ClientID of this certificate in the production environment; the certificate uploaded there belongs to another key, or has expired; the host of the registered redirect URI is not example.com (iss); the code is older than two minutes or was used before
    ");
    insta::assert_snapshot!(shown(refresh(|bank| bank.will_say(400, &[("date", LATER)], body)).await), @"
    the token endpoint refused: unauthorized_client: Failed to authorise client (status 400)
    the bank does not say why. Likely, in this order: the client id (sub = zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp) is not the ClientID of this certificate in the production environment; the certificate uploaded there belongs to another key, or has expired; the host of the registered redirect URI is not example.com (iss); the assertion's time (exp) is wrong: the bank's clock is 3 h 5 min ahead of it
    ");
    insta::assert_snapshot!(shown(refresh(|bank| bank.will_say(400, &[], body)).await), @"
    the token endpoint refused: unauthorized_client: Failed to authorise client (status 400)
    the bank does not say why. Likely, in this order: the client id (sub = zfTKV9Eie_XLHl03f2Y7vJYDe5Klr6Y54v8fsp4Gvgp) is not the ClientID of this certificate in the production environment; the certificate uploaded there belongs to another key, or has expired; the host of the registered redirect URI is not example.com (iss); this machine's clock (exp) is wrong
    ");
    let signature = r#"{"error":"invalid_request","error_description":"The Token's Signature resulted invalid when verified using the Algorithm: SHA256withRSA"}"#;
    assert!(
        shown(refresh(|bank| bank.will_say(400, &[], signature)).await)
            .contains("belongs to another key")
    );
}

#[tokio::test]
async fn a_body_that_is_no_form() {
    let body = r#"{"error":"invalid_client","error_description":"client_id is missing"}"#;
    insta::assert_snapshot!(shown(exchange(|bank| bank.will_say(401, &[], body)).await), @"
    the token endpoint refused: invalid_client: client_id is missing (status 401)
    the bank could not read the body as a form: whatever sends the requests has to leave body and content type as they are
    ");
    let other = r#"{"error":"invalid_client"}"#;
    assert!(shown(exchange(|bank| bank.will_say(401, &[], other)).await).contains("sub = zfTKV9"));
}

#[tokio::test]
async fn an_issuer_that_is_not_the_domain() {
    for error in ["invalid_request", "unauthorized_client"] {
        let body = format!(
            r#"{{"error":"{error}","error_description":"The 'iss' (issuer) claim must be your domain"}}"#
        );
        let shown = shown(exchange(|bank| bank.will_say(400, &[], &body)).await);
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown.lines().last().unwrap(), @"the assertion says iss = example.com, the host of this client's redirect URI: the one registered with the certificate has another host");
        }
    }
}

#[tokio::test]
async fn a_code_that_is_over() {
    let body = r#"{"error":"invalid_grant","error_description":"The authorization code is invalid or has expired"}"#;
    let (answer, requests) = exchange(|bank| bank.will_say(400, &[], body)).await;
    assert_eq!(requests, 1);
    assert!(answer.as_ref().unwrap_err().needs_user());
    insta::assert_snapshot!(shown((answer, 1)), @"
    the token endpoint refused: invalid_grant: The authorization code is invalid or has expired (status 400)
    a code lives for two minutes and is used once: open the consent page again and exchange the new code at once
    ");
}

#[tokio::test]
async fn a_refresh_token_that_is_over() {
    let body = r#"{"error":"invalid_grant"}"#;
    let (answer, requests) = refresh(|bank| bank.will_say(400, &[], body)).await;
    assert_eq!(requests, 1);
    assert!(answer.as_ref().unwrap_err().needs_user());
    insta::assert_snapshot!(shown((answer, 1)), @"
    the token endpoint refused: invalid_grant (status 400)
    the refresh token has ended: authorise again. On the Freelancer plan that is due every 90 days; elsewhere access was taken away in the web app, or the token is of another client
    ");
}

#[tokio::test]
async fn answers_in_the_words_of_the_api() {
    let forbidden = r#"{"message":"This action is forbidden","code":9002}"#;
    let (answer, requests) = refresh(|bank| bank.will_say(403, &[], forbidden)).await;
    assert_eq!(requests, 1);
    assert!(!answer.as_ref().unwrap_err().needs_user());
    insta::assert_snapshot!(shown((answer, 1)), @"
    the token endpoint refused: This action is forbidden (status 403)
    likely this address is not in the IP list of the certificate
    ");

    let busy = r#"{"error_id":"7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11","code":3162,"message":"Try again later."}"#;
    let (answer, _) = refresh(|bank| bank.will_say(429, &[("retry-after", "30")], busy)).await;
    let error = answer.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    insta::assert_snapshot!(chain(&error), @"the token endpoint refused: Try again later. (status 429, request 7f3c0d9e-5b1a-4f6e-9c58-0d6c1f0e8a11)");
}

#[tokio::test]
async fn what_is_no_answer_has_no_hint() {
    let (answer, requests) = refresh(|_| ()).await;
    assert_eq!(requests, 1);
    assert!(matches!(answer, Err(TokenError::Transport(_))));
    for (status, body) in [(200, ""), (302, ""), (200, "<html>"), (502, "<html>")] {
        let (answer, requests) = refresh(|bank| bank.will_say(status, &[], body)).await;
        assert_eq!(requests, 1);
        assert!(matches!(answer, Err(TokenError::Malformed(_))), "{status}");
    }
}

#[test]
fn an_answer_that_was_got_elsewhere_is_explained_as_well() {
    let (client, _) = client(Environment::sandbox());
    let code = code("oa_sand_c");
    let grant = Grant::authorization_code(&code);
    let read = |body: &str| {
        let answer = http::Response::builder().status(400).body(Body::from(body));
        client.token_endpoint().read(&answer.unwrap()).unwrap_err()
    };
    let error = client.explain(read(r#"{"error":"invalid_grant"}"#), grant, now());
    assert!(
        error
            .refusal()
            .unwrap()
            .hint()
            .unwrap()
            .contains("two minutes")
    );
    assert!(WrongEnvironment::of(&error).is_none());
    let error = client.explain(read("<html>"), grant, now());
    assert!(matches!(error, TokenError::Malformed(_)));
    let error = client.explain(read(r#"{"error":"unsupported_grant_type"}"#), grant, now());
    assert!(error.refusal().unwrap().hint().is_none());
}

#[test]
fn a_client_fits_where_tokens_are_kept_and_into_tasks() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (client, _) = client(Environment::sandbox());
    let (code, token) = (code("oa_sand_c"), access_token("oa_sand_a"));
    drop(is_send(client.exchange(&code, now())));
    drop(is_send(client.accounts(&token)));
    drop(is_send(client.get("/accounts", &token)));
    let renew: Arc<dyn Renew> = Arc::new(client);
    drop(is_send(renew));
}

#[tokio::test]
async fn a_time_before_1970_is_named() {
    let (client, bank) = client(Environment::sandbox());
    let past = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let error = client
        .refresh(&refresh_token("oa_sand_r"), past)
        .await
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the client authentication could not be made: now: found a time before 1970, expected a time from 1970 to 5138 (is the clock set?)");
    assert!(bank.was_asked().is_empty());
}
