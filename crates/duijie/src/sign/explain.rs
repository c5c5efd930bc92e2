//! `sign --explain`: the way to the signature, stage by stage, with nothing searched for.

use sign_core::Secret;
use sign_doctor::{Case, NamedSecret, Platform, Request, Value};

use super::given::Material;
use super::scheme::Scheme;
use crate::{
    doctor::{
        show::{Step, steps},
        veil::Veil,
    },
    exit::Failure,
    lang::Lang,
};

/// The stages, the secret hidden.
pub(super) fn stages(
    scheme: Scheme,
    material: &Material,
    secret: &Secret,
    lang: Lang,
) -> Result<Vec<Step>, Failure> {
    let secrets = [named(scheme, secret)];
    let (platform, request) = (platform(scheme), request(material));
    let recipe = platform.recipe();
    let case = Case::new(&recipe, &request, &secrets).map_err(Failure::failed)?.of(platform);
    Ok(steps(&case, &[], lang, &Veil::new(&secrets, false)))
}

/// The text to sign, whose secret is masked already, without a secret that somebody sent as a parameter.
pub(super) fn text(scheme: Scheme, secret: &Secret, masked: &str) -> String {
    Veil::new(&[named(scheme, secret)], false).hide(masked)
}

fn named(scheme: Scheme, secret: &Secret) -> NamedSecret {
    NamedSecret { name: scheme.secret_variable().to_owned(), secret: secret.clone() }
}

const fn platform(scheme: Scheme) -> Platform {
    match scheme {
        Scheme::Jinlaiban => Platform::Jinlaiban,
        Scheme::YichangSha1 => Platform::YichangSha1,
        Scheme::YichangMd5 => Platform::YichangMd5,
        Scheme::Webank => Platform::Webank,
        Scheme::WebankCallback => Platform::WebankCallback,
    }
}

fn request(material: &Material) -> Request {
    match material {
        Material::Params(params) => {
            Request::texts(params.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        }
        Material::Values(values) => Request::values(values.iter().cloned().map(Value::Text)),
        Material::Envelope { plain, timestamp } => {
            Request::texts([("Plain", plain.as_str()), ("Timestamp", timestamp.as_str())])
        }
    }
}
