//! `duijie sign`: one request from flags, or JSON lines.

mod batch;
mod explain;
mod given;
mod line;
mod scheme;

use crate::{
    context::Context,
    doctor::{paint::Paint, show},
    exit::{Exit, Failure},
    lines, output,
};
pub(crate) use given::Given;
pub(crate) use scheme::{Scheme, sign, signing_text, verify};

/// `duijie sign`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The scheme to sign with.
    #[arg(value_enum, required_unless_present = "batch", conflicts_with = "batch")]
    scheme: Option<Scheme>,
    /// Sign JSON lines from stdin: one line in, one line out, in order.
    #[arg(long)]
    pub(crate) batch: bool,
    #[command(flatten)]
    given: Given,
    /// Show the way to the signature as well, stage by stage, the secret masked. Not for `--batch`.
    #[arg(long, conflicts_with = "batch")]
    explain: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Some(scheme) = args.scheme else {
        return lines::answer_stdin(batch::answer);
    };
    let (material, secret) = args.given.read(context, scheme)?;
    let input = material.input();
    let signature = sign(scheme, &input, &secret).map_err(Failure::failed)?;
    let stages = match args.explain {
        true => Some(explain::stages(scheme, &material, &secret, context.lang)?),
        false => None,
    };
    if context.json {
        let mut document = serde_json::json!({ "signature": signature.as_str() });
        if let (Some(document), Some(stages)) = (document.as_object_mut(), stages) {
            let text = signing_text(scheme, &input, &secret).map_err(Failure::failed)?;
            let text = explain::text(scheme, &secret, &text.to_string());
            document.insert("text".to_owned(), text.into());
            document.insert("digest".to_owned(), scheme.digest_name().into());
            document.insert("stages".to_owned(), serde_json::json!(stages));
        }
        return output::json(&document);
    }
    output::whole(|out| {
        if let Some(stages) = stages {
            writeln!(out, "{}", show::list(&stages, Paint::for_stdout(), context.lang))?;
        }
        writeln!(out, "{signature}")
    })
}
