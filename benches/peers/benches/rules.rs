//! Eight conditions: decided by a program that is there, compiled, and from texts to the decision.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use peers::case::Who;
use peers::rules::{ByHand, Cedar, Cel, Datalogic, DatalogicText, Engine, Ours, Rego, Zen};

fn engine<E: Engine>(criterion: &mut Criterion) {
    let engine = E::start();
    let source = E::source();
    let mut program = engine.compile(&source);
    for who in Who::ALL {
        let user = engine.read(&E::text(who));
        let mut group = criterion.benchmark_group(format!("peers/decide, {}", who.name()));
        group.bench_function(E::NAME, |bencher| {
            bencher.iter(|| engine.decide(black_box(&mut program), black_box(&user)));
        });
        group.finish();
    }
    if source.is_empty() {
        return;
    }
    let text = E::text(Who::Passes);
    let mut group = criterion.benchmark_group("peers/compile");
    group.bench_function(E::NAME, |bencher| bencher.iter(|| engine.only_compile(black_box(&source))));
    group.finish();
    let mut group = criterion.benchmark_group("peers/nothing cached");
    group.bench_function(E::NAME, |bencher| {
        bencher.iter(|| engine.at_once(black_box(&source), black_box(&text)));
    });
    group.finish();
}

criterion_group!(
    rules,
    engine::<Ours>,
    engine::<ByHand>,
    engine::<Datalogic>,
    engine::<DatalogicText>,
    engine::<Zen>,
    engine::<Cel>,
    engine::<Rego>,
    engine::<Cedar>
);
criterion_main!(rules);
