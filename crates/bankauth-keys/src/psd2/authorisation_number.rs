//! The number under which an authority has a payment service provider in its register.

use std::str::FromStr;

use crate::psd2::error::Psd2Error;
use crate::psd2::is_authority;

/// A PSD2 authorisation number as it stands in `organizationIdentifier`: `PSDGB-FCA-123456` (ETSI
/// TS 119 495 section 5.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorisationNumber {
    text: String,
    authority: String,
}

impl AuthorisationNumber {
    /// Its authority as in [`Psd2Statement::nca_id`](crate::Psd2Statement::nca_id): country and authority, such as `GB-FCA`.
    pub fn nca_id(&self) -> &str {
        &self.authority
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number that the authority gave, which may have any form.
    pub fn number(&self) -> &str {
        &self.text["PSD-".len() + self.authority.len()..]
    }
}

impl FromStr for AuthorisationNumber {
    type Err = Psd2Error;

    fn from_str(text: &str) -> Result<Self, Psd2Error> {
        let read = || {
            let rest = text.strip_prefix("PSD")?;
            let (country, rest) = rest.split_once('-')?;
            let (authority, number) = rest.split_once('-')?;
            let authority = format!("{country}-{authority}");
            let plain = !number.trim().is_empty() && !number.chars().any(char::is_control);
            (is_authority(&authority) && plain).then_some(authority)
        };
        let authority = read().ok_or_else(|| Psd2Error::OrganizationIdentifier {
            found: text.chars().take(64).collect(),
        })?;
        let text = text.to_owned();
        Ok(Self { text, authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ETSI TS 119 495 section 5.2.1
    #[test]
    fn authorisation_numbers_have_their_form() {
        for (text, authority, number) in [
            ("PSDGB-FCA-123456", "GB-FCA", "123456"),
            ("PSDUK-REVCA-8b7a9cd0-1f2e", "UK-REVCA", "8b7a9cd0-1f2e"),
            ("PSDBE-NBB-1234.567.890", "BE-NBB", "1234.567.890"),
            ("PSDIT-BI-12 3", "IT-BI", "12 3"),
        ] {
            let read: AuthorisationNumber = text.parse().unwrap();
            assert_eq!((read.nca_id(), read.number()), (authority, number));
            assert_eq!(read.as_str(), text);
        }
        for bad in [
            "",
            "PSD",
            "GB-FCA-1",
            "PSDGB-FCA",
            "PSDGB-FCA-",
            "PSDGB-FCA- ",
            "PSDgb-FCA-1",
            "PSDGB_FCA_1",
            "PSDGBFCA-1",
            "psdGB-FCA-1",
            "PSDGB-F-1",
            "VATGB-123",
            "PSDGB-FCA-1\n",
        ] {
            assert!(bad.parse::<AuthorisationNumber>().is_err(), "{bad}");
        }
    }
}
