//! Server certificates that no client may trust.

use bankauth_testbank::{Options, ServerCertificate, TestBank};
use reqwest::Client;

use crate::client::{client, control};

/// Nothing but TLS stands between the client and an answer.
async fn connects(http: &Client, bank: &TestBank) -> Result<(), String> {
    // A kept connection would have been checked before.
    let url = format!("{}/control/clock", bank.base_url());
    match http.get(url).header("connection", "close").send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            assert!(error.is_connect(), "{error:?}");
            Err(format!("{error:?}"))
        }
    }
}

#[tokio::test]
async fn each_is_refused_for_its_own_reason() {
    for certificate in ServerCertificate::ALL {
        let options = Options::default().with_server_certificate(*certificate);
        let bank = TestBank::start(options).await.unwrap();
        let http = client(&bank);
        let reason = match certificate {
            ServerCertificate::Good => {
                connects(&http, &bank).await.unwrap();
                continue;
            }
            ServerCertificate::Expired => "Expired",
            ServerCertificate::NotYetValid => "NotValidYet",
            ServerCertificate::WrongName => "NotValidForName",
            ServerCertificate::WrongUsage => "InvalidPurpose",
            _ => "UnknownIssuer",
        };
        let error = connects(&http, &bank).await.unwrap_err();
        assert!(error.contains(reason), "{certificate:?}: {error}");
    }
}

#[tokio::test]
async fn for_so_many_connections() {
    let bank = TestBank::start(Options::default()).await.unwrap();
    let http = client(&bank);
    bank.show_next(ServerCertificate::Expired, 2);
    bank.show_next(ServerCertificate::WrongName, 1);
    bank.show_next(ServerCertificate::UntrustedCa, 0);
    for reason in ["Expired", "Expired", "NotValidForName"] {
        assert!(connects(&http, &bank).await.unwrap_err().contains(reason));
    }
    connects(&http, &bank).await.unwrap();

    let order = serde_json::json!({"certificate": "wrong-usage"});
    assert_eq!(
        control(&bank, &http, "/server-certificate", order)
            .await
            .text(),
        "204 "
    );
    // The connection that gave the order lives on; another client has none, and no session to resume.
    assert!(
        connects(&client(&bank), &bank)
            .await
            .unwrap_err()
            .contains("InvalidPurpose")
    );
    connects(&client(&bank), &bank).await.unwrap();
}
