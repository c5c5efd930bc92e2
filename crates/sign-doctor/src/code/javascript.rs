//! Recipes in JavaScript, for Node.

use super::{Escape, escape, escapes, framed, list, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey, TextForm,
};

const ESCAPE: &str = r#"function escape(text, kept, plus, lower) {
  let out = "";
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9]/.test(char) || kept.includes(char)) out += char;
    else if (plus && char === " ") out += "+";
    else {
      const digits = byte.toString(16).padStart(2, "0");
      out += "%" + (lower ? digits : digits.toUpperCase());
    }
  }
  return out;
}

"#;

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    (0..times).fold(what.to_owned(), |inner, _| format!("escape({inner}, {}, {plus}, {lower})", quoted(kept)))
}

fn fill(fill: Fill, test: &str) -> String {
    match fill.text() {
        None => format!("    if ({test}) continue;\n"),
        Some(text) => format!("    if ({test}) value = {};\n", quoted(text)),
    }
}

fn comparator(recipe: &Recipe) -> Option<String> {
    let key = |row: &str| match recipe.order.by {
        SortKey::Given => None,
        SortKey::Name => Some(format!("{row}[0]")),
        SortKey::Pair => Some(format!("{row}[0] + \"=\" + {row}[1]")),
        SortKey::Value => Some(format!("{row}[1]")),
    };
    let (a, b) = if recipe.order.descending { (key("b")?, key("a")?) } else { (key("a")?, key("b")?) };
    let bytes = |a: &str, b: &str| format!("Buffer.compare(Buffer.from({a}), Buffer.from({b}))");
    Some(match recipe.order.collation {
        // Strings are compared by UTF-16 code unit.
        Collation::Utf16 => format!("(a, b) => ({a} < {b} ? -1 : {a} > {b} ? 1 : 0)"),
        Collation::Bytes => format!("(a, b) => {}", bytes(&a, &b)),
        Collation::IgnoreCase => {
            let lower = |text: &str| format!("({text}).toLowerCase()");
            format!("(a, b) => {} || {}", bytes(&lower(&a), &lower(&b)), bytes(&a, &b))
        }
    })
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let mut code = String::from("const crypto = require(\"crypto\");\n\n");
    if escapes(recipe) {
        code.push_str(ESCAPE);
    }
    code.push_str(&format!("// {}\n// The secret: process.env.APP_SECRET\n", summary(recipe)));
    code.push_str(&format!("function sign({}, secret) {{\n", if bare { "values" } else { "params" }));
    let md5 = "  secret = crypto.createHash(\"md5\").update(secret).digest(\"hex\")";
    code.push_str(&match recipe.secret_form {
        SecretForm::Md5 => format!("{md5};\n"),
        SecretForm::Md5Upper => format!("{md5}.toUpperCase();\n"),
        SecretForm::Upper => "  secret = secret.toUpperCase();\n".to_owned(),
        SecretForm::Lower => "  secret = secret.toLowerCase();\n".to_owned(),
        _ => String::new(),
    });
    code.push_str("  const rows = [];\n");
    match &recipe.selection {
        _ if bare => code.push_str("  for (let value of values) {\n    const name = \"\";\n"),
        Selection::Only(names) => code.push_str(&format!(
            "  for (const name of [{}]) {{\n    if (!(name in params)) continue;\n    let value = params[name];\n",
            list(names)
        )),
        selection => {
            code.push_str("  for (let [name, value] of Object.entries(params)) {\n");
            if let Selection::Except(names) = selection {
                code.push_str(&format!("    if ([{}].includes(name)) continue;\n", list(names)));
            }
        }
    }
    if recipe.empties != Fill::Kept {
        code.push_str(&fill(recipe.empties, "value === \"\""));
    }
    code.push_str(&fill(recipe.nulls, "value === null || value === undefined"));
    let value = escaped(escape(recipe.encoding), "String(value)");
    code.push_str(&format!("    value = {value};\n"));
    let pair = paired(recipe.pair, "name", "value", " + ");
    code.push_str(&format!("    rows.push([name, value, {pair}]);\n  }}\n"));
    match &recipe.secret {
        Place::Sorted => code.push_str("  rows.push([secret, secret, secret]);\n"),
        Place::SortedAs { name } => {
            let name = quoted(name);
            let pair = paired(recipe.pair, &name, "secret", " + ");
            code.push_str(&format!("  rows.push([{name}, secret, {pair}]);\n"));
        }
        _ => {}
    }
    if let Some(comparator) = comparator(recipe) {
        code.push_str(&format!("  rows.sort({comparator});\n"));
    }
    code.push_str("  const parts = rows.map((row) => row[2]);\n");
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!("  parts.splice({count}, 0, secret);\n"));
    }
    code.push_str(&format!("  let text = parts.join({});\n", quoted(&recipe.separator)));
    let framed = framed(recipe, "text", "secret", " + ", quoted);
    if framed != "text" {
        code.push_str(&format!("  text = {framed};\n"));
    }
    match recipe.text {
        TextForm::Lower => code.push_str("  text = text.toLowerCase();\n"),
        TextForm::Upper => code.push_str("  text = text.toUpperCase();\n"),
        _ => {}
    }
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("  text = {};\n", escaped(Some(whole), "text")));
    }
    let name = match recipe.digest {
        DigestKind::Md5 => "md5",
        DigestKind::Sha1 => "sha1",
        DigestKind::Sha256 => "sha256",
    };
    let begin = if recipe.hmac {
        format!("createHmac(\"{name}\", secret)")
    } else {
        format!("createHash(\"{name}\")")
    };
    let of = |data: &str| format!("crypto.{begin}.update({data}).digest()");
    code.push_str(&format!("  let digest = {};\n", of("text")));
    match recipe.rounds {
        Rounds::Once => {}
        Rounds::OfHex => code.push_str(&format!("  digest = {};\n", of("digest.toString(\"hex\")"))),
        Rounds::OfUpperHex => {
            code.push_str(&format!("  digest = {};\n", of("digest.toString(\"hex\").toUpperCase()")));
        }
        Rounds::OfBytes => code.push_str(&format!("  digest = {};\n", of("digest"))),
    }
    if recipe.short {
        code.push_str("  digest = digest.subarray(4, 12);\n");
    }
    code.push_str(match recipe.output {
        Output::Hex => "  return digest.toString(\"hex\");\n}\n",
        Output::UpperHex => "  return digest.toString(\"hex\").toUpperCase();\n}\n",
        Output::Base64 => "  return digest.toString(\"base64\");\n}\n",
        Output::Base64Url => {
            "  return digest.toString(\"base64\").replaceAll(\"+\", \"-\").replaceAll(\"/\", \"_\");\n}\n"
        }
        Output::Base64OfHex => "  return Buffer.from(digest.toString(\"hex\")).toString(\"base64\");\n}\n",
    });
    code
}
