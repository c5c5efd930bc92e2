//! `duijie verify`: is this the signature?

use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
    sign::{Given, Scheme, verify},
};

/// `duijie verify`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The scheme it is signed with.
    #[arg(value_enum)]
    scheme: Scheme,
    /// The signature that came; by default `sign` or `signature` in the URL's query.
    #[arg(long, value_name = "SIGNATURE")]
    got: Option<String>,
    #[command(flatten)]
    given: Given,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let got = match &args.got {
        Some(got) => got.clone(),
        None => args.given.signature_in_url()?.ok_or_else(|| {
            Failure::usage("no signature to verify: give --got SIGNATURE, or --url with one")
        })?,
    };
    let (material, secret) = args.given.read(context, args.scheme)?;
    let valid = verify(args.scheme, &material.input(), &secret, &got).map_err(Failure::failed)?;
    let reason = valid.err().map(|error| error.to_string());
    let exit = if reason.is_none() { Exit::Done } else { Exit::Failed };
    if context.json {
        output::json(&serde_json::json!({ "valid": reason.is_none(), "reason": reason }))?;
    } else {
        let good = context.lang.pick("签名正确", "the signature is right");
        output::whole(|out| writeln!(out, "{}", reason.as_deref().unwrap_or(good)))?;
    }
    Ok(exit)
}
