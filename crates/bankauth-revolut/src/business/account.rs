//! The accounts: what proves that a token works.

use core::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;

/// One account of the business, in all its eight members. Texts are as the bank sent them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// The bank's id of it, a UUID.
    pub id: String,
    /// The name, where it was given one.
    pub name: Option<String>,
    /// The money on it.
    #[serde(deserialize_with = "exact")]
    pub balance: Amount,
    /// The currency, ISO 4217.
    pub currency: String,
    /// `active` or `inactive`.
    pub state: String,
    /// Whether other businesses see it.
    pub public: bool,
    /// When it was made, ISO 8601.
    pub created_at: String,
    /// When it was changed last, ISO 8601.
    pub updated_at: String,
}

/// An amount of money in units of its currency: the digits that the bank sent, never a floating-point number.
///
/// Amounts are equal when their texts are: `100.0` is not `100.00`. Give the text to the decimal library of your choice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Amount(Box<str>);

impl Amount {
    /// The digits, as JSON writes a number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    if raw
        .get()
        .starts_with(|c: char| c == '-' || c.is_ascii_digit())
    {
        return Ok(Amount(raw.get().into()));
    }
    Err(D::Error::custom("not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(balance: &str) -> Result<Account, serde_json::Error> {
        serde_json::from_str(&format!(
            r#"{{"id":"1","balance":{balance},"currency":"GBP","state":"active","public":false,"created_at":"","updated_at":""}}"#
        ))
    }

    #[test]
    fn no_digit_of_a_balance_is_lost() {
        for digits in [
            "100.0",
            "0.10",
            "-0",
            "12345678901234567890.123456789012345678901",
            "1E400",
        ] {
            let account = account(digits).unwrap();
            assert_eq!(account.balance.as_str(), digits);
            assert_eq!(account.balance.to_string(), digits);
        }
    }

    #[test]
    fn a_balance_is_a_number() {
        for bad in [
            "\"100.0\"",
            "null",
            "true",
            "[1]",
            "{}",
            "01",
            "1.",
            "NaN",
            "- 1",
        ] {
            assert!(account(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_json_number_is_kept_exactly(digits in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?") {
            let account = account(&digits).unwrap();
            prop_assert_eq!(account.balance.as_str(), digits);
        }
    }
}
