//! Text of others made fit for a terminal and a log.

use super::credential::marked;

/// Makes a text printable as [`bankauth_grants::printable`] does, and masks words that hold a code or token of this bank.
pub(super) fn printable(text: &str) -> String {
    let text = bankauth_grants::printable(text);
    let word = |word| {
        if holds_secret(word) { "[masked]" } else { word }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Whether a word holds a code or token of this bank.
pub(super) fn holds_secret(word: &str) -> bool {
    word.match_indices("oa_")
        .any(|(at, _)| marked(&word[at..]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// That of `bankauth_grants::printable`, in characters.
    const LONGEST: usize = 500;

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
