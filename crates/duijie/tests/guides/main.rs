//! Runs every command of the guides in `docs`, word for word, and compares what it says with what the guide shows.
//!
//! In a ` ```console ` block, a line that begins with `$ ` is a command; the lines below it are what it says. `…` stands
//! for whatever varies: within a line for some text, alone for any number of lines. A command fails the test unless it
//! ends with 0, or the guide asks `echo $?` next. One that serves until stopped carries the remark `# keeps running`
//! (`# 保持运行`); one that cannot be run here `# not run: reason` (`# 不运行：原因`), and is counted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod page;
mod shell;
mod shown;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;

use crate::page::{Page, Way};
use crate::shell::Shell;

/// How many commands are not run, in each language. Where it grows, somebody should have looked.
const NOT_RUN: usize = 4;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The guides of one language, by name.
fn pages(language: &str) -> Vec<Page> {
    let mut files: Vec<_> =
        std::fs::read_dir(docs().join(language)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| Page::read(language, file)).collect()
}

/// From the first command to the last, in one folder and one environment.
fn follow(page: &Page) {
    let redis = page.needs_redis().then(|| RedisServer::start().unwrap());
    let mut shell = Shell::new(page, redis.as_ref().map(RedisServer::url));
    for (index, command) in page.commands.iter().enumerate() {
        let place = format!("docs/{}/{}.md:{}", page.language, page.name, command.line);
        match &command.way {
            Way::Run => {
                let asked = page.commands.get(index + 1).is_some_and(|next| next.text == "echo $?");
                let (exit, said) = shell.run(&place, &command.text);
                assert!(asked || exit == 0, "{place}: `{}` ended with {exit}:\n{said}", command.text);
                if let Err(why) = shown::compare(&command.says, &said) {
                    panic!("{place}: `{}`: {why}; it said:\n{said}", command.text);
                }
            }
            Way::KeepsRunning => shell.serve(&place, &command.text, &command.says),
            Way::NotRun => {}
        }
    }
}

/// Who reads one language is not told something else than who reads the other.
fn both_languages_run_the_same() {
    let (english, chinese) = (pages("en"), pages("zh"));
    let names = |pages: &[Page]| pages.iter().map(|page| page.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&english), names(&chinese));
    for (english, chinese) in english.iter().zip(&chinese) {
        let texts =
            |page: &Page| page.commands.iter().map(|command| command.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(english), texts(chinese), "{}", english.name);
    }
    let counted = |pages: &[Page]| pages.iter().map(Page::not_run).sum::<usize>();
    assert_eq!([counted(&english), counted(&chinese)], [NOT_RUN; 2]);
}

fn main() {
    let arguments = Arguments::from_args();
    if !docs().is_dir() {
        // The package of the command alone, unpacked somewhere: the guides are part of the repository.
        let trial = Trial::test("guides::are_followed", || Ok(())).with_kind("needs the repository's docs");
        libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(true)]).exit();
    }
    let without_redis = !RedisServer::is_installed() && !RedisServer::is_required();
    let plain = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials = vec![
        plain("guides::both_languages_run_the_same", both_languages_run_the_same),
        plain("guides::what_is_shown_is_compared", shown::tells_apart),
    ];
    for page in ["en", "zh"].into_iter().flat_map(pages).filter(|page| !page.commands.is_empty()) {
        let ignored = without_redis && page.needs_redis();
        let (all, not_run) = (page.commands.len(), page.not_run());
        let kind = match (ignored, not_run) {
            (true, _) => "needs redis-server".to_owned(),
            (false, 0) => format!("{all} commands"),
            (false, _) => format!("{all} commands, {not_run} not run"),
        };
        let name = format!("guides::{}::{}", page.language, page.name);
        let trial = Trial::test(name, move || {
            follow(&page);
            Ok(())
        });
        trials.push(trial.with_kind(kind).with_ignored_flag(ignored));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
