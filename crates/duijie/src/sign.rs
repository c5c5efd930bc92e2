//! `duijie sign`: one request from flags, or JSON lines.

mod batch;
mod given;
mod line;
mod scheme;

use crate::{
    context::Context,
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
    /// Show the text to sign as well, the secret masked.
    #[arg(long)]
    explain: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Some(scheme) = args.scheme else {
        return lines::answer_stdin(batch::answer);
    };
    let (material, secret) = args.given.read(context, scheme)?;
    let input = material.input();
    let signature = sign(scheme, &input, &secret).map_err(Failure::failed)?;
    let text = match args.explain {
        true => Some(signing_text(scheme, &input, &secret).map_err(Failure::failed)?.to_string()),
        false => None,
    };
    if context.json {
        let mut document = serde_json::json!({ "signature": signature.as_str() });
        if let (Some(document), Some(text)) = (document.as_object_mut(), text) {
            document.insert("text".to_owned(), text.into());
            document.insert("digest".to_owned(), scheme.digest_name().into());
        }
        return output::json(&document);
    }
    output::whole(|out| {
        if let Some(text) = text {
            let title = context.lang.pick("待签名文本", "text to sign");
            writeln!(out, "{title}: {text}")?;
            writeln!(out, "{}: {}", context.lang.pick("摘要算法", "digest"), scheme.digest_name())?;
        }
        writeln!(out, "{signature}")
    })
}
