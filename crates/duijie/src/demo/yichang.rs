//! 宜昌: a user is logged in and sees what there is to do.

use platform_sandbox::Sandbox;
use yichang::{Client, DigestSetting, Mobile};

use super::steps::{Shown, Steps, holds};

const PLATFORM: &str = "宜昌";

pub(super) async fn show(steps: &mut Steps, sandbox: &Sandbox) {
    let title = ("登录，自动识别摘要算法", "log in, digest detected (YC-1)");
    let Some((client, mobile)) = steps.run(PLATFORM, title, login(sandbox)).await else { return };
    let title = ("待办列表", "list the to-dos");
    steps.run(PLATFORM, title, todo(&client, &mobile)).await;
}

async fn login(sandbox: &Sandbox) -> Shown<(Client, Mobile)> {
    let access = &sandbox.access().yichang;
    let mobile = access.mobiles.first().ok_or("the portal knows nobody")?;
    let mobile = Mobile::parse(mobile).map_err(|error| error.to_string())?;
    let client = Client::builder(&access.app_id, access.app_secret.clone())
        .url(&sandbox.urls().yichang)
        .digest(DigestSetting::Detect)
        .clock(sandbox.clock().clone())
        .build()
        .map_err(|error| error.to_string())?;
    let after = Some("https://partner.example/home");
    let login = client.login(&mobile, after).await.map_err(|error| error.to_string())?;
    let known = sandbox.yichang().logged_in(login.sso_token().expose());
    holds(known.as_deref() == Some(mobile.expose()), "the portal does not know the token")?;
    let digest = client.detected().map_or_else(|| "?".to_owned(), |digest| digest.to_string());
    let words = format!("{}; digest {digest}; {}", login.reply().msg(), login.masked_jump_url());
    Ok(((client, mobile), words))
}

async fn todo(client: &Client, mobile: &Mobile) -> Shown<()> {
    let list = client.todo(mobile).await.map_err(|error| error.to_string())?;
    let first = list.items().first().ok_or("the list is empty")?;
    let workflow = first.workflow_name.as_deref().unwrap_or("-");
    Ok(((), format!("{}; {} items, the first is {workflow}", list.reply().msg(), list.items().len())))
}
