//! The keys that a profile may have, and which provider wants them.

use crate::ProfileError;

/// A bank and its product, by the name that stands in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// `revolut-business`
    RevolutBusiness,
}

impl Provider {
    /// Every provider there is.
    pub const ALL: [Self; 1] = [Self::RevolutBusiness];

    /// The name as it stands in a profile.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RevolutBusiness => "revolut-business",
        }
    }

    /// The provider of this name.
    ///
    /// # Errors
    /// When there is none; the error names the nearest.
    pub fn parse(name: &str) -> Result<Self, ProfileError> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == name)
            .ok_or_else(|| ProfileError::UnknownProvider {
                found: name.into(),
                nearest: nearest(name, Self::ALL.iter().map(|provider| provider.as_str())),
                known: Self::ALL.map(Self::as_str).join(", "),
            })
    }

    /// The keys that a profile of this provider may have, dotted where they stand in a table of their own.
    #[must_use]
    pub const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::RevolutBusiness => &[
                "provider",
                "environment",
                "client_id",
                "redirect_uri",
                "scope",
                "private_key",
                "private_key_passphrase_file",
                "private_key_passphrase_env",
                "certificate",
                "ca_bundle",
                "store",
                "endpoints.token",
                "endpoints.consent",
                "endpoints.api",
            ],
        }
    }

    /// Checks that `key` is one of this provider's, with `-` and `_` taken as the same.
    ///
    /// # Errors
    /// When it is not; the error names the nearest.
    pub fn setting(self, profile: &str, key: &str) -> Result<&'static str, ProfileError> {
        let written = key.replace('-', "_");
        self.settings()
            .iter()
            .copied()
            .find(|known| *known == written)
            .ok_or_else(|| ProfileError::UnknownKey {
                profile: profile.into(),
                key: key.into(),
                nearest: nearest(&written, self.settings().iter().copied()),
            })
    }
}

/// The name that is most like `found`, if one is like it at all.
pub(crate) fn nearest<'a>(found: &str, known: impl Iterator<Item = &'a str>) -> Option<Box<str>> {
    known
        .map(|name| (strsim::jaro_winkler(found, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(one, _), (two, _)| one.total_cmp(two))
        .map(|(_, name)| name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        let settings = || Provider::RevolutBusiness.settings().iter().copied();
        assert_eq!(
            nearest("redirect_url", settings()).as_deref(),
            Some("redirect_uri")
        );
        assert_eq!(
            nearest("clientid", settings()).as_deref(),
            Some("client_id")
        );
        assert_eq!(
            nearest("endpoints.tokens", settings()).as_deref(),
            Some("endpoints.token")
        );
        assert_eq!(nearest("zzz", settings()), None);
    }

    #[test]
    fn a_dash_is_as_good_as_an_underscore() {
        assert_eq!(
            Provider::RevolutBusiness
                .setting("acme", "client-id")
                .unwrap(),
            "client_id"
        );
    }
}
