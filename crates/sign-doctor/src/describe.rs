//! A recipe in words.

use crate::words::{Words, chinese, english};
use crate::{BodyForm, Encoding, Recipe, Rounds, SecretForm, Selection, TextForm};

impl Recipe {
    /// The recipe, step by step: parameters, pairs, order, secret, digest.
    ///
    /// ```
    /// use sign_doctor::{Lang, Platform};
    /// let steps = Platform::YichangSha1.recipe().in_words();
    /// assert_eq!(steps[3].get(Lang::En), "the secret: at the end as `…&appSecret=SECRET`");
    /// assert_eq!(steps[4].get(Lang::Zh), "摘要：SHA-1，只算一次，写成大写十六进制");
    /// ```
    #[must_use]
    pub fn in_words(&self) -> Vec<Words> {
        vec![self.taken(), self.written(), self.sorted(), self.with_secret(), self.digested()]
    }

    fn taken(&self) -> Words {
        let (who, who_zh) = match &self.selection {
            Selection::All => ("all".to_owned(), "全部".to_owned()),
            Selection::Except(names) => {
                (format!("all but {}", names.join(", ")), format!("除 {} 之外的全部", names.join("、")))
            }
            Selection::Only(names) => {
                (format!("only {}", names.join(", ")), format!("只有 {}", names.join("、")))
            }
        };
        let (nulls, empties) = (english::fill(self.nulls), english::fill(self.empties));
        let (nulls_zh, empties_zh) = (chinese::fill(self.nulls), chinese::fill(self.empties));
        Words::new(
            format!("the parameters: {who}; nulls are {nulls}, empty texts {empties}"),
            format!("参数：{who_zh}；null {nulls_zh}，空文本{empties_zh}"),
        )
    }

    fn written(&self) -> Words {
        let mut en = format!("each is written as {}", english::pair(self.pair));
        let mut zh = format!("每个参数写成{}", chinese::pair(self.pair));
        if self.encoding == Encoding::Raw {
            en.push_str(", values raw");
            zh.push_str("，用原始值");
        } else {
            en.push_str(&format!(", values {}", english::encoding(self.encoding)));
            zh.push_str(&format!("，值先做：{}", chinese::encoding(self.encoding)));
        }
        if self.body != BodyForm::AsSent {
            en.push_str(&format!(", bodies {}", english::body(self.body)));
            zh.push_str(&format!("，报文用{}", chinese::body(self.body)));
        }
        Words::new(en, zh)
    }

    fn sorted(&self) -> Words {
        let (order, joined) = (english::order(&self.order), english::joined(&self.separator));
        let (order_zh, joined_zh) = (chinese::order(&self.order), chinese::joined(&self.separator));
        Words::new(
            format!("they are {order}, joined with {joined}"),
            format!("{order_zh}，用{joined_zh}连接"),
        )
    }

    fn with_secret(&self) -> Words {
        let mut en = format!("the secret: {}", english::place(&self.secret, &self.separator));
        let mut zh = format!("密钥：{}", chinese::place(&self.secret, &self.separator));
        if self.secret_form != SecretForm::AsIssued {
            en.push_str(&format!(", {}", english::secret_form(self.secret_form)));
            zh.push_str(&format!("，{}", chinese::secret_form(self.secret_form)));
        }
        if self.hmac {
            en.push_str("; it is the key of the HMAC");
            zh.push_str("；密钥同时是 HMAC 的 key");
        }
        Words::new(en, zh)
    }

    fn digested(&self) -> Words {
        let keyed = if self.hmac { "HMAC-" } else { "" };
        let (mut en, mut zh) = (String::new(), String::new());
        if self.text != TextForm::Utf8 {
            en.push_str(&format!("the text is {}; ", english::text_form(self.text)));
            zh.push_str(&format!("原文{}；", chinese::text_form(self.text)));
        }
        let short = if self.short { ", the middle 16 digits" } else { "" };
        let short_zh = if self.short { "，只取中间 16 位" } else { "" };
        let again = if self.rounds == Rounds::Once { "" } else { ", taken " };
        let rounds = if self.rounds == Rounds::Once { "" } else { english::rounds(self.rounds) };
        en.push_str(&format!(
            "the digest: {keyed}{}{again}{rounds}, written as {}{short}",
            self.digest,
            english::output(self.output)
        ));
        zh.push_str(&format!(
            "摘要：{keyed}{}，{}，写成{}{short_zh}",
            self.digest,
            chinese::rounds(self.rounds),
            chinese::output(self.output)
        ));
        Words::new(en, zh)
    }
}
