//! Where secrets come from: the environment or a file, never a flag.

use std::{
    env,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Deserialize;
use sign_core::Secret;

use crate::exit::Failure;

/// Where a secret is to be found, as the configuration file says it: `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Place {
    /// An environment variable.
    Env(String),
    /// A file; its last line break is not part of the secret.
    File(PathBuf),
}

/// Where a secret is to be found, as the command line says it.
#[derive(Args, Debug, Default, Clone)]
pub(crate) struct SecretArgs {
    /// Take the secret from this environment variable.
    #[arg(long, value_name = "NAME", conflicts_with = "secret_file")]
    pub(crate) secret_env: Option<String>,
    /// Take the secret from this file; its last line break is not part of it.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
}

impl SecretArgs {
    /// Flags go before the usual environment variable, that goes before the configuration file.
    pub(crate) fn find(&self, usual: &str, configured: Option<&Place>) -> Result<Secret, Failure> {
        if let Some(file) = &self.secret_file {
            return from_file(file);
        }
        if let Some(name) = &self.secret_env {
            return from_env(name)?.ok_or_else(|| missing(name));
        }
        if let Some(secret) = from_env(usual)? {
            return Ok(secret);
        }
        match configured {
            Some(Place::Env(name)) => from_env(name)?.ok_or_else(|| missing(name)),
            Some(Place::File(file)) => from_file(file),
            None => Err(missing(usual)),
        }
    }
}

fn missing(name: &str) -> Failure {
    Failure::usage(format!(
        "no secret: set the environment variable {name}, or name a file with --secret-file"
    ))
}

/// [`None`] when the variable is not set; set and empty is a mistake that is worth telling.
pub(crate) fn from_env(name: &str) -> Result<Option<Secret>, Failure> {
    match env::var(name) {
        Ok(value) => Secret::new(value)
            .map(Some)
            .map_err(|_| Failure::usage(format!("the secret in the environment variable {name} is empty"))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::usage(format!("the secret in the environment variable {name} is not UTF-8")))
        }
    }
}

pub(crate) fn from_file(path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the secret file `{shown}`: {error}")))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Secret::new(text).map_err(|_| Failure::usage(format!("the secret file `{shown}` is empty")))
}
