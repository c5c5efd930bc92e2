//! Recipes in PHP.

use super::{Escape, escape, escapes, framed, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey, TextForm,
};

const ESCAPE: &str = r#"function escape(string $text, string $kept, bool $plus, bool $lower): string
{
    $out = "";
    foreach (str_split($text) as $char) {
        if ($char !== "" && (preg_match('/^[A-Za-z0-9]$/D', $char) || strpos($kept, $char) !== false)) {
            $out .= $char;
        } elseif ($plus && $char === " ") {
            $out .= "+";
        } elseif ($char !== "") {
            $out .= sprintf($lower ? "%%%02x" : "%%%02X", ord($char));
        }
    }
    return $out;
}

"#;

/// Dollars are names within double quotes.
fn literal(text: &str) -> String {
    quoted(text).replace('$', "\\$")
}

fn literals(texts: &[String]) -> String {
    texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", ")
}

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    (0..times)
        .fold(what.to_owned(), |inner, _| format!("escape({inner}, {}, {plus}, {lower})", literal(kept)))
}

fn fill(fill: Fill, test: &str) -> String {
    let what = match fill.text() {
        None => "continue;".to_owned(),
        Some(text) => format!("$value = {};", literal(text)),
    };
    format!("        if ({test}) {{\n            {what}\n        }}\n")
}

fn comparator(recipe: &Recipe) -> Option<String> {
    let key = |row: &str| match recipe.order.by {
        SortKey::Given => None,
        SortKey::Name => Some(format!("${row}[0]")),
        SortKey::Pair => Some(format!("${row}[0] . \"=\" . ${row}[1]")),
        SortKey::Value => Some(format!("${row}[1]")),
    };
    let (a, b) = if recipe.order.descending { (key("b")?, key("a")?) } else { (key("a")?, key("b")?) };
    let utf16 = |text: &str| format!("iconv(\"UTF-8\", \"UTF-16BE\", {text})");
    Some(match recipe.order.collation {
        Collation::Bytes => format!("strcmp({a}, {b})"),
        Collation::Utf16 => format!("strcmp({}, {})", utf16(&a), utf16(&b)),
        Collation::IgnoreCase => format!("strcmp(strtolower({a}), strtolower({b})) ?: strcmp({a}, {b})"),
    })
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let mut code = String::from("<?php\n\n");
    if escapes(recipe) {
        code.push_str(ESCAPE);
    }
    code.push_str(&format!("// {}\n// The secret: getenv(\"APP_SECRET\")\n", summary(recipe)));
    let argument = if bare { "$values" } else { "$params" };
    code.push_str(&format!("function sign(array {argument}, string $secret): string\n{{\n"));
    code.push_str(match recipe.secret_form {
        SecretForm::Md5 => "    $secret = md5($secret);\n",
        SecretForm::Md5Upper => "    $secret = strtoupper(md5($secret));\n",
        SecretForm::Upper => "    $secret = strtoupper($secret);\n",
        SecretForm::Lower => "    $secret = strtolower($secret);\n",
        _ => "",
    });
    code.push_str("    $rows = [];\n");
    match &recipe.selection {
        _ if bare => code.push_str("    foreach ($values as $value) {\n        $name = \"\";\n"),
        Selection::Only(names) => code.push_str(&format!(
            "    foreach ([{}] as $name) {{\n        if (!array_key_exists($name, $params)) {{\n            continue;\n        \
             }}\n        $value = $params[$name];\n",
            literals(names)
        )),
        selection => {
            code.push_str("    foreach ($params as $name => $value) {\n");
            // A name of digits alone has become a number.
            code.push_str("        $name = (string) $name;\n");
            if let Selection::Except(names) = selection {
                code.push_str(&format!(
                    "        if (in_array($name, [{}], true)) {{\n            continue;\n        }}\n",
                    literals(names)
                ));
            }
        }
    }
    if recipe.empties != Fill::Kept {
        code.push_str(&fill(recipe.empties, "$value === \"\""));
    }
    code.push_str(&fill(recipe.nulls, "$value === null"));
    let value = escaped(escape(recipe.encoding), "(string) $value");
    code.push_str(&format!("        $value = {value};\n"));
    let pair = paired(recipe.pair, "$name", "$value", " . ");
    code.push_str(&format!("        $rows[] = [$name, $value, {pair}];\n    }}\n"));
    match &recipe.secret {
        Place::Sorted => code.push_str("    $rows[] = [$secret, $secret, $secret];\n"),
        Place::SortedAs { name } => {
            let name = literal(name);
            let pair = paired(recipe.pair, &name, "$secret", " . ");
            code.push_str(&format!("    $rows[] = [{name}, $secret, {pair}];\n"));
        }
        _ => {}
    }
    if let Some(comparator) = comparator(recipe) {
        code.push_str(&format!("    usort($rows, fn($a, $b) => {comparator});\n"));
    }
    code.push_str("    $parts = array_column($rows, 2);\n");
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!("    array_splice($parts, {count}, 0, [$secret]);\n"));
    }
    code.push_str(&format!("    $text = implode({}, $parts);\n", literal(&recipe.separator)));
    let framed = framed(recipe, "$text", "$secret", " . ", literal);
    if framed != "$text" {
        code.push_str(&format!("    $text = {framed};\n"));
    }
    code.push_str(match recipe.text {
        TextForm::Lower => "    $text = strtolower($text);\n",
        TextForm::Upper => "    $text = strtoupper($text);\n",
        TextForm::Gbk => {
            "    $text = iconv(\"UTF-8\", \"GBK\", $text);\n    $secret = iconv(\"UTF-8\", \"GBK\", $secret);\n"
        }
        _ => "",
    });
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("    $text = {};\n", escaped(Some(whole), "$text")));
    }
    let name = match recipe.digest {
        DigestKind::Md5 => "md5",
        DigestKind::Sha1 => "sha1",
        DigestKind::Sha256 => "sha256",
    };
    let of = |data: &str| {
        if recipe.hmac {
            format!("hash_hmac(\"{name}\", {data}, $secret, true)")
        } else {
            format!("hash(\"{name}\", {data}, true)")
        }
    };
    code.push_str(&format!("    $digest = {};\n", of("$text")));
    match recipe.rounds {
        Rounds::Once => {}
        Rounds::OfHex => code.push_str(&format!("    $digest = {};\n", of("bin2hex($digest)"))),
        Rounds::OfUpperHex => {
            code.push_str(&format!("    $digest = {};\n", of("strtoupper(bin2hex($digest))")))
        }
        Rounds::OfBytes => code.push_str(&format!("    $digest = {};\n", of("$digest"))),
    }
    if recipe.short {
        code.push_str("    $digest = substr($digest, 4, 8);\n");
    }
    code.push_str(match recipe.output {
        Output::Hex => "    return bin2hex($digest);\n}\n",
        Output::UpperHex => "    return strtoupper(bin2hex($digest));\n}\n",
        Output::Base64 => "    return base64_encode($digest);\n}\n",
        Output::Base64Url => "    return strtr(base64_encode($digest), \"+/\", \"-_\");\n}\n",
        Output::Base64OfHex => "    return base64_encode(bin2hex($digest));\n}\n",
    });
    code
}
