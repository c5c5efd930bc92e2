//! Rabbitpre's rules: compile, evaluate, body to decision, each beside its floor: the rule written by hand over the same
//! texts, and `serde_json` reading the same body into borrowed types.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::borrow::Cow;
use std::hint::black_box;

use benches::rules::{
    CONDITIONS, FIRST_FAILS, LAST_FAILS, PASSES, among, body, hand_written, person, repeated, small_body,
};
use criterion::{Criterion, criterion_group, criterion_main};
use rabbitpre_auth::{Attributes, Check, CheckRequest, Program, Programs};
use serde::Deserialize;

fn evaluate(criterion: &mut Criterion) {
    let eight = small_body(CONDITIONS);
    let request = CheckRequest::parse(eight.as_bytes()).unwrap();
    let (check, program) = (Check::new(&request, None), Program::compile(request.conditions()));
    let mut group = criterion.benchmark_group("rules/8");
    let person = person();
    group.bench_function("floor: by hand", |bencher| bencher.iter(|| hand_written(black_box(&person))));
    for (name, user) in [("pass", PASSES), ("first fails", FIRST_FAILS), ("last fails", LAST_FAILS)] {
        let user = Attributes::parse(user.as_bytes()).unwrap();
        group.bench_function(format!("holds, {name}"), |b| b.iter(|| program.holds(black_box(&user))));
        group.bench_function(format!("decide, {name}"), |b| b.iter(|| check.decide(black_box(&user))));
    }
    group.finish();

    let user = Attributes::parse(PASSES.as_bytes()).unwrap();
    for conditions in [1, 10, 1000] {
        let body = small_body(&repeated(conditions));
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let program = Program::compile(request.conditions());
        criterion.bench_function(&format!("rules/{conditions}/holds"), |bencher| {
            bencher.iter(|| program.holds(black_box(&user)));
        });
    }
    let user = Attributes::parse(br#"{"key":"k3"}"#).unwrap();
    for size in [4, 10_000] {
        let body = small_body(&among(size));
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        let program = Program::compile(request.conditions());
        criterion.bench_function(&format!("rules/in {size}"), |bencher| {
            bencher.iter(|| program.holds(black_box(&user)));
        });
    }
}

fn compile(criterion: &mut Criterion) {
    let eight = small_body(CONDITIONS);
    let mut group = criterion.benchmark_group("rules/compile");
    group.bench_function("8, from the bytes of a request", |bencher| {
        bencher.iter(|| {
            let request = CheckRequest::parse(black_box(eight.as_bytes())).unwrap();
            Program::compile(request.conditions()).len()
        });
    });
    group.bench_function("8, and the bytes of a user, to a decision", |bencher| {
        bencher.iter(|| {
            let request = CheckRequest::parse(black_box(eight.as_bytes())).unwrap();
            let user = Attributes::parse(black_box(PASSES.as_bytes())).unwrap();
            Program::compile(request.conditions()).holds(&user)
        });
    });
    group.finish();
}

fn bodies(criterion: &mut Criterion) {
    let body = body();
    let body = body.as_bytes();
    let user = Attributes::parse(PASSES.as_bytes()).unwrap();
    let eight = small_body(CONDITIONS);
    let request = CheckRequest::parse(eight.as_bytes()).unwrap();
    let program = Program::compile(request.conditions());
    let mut group = criterion.benchmark_group("rules/body");
    group.bench_function("floor: serde_json into types, then evaluate", |bencher| {
        bencher.iter(|| {
            let request: Request<'_> = serde_json::from_slice(black_box(body)).unwrap();
            (request.auth_params.len(), program.holds(black_box(&user)))
        });
    });
    let kept = Programs::new(1024);
    group.bench_function("program known", |bencher| {
        bencher.iter(|| kept.prepare(black_box(body)).unwrap().check(None).decide(black_box(&user)));
    });
    let none = Programs::new(0);
    group.bench_function("nothing known", |bencher| {
        bencher.iter(|| none.prepare(black_box(body)).unwrap().check(None).decide(black_box(&user)));
    });
    group.finish();
}

/// What somebody who knows the platform's bodies would have `serde_json` read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading it is what is measured")]
struct Request<'a> {
    interface_name: &'a str,
    check_type: &'a str,
    external_config_id: Option<&'a str>,
    #[serde(borrow)]
    user_param: UserParam<'a>,
    auth_params: Vec<AuthParam<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading it is what is measured")]
struct UserParam<'a> {
    audid: u64,
    openid: &'a str,
    app_id: &'a str,
    component_id: &'a str,
    identity_id: &'a str,
    identity_type: &'a str,
    real_name: Cow<'a, str>,
    phone: &'a str,
    address: Cow<'a, str>,
    device: &'a str,
    sex: &'a str,
    #[serde(borrow)]
    identitys: Vec<Identity<'a>>,
    custom_fields: Vec<CustomField<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading it is what is measured")]
struct Identity<'a> {
    identity_id: &'a str,
    platform: &'a str,
    openid: &'a str,
    unionid: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading it is what is measured")]
struct CustomField<'a> {
    field_id: &'a str,
    field_value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading it is what is measured")]
struct AuthParam<'a> {
    chinese_name: &'a str,
    english_name: &'a str,
    param_type: &'a str,
    #[serde(borrow)]
    values: Values<'a>,
    operator: &'a str,
    option: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "reading it is what is measured")]
struct Choice<'a> {
    label: &'a str,
    value: &'a str,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "reading it is what is measured")]
enum Values<'a> {
    One(&'a str),
    #[serde(borrow)]
    List(Vec<&'a str>),
    Paths(Vec<Vec<&'a str>>),
}

criterion_group!(benches, evaluate, compile, bodies);
criterion_main!(benches);
