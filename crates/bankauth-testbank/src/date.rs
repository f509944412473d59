//! Dates as the wire wants them.

use std::time::SystemTime;

use time::OffsetDateTime;

/// Whole seconds since 1970, rounded down; negative before.
pub(crate) fn unix_seconds(at: SystemTime) -> i64 {
    OffsetDateTime::from(at).unix_timestamp()
}

/// The form of an HTTP `Date` header (RFC 9110 section 5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(at: SystemTime) -> String {
    let date = OffsetDateTime::from(at);
    let (weekday, month) = names(date);
    let (hour, minute, second) = date.to_hms();
    format!(
        "{weekday}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} GMT",
        date.day(),
        date.year()
    )
}

/// The form of Java's `Date.toString` in UTC, in which the bank names the end of an assertion, e.g.
/// `Mon Jun 03 15:55:21 UTC 2024`. Seconds that no calendar reaches are written as a number.
pub(crate) fn java_date(unix_seconds: i64) -> String {
    let Ok(date) = OffsetDateTime::from_unix_timestamp(unix_seconds) else {
        return unix_seconds.to_string();
    };
    let (weekday, month) = names(date);
    let (hour, minute, second) = date.to_hms();
    format!(
        "{weekday} {month} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
        date.day(),
        date.year()
    )
}

fn names(date: OffsetDateTime) -> (String, String) {
    let short = |mut name: String| {
        name.truncate(3);
        name
    };
    (
        short(date.weekday().to_string()),
        short(date.month().to_string()),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_of_seconds_has_a_date(seconds: i64) {
            prop_assert!(!java_date(seconds).is_empty());
        }
    }

    #[test]
    fn rfc_9110_section_5_6_7_example() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(unix_seconds(at), 784_111_777);
    }

    #[test]
    fn date_of_the_guides_expired_assertion() {
        assert_eq!(java_date(1_717_430_121), "Mon Jun 03 15:55:21 UTC 2024");
        assert_eq!(java_date(-1), "Wed Dec 31 23:59:59 UTC 1969");
        assert_eq!(java_date(i64::MIN), "-9223372036854775808");
    }
}
