//! Instances against a model: what one sees was true within the last half a second, and is never older than what it
//! has saved or seen itself.

use std::sync::Arc;
use std::time::Duration;

use platform_state::{MemoryStore, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rabbitpre_auth::{SettingsStore as _, StateSettings, StoreError};

use crate::setting;

/// What happens next; instances and settings are numbered.
#[derive(Debug, Clone, Copy)]
enum Step {
    Save { instance: usize, which: usize },
    Load { instance: usize, which: usize },
    Pass { millis: u64 },
}

const INSTANCES: usize = 3;
const SETTINGS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..INSTANCES, 0..SETTINGS).prop_map(|(instance, which)| Step::Save { instance, which }),
        5 => (0..INSTANCES, 0..SETTINGS).prop_map(|(instance, which)| Step::Load { instance, which }),
        3 => prop_oneof![0..5_u64, 90..110_u64, 240..260_u64, 495..505_u64]
            .prop_map(|millis| Step::Pass { millis }),
    ]
}

/// One setting as everybody together has saved it.
#[derive(Default)]
struct Truth {
    id: Option<String>,
    /// When it was saved; a setting's number is its place here.
    saved: Vec<u64>,
    /// The latest that each instance has saved or seen.
    seen: [usize; INSTANCES],
}

/// Trust, in milliseconds.
const TRUST: u64 = 500;

async fn follow(steps: Vec<Step>) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    // Two kept at most: one of the three is pushed out now and then.
    let instance = |number: usize| {
        let settings = StateSettings::new(Arc::clone(&store), format!("{number}-")).unwrap();
        settings.limits(2, usize::MAX)
    };
    let instances: Vec<StateSettings> = (0..INSTANCES).map(instance).collect();
    let mut truths: [Truth; SETTINGS] = Default::default();
    let mut now = 0;
    for step in steps {
        match step {
            Step::Pass { millis } => {
                tokio::time::advance(Duration::from_millis(millis)).await;
                now += millis;
            }
            Step::Save { instance, which } => {
                let truth = &mut truths[which];
                let number = truth.saved.len();
                let id = instances[instance].save(truth.id.as_deref(), setting(number)).await.unwrap();
                assert!(truth.id.is_none() || truth.id.as_ref() == Some(&id));
                truth.id = Some(id);
                truth.saved.push(now);
                truth.seen[instance] = number;
            }
            Step::Load { instance, which } => {
                let truth = &mut truths[which];
                let Some(id) = &truth.id else {
                    let unknown = instances[instance].save(Some("unknown"), setting(0)).await;
                    assert!(matches!(unknown, Err(StoreError::UnknownId)));
                    assert!(instances[instance].load("unknown").await.unwrap().is_none());
                    continue;
                };
                let found = instances[instance].load(id).await.unwrap().unwrap().to_json();
                let number =
                    (0..truth.saved.len()).rfind(|&number| setting(number).to_json() == found).unwrap();
                // Either it is the present one, or it was replaced less than half a second ago.
                let replaced = truth.saved.get(number + 1);
                assert!(replaced.is_none_or(|&then| then + TRUST > now), "{number} at {now}");
                assert!(number >= truth.seen[instance], "{number} after {}", truth.seen[instance]);
                truth.seen[instance] = number;
            }
        }
    }
}

pub(crate) fn test() {
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&proptest::collection::vec(step(), 1..60), |steps| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(follow(steps));
        Ok(())
    });
    outcome.unwrap();
}
