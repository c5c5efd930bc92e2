//! POST saveNotify: settings are kept, replaced, refused; and hold as they were saved (SPEC.md §2).

use super::{
    found::{Expected, Found},
    reply::Saved,
    target::{A, Ask, Carrier, Target},
};
use crate::probe::{Check, Report};

/// A setting's body; `id` as JSON.
pub(super) fn body(id: &str, members: &str) -> String {
    format!(
        r#"{{"userId":"duijie-probe","componentId":"","appId":"","authScope":0,"externalConfigId":{id},{members},"sceneType":""}}"#
    )
}

/// One condition on the probe's attribute, as `settingData`.
fn wants(value: &str) -> String {
    format!(
        r#""settingData":[{{"label":"探测","name":"{A}","type":"text","operator":"EQ","value":"{value}"}}]"#
    )
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Creates, replaces, and what must be refused. Gives the setting that the further checks may replace.
pub(super) async fn check(target: &Target, nobody: &str, report: &mut Report) -> Option<String> {
    let mut created = Check::new("save", ("新建配置", "a setting is created")).section("§2");
    let mut ids = Vec::new();
    let without = body("null", &wants("yes")).replace(r#""externalConfigId":null,"#, "");
    for (what, body) in [
        ("externalConfigId absent", without),
        ("externalConfigId null", body("null", &wants("yes"))),
        ("externalConfigId \"\"", body(r#""""#, &wants("yes"))),
    ] {
        ids.extend(saved(target, &mut created, body, what).await);
    }
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    if distinct.len() < ids.len() {
        let (zh, en) = ("两个新配置得到同一个 configId", "two new settings were given the same configId");
        Found::error(zh, en).add_to(&mut created, target.lang);
    }
    report.add(created);
    let id = ids.into_iter().next();
    let titles = [
        ("save-at-once", "§2", ("保存后立即生效", "a setting holds as soon as it is answered")),
        ("save-replace", "§2", ("替换配置，编号不变", "a setting is replaced under its id")),
        (
            "save-unknown-id",
            "§2",
            ("替换不存在的配置：报错", "an unknown id is an error, and changes nothing"),
        ),
        ("save-refused", "§4.10", ("读不懂的保存请求：拒收", "saves that say too little are refused")),
        ("save-not-json", "§3", ("保存请求不是 JSON", "bodies of saves that are not JSON")),
        ("save-at-the-same-time", "§2", ("同时保存", "saves at the same time")),
    ];
    let [at_once, replaced, unknown, refused, not_json, together] =
        titles.map(|(name, section, title)| Check::new(name, title).section(section));
    let (Some(id), Some(carrier)) = (id, target.carrier) else {
        [at_once, replaced, unknown, refused, not_json, together]
            .into_iter()
            .for_each(|check| report.add(check.skip()));
        return None;
    };
    let stage = Stage { target, carrier, id: &id };
    report.add(stage.at_once(at_once).await);
    report.add(stage.replaced(replaced).await);
    report.add(stage.unknown(unknown, nobody).await);
    report.add(stage.refused(refused).await);
    report.add(stage.not_json(not_json).await);
    report.add(stage.together(together).await);
    Some(id)
}

/// Saves what is right; the id, or a finding.
pub(super) async fn saved(target: &Target, check: &mut Check, body: String, what: &str) -> Option<String> {
    match target.save(body).await {
        Ok(saved) => {
            check.answered(saved.status, saved.code.as_deref(), saved.elapsed);
            if saved.id.is_none() {
                let found = match saved.status {
                    200 => Found::error(
                        "没有保存：`code` 不是 200，或没有 `configId`",
                        "nothing was saved: `code` is not 200, or there is no `configId`",
                    ),
                    status => Found::error(
                        format!("没有保存：HTTP {status}"),
                        format!("nothing was saved: HTTP {status}"),
                    ),
                };
                found.of(what).add_to(check, target.lang);
            }
            saved.id
        }
        Err(error) => {
            Found::no_answer(&error).of(what).add_to(check, target.lang);
            None
        }
    }
}

struct Stage<'a> {
    target: &'a Target,
    carrier: Carrier,
    id: &'a str,
}

impl Stage<'_> {
    /// Does the setting hold for a user who has `value`?
    fn user(&self, value: &str, allowed: bool, what: &str) -> (String, Ask, Expected) {
        let ask = Ask::default().has(self.carrier, A, &quoted(value)).saved(self.id);
        (what.to_owned(), ask, allowed.into())
    }

    async fn at_once(&self, mut check: Check) -> Check {
        let asks = [self.user("yes", true, "=")];
        self.target.judge(&mut check, &asks).await;
        self.target.judge(&mut check, &[self.user("no", false, "≠")]).await;
        check
    }

    async fn replaced(&self, mut check: Check) -> Check {
        let body = body(&quoted(self.id), &wants("later"));
        if let Some(id) = saved(self.target, &mut check, body, "").await {
            if id != self.id {
                let (zh, en) = ("替换后 configId 变了", "the configId is another one after the replacement");
                Found::error(zh, en).add_to(&mut check, self.target.lang);
            }
            let asks = [self.user("later", true, "新值 / new"), self.user("yes", false, "旧值 / old")];
            self.target.judge(&mut check, &asks).await;
        }
        check
    }

    /// What must not be saved.
    async fn refuses(
        &self,
        check: &mut Check,
        body: impl Into<platform_http::Body>,
        status: u16,
        what: &str,
    ) {
        let saved = match self.target.save(body).await {
            Ok(saved) => saved,
            Err(error) => return Found::no_answer(&error).of(what).add_to(check, self.target.lang),
        };
        check.answered(saved.status, saved.code.as_deref(), saved.elapsed);
        let Saved { status: got, code, id, .. } = saved;
        let found = if id.is_some() || (got == 200 && code.as_deref() == Some("200")) {
            Found::error("应报错，却答复成功", "should be an error, but was answered with success")
        } else if got != status {
            Found::warning(
                format!("以 HTTP {got} 作答，应为 {status}"),
                format!("answered with HTTP {got}; it should be {status}"),
            )
        } else {
            return;
        };
        found.of(what).add_to(check, self.target.lang);
    }

    async fn unknown(&self, mut check: Check, nobody: &str) -> Check {
        self.refuses(&mut check, body(&quoted(nobody), &wants("yes")), 200, "").await;
        let there = Ask::default().has(self.carrier, A, r#""yes""#).saved(nobody);
        let asks = [
            ("此后鉴权 / a check then".to_owned(), there, Expected::Denied),
            self.user("later", true, "原有配置 / the setting there was"),
        ];
        self.target.judge(&mut check, &asks).await;
        check
    }

    async fn refused(&self, mut check: Check) -> Check {
        let id = quoted(self.id);
        let good = body(&id, &wants("refused"));
        for (what, body) in [
            ("userId absent", good.replace(r#""userId":"duijie-probe","#, "")),
            ("settingData absent", body(&id, r#""x":1"#)),
            ("settingData {}", body(&id, r#""settingData":{}"#)),
            ("settingData \"\"", body(&id, r#""settingData":"x""#)),
            ("settingData [1]", body(&id, r#""settingData":[1]"#)),
            ("[]", "[]".to_owned()),
        ] {
            self.refuses(&mut check, body, 200, what).await;
        }
        self.target.judge(&mut check, &[self.user("later", true, "原有配置 / the setting there was")]).await;
        check
    }

    async fn not_json(&self, mut check: Check) -> Check {
        let good = body(&quoted(self.id), &wants("refused"));
        let (head, _) = good.split_at_checked(good.len().saturating_sub(1)).unwrap_or((&good, ""));
        let padding = format!(r#"{head},"padding":"{}"}}"#, "x".repeat(1024 * 1024));
        let deep = format!(r#"{head},"deep":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        for (what, body, status) in [
            ("text", "duijie".to_owned(), 400),
            ("cut off", head.to_owned(), 400),
            ("doubled members", format!(r#"{head},"userId":"x"}}"#), 400),
            ("lone surrogate", format!(r#"{head},"x":"\ud83d"}}"#), 400),
            ("depth 65", deep, 400),
            ("> 1 MiB", padding, 413),
        ] {
            self.refuses(&mut check, body, status, what).await;
        }
        self.target.judge(&mut check, &[self.user("later", true, "原有配置 / the setting there was")]).await;
        check
    }

    /// Whoever came last, all were answered, and the setting is one of them.
    async fn together(&self, mut check: Check) -> Check {
        let bodies = (0..8).map(|number| body(&quoted(self.id), &wants(&format!("v{number}"))));
        let answers = futures_util::future::join_all(bodies.map(|body| self.target.save(body))).await;
        for answer in answers {
            let found = match answer {
                Ok(saved) if saved.id.as_deref() == Some(self.id) => continue,
                Ok(saved) => Found::error(
                    format!("没有以原编号保存（HTTP {}）", saved.status),
                    format!("was not saved under its id (HTTP {})", saved.status),
                ),
                Err(error) => Found::no_answer(&error),
            };
            found.add_to(&mut check, self.target.lang);
        }
        let mut holding = 0_usize;
        for number in 0..8 {
            let (_, ask, _) = self.user(&format!("v{number}"), true, "");
            holding = holding.saturating_add(usize::from(
                self.target.check(&ask).await.is_ok_and(|answer| answer.allowed()),
            ));
        }
        if holding != 1 {
            let (zh, en) = (
                format!("8 次保存之后有 {holding} 个生效，应为 1 个"),
                format!("after 8 saves, {holding} of them hold; it should be 1"),
            );
            Found::error(zh, en).add_to(&mut check, self.target.lang);
        }
        check
    }
}
