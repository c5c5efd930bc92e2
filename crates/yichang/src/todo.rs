//! The to-do list of a person (`SPEC.md §4`).

use core::fmt;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;
use sign_core::Secret;

use crate::call::{BodyFormat, SignedCall, query};
use crate::error::{ReplyError, success};
use crate::members;
use crate::mobile::Mobile;
use crate::reply::{Reply, ReplyFault};
use crate::scalar;
use crate::sign::{DigestKind, ParamError, Params};

/// The path of the to-do list, below the base URL.
pub const TODO_PATH: &str = "/api/synctodo/getTodoList";

/// Signs a request for this person's to-do list.
///
/// # Errors
/// [`ParamError`], the caller's mistake: one of the public parameters is empty.
pub fn sign_todo(
    mobile: &Mobile,
    params: Params<'_>,
    secret: &Secret,
    kind: DigestKind,
) -> Result<SignedCall, ParamError> {
    Ok(call(mobile, Some(query(params, secret, kind)?)))
}

/// A request for this person's to-do list without public parameters, should the platform want it so (YC-3).
#[must_use]
pub fn unsigned_todo(mobile: &Mobile) -> SignedCall {
    call(mobile, None)
}

fn call(mobile: &Mobile, query: Option<String>) -> SignedCall {
    // SPEC.md §4: always JSON.
    SignedCall::new(TODO_PATH, query, BodyFormat::Json, [("mobile", mobile.expose())])
}

/// A to-do list. `Debug` shows its size alone: titles and names are about persons.
#[derive(Clone)]
pub struct TodoList {
    row_count: Option<u64>,
    items: Vec<Todo>,
    reply: Reply,
}

/// What a to-do item says; `None` for what it leaves out. Ids are kept digit by digit, as number or text (YC-4).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Todo {
    /// `requestId`: the process's request.
    pub request_id: Option<String>,
    /// `sano`: the document's number, such as `QMXX20210709000002`.
    pub sano: Option<String>,
    /// `title`: the document's title; it often holds a name.
    pub title: Option<String>,
    /// `url`: where to deal with it.
    pub url: Option<String>,
    /// `creatorId`: who started it.
    pub creator_id: Option<String>,
    /// `creatorName`: the name of who started it.
    pub creator_name: Option<String>,
    /// `workflowName`: the process.
    pub workflow_name: Option<String>,
    /// `workflowTypeId`: the kind of process.
    pub workflow_type_id: Option<String>,
    /// `workflowTypeName`: the name of the kind, such as `日常办公`.
    pub workflow_type_name: Option<String>,
    /// Members that nobody has told us of, as JSON.
    pub other: BTreeMap<String, String>,
}

/// A [`Todo`] as it is read.
struct Item(Todo);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut todo = Todo::default();
        members::each(deserializer, |name, value| {
            let known = match name.as_ref() {
                "requestId" => &mut todo.request_id,
                "sano" => &mut todo.sano,
                "title" => &mut todo.title,
                "url" => &mut todo.url,
                "creatorId" => &mut todo.creator_id,
                "creatorName" => &mut todo.creator_name,
                "workflowName" => &mut todo.workflow_name,
                "workflowTypeId" => &mut todo.workflow_type_id,
                "workflowTypeName" => &mut todo.workflow_type_name,
                _ => {
                    todo.other.insert(name.into_owned(), value.get().to_owned());
                    return;
                }
            };
            *known = scalar::text(value);
        })?;
        Ok(Self(todo))
    }
}

/// Shows `requestId` and `sano`: the rest is about persons.
impl fmt::Debug for Todo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Todo")
            .field("request_id", &self.request_id)
            .field("sano", &self.sano)
            .finish_non_exhaustive()
    }
}

impl TodoList {
    /// Reads the answer to a request for a to-do list. A success without data is an empty list (YC-5).
    ///
    /// ```
    /// use yichang::TodoList;
    /// let body = r#"{"code":1,"msg":"success","data":{"rowCount":1,"items":[
    ///     {"requestId":10412,"sano":"QMXX20210709000002","title":"签名信息采集-白骥-2021-07-09"}]}}"#;
    /// let list = TodoList::read(200, body.as_bytes())?;
    /// assert_eq!(list.row_count(), Some(1));
    /// assert_eq!(list.items().first().and_then(|todo| todo.request_id.as_deref()), Some("10412"));
    /// # Ok::<(), yichang::ReplyError>(())
    /// ```
    ///
    /// # Errors
    /// [`ReplyError`]: the platform refused, or it is not clear what it said.
    pub fn read(http_status: u16, body: &[u8]) -> Result<Self, ReplyError> {
        Self::of(http_status, Reply::parse(body))
    }

    pub(crate) fn of(http_status: u16, reply: Result<Reply, ReplyFault>) -> Result<Self, ReplyError> {
        let reply = success(http_status, reply)?;
        let wrong = |member| ReplyError::not_understood(http_status, ReplyFault::Member { member });
        let (mut row_count, mut items) = (None, None);
        if let Some(data) = reply.raw_data() {
            members::each(data, |name, value| match name.as_ref() {
                "rowCount" => row_count = scalar::text(value).and_then(|count| count.trim().parse().ok()),
                "items" => items = Some(value),
                _ => {}
            })
            .map_err(|_| wrong("data"))?;
        }
        let items: Vec<Item> = match items.map(RawValue::get) {
            None | Some("null" | r#""""#) => Vec::new(),
            Some(items) => serde_json::from_str(items).map_err(|_| wrong("data.items"))?,
        };
        Ok(Self { row_count, items: items.into_iter().map(|Item(todo)| todo).collect(), reply })
    }

    /// How many there are, as the platform counts.
    #[must_use]
    pub fn row_count(&self) -> Option<u64> {
        self.row_count
    }

    /// The items, in the platform's order.
    #[must_use]
    pub fn items(&self) -> &[Todo] {
        &self.items
    }

    /// The reply in full.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
}

impl fmt::Debug for TodoList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TodoList({} items)", self.items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> Result<TodoList, ReplyError> {
        TodoList::read(200, format!(r#"{{"code":1,"msg":"success","data":{data}}}"#).as_bytes())
    }

    #[test]
    fn every_member_is_taken_and_ids_are_exact() {
        let list = read(
            r#"{"rowCount":"2","items":[{"requestId":18446744073709551616,"sano":"Q","title":"采集-白骥","url":"http://a/",
               "creatorId":"022","creatorName":"白骥","workflowName":"采集","workflowTypeId":100,
               "workflowTypeName":"日常办公","level":[1]},{}]}"#,
        )
        .unwrap();
        assert_eq!(list.row_count(), Some(2));
        let text = |text: &str| Some(text.to_owned());
        let first = Todo {
            request_id: text("18446744073709551616"),
            sano: text("Q"),
            title: text("采集-白骥"),
            url: text("http://a/"),
            creator_id: text("022"),
            creator_name: text("白骥"),
            workflow_name: text("采集"),
            workflow_type_id: text("100"),
            workflow_type_name: text("日常办公"),
            other: BTreeMap::from([("level".to_owned(), "[1]".to_owned())]),
        };
        assert!(list.items() == [first, Todo::default()]);
        let shown = format!("{list:?} {:?} {:?}", list.items(), list.reply());
        assert!(!shown.contains("白骥") && !shown.contains("http://a/"), "{shown}");
    }

    #[track_caller]
    fn check(data: &str, expected: Result<(Option<u64>, usize), &'static str>) {
        let got = read(data);
        match (&got, expected) {
            (Ok(list), Ok(expected)) => assert_eq!((list.row_count(), list.items().len()), expected),
            (Err(ReplyError::NotUnderstood(fault)), Err(member)) => {
                assert_eq!(fault.reason(), ReplyFault::Member { member });
            }
            _ => panic!("{data}: {got:?} in place of {expected:?}"),
        }
    }

    #[test]
    fn no_items_have_many_spellings() {
        for none in ["null", "[]", r#""""#, "{}", r#"{"items":null}"#, r#"{"items":""}"#] {
            check(none, Ok((None, 0)));
        }
        check(r#"{"rowCount":0,"items":[]}"#, Ok((Some(0), 0)));
        check(r#"{"rowCount":null,"items":[{}]}"#, Ok((None, 1)));
        check(r#"{"rowCount":1.5,"items":[{}]}"#, Ok((None, 1)));
    }

    #[test]
    fn what_is_no_list_is_not_understood() {
        check("[1]", Err("data"));
        check(r#""x""#, Err("data"));
        check(r#"{"items":{}}"#, Err("data.items"));
        check(r#"{"items":[1]}"#, Err("data.items"));
        check(r#"{"items":7}"#, Err("data.items"));
    }
}
