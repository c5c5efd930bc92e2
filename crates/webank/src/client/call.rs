//! Business calls: raw bytes, or types.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Client, Error, finish, without};
use crate::{
    BusinessOutcome, CallPath, Credentials, Host, InputError, Reply, Serials, business_request, read_reply,
};

/// A business call as it will be signed and sent, byte for byte. `Debug` leaves out the body.
#[derive(Clone)]
pub struct BusinessCall {
    path: CallPath,
    kind: Option<String>,
    body: Bytes,
    idempotent: bool,
}

impl BusinessCall {
    /// A call of this path with this body.
    #[must_use]
    pub fn new(path: CallPath, body: impl Into<Bytes>) -> Self {
        Self { path, kind: None, body: body.into(), idempotent: false }
    }

    /// A call with a body written as compact JSON.
    ///
    /// # Errors
    /// [`InputError::Serialise`] when the value is no JSON.
    pub fn json<T: Serialize + ?Sized>(path: CallPath, body: &T) -> Result<Self, InputError> {
        let body = serde_json::to_vec(body).map_err(|error| InputError::Serialise(error.to_string()))?;
        Ok(Self::new(path, body))
    }

    /// The query's `type`, mostly absent (`SPEC.md §3`, WB-6).
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..self }
    }

    /// It may be carried out twice without harm, because it only asks, or because the business system knows it again.
    /// Then it is repeated also when its outcome is unknown.
    #[must_use]
    pub fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }
}

impl fmt::Debug for BusinessCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusinessCall")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .field("idempotent", &self.idempotent)
            .finish_non_exhaustive()
    }
}

/// A typed business reply, and the numbers by which the bank finds the call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What `jsonData` held.
    pub value: T,
    /// The business system's own `CODE` and `DESC`, where it has them (`SPEC.md §3.2`): the gateway was content, what
    /// the business system thinks stands here.
    pub outcome: Option<BusinessOutcome>,
    /// For the bank's support.
    pub serials: Serials,
    /// When the server was done, `yyyyMMddHHmmss`.
    pub transaction_time: Option<String>,
}

impl Client {
    /// Makes a business call with types, `SPEC.md §3`: `request` is written as compact JSON, and `jsonData` is read into
    /// `Rep`.
    ///
    /// ```no_run
    /// # async fn example(client: webank::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// #[derive(serde::Serialize)]
    /// #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    /// struct Query<'a> {
    ///     service_code: &'a str,
    /// }
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    /// struct Found {
    ///     limit: String,
    /// }
    ///
    /// let path = webank::CallPath::new("/api/s/yh/10002")?;
    /// let answer = client.call::<_, Found>(&path, &Query { service_code: "10002" }).await?;
    /// println!("{} {}", answer.serials, answer.value.limit);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::send`]; [`Error::Business`] when `jsonData` is not a `Rep` but says with a `CODE` why,
    /// [`Error::Data`] when it does not even say that.
    pub async fn call<Req, Rep>(&self, path: &CallPath, request: &Req) -> Result<Answer<Rep>, Error>
    where
        Req: Serialize + ?Sized,
        Rep: DeserializeOwned,
    {
        let call = BusinessCall::json(path.clone(), request)?;
        typed(self.send(&call).await?)
    }

    /// Makes a business call with bytes, `SPEC.md §3`: the body is signed and sent as it is, and the reply keeps
    /// `jsonData` as it came.
    ///
    /// When the gateway refuses the ticket, credentials newer than the refused ones are used, fetched if need be, and
    /// the call is made once more. A call that did not reach the bank is made again as [`Retry`](super::Retry) says.
    /// Nothing else is repeated, unless the call is [idempotent](BusinessCall::idempotent).
    ///
    /// # Errors
    /// [`Error`] says whose fault it is; [`Error::outcome`] whether the call may have taken effect.
    pub async fn send(&self, call: &BusinessCall) -> Result<Reply, Error> {
        // Before anything is fetched: a fetch kicks out whoever uses this app id.
        if let Err(error) = std::str::from_utf8(&call.body) {
            return Err(InputError::BodyNotUtf8 { at: error.valid_up_to() }.into());
        }
        self.host(Host::Business)?;
        self.retried(call.idempotent, || self.call_once(call)).await
    }

    async fn call_once(&self, call: &BusinessCall) -> Result<Reply, Error> {
        self.with_credentials(|credentials| self.call_with(credentials, call)).await
    }

    async fn call_with(&self, credentials: Arc<Credentials>, call: &BusinessCall) -> Result<Reply, Error> {
        let (nonce, kind) = (self.nonce()?, call.kind.as_deref());
        let app_id = &self.inner.app_id;
        let request =
            business_request(app_id, &call.path, kind, call.body.clone(), nonce, &credentials.ticket)?;
        let response = self.exchange("call", &request).await?;
        let noted = |reply: &Reply| (reply.code.clone(), reply.serials.biz_seq_no.clone());
        let hidden = self.hidden(&credentials);
        let mut reply = finish(&response, read_reply(&response.body), &hidden, noted)?;
        reply.msg = without(&hidden, reply.msg);
        Ok(reply)
    }
}

/// SPEC.md §3.2: gateway and business codes apart.
fn typed<T: DeserializeOwned>(reply: Reply) -> Result<Answer<T>, Error> {
    let (outcome, serials) = (reply.json_data.outcome(), reply.serials);
    match reply.json_data.parse() {
        Ok(value) => Ok(Answer { value, outcome, serials, transaction_time: reply.transaction_time }),
        Err(reason) => Err(match outcome {
            Some(outcome) => Error::Business { outcome: Box::new(outcome), serials: Box::new(serials) },
            None => Error::Data { reason, serials: Box::new(serials) },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReplyError;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Found {
        #[serde(rename = "LIMIT")]
        limit: u32,
    }

    fn answer(json_data: &str) -> Result<Answer<Found>, Error> {
        let body = format!(r#"{{"code":"60840000","BizSeqNo":"b1","jsonData":{json_data}}}"#);
        typed(read_reply(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_business_reply_is_read_into_a_type() {
        let found = answer(r#""{\"CODE\":\"0000\",\"LIMIT\":7}""#).unwrap();
        assert_eq!((found.value.limit, found.serials.biz_seq_no.as_deref()), (7, Some("b1")));
        assert_eq!(found.outcome.map(|outcome| outcome.code).as_deref(), Some("0000"));
    }

    #[test]
    fn a_business_refusal_is_told_from_a_reply_of_another_shape() {
        let error = answer(r#"{"CODE":"B001","DESC":"额度不足"}"#).unwrap_err();
        let Error::Business { outcome, serials } = &error else { panic!("{error}") };
        assert_eq!((outcome.code.as_str(), serials.biz_seq_no.as_deref()), ("B001", Some("b1")));
        let error = answer(r#"{"LIMIT":"many"}"#).unwrap_err();
        assert!(matches!(&error, Error::Data { reason: ReplyError::NotJson { .. }, .. }), "{error}");
        assert!(error.to_string().contains("BizSeqNo b1"), "{error}");
        let error = answer("null").unwrap_err();
        assert!(matches!(&error, Error::Data { reason: ReplyError::Member("jsonData"), .. }), "{error}");
    }
}
