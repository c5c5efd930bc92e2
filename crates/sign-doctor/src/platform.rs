//! The platforms of this workspace as recipes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    BodyForm, Collation, DigestKind, Encoding, Fill, Mutation, Order, Output, PairFormat, Place, Recipe,
    Required, Rounds, SecretForm, Selection, SortKey, TextForm,
};

/// A platform whose recipe is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// 晋来办: jinlaiban `SPEC.md §2`.
    Jinlaiban,
    /// 宜昌 with SHA-1, as its text asks: yichang `SPEC.md §2`, YC-1.
    YichangSha1,
    /// 宜昌 with MD5, as its example shows: yichang `SPEC.md §2`, YC-1.
    YichangMd5,
    /// 微众银行's calls: webank `SPEC.md §3.1`.
    Webank,
    /// 微众银行's callbacks: webank `SPEC.md §5`.
    WebankCallback,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Jinlaiban, Self::YichangSha1, Self::YichangMd5, Self::Webank, Self::WebankCallback];

    /// Its name, such as `webank-callback`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jinlaiban => "jinlaiban",
            Self::YichangSha1 => "yichang-sha1",
            Self::YichangMd5 => "yichang-md5",
            Self::Webank => "webank",
            Self::WebankCallback => "webank-callback",
        }
    }

    /// How it signs.
    #[must_use]
    pub fn recipe(self) -> Recipe {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let end = |before: &str| Place::End { before: before.to_owned(), after: String::new() };
        let recipe = Recipe {
            name: self.name().to_owned(),
            selection: Selection::All,
            required: Required::default(),
            nulls: Fill::Dropped,
            empties: Fill::Dropped,
            encoding: Encoding::Raw,
            body: BodyForm::AsSent,
            pair: PairFormat::NameEqualsValue,
            order: Order::GIVEN,
            separator: String::new(),
            secret: end(""),
            secret_form: SecretForm::AsIssued,
            text: TextForm::Utf8,
            digest: DigestKind::Md5,
            hmac: false,
            rounds: Rounds::Once,
            output: Output::Hex,
            short: false,
        };
        match self {
            Self::Jinlaiban => Recipe {
                // jinlaiban SPEC.md §2.1
                selection: Selection::Except(names(&["sign", "data"])),
                // jinlaiban SPEC.md §2.2
                required: Required {
                    names: names(&["appcode", "modulecode", "nonce", "timestamp"]),
                    may_be_absent: true,
                    may_be_empty: false,
                },
                // jinlaiban SPEC.md §2.3, JL-3
                order: Order::ascending(SortKey::Pair, Collation::Utf16),
                // jinlaiban SPEC.md §2.4
                separator: "&".to_owned(),
                ..recipe
            },
            Self::YichangSha1 | Self::YichangMd5 => {
                let five = names(&["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"]);
                Recipe {
                    selection: Selection::Only(five.clone()),
                    // yichang SPEC.md §2.3
                    required: Required { names: five, ..Required::default() },
                    // yichang SPEC.md §2.1
                    order: Order::ascending(SortKey::Name, Collation::Bytes),
                    separator: "&".to_owned(),
                    // yichang SPEC.md §2.2
                    secret: end("&appSecret="),
                    // YC-1
                    digest: if self == Self::YichangMd5 { DigestKind::Md5 } else { DigestKind::Sha1 },
                    output: Output::UpperHex,
                    ..recipe
                }
            }
            Self::Webank => Recipe {
                // webank SPEC.md §3.1: bare values, nulls removed, empty texts kept, the ticket sorted in.
                selection: Selection::Only(names(&["app_id", "version", "nonce", "type", "body"])),
                empties: Fill::Kept,
                pair: PairFormat::Value,
                order: Order::ascending(SortKey::Value, Collation::Utf16),
                secret: Place::Sorted,
                digest: DigestKind::Sha1,
                output: Output::UpperHex,
                ..recipe
            },
            Self::WebankCallback => Recipe {
                // webank SPEC.md §5: `Plain`, salt, `Timestamp`.
                selection: Selection::Only(names(&["Plain", "Timestamp"])),
                required: Required { names: names(&["Plain"]), may_be_absent: false, may_be_empty: true },
                nulls: Fill::Kept,
                empties: Fill::Kept,
                pair: PairFormat::Value,
                secret: Place::Behind { count: 1 },
                digest: DigestKind::Sha256,
                ..recipe
            },
        }
    }

    /// The parameter that carries the signature.
    #[must_use]
    pub const fn signature_name(self) -> &'static str {
        match self {
            Self::Jinlaiban | Self::Webank => "sign",
            Self::YichangSha1 | Self::YichangMd5 => "signature",
            Self::WebankCallback => "Signature",
        }
    }

    /// The section of the platform's `SPEC.md` that a mistake is against.
    #[must_use]
    pub fn section(self, mutation: &Mutation) -> &'static str {
        use Mutation as M;
        match (self, mutation) {
            (Self::Jinlaiban, M::Added(_) | M::Extra { .. } | M::Missing(_) | M::Twice(_)) => {
                "jinlaiban SPEC.md §2.1"
            }
            (Self::Jinlaiban, M::Nulls(_) | M::Empties(_)) => "jinlaiban SPEC.md §2.2",
            (Self::Jinlaiban, M::Order(_)) => "jinlaiban SPEC.md §2.3, JL-3",
            (Self::Jinlaiban, M::Encoding(_) | M::Pair(_) | M::Names(_) | M::Trimmed | M::Newlines(_)) => {
                "jinlaiban SPEC.md §2.3"
            }
            (Self::Jinlaiban, M::Time(..)) => "jinlaiban SPEC.md §2.5",
            (Self::Jinlaiban, M::OtherSecret(_) | M::SecretForm(_)) => "jinlaiban SPEC.md §1",
            (Self::Jinlaiban, _) => "jinlaiban SPEC.md §2.4",

            (Self::YichangSha1 | Self::YichangMd5, M::Digest(_) | M::Hmac { .. }) => {
                "yichang SPEC.md §2.3, YC-1"
            }
            (Self::YichangSha1 | Self::YichangMd5, M::Secret(_)) => "yichang SPEC.md §2.2",
            (Self::YichangSha1 | Self::YichangMd5, M::OtherSecret(_) | M::SecretForm(_) | M::Time(..)) => {
                "yichang SPEC.md §1"
            }
            (
                Self::YichangSha1 | Self::YichangMd5,
                M::Order(_) | M::Encoding(_) | M::Pair(_) | M::Separator(_) | M::Trimmed | M::Newlines(_),
            ) => "yichang SPEC.md §2.1",
            (Self::YichangSha1 | Self::YichangMd5, _) => "yichang SPEC.md §2.3",

            (Self::Webank, M::OtherSecret(_)) => "webank SPEC.md §2.3",
            (Self::Webank, M::Letters(_)) => "webank SPEC.md §3.1, WB-11",
            (Self::Webank, M::Twice(_)) => "webank SPEC.md §3.1, WB-5",
            (Self::Webank, M::Nulls(_) | M::Extra { .. }) => "webank SPEC.md §3.1, WB-6",
            (Self::Webank, _) => "webank SPEC.md §3.1",

            (Self::WebankCallback, M::Digest(_) | M::Hmac { .. }) => "webank SPEC.md §5, WB-4",
            (Self::WebankCallback, M::Letters(_)) => "webank SPEC.md §5, WB-11",
            (Self::WebankCallback, _) => "webank SPEC.md §5",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
