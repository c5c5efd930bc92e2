//! Which signature a vector is about.

use std::fmt;

use serde::Deserialize;

/// A signature scheme, under the name that `duijie sign --batch` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// 晋来办's parameters, MD5 (jinlaiban `SPEC.md §2`).
    Jinlaiban,
    /// 宜昌's five parameters, SHA-1 as its text asks (yichang `SPEC.md §2`, YC-1).
    YichangSha1,
    /// 宜昌's five parameters, MD5 as its example shows (yichang `SPEC.md §2`, YC-1).
    YichangMd5,
    /// 微众银行's calls, SHA-1 over sorted values (webank `SPEC.md §3.1`).
    Webank,
    /// 微众银行's callbacks, SHA-256 over `Plain` + salt + `Timestamp` (webank `SPEC.md §5`).
    WebankCallback,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 5] =
        [Self::Jinlaiban, Self::YichangSha1, Self::YichangMd5, Self::Webank, Self::WebankCallback];

    /// The name in the files and in the command's input, such as `webank-callback`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jinlaiban => "jinlaiban",
            Self::YichangSha1 => "yichang-sha1",
            Self::YichangMd5 => "yichang-md5",
            Self::Webank => "webank",
            Self::WebankCallback => "webank-callback",
        }
    }

    /// The input's member that holds what is secret: `secret`, `ticket` or `salt`.
    #[must_use]
    pub fn secret_member(self) -> &'static str {
        match self {
            Self::Jinlaiban | Self::YichangSha1 | Self::YichangMd5 => "secret",
            Self::Webank => "ticket",
            Self::WebankCallback => "salt",
        }
    }

    /// The digest as this scheme's platform writes it, given its lower-case hex.
    ///
    /// 宜昌 (`SPEC.md §2.3`) and WeBank's calls (`SPEC.md §3.1`) want upper case, the others lower case.
    #[must_use]
    pub fn signature_of(self, digest: &str) -> String {
        match self {
            Self::YichangSha1 | Self::YichangMd5 | Self::Webank => digest.to_ascii_uppercase(),
            Self::Jinlaiban | Self::WebankCallback => digest.to_owned(),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
