//! The secrets, each with the name that a message calls it by.

use std::path::PathBuf;

use sign_core::Secret;
use sign_doctor::{NamedSecret, Platform};

use crate::context::Context;
use crate::exit::Failure;
use crate::secret::{Place, from_env, from_file};

/// More than this many secrets are no mix-up.
const MOST: usize = 16;

/// Where the secrets are.
#[derive(clap::Args)]
#[command(next_help_heading = "With which secret")]
pub(crate) struct Secrets {
    /// Take the secret from this environment variable. May be repeated: the first is the right one, the others are those
    /// that it may have been mixed up with.
    #[arg(long, value_name = "NAME")]
    secret_env: Vec<String>,
    /// Take the secret from this file; its last line break is not part of it. May be repeated.
    #[arg(long, value_name = "FILE")]
    secret_file: Vec<PathBuf>,
    /// Show the secret in the text to sign. Nothing else does.
    #[arg(long)]
    pub(super) reveal_secret: bool,
}

/// The environment variable in which the secret usually stands, as `sign` has it.
const fn usual(platform: Platform) -> &'static str {
    match platform {
        Platform::Jinlaiban => crate::sign::Scheme::Jinlaiban.secret_variable(),
        Platform::YichangSha1 | Platform::YichangMd5 => crate::sign::Scheme::YichangSha1.secret_variable(),
        Platform::Webank => crate::sign::Scheme::Webank.secret_variable(),
        Platform::WebankCallback => crate::sign::Scheme::WebankCallback.secret_variable(),
    }
}

/// What people take for the secret, where it is in the environment under its usual name: the app's secret signs nothing at
/// 微众银行, its ticket and salt do (webank `SPEC.md §3.1`, `§5`).
const fn taken_for(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Webank | Platform::WebankCallback => &["WEBANK_SECRET"],
        Platform::Jinlaiban | Platform::YichangSha1 | Platform::YichangMd5 => &[],
    }
}

impl Secrets {
    /// The secrets, the right one first: those of the flags, that of the input, the usual variable's, the profile's. What
    /// goes behind the first one is tried as another environment's.
    pub(super) fn find(
        &self,
        context: &Context,
        platform: Platform,
        in_input: Option<&Secret>,
    ) -> Result<Vec<NamedSecret>, Failure> {
        let mut all = Vec::new();
        for name in &self.secret_env {
            if !is_variable(name) {
                return Err(Failure::usage(
                    "--secret-env takes the name of an environment variable, never the secret itself",
                ));
            }
            let secret = from_env(name)?.ok_or_else(|| missing(name))?;
            all.push(NamedSecret { name: name.clone(), secret });
        }
        for file in &self.secret_file {
            all.push(NamedSecret { name: file.display().to_string(), secret: from_file(file)? });
        }
        all.extend(
            in_input.map(|secret| NamedSecret { name: "the input".to_owned(), secret: secret.clone() }),
        );
        self.usual(context, platform, &mut all)?;
        if all.is_empty() {
            return Err(missing(usual(platform)));
        }
        for name in taken_for(platform) {
            // It was not asked for: where it is unfit, it is no candidate.
            let secret = from_env(name).ok().flatten();
            all.extend(secret.map(|secret| NamedSecret { name: (*name).to_owned(), secret }));
        }
        if all.len() > MOST {
            return Err(Failure::usage(format!("{} secrets are given: at most {MOST} are tried", all.len())));
        }
        let mut distinct: Vec<NamedSecret> = Vec::new();
        for named in all {
            if !distinct.iter().any(|other| other.secret.expose() == named.secret.expose()) {
                distinct.push(named);
            }
        }
        Ok(distinct)
    }

    /// The secret that is there in any case: it is hidden also where the others cannot be read.
    pub(super) fn at_hand(platform: Platform) -> Vec<NamedSecret> {
        let name = usual(platform);
        let secret = from_env(name).ok().flatten();
        secret.map(|secret| NamedSecret { name: name.to_owned(), secret }).into_iter().collect()
    }

    fn usual(
        &self,
        context: &Context,
        platform: Platform,
        all: &mut Vec<NamedSecret>,
    ) -> Result<(), Failure> {
        let name = usual(platform);
        let asked = !all.is_empty();
        if !all.iter().any(|named| named.name == name) {
            match from_env(name) {
                Ok(secret) => all.extend(secret.map(|secret| NamedSecret { name: name.to_owned(), secret })),
                // Where another one is named, nobody needs this one.
                Err(_) if asked => {}
                Err(failure) => return Err(failure),
            }
        }
        let configured = match platform {
            Platform::Jinlaiban => context.profile.jinlaiban.secret.as_ref(),
            Platform::YichangSha1 | Platform::YichangMd5 => context.profile.yichang.secret.as_ref(),
            // A ticket and a salt are other secrets than the one in the profile.
            Platform::Webank | Platform::WebankCallback => None,
        };
        if all.is_empty() {
            match configured {
                Some(Place::Env(name)) => {
                    let secret = from_env(name)?.ok_or_else(|| missing(name))?;
                    all.push(NamedSecret { name: name.clone(), secret });
                }
                Some(Place::File(file)) => {
                    all.push(NamedSecret { name: file.display().to_string(), secret: from_file(file)? });
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn is_variable(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // What is as long as a secret, in letters that names of variables rarely have, is likely one.
    let like_a_secret = name.len() >= 16
        && !name.contains('_')
        && name.bytes().any(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    !name.is_empty()
        && name.bytes().all(word)
        && !name.starts_with(|it: char| it.is_ascii_digit())
        && !like_a_secret
}

fn missing(name: &str) -> Failure {
    Failure::usage(format!(
        "no secret: set the environment variable {name}, or name another one with --secret-env or a file with \
         --secret-file"
    ))
}
