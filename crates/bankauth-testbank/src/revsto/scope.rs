//! The seventeen scopes (the bank's page "Authentication", read 2026-11-20).

/// In the order of the bank's table.
pub(super) const ALL: [&str; 17] = [
    "profile_view",
    "kyc_view",
    "user_creation",
    "document_management",
    "open_identity",
    "account_creation",
    "account_view",
    "account_close",
    "user_deactivate",
    EVENT_MANAGEMENT,
    "transaction_view",
    "customer-instruction_view",
    "payment-instruction_view",
    "customer-instruction_initiation",
    "customer-instruction_submission",
    "customer-instruction_submit",
    "posting",
];

/// What the list of webhooks asks for.
pub(super) const EVENT_MANAGEMENT: &str = "event_management";

/// A list separated by blanks (RFC 6749 section 3.3), of these names; the error is the first other one.
pub(super) fn read(list: &str, known: &[&'static str]) -> Result<Vec<&'static str>, String> {
    list.split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| {
            let scope = known.iter().find(|scope| **scope == name);
            scope.copied().ok_or_else(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_list_is_read_or_refused(list: String) {
            let _ = read(&list, &ALL);
        }

        #[test]
        fn lists_round_trip(scopes in proptest::sample::subsequence(ALL.to_vec(), 0..=17)) {
            prop_assert_eq!(read(&scopes.join(" "), &ALL).unwrap(), scopes);
        }
    }

    #[test]
    fn commas_and_other_names() {
        assert_eq!(
            read("posting,kyc_view", &ALL).unwrap_err(),
            "posting,kyc_view"
        );
        assert_eq!(
            read("customer_instruction_view", &ALL).unwrap_err(),
            "customer_instruction_view"
        );
        assert_eq!(
            read("kyc_view posting", &["posting"]).unwrap_err(),
            "kyc_view"
        );
    }
}
