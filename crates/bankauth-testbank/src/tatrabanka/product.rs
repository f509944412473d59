//! The product lines and their scopes.

use serde::Deserialize;

use crate::revolut_business::Environment;

/// A product line of Tatra banka. Each has its own base, clients and scopes.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TatraBankaProduct {
    /// Accounts and payments of the bank's own API: `/premium/sandbox` or `/premium/production`.
    Premium,
    /// Identity, with application tokens alone: `/identity/production` in both environments.
    Identity,
    /// TatraPayPlus, with application tokens alone: `/tatrapayplus/sandbox` or `/tatrapayplus/production`.
    #[serde(rename = "tatrapayplus")]
    TatraPayPlus,
    /// Accounts, payments and funds of the directive, over mutual TLS: the root, or `/sandbox`.
    Psd2,
}

impl TatraBankaProduct {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Premium,
        Self::Identity,
        Self::TatraPayPlus,
        Self::Psd2,
    ];

    /// The path below which it answers.
    pub(super) fn base(self, environment: Environment) -> String {
        let (name, root) = match environment {
            Environment::Sandbox => ("sandbox", "/sandbox"),
            Environment::Production => ("production", ""),
        };
        match self {
            Self::Premium => format!("/tatrabanka/premium/{name}"),
            Self::Identity => "/tatrabanka/identity/production".to_owned(),
            Self::TatraPayPlus => format!("/tatrabanka/tatrapayplus/{name}"),
            Self::Psd2 => format!("/tatrabanka{root}"),
        }
    }

    /// Whether there are users who authorise, or application tokens alone.
    pub(super) fn has_users(self) -> bool {
        matches!(self, Self::Premium | Self::Psd2)
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    PremiumAis,
    PremiumPis,
    PremiumPisCanc,
    Identity,
    TatraPayPlus,
    Ais,
    Pis,
    Piis,
}

impl Scope {
    const ALL: [Self; 8] = [
        Self::PremiumAis,
        Self::PremiumPis,
        Self::PremiumPisCanc,
        Self::Identity,
        Self::TatraPayPlus,
        Self::Ais,
        Self::Pis,
        Self::Piis,
    ];

    pub(super) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PremiumAis => "PREMIUM_AIS",
            Self::PremiumPis => "PREMIUM_PIS",
            Self::PremiumPisCanc => "PREMIUM_PIS_CANC",
            Self::Identity => "IDENTITY",
            Self::TatraPayPlus => "TATRAPAYPLUS",
            Self::Ais => "AIS",
            Self::Pis => "PIS",
            Self::Piis => "PIIS",
        }
    }

    pub(super) fn product(self) -> TatraBankaProduct {
        match self {
            Self::PremiumAis | Self::PremiumPis | Self::PremiumPisCanc => {
                TatraBankaProduct::Premium
            }
            Self::Identity => TatraBankaProduct::Identity,
            Self::TatraPayPlus => TatraBankaProduct::TatraPayPlus,
            Self::Ais | Self::Pis | Self::Piis => TatraBankaProduct::Psd2,
        }
    }

    /// Whether it is for accounts, so that a third party needs a consent.
    pub(super) fn is_for_accounts(self) -> bool {
        matches!(self, Self::PremiumAis | Self::Ais)
    }

    pub(super) fn is_for_payments(self) -> bool {
        matches!(self, Self::PremiumPis | Self::PremiumPisCanc | Self::Pis)
    }
}
