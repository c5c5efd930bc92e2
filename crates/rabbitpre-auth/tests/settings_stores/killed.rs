//! Processes that are killed while they save: every id that was answered is there afterwards.

use std::collections::BTreeMap;
use std::process::Child;

use platform_state::Address;
use platform_state::testing::RedisServer;
use rabbitpre_auth::StateSettings;

use crate::child::{answered, start};
use crate::{Folder, body, run, setting};

/// Is all there that was answered? A replacement that was not answered may be there as well.
fn check(address: &str, answered: &[(String, usize)]) {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, number) in answered {
        last.insert(id, *number);
    }
    run(async {
        let store = address.parse::<Address>().unwrap().open().await.unwrap();
        let settings = StateSettings::new(store, "witness-").unwrap();
        for (id, number) in last {
            let found = body(&settings, id).await;
            let replaced = setting(number % 1_000_000 + 1_000_000).to_json();
            assert!(
                found == Some(setting(number).to_json()) || found == Some(replaced),
                "{id} was answered with {number}, and is {found:?}"
            );
        }
    });
}

/// Nothing of the process is left to tidy up.
fn kill(child: &mut Child) {
    child.kill().unwrap();
}

fn rounds(address: &str) {
    let mut all = Vec::new();
    for round in 1..=6 {
        let [first, second] = ["a", "b"].map(|process| start(address, &format!("{process}{round}-")));
        // One goes on while the other is killed.
        let killed = answered(first, round * 7, kill);
        assert!(killed.len() >= round * 7);
        all.extend(killed);
        all.extend(answered(second, 10, kill));
        check(address, &all);
    }
}

pub(crate) fn sqlite() {
    let folder = Folder::new();
    rounds(&format!("sqlite:{}", folder.file().display()));
}

pub(crate) fn redis() {
    let server = RedisServer::start().unwrap();
    rounds(&server.url());
}

/// The server itself is killed; it was told to keep each change before it answers.
pub(crate) fn redis_server() {
    let mut server = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).unwrap();
    let mut all = Vec::new();
    for round in 1..=3 {
        let saver = start(&server.url(), &format!("r{round}-"));
        // It ends by itself when the server is gone.
        let answered = answered(saver, 20 * round, |_| server.stop());
        assert!(answered.len() >= 20 * round);
        all.extend(answered);
        server.start_again().unwrap();
        check(&server.url(), &all);
    }
}
