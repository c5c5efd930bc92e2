//! 兔展: the editor saves a setting, three users ask to take part.

use std::net::{Ipv4Addr, SocketAddr};

use platform_http::system::listen;
use platform_sandbox::{CheckRequest, Editor, Page, PartnerUrls, Setting};
use rabbitpre_auth::{Catalogue, MemoryAttributes, MemorySettings, Service};
use serde_json::{Value, json};

use super::steps::{Shown, Steps, holds};

const PLATFORM: &str = "兔展";
const CONDITIONS: &str = include_str!("../../samples/conditions.json");
const ATTRIBUTES: &str = include_str!("../../samples/attributes.json");

/// Who asks, whether they may take part, and what the answer must say.
const USERS: [(&str, (&str, &str), bool, &str); 3] = [
    (
        "720332229959618560",
        ("符合条件的用户：通过", "a user who meets all conditions: allowed"),
        true,
        "鉴权成功",
    ),
    ("720332229959618561", ("未成年用户：不通过并说明原因", "a minor: denied, and why"), false, "年龄"),
    (
        "720332229959618562",
        ("缺少属性：从严不通过", "an attribute is missing: denied on doubt"),
        false,
        "没有该属性",
    ),
];

pub(super) async fn show(steps: &mut Steps) {
    let title = ("启动三个接口", "serve the three endpoints");
    let Some((urls, server)) = steps.run(PLATFORM, title, serve()).await else { return };
    let title = ("编辑器读取条件并保存配置", "the editor reads the conditions and saves a setting");
    if let Some(config_id) = steps.run(PLATFORM, title, edit(&urls)).await {
        for (audid, title, allowed, words) in USERS {
            steps.run(PLATFORM, title, check(&urls, &config_id, audid, allowed, words)).await;
        }
    }
    server.abort();
}

async fn serve() -> Shown<(PartnerUrls, tokio::task::JoinHandle<()>)> {
    let catalogue = Catalogue::parse(CONDITIONS.as_bytes()).map_err(|error| error.to_string())?;
    let attributes = MemoryAttributes::parse(ATTRIBUTES.as_bytes()).map_err(|error| error.to_string())?;
    let offers = catalogue.offers().len();
    let router = Service::new(catalogue, attributes, MemorySettings::new("demo-")).router();
    let listener =
        listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.map_err(|error| error.to_string())?;
    let base = format!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demonstration's server ended");
        }
    });
    Ok(((PartnerUrls::below(&base), server), format!("{offers} conditions offered")))
}

async fn edit(urls: &PartnerUrls) -> Shown<String> {
    let editor = Editor::new(urls.clone());
    let conditions = editor.conditions().await.map_err(|error| error.to_string())?;
    let setting = Setting::new(
        "2a40a6c6-7379-4961-9088-cb9a071f3a55",
        vec![
            json!({ "label": "城市", "name": "city", "type": "cascader", "operator": "IN", "value": [["湖北省"], ["山西省"]] }),
        ],
    );
    let config_id = editor.save(&setting).await.map_err(|error| error.to_string())?;
    let words = format!("{} conditions read, saved as {config_id}", conditions.len());
    Ok((config_id, words))
}

fn conditions() -> Vec<Value> {
    vec![
        json!({ "chineseName": "年龄", "englishName": "age", "paramType": "number", "operator": "GTEQ", "values": "18" }),
        json!({ "chineseName": "会员等级", "englishName": "level", "paramType": "checkbox", "operator": "IN", "values": ["gold", "black"] }),
        json!({ "chineseName": "消费区间", "englishName": "spending", "paramType": "area", "values": [100, "10000.00"] }),
    ]
}

async fn check(urls: &PartnerUrls, config_id: &str, audid: &str, allowed: bool, words: &str) -> Shown<()> {
    let request = CheckRequest::user(audid).conditions(conditions()).saved(config_id);
    let verdict = Page::new(urls.clone()).check(&request).await;
    if let Some(failure) = verdict.failure {
        return Err(failure.to_string());
    }
    let message = verdict.message.unwrap_or_default();
    holds(verdict.allowed == allowed && message.contains(words), &message)?;
    Ok(((), message))
}
