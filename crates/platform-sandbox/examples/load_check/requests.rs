//! The requests: checks of three kilobytes with ten conditions, as a campaign asks them for user after user.

use std::fmt::Write as _;

/// Users of a campaign. One in sixteen is too young.
pub(crate) const USERS: u32 = 64;
/// What is put before the last two digits of audids, longer than a floating point number could hold.
pub(crate) const AUDID: u64 = 90_071_992_547_409_000;

/// A request as it goes out, and what its answer must hold.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: &'static str,
}

pub(crate) const ALLOWED: &str = r#""data":"true","errorCode":"""#;
pub(crate) const DENIED: &str = r#""data":"false","errorCode":"NOT_QUALIFIED""#;

/// What is known of a user.
pub(crate) fn attributes(user: u32) -> String {
    let age = if user % 16 == 15 { 16 } else { 20 + user };
    format!(
        r#"{{"name":"张三","age":{age},"level":["gold","silver"],"vip":"1","score":{},"area":3.5,
            "city":[["北京市","朝阳区"]],"joined":"2021-06-30","tags":["a","b","c"],"channel":"wechat"}}"#,
        100 + user
    )
}

fn conditions() -> String {
    let options: Vec<_> =
        (0..6).map(|at| format!(r#"{{"label":"选项{at}","value":"option-{at}"}}"#)).collect();
    let options = options.join(",");
    let written = [
        ("姓名", "name", "text", "EQ", r#""张三""#),
        ("年龄", "age", "number", "GTEQ", r#""18""#),
        ("积分", "score", "number", "BETWEEN", r#"["100","1000.50"]"#),
        ("等级", "level", "select", "IN", r#"["gold","platinum","diamond","black"]"#),
        ("会员", "vip", "checkbox", "EQ", r#""1""#),
        ("标签", "tags", "select", "ALL", r#"["a","b","c"]"#),
        ("区间", "area", "area", "BETWEEN", r#"["1","5"]"#),
        ("城市", "city", "cascader", "IN", r#"[["上海市"],["北京市"],["广东省","深圳市"]]"#),
        ("加入时间", "joined", "dateTimeRange", "BETWEEN", r#"["2021-01-01","2021-12-31"]"#),
        ("渠道", "channel", "text", "IN", r#"["wechat","weibo","app"]"#),
    ];
    let conditions = written.map(|(chinese, english, kind, operator, values)| {
        let option = if matches!(kind, "select" | "checkbox") { options.as_str() } else { "" };
        format!(
            r#"{{"chineseName":"{chinese}","englishName":"{english}","paramType":"{kind}","operator":"{operator}","values":{values},"option":[{option}]}}"#
        )
    });
    conditions.join(",")
}

/// The body of a check.
pub(crate) fn body(audid: u64) -> String {
    let mut body = format!(
        r#"{{"interfaceName":"checkUserAuth","checkType":false,"externalConfigId":null,"userParam":{{"audid":{audid},"openid":"o6_bmjrPTlm6_2sgVt7hMZOPfL2M","appId":10001,"componentId":"c-7001","flowId":"f-1","identityType":"WECHAT","realName":"","phone":"","sex":"1","markFlag":0,"payFeature":"none","device":"iPhone","customFields":["#
    );
    for at in 0..4 {
        let comma = if at == 0 { "" } else { "," };
        // A text grows, it does not fail.
        let _ = write!(
            body,
            r#"{comma}{{"fieldId":"field-{at}","fieldType":"text","fieldValue":"填写的内容{at}","fieldNumValue":null}}"#
        );
    }
    let _ = write!(
        body,
        r#"]}},"authParams":[{}],"externalExtras":{{"page":"p-2021","scene":"activity"}}}}"#,
        conditions()
    );
    body
}

pub(crate) fn exchange(audid: u64, expected: &'static str) -> Exchange {
    let body = body(audid);
    let head = format!(
        "POST /checkUserAuth HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json;charset=UTF-8\r\n\
         accept: application/json\r\nuser-agent: load-check\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Exchange { bytes: (head + &body).into_bytes(), expected }
}

/// One request for each user of the campaign.
pub(crate) fn campaign() -> Vec<Exchange> {
    (0..USERS)
        .map(|user| exchange(AUDID + u64::from(user), if user % 16 == 15 { DENIED } else { ALLOWED }))
        .collect()
}
