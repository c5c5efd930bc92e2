//! What a stranger reads about a crate in a registry: each package that is published says it, and as crates.io takes it.

use super::packages::Package;

/// The categories of crates.io that we use.
const CATEGORIES: [&str; 13] = [
    "algorithms",
    "api-bindings",
    "asynchronous",
    "authentication",
    "caching",
    "command-line-utilities",
    "cryptography",
    "database",
    "development-tools::debugging",
    "development-tools::testing",
    "network-programming",
    "no-std",
    "web-programming::http-client",
];

/// What is missing in each of them.
pub(super) fn missing(packages: &[&Package]) -> Vec<String> {
    packages.iter().flat_map(|package| missing_in(package)).collect()
}

fn missing_in(package: &Package) -> Vec<String> {
    let mut missing = Vec::new();
    let there = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    for (what, is_there) in [
        ("description", there(&package.description)),
        ("license", there(&package.license)),
        ("repository", there(&package.repository)),
        ("readme", there(&package.readme)),
        ("rust-version", there(&package.rust_version)),
        ("keywords", !package.keywords.is_empty()),
        ("categories", !package.categories.is_empty()),
    ] {
        if !is_there {
            missing.push(format!("{} has no `{what}`", package.name));
        }
    }
    if package.keywords.len() > 5 {
        missing.push(format!("{} has more than 5 keywords", package.name));
    }
    for keyword in package.keywords.iter().filter(|keyword| !is_keyword(keyword)) {
        missing.push(format!("{}: `{keyword}` is no keyword: at most 20 of a-z, 0-9, - and _", package.name));
    }
    for category in package.categories.iter().filter(|category| !CATEGORIES.contains(&category.as_str())) {
        missing.push(format!(
            "{}: `{category}` is not in the list of xtask/src/release/describe.rs; is it one of crates.io?",
            package.name
        ));
    }
    missing
}

fn is_keyword(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    text.len() <= 20
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Package {
        let some = |text: &str| Some(text.to_owned());
        Package {
            name: "a".to_owned(),
            description: some("d"),
            license: some("MIT"),
            repository: some("r"),
            readme: some("README.md"),
            rust_version: some("1.95"),
            keywords: vec!["one".to_owned()],
            categories: vec!["no-std".to_owned()],
            ..Package::default()
        }
    }

    #[track_caller]
    fn check(package: &Package, expected: &[&str]) {
        assert_eq!(missing(&[package]), expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        check(&whole(), &[]);
        check(&Package { readme: None, ..whole() }, &["a has no `readme`"]);
        check(&Package { description: Some(String::new()), ..whole() }, &["a has no `description`"]);
        check(&Package { keywords: Vec::new(), ..whole() }, &["a has no `keywords`"]);
    }

    #[test]
    fn what_crates_io_would_refuse_is_named() {
        let many = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        check(&Package { keywords: many, ..whole() }, &["a has more than 5 keywords"]);
        let odd = vec!["two words".to_owned()];
        let says = "a: `two words` is no keyword: at most 20 of a-z, 0-9, - and _";
        check(&Package { keywords: odd, ..whole() }, &[says]);
        let says = "a: `misc` is not in the list of xtask/src/release/describe.rs; is it one of crates.io?";
        check(&Package { categories: vec!["misc".to_owned()], ..whole() }, &[says]);
    }
}
