//! What an input came to: the parameters that a platform reads in it, and the signature that it carries.

use sign_doctor::{Platform, Remark, Request, Severity, Value, Words};

use super::call::{Body, Call, Parameters};

/// What travels beside the signed parameters: of a login (yichang `SPEC.md §3`), of files (webank `SPEC.md §4`), of a
/// callback's envelope (webank `SPEC.md §5`).
pub(super) const TRAVELS_UNSIGNED: [&str; 9] =
    ["mobile", "url", "fileType", "fileFormat", "fileId", "hashValue", "contentType", "transName", "SeqNo"];

/// What was examined.
#[derive(Default)]
pub(super) struct Found {
    pub(super) parameters: Parameters,
    pub(super) signature: Option<String>,
    /// What is wrong with how the request is written, besides what the library sees.
    pub(super) remarks: Vec<Remark>,
    /// A secret that stands in the input itself, as a line of `sign --batch` has it.
    pub(super) secret: Option<sign_core::Secret>,
    /// The scheme that the input names.
    pub(super) platform: Option<Platform>,
}

impl Found {
    /// The parameters of a request that travels.
    pub(super) fn of_call(platform: Platform, call: &Call) -> Result<Self, crate::exit::Failure> {
        let mut found = Self::default();
        if call.cut_url {
            found.remarks.push(remark(
                "unquoted-url",
                Severity::Odd,
                "the URL stands in the command without quotes: a shell cuts it at its first `&`",
                "命令里的 URL 没有加引号：shell 会在第一个 `&` 处截断",
            ));
        }
        found.parameters = match platform {
            // webank SPEC.md §5: the envelope is the body, and the URL means nothing.
            Platform::WebankCallback if call.body != Body::Nothing => call.fields()?,
            Platform::WebankCallback => call.query()?,
            // webank SPEC.md §3.1: the body exactly as sent; files are not signed.
            Platform::Webank => {
                let mut parameters = call.query()?;
                if let Body::Text(text) = &call.body {
                    parameters.push(("body".to_owned(), Value::Text(text.clone())));
                }
                parameters
            }
            Platform::Jinlaiban | Platform::YichangSha1 | Platform::YichangMd5 => {
                let mut parameters = call.query()?;
                parameters.extend(call.fields()?);
                parameters
            }
        };
        Ok(found)
    }

    /// Parameters as they stand in a JSON document.
    pub(super) fn of_request(request: &Request) -> Self {
        let parameters = request.parameters().iter().map(|it| (it.name.clone(), it.value.clone()));
        Self { parameters: parameters.collect(), ..Self::default() }
    }

    /// Takes the signature out of the parameters: it does not sign itself.
    pub(super) fn take_signature(&mut self, platform: Platform) {
        let own = platform.signature_name();
        let of_name = |name: &str| self.parameters.iter().position(|(other, _)| other == name);
        let alike = || {
            let named = |name: &str| ["sign", "signature"].iter().any(|it| it.eq_ignore_ascii_case(name));
            self.parameters.iter().position(|(name, value)| {
                named(name) && value.text().is_some_and(|text| !text.trim().is_empty())
            })
        };
        let Some(at) = of_name(own).or_else(alike) else { return };
        let (name, value) = self.parameters.remove(at);
        self.signature = value.text().map(str::to_owned).filter(|text| !text.trim().is_empty());
        if name != own {
            self.remarks.push(remark(
                "signature-name",
                Severity::Wrong,
                format!("the signature travels as `{name}`: the platform reads `{own}`"),
                format!("签名以 `{name}` 传输，平台读取的是 `{own}`"),
            ));
        }
    }

    /// What the doctor examines.
    pub(super) fn request(&self) -> Request {
        Request::named(self.parameters.iter().cloned())
    }
}

/// A remark in both languages.
pub(super) fn remark(
    kind: &'static str,
    severity: Severity,
    en: impl Into<String>,
    zh: impl Into<String>,
) -> Remark {
    Remark { kind, severity, message: Words { en: en.into(), zh: zh.into() } }
}
