//! Where the configuration and the tokens of a user are kept unless somebody says otherwise.

use std::path::PathBuf;

use etcetera::{BaseStrategy as _, base_strategy::Xdg};

use crate::ProfileError;

/// The configuration file of this user: `$XDG_CONFIG_HOME/bankauth/bankauth.toml`, or else
/// `~/.config/bankauth/bankauth.toml`.
///
/// # Errors
/// When the user's home is not known.
pub fn default_config_file() -> Result<PathBuf, ProfileError> {
    let folders = folders("the configuration", "--config FILE")?;
    Ok(folders.config_dir().join("bankauth").join("bankauth.toml"))
}

/// The folder for the tokens of this user: `$XDG_STATE_HOME/bankauth`, or else `~/.local/state/bankauth`.
///
/// # Errors
/// When the user's home is not known.
pub fn default_state_folder() -> Result<PathBuf, ProfileError> {
    let folders = folders("tokens", "--state-dir DIR")?;
    Ok(folders
        .state_dir()
        .unwrap_or_else(|| folders.data_dir())
        .join("bankauth"))
}

fn folders(what: &'static str, option: &'static str) -> Result<Xdg, ProfileError> {
    Xdg::new().map_err(|_| ProfileError::NoHome { what, option })
}
