//! Faults as text: `webank.call:code=60841018*1`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Target;
use crate::{Fault, FaultKind, FaultSchedule, Operation, Platform, When};

/// A fault specification is not understood: the caller's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fault `{fault}`: {reason}")]
pub struct FaultSpecError {
    fault: String,
    reason: String,
}

impl FaultSpecError {
    /// The fault that is wrong, as it was given.
    #[must_use]
    pub fn fault(&self) -> &str {
        &self.fault
    }

    /// What is wrong with it, and what to write instead.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

const KINDS: &str = "cut-before, cut-after, cut-up=BYTES, cut-down=BYTES, status=N, status-after=N, code=N, \
                     slow=DURATION, half, not-json, empty, state, kick";

impl FromStr for FaultSchedule {
    type Err = FaultSpecError;

    /// An empty text is a schedule without faults.
    fn from_str(text: &str) -> Result<Self, FaultSpecError> {
        if text.trim().is_empty() {
            return Ok(Self::none());
        }
        text.split(',').map(str::parse).collect()
    }
}

impl FromStr for Fault {
    type Err = FaultSpecError;

    fn from_str(text: &str) -> Result<Self, FaultSpecError> {
        let text = text.trim();
        parse(text).map_err(|reason| FaultSpecError { fault: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (target, rest) =
        text.split_once(':').ok_or("write TARGET:KIND, for example `jinlaiban:cut-after@5%`")?;
    let target = parse_target(target.trim())?;
    let (kind, when) = if let Some((kind, times)) = rest.rsplit_once('*') {
        (kind, parse_times(times.trim())?)
    } else if let Some((kind, share)) = rest.rsplit_once('@') {
        (kind, parse_share(share.trim())?)
    } else {
        (rest, When::Always)
    };
    let kind = match kind.split_once('=') {
        Some((kind, argument)) => parse_kind(kind.trim(), Some(argument.trim()))?,
        None => parse_kind(kind.trim(), None)?,
    };
    let platform = match target {
        Target::Any => None,
        Target::Platform(platform) => Some(platform),
        Target::Operation(operation) => Some(operation.platform()),
    };
    match kind {
        FaultKind::State if platform != Some(Platform::Jinlaiban) => {
            Err("`state` is jinlaiban's alone: write `jinlaiban:state`".into())
        }
        FaultKind::Kick if platform != Some(Platform::Webank) => {
            Err("`kick` is webank's alone: write `webank.call:kick`".into())
        }
        kind => Ok(Fault { target, kind, when }),
    }
}

fn parse_target(text: &str) -> Result<Target, String> {
    if text == "any" {
        return Ok(Target::Any);
    }
    let (platform, operation) = match text.split_once('.') {
        Some((platform, operation)) => (platform, Some(operation)),
        None => (text, None),
    };
    let platform = *Platform::ALL
        .iter()
        .find(|known| known.name() == platform)
        .ok_or_else(|| format!("no platform `{platform}`; write any, jinlaiban, yichang or webank"))?;
    let Some(name) = operation else { return Ok(Target::Platform(platform)) };
    let mut own = Operation::ALL.iter().filter(|known| known.platform() == platform);
    own.clone().find(|known| known.name() == name).map(|known| Target::Operation(*known)).ok_or_else(|| {
        let first = own.next().map_or("", |known| known.name());
        let names = own.fold(first.to_owned(), |names, known| names + ", " + known.name());
        format!("{platform} has no operation `{name}`; it has {names}")
    })
}

fn parse_kind(kind: &str, argument: Option<&str>) -> Result<FaultKind, String> {
    let needed =
        |example: &str| argument.ok_or_else(|| format!("`{kind}` needs a value: `{kind}={example}`"));
    let parsed = match kind {
        "status" => FaultKind::Status(parse_status(needed("500")?)?),
        "status-after" => FaultKind::StatusAfter(parse_status(needed("500")?)?),
        "cut-up" => FaultKind::CutUp(parse_bytes(needed("1048576")?)?),
        "cut-down" => FaultKind::CutDown(parse_bytes(needed("1048576")?)?),
        "slow" => FaultKind::Slow(parse_duration(needed("2s")?)?),
        "code" => {
            let code = needed("60841018")?;
            if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("code `{code}` is not digits"));
            }
            FaultKind::Code(code.to_owned())
        }
        _ if argument.is_some() && KINDS.split(", ").any(|known| known == kind) => {
            return Err(format!("`{kind}` takes no value"));
        }
        "cut-before" => FaultKind::CutBefore,
        "cut-after" => FaultKind::CutAfter,
        "half" => FaultKind::Half,
        "not-json" => FaultKind::NotJson,
        "empty" => FaultKind::Empty,
        "state" => FaultKind::State,
        "kick" => FaultKind::Kick,
        _ => return Err(format!("no fault `{kind}`; there are {KINDS}")),
    };
    Ok(parsed)
}

fn parse_status(text: &str) -> Result<u16, String> {
    // Below 200 HTTP expects another answer to follow.
    text.parse()
        .ok()
        .filter(|status| (200..=599).contains(status))
        .ok_or_else(|| format!("`{text}` is no HTTP status that ends an exchange: write 200 to 599"))
}

fn parse_bytes(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number of bytes: write digits"))
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000)];
    units
        .iter()
        .find_map(|(unit, millis)| Some((text.strip_suffix(unit)?, millis)))
        .and_then(|(number, millis)| number.parse::<u32>().ok().map(|number| u64::from(number) * millis))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is no duration: write `200ms`, `2s` or `1m`"))
}

fn parse_times(text: &str) -> Result<When, String> {
    text.parse()
        .ok()
        .filter(|times| *times > 0)
        .map(When::Times)
        .ok_or_else(|| format!("`*{text}` is no number of times: write `*1` or more"))
}

fn parse_share(text: &str) -> Result<When, String> {
    let wrong = || format!("`@{text}` is no share: write `@5%` or `@0.5%`, up to 100, at most four decimals");
    let number = text.strip_suffix('%').ok_or_else(wrong)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || whole.len() > 3 || decimals.len() > 4 {
        return Err(wrong());
    }
    let digits = format!("{whole}{decimals:0<4}");
    match digits.parse() {
        Ok(millionths @ 1..=1_000_000) => Ok(When::Share { millionths }),
        _ => Err(wrong()),
    }
}

impl fmt::Display for FaultSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for fault in &self.faults {
            write!(f, "{between}{fault}")?;
            between = ",";
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.target {
            Target::Any => f.write_str("any")?,
            Target::Platform(platform) => write!(f, "{platform}")?,
            Target::Operation(operation) => write!(f, "{}.{operation}", operation.platform())?,
        }
        write!(f, ":{}", self.kind)?;
        match self.when {
            When::Always => Ok(()),
            When::Times(times) => write!(f, "*{times}"),
            When::Share { millionths } => {
                let (whole, decimals) = (millionths / 10_000, millionths % 10_000);
                let decimals = format!(".{decimals:04}");
                let decimals = decimals.trim_end_matches('0').trim_end_matches('.');
                write!(f, "@{whole}{decimals}%")
            }
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutBefore => f.write_str("cut-before"),
            Self::CutAfter => f.write_str("cut-after"),
            Self::CutUp(bytes) => write!(f, "cut-up={bytes}"),
            Self::CutDown(bytes) => write!(f, "cut-down={bytes}"),
            Self::Status(status) => write!(f, "status={status}"),
            Self::StatusAfter(status) => write!(f, "status-after={status}"),
            Self::Code(code) => write!(f, "code={code}"),
            Self::Slow(time) => write!(f, "slow={}ms", time.as_millis()),
            Self::Half => f.write_str("half"),
            Self::NotJson => f.write_str("not-json"),
            Self::Empty => f.write_str("empty"),
            Self::State => f.write_str("state"),
            Self::Kick => f.write_str("kick"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Fault) {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault, expected);
        assert_eq!(fault.to_string().parse(), Ok(expected)); // what is shown can be read again
    }

    #[test]
    fn every_part_of_a_fault_is_read() {
        check("any:half", Fault::always(Target::Any, FaultKind::Half));
        check("jinlaiban:cut-after@5%", Fault::percent(Platform::Jinlaiban, FaultKind::CutAfter, 5));
        check(
            "webank.call:code=60841018*1",
            Fault::once(Operation::Call, FaultKind::Code("60841018".into())),
        );
        check("yichang:slow=2s", Fault::always(Platform::Yichang, FaultKind::Slow(Duration::from_secs(2))));
        check(
            "yichang.todo:slow=200ms*3",
            Fault::times(Operation::Todo, FaultKind::Slow(Duration::from_millis(200)), 3),
        );
        check("any:slow=1m", Fault::always(Target::Any, FaultKind::Slow(Duration::from_secs(60))));
        check(
            " jinlaiban.push : status = 502 * 2 ",
            Fault::times(Operation::Push, FaultKind::Status(502), 2),
        );
        check("any:status-after=504", Fault::always(Target::Any, FaultKind::StatusAfter(504)));
        check("webank.upload-json:cut-before", Fault::always(Operation::UploadJson, FaultKind::CutBefore));
        check("webank.token:kick*1", Fault::once(Operation::Token, FaultKind::Kick));
        check("jinlaiban:state", Fault::always(Platform::Jinlaiban, FaultKind::State));
        check("webank.upload:cut-up=0*1", Fault::once(Operation::Upload, FaultKind::CutUp(0)));
        check(
            "webank.download:cut-down=1048576",
            Fault::always(Operation::Download, FaultKind::CutDown(1 << 20)),
        );
        check("any:not-json", Fault::always(Target::Any, FaultKind::NotJson));
        check("any:empty@100%", Fault::percent(Target::Any, FaultKind::Empty, 100));
        let half_a_percent =
            Fault { target: Target::Any, kind: FaultKind::Half, when: When::Share { millionths: 5_000 } };
        check("any:half@0.5%", half_a_percent);
    }

    #[track_caller]
    fn check_wrong(text: &str, reason: &str) {
        let error = text.parse::<FaultSchedule>().unwrap_err();
        assert!(error.reason().contains(reason), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        check_wrong("half", "write TARGET:KIND");
        check_wrong("any:half,", "write TARGET:KIND");
        check_wrong("bank:half", "no platform `bank`");
        check_wrong("rabbitpre:half", "no platform `rabbitpre`");
        check_wrong("yichang.push:half", "yichang has no operation `push`; it has login, todo");
        check_wrong("any:explode", "no fault `explode`; there are cut-before");
        check_wrong("any:half=1", "`half` takes no value");
        check_wrong("any:status", "`status` needs a value");
        check_wrong("any:status=99", "no HTTP status");
        check_wrong("any:status=101", "no HTTP status");
        check_wrong("any:status=abc", "no HTTP status");
        check_wrong("any:code=", "is not digits");
        check_wrong("any:code=6084x", "is not digits");
        check_wrong("any:slow=2", "no duration");
        check_wrong("any:slow=-2s", "no duration");
        check_wrong("any:slow=2h", "no duration");
        check_wrong("any:cut-up", "`cut-up` needs a value: `cut-up=1048576`");
        check_wrong("any:cut-down=1 MiB", "no number of bytes");
        check_wrong("any:cut-down=-1", "no number of bytes");
        check_wrong("any:half*0", "no number of times");
        check_wrong("any:half*x", "no number of times");
        check_wrong("any:half@5", "no share");
        check_wrong("any:half@0%", "no share");
        check_wrong("any:half@101%", "no share");
        check_wrong("any:half@1.00000%", "no share");
        check_wrong("any:half@.5%", "no share");
        check_wrong("yichang:state", "`state` is jinlaiban's alone");
        check_wrong("any:kick", "`kick` is webank's alone");
    }

    #[test]
    fn a_schedule_is_shown_as_it_is_read() {
        let text = "any:half*2,jinlaiban.push:state,webank:code=60841017@0.25%";
        assert_eq!(text.parse::<FaultSchedule>().unwrap().to_string(), text);
        assert_eq!("".parse(), Ok(FaultSchedule::none()));
    }
}
