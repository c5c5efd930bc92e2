//! What the doctor says, as one JSON document.

use serde_json::{Value, json};
use sign_doctor::{Explanation, Severity, Verdict};

use super::Report;
use crate::lang::Lang;

pub(super) fn of(report: &Report<'_>, lang: Lang) -> Value {
    let doctors = lang.doctors();
    let texts = |words: &[sign_doctor::Words]| {
        words.iter().map(|it| it.get(doctors).to_owned()).collect::<Vec<String>>()
    };
    let explanation = |explanation: &Explanation| {
        let mistakes = explanation.mistakes.iter().map(|mistake| {
            json!({
                "kind": mistake.kind,
                "message": mistake.message.get(doctors),
                "fix": mistake.fix.get(doctors),
                "section": mistake.section,
            })
        });
        json!({ "mistakes": mistakes.collect::<Vec<_>>(), "sameText": explanation.same_text })
    };
    let remarks = report.remarks.iter().map(|remark| {
        let severity = match remark.severity {
            Severity::Wrong => "wrong",
            Severity::Odd => "odd",
        };
        json!({ "kind": remark.kind, "severity": severity, "message": remark.message.get(doctors) })
    });
    let diagnosis = report.diagnosis.as_ref();
    let verdict = match diagnosis.map(|it| it.verdict) {
        None => "unsigned",
        Some(Verdict::Right) => "right",
        Some(Verdict::Mistaken) => "mistaken",
        Some(Verdict::Unexplained) => "unexplained",
    };
    let difference =
        report.signed.as_deref().and_then(|signed| super::show::difference(signed, &report.right));
    json!({
        "verdict": verdict,
        "scheme": report.platform.name(),
        "got": report.got.map(str::trim),
        "explanations": diagnosis.map_or_else(Vec::new, |it| it.explanations.iter().map(explanation).collect()),
        "omitted": diagnosis.map_or(0, |it| it.omitted),
        "remarks": remarks.collect::<Vec<_>>(),
        "stages": report.right,
        "signedStages": report.signed,
        "difference": difference,
        "tried": diagnosis.map(|it| it.tried),
        "exhausted": diagnosis.map(|it| it.exhausted),
        "excluded": diagnosis.map_or_else(Vec::new, |it| texts(&it.excluded)),
        "next": diagnosis.map_or_else(Vec::new, |it| texts(&it.next)),
        "secrets": report.case.secrets().iter().map(|named| named.name.as_str()).collect::<Vec<_>>(),
    })
}
