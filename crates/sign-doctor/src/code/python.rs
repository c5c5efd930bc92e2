//! Recipes in Python.

use super::{Escape, escape, escapes, framed, list, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Order, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey,
    TextForm,
};

const fn digest(kind: DigestKind) -> &'static str {
    match kind {
        DigestKind::Md5 => "md5",
        DigestKind::Sha1 => "sha1",
        DigestKind::Sha256 => "sha256",
    }
}

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    let (plus, lower) = (if plus { "True" } else { "False" }, if lower { "True" } else { "False" });
    (0..times).fold(what.to_owned(), |inner, _| format!("escape({inner}, {}, {plus}, {lower})", quoted(kept)))
}

fn fill(fill: Fill, test: &str) -> String {
    match fill.text() {
        None => format!("        if {test}:\n            continue\n"),
        Some(text) => format!("        if {test}:\n            value = {}\n", quoted(text)),
    }
}

fn key(order: Order) -> Option<String> {
    let text = match order.by {
        SortKey::Given => return None,
        SortKey::Name => "row[0]",
        SortKey::Pair => "(row[0] + \"=\" + row[1])",
        SortKey::Value => "row[1]",
    };
    Some(match order.collation {
        Collation::Bytes => format!("{text}.encode(\"utf-8\")"),
        Collation::Utf16 => format!("{text}.encode(\"utf-16-be\")"),
        Collation::IgnoreCase => format!("({text}.lower().encode(\"utf-8\"), {text}.encode(\"utf-8\"))"),
    })
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let mut code = String::from("import base64\nimport hashlib\nimport hmac\n\n\n");
    if escapes(recipe) {
        code.push_str(
            "def escape(text, kept, plus, lower):\n    out = \"\"\n    for byte in text.encode(\"utf-8\"):\n        \
             char = chr(byte)\n        if byte < 128 and (char.isalnum() or char in kept):\n            out += char\n        \
             elif plus and char == \" \":\n            out += \"+\"\n        else:\n            \
             out += (\"%%%02x\" if lower else \"%%%02X\") % byte\n    return out\n\n\n",
        );
    }
    let argument = if bare { "values" } else { "params" };
    code.push_str(&format!("def sign({argument}, secret):\n"));
    code.push_str(&format!("    # {}\n    # The secret: os.environ[\"APP_SECRET\"]\n", summary(recipe)));
    code.push_str(match recipe.secret_form {
        SecretForm::Md5 => "    secret = hashlib.md5(secret.encode(\"utf-8\")).hexdigest()\n",
        SecretForm::Md5Upper => "    secret = hashlib.md5(secret.encode(\"utf-8\")).hexdigest().upper()\n",
        SecretForm::Upper => "    secret = secret.upper()\n",
        SecretForm::Lower => "    secret = secret.lower()\n",
        _ => "",
    });
    code.push_str("    rows = []\n");
    match &recipe.selection {
        _ if bare => code.push_str("    for value in values:\n        name = \"\"\n"),
        Selection::All => code.push_str("    for name, value in params.items():\n"),
        Selection::Except(names) => code.push_str(&format!(
            "    for name, value in params.items():\n        if name in ({},):\n            continue\n",
            list(names)
        )),
        Selection::Only(names) => code.push_str(&format!(
            "    for name in ({},):\n        if name not in params:\n            continue\n        value = params[name]\n",
            list(names)
        )),
    }
    // An empty text that stands for null is no empty value.
    let first = fill(recipe.empties, "value == \"\"");
    code.push_str(if recipe.empties == Fill::Kept { "" } else { &first });
    code.push_str(&fill(recipe.nulls, "value is None"));
    // A caller's number is signed as it is written.
    code.push_str(&format!("        value = {}\n", escaped(escape(recipe.encoding), "str(value)")));
    code.push_str(&format!(
        "        rows.append((name, value, {}))\n",
        paired(recipe.pair, "name", "value", " + ")
    ));
    match &recipe.secret {
        Place::Sorted => code.push_str("    rows.append((secret, secret, secret))\n"),
        Place::SortedAs { name } => {
            let name = quoted(name);
            let pair = paired(recipe.pair, &name, "secret", " + ");
            code.push_str(&format!("    rows.append(({name}, secret, {pair}))\n"));
        }
        _ => {}
    }
    if let Some(key) = key(recipe.order) {
        let reverse = if recipe.order.descending { ", reverse=True" } else { "" };
        code.push_str(&format!("    rows.sort(key=lambda row: {key}{reverse})\n"));
    }
    code.push_str("    parts = [row[2] for row in rows]\n");
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!("    parts.insert({count}, secret)\n"));
    }
    code.push_str(&format!("    text = {}.join(parts)\n", quoted(&recipe.separator)));
    let framed = framed(recipe, "text", "secret", " + ", quoted);
    if framed != "text" {
        code.push_str(&format!("    text = {framed}\n"));
    }
    match recipe.text {
        TextForm::Lower => code.push_str("    text = text.lower()\n"),
        TextForm::Upper => code.push_str("    text = text.upper()\n"),
        _ => {}
    }
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("    text = {}\n", escaped(Some(whole), "text")));
    }
    let charset = if recipe.text == TextForm::Gbk { "\"gbk\", \"replace\"" } else { "\"utf-8\"" };
    let name = digest(recipe.digest);
    let of = |data: &str| {
        if recipe.hmac {
            format!("hmac.new(secret.encode({charset}), {data}, hashlib.{name}).digest()")
        } else {
            format!("hashlib.{name}({data}).digest()")
        }
    };
    code.push_str(&format!("    data = text.encode({charset})\n    digest = {}\n", of("data")));
    match recipe.rounds {
        Rounds::Once => {}
        Rounds::OfHex => code.push_str(&format!("    digest = {}\n", of("digest.hex().encode()"))),
        Rounds::OfUpperHex => {
            code.push_str(&format!("    digest = {}\n", of("digest.hex().upper().encode()")))
        }
        Rounds::OfBytes => code.push_str(&format!("    digest = {}\n", of("digest"))),
    }
    if recipe.short {
        code.push_str("    digest = digest[4:12]\n");
    }
    code.push_str(match recipe.output {
        Output::Hex => "    return digest.hex()\n",
        Output::UpperHex => "    return digest.hex().upper()\n",
        Output::Base64 => "    return base64.b64encode(digest).decode()\n",
        Output::Base64Url => "    return base64.urlsafe_b64encode(digest).decode()\n",
        Output::Base64OfHex => "    return base64.b64encode(digest.hex().encode()).decode()\n",
    });
    code
}
