//! As much of Rust's grammar as the rules need: what is code, what is comment or text, and where
//! the unit tests begin.

/// The code with every comment and every string or character literal blanked out. Lines stay where
/// they are.
pub(crate) fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end > at {
            out.extend(
                chars[at..end]
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// The lines before the unit tests at the bottom of a file.
pub(crate) fn before_tests(text: &str) -> &str {
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        if line.trim_end() == "#[cfg(test)]" && (next.starts_with("mod ") || next.starts_with("#["))
        {
            return &text[..offset];
        }
        offset += line.len();
    }
    text
}

/// The lines, counted from one, on which a word stands in code. A word may be a path such as
/// `SystemTime::now` or end in `!`.
pub(crate) fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let numbered = code.lines().zip(1..);
    numbered
        .filter(|(line, _)| has_word(line, word))
        .map(|(_, number)| number)
        .collect()
}

/// The lines on which a module of `std` is named, as `std::fs` or inside `use std::{fs, …}`.
pub(crate) fn lines_with_std(code: &str, module: &str) -> Vec<usize> {
    let mut found = lines_with(code, &format!("std::{module}"));
    for (start, group) in code.match_indices("std::{") {
        let body = &code[start + group.len()..];
        let mut depth = 0_usize;
        let mut word_start = 0;
        for (at, c) in body.char_indices() {
            let ends_item = depth == 0 && matches!(c, ',' | '}' | ':' | '{');
            if ends_item && body[word_start..at].trim() == module {
                found.push(line_at(code, start + group.len() + at));
            }
            match c {
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                '{' => depth += 1,
                ',' if depth == 0 => word_start = at + 1,
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let word_ends_open = word.ends_with(is_part);
        !(before.is_some_and(is_part) || word_ends_open && after.is_some_and(is_part))
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// The end of the comment or literal that begins at `at`, or `at` itself if none does.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    let previous = at
        .checked_sub(1)
        .and_then(|index| chars.get(index))
        .copied();
    match chars[at] {
        '/' if next == Some('/') => find(chars, at, &['\n']),
        '/' if next == Some('*') => block_comment_end(chars, at),
        '"' => quoted_end(chars, at, '"'),
        '\'' if next == Some('\\') || chars.get(at + 2) == Some(&'\'') => {
            quoted_end(chars, at, '\'')
        }
        // `r"…"`, `r#"…"#`, and the same after `b` or `c`; not the `r` at the end of a name, nor
        // `r#name`.
        'r' if previous
            .is_none_or(|c| !(c.is_alphanumeric() || c == '_') || matches!(c, 'b' | 'c')) =>
        {
            raw_string_end(chars, at).unwrap_or(at)
        }
        _ => at,
    }
}

fn find(chars: &[char], from: usize, wanted: &[char]) -> usize {
    let last = chars.len().saturating_sub(wanted.len());
    (from..=last)
        .find(|at| chars[*at..].starts_with(wanted))
        .unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let mut depth = 1;
    let mut at = start + 2;
    while at < chars.len() && depth > 0 {
        if chars[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if chars[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    at.min(chars.len())
}

fn quoted_end(chars: &[char], start: usize, quote: char) -> usize {
    let mut at = start + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(start + 1 + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.extend(std::iter::repeat_n('#', hashes));
    Some((find(chars, start + 2 + hashes, &close) + close.len()).min(chars.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let samples = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x \" y", z)"#, "f(        , z)"),
            (r##"f(r#"x " y"#, z)"##, "f(          , z)"),
            (r#"f(br"x\", z)"#, "f(b     , z)"),
            ("r#type + var", "r#type + var"),
            (r"'a' '\'' 'static &'a str", "         'static &'a str"),
            ("\"a\nb\" c", "  \n   c"),
            ("\"open", "     "),
            ("/* open", "       "),
        ];
        for (text, expected) in samples {
            assert_eq!(code_only(text), expected, "{text}");
        }
    }

    #[test]
    fn the_unit_tests_at_the_bottom_are_told_from_a_single_test_item() {
        assert_eq!(before_tests("a\n#[cfg(test)]\nmod tests {\n"), "a\n");
        assert_eq!(
            before_tests("a\n#[cfg(test)]\nfn only() {}\nb\n"),
            "a\n#[cfg(test)]\nfn only() {}\nb\n"
        );
        assert_eq!(
            before_tests("a\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n"),
            "a\n"
        );
    }

    #[test]
    fn words_are_whole_words() {
        let code =
            "unsafe {}\nnot_unsafe\nunsafely\nx.SystemTime::now()\ntodo!()\nSystemTime::nowish";
        assert_eq!(lines_with(code, "unsafe"), [1]);
        assert_eq!(lines_with(code, "SystemTime::now"), [4]);
        assert_eq!(lines_with(code, "todo!"), [5]);
    }

    #[test]
    fn modules_of_std_are_found_in_groups_too() {
        let code = "use std::fs;\nuse std::{\n    collections::{BTreeMap, fs},\n    env,\n    io::{self, Read},\n    net::TcpStream,\n};\nuse std::fsx;";
        assert_eq!(lines_with_std(code, "fs"), [1]);
        assert_eq!(lines_with_std(code, "env"), [4]);
        assert_eq!(lines_with_std(code, "net"), [6]);
        assert_eq!(lines_with_std("std::{fs}", "fs"), [1]);
        assert!(lines_with_std("std::{self", "fs").is_empty());
    }
}
