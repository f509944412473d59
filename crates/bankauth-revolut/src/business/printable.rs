//! Text of others made fit for a terminal and a log.

use super::credential::marked;

/// The longest text that is kept, in characters.
const LONGEST: usize = 300;

/// Bounds a text, writes control characters and those that reorder text as escapes, and masks words that hold a code or
/// token of this bank or a JWT.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::new();
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if holds_secret(word) {
            out.push_str("[masked]");
            continue;
        }
        for c in word.chars() {
            let invisible = matches!(c, '\u{200b}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
            if c.is_control() || invisible {
                out.extend(c.escape_default());
            } else {
                out.push(c);
            }
        }
    }
    if let Some((end, _)) = out.char_indices().nth(LONGEST) {
        out.truncate(end);
        out.push('…');
    }
    out
}

fn holds_secret(word: &str) -> bool {
    // A JWT's header begins with `{"`, which is `eyJ` in base64url.
    (word.contains("eyJ") && word.contains('.'))
        || word
            .match_indices("oa_")
            .any(|(at, _)| marked(&word[at..]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_others_can_neither_drive_a_terminal_nor_repeat_a_secret() {
        assert_eq!(printable("a\u{1b}[31mred\r\n"), r"a\u{1b}[31mred\r\n");
        assert_eq!(printable("token=oa_prod_marked, again"), "[masked] again");
        assert_eq!(printable("xoa_oa_sand_marked"), "[masked]");
        assert_eq!(
            printable("bad eyJhbGciOi.eyJpc3M.sig here"),
            "bad [masked] here"
        );
        assert_eq!(printable("oa_other"), "oa_other");
        assert_eq!(printable(&"é".repeat(10_000)).chars().count(), LONGEST + 1);
    }

    proptest! {
        #[test]
        fn what_is_printable_is_short_and_has_no_control_characters(text in any::<String>()) {
            let out = printable(&text);
            prop_assert!(!out.chars().any(char::is_control));
            prop_assert!(out.chars().count() <= LONGEST + 1);
        }
    }
}
