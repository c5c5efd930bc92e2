//! Each sentence of SPEC.md §3, §4 and §4.10, and each erratum, both ways: what holds and what does not, what is accepted
//! and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod attributes;
mod cascader;
mod content;
mod dates;
mod errata;
mod external;
mod lists;
mod number;
mod operators;
mod request;
mod saved;
mod table;
mod text;
mod trace;
mod ways;

use rabbitpre_auth::{LineAnswer, Reason, Trace, TraceEntry, Undecidable, check_line};

use crate::ways::{every_way_of_line, known_in_every_way, saved_in_every_way};

/// Runs one condition, given as JSON members, against the attribute `a`, given as JSON (`-`: missing).
#[track_caller]
fn entry(members: &str, had: &str) -> TraceEntry {
    let trace = known_in_every_way(&format!(r#"[{{"englishName":"a",{members}}}]"#), had);
    assert_eq!(trace.allowed, trace.entries[0].held());
    trace.entries[0].clone()
}

#[track_caller]
fn reason(members: &str, had: &str) -> Reason {
    entry(members, had).reason
}

/// The condition of a check, and the same condition saved.
#[track_caller]
fn check(param_type: &str, operator: &str, values: &str, had: &str, expected: Reason) {
    let rest = format!(r#""operator":"{operator}""#);
    let entry = entry(&format!(r#""paramType":"{param_type}",{rest},"values":{values}"#), had);
    assert_eq!(entry.reason, expected, "{param_type} {operator} {values} against {had}");
    // Without a type, a saved condition is told by its value.
    if !param_type.is_empty() {
        let saved = format!(r#"{{"name":"a","type":"{param_type}",{rest},"value":{values}}}"#);
        assert_eq!(saved_in_every_way(&saved, had), entry);
    }
}

#[track_caller]
fn holds(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::Holds);
}

#[track_caller]
fn fails(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::NotSatisfied);
}

/// What the user has cannot be read.
#[track_caller]
fn unreadable(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::UnreadableAttribute);
}

/// What is configured cannot be read.
#[track_caller]
fn invalid(param_type: &str, operator: &str, values: &str, had: &str) {
    check(param_type, operator, values, had, Reason::UnreadableValues);
}

/// A line of `check --batch` that is decided.
#[track_caller]
fn decided(line: &str) -> Trace {
    match check_line(line.as_bytes()).unwrap() {
        LineAnswer::Decided(trace) => {
            assert_eq!(every_way_of_line(line).unwrap(), trace);
            trace
        }
        LineAnswer::Undecidable(reason) => panic!("not decidable: {reason}"),
    }
}

/// A line of `check --batch` that is answered with code 400.
#[track_caller]
fn undecidable(line: &str) -> Undecidable {
    match check_line(line.as_bytes()).unwrap() {
        LineAnswer::Decided(trace) => panic!("decided: {trace:?}"),
        LineAnswer::Undecidable(reason) => {
            assert_eq!(reason.code(), "400");
            assert_eq!(format!("{:?}", every_way_of_line(line).unwrap_err()), format!("{reason:?}"));
            reason
        }
    }
}

/// A condition that `name` is `x`.
fn x(name: &str) -> String {
    format!(r#"{{"englishName":"{name}","paramType":"text","values":"x"}}"#)
}
