//! The golden vectors as cases of the doctor.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sign_doctor::{Case, NamedSecret, Platform, Recipe, Request, Value};
use sign_vectors::{Scheme, Vector};

pub(crate) mod matrix;

/// A vector, ready to be examined.
pub(crate) struct Given {
    pub(crate) vector: Vector,
    pub(crate) platform: Platform,
    pub(crate) recipe: Recipe,
    pub(crate) request: Request,
    /// Empty where the vector has none.
    pub(crate) secrets: Vec<NamedSecret>,
}

pub(crate) const fn platform(scheme: Scheme) -> Platform {
    match scheme {
        Scheme::Jinlaiban => Platform::Jinlaiban,
        Scheme::YichangSha1 => Platform::YichangSha1,
        Scheme::YichangMd5 => Platform::YichangMd5,
        Scheme::Webank => Platform::Webank,
        Scheme::WebankCallback => Platform::WebankCallback,
    }
}

impl Given {
    pub(crate) fn new(vector: Vector) -> Self {
        let input: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&vector.input_line).unwrap();
        let request = match vector.scheme {
            Scheme::Webank => Request::from_json(input["values"].get()).unwrap(),
            Scheme::WebankCallback => {
                let raw = |name: &str| input.get(name).map_or("null", |raw| raw.get());
                let json = format!(r#"{{"Plain":{},"Timestamp":{}}}"#, raw("plain"), raw("timestamp"));
                Request::from_json(&json).unwrap()
            }
            _ => Request::from_json(input["params"].get()).unwrap(),
        };
        let secret = input.get(vector.scheme.secret_member()).map(|raw| raw.get());
        let secret: Option<String> = secret.and_then(|json| serde_json::from_str(json).unwrap());
        let secrets = NamedSecret::new("the vector's secret", secret.unwrap_or_default());
        let platform = platform(vector.scheme);
        Self { platform, recipe: platform.recipe(), request, secrets: secrets.into_iter().collect(), vector }
    }

    pub(crate) fn case(&self) -> Case<'_> {
        Case::new(&self.recipe, &self.request, &self.secrets).unwrap().of(self.platform)
    }

    /// The vector's longest value, in bytes.
    pub(crate) fn longest(&self) -> usize {
        let lengths = self.request.parameters().iter().filter_map(|it| it.value.text().map(str::len));
        lengths.max().unwrap_or(0)
    }
}

/// All vectors that have a signature.
pub(crate) fn signed() -> Vec<Given> {
    let all = sign_vectors::all().into_iter();
    let signed = all.filter(|vector| matches!(vector.expected, sign_vectors::Expected::Signature { .. }));
    signed.map(Given::new).collect()
}

/// Parameters without a name have none.
pub(crate) fn bare(values: &[Option<&str>]) -> Request {
    let value = |text: &Option<&str>| text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
    Request::values(values.iter().map(value))
}
