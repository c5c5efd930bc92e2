//! What was inferred: for people, and as one JSON document.

use std::fmt::Write as _;

use serde_json::{Value, json};
use sign_doctor::{Inference, Language, Platform, Recipe, Unprintable, Words};

use super::Code;
use super::examples::Rejected;
use crate::doctor::show::visible;
use crate::lang::Lang;

/// So many of the other recipes are told; `--json` has more.
const OTHERS: usize = 5;

/// What came of the search, and of what.
pub(super) struct Report<'a> {
    pub(super) found: &'a Inference,
    /// Those of ours that sign in the same way.
    pub(super) platforms: Vec<Platform>,
    pub(super) examples: usize,
    pub(super) rejected: &'a [Rejected],
    pub(super) lang: Lang,
}

impl Report<'_> {
    fn text<'w>(&self, words: &'w Words) -> &'w str {
        words.get(self.lang.doctors())
    }

    /// In words.
    pub(super) fn page(&self) -> String {
        let (found, lang) = (self.found, self.lang);
        let mut page = match lang {
            Lang::Zh => format!("做法（{} 个例子，试了 {} 个候选）：\n", self.examples, found.tried),
            Lang::En => {
                let s = if self.examples == 1 { "" } else { "s" };
                format!("the recipe ({} example{s}, {} candidates tried):\n", self.examples, found.tried)
            }
        };
        for (number, step) in (1..).zip(found.recipe.in_words()) {
            line(&mut page, &format!("  {number}. {}", self.text(&step)));
        }
        if let Some(platform) = self.platforms.first() {
            let same = match lang {
                Lang::Zh => format!(
                    "\n这些例子与 `{platform}` 的做法一致：`duijie sign {platform}`、`duijie doctor` 可直接使用"
                ),
                Lang::En => format!(
                    "\n`{platform}` signs these examples in the same way: `duijie sign {platform}` does it"
                ),
            };
            line(&mut page, &same);
        }
        if !found.undecided.is_empty() {
            line(&mut page, lang.pick("\n例子没有说明：", "\nwhat the examples leave open:"));
            for words in &found.undecided {
                line(&mut page, &format!("  - {}", self.text(words)));
            }
        }
        self.others(&mut page);
        page
    }

    fn others(&self, page: &mut String) {
        let others = &self.found.alternatives;
        if others.is_empty() {
            return;
        }
        let title = match self.lang {
            Lang::Zh => {
                format!("\n另有 {} 种做法也能算出这些签名，再给一个不同的例子可以区分：", others.len())
            }
            Lang::En => format!(
                "\nother recipes that make them as well: {}; one more, different example tells:",
                others.len()
            ),
        };
        line(page, &title);
        for other in others.iter().take(OTHERS) {
            line(page, &format!("  - {}", self.differs(other)));
        }
        if others.len() > OTHERS {
            line(page, self.lang.pick("  - 其余见 --json", "  - --json has the rest"));
        }
    }

    /// The steps in which another recipe differs.
    fn differs(&self, other: &Recipe) -> String {
        let (own, other) = (self.found.recipe.in_words(), other.in_words());
        let steps = own.iter().zip(&other).filter(|(one, two)| one != two);
        let steps: Vec<_> = steps.map(|(_, two)| self.text(two)).collect();
        if steps.is_empty() {
            // Nothing that the words tell apart.
            return self.lang.pick("只在细节上不同", "different in details only").to_owned();
        }
        steps.join(self.lang.pick("；", "; "))
    }

    /// As one document.
    pub(super) fn document(&self, codes: &[Code]) -> Value {
        let texts = |words: &[Words]| words.iter().map(|it| self.text(it).to_owned()).collect::<Vec<_>>();
        let found = self.found;
        let mut document = json!({
            "recipe": found.recipe,
            "words": texts(&found.recipe.in_words()),
            "platforms": self.platforms.iter().map(|it| it.name()).collect::<Vec<_>>(),
            "undecided": texts(&found.undecided),
            "alternatives": found.alternatives,
            "tried": found.tried,
            "examples": self.examples,
            "rejected": rejected(self.rejected),
        });
        if let (Some(members), false) = (document.as_object_mut(), codes.is_empty()) {
            let (mut printed, mut missing) = (serde_json::Map::new(), serde_json::Map::new());
            for (language, code) in codes {
                match code {
                    Ok(code) => printed.insert(language.to_string(), Value::from(code.as_str())),
                    Err(error) => missing.insert(language.to_string(), Value::from(error.to_string())),
                };
            }
            members.insert("code".to_owned(), printed.into());
            members.insert("codeErrors".to_owned(), missing.into());
        }
        document
    }
}

/// The lines that are no examples, as JSON.
pub(super) fn rejected(rejected: &[Rejected]) -> Value {
    let one = |it: &Rejected| json!({ "line": it.line, "member": it.wrong.member, "error": it.wrong.reason });
    rejected.iter().map(one).collect()
}

/// The code alone, so that it can go into a file; several languages under titles.
pub(super) fn code(codes: &[Code]) -> String {
    let printed: Vec<_> =
        codes.iter().filter_map(|(language, code)| code.as_ref().ok().map(|code| (language, code))).collect();
    match printed.as_slice() {
        [(_, code)] if codes.len() == 1 => (*code).clone(),
        several => {
            let mut page = String::new();
            for (language, code) in several {
                let _ = write!(page, "==> {language} <==\n{}\n\n", code.trim_end()); // a text takes everything
            }
            page
        }
    }
}

/// In each of these languages, or why not.
pub(super) fn codes(recipe: &Recipe, languages: &[Language]) -> Vec<(Language, Result<String, Unprintable>)> {
    languages.iter().map(|language| (*language, recipe.code(*language))).collect()
}

/// What was tried where nothing fits.
pub(super) fn tried(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::Zh => &[
            "长度相符的摘要（MD5、SHA-1、SHA-256，16 位 MD5），以及以密钥为 key 的 HMAC；摘要再摘要",
            "写成小写或大写十六进制、base64",
            "参数写成 name=value、namevalue、name:value 或只有值，用 & 等 11 种分隔符连接",
            "按名、按对、按值排序（UTF-8、UTF-16、不分大小写、倒序），或按给出的顺序",
            "密钥在开头、末尾、两端、某个参数之后，作为参数排入，带 &key= 等前缀；密钥先做 MD5、转大写、base64 解码",
            "值先做 URL 编码（6 种）；全文转小写、转大写、URL 编码、GBK",
            "全部参数，或去掉其中任意一两个（参数不超过 16 个时）",
        ],
        Lang::En => &[
            "the digests of this length (MD5, SHA-1, SHA-256, the middle of an MD5), as HMAC with the secret as key, and \
             taken twice",
            "written as lower-case or upper-case hexadecimal, or base64",
            "parameters as name=value, namevalue, name:value or values alone, joined with `&` and ten other separators",
            "sorted by name, by pair, by value (UTF-8, UTF-16, without letter case, descending), or as given",
            "the secret in front, at the end, at both ends, behind a parameter, sorted in, with `&key=` and its like; the \
             secret as its MD5, in upper case, base64-decoded",
            "values URL-encoded in six ways; the text as a whole in lower case, upper case, URL-encoded, in GBK",
            "all parameters, or all but one or two of them (of at most 16)",
        ],
    }
}

fn line(page: &mut String, text: &str) {
    // A name in a recipe may hold anything; the line break in front of a paragraph is ours.
    let (head, text) = text.strip_prefix('\n').map_or(("", text), |text| ("\n", text));
    page.push_str(head);
    page.push_str(&visible(text));
    page.push('\n');
}
