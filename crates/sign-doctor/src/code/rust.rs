//! Recipes in Rust, with `sign-core`.

use super::{Escape, escape, escapes, framed, list, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey, TextForm,
};

const ESCAPE: &str = r#"
fn escape(text: &str, kept: &[u8], plus: bool, lower: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(char::from(byte));
        } else if plus && byte == b' ' {
            out.push('+');
        } else if lower {
            out.push_str(&format!("%{byte:02x}"));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
"#;

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    let kept = quoted(kept);
    (0..times).fold(what.to_owned(), |inner, _| format!("escape(&{inner}, b{kept}, {plus}, {lower})"))
}

fn fill(fill: Fill) -> String {
    fill.text().map_or_else(|| "continue".to_owned(), quoted)
}

fn comparator(recipe: &Recipe) -> Option<String> {
    let key = |row: &str| match recipe.order.by {
        SortKey::Given => None,
        SortKey::Name => Some(format!("{row}.0")),
        SortKey::Pair => Some(format!("[&*{row}.0, \"=\", &*{row}.1].concat()")),
        SortKey::Value => Some(format!("{row}.1")),
    };
    let (a, b) = if recipe.order.descending { (key("b")?, key("a")?) } else { (key("a")?, key("b")?) };
    Some(match recipe.order.collation {
        Collation::Utf16 => format!("Order::Utf16.compare(&{a}, &{b})"),
        Collation::Bytes => format!("Order::Bytes.compare(&{a}, &{b})"),
        Collation::IgnoreCase => {
            format!("({a}.to_lowercase(), &{a}).cmp(&({b}.to_lowercase(), &{b}))")
        }
    })
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let hashed = matches!(recipe.secret_form, SecretForm::Md5 | SecretForm::Md5Upper);
    let digest = match recipe.digest {
        DigestKind::Md5 => "Md5",
        DigestKind::Sha1 => "Sha1",
        DigestKind::Sha256 => "Sha256",
    };
    let mut names = vec!["Case", "Hasher", digest, "Secret"];
    if hashed && digest != "Md5" {
        names.push("Md5");
    }
    if matches!(recipe.order.collation, Collation::Bytes | Collation::Utf16)
        && recipe.order.by != SortKey::Given
    {
        names.push("Order");
    }
    names.sort_unstable();
    let mut code = format!("use sign_core::{{{}}};\n\n", names.join(", "));
    code.push_str(&format!("/// {}\n///\n", summary(recipe)));
    code.push_str("/// The secret: `Secret::new(std::env::var(\"APP_SECRET\")?)?`\n");
    let (argument, item) = if bare {
        ("values: &[Option<&str>]", "&value in values")
    } else {
        ("params: &[(&str, Option<&str>)]", "&(name, value) in params")
    };
    code.push_str(&format!("pub fn sign({argument}, secret: &Secret) -> String {{\n"));
    code.push_str(&match recipe.secret_form {
        SecretForm::Md5 | SecretForm::Md5Upper => format!(
            "    let secret = Hasher::<Md5>::of(secret.expose().as_bytes()).signature(Case::{});\n    let secret = secret.as_str();\n",
            if recipe.secret_form == SecretForm::Md5 { "Lower" } else { "Upper" }
        ),
        SecretForm::Upper => "    let secret = &*secret.expose().to_uppercase();\n".to_owned(),
        SecretForm::Lower => "    let secret = &*secret.expose().to_lowercase();\n".to_owned(),
        _ => "    let secret = secret.expose();\n".to_owned(),
    });
    code.push_str("    let mut rows: Vec<(String, String, String)> = Vec::new();\n");
    let listed = matches!(&recipe.selection, Selection::Only(_)) && !bare;
    match &recipe.selection {
        Selection::Only(names) if listed => {
            code.push_str(&format!("    let wanted = [{}];\n    for {item} in_order {{\n", list(names)))
        }
        Selection::Except(names) if !bare => {
            code.push_str(&format!("    for {item} {{\n        if [{}].contains(&name) {{\n", list(names)));
            code.push_str("            continue;\n        }\n");
        }
        _ => code.push_str(&format!("    for {item} {{\n")),
    }
    if listed {
        // The list says the order, too.
        code = code.replace(
            "    for &(name, value) in params in_order {\n",
            "    let given = wanted.iter().flat_map(|name| params.iter().filter(move |it| it.0 == *name));\n    \
             for &(name, value) in given {\n",
        );
    }
    code.push_str("        let value = match value {\n");
    code.push_str(&format!("            None => {},\n", fill(recipe.nulls)));
    if recipe.empties != Fill::Kept {
        code.push_str(&format!("            Some(\"\") => {},\n", fill(recipe.empties)));
    }
    code.push_str("            Some(value) => value,\n        };\n");
    if recipe.encoding != crate::Encoding::Raw {
        code.push_str(&format!("        let value = &*{};\n", escaped(escape(recipe.encoding), "value")));
    }
    let pair = paired(recipe.pair, "name", "value", ", ");
    let pair = if recipe.pair == crate::PairFormat::Value {
        "value.to_owned()".to_owned()
    } else {
        format!("[{pair}].concat()")
    };
    let name = if bare { "String::new()" } else { "name.to_owned()" };
    code.push_str(&format!("        rows.push(({name}, value.to_owned(), {pair}));\n    }}\n"));
    match &recipe.secret {
        Place::Sorted => {
            code.push_str("    rows.push((secret.to_owned(), secret.to_owned(), secret.to_owned()));\n")
        }
        Place::SortedAs { name } => {
            let name = quoted(name);
            let pair = paired(recipe.pair, &name, "secret", ", ");
            code.push_str(&format!(
                "    rows.push(({name}.to_owned(), secret.to_owned(), [{pair}].concat()));\n"
            ));
        }
        _ => {}
    }
    if let Some(comparator) = comparator(recipe) {
        code.push_str(&format!("    rows.sort_by(|a, b| {comparator});\n"));
    }
    let behind = matches!(recipe.secret, Place::Behind { .. });
    let mutable = if behind { "mut " } else { "" };
    code.push_str(&format!(
        "    let {mutable}parts: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();\n"
    ));
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!("    parts.insert({count}.min(parts.len()), secret);\n"));
    }
    code.push_str(&format!("    let text = parts.join({});\n", quoted(&recipe.separator)));
    let framed = framed(recipe, "text.as_str()", "secret", ", ", quoted);
    if framed != "text.as_str()" {
        code.push_str(&format!("    let text = [{framed}].concat();\n"));
    }
    code.push_str(match recipe.text {
        TextForm::Lower => "    let text = text.to_lowercase();\n",
        TextForm::Upper => "    let text = text.to_uppercase();\n",
        _ => "",
    });
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("    let text = {};\n", escaped(Some(whole), "text")));
    }
    code.push_str(&format!("    let digest = Hasher::<{digest}>::of(text.as_bytes());\n"));
    code.push_str(&match recipe.rounds {
        Rounds::Once => String::new(),
        Rounds::OfHex => format!(
            "    let digest = Hasher::<{digest}>::of(digest.signature(Case::Lower).as_str().as_bytes());\n"
        ),
        Rounds::OfUpperHex => format!(
            "    let digest = Hasher::<{digest}>::of(digest.signature(Case::Upper).as_str().as_bytes());\n"
        ),
        Rounds::OfBytes => format!("    let digest = Hasher::<{digest}>::of(digest.as_bytes());\n"),
    });
    let case = if recipe.output == Output::UpperHex { "Upper" } else { "Lower" };
    let signature = format!("digest.signature(Case::{case}).as_str()");
    if recipe.short {
        code.push_str(&format!("    {signature}.chars().skip(8).take(16).collect()\n}}\n"));
    } else {
        code.push_str(&format!("    {signature}.to_owned()\n}}\n"));
    }
    if escapes(recipe) {
        code.push_str(ESCAPE);
    }
    code
}
