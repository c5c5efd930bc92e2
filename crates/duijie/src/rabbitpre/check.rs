//! `duijie rabbitpre check`: a decision and its trace, without a server.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use rabbitpre_auth::{
    Attributes, Check, CheckRequest, LineAnswer, MemoryAttributes, Setting, Trace, check_line,
    read as read_json,
};

use super::read;
use crate::{
    context::Context,
    exit::{Exit, Failure},
    lines, output,
};

/// `duijie rabbitpre check`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Decide JSON lines from stdin: `{"request":{…},"attributes":{…},"settings":{"<configId>":{…}}}`.
    #[arg(long)]
    pub(crate) batch: bool,
    /// The body of a check, as the platform POSTs it.
    #[arg(long, value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    request: Option<PathBuf>,
    /// What is known of users: JSON object audid → attributes, or JSON lines `{"audid","attributes"}`.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    attributes: Option<PathBuf>,
    /// Saved settings: JSON object configId → save body.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    settings: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Some(request) = &args.request else {
        return lines::answer_stdin(answer);
    };
    let body = read(request)?;
    read_json(&body).map_err(|error| Failure::failed(format!("request `{}`: {error}", request.display())))?;
    let answer = match CheckRequest::parse(&body) {
        Ok(request) => LineAnswer::Decided(decide(&request, args)?),
        Err(reason) => LineAnswer::Undecidable(reason),
    };
    if context.json {
        return output::whole(|out| writeln!(out, "{}", answer.to_json()));
    }
    output::whole(|out| match &answer {
        LineAnswer::Decided(trace) => show(trace, out),
        LineAnswer::Undecidable(reason) => writeln!(out, "✗ 不予通过：请求无法判定（{reason}）"),
    })
}

fn decide(request: &CheckRequest<'_>, args: &Args) -> Result<Trace, Failure> {
    let known = match &args.attributes {
        Some(path) => MemoryAttributes::parse(&read(path)?)
            .map_err(|error| Failure::usage(format!("attributes `{}`: {error}", path.display())))?,
        None => MemoryAttributes::default(),
    };
    let setting = match (&args.settings, request.setting_id()) {
        (Some(path), Some(id)) => {
            let bytes = read(path)?;
            let value = read_json(&bytes)
                .map_err(|error| Failure::usage(format!("settings `{}`: {error}", path.display())))?;
            let settings = value.as_object().ok_or_else(|| {
                Failure::usage(format!(
                    "settings `{}`: not an object from configId to save body",
                    path.display()
                ))
            })?;
            settings.get(id).map(Setting::from_value)
        }
        _ => None,
    };
    let attributes = known.get(request.user().audid());
    let attributes: &Attributes<'_> = &attributes;
    Ok(Check::new(request, setting.as_ref()).explain(attributes))
}

/// For the people who configure conditions, so in Chinese.
fn show(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", if trace.allowed { "✓ 通过" } else { "✗ 不予通过" })?;
    if let Some(reason) = trace.external {
        writeln!(out, "  外部校验：{}", reason.chinese())?;
    }
    for entry in &trace.entries {
        let mark = if entry.held() { '✓' } else { '✗' };
        writeln!(out, "  {mark} {}：{}", entry.name, entry.reason.chinese())?;
        let operator = entry.operator.as_deref().unwrap_or("-");
        let (expected, had) = (serde_json::to_string(&entry.expected)?, serde_json::to_string(&entry.had)?);
        writeln!(out, "      运算符 {operator}，期望 {expected}，用户 {had}")?;
    }
    Ok(())
}

/// One answer a line. A line that holds no check spoils the exit code; a check that is not decidable is a denial.
fn answer(_: u64, line: &[u8], out: &mut dyn Write) -> io::Result<Exit> {
    match check_line(line) {
        Ok(answer) => {
            writeln!(out, "{}", answer.to_json())?;
            Ok(Exit::Done)
        }
        Err(error) => {
            writeln!(out, "{}", error.to_json())?;
            Ok(Exit::Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::answers;

    #[test]
    fn denials_are_done_and_unreadable_lines_are_failures() {
        let allowed = ("{\"allowed\":true,\"trace\":[]}\n".to_owned(), Exit::Done);
        assert_eq!(answers("{\"request\":{\"userParam\":{\"audid\":1}}}\n", answer), allowed);
        let (undecidable, exit) = answers("{\"request\":{}}\n", answer);
        assert_eq!(exit, Exit::Done);
        let (unreadable, exit) = answers("no\n{}", answer);
        assert_eq!(exit, Exit::Failed);
        let lines: Vec<serde_json::Value> =
            (undecidable + &unreadable).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line["allowed"] == false && line["error"].is_string()), "{lines:?}");
        assert!(lines[0]["trace"].is_array() && lines[1]["trace"].is_null());
    }
}
