//! Runs every command of the guides in `docs` and of the READMEs, word for word, and compares what it says with what the
//! page shows.
//!
//! In a ` ```console ` block, a line that begins with `$ ` is a command; the lines below it are what it says. `…` stands
//! for whatever varies: within a line for some text, alone for any number of lines. A command fails the test unless it
//! ends with 0, or the guide asks `echo $?` next. One that serves until stopped carries the remark `# keeps running`
//! (`# 保持运行`); one that cannot be run here `# not run: reason` (`# 不运行：原因`), and is counted. What the READMEs
//! show and nobody runs here is listed in [`clone`], with the reason.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod clone;
mod page;
mod shell;
mod shown;
#[path = "../with_redis/mod.rs"]
#[allow(dead_code, reason = "its trials are of other tests")]
mod with_redis;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};
use platform_state::testing::RedisServer;

use crate::page::{Page, Way};
use crate::shell::Shell;

/// How many commands of the guides are not run, in each language. Where it grows, somebody should have looked.
const NOT_RUN: usize = 4;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The guides of one language, by name.
fn guides(language: &'static str) -> Vec<Page> {
    let root = root();
    let entries = std::fs::read_dir(root.join("docs").join(language)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.iter().map(|name| Page::read(language, &root, &format!("docs/{language}/{name}"))).collect()
}

/// The first in English and in Chinese, and what is there in one language or in both at once.
fn readmes() -> Vec<Page> {
    let root = root();
    let mut pages = Vec::from(Page::read_both(&root, "README.md", "# 中文"));
    for file in ["examples/README.md", "crates/duijie/README.md", "CONTRIBUTING.md"] {
        pages.push(Page::read("en", &root, file));
    }
    pages.iter_mut().for_each(clone::leave_out);
    pages
}

/// From the first command to the last, in one folder and one environment.
fn follow(page: &Page) {
    let redis = page.needs_redis().then(|| RedisServer::start().unwrap());
    let mut shell = Shell::new(&root(), page, redis.as_ref().map(RedisServer::url));
    for (index, command) in page.commands.iter().enumerate() {
        let place = format!("{}:{}", page.file, command.line);
        let (mut text, mut says) = (command.text.clone(), command.says.clone());
        if page.is_in_clone() {
            text = shell.in_place(&text);
            says = says.iter().map(|line| shell.in_place(line)).collect();
        }
        match command.way {
            Way::Run => {
                let asked = page.commands.get(index + 1).is_some_and(|next| next.text == "echo $?");
                let (exit, said) = shell.run(&place, &text);
                assert!(asked || exit == 0, "{place}: `{text}` ended with {exit}:\n{said}");
                if let Err(why) = shown::compare(&says, &said) {
                    panic!("{place}: `{text}`: {why}; it said:\n{said}");
                }
            }
            Way::KeepsRunning => shell.serve(&place, &text, &says),
            Way::NotRun => {}
        }
    }
}

/// Who reads one language is not told something else than who reads the other.
fn both_languages_run_the_same() {
    let (english, chinese) = (guides("en"), guides("zh"));
    let names = |pages: &[Page]| {
        pages.iter().map(|page| page.file.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&english), names(&chinese));
    let readme = readmes();
    let pairs = english.iter().zip(&chinese).chain([(&readme[0], &readme[1])]);
    for (english, chinese) in pairs {
        // A reader's system may speak English, though he reads Chinese.
        let text = |command: &page::Command| command.text.replace(" --lang zh", "");
        let texts = |page: &Page| page.commands.iter().map(text).collect::<Vec<_>>();
        assert_eq!(texts(english), texts(chinese), "{}", english.file);
    }
    let counted = |pages: &[Page]| pages.iter().map(Page::not_run).sum::<usize>();
    assert_eq!([counted(&english), counted(&chinese)], [NOT_RUN; 2]);
}

fn what_is_left_out_is_there() {
    clone::lists_are_used(&readmes());
}

fn main() {
    let arguments = Arguments::from_args();
    if !root().join("docs").is_dir() {
        // The package of the command alone, unpacked somewhere: the guides are part of the repository.
        let trial = Trial::test("guides::are_followed", || Ok(())).with_kind("needs the repository's docs");
        libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(true)]).exit();
    }
    let without_redis = with_redis::is_missing();
    let plain = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut trials = vec![
        plain("guides::both_languages_run_the_same", both_languages_run_the_same),
        plain("guides::what_is_left_out_is_there", what_is_left_out_is_there),
        plain("guides::what_is_shown_is_compared", shown::tells_apart),
    ];
    let pages = ["en", "zh"].into_iter().flat_map(guides).chain(readmes());
    for page in pages.filter(|page| !page.commands.is_empty()) {
        let lacks_redis = without_redis && page.needs_redis();
        // Where nothing may be missing, the page fails instead.
        let lacks_program = clone::lacks(&page).filter(|_| !RedisServer::is_required());
        let (all, not_run) = (page.commands.len(), page.not_run());
        let kind = match (lacks_redis, lacks_program, not_run) {
            (true, ..) => "needs redis-server".to_owned(),
            (_, Some(program), _) => format!("needs {program}: cargo build -p duijie-examples"),
            (.., 0) => format!("{all} commands"),
            _ => format!("{all} commands, {not_run} not run"),
        };
        let ignored = lacks_redis || lacks_program.is_some();
        let name = format!("guides::{}", page.name());
        let trial = Trial::test(name, move || {
            follow(&page);
            Ok(())
        });
        trials.push(trial.with_kind(kind).with_ignored_flag(ignored));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
