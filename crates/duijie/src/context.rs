//! What every command shares: the common options, resolved.

use std::time::Duration;

use platform_http::{BaseUrl, Config, Proxy};

use crate::{
    cli::Common,
    config::Profile,
    exit::{Exit, Failure},
    lang::Lang,
    output,
};

/// The common options, and the profile of the configuration file.
pub(crate) struct Context {
    pub(crate) json: bool,
    pub(crate) dry_run: bool,
    pub(crate) lang: Lang,
    /// `--lang`, where it was given.
    pub(crate) asked_lang: Option<Lang>,
    pub(crate) profile: Profile,
    timeout: Option<Duration>,
    proxy: Option<String>,
    roots: Option<Vec<u8>>,
}

impl Context {
    pub(crate) fn new(common: &Common) -> Result<Self, Failure> {
        let profile = match &common.config {
            Some(path) => Profile::read(path, &common.profile)?,
            None => Profile::default(),
        };
        let roots = common.ca.as_ref().map(|path| {
            let shown = path.display();
            std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read `{shown}`: {error}")))
        });
        Ok(Self {
            json: common.json,
            dry_run: common.dry_run,
            asked_lang: common.lang,
            lang: Lang::choose(common.lang, |name| std::env::var(name).ok()),
            profile,
            timeout: common.timeout,
            proxy: proxy(common.proxy.as_deref(), std::env::var("DUIJIE_PROXY").ok())?,
            roots: roots.transpose()?,
        })
    }

    /// The requests that `--dry-run` would send, secrets masked.
    pub(crate) fn preview(&self, base_url: &str, requests: &[String]) -> Result<Exit, Failure> {
        // What would be refused is told, and what may hold a password is not shown.
        BaseUrl::parse(base_url).map_err(Failure::usage)?;
        if self.json {
            return output::json(&serde_json::json!({ "baseUrl": base_url, "requests": requests }));
        }
        output::whole(|out| {
            writeln!(out, "# {base_url}")?;
            requests.iter().try_for_each(|request| writeln!(out, "{request}\n"))
        })
    }

    /// `--timeout`.
    pub(crate) const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// HTTP settings for a base URL, with `--timeout`, `--proxy` and `--ca`.
    pub(crate) fn http(&self, base_url: &str) -> Result<Config, Failure> {
        let base = BaseUrl::parse(base_url).map_err(Failure::usage)?;
        let mut config = Config::new(base).user_agent(concat!("duijie/", env!("CARGO_PKG_VERSION")));
        if let Some(timeout) = self.timeout {
            config = config.connect_timeout(timeout).read_timeout(timeout).total_timeout(Some(timeout));
        }
        if let Some(proxy) = &self.proxy {
            config = config.proxy(Proxy::url(proxy).map_err(Failure::usage)?);
        }
        if let Some(pem) = &self.roots {
            config = config.root_certificates(pem).map_err(Failure::usage)?;
        }
        Ok(config)
    }

    /// As [`Context::http`], but nothing limits the whole call, because a large file takes as long as it takes:
    /// `--timeout` is the longest silence.
    pub(crate) fn http_for_files(&self, base_url: &str) -> Result<Config, Failure> {
        Ok(self.http(base_url)?.total_timeout(None))
    }
}

/// The proxy's address: the flag's, else the environment's. User and password are secrets, so they may stand in the
/// environment alone: other users of a machine can read its command lines.
fn proxy(flag: Option<&str>, environment: Option<String>) -> Result<Option<String>, Failure> {
    match flag {
        Some(url) if url.contains('@') => Err(Failure::usage(
            "--proxy must hold no user and password: put the whole address into DUIJIE_PROXY",
        )),
        Some(url) => Ok(Some(url.to_owned())),
        None => Ok(environment.filter(|url| !url.is_empty())),
    }
}

/// A value that the command line, the environment or the configuration must bring.
pub(crate) fn required(
    flag: &'static str,
    variable: &'static str,
    given: Option<&String>,
    configured: Option<&String>,
) -> Result<String, Failure> {
    let value = given.or(configured).filter(|value| !value.is_empty());
    value.cloned().ok_or_else(|| {
        Failure::usage(format!("{flag} is required: give it here, in {variable}, or in the profile"))
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    /// A file of 1 GiB takes longer than any request should.
    #[test]
    fn the_timeout_limits_a_call_and_the_silence_of_a_file() {
        let limits = |args: &[&str], files: bool| {
            let line = Line::parse_from([&["duijie"][..], args].concat());
            let context = Context::new(&line.common).unwrap();
            let url = "http://127.0.0.1:1";
            let config = if files { context.http_for_files(url) } else { context.http(url) };
            let shown = format!("{:?}", config.unwrap());
            let limit = |name: &str| {
                let (_, rest) = shown.split_once(&format!("{name}_timeout: ")).unwrap();
                rest.split(", ").next().unwrap().to_owned()
            };
            ["connect", "read", "total"].map(limit)
        };
        assert_eq!(limits(&["--timeout", "90s"], false), ["90s", "90s", "Some(90s)"]);
        assert_eq!(limits(&["--timeout", "90s"], true), ["90s", "90s", "None"]);
        assert_eq!(limits(&[], false), ["5s", "15s", "Some(30s)"]);
        assert_eq!(limits(&[], true), ["5s", "15s", "None"]);
    }

    #[test]
    fn a_proxys_password_may_not_stand_on_the_command_line() {
        let environment = || Some("http://u:p@proxy.example:3128".to_owned());
        assert_eq!(proxy(None, environment()).unwrap(), environment());
        assert_eq!(
            proxy(Some("http://a.example"), environment()).unwrap().as_deref(),
            Some("http://a.example")
        );
        assert_eq!(proxy(None, Some(String::new())).unwrap(), None);
        let refused = proxy(Some("http://u:s3cret@a.example"), None).unwrap_err();
        assert!(refused.exit == crate::exit::Exit::Usage && !format!("{refused:?}").contains("s3cret"));
    }
}
