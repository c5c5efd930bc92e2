//! The evaluator against a slow, obvious reference model, over generated conditions and users.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod agreement;
mod generate;
mod reference;
mod value;
mod whole;

use proptest::prelude::*;
use rabbitpre_auth::{LineAnswer, check_line};

use crate::agreement::{agrees, whole_agrees};
use crate::generate::json;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluator_agrees_with_the_model((param_type, operator, values, had) in generate::case()) {
        agrees(param_type, operator, &values, had.as_ref());
    }

    #[test]
    fn whole_checks_agree_with_the_model((request, attributes, saved) in generate::check()) {
        whole_agrees(&request, &attributes, &saved);
    }

    #[test]
    fn any_json_in_any_place_is_answered(request in json(), attributes in json(), settings in json()) {
        let line = format!(r#"{{"request":{request},"attributes":{attributes},"settings":{{"s":{settings}}}}}"#);
        if let Ok(LineAnswer::Decided(trace)) = check_line(line.as_bytes()) {
            assert!(trace.allowed || !trace.entries.is_empty() || trace.external.is_some());
        }
    }
}
