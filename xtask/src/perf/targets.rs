//! What was promised: each path with its limit. Ids are criterion's (`group/function`).

use super::figure::{Figure, Limit, Program};

/// A promise.
pub(crate) struct Target {
    /// What is measured, as the table calls it.
    pub(crate) path: &'static str,
    /// How the figure is computed.
    pub(crate) figure: Figure,
    /// What it must not exceed, or must reach.
    pub(crate) limit: Limit,
    /// Hot paths of benches/src/hot.rs whose allocations the table shows beside the figure.
    pub(crate) allocates: &'static [&'static str],
}

const fn target(path: &'static str, figure: Figure, limit: Limit) -> Target {
    Target { path, figure, limit, allocates: &[] }
}

/// The search of the doctor: candidates to bare digests of one core, 0.6 for each core that searches.
const fn candidates(
    path: &'static str,
    of: &'static str,
    than: &'static [&'static str],
    cores: u8,
) -> Target {
    target(path, Figure::Speedup { of, than }, Limit::AtLeast(0.6 * cores as f64))
}

impl Target {
    const fn allocates(mut self, paths: &'static [&'static str]) -> Self {
        self.allocates = paths;
        self
    }
}

/// All signatures, made and verified.
const SIGNATURES: &[&str] = &[
    "jinlaiban sign",
    "jinlaiban verify",
    "yichang sign, MD5",
    "yichang sign, SHA-1",
    "yichang verify",
    "webank sign, 1 KiB",
    "webank sign, 64 KiB",
    "webank verify, 1 KiB",
    "callback verify, 4 KiB",
];

/// Ours against the limit of the hash, the parser, the copy.
pub(crate) const TARGETS: [Target; 34] = [
    target(
        "宜昌 sign, MD5, 157 B",
        Figure::Ratio { of: "yichang-md5/sign", to: &["yichang-md5/floor"], times: 1.0 },
        Limit::AtMost(1.08),
    )
    .allocates(&["yichang sign, MD5"]),
    target(
        "宜昌 sign, SHA-1, 157 B",
        Figure::Ratio { of: "yichang-sha1/sign", to: &["yichang-sha1/floor"], times: 1.0 },
        Limit::AtMost(1.40),
    )
    .allocates(&["yichang sign, SHA-1"]),
    target(
        "晋来办 sign",
        Figure::Ratio { of: "jinlaiban/sign", to: &["jinlaiban/floor"], times: 1.0 },
        Limit::AtMost(1.10),
    )
    .allocates(&["jinlaiban sign"]),
    target(
        "WeBank sign, 1 KiB body",
        Figure::Ratio { of: "webank/1024/sign", to: &["webank/1024/floor"], times: 1.0 },
        Limit::AtMost(1.08),
    )
    .allocates(&["webank sign, 1 KiB"]),
    target(
        "WeBank sign, 64 KiB body",
        Figure::Ratio { of: "webank/65536/sign", to: &["webank/65536/floor"], times: 1.0 },
        Limit::AtMost(1.02),
    )
    .allocates(&["webank sign, 64 KiB"]),
    target("sign and verify, all: allocations", Figure::Allocations(SIGNATURES), Limit::AtMost(0.0)),
    target(
        "rules, 8 conditions, all pass, to code by hand",
        Figure::Ratio { of: "rules/8/holds, pass", to: &["rules/8/floor: by hand"], times: 1.0 },
        Limit::AtMost(1.3),
    )
    .allocates(&["rules decide, all pass"]),
    target(
        "rules, 8 conditions: allocations",
        Figure::Allocations(&["rules decide, all pass"]),
        Limit::AtMost(0.0),
    ),
    target("rules, first condition fails", Figure::Time("rules/8/holds, first fails"), Limit::AtMost(10.0))
        .allocates(&["rules decide, first fails"]),
    target(
        "rules, 1000 conditions to 125 × 8",
        Figure::Ratio { of: "rules/1000/holds", to: &["rules/8/holds, pass"], times: 125.0 },
        Limit::AtMost(1.1),
    ),
    target(
        "rules, IN over 10,000 to IN over 4",
        Figure::Ratio { of: "rules/in 10000", to: &["rules/in 4"], times: 1.0 },
        Limit::AtMost(1.5),
    ),
    target(
        "rule compile from request bytes, 8 conditions",
        Figure::Time("rules/compile/8, from the bytes of a request"),
        Limit::AtMost(5000.0),
    )
    .allocates(&["rules read and compile"]),
    target(
        "rule bytes + user bytes → decision, nothing cached",
        Figure::Time("rules/compile/8, and the bytes of a user, to a decision"),
        Limit::AtMost(5000.0),
    ),
    target(
        "check from body, 3.3 KB, cached, to serde_json + evaluate",
        Figure::Ratio {
            of: "rules/body/program known",
            to: &["rules/body/floor: serde_json into types, then evaluate"],
            times: 1.0,
        },
        Limit::AtMost(0.40),
    )
    .allocates(&["check from body, cached"]),
    target(
        "check from body, cached: allocations",
        Figure::Allocations(&["check from body, cached"]),
        Limit::AtMost(8.0),
    ),
    target(
        "check from body, 3.3 KB, cold, to serde_json + evaluate",
        Figure::Ratio {
            of: "rules/body/nothing known",
            to: &["rules/body/floor: serde_json into types, then evaluate"],
            times: 1.0,
        },
        Limit::AtMost(1.0),
    )
    .allocates(&["check from body, cold"]),
    target(
        "form of 2000 records, times faster than by hand",
        Figure::Speedup {
            of: "jinlaiban/2000 records/push",
            than: &["jinlaiban/2000 records/floor: serde_json, then serde_urlencoded"],
        },
        Limit::AtLeast(3.0),
    )
    .allocates(&["jinlaiban push, 2000 records"]),
    target(
        "form of 2000 records, to JSON into a counter + one copy",
        Figure::Ratio {
            of: "jinlaiban/2000 records/push",
            to: &[
                "jinlaiban/2000 records/floor: JSON, only counted",
                "jinlaiban/2000 records/floor: one copy",
            ],
            times: 1.0,
        },
        Limit::AtMost(1.2),
    ),
    target(
        "callback verify + decode, 4 KiB, to SHA-256 + decoding",
        Figure::Ratio {
            of: "callback/4096/verify and decode",
            to: &["callback/4096/floor: SHA-256", "callback/4096/floor: decode"],
            times: 1.0,
        },
        Limit::AtMost(1.25),
    )
    .allocates(&["callback receive, 4 KiB"]),
    candidates(
        "doctor, candidates to bare digests: 晋来办",
        "doctor/jinlaiban/three",
        &["doctor/jinlaiban/floor"],
        1,
    ),
    candidates("doctor, 宜昌 MD5", "doctor/yichang-md5/three", &["doctor/yichang-md5/floor"], 1),
    candidates("doctor, 宜昌 SHA-1", "doctor/yichang-sha1/three", &["doctor/yichang-sha1/floor"], 1),
    candidates("doctor, WeBank", "doctor/webank/three", &["doctor/webank/floor"], 1),
    candidates(
        "doctor, WeBank callback",
        "doctor/webank-callback/three",
        &["doctor/webank-callback/floor"],
        1,
    ),
    candidates(
        "doctor, 晋来办, two cores",
        "doctor/jinlaiban/three-two-cores",
        &["doctor/jinlaiban/floor"],
        2,
    ),
    candidates(
        "doctor, 宜昌 MD5, two cores",
        "doctor/yichang-md5/three-two-cores",
        &["doctor/yichang-md5/floor"],
        2,
    ),
    candidates(
        "doctor, 宜昌 SHA-1, two cores",
        "doctor/yichang-sha1/three-two-cores",
        &["doctor/yichang-sha1/floor"],
        2,
    ),
    candidates("doctor, WeBank, two cores", "doctor/webank/three-two-cores", &["doctor/webank/floor"], 2),
    candidates(
        "doctor, WeBank callback, two cores",
        "doctor/webank-callback/three-two-cores",
        &["doctor/webank-callback/floor"],
        2,
    ),
    target(
        "client call to bare reqwest",
        Figure::Ratio { of: "client/call", to: &["client/floor: bare reqwest"], times: 1.0 },
        Limit::AtMost(1.05),
    ),
    target(
        "client call to the same by hand on reqwest",
        Figure::Ratio { of: "client/call", to: &["client/by hand on reqwest"], times: 1.0 },
        Limit::AtMost(1.05),
    ),
    target("duijie sign --batch", Figure::Program(Program::SignBatch), Limit::AtLeast(300_000.0)),
    target("duijie --version", Figure::Program(Program::Version), Limit::AtMost(10.0)),
    target("duijie demo", Figure::Program(Program::Demo), Limit::AtMost(3000.0)),
];

/// Ours against what others would use: the bench is `benches/peers`.
pub(crate) const PEERS: [Target; 8] = [
    target(
        "rules, 8 conditions, all pass, times faster than the fastest peer",
        Figure::Speedup {
            of: "peers/decide, all pass/rabbitpre-auth",
            than: &[
                "peers/decide, all pass/datalogic-rs",
                "peers/decide, all pass/zen-expression",
                "peers/decide, all pass/cel",
                "peers/decide, all pass/regorus",
                "peers/decide, all pass/cedar-policy",
            ],
        },
        Limit::AtLeast(3.0),
    ),
    target(
        "the same, datalogic-rs given numbers as text as we are",
        Figure::Speedup {
            of: "peers/decide, all pass/rabbitpre-auth",
            than: &["peers/decide, all pass/datalogic-rs, numbers as text"],
        },
        Limit::AtLeast(3.0),
    ),
    target(
        "rules, 8 conditions, all pass, to code by hand",
        Figure::Ratio {
            of: "peers/decide, all pass/rabbitpre-auth",
            to: &["peers/decide, all pass/by hand"],
            times: 1.0,
        },
        Limit::AtMost(1.3),
    ),
    target(
        "rule compile from request bytes, to zen-expression's from source",
        Figure::Ratio {
            of: "peers/compile/rabbitpre-auth",
            to: &["peers/compile/zen-expression"],
            times: 1.0,
        },
        Limit::AtMost(1.0),
    ),
    target(
        "nothing cached, times faster than the fastest peer",
        Figure::Speedup {
            of: "peers/nothing cached/rabbitpre-auth",
            than: &[
                "peers/nothing cached/datalogic-rs",
                "peers/nothing cached/zen-expression",
                "peers/nothing cached/cel",
                "peers/nothing cached/regorus",
                "peers/nothing cached/cedar-policy",
            ],
        },
        Limit::AtLeast(3.5),
    ),
    target(
        "form of 2000 records, times faster than by hand",
        Figure::Speedup {
            of: "peers/form of 2000 records/ours",
            than: &["peers/form of 2000 records/by hand"],
        },
        Limit::AtLeast(3.0),
    ),
    target(
        "宜昌 sign, MD5, times faster than by hand",
        Figure::Speedup { of: "peers/yichang-md5/ours", than: &["peers/yichang-md5/by hand"] },
        Limit::AtLeast(1.0),
    ),
    target(
        "宜昌 sign, SHA-1, times faster than by hand",
        Figure::Speedup { of: "peers/yichang-sha1/ours", than: &["peers/yichang-sha1/by hand"] },
        Limit::AtLeast(1.0),
    ),
];

/// The tables of the peers: title, our own name, groups as columns.
pub(crate) const PIVOTS: [(&str, &str, &[&str]); 3] = [
    (
        "Rules, eight conditions",
        "rabbitpre-auth",
        &["decide, all pass", "decide, first fails", "decide, last fails", "compile", "nothing cached"],
    ),
    (
        "Signing, and the form of 2000 records",
        "ours",
        &["yichang-md5", "yichang-sha1", "jinlaiban", "webank-1024", "form of 2000 records"],
    ),
    ("A check's body of 3.3 KB, read", "rabbitpre-auth", &["json body"]),
];
