//! Recipes in Go.

use super::{Escape, escape, escapes, framed, list, paired, quoted, summary, whole};
use crate::{
    Collation, DigestKind, Fill, Output, Place, Recipe, Rounds, SecretForm, Selection, SortKey, TextForm,
};

const ESCAPE: &str = r#"
func escape(text, kept, digits string, plus bool) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		plain := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		switch {
		case plain || strings.IndexByte(kept, b) >= 0:
			out.WriteByte(b)
		case plus && b == ' ':
			out.WriteByte('+')
		default:
			out.WriteString("%" + string(digits[b>>4]) + string(digits[b&15]))
		}
	}
	return out.String()
}
"#;

const UTF16: &str = r"
func less16(a, b string) bool {
	x, y := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	for i := range x {
		if i == len(y) || x[i] != y[i] {
			return i < len(y) && x[i] < y[i]
		}
	}
	return len(x) < len(y)
}
";

fn escaped(escape: Option<Escape>, what: &str) -> String {
    let Some(Escape { kept, plus, lower, times }) = escape else { return what.to_owned() };
    let digits = if lower { "0123456789abcdef" } else { "0123456789ABCDEF" };
    (0..times)
        .fold(what.to_owned(), |inner, _| format!("escape({inner}, {}, \"{digits}\", {plus})", quoted(kept)))
}

fn fill(fill: Fill, test: &str) -> String {
    let what = match fill.text() {
        None => "continue".to_owned(),
        Some(text) => format!("value = {}", quoted(text)),
    };
    format!("\t\tif {test} {{\n\t\t\t{what}\n\t\t}}\n")
}

fn less(recipe: &Recipe) -> Option<String> {
    let key = |row: &str| match recipe.order.by {
        SortKey::Given => None,
        SortKey::Name => Some(format!("rows[{row}].name")),
        SortKey::Pair => Some(format!("rows[{row}].name+\"=\"+rows[{row}].value")),
        SortKey::Value => Some(format!("rows[{row}].value")),
    };
    let (a, b) = if recipe.order.descending { (key("j")?, key("i")?) } else { (key("i")?, key("j")?) };
    Some(match recipe.order.collation {
        Collation::Bytes => format!("return {a} < {b}"),
        Collation::Utf16 => format!("return less16({a}, {b})"),
        Collation::IgnoreCase => format!(
            "x, y := strings.ToLower({a}), strings.ToLower({b})\n\t\treturn x < y || x == y && {a} < {b}"
        ),
    })
}

const fn package(kind: DigestKind) -> &'static str {
    match kind {
        DigestKind::Md5 => "md5",
        DigestKind::Sha1 => "sha1",
        DigestKind::Sha256 => "sha256",
    }
}

fn imports(recipe: &Recipe, utf16: bool) -> String {
    let mut imports = vec![format!("crypto/{}", package(recipe.digest)), "strings".to_owned()];
    let mut add = |needed: bool, name: &str| {
        if needed && !imports.iter().any(|known| known == name) {
            imports.push(name.to_owned());
        }
    };
    let md5 = matches!(recipe.secret_form, SecretForm::Md5 | SecretForm::Md5Upper);
    add(md5, "crypto/md5");
    add(recipe.hmac, "crypto/hmac");
    add(matches!(recipe.output, Output::Base64 | Output::Base64Url | Output::Base64OfHex), "encoding/base64");
    let hex = !matches!(recipe.output, Output::Base64 | Output::Base64Url)
        || md5
        || matches!(recipe.rounds, Rounds::OfHex | Rounds::OfUpperHex);
    add(hex, "encoding/hex");
    add(recipe.order.by != SortKey::Given, "sort");
    add(utf16, "unicode/utf16");
    imports.sort();
    imports.iter().map(|name| format!("\t\"{name}\"\n")).collect()
}

pub(super) fn print(recipe: &Recipe) -> String {
    let bare = recipe.signs_bare_values();
    let utf16 = recipe.order.by != SortKey::Given && recipe.order.collation == Collation::Utf16;
    let mut code = format!("package main\n\nimport (\n{})\n\n", imports(recipe, utf16));
    code.push_str("// Param is a parameter; a nil Value is null.\ntype Param struct {\n\tName  string\n\tValue *string\n}\n\n");
    code.push_str(&format!("// Sign: {}\n// The secret: os.Getenv(\"APP_SECRET\")\n", summary(recipe)));
    code.push_str("func Sign(params []Param, secret string) string {\n");
    let md5 = "\thashed := md5.Sum([]byte(secret))\n\tsecret = hex.EncodeToString(hashed[:])\n";
    match recipe.secret_form {
        SecretForm::Md5 => code.push_str(md5),
        SecretForm::Md5Upper => code.push_str(&format!("{md5}\tsecret = strings.ToUpper(secret)\n")),
        SecretForm::Upper => code.push_str("\tsecret = strings.ToUpper(secret)\n"),
        SecretForm::Lower => code.push_str("\tsecret = strings.ToLower(secret)\n"),
        _ => {}
    }
    code.push_str("\ttype row struct{ name, value, text string }\n\tvar rows []row\n");
    match &recipe.selection {
        Selection::Only(names) if !bare => {
            code.push_str(&format!(
                "\tvar wanted []Param\n\tfor _, name := range []string{{{}}} {{\n",
                list(names)
            ));
            code.push_str("\t\tfor _, it := range params {\n\t\t\tif it.Name == name {\n");
            code.push_str("\t\t\t\twanted = append(wanted, it)\n\t\t\t}\n\t\t}\n\t}\n");
            code.push_str("\tfor _, it := range wanted {\n");
        }
        Selection::Except(names) if !bare => {
            code.push_str("\tfor _, it := range params {\n");
            code.push_str(&format!(
                "\t\tswitch it.Name {{\n\t\tcase {}:\n\t\t\tcontinue\n\t\t}}\n",
                list(names)
            ));
        }
        _ => code.push_str("\tfor _, it := range params {\n"),
    }
    let name = if bare { "\"\"" } else { "it.Name" };
    code.push_str(&format!(
        "\t\tname, value := {name}, \"\"\n\t\tif it.Value != nil {{\n\t\t\tvalue = *it.Value\n\t\t}}\n"
    ));
    if recipe.empties != Fill::Kept {
        code.push_str(&fill(recipe.empties, "it.Value != nil && value == \"\""));
    }
    code.push_str(&fill(recipe.nulls, "it.Value == nil"));
    if recipe.encoding != crate::Encoding::Raw {
        code.push_str(&format!("\t\tvalue = {}\n", escaped(escape(recipe.encoding), "value")));
    }
    let pair = paired(recipe.pair, "name", "value", " + ");
    code.push_str(&format!("\t\trows = append(rows, row{{name, value, {pair}}})\n\t}}\n"));
    match &recipe.secret {
        Place::Sorted => code.push_str("\trows = append(rows, row{secret, secret, secret})\n"),
        Place::SortedAs { name } => {
            let name = quoted(name);
            let pair = paired(recipe.pair, &name, "secret", " + ");
            code.push_str(&format!("\trows = append(rows, row{{{name}, secret, {pair}}})\n"));
        }
        _ => {}
    }
    if let Some(less) = less(recipe) {
        code.push_str(&format!("\tsort.SliceStable(rows, func(i, j int) bool {{\n\t\t{less}\n\t}})\n"));
    }
    code.push_str("\tvar parts []string\n");
    if let Place::Behind { count } = recipe.secret {
        code.push_str(&format!(
            "\tfor i, row := range rows {{\n\t\tif i == {count} {{\n\t\t\tparts = append(parts, secret)\n\t\t}}\n\t\t\
             parts = append(parts, row.text)\n\t}}\n\tif len(rows) <= {count} {{\n\t\tparts = append(parts, secret)\n\t}}\n"
        ));
    } else {
        code.push_str("\tfor _, row := range rows {\n\t\tparts = append(parts, row.text)\n\t}\n");
    }
    code.push_str(&format!("\ttext := strings.Join(parts, {})\n", quoted(&recipe.separator)));
    let framed = framed(recipe, "text", "secret", " + ", quoted);
    if framed != "text" {
        code.push_str(&format!("\ttext = {framed}\n"));
    }
    match recipe.text {
        TextForm::Lower => code.push_str("\ttext = strings.ToLower(text)\n"),
        TextForm::Upper => code.push_str("\ttext = strings.ToUpper(text)\n"),
        _ => {}
    }
    if let Some(whole) = whole(recipe.text) {
        code.push_str(&format!("\ttext = {}\n", escaped(Some(whole), "text")));
    }
    code.push_str("\tdigest := sum([]byte(text), []byte(secret))\n");
    match recipe.rounds {
        Rounds::Once => {}
        Rounds::OfHex => {
            code.push_str("\tdigest = sum([]byte(hex.EncodeToString(digest)), []byte(secret))\n")
        }
        Rounds::OfUpperHex => {
            code.push_str(
                "\tdigest = sum([]byte(strings.ToUpper(hex.EncodeToString(digest))), []byte(secret))\n",
            );
        }
        Rounds::OfBytes => code.push_str("\tdigest = sum(digest, []byte(secret))\n"),
    }
    if recipe.short {
        code.push_str("\tdigest = digest[4:12]\n");
    }
    code.push_str(match recipe.output {
        Output::Hex => "\treturn hex.EncodeToString(digest)\n}\n",
        Output::UpperHex => "\treturn strings.ToUpper(hex.EncodeToString(digest))\n}\n",
        Output::Base64 => "\treturn base64.StdEncoding.EncodeToString(digest)\n}\n",
        Output::Base64Url => "\treturn base64.URLEncoding.EncodeToString(digest)\n}\n",
        Output::Base64OfHex => {
            "\treturn base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(digest)))\n}\n"
        }
    });
    let package = package(recipe.digest);
    if recipe.hmac {
        code.push_str(&format!(
            "\nfunc sum(data, key []byte) []byte {{\n\tmac := hmac.New({package}.New, key)\n\tmac.Write(data)\n\treturn mac.Sum(nil)\n}}\n"
        ));
    } else {
        code.push_str(&format!(
            "\nfunc sum(data, _ []byte) []byte {{\n\tdigest := {package}.New()\n\tdigest.Write(data)\n\treturn digest.Sum(nil)\n}}\n"
        ));
    }
    if utf16 {
        code.push_str(UTF16);
    }
    if escapes(recipe) {
        code.push_str(ESCAPE);
    }
    code
}
