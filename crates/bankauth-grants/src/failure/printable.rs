//! Text of others made fit for a terminal and a log.

/// The longest text that is kept, in characters.
const LONGEST: usize = 500;

/// Bounds a text of a server to 500 characters, writes control characters and those that reorder text as escapes, and
/// masks JWTs.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        // A JWT's header begins with `{"`, which is `eyJ` in base64url.
        if word.contains("eyJ") && word.contains('.') {
            out.push_str("[masked]");
        } else {
            for c in word.chars() {
                if c.is_control()
                    || ('\u{200b}'..='\u{202e}').contains(&c)
                    || ('\u{2060}'..='\u{2069}').contains(&c)
                {
                    out.extend(c.escape_default());
                } else {
                    out.push(c);
                }
            }
        }
    }
    if let Some((end, _)) = out.char_indices().nth(LONGEST) {
        out.truncate(end);
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_a_server_cannot_drive_a_terminal_rfc6749_5_2() {
        assert_eq!(printable("a\u{1b}[31mred\r\n"), r"a\u{1b}[31mred\r\n");
        assert_eq!(
            printable("bad eyJhbGciOi.eyJpc3M.sig here"),
            "bad [masked] here"
        );
        assert_eq!(printable(&"x".repeat(10_000)).chars().count(), LONGEST + 1);
    }

    proptest! {
        #[test]
        fn printable_has_no_control_characters(text in any::<String>()) {
            let out = printable(&text);
            prop_assert!(!out.chars().any(char::is_control));
            prop_assert!(out.chars().count() <= LONGEST + 1);
        }
    }
}
