//! `duijie webank call`.

use std::path::PathBuf;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use webank::{BusinessCall, CallPath, Error, Refusal, Reply, business_request};

use super::{Bank, embedded, failure, preview, read, stand_in};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};

/// `duijie webank call`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The path that the bank assigned, like `/api/s/{area}/{service_code}`.
    path: String,
    /// The body, from a file or `-`; its bytes are signed and sent as they are.
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// The query's `type`, mostly absent.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    #[command(flatten)]
    bank: Bank,
}

#[derive(Serialize)]
struct Document<'a> {
    code: &'a str,
    msg: &'a str,
    #[serde(rename = "BizSeqNo")]
    biz_seq_no: Option<&'a str>,
    #[serde(rename = "ConsumerSeqNo")]
    consumer_seq_no: Option<&'a str>,
    #[serde(rename = "jsonData")]
    json_data: Option<Box<RawValue>>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let path = CallPath::new(&args.path).map_err(Failure::usage)?;
    let body = Bytes::from(read(&args.body)?);
    if context.dry_run {
        return dry_run(context, args, &path, body);
    }
    let client = args.bank.client(context, None).await?;
    let mut call = BusinessCall::new(path, body);
    if let Some(kind) = &args.kind {
        call = call.kind(kind);
    }
    let ended = client.send(&call).await;
    client.settle().await;
    match ended {
        Ok(reply) => show(context, &reply),
        Err(error) => {
            // A refusal of the call itself is an answer; one on the way to credentials is none.
            let answered = matches!(error, Error::Refused(_) | Error::ForeignKick { .. });
            if let (true, Some(refusal)) = (context.json && answered, error.refusal()) {
                refused(refusal)?;
                eprintln!("duijie: {error}");
                return Ok(Exit::Failed);
            }
            Err(failure(&error))
        }
    }
}

fn show(context: &Context, reply: &Reply) -> Result<Exit, Failure> {
    let text = reply.json_data.text();
    if context.json {
        return output::json(&Document {
            code: reply.code.as_str(),
            msg: &reply.msg,
            biz_seq_no: reply.serials.biz_seq_no.as_deref(),
            consumer_seq_no: reply.serials.consumer_seq_no.as_deref(),
            json_data: text.as_deref().map(embedded),
        });
    }
    tracing::info!(serials = %reply.serials, "the gateway was content");
    output::whole(|out| writeln!(out, "{}", text.as_deref().unwrap_or("null")))
}

fn refused(refusal: &Refusal) -> Result<Exit, Failure> {
    output::json(&Document {
        code: refusal.code.as_str(),
        msg: &refusal.msg,
        biz_seq_no: refusal.serials.biz_seq_no.as_deref(),
        consumer_seq_no: refusal.serials.consumer_seq_no.as_deref(),
        json_data: None,
    })
}

fn dry_run(context: &Context, args: &Args, path: &CallPath, body: Bytes) -> Result<Exit, Failure> {
    let app_id = args.bank.app_id(context)?;
    let (ticket, nonce) = stand_in()?;
    let request = business_request(&app_id, path, args.kind.as_deref(), body, nonce, &ticket);
    let request = request.map_err(Failure::usage)?;
    context.preview(&args.bank.base_url(context)?, &[preview(&request)])
}
