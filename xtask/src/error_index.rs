//! The index of all codes, in both languages: what a code means, what to do, whether to try again, and where it stands in
//! the specification. Meaning, advice and judgement come from the crates; [`words`] adds what they have in one language only.
//!
//! ```text
//!  Status, Code, CallbackCode ──codes──┐
//!  Undecidable, SaveError, Reason ─rabbitpre─┼─► Table ─► docs/en/errors.md, docs/zh/errors.md
//!  words ──────────────────────────────┘                  `tidy` compares
//! ```

mod codes;
mod rabbitpre;
mod words;

use std::fs;

use crate::command::root;

/// A text in both languages.
type Words = (String, String);

/// One kind of codes.
struct Table {
    title: (&'static str, &'static str),
    /// Who answers it, and where it stands.
    about: (&'static str, &'static str),
    /// The crate whose `SPEC.md` the sections are of.
    of: &'static str,
    rows: Vec<Row>,
}

struct Row {
    code: String,
    meaning: Words,
    advice: Words,
    again: Again,
    section: &'static str,
}

/// Does it help to send the same again?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It was a success.
    Needless,
    Yes,
    Later,
    /// Once, with a new token or ticket.
    Renewed,
    /// What became of it is not known.
    AskFirst,
    No,
}

impl Again {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Needless => ("–", "–"),
            Self::Yes => ("yes", "可以"),
            Self::Later => ("yes, later", "稍后可以"),
            Self::Renewed => ("once, with new credentials", "刷新凭据后一次"),
            Self::AskFirst => ("ask first: outcome unknown", "结果未知，先查询"),
            Self::No => ("no", "不可以"),
        }
    }
}

/// Path and text of the two pages.
pub(crate) fn pages() -> [(&'static str, String); 2] {
    let tables = [codes::jinlaiban(), codes::yichang(), codes::webank(), codes::callbacks()];
    let tables: Vec<Table> = tables.into_iter().chain(rabbitpre::tables()).collect();
    [("docs/en/errors.md", page(&tables, false)), ("docs/zh/errors.md", page(&tables, true))]
}

/// `cargo xtask error-index`: writes both pages.
pub(crate) fn run() -> Result<(), String> {
    for (path, text) in pages() {
        fs::write(root().join(path), text).map_err(|error| format!("cannot write {path}: {error}"))?;
        println!("{path}");
    }
    Ok(())
}

fn page(tables: &[Table], chinese: bool) -> String {
    let pick = |words: (&'static str, &'static str)| if chinese { words.1 } else { words.0 };
    let own = |words: &Words| if chinese { words.1.clone() } else { words.0.clone() };
    let mut page = format!(
        "# {}\n\n{}\n",
        pick(("All codes", "错误码索引")),
        pick((
            "[中文](../zh/errors.md) · Made from the code by `cargo xtask error-index`; change it there. A code that is not here \
             is not documented: show it to the platform's operator, with its message and the time.",
            "[English](../en/errors.md) · 本页由 `cargo xtask error-index` 从代码生成，请勿手工修改。不在本页的返回码，文档中没有说明：\
             请连同返回的消息和时间转给平台方。",
        ))
    );
    for table in tables {
        page.push_str(&format!("\n## {}\n\n{}\n\n", pick(table.title), pick(table.about)));
        page.push_str(pick((
            "| code | means | what to do | send again? | section |\n|---|---|---|---|---|\n",
            "| 返回码 | 含义 | 怎么办 | 能否重发 | 章节 |\n|---|---|---|---|---|\n",
        )));
        for row in &table.rows {
            let (meaning, advice, again) = (own(&row.meaning), own(&row.advice), pick(row.again.words()));
            let section = format!("[{}](../../crates/{}/SPEC.md)", row.section, table.of);
            page.push_str(&format!("| `{}` | {meaning} | {advice} | {again} | {section} |\n", row.code));
        }
    }
    page.push_str(pick((
        "\n## The command's exit codes\n\n| exit | means |\n|---|---|\n| 0 | done |\n| 1 | failed; the message says whose fault it is |\n\
         | 2 | usage: the command line, the configuration, a missing secret |\n| 3 | done, but some input was rejected |\n\
         | 4 | outcome unknown: sent, and no answer |\n",
        "\n## 命令的退出码\n\n| 退出码 | 含义 |\n|---|---|\n| 0 | 完成 |\n| 1 | 失败，提示信息说明是谁的问题 |\n\
         | 2 | 用法错误：命令行、配置，或缺少密钥 |\n| 3 | 完成，但有输入被拒 |\n| 4 | 结果未知：已发送，没有应答 |\n",
    )));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_stands_once() {
        for (path, text) in pages() {
            let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| `")).collect();
            assert!(rows.len() >= 60, "{path}: {}", rows.len());
            for row in &rows {
                assert_eq!(row.split(" | ").count(), 5, "{path}: {row}");
                assert!(!row.contains("|  |"), "{path}: {row}");
            }
        }
    }

    #[test]
    fn what_may_be_sent_again_is_what_the_crates_say() {
        let webank = codes::webank();
        let again = |code| webank.rows.iter().find(|row| row.code == code).map(|row| row.again);
        assert_eq!(again("60840000"), Some(Again::Needless));
        assert_eq!(again("60841018"), Some(Again::Renewed));
        assert_eq!(again("60840003"), Some(Again::AskFirst));
        assert_eq!(again("60851009"), Some(Again::No));
        assert_eq!(again("60851010"), Some(Again::Later));
    }
}
