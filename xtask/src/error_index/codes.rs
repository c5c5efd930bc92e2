//! The codes of the three platforms that are called, and of the answers to the bank's callbacks.

use jinlaiban::Status;
use webank::Code;
use webank::callback::CallbackCode;

use super::{Again, Row, Table, words};

pub(super) fn jinlaiban() -> Table {
    let row = |status: Status| {
        let again = match (status == Status::ACCEPTED, status.is_retryable()) {
            (true, _) => Again::Needless,
            (_, true) => Again::Yes,
            _ => Again::No,
        };
        let meaning = status.meaning().unwrap_or_default();
        row("jinlaiban", status.as_str(), meaning, status.advice(), again, "§3, JL-2")
    };
    Table {
        title: ("晋来办 Jinlaiban", "晋来办"),
        about: (
            "`status` (or `state`) of the answer to a push. No answer at all: send it again, the platform recognises records by their ids.",
            "推送应答中的 `status`（或 `state`）。完全没有应答时可重发，平台按 `id` 识别重复。",
        ),
        of: "jinlaiban",
        rows: [Status::ACCEPTED, Status::ERROR, Status::NO_PERMISSION].map(row).into(),
    }
}

pub(super) fn yichang() -> Table {
    // What the crate advises depends on the message as well.
    let advice = |body: &str| match yichang::Login::read(200, body.as_bytes()) {
        Err(yichang::ReplyError::Refused(refused)) => refused.advice(),
        _ => "nothing to do",
    };
    let codes = [(yichang::Code::OK, "", Again::Needless), (yichang::Code::FAILED, "签名错误", Again::No)];
    let other = [(yichang::Code::FAILED, "", Again::No)];
    let rows = codes.into_iter().chain(other).map(|(code, msg, again)| {
        let body = format!(r#"{{"code":"{}","msg":"{msg}","data":{{}}}}"#, code.as_str());
        let name = if msg.is_empty() { code.as_str().to_owned() } else { format!("{} {msg}", code.as_str()) };
        let advice = if code.is_ok() { "nothing to do" } else { advice(&body) };
        let section = if msg.is_empty() { "§3, YC-4" } else { "§2, YC-1" };
        row("yichang", &name, code.meaning().unwrap_or_default(), advice, again, section)
    });
    Table {
        title: ("宜昌 Yichang", "宜昌"),
        about: (
            "`code` of every answer. Only 1 is success; `msg` says why not.",
            "每个应答中的 `code`。只有 1 表示成功，失败原因见 `msg`。",
        ),
        of: "yichang",
        rows: rows.collect(),
    }
}

pub(super) fn webank() -> Table {
    let rows = Code::DOCUMENTED.iter().map(|code| {
        let again = if code.is_ok() {
            Again::Needless
        } else if code.invalidates_ticket() {
            Again::Renewed
        } else {
            // To ask for credentials twice does no harm, whatever became of the first time.
            let harmless = code.is_refused_unprocessed() || code.as_str().starts_with("6085");
            match (code.is_transient(), harmless) {
                (true, true) => Again::Later,
                (true, false) => Again::AskFirst,
                _ => Again::No,
            }
        };
        let section = if code.invalidates_ticket() { "§6, §2.3" } else { "§6" };
        row("webank", code.as_str(), code.meaning().unwrap_or_default(), code.advice(), again, section)
    });
    Table {
        title: ("微众银行 WeBank: what the bank answers", "微众银行：银行的返回码"),
        about: (
            "`6085…` is answered where credentials are fetched, `6084…` by the business gateway. After a code that is not here the outcome is \
             unknown. The client renews and repeats by itself, once.",
            "`6085…` 出现在获取凭据时，`6084…` 由业务网关返回。不在此表的返回码，结果未知。客户端会自行刷新凭据并重试一次。",
        ),
        of: "webank",
        rows: rows.collect(),
    }
}

pub(super) fn callbacks() -> Table {
    let all = [
        CallbackCode::OK,
        CallbackCode::MALFORMED,
        CallbackCode::INPUT_NOT_MET,
        CallbackCode::BAD_SIGNATURE,
        CallbackCode::STALE,
        CallbackCode::TLS,
        CallbackCode::HANDLER_FAILED,
        CallbackCode::UNREADABLE,
    ];
    let rows = all.into_iter().map(|code| {
        let again = match (code.is_ok(), code == CallbackCode::HANDLER_FAILED) {
            (true, _) => Again::Needless,
            (_, true) => Again::Yes,
            _ => Again::No,
        };
        row("callback", code.as_str(), code.meaning().unwrap_or_default(), code.advice(), again, "§5")
    });
    Table {
        title: ("微众银行 WeBank: what you answer to callbacks", "微众银行：对回调的应答码"),
        about: (
            "`CODE` in the signed answer. \"Send again\" is the bank's: the same message would be answered the same way, but for `0099`.",
            "签名应答中的 `CODE`。“能否重发”指银行：除 `0099` 外，同样的报文会得到同样的应答。",
        ),
        of: "webank",
        rows: rows.collect(),
    }
}

fn row(of: &str, code: &str, platform: &str, advice: &str, again: Again, section: &'static str) -> Row {
    let (english, chinese) = words::of(of, code);
    Row {
        code: code.to_owned(),
        meaning: (format!("{english} (`{platform}`)"), platform.to_owned()),
        advice: (advice.to_owned(), chinese.to_owned()),
        again,
        section,
    }
}
