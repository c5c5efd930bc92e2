//! 微众银行: credentials that survive a kick, a call, a file there and back, a signed callback.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::header, response::IntoResponse, routing::post};
use platform_http::system::{Clock as _, listen};
use platform_sandbox::{Sandbox, SandboxClock};
use webank::callback::{Received, Receiver};
use webank::{
    BusinessCall, CallPath, Client, Download, FileFormat, FileType, HashCheck, Progress, StoredFile, Upload,
};

use super::steps::{Shown, Steps, holds};

const PLATFORM: &str = "微众银行";
const BODY: &str = r#"{"SERVICE_CODE": "10002", "REQUEST_TIME": "20190829163531"}"#;
/// Longer than the five minutes that a ticket lives after it was kicked out, shorter than the refresh.
const BEYOND_GRACE: Duration = Duration::from_secs(6 * 60);

pub(super) async fn show(steps: &mut Steps, sandbox: &Sandbox) {
    let title = ("获取 token 与 ticket", "fetch token and ticket");
    let Some(client) = steps.run(PLATFORM, title, credentials(sandbox)).await else { return };
    let title = ("签名的业务调用", "make a signed business call");
    steps.run(PLATFORM, title, call(&client)).await;
    let title = ("被他人互踢后自动恢复", "kicked out by a rival: recovers");
    steps.run(PLATFORM, title, kicked(sandbox, &client)).await;
    let title = ("上传文件", "upload a file, with progress");
    if let Some(stored) = steps.run(PLATFORM, title, upload(&client)).await {
        let title = ("下载文件并核对", "download it again, hash compared");
        steps.run(PLATFORM, title, download(&client, &stored)).await;
    }
    let title = ("应答银行的签名回调", "answer the bank's signed callback");
    steps.run(PLATFORM, title, callback(sandbox)).await;
}

async fn credentials(sandbox: &Sandbox) -> Shown<Client> {
    let access = &sandbox.access().webank;
    let client = Client::builder(&access.app_id, access.secret.clone())
        .business_url(&sandbox.urls().webank)
        .files_url(&sandbox.urls().webank_files)
        .clock(sandbox.clock().clone())
        .build()
        .map_err(|error| error.to_string())?;
    let held = client.credentials().await.map_err(|error| error.to_string())?;
    let words = format!("generation {}, {} s", held.generation, held.lifetime.as_secs());
    Ok((client, words))
}

async fn call(client: &Client) -> Shown<()> {
    let path = CallPath::new("/api/s/demo/10002").map_err(|error| error.to_string())?;
    let reply =
        client.send(&BusinessCall::new(path.clone(), BODY)).await.map_err(|error| error.to_string())?;
    let outcome = reply.json_data.outcome().ok_or("no business outcome")?;
    let desc = outcome.desc.unwrap_or_default();
    Ok(((), format!("{}; {} {desc}; {}", reply.msg, outcome.code, reply.serials)))
}

async fn kicked(sandbox: &Sandbox, client: &Client) -> Shown<()> {
    let before = sandbox.webank().counts();
    sandbox.webank().kick();
    sandbox.clock().advance(BEYOND_GRACE);
    let ((), words) = call(client).await?;
    let after = sandbox.webank().counts();
    holds(after.refused_kicked == before.refused_kicked + 1, "the platform refused nothing")?;
    holds(after.token_fetches == before.token_fetches + 1, "not exactly one fetch")?;
    Ok(((), format!("refused once, one new fetch: {words}")))
}

async fn upload(client: &Client) -> Shown<StoredFile> {
    let content: Bytes = (0..300_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let reports = Arc::new(AtomicU32::new(0));
    let format = FileFormat::new("png").map_err(|error| error.to_string())?;
    let upload = Upload::new("营业执照.png", FileType::BUSINESS_LICENCE, format, content)
        .on_progress(counting(&reports));
    let uploaded = client.upload(upload).await.map_err(|error| error.to_string())?;
    holds(uploaded.file.name.as_deref() == Some("营业执照.png"), "the file's name arrived changed")?;
    holds(uploaded.hash == HashCheck::Proven, "the hash does not prove the transfer")?;
    let words =
        format!("{} B in {} reports; {}", uploaded.length, reports.load(Ordering::Relaxed), uploaded.serials);
    Ok((uploaded.file, words))
}

async fn download(client: &Client, stored: &StoredFile) -> Shown<()> {
    let mut content = Vec::new();
    let reports = Arc::new(AtomicU32::new(0));
    let download = Download::new(stored).content_type("image/png").on_progress(counting(&reports));
    let download = client.download(&download, &mut content).await.map_err(|error| error.to_string())?;
    holds(download.hash == HashCheck::Proven, "the hash does not prove the transfer")?;
    holds(content.len() == 300_000, "the file came back with another length")?;
    let reports = reports.load(Ordering::Relaxed);
    Ok(((), format!("{} {} B in {reports} reports, MD5 proven", download.content_type, download.length)))
}

fn counting(reports: &Arc<AtomicU32>) -> Progress {
    let reports = Arc::clone(reports);
    Arc::new(move |_, _| _ = reports.fetch_add(1, Ordering::Relaxed))
}

/// A partner's endpoint, as small as it gets, called by the bank.
async fn callback(sandbox: &Sandbox) -> Shown<()> {
    let receiver = Receiver::new(sandbox.access().webank.callback_salt.clone());
    let endpoint = Arc::new(Endpoint { receiver, clock: sandbox.clock().clone() });
    let router = Router::new().route("/callback", post(answer)).with_state(endpoint);
    let listener =
        listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.map_err(|error| error.to_string())?;
    let url = format!("http://{}/callback", listener.local_addr().map_err(|error| error.to_string())?);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let business = r#"{"merchantno":"00000006","product_cd":"230001","req_nbr":"tbt001"}"#;
    let outcome = sandbox.bank().call(&url, "TLMerchantQuery", business).await;
    server.abort();
    let outcome = outcome.map_err(|error| error.to_string())?;
    holds(outcome.is_success(), format!("{outcome:?}"))?;
    let (code, desc) = (outcome.code.unwrap_or_default(), outcome.desc.unwrap_or_default());
    Ok(((), format!("TLMerchantQuery answered {code} {desc}, signature verified by the bank")))
}

struct Endpoint {
    receiver: Receiver,
    clock: SandboxClock,
}

async fn answer(State(endpoint): State<Arc<Endpoint>>, body: Bytes) -> impl IntoResponse {
    let sealed = match endpoint.receiver.receive(&body, endpoint.clock.now()) {
        Received::Call(call) if call.trans_name() == "TLMerchantQuery" => {
            call.answer(r#"{"CODE":"0000","DESC":"系统处理成功","status":"01"}"#)
        }
        Received::Call(call) => call.unknown_trans_name(),
        Received::Refused(refused) => refused.into_body(),
    };
    ([(header::CONTENT_TYPE, "application/json")], sealed)
}
