//! The versions of the API, and their ends.

use std::{collections::BTreeMap, time::SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use time::{Date, Month};

use crate::{date, form};

const VERSION: HeaderName = HeaderName::from_static("x-figurepay-api-version");
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// What becomes of a version of Figure Pay's API.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// It is served.
    Current,
    /// It is served with the headers `Deprecation` and `Sunset`, and is gone from the sunset on, by the bank's clock.
    Deprecated {
        /// Since when it is deprecated.
        since: SystemTime,
        /// When it goes away.
        sunset: SystemTime,
    },
    /// It is gone.
    Removed,
}

/// A version that is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("version: {found:?} found, a date like 2024-01-31 expected")]
pub struct VersionError {
    found: String,
}

#[derive(Default)]
pub(crate) struct Versions(BTreeMap<String, VersionState>);

/// What a request gets for the version that it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// These headers with the answer.
    With(HeaderMap),
    /// There is no such header, or it is no date.
    NoVersion,
    /// The version is gone.
    Gone,
}

impl Versions {
    pub(super) fn set(&mut self, version: &str, state: VersionState) -> Result<(), VersionError> {
        if !is_date(version) {
            let found = version.to_owned();
            return Err(VersionError { found });
        }
        self.0.insert(version.to_owned(), state);
        Ok(())
    }

    pub(super) fn serve(&self, headers: &HeaderMap, now: SystemTime) -> Served {
        let version = form::only(headers, VERSION).filter(|version| is_date(version));
        let Some(version) = version else {
            return Served::NoVersion;
        };
        match self.0.get(version) {
            None | Some(VersionState::Current) => Served::With(HeaderMap::new()),
            Some(VersionState::Deprecated { since, sunset }) if now < *sunset => {
                let mut headers = HeaderMap::new();
                let since = format!("@{}", date::unix_seconds(*since));
                let values = [(DEPRECATION, since), (SUNSET, date::http_date(*sunset))];
                headers.extend(
                    values.into_iter().filter_map(|(name, value)| {
                        Some((name, HeaderValue::try_from(value).ok()?))
                    }),
                );
                Served::With(headers)
            }
            Some(VersionState::Deprecated { .. } | VersionState::Removed) => Served::Gone,
        }
    }
}

/// `YYYY-MM-DD` of the calendar.
fn is_date(text: &str) -> bool {
    let [year, month, day] = *text.split('-').collect::<Vec<_>>() else {
        return false;
    };
    let number = |digits: &str, length| {
        let right = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let numbers = (number(year, 4), number(month, 2), number(day, 2));
    let (Some(year), Some(month), Some(day)) = numbers else {
        return false;
    };
    let month = u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok());
    let day = u8::try_from(day).ok();
    month
        .zip(day)
        .is_some_and(|(month, day)| Date::from_calendar_date(i32::from(year), month, day).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_version_is_read_or_refused(text in "[0-9-]{0,12}|\\PC{0,12}") {
            let _ = is_date(&text);
        }

        #[test]
        fn dates(year in 1900_i32..2100, month in 1_u8..=12, day in 1_u8..=28) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            prop_assert!(is_date(&text));
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2024",
            "2024-1-31",
            "2024-02-30",
            "2024-13-01",
            "2024-01-31-",
            "+024-01-31",
            "24-01-31",
        ] {
            assert!(!is_date(text), "{text}");
        }
        assert!(is_date("2024-02-29"));
    }
}
