//! 用中文说明错误。

use super::{outline, secret_name, visible};
use crate::recipe::Selection;
use crate::{
    BodyForm, Case, Collation, Encoding, Ends, Fill, Letters, Mutation, Names, Newlines, Order, Output,
    PairFormat, Place, Rounds, SecretForm, SortKey, TextForm, TimeForm,
};

/// As the first words of a clause.
fn label(case: &Case<'_>, at: u16) -> String {
    match case.request().parameters().get(usize::from(at)) {
        Some(parameter) if !parameter.name.is_empty() => format!("参数 `{}` ", parameter.name),
        _ => format!("第 {} 个值", at + 1),
    }
}

/// What was done, and what to do.
pub(super) fn tell(case: &Case<'_>, mutation: &Mutation) -> (String, String) {
    let recipe = case.recipe();
    let label = |at: &u16| label(case, *at);
    let own = if recipe.hmac { format!("HMAC-{}", recipe.digest) } else { recipe.digest.to_string() };
    match mutation {
        Mutation::Digest(digest) => (format!("摘要算法用成了 {digest}，应为 {own}"), format!("改用 {own}")),
        Mutation::Hmac { digest, secret_in_text } => {
            let beside = if *secret_in_text { "（原文里也带了密钥）" } else { "" };
            (
                format!("摘要算法用成了以密钥为 key 的 HMAC-{digest}{beside}，应为 {own}"),
                format!("把密钥放进原文，用 {own} 计算"),
            )
        }
        Mutation::Rounds(it) => {
            (format!("摘要算成了：{}", rounds(*it)), format!("应为：{}", rounds(recipe.rounds)))
        }
        Mutation::Letters(it) => (
            format!("签名的字母是{}", letters(*it)),
            format!("应写成{}", recipe.output.letters().map_or("另一种大小写", letters)),
        ),
        Mutation::Output(it) => {
            (format!("签名写成了{}", output(*it)), format!("摘要应写成{}", output(recipe.output)))
        }
        Mutation::Short(true) => ("签名只有 MD5 中间的 16 位".into(), "应给出全部 32 位".into()),
        Mutation::Short(false) => ("签名是 32 位的 MD5".into(), "应只取中间的 16 位".into()),
        Mutation::Order(it) => (
            format!("参数{}", order(it)),
            match recipe.order.by {
                SortKey::Given => format!("参数{}", listed(&recipe.selection)),
                _ => format!("参数应{}", order(&recipe.order)),
            },
        ),
        Mutation::Secret(it) => (
            format!("密钥{}", place(it, &recipe.separator)),
            format!("密钥应{}", place(&recipe.secret, &recipe.separator)),
        ),
        Mutation::SecretForm(it) => (
            format!("密钥{}", secret_form(*it)),
            format!("密钥应{}；请检查读取配置的方式", secret_form(recipe.secret_form)),
        ),
        Mutation::OtherSecret(at) => {
            let (other, right) = (secret_name(case, usize::from(*at)), secret_name(case, 0));
            (format!("签名用的是 {other} 里的密钥，不是 {right} 里的"), format!("改用 {right}"))
        }
        Mutation::Nulls(it) => {
            (format!("值为 null 的参数{}", fill(*it)), format!("应{}", fill(recipe.nulls)))
        }
        Mutation::Empties(it) => (format!("空值的参数{}", fill(*it)), format!("应{}", fill(recipe.empties))),
        Mutation::Encoding(it) => (
            format!("签名前对值做了处理：{}", encoding(*it)),
            format!("签名用的值应为：{}；只对传输的内容编码", encoding(recipe.encoding)),
        ),
        Mutation::Text(it) => (
            format!("计算摘要前对整个原文做了处理：{}", text_form(*it)),
            format!("应为：{}", text_form(recipe.text)),
        ),
        Mutation::Ends(it) => (format!("原文{}", ends(*it)), "去掉它：请检查原文的拼接或读取方式".into()),
        Mutation::Trimmed => ("签名前去掉了值首尾的空白".into(), "签名的值必须与发送的完全一致".into()),
        Mutation::Newlines(it) => {
            (format!("值里的换行{}", newlines(*it)), "签名的值必须与发送的完全一致".into())
        }
        Mutation::Names(it) => (
            format!("参数名全部变成了{}", if *it == Names::Lower { "小写" } else { "大写" }),
            "参数名区分大小写，按平台的写法来".into(),
        ),
        Mutation::Pair(it) => (format!("参数拼成了{}", pair(*it)), format!("应拼成{}", pair(recipe.pair))),
        Mutation::Separator(it) => {
            (format!("参数之间用了{}", joined(it)), format!("参数之间应用{}", joined(&recipe.separator)))
        }
        Mutation::Missing(at) => (format!("{}没有参与签名", label(at)), format!("{}应参与签名", label(at))),
        Mutation::Twice(at) => (format!("{}参与了两次签名", label(at)), format!("{}只签一次", label(at))),
        Mutation::Added(at) => {
            (format!("{}不应参与签名，却被签了", label(at)), format!("从原文里去掉{}", label(at).trim_end()))
        }
        Mutation::Extra { name, value } if recipe.pair == PairFormat::Value => (
            format!("请求里没有 `{name}`，却签了值 `{value}`"),
            format!("签名时去掉 `{value}`，或在请求里发送 `{name}={value}`"),
        ),
        Mutation::Extra { name, value } => {
            (format!("`{name}={value}` 不应参与签名，却被签了"), format!("签名前先去掉 `{name}`"))
        }
        Mutation::Body(at, form) => (
            format!("{}签名用的不是发送的原文，而是{}", label(at), body(*form)),
            format!("{}只生成一次文本，签名和发送用同一份字节", label(at)),
        ),
        Mutation::Time(at, form) => (
            match form {
                TimeForm::Millis(_) => format!("{}签名用了毫秒，发送的却是秒", label(at)),
                TimeForm::Seconds => format!("{}签名用了秒，发送的却是毫秒", label(at)),
                TimeForm::Later(by) => format!(
                    "{}签名用的时间比发送的{} {}：时钟读了两次",
                    label(at),
                    if *by < 0 { "早" } else { "晚" },
                    by.unsigned_abs()
                ),
            },
            format!("{}只生成一次，签名和发送用同一个值", label(at)),
        ),
    }
}

pub(crate) const fn rounds(rounds: Rounds) -> &'static str {
    match rounds {
        Rounds::Once => "只算一次",
        Rounds::OfHex => "对第一次结果的小写十六进制文本再算一次",
        Rounds::OfUpperHex => "对第一次结果的大写十六进制文本再算一次",
        Rounds::OfBytes => "对第一次结果的字节再算一次",
    }
}

const fn letters(letters: Letters) -> &'static str {
    match letters {
        Letters::Lower => "小写",
        Letters::Upper => "大写",
        Letters::Mixed => "大小写混用",
    }
}

pub(crate) const fn output(output: Output) -> &'static str {
    match output {
        Output::Hex => "小写十六进制",
        Output::UpperHex => "大写十六进制",
        Output::Base64 => " base64",
        Output::Base64Url => " URL 安全的 base64（以 `-`、`_` 代替 `+`、`/`）",
        Output::Base64OfHex => "十六进制文本的 base64",
    }
}

fn listed(selection: &Selection) -> String {
    match selection {
        Selection::Only(names) => format!("应按此顺序：{}", names.join("、")),
        Selection::All | Selection::Except(_) => "应保持给出的顺序".into(),
    }
}

pub(crate) fn order(order: &Order) -> String {
    let by = match order.by {
        SortKey::Given => return "没有排序".into(),
        SortKey::Name => "按参数名",
        SortKey::Pair => "按拼好的“名=值”整体（不是只按参数名）",
        SortKey::Value => "按值",
    };
    let collation = match order.collation {
        Collation::Bytes => "UTF-8 字节序",
        Collation::Utf16 => "UTF-16 码元序（与 Java 一致）",
        Collation::IgnoreCase => "不分大小写的顺序",
    };
    format!("{by}以{collation}{}排序", if order.descending { "倒着" } else { "" })
}

pub(crate) fn place<T: AsRef<str>>(place: &Place<T>, separator: &str) -> String {
    let shape = outline(place, separator).unwrap_or_default();
    match place {
        Place::Nowhere { .. } => format!("不在原文里（`{shape}`）"),
        Place::End { .. } => format!("放在末尾：`{shape}`"),
        Place::EndTwice { .. } => format!("在末尾出现两次：`{shape}`"),
        Place::Front { .. } => format!("放在开头：`{shape}`"),
        Place::BothEnds { .. } => format!("放在首尾两端：`{shape}`"),
        Place::Sorted => "作为一个没有名字的值参与排序".into(),
        Place::SortedAs { name } => format!("作为参数 `{}` 参与排序", name.as_ref()),
        Place::Behind { count } => format!("紧跟在前 {count} 个参数之后"),
    }
}

pub(crate) const fn secret_form(form: SecretForm) -> &'static str {
    match form {
        SecretForm::AsIssued => "原样使用",
        SecretForm::Newline => "末尾多了一个换行",
        SecretForm::CrLf => "末尾多了回车换行",
        SecretForm::BlankBehind => "末尾多了一个空格",
        SecretForm::BlankInFront => "开头多了一个空格",
        SecretForm::Blanks => "首尾各多了一个空格",
        SecretForm::DoubleQuoted => "带上了双引号",
        SecretForm::SingleQuoted => "带上了单引号",
        SecretForm::Bom => "开头多了 BOM",
        SecretForm::Trimmed => "首尾的空白被去掉了",
        SecretForm::Lower => "变成了小写",
        SecretForm::Upper => "变成了大写",
        SecretForm::Percent => "被百分号编码了",
        SecretForm::Form => "被表单编码了",
        SecretForm::Base64 => "被 base64 编码了",
        SecretForm::Base64Decoded => "被 base64 解码了",
        SecretForm::Md5 => "换成了它的 MD5（小写十六进制）",
        SecretForm::Md5Upper => "换成了它的 MD5（大写十六进制）",
    }
}

pub(crate) const fn fill(fill: Fill) -> &'static str {
    match fill {
        Fill::Dropped => "被去掉",
        Fill::Kept => "以空文本保留",
        Fill::Null => "签成文本 `null`",
        Fill::UpperNull => "签成文本 `NULL`",
        Fill::None => "签成文本 `None`",
        Fill::Undefined => "签成文本 `undefined`",
    }
}

pub(crate) const fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Raw => "原始值，不编码",
        Encoding::Percent => "百分号编码（RFC 3986）",
        Encoding::PercentLower => "百分号编码，十六进制用小写",
        Encoding::Form => "表单编码（空格变 `+`，与 Java 的 URLEncoder 一致）",
        Encoding::FormLower => "表单编码，十六进制用小写",
        Encoding::FormPhp => "表单编码（与 PHP 的 urlencode 一致）",
        Encoding::Component => "百分号编码（与 JavaScript 的 encodeURIComponent 一致）",
        Encoding::PercentTwice => "百分号编码两次",
        Encoding::FormTwice => "表单编码两次",
        Encoding::Decoded => "解码",
        Encoding::LowerEscapes => "转义改成小写（`%2F` 变 `%2f`）",
        Encoding::PlusEscaped => "`+` 改成 `%20`",
    }
}

pub(crate) const fn text_form(form: TextForm) -> &'static str {
    match form {
        TextForm::Utf8 => "不改动，用 UTF-8",
        TextForm::Gbk => "用了 GBK，而不是 UTF-8",
        TextForm::Lower => "全部变成小写",
        TextForm::Upper => "全部变成大写",
        TextForm::Percent => "整体百分号编码",
        TextForm::Form => "整体表单编码",
    }
}

const fn ends(ends: Ends) -> &'static str {
    match ends {
        Ends::Bare => "首尾没有多余内容",
        Ends::Newline => "末尾多了一个换行",
        Ends::CrLf => "末尾多了回车换行",
        Ends::Bom => "开头多了 BOM",
        Ends::Blank => "末尾多了一个空格",
    }
}

const fn newlines(newlines: Newlines) -> &'static str {
    match newlines {
        Newlines::AsGiven => "没有变",
        Newlines::CrLf => "在签名前变成了 CRLF",
        Newlines::Lf => "在签名前变成了 LF，发送的却是 CRLF",
        Newlines::Removed => "在签名前被去掉了",
    }
}

pub(crate) const fn pair(pair: PairFormat) -> &'static str {
    match pair {
        PairFormat::NameEqualsValue => "“名=值”",
        PairFormat::NameValue => "“名值”（没有等号）",
        PairFormat::Value => "只有值，没有参数名",
        PairFormat::NameColonValue => "“名:值”",
    }
}

pub(crate) fn joined(separator: &str) -> String {
    if separator.is_empty() { "空（直接相连）".into() } else { format!(" `{}` ", visible(separator)) }
}

pub(crate) const fn body(form: BodyForm) -> &'static str {
    match form {
        BodyForm::AsSent => "原样",
        BodyForm::Compact => "去掉空白后的文本",
        BodyForm::Python => "Python 的 json.dumps 写出的文本（`,` 和 `:` 后有空格，非 ASCII 转成 `\\uXXXX`）",
        BodyForm::Php => "PHP 的 json_encode 写出的文本（`\\/`，非 ASCII 转成 `\\uXXXX`）",
        BodyForm::Spaced => "`,` 和 `:` 后带空格的文本",
        BodyForm::Pretty2 => "缩进两个空格的文本",
        BodyForm::Pretty4 => "缩进四个空格的文本",
        BodyForm::PrettyTab => "用制表符缩进的文本",
        BodyForm::Sorted => "成员按名字排序后的文本",
        BodyForm::Reversed => "成员换了顺序的文本",
        BodyForm::Slashes => "把 `/` 写成 `\\/` 的文本",
        BodyForm::Ascii => "把非 ASCII 写成 `\\uXXXX` 的文本",
        BodyForm::Newline => "末尾多了换行的文本",
        BodyForm::Bom => "开头多了 BOM 的文本",
    }
}
