//! What a token endpoint grants, and how its answer is read.

use core::time::Duration;

use crate::{
    AccessToken, IdToken, MalformedAnswer, RefreshToken,
    answer::{Member, Members},
    failure::malformed_answer::Problem,
};

/// Ten years. A lifetime beyond it is a mistake of the server, not a lifetime.
const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// What the token endpoint granted (RFC 6749 §5.1).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenSet {
    /// The token for the API.
    pub access_token: AccessToken,
    /// Its lifetime from the moment of the request; `None` where the server does not say.
    pub expires_in: Option<Duration>,
    /// A new refresh token. `None` on a refresh means: keep the one you have (RFC 6749 §6).
    pub refresh_token: Option<RefreshToken>,
    /// The id token (OpenID Connect Core §3.1.3.3), not verified.
    pub id_token: Option<IdToken>,
    /// The scopes granted, where the server says; `None` means: as asked (RFC 6749 §5.1).
    pub scope: Option<Vec<String>>,
    /// Where the answer departs from the standard and was read all the same.
    pub tolerances: Vec<Tolerance>,
}

/// A departure from RFC 6749 §5.1 that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tolerance {
    /// `expires_in` is a string that holds a number.
    ExpiresInText,
    /// `expires_in` has a fraction; it was rounded down.
    ExpiresInFraction,
    /// `token_type` is missing; taken to be `Bearer`.
    TokenTypeMissing,
    /// `scope` is an array of strings.
    ScopeArray,
    /// `scope` is separated by commas.
    ScopeCommas,
    /// The content type is not `application/json`.
    ContentType,
    /// The status is another 2xx than 200.
    Status,
    /// The text begins with a byte order mark.
    ByteOrderMark,
}

impl TokenSet {
    /// Reads the members of a 2xx answer. `tolerances` holds what was overlooked on the way here.
    pub(crate) fn read(
        members: &mut Members,
        mut tolerances: Vec<Tolerance>,
    ) -> Result<Self, Problem> {
        let access_token = match members.take("access_token") {
            Some(Member::Text(text)) => AccessToken::new(text).map_err(|_| {
                Problem::member(
                    "access_token",
                    "other characters",
                    "visible ASCII without spaces",
                )
            })?,
            other => {
                return Err(Problem::unexpected(
                    "access_token",
                    other.as_ref(),
                    "a string",
                ));
            }
        };
        match members.take("token_type") {
            Some(Member::Text(text)) => {
                use secrecy::ExposeSecret as _;
                if !text.expose_secret().eq_ignore_ascii_case("bearer") {
                    return Err(Problem::member("token_type", "another type", "`Bearer`"));
                }
            }
            None | Some(Member::Null) => tolerances.push(Tolerance::TokenTypeMissing),
            other => {
                return Err(Problem::unexpected(
                    "token_type",
                    other.as_ref(),
                    "a string",
                ));
            }
        }
        let expires_in = read_expires_in(members.take("expires_in"), &mut tolerances)?;
        let refresh_token = match members.take("refresh_token") {
            None | Some(Member::Null) => None,
            Some(Member::Text(text)) => Some(RefreshToken::new(text).map_err(|_| {
                Problem::member("refresh_token", "other characters", "printable ASCII")
            })?),
            other => {
                return Err(Problem::unexpected(
                    "refresh_token",
                    other.as_ref(),
                    "a string",
                ));
            }
        };
        let id_token =
            match members.take("id_token") {
                None | Some(Member::Null) => None,
                Some(Member::Text(text)) => Some(IdToken::new(text).map_err(|_| {
                    Problem::member("id_token", "other characters", "a compact JWT")
                })?),
                other => {
                    return Err(Problem::unexpected("id_token", other.as_ref(), "a string"));
                }
            };
        let scope = read_scope(members.take("scope"), &mut tolerances)?;
        Ok(Self {
            access_token,
            expires_in,
            refresh_token,
            id_token,
            scope,
            tolerances,
        })
    }
}

fn read_expires_in(
    member: Option<Member>,
    tolerances: &mut Vec<Tolerance>,
) -> Result<Option<Duration>, Problem> {
    use secrecy::ExposeSecret as _;
    const EXPECTED: &str = "a number of seconds from 0 to ten years";
    let wrong = |found| Problem::member("expires_in", found, EXPECTED);
    let seconds = match member {
        None | Some(Member::Null) => return Ok(None),
        Some(Member::Integer(seconds)) => Duration::from_secs(seconds),
        Some(Member::Float(seconds)) => {
            tolerances.push(Tolerance::ExpiresInFraction);
            Duration::try_from_secs_f64(seconds.floor())
                .map_err(|_| wrong("a number out of range"))?
        }
        Some(Member::Text(text)) => {
            tolerances.push(Tolerance::ExpiresInText);
            let text = text.expose_secret().trim();
            match text.parse::<u64>() {
                Ok(seconds) => Duration::from_secs(seconds),
                Err(_) => {
                    let seconds = text
                        .parse::<f64>()
                        .map_err(|_| wrong("a string that is no number"))?;
                    Duration::try_from_secs_f64(seconds.floor())
                        .map_err(|_| wrong("a number out of range"))?
                }
            }
        }
        other => return Err(Problem::unexpected("expires_in", other.as_ref(), EXPECTED)),
    };
    if seconds > LONGEST_LIFETIME {
        return Err(wrong("a number out of range"));
    }
    Ok(Some(seconds))
}

fn read_scope(
    member: Option<Member>,
    tolerances: &mut Vec<Tolerance>,
) -> Result<Option<Vec<String>>, Problem> {
    use secrecy::ExposeSecret as _;
    match member {
        None | Some(Member::Null) => Ok(None),
        Some(Member::Text(text)) => {
            let text = text.expose_secret();
            if text.contains(',') {
                tolerances.push(Tolerance::ScopeCommas);
            }
            Ok(Some(
                text.split([' ', ','])
                    .filter(|s| !s.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ))
        }
        Some(Member::Texts(texts)) => {
            tolerances.push(Tolerance::ScopeArray);
            Ok(Some(
                texts
                    .iter()
                    .map(|text| text.expose_secret().to_owned())
                    .collect(),
            ))
        }
        other => Err(Problem::unexpected(
            "scope",
            other.as_ref(),
            "a string or an array of strings",
        )),
    }
}

impl MalformedAnswer {
    /// A strict reader refuses what a tolerant one records.
    pub(crate) fn intolerable(tolerance: Tolerance) -> Problem {
        match tolerance {
            Tolerance::ExpiresInText => Problem::member("expires_in", "a string", "a number"),
            Tolerance::ExpiresInFraction => {
                Problem::member("expires_in", "a fraction", "a whole number of seconds")
            }
            Tolerance::TokenTypeMissing => Problem::member("token_type", "nothing", "`Bearer`"),
            Tolerance::ScopeArray => Problem::member("scope", "an array", "a string"),
            Tolerance::ScopeCommas => Problem::member("scope", "commas", "single spaces"),
            Tolerance::ContentType => Problem::ContentType,
            Tolerance::Status => Problem::Status,
            Tolerance::ByteOrderMark => Problem::NotJson,
        }
    }
}
