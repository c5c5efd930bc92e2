//! `duijie sandbox`: the simulated platforms, served until stopped.

mod papers;

use std::net::SocketAddr;
use std::path::PathBuf;

use platform_sandbox::{FaultSchedule, Sandbox, SandboxClock, TlsOptions};

use self::papers::Papers;
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};

/// `duijie sandbox`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 晋来办 listens here, 宜昌 on the next port, then WeBank's business host and its file host; port 0 takes free ones.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What goes wrong: `TARGET:KIND[*TIMES|@PERCENT%]`, comma-separated, like `jinlaiban:cut-after@5%`.
    #[arg(long, value_name = "SPEC", default_value = "")]
    faults: FaultSchedule,
    /// Credentials and faults follow from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many times as fast as real time the platforms' clock runs.
    #[arg(long, value_name = "N", default_value_t = 1)]
    speed: u32,
    /// WeBank's hosts speak TLS, and its business host wants a client certificate; certificates and keys to try it
    /// with are written into this directory.
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut builder = Sandbox::builder()
        .seed(args.seed)
        .listen(args.listen)
        .clock(SandboxClock::fast(args.speed))
        .faults(args.faults.clone());
    if args.tls.is_some() {
        builder = builder.tls(TlsOptions::default());
    }
    let sandbox = builder.start().await.map_err(Failure::failed)?;
    let papers = match (&args.tls, sandbox.tls()) {
        (Some(directory), Some(tls)) => Some(Papers::write(directory, tls)?),
        _ => None,
    };
    announce(context, &sandbox, papers.as_ref())?;
    stopped().await;
    // In good order; whoever asks a second time means at once.
    tokio::select! {
        () = sandbox.shutdown() => {}
        () = stopped() => {}
    }
    Ok(Exit::Done)
}

/// Addresses and test credentials, which this command exists to give: they open nothing but this sandbox.
fn announce(context: &Context, sandbox: &Sandbox, papers: Option<&Papers>) -> Result<Exit, Failure> {
    let (urls, access) = (sandbox.urls(), sandbox.access());
    if context.json {
        let mut document = serde_json::json!({
            "jinlaiban": {
                "base_url": urls.jinlaiban, "appcode": access.jinlaiban.appcode,
                "modulecode": access.jinlaiban.modulecode, "appsecret": access.jinlaiban.appsecret.expose(),
            },
            "yichang": {
                "base_url": urls.yichang, "app_id": access.yichang.app_id,
                "app_secret": access.yichang.app_secret.expose(), "mobiles": access.yichang.mobiles,
            },
            "webank": {
                "base_url": urls.webank, "files_url": urls.webank_files, "app_id": access.webank.app_id,
                "secret": access.webank.secret.expose(), "callback_salt": access.webank.callback_salt.expose(),
            },
        });
        if let (Some(papers), Some(webank)) = (papers, document.get_mut("webank")) {
            papers.add_to(webank);
        }
        return output::json(&document);
    }
    let stop = context.lang.pick("按 Ctrl-C 停止", "stop with Ctrl-C");
    let title = context.lang.pick(
        "以下为沙箱测试凭据，可直接粘贴到 shell",
        "sandbox test credentials, ready to paste into a shell",
    );
    output::whole(|out| {
        writeln!(out, "# {title}")?;
        for (name, value) in [
            ("JINLAIBAN_BASE_URL", urls.jinlaiban.as_str()),
            ("JINLAIBAN_APPCODE", &access.jinlaiban.appcode),
            ("JINLAIBAN_MODULECODE", &access.jinlaiban.modulecode),
            ("JINLAIBAN_APPSECRET", access.jinlaiban.appsecret.expose()),
            ("YICHANG_BASE_URL", &urls.yichang),
            ("YICHANG_APP_ID", &access.yichang.app_id),
            ("YICHANG_APP_SECRET", access.yichang.app_secret.expose()),
            ("WEBANK_BASE_URL", &urls.webank),
            ("WEBANK_FILES_URL", &urls.webank_files),
            ("WEBANK_APP_ID", &access.webank.app_id),
            ("WEBANK_SECRET", access.webank.secret.expose()),
            ("WEBANK_CALLBACK_SALT", access.webank.callback_salt.expose()),
        ] {
            writeln!(out, "export {name}={value}")?;
        }
        if let Some(papers) = papers {
            writeln!(out, "export WEBANK_P12_PASSWORD={}", papers::PASSWORD)?;
            let flags = context.lang.pick("微众银行用客户端证书", "client certificate for WeBank");
            writeln!(out, "# {flags}: {}", papers.flags())?;
        }
        let mobiles = context.lang.pick("宜昌已知手机号", "mobile numbers that 宜昌 knows");
        writeln!(out, "# {mobiles}: {}", access.yichang.mobiles.join(" "))?;
        writeln!(out, "# {stop}")
    })
}

/// Returns when the process is asked to stop: Ctrl-C, or SIGTERM from a supervisor.
pub(crate) async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without signals there is nothing to wait for but the end of the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
