//! Does the caller's clock agree with the platform's?

use super::{Around, Remarks};

/// How far two clocks may differ unnoticed, in milliseconds: `Date` has whole seconds, and replies take time.
const SKEW: u64 = 30_000;

pub(super) fn skew(around: &Around<'_>, remarks: &mut Remarks) {
    let (Some(now), Some(date)) = (around.now, around.date) else { return };
    let Some(theirs) = http_date(date) else {
        remarks.odd("date-header", "the reply's `Date` is no date".into(), "应答的 `Date` 头不是日期".into());
        return;
    };
    let apart = now.get().abs_diff(theirs);
    if apart > SKEW {
        let behind = now.get() < theirs;
        let (side, side_zh) = if behind { ("behind", "慢") } else { ("ahead of", "快") };
        remarks.wrong(
            "clock-skew",
            format!("this clock is {} s {side} the platform's", apart / 1000),
            format!("本机时钟比平台{side_zh}了 {} 秒", apart / 1000),
        );
    }
}

/// Milliseconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<u64> {
    let stamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    u64::try_from(stamp.as_millisecond()).ok()
}
