//! The journal that pushes go through: calls and crashes, in memory and in a file, with a ledger of what must be true.

#[path = "../../crates/platform-state/tests/journal_model/sequence.rs"]
mod sequence;

use std::sync::atomic::{AtomicU64, Ordering};

use self::sequence::{Call, follow};
use crate::choices::Choices;

/// Each call looks at all there is.
const MOST: usize = 40;

/// No two of this process use one folder.
static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// Calls to a journal. Nothing is lost, nothing is lent to two at once, and the file does what memory does.
pub fn calls(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut calls = Vec::new();
    while !choices.is_empty() && calls.len() < MOST {
        calls.push(call(&mut choices));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("duijie-fuzz-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    runtime.block_on(follow(&folder, &calls));
    // The threads of journals that were dropped may be taking away their files at this moment, too.
    let _ = std::fs::remove_dir_all(&folder);
}

fn call(choices: &mut Choices<'_>) -> Call {
    let number = |choices: &mut Choices<'_>, below| u64::try_from(choices.below(below)).expect("below 256");
    let three = |choices: &mut Choices<'_>| choices.byte() % 3;
    match choices.below(18) {
        0..=3 => {
            let pairs = (0..choices.below(6)).map(|_| (choices.byte() % 6, three(choices))).collect();
            Call::Enqueue(number(choices, 4), pairs)
        }
        4..=7 => Call::Claim(1 + choices.below(4), number(choices, 12), choices.flag()),
        8..=11 => Call::Settle(choices.below(8), (0..5).map(|_| three(choices)).collect()),
        12 | 13 => Call::Release(choices.below(8), choices.flag()),
        14 => Call::Renew(choices.below(8)),
        15 => Call::Retry(choices.below(3)),
        16 => Call::Forget(choices.below(3)),
        _ => Call::Crash,
    }
}
