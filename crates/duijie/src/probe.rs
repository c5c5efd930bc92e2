//! What the probes of other people's servers share: the report, for people and for machines.

use std::time::Duration;

use platform_http::{ErrorKind, TransportError};
use serde::Serialize;

use crate::{
    exit::{Exit, Failure},
    lang::Lang,
    output,
};

/// There is no server at all: everything else would say the same.
pub(crate) fn is_nobody(error: &TransportError) -> bool {
    use ErrorKind::{Connect, InvalidRequest, Proxy, Tls};
    matches!(error.kind(), Connect(_) | InvalidRequest(_) | Proxy(_) | Tls(_))
}

/// How bad a finding is. The worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Right as it is, and worth knowing.
    Note,
    /// Not what the document says, and nobody comes to harm.
    Warning,
    /// Wrong.
    Error,
}

/// One check, and what came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    check: &'static str,
    /// The section of the protocol that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'static str>,
    /// `ok`, `wrong`, `warning`, `note` or `skipped`.
    result: &'static str,
    status: Option<u16>,
    code: Option<String>,
    millis: Option<u128>,
    findings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip)]
    title: (&'static str, &'static str),
}

impl Check {
    /// A check that found nothing so far. `check` names it for machines, `title` in Chinese and in English.
    pub(crate) fn new(check: &'static str, title: (&'static str, &'static str)) -> Self {
        Self {
            check,
            section: None,
            result: "ok",
            status: None,
            code: None,
            millis: None,
            findings: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            title,
        }
    }

    /// The section of the protocol that it is about.
    pub(crate) fn section(mut self, section: &'static str) -> Self {
        self.section = Some(section);
        self
    }

    /// How its call was answered. Where it makes several, status and code say nothing, and the longest time is told.
    pub(crate) fn answered(&mut self, status: u16, code: Option<&str>, elapsed: Duration) {
        let first = self.millis.is_none();
        self.status = Some(status).filter(|_| first);
        self.code = code.filter(|_| first).map(|code| sign_core::shown(code).into());
        self.millis = Some(elapsed.as_millis()).max(self.millis);
    }

    pub(crate) fn add(&mut self, severity: Severity, text: String) {
        let texts = match severity {
            Severity::Error => &mut self.findings,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        };
        // What is said of a hundred answers is said once.
        if !texts.contains(&text) {
            texts.push(text);
        }
        self.result = match self.worst() {
            Some(Severity::Error) => "wrong",
            Some(Severity::Warning) => "warning",
            Some(Severity::Note) => "note",
            None => "ok",
        };
    }

    /// It could not be made.
    pub(crate) fn skip(mut self) -> Self {
        self.result = "skipped";
        self
    }

    fn worst(&self) -> Option<Severity> {
        [
            (&self.findings, Severity::Error),
            (&self.warnings, Severity::Warning),
            (&self.notes, Severity::Note),
        ]
        .into_iter()
        .find(|(texts, _)| !texts.is_empty())
        .map(|(_, severity)| severity)
    }

    /// Mark, section, title, code; then what was found, a line each.
    fn lines(&self, lang: Lang, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        let mark = match self.result {
            "ok" => lang.pick("正确", "ok     "),
            "wrong" => lang.pick("错误", "WRONG  "),
            "warning" => lang.pick("警告", "warning"),
            "note" => lang.pick("提示", "note   "),
            _ => lang.pick("未查", "skipped"),
        };
        let section = self.section.map_or_else(String::new, |section| format!("{section} "));
        let title = lang.pick(self.title.0, self.title.1);
        let code = self.code.as_deref().map_or_else(String::new, |code| format!(" → {code}"));
        writeln!(out, "{mark} {section}{title}{code}")?;
        let (warning, note) = (lang.pick("警告：", "warning: "), lang.pick("提示：", "note: "));
        for (texts, before) in [(&self.findings, ""), (&self.warnings, warning), (&self.notes, note)] {
            for text in texts {
                writeln!(out, "        {before}{text}")?;
            }
        }
        Ok(())
    }
}

/// The report.
#[derive(Serialize)]
pub(crate) struct Report {
    #[serde(skip)]
    lang: Lang,
    url: String,
    wrong: usize,
    #[serde(skip_serializing_if = "is_zero")]
    warnings: usize,
    #[serde(skip_serializing_if = "is_zero")]
    notes: usize,
    checks: Vec<Check>,
    /// What stays behind on the server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Report {
    pub(crate) fn new(lang: Lang, url: &str) -> Self {
        Self {
            lang,
            url: url.to_owned(),
            wrong: 0,
            warnings: 0,
            notes: 0,
            checks: Vec::new(),
            left: Vec::new(),
        }
    }

    pub(crate) const fn lang(&self) -> Lang {
        self.lang
    }

    pub(crate) fn add(&mut self, check: Check) {
        let count = match check.result {
            "wrong" => &mut self.wrong,
            "warning" => &mut self.warnings,
            "note" => &mut self.notes,
            _ => &mut 0,
        };
        *count = count.saturating_add(1);
        self.checks.push(check);
    }

    /// What the probe made on the server and cannot take away again.
    pub(crate) fn leaves(&mut self, what: Vec<String>) {
        self.left = what;
    }

    /// Prints it. `hint` says what is to be done about what was skipped. Exit 1 if anything is wrong.
    pub(crate) fn print(&self, json: bool, hint: (&str, &str)) -> Result<Exit, Failure> {
        if json {
            output::json(self)?;
        } else {
            output::whole(|out| self.lines(hint, out))?;
        }
        Ok(if self.wrong == 0 { Exit::Done } else { Exit::Failed })
    }

    fn lines(&self, hint: (&str, &str), out: &mut dyn std::io::Write) -> std::io::Result<()> {
        let lang = self.lang;
        self.checks.iter().try_for_each(|check| check.lines(lang, out))?;
        let skipped = self.checks.iter().filter(|check| check.result == "skipped").count();
        let (all, wrong) = (self.checks.len(), self.wrong);
        let count = |number: usize, zh: &str, en: &str| match (number, lang) {
            (0, _) => String::new(),
            (_, Lang::Zh) => format!("{number} 项{zh}，"),
            (1, Lang::En) => format!("1 {en}, "),
            (_, Lang::En) => format!("{number} {en}s, "),
        };
        let further = count(self.warnings, "警告", "warning") + &count(self.notes, "提示", "note");
        match lang {
            Lang::Zh => writeln!(out, "共 {all} 项：{wrong} 项错误，{further}{skipped} 项未查")?,
            Lang::En => writeln!(out, "{all} checks: {wrong} wrong, {further}{skipped} skipped")?,
        }
        if skipped > 0 {
            writeln!(out, "{}", lang.pick(hint.0, hint.1))?;
        }
        if !self.left.is_empty() {
            let left = self.left.join(lang.pick("、", ", "));
            match lang {
                Lang::Zh => writeln!(out, "在服务器上留下了无法删除的配置：{left}")?,
                Lang::En => writeln!(out, "left behind on the server, for it cannot be deleted: {left}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(severities: &[Severity], result: &str) {
        let mut check = Check::new("c", ("检查", "a check"));
        for severity in severities {
            check.add(*severity, format!("{severity:?}"));
        }
        assert_eq!(check.result, result);
    }

    #[test]
    fn the_worst_finding_is_the_result() {
        check(&[], "ok");
        check(&[Severity::Note], "note");
        check(&[Severity::Note, Severity::Warning], "warning");
        check(&[Severity::Error, Severity::Note, Severity::Error], "wrong");
    }

    #[test]
    fn the_lines_are_for_people() {
        let mut report = Report::new(Lang::En, "http://h");
        let mut wrong = Check::new("c", ("检查", "a check")).section("§4.1");
        wrong.answered(200, Some("400"), Duration::from_millis(3));
        wrong.add(Severity::Error, "bad".to_owned());
        wrong.add(Severity::Note, "well".to_owned());
        report.add(wrong);
        report.add(Check::new("d", ("另一", "another")).skip());
        report.leaves(vec!["a-1".to_owned()]);
        let shown = |report: &Report| {
            let mut out = Vec::new();
            report.lines(("给出", "give more"), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            shown(&report),
            "WRONG   §4.1 a check → 400\n        bad\n        note: well\nskipped another\n2 checks: 1 wrong, 1 skipped\n\
             give more\nleft behind on the server, for it cannot be deleted: a-1\n"
        );
        report.lang = Lang::Zh;
        assert!(shown(&report).contains("共 2 项：1 项错误，1 项未查\n给出\n"));
    }
}
