//! What is signed, the same for everybody.

use jinlaiban::PushParams;
use yichang::Params;

/// Of [`benches::secret`].
pub const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";

/// 宜昌's parameters, not sorted.
pub const YICHANG: [(&str, &str); 5] = [
    ("timeStamp", "1574251924"),
    ("appId", "RSJ00001"),
    ("nonceStr", "6PQfHMIv"),
    ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"),
    ("deviceType", "WEB"),
];

/// The same, as we take them.
#[must_use]
pub const fn yichang_params() -> Params<'static> {
    let [time_stamp, app_id, nonce_str, device_id, device_type] = YICHANG;
    Params {
        app_id: app_id.1,
        device_id: device_id.1,
        device_type: device_type.1,
        nonce_str: nonce_str.1,
        time_stamp: time_stamp.1,
    }
}

/// 晋来办's parameters, not sorted.
pub const JINLAIBAN: [(&str, &str); 4] = [
    ("timestamp", "1615978623"),
    ("nonce", "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2"),
    ("modulecode", "M_2021"),
    ("appcode", "JLB0001"),
];

/// The same, as we take them.
#[must_use]
pub const fn jinlaiban_params() -> PushParams<'static> {
    let [timestamp, nonce, modulecode, appcode] = JINLAIBAN;
    PushParams { appcode: appcode.1, modulecode: modulecode.1, timestamp: timestamp.1, nonce: nonce.1 }
}

/// WeBank's values beside the body: application, version, nonce.
pub const WEBANK: [&str; 3] = ["wxhiw5xt6q4qtmwcrn", webank::VERSION, "489c60c97daef599efd10cfda46860a1"];
