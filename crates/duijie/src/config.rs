//! `duijie.toml`: profiles with base URLs, ids, and where each secret is to be found. It is read only where `--config`
//! names it: a file that happens to lie in the folder must not decide where secrets are sent.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::{exit::Failure, secret::Place};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

/// One environment's settings.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) jinlaiban: Jinlaiban,
    pub(crate) yichang: Yichang,
    pub(crate) webank: Webank,
}

/// 晋来办.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Jinlaiban {
    pub(crate) base_url: Option<String>,
    pub(crate) appcode: Option<String>,
    pub(crate) modulecode: Option<String>,
    pub(crate) secret: Option<Place>,
}

/// 宜昌.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Yichang {
    pub(crate) base_url: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) secret: Option<Place>,
}

/// 微众银行.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Webank {
    pub(crate) base_url: Option<String>,
    pub(crate) files_url: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) secret: Option<Place>,
}

impl Profile {
    /// Reads one profile of a file.
    pub(crate) fn read(path: &Path, name: &str) -> Result<Self, Failure> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read the configuration `{shown}`: {error}")))?;
        Self::parse(&text, name)
            .map_err(|message| Failure::usage(format!("configuration `{shown}`: {message}")))
    }

    fn parse(text: &str, name: &str) -> Result<Self, String> {
        let mut file: File = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |head| head.matches('\n').count().saturating_add(1));
            // Other messages may quote a value, and somebody may have put the secret itself there.
            let reason = Some(error.message()).filter(|message| message.starts_with("unknown field"));
            let shape =
                "not of the documented shape; a secret is `{ env = \"NAME\" }` or `{ file = \"PATH\" }`";
            format!("line {line}: {}", reason.unwrap_or(shape))
        })?;
        file.profiles.remove(name).ok_or_else(|| {
            let known: Vec<_> = file.profiles.keys().map(|name| format!("`{name}`")).collect();
            format!(
                "no profile `{name}`; there is {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [profiles.test.jinlaiban]
        base_url = "http://127.0.0.1:8080"
        appcode = "A"
        secret = { env = "JLB_TEST" }
        [profiles.live.webank]
        secret = { file = "/run/secrets/webank" }
    "#;

    #[test]
    fn a_profile_says_where_secrets_are() {
        let test = Profile::parse(FILE, "test").unwrap();
        assert_eq!(test.jinlaiban.appcode.as_deref(), Some("A"));
        assert!(matches!(test.jinlaiban.secret, Some(Place::Env(name)) if name == "JLB_TEST"));
        let live = Profile::parse(FILE, "live").unwrap();
        assert!(
            matches!(live.webank.secret, Some(Place::File(path)) if path == Path::new("/run/secrets/webank"))
        );
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let error = Profile::parse(FILE, "prod").unwrap_err();
        assert_eq!(error, "no profile `prod`; there is `live`, `test`");
        let error = Profile::parse("[profiles.test.yichang]\napp_ID = \"x\"\n", "test").unwrap_err();
        assert!(error.starts_with("line 2: unknown field `app_ID`"), "{error}");
        // A secret in the file itself is refused, and not repeated.
        let error = Profile::parse("[profiles.test.yichang]\nsecret = \"s3cret\"\n", "test").unwrap_err();
        assert!(error.starts_with("line 2: ") && !error.contains("s3cret"), "{error}");
    }
}
