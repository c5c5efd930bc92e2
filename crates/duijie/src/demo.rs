//! `duijie demo`: all four platforms, end to end, against the sandbox in this process, on real sample input.

mod jinlaiban;
mod rabbitpre;
mod steps;
mod webank;
mod yichang;

use platform_sandbox::{AcceptedDigest, Sandbox, SandboxClock, YichangOptions};

use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};
use steps::Steps;

/// `duijie demo`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Credentials and serial numbers of the sandbox follow from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let sandbox = Sandbox::builder()
        .seed(args.seed)
        .clock(SandboxClock::real())
        // The digest of the document's worked example, so that detection (YC-1) has something to detect.
        .yichang(YichangOptions { digest: AcceptedDigest::Md5, ..YichangOptions::default() })
        .start()
        .await
        .map_err(Failure::failed)?;
    let mut steps = Steps::new(context.lang);
    jinlaiban::show(&mut steps, &sandbox).await;
    yichang::show(&mut steps, &sandbox).await;
    webank::show(&mut steps, &sandbox).await;
    rabbitpre::show(&mut steps).await;
    sandbox.shutdown().await;
    if context.json {
        output::json(&steps.document())?;
    } else {
        output::whole(|out| steps.table(out))?;
    }
    Ok(if steps.all_held() { Exit::Done } else { Exit::Failed })
}
