//! `WWW-Authenticate`: how a server asks for credentials, and why it did not take the ones it got (RFC 9110 §11.6.1).

use http::{HeaderMap, header};

use crate::printable;

/// More than any server has to say.
const MOST: usize = 32;

/// One challenge. Its texts are untrusted and made printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    token68: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Reads all challenges of an answer, in order: several in one header, several headers, commas and escapes in quotes.
    /// Where the text stops making sense, what was read up to there is kept.
    #[must_use]
    pub fn read_all(headers: &HeaderMap) -> Vec<Self> {
        let mut challenges = Vec::new();
        for value in headers.get_all(header::WWW_AUTHENTICATE) {
            let text = String::from_utf8_lossy(value.as_bytes());
            let mut reader = Reader(&text);
            while challenges.len() < MOST
                && let Some(challenge) = reader.challenge()
            {
                challenges.push(challenge);
            }
        }
        challenges
    }

    /// The scheme as it was written.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether the scheme is this one, in any case.
    #[must_use]
    pub fn is_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value in the place of parameters, as `Negotiate` has it.
    #[must_use]
    pub fn token68(&self) -> Option<&str> {
        self.token68.as_deref()
    }

    /// The value of a parameter, whose name is in any case; the first one where it occurs twice. For `Bearer`
    /// (RFC 6750 §3): `realm`, `scope`, `error`, `error_description`, `error_uri`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Changes each value that came from the server.
    pub(crate) fn for_each_value(&mut self, change: &mut dyn FnMut(&mut String)) {
        let values = self.parameters.iter_mut().map(|(_, value)| value);
        values.chain(&mut self.token68).for_each(change);
    }
}

/// What is left of one header.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn challenge(&mut self) -> Option<Challenge> {
        self.skip(|c| matches!(c, ' ' | '\t' | ','));
        let scheme = self.token()?;
        let mut challenge = Challenge {
            scheme: printable(scheme),
            token68: None,
            parameters: Vec::new(),
        };
        if !self.0.starts_with([' ', '\t']) {
            return Some(challenge);
        }
        self.blanks();
        if let Some(value) = self.token68() {
            challenge.token68 = Some(printable(value));
            return Some(challenge);
        }
        while challenge.parameters.len() < MOST {
            self.skip(|c| matches!(c, ' ' | '\t' | ','));
            let before = self.0;
            let Some((name, value)) = self.parameter() else {
                self.0 = before;
                break;
            };
            challenge
                .parameters
                .push((printable(name), printable(&value)));
        }
        Some(challenge)
    }

    fn parameter(&mut self) -> Option<(&'a str, String)> {
        let name = self.token()?;
        self.blanks();
        self.0 = self.0.strip_prefix('=')?;
        self.blanks();
        if let Some(quoted) = self.0.strip_prefix('"') {
            self.0 = quoted;
            return Some((name, self.quoted()));
        }
        Some((name, self.token()?.to_owned()))
    }

    /// The rest of a quoted string; one that does not end is taken to its last character.
    fn quoted(&mut self) -> String {
        let mut value = String::new();
        let mut characters = self.0.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' => break,
                '\\' => value.extend(characters.next()),
                c => value.push(c),
            }
        }
        self.0 = characters.as_str();
        value
    }

    /// RFC 9110 §5.6.2.
    fn token(&mut self) -> Option<&'a str> {
        let token = self.skip(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
        Some(token).filter(|token| !token.is_empty())
    }

    /// RFC 9110 §11.2: only if nothing but a comma follows, else it is a parameter's name.
    fn token68(&mut self) -> Option<&'a str> {
        let before = self.0;
        let characters = self.skip(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        let padding = self.skip(|c| c == '=');
        let length = characters.len() + padding.len();
        self.blanks();
        if characters.is_empty() || !(self.0.is_empty() || self.0.starts_with(',')) {
            self.0 = before;
            return None;
        }
        before.get(..length)
    }

    fn blanks(&mut self) {
        self.skip(|c| matches!(c, ' ' | '\t'));
    }

    fn skip(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !is(c)).unwrap_or(self.0.len());
        let (skipped, rest) = self.0.split_at(end);
        self.0 = rest;
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn read(values: &[&[u8]]) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        Challenge::read_all(&headers)
    }

    fn text(value: &str) -> String {
        let write = |challenge: Challenge| {
            let mut out = challenge.scheme;
            if let Some(token) = challenge.token68 {
                out.push_str(&format!(" <{token}>"));
            }
            for (name, value) in challenge.parameters {
                out.push_str(&format!(" {name}=[{value}]"));
            }
            out
        };
        read(&[value.as_bytes()])
            .into_iter()
            .map(write)
            .collect::<Vec<_>>()
            .join(" ; ")
    }

    #[test]
    fn several_challenges_quotes_commas_and_escapes_rfc9110_11_6_1() {
        let read = [
            r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
            r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\", please""#,
            "Negotiate, Basic realm=x",
            "Negotiate YWJjZA==, bEARER",
            "bearer error = \"insufficient_scope\" , scope=\"a b\"",
            "Bearer",
            r#"Bearer error="invalid_token"#,
            r#"Bearer error="invalid_token\"#,
            "Bearer error=",
            ", ,Bearer ,, a=b,",
            "=,\"",
            "",
            "Bearer a=b Basic realm=x",
        ]
        .map(text)
        .join("\n");
        insta::assert_snapshot!(read, @r#"
        Bearer realm=[example] error=[invalid_token] error_description=[The access token expired]
        Basic realm=[simple] ; Newauth realm=[apps] type=[1] title=[Login to "apps", please]
        Negotiate ; Basic realm=[x]
        Negotiate <YWJjZA==> ; bEARER
        bearer error=[insufficient_scope] scope=[a b]
        Bearer
        Bearer error=[invalid_token]
        Bearer error=[invalid_token]
        Bearer <error=>
        Bearer a=[b]


        Bearer a=[b] ; Basic realm=[x]
        "#);
    }

    #[test]
    fn scheme_and_names_are_in_any_case_and_headers_add_up_rfc6750_3() {
        let challenges = read(&[
            b"DPoP algs=\"ES256\"",
            b"bearer ERROR=\"invalid_token\", error=x",
        ]);
        assert_eq!(challenges.len(), 2);
        assert!(challenges[1].is_scheme("Bearer"));
        assert_eq!(challenges[1].parameter("error"), Some("invalid_token"));
        assert_eq!(challenges[1].parameter("realm"), None);
        assert_eq!(
            read(&[b"Bearer realm=\"\xff\""])[0].parameter("realm"),
            Some("\u{fffd}")
        );
    }

    proptest! {
        #[test]
        fn no_header_panics_or_loops(value in "[ -~\\t]{0,80}") {
            prop_assert!(text(&value).len() < 4000);
        }

        #[test]
        fn what_is_quoted_reads_back(value in "[ !#-~]{0,40}") {
            let escaped = value.replace('\\', "\\\\");
            let header = format!("Bearer realm=\"{escaped}\", error=x");
            let challenges = read(&[header.as_bytes()]);
            prop_assert_eq!(challenges[0].parameter("error"), Some("x"));
            let realm = printable(&value);
            prop_assert_eq!(challenges[0].parameter("realm"), Some(realm.as_str()));
        }
    }
}
