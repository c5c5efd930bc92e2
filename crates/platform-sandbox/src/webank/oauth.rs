//! Token and tickets over HTTP (`webank SPEC.md §2.1`, `§2.2`).

use ::webank::{Code, VERSION};

use super::gateway::Refused;
use super::user::UserLogin;
use super::{Webank, reply};
use crate::Operation;
use crate::exchange::{Call, Reply};
use crate::params::Params;

impl Webank {
    /// Answers a request for credentials.
    pub(super) fn credentials(&self, call: &Call) -> Reply {
        let answered =
            if call.operation == Some(Operation::Token) { self.token(call) } else { self.tickets(call) };
        answered.unwrap_or_else(|refused| {
            refused.told(|code| reply::credentials_refused(&self.0.options, call.now, code))
        })
    }

    /// webank SPEC.md §2.1.
    fn token(&self, call: &Call) -> Result<Reply, Refused> {
        let params = credential_params(call, &["app_id", "secret", "grant_type", "version"])?;
        self.check_app(&params)?;
        if params.get("grant_type") != "client_credential" {
            return Err(bad_call("parameter `grant_type` is not `client_credential`"));
        }
        let mut ledger = self.ledger();
        if !ledger.secret_is(params.get("secret")) {
            return Err(bad_call("the secret is wrong"));
        }
        Ok(reply::token(&self.0.options, call.now, ledger.fetch_token(call.now)))
    }

    /// webank SPEC.md §2.2: one ticket for each type, in the order asked for.
    fn tickets(&self, call: &Call) -> Result<Reply, Refused> {
        let known = ["app_id", "access_token", "type", "version", "user_data", "mechant_id"];
        let params = credential_params(call, &known)?;
        self.check_app(&params)?;
        let mut wanted = Vec::new();
        for kind in need(&params, "type")?.split(',') {
            wanted.push(match kind {
                "sign" => None,
                "user" => {
                    let login = UserLogin::read(params.get("user_data"), params.get("mechant_id"));
                    Some(login.map_err(bad_call)?)
                }
                _ => {
                    return Err(Refused::new(
                        Code::NO_SUCH_TYPE,
                        "parameter `type` is neither sign nor user",
                    ));
                }
            });
        }
        let token = need(&params, "access_token")?;
        let mut ledger = self.ledger();
        ledger.check_token(token, call.now).map_err(|code| {
            let expired = code == Code::TOKEN_EXPIRED;
            Refused::new(code, if expired { "the token has expired" } else { "not the current token" })
        })?;
        let grants = wanted
            .into_iter()
            .map(|user| match user {
                None => ledger.fetch_sign_ticket(call.now),
                Some(login) => ledger.fetch_user_ticket(login, call.now),
            })
            .collect();
        Ok(reply::tickets(&self.0.options, call.now, grants))
    }

    fn check_app(&self, params: &Params) -> Result<(), Refused> {
        if need(params, "app_id")? != self.0.access.app_id {
            return Err(Refused::new(Code::BAD_APP_ID, "no such app_id"));
        }
        if params.get("version") != VERSION {
            return Err(bad_call(format!("parameter `version` is not `{VERSION}`")));
        }
        Ok(())
    }
}

/// webank SPEC.md §6: the credential stage knows no "input not met"; `60851007` is a bad call.
fn bad_call(reason: impl Into<String>) -> Refused {
    Refused::new(Code::BAD_CALL, reason)
}

fn credential_params(call: &Call, known: &[&str]) -> Result<Params, Refused> {
    if call.method != axum::http::Method::GET {
        return Err(bad_call("only GET is taken"));
    }
    let params = Params::parse(&call.query).map_err(|error| bad_call(error.to_string()))?;
    params.only(known).map_err(|error| bad_call(error.to_string()))?;
    Ok(params)
}

fn need<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, Refused> {
    params.need(name).map_err(|error| bad_call(error.to_string()))
}
