//! What to sign or verify, from flags.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use sign_core::{Secret, form};

use super::scheme::{Input, Scheme};
use crate::{context::Context, exit::Failure, secret::SecretArgs};

/// The input of `sign` and `verify`.
#[derive(clap::Args)]
#[command(next_help_heading = "What is signed")]
pub(crate) struct Given {
    /// A parameter with its raw value, not percent-encoded (jinlaiban, yichang).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Take the parameters from this URL's query (jinlaiban, yichang).
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A value: `app_id`, version, nonce, type (webank).
    #[arg(long = "value", value_name = "TEXT")]
    values: Vec<String>,
    /// The body as it travels, from a file or `-` (webank).
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// `Plain` as it travels, still encoded (webank-callback).
    #[arg(long, value_name = "TEXT")]
    plain: Option<String>,
    /// `Timestamp` as it travels (webank-callback).
    #[arg(long, value_name = "MILLIS")]
    timestamp: Option<String>,
    #[command(flatten)]
    secret: SecretArgs,
}

/// What was given, owned.
pub(crate) enum Material {
    Params(Vec<(String, String)>),
    Values(Vec<String>),
    Envelope { plain: String, timestamp: String },
}

impl Material {
    pub(crate) fn input(&self) -> Input<'_> {
        match self {
            Self::Params(params) => Input::Params(
                params.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect(),
            ),
            Self::Values(values) => Input::Values(values.iter().map(|value| Some(value.as_str())).collect()),
            Self::Envelope { plain, timestamp } => Input::Envelope { plain, timestamp },
        }
    }
}

impl Given {
    /// Reads what was given for a scheme, and its secret.
    pub(crate) fn read(&self, context: &Context, scheme: Scheme) -> Result<(Material, Secret), Failure> {
        let material = match scheme {
            Scheme::Jinlaiban | Scheme::YichangSha1 | Scheme::YichangMd5 => self.params()?,
            Scheme::Webank => self.values()?,
            Scheme::WebankCallback => self.envelope()?,
        };
        let configured = match scheme {
            Scheme::Jinlaiban => context.profile.jinlaiban.secret.as_ref(),
            Scheme::YichangSha1 | Scheme::YichangMd5 => context.profile.yichang.secret.as_ref(),
            // A ticket and a salt are other secrets than the one in the profile.
            Scheme::Webank | Scheme::WebankCallback => None,
        };
        Ok((material, self.secret.find(scheme.secret_variable(), configured)?))
    }

    /// The signature in the URL's query, under one of the names platforms use.
    pub(crate) fn signature_in_url(&self) -> Result<Option<String>, Failure> {
        let Some(url) = &self.url else { return Ok(None) };
        let query = query_params(url)?;
        Ok(query
            .into_iter()
            .find(|(name, _)| matches!(name.as_str(), "sign" | "signature"))
            .map(|(_, value)| value))
    }

    fn params(&self) -> Result<Material, Failure> {
        let mut params = match &self.url {
            Some(url) => query_params(url)?,
            None => Vec::new(),
        };
        for param in &self.params {
            let (name, value) = param
                .split_once('=')
                .ok_or_else(|| Failure::usage("--param takes NAME=VALUE; one of them has no `=`"))?;
            params.push((name.to_owned(), value.to_owned()));
        }
        if params.is_empty() {
            return Err(Failure::usage("nothing to sign: give --param NAME=VALUE or --url URL"));
        }
        Ok(Material::Params(params))
    }

    fn values(&self) -> Result<Material, Failure> {
        let mut values = self.values.clone();
        if let Some(path) = &self.body {
            values.push(read_text(path)?);
        }
        if values.is_empty() {
            return Err(Failure::usage("nothing to sign: give --value TEXT and --body FILE"));
        }
        Ok(Material::Values(values))
    }

    fn envelope(&self) -> Result<Material, Failure> {
        match (&self.plain, &self.timestamp) {
            (Some(plain), Some(timestamp)) => {
                Ok(Material::Envelope { plain: plain.clone(), timestamp: timestamp.clone() })
            }
            _ => Err(Failure::usage("nothing to sign: give --plain TEXT and --timestamp MILLIS")),
        }
    }
}

fn query_params(url: &str) -> Result<Vec<(String, String)>, Failure> {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    form::pairs(query)
        .map(|pair| {
            let (name, value) = pair.map_err(|error| Failure::usage(format!("the URL's query: {error}")))?;
            Ok((name.into_owned(), value.into_owned()))
        })
        .collect()
}

/// A file's text, or stdin's for `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(text)
}
