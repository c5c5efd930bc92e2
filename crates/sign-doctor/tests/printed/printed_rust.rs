//! The printed Rust is kept beside this file, so that cargo compiles it; what is printed today must be what is kept.
//! `DUIJIE_BLESS=1` writes it anew.

#[rustfmt::skip]
#[path = "rust/jinlaiban.rs"]
mod jinlaiban;
#[rustfmt::skip]
#[path = "rust/webank.rs"]
mod webank;
#[rustfmt::skip]
#[expect(clippy::manual_unwrap_or_default, reason = "printed as it is for any word that stands for null")]
#[path = "rust/webank-callback.rs"]
mod webank_callback;
#[rustfmt::skip]
#[path = "rust/yichang-md5.rs"]
mod yichang_md5;
#[rustfmt::skip]
#[path = "rust/yichang-sha1.rs"]
mod yichang_sha1;

use sign_doctor::{Language, Platform};

use crate::given;

pub(crate) fn check(platform: Platform) {
    let code = platform.recipe().code(Language::Rust).unwrap();
    let printed = format!("//! Printed by the doctor, and kept to be compiled.\n\n{code}");
    let path = format!("{}/tests/printed/rust/{platform}.rs", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DUIJIE_BLESS").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), printed, "{path}");
    let mut count = 0;
    for given in given::signed().into_iter().filter(|given| given.platform == platform) {
        let secret = &given.secrets[0].secret;
        let named: Vec<_> =
            given.request.parameters().iter().map(|it| (it.name.as_str(), it.value.text())).collect();
        let bare: Vec<_> = named.iter().map(|(_, value)| *value).collect();
        let signature = match platform {
            Platform::Jinlaiban => jinlaiban::sign(&named, secret),
            Platform::YichangSha1 => yichang_sha1::sign(&named, secret),
            Platform::YichangMd5 => yichang_md5::sign(&named, secret),
            Platform::Webank => webank::sign(&bare, secret),
            Platform::WebankCallback => webank_callback::sign(&named, secret),
        };
        assert_eq!(signature, given.case().sign().unwrap(), "{}", given.vector.id);
        count += 1;
    }
    assert!(count > 100, "{count}");
}
