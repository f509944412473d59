//! Tokens that descend from one login: rotation, reuse, and what becomes of the old ones. Pure: the time comes in.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer};

use crate::clock::later;

/// What a refresh does with the refresh token.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// The answer holds another one, and the one before is used up.
    #[default]
    Rotated,
    /// The answer holds the same one again.
    Same,
    /// The answer holds none, and the one before stays good.
    Absent,
}

/// What becomes of an access token when a refresh gives another. In JSON `"lives"` or `{"dies-after-secs": 5}`.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OldAccessToken {
    /// It lives on to its own end.
    Lives,
    /// It dies after so long by the bank's clock, at once with zero, and never later than at its own end.
    #[serde(rename = "dies-after-secs")]
    DiesAfter(#[serde(deserialize_with = "seconds")] Duration),
}

impl OldAccessToken {
    /// The new end of an access token that would have ended at `ends`.
    pub(crate) fn end(self, ends: SystemTime, now: SystemTime) -> SystemTime {
        match self {
            Self::Lives => ends,
            Self::DiesAfter(lag) => ends.min(later(now, lag)),
        }
    }
}

/// How a bank refreshes.
#[derive(Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) access_lifetime: Duration,
    pub(crate) refresh_lifetime: Duration,
    pub(crate) rotation: Rotation,
    /// Whether a used refresh token that comes again takes the whole family with it (RFC 9700 section 4.14.2).
    pub(crate) revoke_on_reuse: bool,
    /// For so long a used refresh token is as good as its successor.
    pub(crate) grace: Duration,
    pub(crate) old_access_token: OldAccessToken,
}

/// Why there is no refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotRefreshed {
    /// No such refresh token, or another client's.
    Unknown,
    /// Its time is over.
    Over,
    /// It was revoked, alone or with its family.
    Revoked,
    /// It was used before, and its family is gone now.
    FamilyRevoked,
}

/// All families of a bank. `T` says whose a family is, and what it allows.
pub(crate) struct Families<T>(Vec<Family<T>>);

struct Family<T> {
    holder: T,
    revoked: bool,
    refresh_tokens: Vec<RefreshToken>,
    access_tokens: Vec<Lasting>,
}

struct RefreshToken {
    token: Lasting,
    used: Option<SystemTime>,
    ended: bool,
}

/// A token and its end.
struct Lasting {
    token: String,
    ends: SystemTime,
}

impl<T> Default for Families<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Families<T> {
    /// A login. Without a refresh token the family ends with its access token.
    pub(crate) fn open(
        &mut self,
        holder: T,
        access_token: &str,
        refresh_token: Option<&str>,
        policy: &Policy,
        now: SystemTime,
    ) {
        self.0.retain(|family| family.is_of_use(now));
        let access = Lasting::new(access_token, now, policy.access_lifetime);
        let refresh = refresh_token.map(|token| RefreshToken::new(token, now, policy));
        self.0.push(Family {
            holder,
            revoked: false,
            refresh_tokens: refresh.into_iter().collect(),
            access_tokens: vec![access],
        });
    }

    /// Returns the holder and the refresh token of the answer. `new_refresh` is taken when the bank rotates.
    pub(crate) fn refresh(
        &mut self,
        refresh_token: &str,
        may: impl Fn(&T) -> bool,
        new_access: &str,
        new_refresh: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<(&T, Option<String>), NotRefreshed> {
        let mut found = self.0.iter_mut().filter_map(|family| {
            let at = family.position(refresh_token)?;
            may(&family.holder).then_some((family, at))
        });
        let (family, at) = found.next().ok_or(NotRefreshed::Unknown)?;
        let used = &mut family.refresh_tokens[at];
        if family.revoked || used.ended {
            return Err(NotRefreshed::Revoked);
        }
        if now >= used.token.ends {
            return Err(NotRefreshed::Over);
        }
        if used
            .used
            .is_some_and(|used| now >= later(used, policy.grace))
        {
            if !policy.revoke_on_reuse {
                return Err(NotRefreshed::Revoked);
            }
            family.revoked = true;
            family.access_tokens.clear();
            return Err(NotRefreshed::FamilyRevoked);
        }
        let answer = match policy.rotation {
            Rotation::Rotated => {
                used.used.get_or_insert(now);
                let next = RefreshToken::new(new_refresh, now, policy);
                family.refresh_tokens.push(next);
                Some(new_refresh)
            }
            Rotation::Same => Some(refresh_token),
            Rotation::Absent => None,
        };
        for old in &mut family.access_tokens {
            old.ends = policy.old_access_token.end(old.ends, now);
        }
        family.access_tokens.retain(|token| now < token.ends);
        let access = Lasting::new(new_access, now, policy.access_lifetime);
        family.access_tokens.push(access);
        Ok((&family.holder, answer.map(str::to_owned)))
    }

    /// `None` for an access token that is unknown, over or revoked.
    pub(crate) fn look_up(&self, access_token: &str, now: SystemTime) -> Option<&T> {
        let family = self.0.iter().find(|family| {
            let mut tokens = family.access_tokens.iter();
            tokens.any(|access| access.token == access_token && now < access.ends)
        })?;
        Some(&family.holder)
    }

    /// Whose a refresh token is, whether it is still good or not.
    pub(crate) fn holder_of(&self, refresh_token: &str) -> Option<&T> {
        let mut families = self.0.iter();
        let family = families.find(|family| family.position(refresh_token).is_some())?;
        Some(&family.holder)
    }

    /// Ends all tokens of these holders.
    pub(crate) fn revoke(&mut self, whose: impl Fn(&T) -> bool) {
        for family in self.0.iter_mut().filter(|family| whose(&family.holder)) {
            family.revoked = true;
            family.access_tokens.clear();
        }
    }

    /// Ends the refresh tokens of these holders, and returns how many there were that could have been used.
    pub(crate) fn end_refresh_tokens(&mut self, whose: impl Fn(&T) -> bool) -> usize {
        let families = self.0.iter_mut();
        let tokens = families
            .filter(|family| whose(&family.holder) && !family.revoked)
            .flat_map(|family| &mut family.refresh_tokens)
            .filter(|token| token.used.is_none() && !token.ended);
        tokens.map(|token| token.ended = true).count()
    }

    /// Ends the access tokens of these holders, and returns how many there were.
    pub(crate) fn end_access_tokens(
        &mut self,
        whose: impl Fn(&T) -> bool,
        now: SystemTime,
    ) -> usize {
        let families = self.0.iter_mut().filter(|family| whose(&family.holder));
        let tokens = families.flat_map(|family| family.access_tokens.drain(..));
        tokens.filter(|token| now < token.ends).count()
    }
}

impl<T> Family<T> {
    fn position(&self, refresh_token: &str) -> Option<usize> {
        let mut tokens = self.refresh_tokens.iter();
        tokens.position(|refresh| refresh.token.token == refresh_token)
    }

    /// Families without a refresh token are forgotten when they are over; the others answer for their used tokens.
    fn is_of_use(&self, now: SystemTime) -> bool {
        !self.refresh_tokens.is_empty() || self.access_tokens.iter().any(|token| now < token.ends)
    }
}

impl RefreshToken {
    fn new(token: &str, now: SystemTime, policy: &Policy) -> Self {
        Self {
            token: Lasting::new(token, now, policy.refresh_lifetime),
            used: None,
            ended: false,
        }
    }
}

impl Lasting {
    fn new(token: &str, now: SystemTime, lifetime: Duration) -> Self {
        Self {
            token: token.to_owned(),
            ends: later(now, lifetime),
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const POLICY: Policy = Policy {
        access_lifetime: Duration::from_secs(300),
        refresh_lifetime: Duration::from_secs(3_000),
        rotation: Rotation::Rotated,
        revoke_on_reuse: true,
        grace: Duration::ZERO,
        old_access_token: OldAccessToken::Lives,
    };

    fn at(seconds: u64) -> SystemTime {
        NOW + Duration::from_secs(seconds)
    }

    /// Refreshes and gets `a<number>` and `r<number>`.
    fn refresh(
        families: &mut Families<&'static str>,
        token: &str,
        number: u64,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Option<String>, NotRefreshed> {
        let (access, refresh) = (format!("a{number}"), format!("r{number}"));
        let mine = |holder: &&str| *holder == "me";
        families
            .refresh(token, mine, &access, &refresh, policy, now)
            .map(|(_, token)| token)
    }

    fn opened(policy: &Policy) -> Families<&'static str> {
        let mut families = Families::default();
        families.open("me", "a0", Some("r0"), policy, NOW);
        families.open("you", "your access token", Some("yours"), policy, NOW);
        families
    }

    #[test]
    fn rfc_9700_section_4_14_2_reuse_revokes_the_family() {
        let mut families = opened(&POLICY);
        assert_eq!(
            refresh(&mut families, "r0", 1, &POLICY, at(1)),
            Ok(Some("r1".into()))
        );
        assert!(families.look_up("a0", at(1)).is_some());
        assert_eq!(
            refresh(&mut families, "r0", 2, &POLICY, at(2)),
            Err(NotRefreshed::FamilyRevoked)
        );
        assert_eq!(
            refresh(&mut families, "r1", 3, &POLICY, at(3)),
            Err(NotRefreshed::Revoked)
        );
        assert_eq!(families.look_up("a1", at(3)), None);
        assert_eq!(
            refresh(&mut families, "yours", 4, &POLICY, at(4)),
            Err(NotRefreshed::Unknown)
        );
        assert!(families.look_up("your access token", at(4)).is_some());
    }

    #[test]
    fn reuse_within_the_grace_period_gives_a_sibling() {
        let policy = Policy {
            grace: Duration::from_secs(10),
            ..POLICY
        };
        let mut families = opened(&policy);
        assert_eq!(
            refresh(&mut families, "r0", 1, &policy, at(1)),
            Ok(Some("r1".into()))
        );
        assert_eq!(
            refresh(&mut families, "r0", 2, &policy, at(10)),
            Ok(Some("r2".into()))
        );
        assert_eq!(
            refresh(&mut families, "r1", 3, &policy, at(10)),
            Ok(Some("r3".into()))
        );
        assert_eq!(
            refresh(&mut families, "r0", 4, &policy, at(11)),
            Err(NotRefreshed::FamilyRevoked)
        );
    }

    #[test]
    fn the_same_or_none() {
        for (rotation, answer) in [(Rotation::Same, Some("r0")), (Rotation::Absent, None)] {
            let policy = Policy { rotation, ..POLICY };
            let mut families = opened(&policy);
            for number in 1..4 {
                let refreshed = refresh(&mut families, "r0", number, &policy, at(number)).unwrap();
                assert_eq!(refreshed.as_deref(), answer);
            }
            assert_eq!(
                refresh(&mut families, "r0", 4, &policy, at(3_000)),
                Err(NotRefreshed::Over)
            );
        }
    }

    #[test]
    fn old_access_tokens() {
        for (lag, alive) in [(0, false), (5, true)] {
            let policy = Policy {
                old_access_token: OldAccessToken::DiesAfter(Duration::from_secs(lag)),
                ..POLICY
            };
            let mut families = opened(&policy);
            refresh(&mut families, "r0", 1, &policy, at(1)).unwrap();
            assert_eq!(families.look_up("a0", at(1)).is_some(), alive);
            assert!(families.look_up("a0", at(6)).is_none());
            assert!(families.look_up("a1", at(6)).is_some());
        }
        // Never longer than its own life.
        let long = OldAccessToken::DiesAfter(Duration::MAX);
        assert_eq!(long.end(at(300), at(1)), at(300));
        let read = |json: &str| serde_json::from_str::<OldAccessToken>(json).unwrap();
        assert_eq!(read(r#""lives""#), OldAccessToken::Lives);
        assert_eq!(
            read(r#"{"dies-after-secs":5}"#),
            OldAccessToken::DiesAfter(Duration::from_secs(5))
        );
    }

    #[test]
    fn ending_tokens() {
        let mut families = opened(&POLICY);
        refresh(&mut families, "r0", 1, &POLICY, at(1)).unwrap();
        let mine = |holder: &&str| *holder == "me";
        assert_eq!(families.end_access_tokens(mine, at(2)), 2);
        assert_eq!(families.end_refresh_tokens(mine), 1);
        assert_eq!(families.end_refresh_tokens(mine), 0);
        assert_eq!(
            refresh(&mut families, "r1", 2, &POLICY, at(3)),
            Err(NotRefreshed::Revoked)
        );
    }

    proptest! {
        /// Whoever presents which token when: of a rotating family without grace, at most one refresh token is good.
        #[test]
        fn one_good_refresh_token(tries in proptest::collection::vec(0_u64..12, 0..40)) {
            let mut families = opened(&POLICY);
            let (mut good, mut number) = (Some(0), 0);
            for (second, token) in tries.into_iter().enumerate() {
                number += 1;
                let refreshed = refresh(&mut families, &format!("r{token}"), number, &POLICY, at(second as u64));
                prop_assert_eq!(refreshed.is_ok(), good == Some(token));
                match refreshed {
                    Ok(_) => good = Some(number),
                    Err(NotRefreshed::FamilyRevoked) => good = None,
                    Err(_) => {}
                }
            }
        }
    }
}
