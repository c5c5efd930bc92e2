//! What a platform asks of names, nonces and time stamps.

use sign_core::UnixMillis;

use super::{Around, Remarks};
use crate::{Case, Platform};

/// How far a time stamp may lie from now, in milliseconds. The documents of most platforms say nothing; webank
/// `SPEC.md §5` takes five minutes.
const FRESH: u64 = 300_000;

/// What a platform says about names, nonces and time stamps.
struct Rules {
    names: &'static [&'static str],
    time: &'static str,
    /// Digits of a time stamp: 10 for seconds, 13 for milliseconds.
    digits: usize,
    nonce: &'static str,
    /// Its least and greatest length.
    nonce_length: (usize, usize),
    /// May it hold letters and digits alone?
    nonce_plain: bool,
}

const fn rules(platform: Platform) -> Rules {
    match platform {
        // jinlaiban SPEC.md §2.5, JL-1
        Platform::Jinlaiban => Rules {
            names: &["appcode", "modulecode", "timestamp", "nonce", "sign", "data"],
            time: "timestamp",
            digits: 10,
            nonce: "nonce",
            nonce_length: (1, 64),
            nonce_plain: false,
        },
        // yichang SPEC.md §1
        Platform::YichangSha1 | Platform::YichangMd5 => Rules {
            names: &["appId", "deviceId", "deviceType", "nonceStr", "timeStamp", "signature"],
            time: "timeStamp",
            digits: 10,
            nonce: "nonceStr",
            nonce_length: (6, 20),
            nonce_plain: true,
        },
        // webank SPEC.md §3.1
        Platform::Webank => Rules {
            names: &["app_id", "version", "nonce", "type", "sign"],
            time: "",
            digits: 0,
            nonce: "nonce",
            nonce_length: (32, 32),
            nonce_plain: true,
        },
        // webank SPEC.md §5
        Platform::WebankCallback => Rules {
            names: &["Plain", "Signature", "Timestamp", "transName", "SeqNo"],
            time: "Timestamp",
            digits: 13,
            nonce: "",
            nonce_length: (0, usize::MAX),
            nonce_plain: false,
        },
    }
}

/// Looks at a request of this platform.
pub(super) fn look(case: &Case<'_>, platform: Platform, around: &Around<'_>, remarks: &mut Remarks) {
    let rules = rules(platform);
    names(case, &rules, remarks);
    nonce(case, &rules, remarks);
    stamp(case, &rules, around, remarks);
}

fn names(case: &Case<'_>, rules: &Rules, remarks: &mut Remarks) {
    for parameter in case.request().parameters() {
        let name = parameter.name.as_str();
        let near = rules.names.iter().find(|known| **known != name && alike(known, name));
        if let Some(known) = near.filter(|known| case.request().get(known).is_none()) {
            remarks.wrong(
                "name-case",
                format!("`{name}` should be `{known}`: names are case-sensitive"),
                format!("`{name}` 应写作 `{known}`：参数名区分大小写"),
            );
        }
    }
}

fn nonce(case: &Case<'_>, rules: &Rules, remarks: &mut Remarks) {
    let Some(nonce) = case.request().get(rules.nonce).and_then(|value| value.text()) else { return };
    let (least, most) = rules.nonce_length;
    let count = nonce.chars().count();
    if !(least..=most).contains(&count) {
        let range = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let range_zh = if least == most { least.to_string() } else { format!("{least} 到 {most}") };
        remarks.wrong(
            "nonce-length",
            format!("`{}` has {count} characters, {range} are wanted", rules.nonce),
            format!("`{}` 有 {count} 个字符，应为 {range_zh} 个", rules.nonce),
        );
    }
    if rules.nonce_plain && !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        remarks.wrong(
            "nonce-characters",
            format!("`{}` holds something else than letters and digits", rules.nonce),
            format!("`{}` 只能由字母和数字组成", rules.nonce),
        );
    }
}

fn stamp(case: &Case<'_>, rules: &Rules, around: &Around<'_>, remarks: &mut Remarks) {
    let Some(stamp) = case.request().get(rules.time).and_then(|value| value.text()) else { return };
    let name = rules.time;
    let digits = stamp.bytes().all(|byte| byte.is_ascii_digit());
    let (unit, unit_zh) = if rules.digits == 10 { ("seconds", "秒") } else { ("milliseconds", "毫秒") };
    let Ok(number) = UnixMillis::parse(stamp) else {
        remarks.wrong(
            "time-stamp-form",
            format!("`{name}` is no number of {unit} since 1970"),
            format!("`{name}` 不是自 1970 年起的{unit_zh}数"),
        );
        return;
    };
    if digits && stamp.len() != rules.digits && matches!(stamp.len(), 10 | 13) {
        let (other, other_zh) =
            if stamp.len() == 10 { ("seconds", "秒") } else { ("milliseconds", "毫秒") };
        remarks.wrong(
            "time-stamp-unit",
            format!("`{name}` is in {other}, {unit} are wanted"),
            format!("`{name}` 的单位是{other_zh}，应为{unit_zh}"),
        );
    }
    let millis = if stamp.len() <= 10 { number.get().saturating_mul(1000) } else { number.get() };
    let Some(now) = around.now.map(UnixMillis::get) else { return };
    let apart = now.abs_diff(millis);
    if apart > FRESH {
        let (count, unit, unit_zh) = glance(apart);
        let (side, side_zh) = if millis < now { ("old", "旧") } else { ("ahead of now", "超前") };
        remarks.odd(
            "stale-time-stamp",
            format!("`{name}` is {count} {unit} {side}: platforms take a few minutes"),
            format!("`{name}` {side_zh}了 {count} {unit_zh}：平台一般只接受几分钟之内的"),
        );
    }
}

/// A time that people take in at a glance: two digits or more of the largest unit that has them, days at most.
fn glance(millis: u64) -> (u64, &'static str, &'static str) {
    let seconds = millis / 1000;
    match seconds {
        0..600 => (seconds, "s", "秒"),
        600..36_000 => (seconds / 60, "min", "分钟"),
        36_000..864_000 => (seconds / 3600, "h", "小时"),
        _ => (seconds / 86_400, "days", "天"),
    }
}

/// The same but for letter case, `_` and `-`.
fn alike(one: &str, two: &str) -> bool {
    let bare = |text: &str| text.replace(['_', '-'], "").to_lowercase();
    bare(one) == bare(two)
}
