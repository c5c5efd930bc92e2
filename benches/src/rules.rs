//! Rabbitpre's rules and users as the benches measure them: the eight conditions that every engine is given, three users
//! of theirs, and a whole body as the platform sends it. Everything a user has is text, as forms and databases give it.

/// Eight conditions, the JSON of `authParams`: text EQ, number GTEQ, number BETWEEN, select IN of 4, checkbox EQ, select
/// ALL of 3, area, cascader among 20 cities.
pub const CONDITIONS: &str = r#"[{"chineseName":"会员等级","englishName":"level","paramType":"text","values":"gold","operator":"EQ","option":[]},
{"chineseName":"年龄","englishName":"age","paramType":"number","values":"18","operator":"GTEQ","option":[]},
{"chineseName":"积分","englishName":"points","paramType":"number","values":["100","5000"],"operator":"BETWEEN","option":[]},
{"chineseName":"渠道","englishName":"channel","paramType":"select","values":["app","h5","mini","store"],"operator":"IN","option":[]},
{"chineseName":"性别","englishName":"sex","paramType":"checkbox","values":"female","operator":"EQ","option":[]},
{"chineseName":"标签","englishName":"tags","paramType":"select","values":["new","vip","active"],"operator":"ALL","option":[]},
{"chineseName":"消费","englishName":"amount","paramType":"area","values":["99.5","1999.99"],"operator":"BETWEEN","option":[]},
{"chineseName":"城市","englishName":"city","paramType":"cascader","values":[["北京市","海淀区"],["北京市","朝阳区"],["上海市","浦东新区"],["上海市","徐汇区"],["广东省","广州市"],["广东省","深圳市"],["广东省","佛山市"],["浙江省","杭州市"],["浙江省","宁波市"],["江苏省","南京市"],["江苏省","苏州市"],["四川省","成都市"],["湖北省","武汉市"],["湖北省","宜昌市"],["山西省","太原市"],["陕西省","西安市"],["福建省","厦门市"],["山东省","青岛市"],["湖南省","长沙市"],["重庆市","渝中区"]],"operator":"IN","option":[]}]"#;

/// A user who satisfies [`CONDITIONS`].
pub const PASSES: &str = r#"{"level":"gold","age":"25","points":"1280","channel":"mini","sex":"female","tags":["active","vip","new","city"],"amount":"368.50","city":["湖北省","宜昌市"]}"#;

/// The same, but for the first condition.
pub const FIRST_FAILS: &str = r#"{"level":"silver","age":"25","points":"1280","channel":"mini","sex":"female","tags":["active","vip","new","city"],"amount":"368.50","city":["湖北省","宜昌市"]}"#;

/// The same, but for the last condition.
pub const LAST_FAILS: &str = r#"{"level":"gold","age":"25","points":"1280","channel":"mini","sex":"female","tags":["active","vip","new","city"],"amount":"368.50","city":["湖北省","荆州市"]}"#;

/// What [`PASSES`], [`FIRST_FAILS`] and [`LAST_FAILS`] hold, for code that is written by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    /// text
    pub level: &'a str,
    /// A number as text
    pub age: &'a str,
    /// A number as text
    pub points: &'a str,
    /// One of several
    pub channel: &'a str,
    /// One of several
    pub sex: &'a str,
    /// Some of several
    pub tags: Vec<&'a str>,
    /// A number as text
    pub amount: &'a str,
    /// Province and city
    pub city: Vec<&'a str>,
}

/// A user who satisfies [`CONDITIONS`]: [`PASSES`] as a struct.
#[must_use]
pub fn person() -> Person<'static> {
    Person {
        level: "gold",
        age: "25",
        points: "1280",
        channel: "mini",
        sex: "female",
        tags: vec!["active", "vip", "new", "city"],
        amount: "368.50",
        city: vec!["湖北省", "宜昌市"],
    }
}

/// The rule as somebody writes it who knows the conditions beforehand.
#[must_use]
pub fn hand_written(person: &Person<'_>) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    person.level == "gold"
        && number(person.age).is_some_and(|age| age >= 18.0)
        && number(person.points).is_some_and(|points| (100.0..=5000.0).contains(&points))
        && ["app", "h5", "mini", "store"].contains(&person.channel)
        && person.sex == "female"
        && ["new", "vip", "active"].iter().all(|tag| person.tags.contains(tag))
        && number(person.amount).is_some_and(|amount| (99.5..=1999.99).contains(&amount))
        && CITIES.iter().any(|city| person.city.starts_with(city))
}

/// The cities of [`CONDITIONS`].
pub const CITIES: [[&str; 2]; 20] = [
    ["北京市", "海淀区"],
    ["北京市", "朝阳区"],
    ["上海市", "浦东新区"],
    ["上海市", "徐汇区"],
    ["广东省", "广州市"],
    ["广东省", "深圳市"],
    ["广东省", "佛山市"],
    ["浙江省", "杭州市"],
    ["浙江省", "宁波市"],
    ["江苏省", "南京市"],
    ["江苏省", "苏州市"],
    ["四川省", "成都市"],
    ["湖北省", "武汉市"],
    ["湖北省", "宜昌市"],
    ["山西省", "太原市"],
    ["陕西省", "西安市"],
    ["福建省", "厦门市"],
    ["山东省", "青岛市"],
    ["湖南省", "长沙市"],
    ["重庆市", "渝中区"],
];

/// A check of `conditions` (a JSON list) about a user nobody says more of.
#[must_use]
pub fn small_body(conditions: &str) -> String {
    format!(r#"{{"userParam":{{"audid":"9007199254740993"}},"authParams":{conditions}}}"#)
}

/// A check as the platform sends it: ten conditions (two more, numbers, behind [`CONDITIONS`]) with their options, and
/// everything it knows about the user; 3.3 KB. [`PASSES`] satisfies it: what the two ask is in `userParam`.
#[must_use]
pub fn body() -> String {
    let eight = CONDITIONS.trim_start_matches('[').trim_end_matches(']').replace('\n', "");
    let option = |words: &[(&str, &str)]| {
        let list = words.iter().map(|(label, value)| format!(r#"{{"label":"{label}","value":"{value}"}}"#));
        format!(r#""option":[{}]}}"#, list.collect::<Vec<_>>().join(","))
    };
    let channels = option(&[("应用", "app"), ("网页", "h5"), ("小程序", "mini"), ("门店", "store")]);
    let sexes = option(&[("女", "female"), ("男", "male"), ("未知", "unknown")]);
    let tags =
        option(&[("新客", "new"), ("贵宾", "vip"), ("活跃", "active"), ("同城", "city"), ("沉睡", "asleep")]);
    let none = r#""option":[]}"#;
    let eight = eight
        .replacen(&format!(r#""operator":"IN",{none}"#), &format!(r#""operator":"IN",{channels}"#), 1)
        .replacen(
            &format!(r#""female","operator":"EQ",{none}"#),
            &format!(r#""female","operator":"EQ",{sexes}"#),
            1,
        )
        .replacen(&format!(r#""operator":"ALL",{none}"#), &format!(r#""operator":"ALL",{tags}"#), 1);
    format!(
        concat!(
            r#"{{"interfaceName":"checkUserAuth","checkType":"false","externalConditionUrl":"https://crm.example.com/rabbitpre/getAuthConditions","externalInformUrl":"https://crm.example.com/rabbitpre/saveNotify","externalConfigId":"","#,
            r#""userParam":{{"audid":9007199254740993,"openid":"oAUZp5LGzWcXKP1k7m8N16TKlaC8","appId":"b4dcf1b0-9a41-4b5e-8f0c-1d6a5e0c7f11","componentId":"c-1029","flowId":"","appInstanceId":"","identityId":"77120934","identityType":"1","realName":"","phone":"137*****381","address":"","device":"iOS","markFlag":"0","payFeature":"","sex":"2","#,
            r#""identitys":[{{"identityId":"77120934","identityType":"1","platform":"wx","openid":"oAUZp5LGzWcXKP1k7m8N16TKlaC8","unionid":"o6_bmasdasdsad6_2sgVt7hMZOPf","jcappid":1029384756,"appid":"wx1a2b3c4d5e6f"}}],"#,
            r#""customFields":[{{"fieldId":"visits","fieldType":"number","fieldValue":"12","fieldNumValue":12}},{{"fieldId":"friends","fieldType":"number","fieldValue":"7","fieldNumValue":7}}]}},"#,
            r#""authParams":[{eight},{{"chineseName":"访问次数","englishName":"visits","paramType":"number","values":"3","operator":"GT","option":[]}},{{"chineseName":"好友","englishName":"friends","paramType":"number","values":"5","operator":"GTEQ","option":[]}}],"externalExtras":{{"source":"h5","pageId":"p-20931","workName":"周年庆抽奖活动","scene":"activity","trace":"4bf92f3577b34da6a3ce929d0e0e4736","referer":"https://h5.example.com/w/20931"}}}}"#
        ),
        eight = eight
    )
}

/// `count` conditions: [`CONDITIONS`] over and over; [`PASSES`] satisfies them.
#[must_use]
pub fn repeated(count: usize) -> String {
    let all: Vec<&str> = CONDITIONS.trim_start_matches('[').trim_end_matches(']').split(",\n").collect();
    let many: Vec<&str> = all.iter().copied().cycle().take(count).collect();
    format!("[{}]", many.join(","))
}

/// One condition, select IN over `count` keys; the user `{"key":"k3"}` satisfies it.
#[must_use]
pub fn among(count: usize) -> String {
    let keys: Vec<_> = (0..count).map(|number| format!("\"k{number}\"")).collect();
    format!(
        r#"[{{"chineseName":"编号","englishName":"key","paramType":"select","values":[{}],"operator":"IN","option":[]}}]"#,
        keys.join(",")
    )
}

#[cfg(test)]
mod tests {
    use rabbitpre_auth::{Attributes, CheckRequest, check};

    use super::*;

    fn allowed(body: &str, user: &str) -> bool {
        let request = CheckRequest::parse(body.as_bytes()).unwrap();
        check(&request, &Attributes::parse(user.as_bytes()).unwrap(), None).is_allowed()
    }

    #[test]
    fn users_pass_and_fail_where_they_say() {
        let eight = small_body(CONDITIONS);
        assert!(allowed(&eight, PASSES) && allowed(&body(), PASSES) && hand_written(&person()));
        assert!(!allowed(&eight, FIRST_FAILS) && !allowed(&eight, LAST_FAILS));
        assert!(!hand_written(&Person { level: "silver", ..person() }));
        assert!(!hand_written(&Person { city: vec!["湖北省", "荆州市"], ..person() }));
        assert!((3200..3500).contains(&body().len()), "{}", body().len());
        assert!(allowed(&small_body(&repeated(1000)), PASSES));
        assert!(allowed(&small_body(&among(10_000)), r#"{"key":"k3"}"#));
    }
}
