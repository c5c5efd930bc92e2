//! `duijie doctor`: which mistake made this signature?
//!
//! ```text
//!  input ─ given (flags · call ◄ curl ◄ shell · object) ─ found ─┐
//!  secrets ─ named ───────────────────────────────────────────────┴─ sign_doctor::Case ─ report · document
//!                                                       veil: over all of it ─┘
//! ```

mod call;
mod curl;
mod document;
mod found;
mod given;
mod infer;
mod named;
mod object;
pub(crate) mod paint;
mod report;
mod shell;
pub(crate) mod show;
pub(crate) mod veil;

use platform_http::system::{Clock as _, SystemClock, UnixMillis};
use sign_doctor::{Around, Case, Diagnosis, Mutation, Platform, Remark, Search, Severity, Verdict};

use self::found::Found;
use self::given::Given;
use self::paint::Paint;
use self::show::Step;
use self::veil::Veil;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;

/// `duijie doctor`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// 晋来办: MD5 of sorted pairs.
    #[command(after_help = EXAMPLES)]
    Jinlaiban(Examined),
    /// 宜昌: SHA-1, or MD5 as its worked example shows (YC-1).
    #[command(after_help = EXAMPLES)]
    Yichang {
        /// Which digest the platform takes: its document asks for SHA-1 and shows MD5.
        #[arg(long, value_enum, value_name = "DIGEST", default_value = "sha1")]
        digest: Digest,
        #[command(flatten)]
        args: Examined,
    },
    /// 微众银行, calls: SHA-1 of sorted values, the ticket among them.
    #[command(after_help = EXAMPLES)]
    Webank(Examined),
    /// 微众银行, callbacks: SHA-256 of Plain, salt and Timestamp.
    #[command(after_help = EXAMPLES)]
    WebankCallback(Examined),
    /// Work out how an unknown platform signs, from examples.
    Infer(infer::Args),
}

/// Which digest 宜昌 takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Digest {
    Sha1,
    Md5,
}

const EXAMPLES: &str = "\
Examples:
  duijie doctor yichang 'http://host/api/syncauth/login?appId=…&signature=…'
  duijie doctor jinlaiban request.curl              (a curl command in a file; `-` for stdin)
  duijie doctor webank --url 'https://host/api/…?app_id=…&sign=…' --body body.json
  duijie doctor webank-callback callback.json --secret-env SALT --secret-env TEST_SALT

Exit codes: 0 the signature is right (without one: nothing is certainly wrong); 1 it is wrong, explained or not (with
--json `verdict` tells them apart); 2 the input cannot be read, or there is no secret.";

/// What is examined, and how.
#[derive(clap::Args)]
pub(crate) struct Examined {
    #[command(flatten)]
    given: Given,
    /// Try at most so many mistakes at once.
    #[arg(long, value_name = "COUNT", default_value = "3", value_parser = clap::value_parser!(u8).range(0..=3), help_heading = "How")]
    mistakes: u8,
    /// Try at most so many candidates; by default what takes some seconds.
    #[arg(long, value_name = "CANDIDATES", help_heading = "How")]
    budget: Option<u64>,
    /// The `Date` header of the platform's reply: does its clock agree with this one?
    #[arg(long, value_name = "DATE", help_heading = "How")]
    date: Option<String>,
    /// Judge time stamps as of this Unix time in seconds; by default now.
    #[arg(long, value_name = "SECONDS", help_heading = "How")]
    at: Option<u64>,
}

pub(crate) fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let (platform, args) = match command {
        Command::Jinlaiban(args) => (Platform::Jinlaiban, args),
        Command::Yichang { digest: Digest::Sha1, args } => (Platform::YichangSha1, args),
        Command::Yichang { digest: Digest::Md5, args } => (Platform::YichangMd5, args),
        Command::Webank(args) => (Platform::Webank, args),
        Command::WebankCallback(args) => (Platform::WebankCallback, args),
        Command::Infer(args) => return infer::run(context, args),
    };
    let found = args.given.find(platform);
    let in_input = found.as_ref().ok().and_then(|found| found.secret.as_ref());
    let secrets = args.given.secrets.find(context, platform, in_input);
    // An error, too, may hold what somebody put into the wrong place.
    let known = secrets.as_ref().map_or_else(|_| named::Secrets::at_hand(platform), Clone::clone);
    let veil = Veil::new(&known, args.given.secrets.reveal_secret);
    let (found, secrets) = (found.map_err(|it| hidden(it, &veil))?, secrets.map_err(|it| hidden(it, &veil))?);
    let platform = found.platform.unwrap_or(platform);
    let (recipe, request) = (platform.recipe(), found.request());
    let case = Case::new(&recipe, &request, &secrets).map_err(Failure::usage)?.of(platform);
    examine(context, args, platform, &case, &found, &veil).map_err(|it| hidden(it, &veil))
}

fn hidden(failure: Failure, veil: &Veil) -> Failure {
    let mut shown = Failure::usage(veil.hide(&failure.to_string()));
    shown.exit = failure.exit;
    shown
}

/// Everything that there is to say.
struct Report<'a> {
    case: &'a Case<'a>,
    platform: Platform,
    got: Option<&'a str>,
    /// [`None`] without a signature.
    diagnosis: Option<Diagnosis>,
    remarks: Vec<Remark>,
    /// The stages of the right signature.
    right: Vec<Step>,
    /// Those of the signature that was got, where it is explained.
    signed: Option<Vec<Step>>,
    /// Where the two part within what is not shown.
    unseen: Option<usize>,
}

fn examine(
    context: &Context,
    args: &Examined,
    platform: Platform,
    case: &Case<'_>,
    found: &Found,
    veil: &Veil,
) -> Result<Exit, Failure> {
    let now = args.at.map_or_else(|| SystemClock.now(), |at| UnixMillis::new(at.saturating_mul(1000)));
    let sent_body = args.given.sent_body.as_deref().map(given::read_file).transpose()?;
    let around = Around { now: Some(now), date: args.date.as_deref(), sent_body: sent_body.as_deref() };
    let got = args.given.got.as_deref().or(found.signature.as_deref());
    let remarks = remarks(case, found, &around, got);
    let diagnosis = got.map(|got| diagnose(args, case, got)).transpose()?;
    let first = diagnosis.as_ref().and_then(|it| it.explanations.first());
    let mistakes: Option<Vec<Mutation>> =
        first.map(|it| it.mistakes.iter().map(|mistake| mistake.mutation).collect());
    let report = Report {
        case,
        platform,
        got,
        remarks,
        right: show::steps(case, &[], context.lang, veil),
        signed: mistakes.as_ref().map(|mistakes| show::steps(case, mistakes, context.lang, veil)),
        unseen: mistakes.as_ref().and_then(|mistakes| show::unseen(case, mistakes)),
        diagnosis,
    };
    if context.json {
        let mut document = document::of(&report, context.lang);
        veil.hide_in(&mut document);
        output::json(&document)?;
    } else {
        let text = veil.hide(&report::of(&report, context.lang, Paint::for_stdout()));
        output::whole(|out| out.write_all(text.as_bytes()))?;
    }
    Ok(exit(&report))
}

/// What is wrong or odd about the request, the certain first.
fn remarks(case: &Case<'_>, found: &Found, around: &Around<'_>, got: Option<&str>) -> Vec<Remark> {
    let mut remarks = found.remarks.clone();
    // What travels beside the signed parameters as it should is nothing to remark on.
    let usual = |name: &str| found::TRAVELS_UNSIGNED.contains(&name) || case.recipe().selection.takes(name);
    let as_usual = found.parameters.iter().all(|(name, _)| usual(name));
    remarks.extend(case.lint(around).into_iter().filter(|remark| !(as_usual && remark.kind == "unsigned")));
    if let (Some(got), Some(carried)) = (got, found.signature.as_deref())
        && !got.trim().eq_ignore_ascii_case(carried.trim())
    {
        remarks.push(found::remark(
            "another-signature",
            Severity::Odd,
            "the request carries another signature than the one given with --got, which is examined",
            "请求中带的签名与 --got 给出的不同；这里检查的是后者",
        ));
    }
    remarks.sort_by_key(|remark| remark.severity == Severity::Odd);
    remarks
}

/// A wrong signature is 1, as with `verify`.
fn exit(report: &Report<'_>) -> Exit {
    let wrong = match &report.diagnosis {
        Some(diagnosis) => diagnosis.verdict != Verdict::Right,
        None => report.remarks.iter().any(|remark| remark.severity == Severity::Wrong),
    };
    if wrong { Exit::Failed } else { Exit::Done }
}

fn diagnose(args: &Examined, case: &Case<'_>, got: &str) -> Result<Diagnosis, Failure> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let progress = report::Progress::start();
    let tell = |at: sign_doctor::Progress| progress.tell(at);
    let mut search = Search::default().mistakes(args.mistakes.into()).workers(workers).progress(&tell);
    if let Some(budget) = args.budget {
        search = search.candidates(budget);
    }
    case.diagnose(got, &search).map_err(Failure::usage)
}
