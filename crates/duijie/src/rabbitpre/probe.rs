//! `duijie rabbitpre probe`: 兔展's editor and H5 page, played against any server.

mod basics;
mod catalogue;
mod external;
mod found;
mod load;
mod reply;
mod requests;
mod rules;
mod saves;
mod target;

use std::{cell::RefCell, time::Duration};

use platform_http::{
    Client,
    system::{Entropy as _, SystemEntropy},
};
use platform_sandbox::{Editor, Page, PartnerUrls};
use sign_core::Nonce;

use self::target::Target;
use crate::{
    cli::duration,
    context::Context,
    exit::{Exit, Failure},
    probe::Report,
    secret,
};

/// Beyond 2^53, where floating point loses its last digit (RP-3).
const AUDID: &str = "9007199254740993";

/// What is to be done about checks that were skipped.
const HINT: (&str, &str) = (
    "未查的项目需要先改正上面的错误：放行一个基本请求，认得 customFields，能够保存（没有 --without-saving）",
    "what was skipped needs what is wrong above: a request that is allowed, customFields that are looked up, settings that are saved (no --without-saving)",
);

/// `duijie rabbitpre probe`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Below this address are `/getAuthConditions`, `/saveNotify` and `/checkUserAuth`.
    url: String,
    /// Where getAuthConditions is, below the address.
    #[arg(long, value_name = "PATH", default_value = "/getAuthConditions")]
    conditions_path: String,
    /// Where saveNotify is.
    #[arg(long, value_name = "PATH", default_value = "/saveNotify")]
    save_path: String,
    /// Where checkUserAuth is.
    #[arg(long, value_name = "PATH", default_value = "/checkUserAuth")]
    check_path: String,
    /// Carry the bearer token in this environment variable, and try without it and with another.
    #[arg(long, value_name = "NAME")]
    guard_token_env: Option<String>,
    /// The user who is asked about; by default one of whom the server should know nothing.
    #[arg(long, value_name = "ID", default_value = AUDID)]
    audid: String,
    /// An attribute that the server knows of the user of `--audid`, as text; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", requires = "audid")]
    known: Vec<String>,
    /// Save nothing: settings cannot be deleted, and three stay behind otherwise.
    #[arg(long)]
    without_saving: bool,
    /// When an answer is too late.
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = duration)]
    deadline: Duration,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let known = args.known.iter().map(|text| known(text)).collect::<Result<Vec<_>, _>>()?;
    if args.url.contains(['?', '#']) {
        return Err(Failure::usage("the address has a query; give the base below which the three paths are"));
    }
    let base = args.url.trim_end_matches('/');
    let mut urls = PartnerUrls::below(base);
    urls.conditions = below(base, &args.conditions_path)?;
    urls.save = below(base, &args.save_path)?;
    urls.check = below(base, &args.check_path)?;
    if let Some(name) = &args.guard_token_env {
        let token = secret::from_env(name)?
            .ok_or_else(|| Failure::usage(format!("no token: set the environment variable {name}")))?;
        urls = urls.bearer(token.expose());
    }
    let mut requests = vec![format!("GET {}", urls.conditions)];
    requests.extend((!args.without_saving).then(|| format!("POST {}", urls.save)));
    requests.push(format!("POST {}", urls.check));
    if context.dry_run {
        return context.preview(base, &requests);
    }
    // A little later than too late, to tell slow from silent.
    let patience = args.deadline.saturating_add(Duration::from_secs(1));
    let client = |base: &str| Client::new(context.http(base)?).map_err(Failure::usage);
    let mut target = Target {
        editor: Editor::new(urls.clone()).patience(patience).connect(client)?,
        page: Page::new(urls.clone()).patience(patience).connect(client)?,
        lang: context.lang,
        deadline: args.deadline,
        audid: audid(&args.audid),
        carrier: None,
        flaws: RefCell::default(),
        save_flaws: RefCell::default(),
        slowest: RefCell::default(),
        left: RefCell::default(),
    };
    let mut report = Report::new(context.lang, base);
    let works = basics::check(&mut target, &mut report).await?;
    let token = args.guard_token_env.is_some();
    load::guard(&target, &urls, |page| page.connect(client).ok(), token, &mut report).await;
    if works {
        basics::known(&target, &known, &mut report).await;
    }
    rules::check(&target, &mut report).await;
    requests::check(&target, works, &mut report).await;
    catalogue::check(&target, &mut report).await;
    if !args.without_saving {
        let id = saves::check(&target, &nobody()?, &mut report).await;
        external::check(&target, id.as_deref(), &mut report).await;
    }
    load::at_once(&target, &mut report).await;
    load::slow(&target, works, &mut report).await;
    target.form(&mut report);
    report.leaves(target.left.take());
    report.print(context.json, HINT)
}

/// An address below the base.
fn below(base: &str, path: &str) -> Result<String, Failure> {
    if path.contains(['?', '#']) {
        return Err(Failure::usage(format!("`{path}` is no path: it has a query")));
    }
    Ok(format!("{base}/{}", path.trim_start_matches('/')))
}

/// `NAME=VALUE`.
fn known(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(Failure::usage("--known wants NAME=VALUE, like `--known level=gold`")),
    }
}

/// As JSON: digits go as a number, as the platform sends them; anything else as a text.
fn audid(text: &str) -> String {
    let number = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    if number { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// An id under which nothing is saved.
fn nobody() -> Result<String, Failure> {
    let mut entropy = [0; 32];
    SystemEntropy.fill(&mut entropy).map_err(Failure::failed)?;
    Ok(format!("duijie-nobody-{}", Nonce::<16>::alphanumeric(entropy)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_as_they_are_written() {
        for (text, json) in
            [("7", "7"), ("007", "\"007\""), ("9007199254740993", "9007199254740993"), ("a\"b", r#""a\"b""#)]
        {
            assert_eq!(audid(text), json);
        }
    }

    #[test]
    fn paths_are_below_the_address() {
        assert_eq!(below("http://h/x", "/checkUserAuth").unwrap(), "http://h/x/checkUserAuth");
        assert_eq!(below("http://h", "check").unwrap(), "http://h/check");
        assert!(below("http://h", "/a?b").is_err_and(|failure| failure.exit == Exit::Usage));
        assert!(known("level=").is_err() && known("=x").is_err() && known("level=a=b").is_ok());
    }
}
