//! `duijie webank callback probe`: the bank, played against any server.

use std::{path::PathBuf, time::Duration};

use futures_util::future::join_all;
use platform_http::{
    Client,
    system::{Entropy as _, SystemClock, SystemEntropy},
};
use platform_sandbox::{Bank, CallError, CallbackOutcome, Mistake, SealedCall};

use super::{
    report::{Finding, Report},
    salts,
};
use crate::{
    cli::duration,
    context::Context,
    exit::{Exit, Failure},
    probe::is_nobody,
    secret::SecretArgs,
    webank::read,
};

/// A name that nobody handles, unless somebody was told to.
const STAND_IN: &str = "DuijieProbe";
/// Repeats at the same time.
const AT_ONCE: usize = 10;

/// `duijie webank callback probe`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the bank would call.
    url: String,
    /// The transName of good calls. Without it, what needs the server's handler is not checked where the server does not
    /// know the name `DuijieProbe`. A server that handles names it does not know, by a fallback, answers them; then
    /// `unknown-trans-name` and what follows from it is reported as wrong, and meant to be so.
    #[arg(long, value_name = "NAME")]
    trans_name: Option<String>,
    /// The business JSON of good calls, from a file or `-`. Some calls carry it with blanks at its end, so that they are
    /// others.
    #[arg(long, value_name = "FILE")]
    plain: Option<PathBuf>,
    /// When an answer is too late.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    deadline: Duration,
    #[command(flatten)]
    secret: SecretArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (first, further) = salts(&args.secret)?;
    let business = match &args.plain {
        Some(path) => String::from_utf8(read(path)?)
            .map_err(|_| Failure::usage(format!("`{}` is not UTF-8", path.display())))?,
        None => r#"{"probe":"duijie"}"#.to_owned(),
    };
    if !serde_json::from_str::<serde_json::Value>(&business).is_ok_and(|json| json.is_object()) {
        return Err(Failure::usage("--plain is no JSON object"));
    }
    let shown_url = args.url.split('?').next().unwrap_or_default();
    if context.dry_run {
        let requests: Vec<_> =
            Mistake::ALL.iter().map(|mistake| format!("POST {shown_url} # {}", mistake.name())).collect();
        return context.preview(shown_url, &requests);
    }
    let bank = |salt| -> Result<Bank, Failure> {
        // Serial numbers of one run differ from those of the next.
        let mut seed = [0; 8];
        SystemEntropy.fill(&mut seed).map_err(Failure::failed)?;
        Bank::new(salt, SystemClock, u64::from_be_bytes(seed))
            // A little later than too late, to tell slow from silent.
            .deadline(args.deadline.saturating_add(Duration::from_secs(1)))
            .connect(&args.url, |base| Client::new(context.http(base)?).map_err(Failure::usage))
    };
    let probe = Probe {
        bank: bank(first)?,
        url: &args.url,
        name: args.trans_name.as_deref().unwrap_or(STAND_IN),
        named: args.trans_name.is_some(),
        business: &business,
        deadline: args.deadline,
    };
    let mut report = Report::new(context.lang, shown_url);
    let good = probe.good(&mut report).await?;
    match good {
        Good::Wrong => report.skip("upper-case-signature"),
        Good::Handled | Good::Unknown => probe.upper_case(&good, &mut report).await,
    }
    probe.mistakes(&mut report).await;
    if let Good::Handled = good {
        probe.repeats(&mut report).await;
        for salt in further {
            let probe = Probe { bank: bank(salt)?, ..probe };
            let outcome = probe.call(&probe.bank.seal(probe.name, probe.business)).await;
            report.add("further-salt", &outcome, probe.good_findings(&outcome));
        }
    } else {
        for check in ["repeat", "repeat-new-timestamp", "replay", "other-plain", "refused-first", "at-once"] {
            report.skip(check);
        }
        further.iter().for_each(|_| report.skip("further-salt"));
    }
    report.print(context.json)
}

struct Probe<'a> {
    bank: Bank,
    url: &'a str,
    name: &'a str,
    named: bool,
    business: &'a str,
    deadline: Duration,
}

/// How a good call fared.
enum Good {
    /// There is a handler, and all is well.
    Handled,
    /// All is well, but nobody knows our stand-in.
    Unknown,
    Wrong,
}

type Answered = Result<CallbackOutcome, CallError>;

impl Probe<'_> {
    async fn call(&self, call: &SealedCall) -> Answered {
        self.bank.send(self.url, call).await
    }

    /// A good call. Are there handlers to check?
    async fn good(&self, report: &mut Report) -> Result<Good, Failure> {
        let outcome = self.call(&self.bank.seal(self.name, self.business)).await;
        if let Err(CallError::Address(error)) = &outcome {
            return Err(Failure::usage(error));
        }
        let code = outcome.as_ref().ok().and_then(|outcome| outcome.code.as_deref());
        // Nobody has to know our stand-in: to refuse it is right.
        if !self.named && code == Some("0002") {
            let findings = self.findings(&outcome);
            let good = if findings.is_empty() { Good::Unknown } else { Good::Wrong };
            report.add("good-call", &outcome, findings);
            return Ok(good);
        }
        report.add("good-call", &outcome, self.good_findings(&outcome));
        match outcome {
            // There is nobody: everything else would say the same.
            Err(CallError::Transport(error)) if is_nobody(&error) => Err(Failure::failed(error)),
            outcome if self.good_findings(&outcome).is_empty() => Ok(Good::Handled),
            _ => Ok(Good::Wrong),
        }
    }

    /// WB-11: a good call stays one with its signature in upper case.
    async fn upper_case(&self, good: &Good, report: &mut Report) {
        let call = self.bank.seal(self.name, &self.business_with(5));
        let outcome = self.call(&self.bank.upper_case(&call)).await;
        let mut findings = self.good_findings(&outcome);
        findings.retain(|finding| match (finding, good) {
            (Finding::Refused(code), Good::Unknown) => code != "0002",
            _ => true,
        });
        for finding in &mut findings {
            // The salt is right, or the good call would have been refused.
            if matches!(finding, Finding::Refused(code) if code == "0010") {
                *finding = Finding::LetterCase;
            }
        }
        report.add("upper-case-signature", &outcome, findings);
    }

    async fn mistakes(&self, report: &mut Report) {
        for mistake in Mistake::ALL {
            let outcome = self.call(&self.bank.seal_with(*mistake, self.name, self.business)).await;
            report.add(mistake.name(), &outcome, self.findings(&outcome));
        }
    }

    /// One more blank is another Plain, and the same business to whoever handles it. Without it, what is sealed within
    /// one millisecond would have the same Signature, and be a repeat.
    fn business_with(&self, blanks: usize) -> String {
        format!("{}{}", self.business, " ".repeat(blanks))
    }

    async fn repeats(&self, report: &mut Report) {
        let call = self.bank.seal(self.name, &self.business_with(1));
        let first = self.call(&call).await;
        let again = self.call(&call).await;
        report.add("repeat", &again, self.same_findings(&first, &again));
        let stamped = self.call(&self.bank.seal_again(&call)).await;
        report.add("repeat-new-timestamp", &stamped, self.same_findings(&first, &stamped));
        let guessed = format!("{}9", call.seq_no());
        let replayed = self.call(&self.bank.replay(&call, self.name, &guessed)).await;
        report.add("replay", &replayed, self.same_findings(&first, &replayed));
        let other = self.bank.seal_under(&guessed, self.name, &self.business_with(2));
        let other = self.call(&other).await;
        report.add("other-plain", &other, self.good_findings(&other));

        let call = self.bank.seal(self.name, &self.business_with(3));
        let wrong_name = self.bank.replay(&call, "SandboxUnknownTransName", call.seq_no());
        let refused = self.call(&wrong_name).await;
        let real = self.call(&call).await;
        let mut findings = self.good_findings(&real);
        findings.extend(refused.err().map(Finding::Call));
        report.add("refused-first", &real, findings);

        let call = self.bank.seal(self.name, &self.business_with(4));
        let answers = join_all((0..AT_ONCE).map(|_| self.call(&call))).await;
        if let Some((first, others)) = answers.split_first() {
            let findings =
                others.iter().map(|other| self.same_findings(first, other)).find(|found| !found.is_empty());
            report.add("at-once", first, findings.unwrap_or_else(|| self.good_findings(first)));
        }
    }

    /// What is wrong with any answer.
    fn findings(&self, outcome: &Answered) -> Vec<Finding> {
        match outcome {
            Ok(outcome) => {
                let late = (outcome.elapsed > self.deadline).then_some(Finding::Late(outcome.elapsed));
                outcome.violations.iter().cloned().map(Finding::Violation).chain(late).collect()
            }
            Err(error) => vec![Finding::Call(error.clone())],
        }
    }

    /// What is wrong with the answer to a good call.
    fn good_findings(&self, outcome: &Answered) -> Vec<Finding> {
        let mut findings = self.findings(outcome);
        let code = outcome.as_ref().ok().and_then(|outcome| outcome.code.as_deref());
        if let Some(code @ ("0001" | "0002" | "0010" | "0012" | "0016" | "0099" | "0103")) = code {
            findings.push(Finding::Refused(code.to_owned()));
        }
        findings
    }

    /// What is wrong with the answer to a repeat.
    fn same_findings(&self, first: &Answered, again: &Answered) -> Vec<Finding> {
        let mut findings = self.good_findings(again);
        if let (Ok(first), Ok(again)) = (first, again)
            && first.plain.is_some()
            && again.plain.is_some()
            && first.plain != again.plain
        {
            findings.push(Finding::AnotherAnswer);
        }
        findings
    }
}
