//! A request as it travels: URL and body; and what parameters stand in it.

use sign_core::form;
use sign_doctor::{Request, Value};

use crate::exit::Failure;

/// A request as it travels.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) content_type: Option<String>,
    pub(super) body: Body,
    /// The URL stood in a command without quotes.
    pub(super) cut_url: bool,
}

/// Its body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Body {
    #[default]
    Nothing,
    Text(String),
    /// A multipart form; files have no text.
    Parts(Vec<(String, Option<String>)>),
}

/// Parameters, in the order in which they travel.
pub(super) type Parameters = Vec<(String, Value)>;

impl Call {
    /// The parameters of the URL's query.
    pub(super) fn query(&self) -> Result<Parameters, Failure> {
        query(&self.url)
    }

    /// The parameters in the body: of a form, of a multipart form's texts, or of a JSON object.
    pub(super) fn fields(&self) -> Result<Parameters, Failure> {
        match &self.body {
            Body::Nothing => Ok(Vec::new()),
            Body::Text(text) if self.is_json(text) => {
                // A list, or a text that is no JSON after all, holds no parameters.
                let Ok(request) = Request::from_json(text) else { return Ok(Vec::new()) };
                let named = request.parameters().iter().filter(|it| !it.name.is_empty());
                Ok(named.map(|it| (it.name.clone(), it.value.clone())).collect())
            }
            Body::Text(text) => pairs(text, "the body's form"),
            Body::Parts(parts) => {
                let text = |(name, text): &(String, Option<String>)| {
                    Some((name.clone(), Value::Text(text.clone()?)))
                };
                Ok(parts.iter().filter_map(text).collect())
            }
        }
    }

    fn is_json(&self, text: &str) -> bool {
        let says_form = self.content_type.as_deref().is_some_and(|it| it.contains("x-www-form-urlencoded"));
        let says_json = self.content_type.as_deref().is_some_and(|it| it.contains("json"));
        says_json || (!says_form && text.trim_start().starts_with(['{', '[']))
    }
}

/// The parameters of a URL's query, or of a query by itself.
pub(super) fn query(url: &str) -> Result<Parameters, Failure> {
    let url = url.split('#').next().unwrap_or_default();
    let query = match url.split_once('?') {
        Some((_, query)) => query,
        None if url.contains("://") || !url.contains('=') => "",
        None => url,
    };
    pairs(query, "the URL's query")
}

fn pairs(text: &str, what: &str) -> Result<Parameters, Failure> {
    form::pairs(text)
        .map(|pair| {
            let (name, value) = pair.map_err(|error| {
                Failure::usage(format!("{what}: {error}: it must be percent-encoded, as it travels"))
            })?;
            Ok((name.into_owned(), Value::Text(value.into_owned())))
        })
        .collect()
}
