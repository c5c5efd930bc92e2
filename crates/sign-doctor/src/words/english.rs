//! Mistakes in English: lower case, no full stop, the user's input in backticks.

use super::{outline, secret_name, visible};
use crate::recipe::Selection;
use crate::{
    BodyForm, Case, Collation, Encoding, Ends, Fill, Letters, Mutation, Names, Newlines, Order, Output,
    PairFormat, Place, Rounds, SecretForm, SortKey, TextForm, TimeForm,
};

/// What was done, and what to do.
pub(super) fn tell(case: &Case<'_>, mutation: &Mutation) -> (String, String) {
    let recipe = case.recipe();
    let label = |at: &u16| format!("`{}`", case.request().label(usize::from(*at)));
    let said = |what: String, fix: String| (what, fix);
    let own = if recipe.hmac { format!("HMAC-{}", recipe.digest) } else { recipe.digest.to_string() };
    match mutation {
        Mutation::Digest(digest) => said(format!("the digest is {digest}, not {own}"), format!("use {own}")),
        Mutation::Hmac { digest, secret_in_text } => {
            let beside = if *secret_in_text { ", and the secret is in the text as well" } else { "" };
            said(
                format!("the digest is HMAC-{digest} with the secret as its key{beside}, not {own}"),
                format!("use {own} over the text with the secret in it"),
            )
        }
        Mutation::Rounds(rounds) => said(
            format!("the digest was taken {}", self::rounds(*rounds)),
            format!("take it {}", self::rounds(recipe.rounds)),
        ),
        Mutation::Letters(letters) => said(
            format!("the signature is in {} letters", self::letters(*letters)),
            format!("write it in {} letters", recipe.output.letters().map_or("other", self::letters)),
        ),
        Mutation::Output(output) => said(
            format!("the signature is written as {}", self::output(*output)),
            format!("write the digest as {}", self::output(recipe.output)),
        ),
        Mutation::Short(true) => {
            said("only the middle 16 digits of the MD5 are there".into(), "give all 32 digits".into())
        }
        Mutation::Short(false) => {
            said("all 32 digits of the MD5 are there".into(), "give the middle 16 digits".into())
        }
        Mutation::Order(order) => said(
            format!("the parameters are {}", self::order(order)),
            match recipe.order.by {
                SortKey::Given => format!("leave them {}", listed(&recipe.selection)),
                _ => format!("they must be {}", self::order(&recipe.order)),
            },
        ),
        Mutation::Secret(place) => said(
            format!("the secret is {}", self::place(place, recipe.separator.as_str())),
            format!("it must be {}", self::place(&recipe.secret, recipe.separator.as_str())),
        ),
        Mutation::SecretForm(form) => said(
            format!("the secret was used {}", secret_form(*form)),
            format!(
                "use it {}: look at how it is read from the configuration",
                secret_form(recipe.secret_form)
            ),
        ),
        Mutation::OtherSecret(at) => {
            let (other, right) = (secret_name(case, usize::from(*at)), secret_name(case, 0));
            said(
                format!("it is signed with the secret in {other}, not in {right}"),
                format!("sign with {right}"),
            )
        }
        Mutation::Nulls(fill) => said(
            format!("nulls are {}", self::fill(*fill)),
            format!("they must be {}", self::fill(recipe.nulls)),
        ),
        Mutation::Empties(fill) => said(
            format!("empty values are {}", self::fill(*fill)),
            format!("they must be {}", self::fill(recipe.empties)),
        ),
        Mutation::Encoding(encoding) => said(
            format!("the values were {} before signing", self::encoding(*encoding)),
            format!("sign them {}; encode only what travels", self::encoding(recipe.encoding)),
        ),
        Mutation::Text(form) => said(
            format!("the text to sign was {} before the digest", text_form(*form)),
            format!("it must be {}", text_form(recipe.text)),
        ),
        Mutation::Ends(ends) => said(
            format!("{} came to the text to sign", self::ends(*ends)),
            "sign the text without it: look at how the text is put together or read".into(),
        ),
        Mutation::Trimmed => said(
            "white space at the ends of values was cut off before signing".into(),
            "sign the values exactly as they are sent, or send them as they are signed".into(),
        ),
        Mutation::Newlines(newlines) => said(
            format!("line ends within values {}", self::newlines(*newlines)),
            "sign the values exactly as they are sent".into(),
        ),
        Mutation::Names(names) => said(
            format!("the names are in {} case", if *names == Names::Lower { "lower" } else { "upper" }),
            "names are case-sensitive: write them as the platform does".into(),
        ),
        Mutation::Pair(pair) => said(
            format!("the parameters are written as {}", self::pair(*pair)),
            format!("write them as {}", self::pair(recipe.pair)),
        ),
        Mutation::Separator(separator) => said(
            format!("the parameters are joined with {}", joined(separator)),
            format!("join them with {}", joined(&recipe.separator)),
        ),
        Mutation::Missing(at) => {
            said(format!("{} is not signed", label(at)), format!("sign {} as well", label(at)))
        }
        Mutation::Twice(at) => {
            said(format!("{} is signed twice", label(at)), format!("sign {} once", label(at)))
        }
        Mutation::Added(at) => said(
            format!("{} is signed, but takes no part", label(at)),
            format!("leave {} out of the text to sign", label(at)),
        ),
        Mutation::Extra { name, value } if recipe.pair == PairFormat::Value => said(
            format!("`{value}` is signed as `{name}`, but is not in the request"),
            format!("leave `{value}` out of the values to sign, or send it as `{name}`"),
        ),
        Mutation::Extra { name, value } => said(
            format!("`{name}={value}` is signed, but takes no part"),
            format!("remove `{name}` before signing"),
        ),
        Mutation::Body(at, form) => said(
            format!("{} was signed {}, not as it is sent", label(at), body(*form)),
            format!("make the text of {} once, sign it and send those very bytes", label(at)),
        ),
        Mutation::Time(at, form) => said(
            match form {
                TimeForm::Millis(_) => {
                    format!("{} was signed in milliseconds, but sent in seconds", label(at))
                }
                TimeForm::Seconds => format!("{} was signed in seconds, but sent in milliseconds", label(at)),
                TimeForm::Later(by) => format!(
                    "{} was signed {} {} than it is sent: the clock was read twice",
                    label(at),
                    by.unsigned_abs(),
                    if *by < 0 { "earlier" } else { "later" }
                ),
            },
            format!("make {} once, sign it and send the same", label(at)),
        ),
    }
}

pub(crate) const fn rounds(rounds: Rounds) -> &'static str {
    match rounds {
        Rounds::Once => "once",
        Rounds::OfHex => "twice, of the first one's lower-case hexadecimal text",
        Rounds::OfUpperHex => "twice, of the first one's upper-case hexadecimal text",
        Rounds::OfBytes => "twice, of the first one's bytes",
    }
}

const fn letters(letters: Letters) -> &'static str {
    match letters {
        Letters::Lower => "lower-case",
        Letters::Upper => "upper-case",
        Letters::Mixed => "lower-case and upper-case",
    }
}

pub(crate) const fn output(output: Output) -> &'static str {
    match output {
        Output::Hex => "lower-case hexadecimal",
        Output::UpperHex => "upper-case hexadecimal",
        Output::Base64 => "base64",
        Output::Base64Url => "URL-safe base64 (`-` and `_` in place of `+` and `/`)",
        Output::Base64OfHex => "base64 of its hexadecimal text",
    }
}

fn listed(selection: &Selection) -> String {
    match selection {
        Selection::Only(names) => format!("in this order: {}", names.join(", ")),
        Selection::All | Selection::Except(_) => "in the order in which they are given".into(),
    }
}

pub(crate) fn order(order: &Order) -> String {
    let by = match order.by {
        SortKey::Given => return "not sorted".into(),
        SortKey::Name => "by name",
        SortKey::Pair => "as formatted pairs, not by name alone",
        SortKey::Value => "by value",
    };
    let collation = match order.collation {
        Collation::Bytes => "by UTF-8 byte",
        Collation::Utf16 => "by UTF-16 code unit, as Java does",
        Collation::IgnoreCase => "without regard to letter case",
    };
    let direction = if order.descending { ", from the last to the first" } else { "" };
    format!("sorted {by}, {collation}{direction}")
}

pub(crate) fn place<T: AsRef<str>>(place: &Place<T>, separator: &str) -> String {
    let shape = outline(place, separator).unwrap_or_default();
    match place {
        Place::Nowhere { .. } => format!("not in the text (`{shape}`)"),
        Place::End { .. } => format!("at the end as `{shape}`"),
        Place::EndTwice { .. } => format!("at the end twice (`{shape}`)"),
        Place::Front { .. } => format!("in front as `{shape}`"),
        Place::BothEnds { .. } => format!("at both ends as `{shape}`"),
        Place::Sorted => "sorted in among the values, without a name".into(),
        Place::SortedAs { name } => format!("sorted in as the parameter `{}`", name.as_ref()),
        Place::Behind { count: 1 } => "directly behind the first parameter".into(),
        Place::Behind { count } => format!("directly behind the first {count} parameters"),
    }
}

pub(crate) const fn secret_form(form: SecretForm) -> &'static str {
    match form {
        SecretForm::AsIssued => "exactly as it was issued",
        SecretForm::Newline => "with a newline behind it",
        SecretForm::CrLf => "with a carriage return and a newline behind it",
        SecretForm::BlankBehind => "with a blank behind it",
        SecretForm::BlankInFront => "with a blank in front",
        SecretForm::Blanks => "with blanks around it",
        SecretForm::DoubleQuoted => "in double quotes",
        SecretForm::SingleQuoted => "in single quotes",
        SecretForm::Bom => "with a byte order mark in front",
        SecretForm::Trimmed => "without the white space at its ends",
        SecretForm::Lower => "in lower case",
        SecretForm::Upper => "in upper case",
        SecretForm::Percent => "percent-encoded",
        SecretForm::Form => "form-encoded",
        SecretForm::Base64 => "base64-encoded",
        SecretForm::Base64Decoded => "base64-decoded",
        SecretForm::Md5 => "as its MD5 in lower-case hexadecimal",
        SecretForm::Md5Upper => "as its MD5 in upper-case hexadecimal",
    }
}

pub(crate) const fn fill(fill: Fill) -> &'static str {
    match fill {
        Fill::Dropped => "left out",
        Fill::Kept => "kept as the empty text",
        Fill::Null => "signed as the text `null`",
        Fill::UpperNull => "signed as the text `NULL`",
        Fill::None => "signed as the text `None`",
        Fill::Undefined => "signed as the text `undefined`",
    }
}

pub(crate) const fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Raw => "raw, as they are",
        Encoding::Percent => "percent-encoded (RFC 3986)",
        Encoding::PercentLower => "percent-encoded with lower-case digits",
        Encoding::Form => "form-encoded (a blank as `+`, as Java's URLEncoder does)",
        Encoding::FormLower => "form-encoded with lower-case digits",
        Encoding::FormPhp => "form-encoded (as PHP's urlencode does)",
        Encoding::Component => "percent-encoded (as JavaScript's encodeURIComponent does)",
        Encoding::PercentTwice => "percent-encoded twice",
        Encoding::FormTwice => "form-encoded twice",
        Encoding::Decoded => "decoded",
        Encoding::LowerEscapes => "given escapes with lower-case digits (`%2f` for `%2F`)",
        Encoding::PlusEscaped => "given `%20` for `+`",
    }
}

pub(crate) const fn text_form(form: TextForm) -> &'static str {
    match form {
        TextForm::Utf8 => "left as it is, in UTF-8",
        TextForm::Gbk => "put into GBK, not UTF-8",
        TextForm::Lower => "made lower-case",
        TextForm::Upper => "made upper-case",
        TextForm::Percent => "percent-encoded as a whole",
        TextForm::Form => "form-encoded as a whole",
    }
}

const fn ends(ends: Ends) -> &'static str {
    match ends {
        Ends::Bare => "nothing",
        Ends::Newline => "a newline behind",
        Ends::CrLf => "a carriage return and a newline behind",
        Ends::Bom => "a byte order mark in front",
        Ends::Blank => "a blank behind",
    }
}

const fn newlines(newlines: Newlines) -> &'static str {
    match newlines {
        Newlines::AsGiven => "stayed as they are",
        Newlines::CrLf => "became CRLF before signing",
        Newlines::Lf => "became LF before signing, but CRLF is sent",
        Newlines::Removed => "were removed before signing",
    }
}

pub(crate) const fn pair(pair: PairFormat) -> &'static str {
    match pair {
        PairFormat::NameEqualsValue => "`name=value`",
        PairFormat::NameValue => "`namevalue`",
        PairFormat::Value => "values without names",
        PairFormat::NameColonValue => "`name:value`",
    }
}

pub(crate) fn joined(separator: &str) -> String {
    if separator.is_empty() { "nothing between".into() } else { format!("`{}`", visible(separator)) }
}

pub(crate) const fn body(form: BodyForm) -> &'static str {
    match form {
        BodyForm::AsSent => "as it is sent",
        BodyForm::Compact => "without its white space",
        BodyForm::Python => "as Python's json.dumps writes it (blanks behind `,` and `:`, `\\uXXXX`)",
        BodyForm::Php => "as PHP's json_encode writes it (`\\/`, `\\uXXXX`)",
        BodyForm::Spaced => "with blanks behind `,` and `:`",
        BodyForm::Pretty2 => "pretty-printed with two blanks a level",
        BodyForm::Pretty4 => "pretty-printed with four blanks a level",
        BodyForm::PrettyTab => "pretty-printed with a tab a level",
        BodyForm::Sorted => "with its members sorted by name",
        BodyForm::Reversed => "with its members in another order",
        BodyForm::Slashes => "with `/` written as `\\/`",
        BodyForm::Ascii => "with `\\uXXXX` for everything beyond ASCII",
        BodyForm::Newline => "with a newline at its end",
        BodyForm::Bom => "with a byte order mark in front",
    }
}
