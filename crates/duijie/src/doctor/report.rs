//! What the doctor says, for people: the verdict first, then why, then the text to sign stage by stage.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use indicatif::ProgressBar;
use sign_doctor::{Diagnosis, DigestKind, Explanation, Mistake, Mutation, Platform, Severity, Verdict};

use super::Report;
use super::paint::Paint;
use super::show::{compare, list, visible};
use crate::lang::Lang;

/// So many explanations are written out; `--json` has them all.
const WRITTEN_OUT: usize = 10;

pub(super) fn of(report: &Report<'_>, lang: Lang, paint: Paint) -> String {
    let mut page = Page { text: String::new(), lang, paint };
    let refused = report.remarks.iter().any(|remark| remark.severity == Severity::Wrong);
    match &report.diagnosis {
        None if refused => {
            page.line(&paint.bad(
                lang.pick("✗ 请求有误（没有给出签名）", "✗ the request is wrong (no signature is given)"),
            ))
        }
        None => page.line(lang.pick(
            "· 没有给出签名，请求看起来没有问题",
            "· no signature is given, and nothing about the request is certainly wrong",
        )),
        Some(diagnosis) => match diagnosis.verdict {
            Verdict::Right => page.right(report, refused),
            Verdict::Mistaken => page.mistaken(report, diagnosis),
            Verdict::Unexplained => page.unexplained(diagnosis),
        },
    }
    page.remarks(report);
    page.stages(report);
    page.text
}

struct Page {
    text: String,
    lang: Lang,
    paint: Paint,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, zh: &str, en: &str) {
        let heading = self.paint.bold(self.lang.pick(zh, en));
        self.line(&format!("\n{heading}"));
    }

    fn right(&mut self, report: &Report<'_>, refused: bool) {
        let name = report.case.secrets().first().map_or("", |named| named.name.as_str());
        let line = match self.lang {
            Lang::Zh => format!("✓ 签名正确（使用 {name} 里的密钥）"),
            Lang::En => format!("✓ the signature is right (signed with the secret in {name})"),
        };
        let line = self.paint.good(&line);
        self.line(&line);
        if refused {
            let line = self.lang.pick(
                "  但平台仍会拒绝这个请求：见下",
                "  but the platform would refuse the request all the same: see below",
            );
            let line = self.paint.odd(line);
            self.line(&line);
        }
    }

    fn mistaken(&mut self, report: &Report<'_>, diagnosis: &Diagnosis) {
        let Some(first) = diagnosis.explanations.first() else { return };
        let count = first.mistakes.len();
        let line = match (self.lang, count) {
            (Lang::Zh, _) => format!("✗ 签名错误：{count} 处错误可以解释它"),
            (Lang::En, 1) => "✗ the signature is wrong: one mistake explains it".to_owned(),
            (Lang::En, _) => format!("✗ the signature is wrong: {count} mistakes together explain it"),
        };
        let line = self.paint.bad(&line);
        self.line(&line);
        for (at, mistake) in first.mistakes.iter().enumerate() {
            self.mistake(at + 1, mistake);
        }
        if matches!(report.platform, Platform::YichangSha1)
            && first.mistakes.iter().any(|it| it.mutation == Mutation::Digest(DigestKind::Md5))
        {
            // YC-1
            let line = self.lang.pick(
                "   注意：文档正文要求 SHA-1，示例却是 MD5；平台究竟接受哪个，用 `duijie yichang login --digest detect` 试出，\
                 若是 MD5 则用 `--digest md5` 检查",
                "   note: the document's text asks for SHA-1, its example shows MD5; `duijie yichang login --digest detect` \
                 finds out which one the platform takes; if it is MD5, examine with `--digest md5`",
            );
            self.line(line);
        }
        self.others(diagnosis);
    }

    fn mistake(&mut self, number: usize, mistake: &Mistake) {
        let (lang, paint) = (self.lang, self.paint);
        let message = visible(mistake.message.get(lang.doctors()));
        let errata = mistake.section.map(errata).unwrap_or_default();
        let between = lang.pick("：", ": ");
        let errata = if errata.is_empty() { String::new() } else { format!("{between}{errata}") };
        self.line(&format!("\n{number}. {}{errata}", paint.bold(&message)));
        let fix = visible(mistake.fix.get(lang.doctors()));
        self.line(&format!("   {}{}", lang.pick("改正：", "fix: "), paint.good(&fix)));
        if let Some(section) = mistake.section {
            self.line(&format!("   {}{}", lang.pick("依据：", "see: "), section));
        }
    }

    /// All that fits is told.
    fn others(&mut self, diagnosis: &Diagnosis) {
        let others = diagnosis.explanations.get(1..).unwrap_or_default();
        if others.is_empty() {
            return;
        }
        self.heading("其他同样符合的解释", "other explanations that fit as well");
        for explanation in others.iter().take(WRITTEN_OUT) {
            let line = self.in_short(explanation);
            self.line(&line);
        }
        let more = others.len().saturating_sub(WRITTEN_OUT).saturating_add(diagnosis.omitted);
        if more > 0 {
            let line = match self.lang {
                Lang::Zh => format!("  另有 {more} 种（--json 列出更多）"),
                Lang::En => format!("  and {more} more (--json lists them)"),
            };
            self.line(&line);
        }
    }

    fn in_short(&self, explanation: &Explanation) -> String {
        let messages = explanation.mistakes.iter().map(|it| visible(it.message.get(self.lang.doctors())));
        let same = match explanation.same_text {
            true => self
                .lang
                .pick("（待签名文本相同，无从区分）", " (the same text to sign: nothing tells them apart)"),
            false => "",
        };
        format!("  · {}{same}", messages.collect::<Vec<_>>().join(self.lang.pick("；", "; ")))
    }

    fn unexplained(&mut self, diagnosis: &Diagnosis) {
        let line = self.lang.pick(
            "✗ 签名错误，试过的错误都不能解释它",
            "✗ the signature is wrong, and no mistake that was tried explains it",
        );
        let line = self.paint.bad(line);
        self.line(&line);
        let doctors = self.lang.doctors();
        self.heading("已经排除", "ruled out");
        for words in &diagnosis.excluded {
            self.line(&format!("  · {}", visible(words.get(doctors))));
        }
        self.heading("接下来检查", "what to check next");
        for words in &diagnosis.next {
            self.line(&format!("  · {}", visible(words.get(doctors))));
        }
    }

    fn remarks(&mut self, report: &Report<'_>) {
        if report.remarks.is_empty() {
            return;
        }
        self.heading("请求本身", "about the request");
        for remark in &report.remarks {
            let message = visible(remark.message.get(self.lang.doctors()));
            let line = match remark.severity {
                Severity::Wrong => format!("  {} {message}", self.paint.bad("✗")),
                Severity::Odd => format!("  {} {message}", self.paint.odd("?")),
            };
            self.line(&line);
        }
    }

    fn stages(&mut self, report: &Report<'_>) {
        let Some(signed) = &report.signed else {
            self.heading("应当这样签名", "how it is signed, step by step");
            self.text.push_str(&list(&report.right, self.paint, self.lang));
            return;
        };
        self.heading(
            "实际签的（-）与应当签的（+）",
            "what was signed (-) and what should be signed (+), step by step",
        );
        self.text.push_str(&compare(signed, &report.right, self.paint, self.lang));
        if let Some(at) = report.unseen {
            let _ = match self.lang {
                Lang::Zh => writeln!(self.text, "  不同之处在未显示的报文里，从第 {at} 个字符起"),
                Lang::En => writeln!(
                    self.text,
                    "  they part within the body, which is not shown, at its character {at}"
                ),
            };
        }
    }
}

/// The errata of a section: `YC-1` of `yichang SPEC.md §2.3, YC-1`.
fn errata(section: &str) -> &str {
    section.split_once(", ").map_or("", |(_, errata)| errata)
}

/// How far the search is, on stderr, where somebody looks at it.
pub(super) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn start() -> Self {
        Self(std::io::stderr().is_terminal().then(ProgressBar::new_spinner))
    }

    pub(super) fn tell(&self, at: sign_doctor::Progress) {
        if let Some(bar) = &self.0 {
            bar.set_message(format!("{}× · {}", at.mistakes, at.tried));
            bar.tick();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
