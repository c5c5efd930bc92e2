//! What every signed request to WeBank must pass (`webank SPEC.md §3.1`, `§6`).

use ::webank::{Code, NONCE_LENGTH, SignedValues};
use sign_doctor::Platform;

use super::Webank;
use super::ledger::Dead;
use crate::doctor::Suspect;
use crate::exchange::{Call, Reply};
use crate::params::{Params, ParamsError};

/// Why a request is refused: the platform's code, and the reason for the sandbox's own log.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: Code,
    pub(super) reason: String,
    /// A signature to be examined.
    suspect: Option<Box<Suspect>>,
}

impl Refused {
    pub(super) fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), suspect: None }
    }

    /// `60840002`: what the interface wants is not met.
    pub(super) fn input(reason: impl Into<String>) -> Self {
        Self::new(Code::INPUT_NOT_MET, reason)
    }

    /// The refusal as `reply` words it for this code, and for those who learn why.
    pub(super) fn told(self, reply: impl FnOnce(&Code) -> Reply) -> Reply {
        reply(&self.code).because(self.reason).suspecting(self.suspect)
    }
}

impl From<ParamsError> for Refused {
    fn from(error: ParamsError) -> Self {
        Self::input(error.to_string())
    }
}

/// The parameters that each signed request has, besides `type`.
const SIGNED: [&str; 4] = ["app_id", "nonce", "sign", "version"];

/// What is signed, in the order in which the document lists it (`webank SPEC.md §3.1`): who forgets to sort has it in
/// this one.
const LISTED: [&str; 4] = ["app_id", "version", "nonce", "type"];

/// Reads the parameters: the four, `type`, and `further` ones that this interface knows.
pub(super) fn parameters(call: &Call, version: &str, further: &[&str]) -> Result<Params, Refused> {
    let params = Params::parse(&call.query)?;
    let known: Vec<&str> = SIGNED.iter().chain(&["type"]).chain(further).copied().collect();
    params.only(&known)?;
    for name in SIGNED {
        params.need(name)?;
    }
    // webank SPEC.md §3, webank SPEC.md §4: each interface has its version.
    if params.get("version") != version {
        return Err(Refused::input(format!("parameter `version` is not `{version}`")));
    }
    // webank SPEC.md §3.1: 32 letters and digits.
    let nonce = params.get("nonce");
    if nonce.len() != NONCE_LENGTH || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refused::input(format!("parameter `nonce` is not {NONCE_LENGTH} letters and digits")));
    }
    Ok(params)
}

impl Webank {
    /// Is the request ours, and signed over these bytes with a live ticket?
    pub(super) fn check_signed(
        &self,
        call: &Call,
        params: &Params,
        body: Option<&str>,
    ) -> Result<(), Refused> {
        // A partner that was never opened here.
        if params.get("app_id") != self.0.access.app_id {
            return Err(Refused::new(Code::BAD_APP_ID, "no such app_id"));
        }
        let values = SignedValues {
            app_id: params.get("app_id"),
            version: params.get("version"),
            nonce: params.get("nonce"),
            kind: Some(params.get("type")), // WB-6
            body,
        };
        let checked = self.ledger().check_sign(values, params.get("sign"), call.now);
        let suspect = || {
            let secrets = self.ledger().signers();
            let values =
                LISTED.into_iter().filter(|name| params.has(name)).map(|name| (name, params.get(name)));
            let unsigned = params.iter().filter(|(name, _)| *name != "sign" && !LISTED.contains(name));
            let signed = values.chain(body.map(|body| ("body", body))).chain(unsigned);
            (!secrets.is_empty())
                .then(|| Box::new(Suspect::new(Platform::Webank, signed, secrets, params.get("sign"))))
        };
        checked.map_err(|dead| match dead {
            // webank SPEC.md §2.3: missing or expired is 60841017, wrong or kicked out is 60841018.
            Dead::NoTicket => Refused {
                suspect: suspect(),
                ..Refused::new(
                    Code::TICKET_CHECK_FAILED,
                    "no sign ticket is alive; and this signature fits none",
                )
            },
            Dead::Expired => Refused::new(Code::TICKET_CHECK_FAILED, "signed with a ticket that has expired"),
            Dead::Kicked => {
                Refused::new(Code::BAD_SIGNATURE, "signed with a ticket that a later fetch has kicked out")
            }
            Dead::Wrong => Refused {
                suspect: suspect(),
                ..Refused::new(
                    Code::BAD_SIGNATURE,
                    "the signature fits no ticket: compare the values signed, their order, and the body's bytes",
                )
            },
        })
    }
}
