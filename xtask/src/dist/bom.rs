//! The bill of materials: CycloneDX 1.5 as JSON. The same tree makes the same bytes.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::tree::{Id, Part, Tree};

/// The bill of a command whose binary has this SHA-256.
pub(super) fn make(tree: &Tree, binary: &str) -> String {
    let components: Vec<Value> = tree
        .parts
        .iter()
        .filter(|(id, _)| **id != tree.root)
        .map(|(id, part)| component(id, part, "library"))
        .collect();
    let dependencies: Vec<Value> = tree
        .parts
        .iter()
        .map(|(id, part)| json!({ "ref": purl(id), "dependsOn": part.needs.iter().map(purl).collect::<Vec<_>>() }))
        .collect();
    let mut main =
        tree.parts.get(&tree.root).map_or(Value::Null, |part| component(&tree.root, part, "application"));
    if let Some(main) = main.as_object_mut() {
        main.insert("hashes".to_owned(), json!([{ "alg": "SHA-256", "content": binary }]));
    }
    let mut bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": main },
        "components": components,
        "dependencies": dependencies,
    });
    let number = serial_number(&bill.to_string());
    if let Some(bill) = bill.as_object_mut() {
        bill.insert("serialNumber".to_owned(), Value::String(number));
    }
    format!("{bill:#}\n")
}

fn component(id: &Id, part: &Part, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(id),
        "name": id.0,
        "version": id.1,
        // Excluded is what runs while it is built, and is not handed out.
        "scope": if part.builds_only { "excluded" } else { "required" },
        "licenses": licenses(part.license.as_deref()),
        "purl": purl(id),
    });
    if let Some(component) = component.as_object_mut() {
        if let Some(description) = &part.description {
            component.insert("description".to_owned(), json!(description.trim()));
        }
        if let Some(checksum) = &part.checksum {
            component.insert("hashes".to_owned(), json!([{ "alg": "SHA-256", "content": checksum }]));
        }
        if let Some(repository) = &part.repository {
            component.insert("externalReferences".to_owned(), json!([{ "type": "vcs", "url": repository }]));
        }
    }
    component
}

/// An SPDX expression. Old manifests have a slash for `OR`.
pub(super) fn expression(license: Option<&str>) -> Option<String> {
    license.map(|license| license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR "))
}

fn licenses(license: Option<&str>) -> Value {
    match expression(license) {
        Some(license) => json!([{ "expression": license }]),
        None => json!([{ "license": { "name": "see the package's licence file" } }]),
    }
}

fn purl((name, version): &Id) -> String {
    // Of what a version may hold, only the plus needs another form in a URL.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// A UUID (RFC 9562, version 8) that follows from the content.
fn serial_number(content: &str) -> String {
    let digits = hex::encode(Sha256::digest(content));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree;
    use super::*;

    fn bill() -> Value {
        serde_json::from_str(&make(&tree(), "cd")).unwrap()
    }

    #[track_caller]
    fn check(pointer: &str, expected: &Value) {
        assert_eq!(bill().pointer(pointer), Some(expected), "{pointer}");
    }

    #[test]
    fn the_command_stands_above_its_parts() {
        check("/metadata/component/purl", &json!("pkg:cargo/app@0.1.0"));
        check("/metadata/component/hashes", &json!([{ "alg": "SHA-256", "content": "cd" }]));
        check("/components/0/name", &json!("cc"));
        check("/components/0/scope", &json!("excluded"));
        check("/components/0/licenses/0/license/name", &json!("see the package's licence file"));
        check("/components/1/hashes/0/content", &json!("ab"));
        check("/components/1/licenses", &json!([{ "expression": "MIT OR Apache-2.0" }]));
        check("/components/1/externalReferences/0/url", &json!("https://x"));
        check(
            "/dependencies/0",
            &json!({ "ref": "pkg:cargo/app@0.1.0", "dependsOn": ["pkg:cargo/lib@1.0.0"] }),
        );
        assert_eq!(bill()["components"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn licences_are_expressions() {
        assert_eq!(expression(Some("Apache-2.0 / MIT")).as_deref(), Some("Apache-2.0 OR MIT"));
        assert_eq!(expression(Some("MIT/Apache-2.0")).as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(expression(Some("Apache-2.0 AND ISC")).as_deref(), Some("Apache-2.0 AND ISC"));
        assert_eq!(expression(None), None);
    }

    #[test]
    fn the_number_follows_from_the_content() {
        let number = |bill: Value| bill["serialNumber"].as_str().map(str::to_owned);
        assert_eq!(number(bill()), number(bill()));
        let other: Value = serde_json::from_str(&make(&tree(), "ce")).unwrap();
        assert_ne!(number(bill()), number(other));
        let form: Vec<usize> = serial_number("").split('-').map(str::len).collect();
        assert_eq!(form, ["urn:uuid:01234567".len(), 4, 4, 4, 12]);
    }

    #[test]
    fn versions_with_a_plus_are_written_as_urls_want_it() {
        assert_eq!(purl(&("a".to_owned(), "1.0.0+spec-1".to_owned())), "pkg:cargo/a@1.0.0%2Bspec-1");
    }
}
