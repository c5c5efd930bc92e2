//! `duijie rabbitpre check`: a decision and its trace, without a server.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use rabbitpre_auth::{
    AttributeSource as _, Attributes, Check, CheckRequest, LineAnswer, Setting, SourceOptions, Undecidable,
    check_line, read as read_json,
};

use super::{read, source, table, unreadable};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    lang::Lang,
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
    /// What is known of users: JSON object audid → attributes, JSON lines `{"audid","attributes"}`, or a table `.csv`;
    /// or what else `serve` takes.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    attributes: Option<String>,
    /// Saved settings: JSON object configId → save body.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    settings: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Some(request) = &args.request else {
        return lines::answer_stdin(answer);
    };
    let body = read(request)?;
    read_json(&body).map_err(|error| Failure::failed(unreadable("request", request, &body, error)))?;
    let answer = match CheckRequest::parse(&body) {
        Ok(request) => decide(&request, args).await?,
        Err(reason) => LineAnswer::Undecidable(reason),
    };
    if context.json {
        return output::whole(|out| writeln!(out, "{}", answer.to_json()));
    }
    // For the people who set the conditions, whatever the machine's locale is: Chinese, unless somebody asks otherwise.
    let lang = context.asked_lang.unwrap_or(Lang::Zh);
    output::whole(|out| match &answer {
        LineAnswer::Decided(trace) => table::show(lang, trace, out),
        LineAnswer::Undecidable(reason) => {
            let words = lang.pick(
                format!("请求无法判定：{}", reason.chinese()),
                format!("the request cannot be decided: {reason}"),
            );
            writeln!(out, "{}\n{words}", table::denied(lang))
        }
    })
}

async fn decide(request: &CheckRequest<'_>, args: &Args) -> Result<LineAnswer, Failure> {
    let setting = match (&args.settings, request.setting_id()) {
        (Some(path), Some(id)) => {
            let bytes = read(path)?;
            let value = read_json(&bytes)
                .map_err(|error| Failure::usage(unreadable("settings", path, &bytes, error)))?;
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
    let check = Check::new(request, setting.as_ref());
    let Some(attributes) = &args.attributes else {
        return Ok(LineAnswer::Decided(check.explain(&Attributes::default())));
    };
    let source = source(attributes, SourceOptions::default()).await?;
    let names: Vec<&str> = check.names().collect();
    // Bound, as the answer borrows from the question.
    let fetched = source.fetch(request.user(), &names).await;
    Ok(match fetched {
        Ok(attributes) => LineAnswer::Decided(check.explain(&attributes)),
        Err(error) => LineAnswer::Undecidable(Undecidable::SourceFailed(error)),
    })
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
