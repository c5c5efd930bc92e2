//! Recipes in Java.

use super::{Escape, escape, escapes, framed, list, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey, TextForm,
};

const ESCAPE: &str = r#"
    static String escape(String text, String kept, boolean plus, boolean lower) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (plain || kept.indexOf(c) >= 0) out.append(c);
            else if (plus && c == ' ') out.append('+');
            else out.append(String.format(lower ? "%%%02x" : "%%%02X", b & 0xff));
        }
        return out.toString();
    }
"#;

const HEX: &str = r#"
    static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (byte b : bytes) out.append(String.format("%02x", b & 0xff));
        return out.toString();
    }
"#;

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    (0..times).fold(what.to_owned(), |inner, _| format!("escape({inner}, {}, {plus}, {lower})", quoted(kept)))
}

fn fill(fill: Fill, test: &str) -> String {
    match fill.text() {
        None => format!("            if ({test}) continue;\n"),
        Some(text) => format!("            if ({test}) value = {};\n", quoted(text)),
    }
}

fn comparator(recipe: &Recipe) -> Option<String> {
    let key = |row: &str| match recipe.order.by {
        SortKey::Given => None,
        SortKey::Name => Some(format!("{row}[0]")),
        SortKey::Pair => Some(format!("({row}[0] + \"=\" + {row}[1])")),
        SortKey::Value => Some(format!("{row}[1]")),
    };
    let (a, b) = if recipe.order.descending { (key("b")?, key("a")?) } else { (key("a")?, key("b")?) };
    let bytes = |text: &str| format!("{text}.getBytes(StandardCharsets.UTF_8)");
    let lower = |text: &str| format!("{text}.toLowerCase(Locale.ROOT)");
    let compare = |a: &str, b: &str| format!("Arrays.compareUnsigned({}, {})", bytes(a), bytes(b));
    Some(match recipe.order.collation {
        Collation::Utf16 => format!("(a, b) -> {a}.compareTo({b})"),
        Collation::Bytes => format!("(a, b) -> {}", compare(&a, &b)),
        Collation::IgnoreCase => format!(
            "(a, b) -> {{ int order = {}; return order != 0 ? order : {}; }}",
            compare(&lower(&a), &lower(&b)),
            compare(&a, &b)
        ),
    })
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let mut code = String::from(
        "import java.nio.charset.Charset;\nimport java.nio.charset.StandardCharsets;\nimport java.security.MessageDigest;\n\
         import java.util.*;\nimport javax.crypto.Mac;\nimport javax.crypto.spec.SecretKeySpec;\n\n\
         public final class Signer {\n",
    );
    let arguments = if bare { "List<String> values" } else { "Map<String, String> params" };
    code.push_str(&format!("    // {}\n    // The secret: System.getenv(\"APP_SECRET\")\n", summary(recipe)));
    code.push_str(&format!(
        "    public static String sign({arguments}, String secret) throws Exception {{\n"
    ));
    code.push_str(match recipe.secret_form {
        SecretForm::Md5 => {
            "        secret = hex(MessageDigest.getInstance(\"MD5\").digest(secret.getBytes(StandardCharsets.UTF_8)));\n"
        }
        SecretForm::Md5Upper => {
            "        secret = hex(MessageDigest.getInstance(\"MD5\").digest(secret.getBytes(StandardCharsets.UTF_8))).toUpperCase(Locale.ROOT);\n"
        }
        SecretForm::Upper => "        secret = secret.toUpperCase(Locale.ROOT);\n",
        SecretForm::Lower => "        secret = secret.toLowerCase(Locale.ROOT);\n",
        _ => "",
    });
    code.push_str("        List<String[]> rows = new ArrayList<>();\n");
    match &recipe.selection {
        _ if bare => code.push_str("        for (String value : values) {\n            String name = \"\";\n"),
        Selection::Only(names) => code.push_str(&format!(
            "        for (String name : List.of({})) {{\n            if (!params.containsKey(name)) continue;\n            \
             String value = params.get(name);\n",
            list(names)
        )),
        selection => {
            code.push_str("        for (Map.Entry<String, String> it : params.entrySet()) {\n");
            code.push_str("            String name = it.getKey(), value = it.getValue();\n");
            if let Selection::Except(names) = selection {
                code.push_str(&format!("            if (List.of({}).contains(name)) continue;\n", list(names)));
            }
        }
    }
    if recipe.empties != Fill::Kept {
        code.push_str(&fill(recipe.empties, "\"\".equals(value)"));
    }
    code.push_str(&fill(recipe.nulls, "value == null"));
    if recipe.encoding != crate::Encoding::Raw {
        code.push_str(&format!("            value = {};\n", escaped(escape(recipe.encoding), "value")));
    }
    let pair = paired(recipe.pair, "name", "value", " + ");
    code.push_str(&format!("            rows.add(new String[] {{name, value, {pair}}});\n        }}\n"));
    match &recipe.secret {
        Place::Sorted => code.push_str("        rows.add(new String[] {secret, secret, secret});\n"),
        Place::SortedAs { name } => {
            let name = quoted(name);
            let pair = paired(recipe.pair, &name, "secret", " + ");
            code.push_str(&format!("        rows.add(new String[] {{{name}, secret, {pair}}});\n"));
        }
        _ => {}
    }
    if let Some(comparator) = comparator(recipe) {
        code.push_str(&format!("        rows.sort({comparator});\n"));
    }
    code.push_str("        List<String> parts = new ArrayList<>();\n        for (String[] row : rows) parts.add(row[2]);\n");
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!("        parts.add(Math.min({count}, parts.size()), secret);\n"));
    }
    code.push_str(&format!("        String text = String.join({}, parts);\n", quoted(&recipe.separator)));
    let framed = framed(recipe, "text", "secret", " + ", quoted);
    if framed != "text" {
        code.push_str(&format!("        text = {framed};\n"));
    }
    match recipe.text {
        TextForm::Lower => code.push_str("        text = text.toLowerCase(Locale.ROOT);\n"),
        TextForm::Upper => code.push_str("        text = text.toUpperCase(Locale.ROOT);\n"),
        _ => {}
    }
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("        text = {};\n", escaped(Some(whole), "text")));
    }
    let charset =
        if recipe.text == TextForm::Gbk { "Charset.forName(\"GBK\")" } else { "StandardCharsets.UTF_8" };
    code.push_str(&format!(
        "        byte[] digest = digest(text.getBytes({charset}), secret.getBytes({charset}));\n"
    ));
    match recipe.rounds {
        Rounds::Once => {}
        Rounds::OfHex => code.push_str(&format!("        digest = digest(hex(digest).getBytes({charset}), secret.getBytes({charset}));\n")),
        Rounds::OfUpperHex => code.push_str(&format!(
            "        digest = digest(hex(digest).toUpperCase(Locale.ROOT).getBytes({charset}), secret.getBytes({charset}));\n"
        )),
        Rounds::OfBytes => code.push_str(&format!("        digest = digest(digest, secret.getBytes({charset}));\n")),
    }
    if recipe.short {
        code.push_str("        digest = Arrays.copyOfRange(digest, 4, 12);\n");
    }
    code.push_str(match recipe.output {
        Output::Hex => "        return hex(digest);\n",
        Output::UpperHex => "        return hex(digest).toUpperCase(Locale.ROOT);\n",
        Output::Base64 => "        return Base64.getEncoder().encodeToString(digest);\n",
        Output::Base64Url => "        return Base64.getUrlEncoder().encodeToString(digest);\n",
        Output::Base64OfHex => {
            "        return Base64.getEncoder().encodeToString(hex(digest).getBytes(StandardCharsets.UTF_8));\n"
        }
    });
    code.push_str("    }\n\n    static byte[] digest(byte[] data, byte[] key) throws Exception {\n");
    if recipe.hmac {
        let name = match recipe.digest {
            DigestKind::Md5 => "HmacMD5",
            DigestKind::Sha1 => "HmacSHA1",
            DigestKind::Sha256 => "HmacSHA256",
        };
        code.push_str(&format!(
            "        Mac mac = Mac.getInstance(\"{name}\");\n        mac.init(new SecretKeySpec(key, \"{name}\"));\n        \
             return mac.doFinal(data);\n    }}\n"
        ));
    } else {
        let name = recipe.digest.name();
        code.push_str(&format!(
            "        return MessageDigest.getInstance(\"{name}\").digest(data);\n    }}\n"
        ));
    }
    code.push_str(HEX);
    if escapes(recipe) {
        code.push_str(ESCAPE);
    }
    code.push_str("}\n");
    code
}
