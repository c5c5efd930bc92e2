//! One business event, as the platform takes it (`SPEC.md §3`).

use core::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::date::{CreateDate, DateError};

/// A record's members, in the order of `SPEC.md §3`, which is also the order in which they travel.
pub(crate) const MEMBERS: [&str; 7] =
    ["id", "user_id", "user_phone", "user_name", "busi_item", "busi_detail", "create_date"];

/// The members that every record has, none of them empty (`SPEC.md §3`).
pub(crate) const REQUIRED: [&str; 4] = ["id", "user_id", "busi_item", "create_date"];

/// What stands for the name of a user without one (`SPEC.md §3`).
pub const UNVERIFIED_USER: &str = "未认证用户";

/// One business event of one user. Complete by construction: `id`, `user_id`, `busi_item` and `create_date` are
/// there, the user has a name. Two records are equal when the platform would see the same.
///
/// ```
/// use jinlaiban::{CreateDate, Record};
/// let date = CreateDate::parse("2021-03-17 18:57:03")?;
/// let record = Record::new("1000", "8a8180ac6d6c68e1016d706ad7bc0035", "无房证明查询", date)?
///     .with_user_phone("137*****381")
///     .with_busi_detail("成功办理无房证明");
/// assert_eq!(record.user_name(), "未认证用户");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Record {
    id: String,
    user_id: String,
    user_phone: Option<String>,
    user_name: Option<String>,
    busi_item: String,
    busi_detail: Option<String>,
    create_date: CreateDate,
}

impl Record {
    /// A record with what is required: none of it empty.
    ///
    /// # Errors
    /// [`RecordError`], the caller's mistake: `id`, `user_id` or `busi_item` is empty.
    pub fn new(
        id: impl Into<String>,
        user_id: impl Into<String>,
        busi_item: impl Into<String>,
        create_date: CreateDate,
    ) -> Result<Self, RecordError> {
        Ok(Self {
            id: not_empty("id", id.into())?,
            user_id: not_empty("user_id", user_id.into())?,
            user_phone: None,
            user_name: None,
            busi_item: not_empty("busi_item", busi_item.into())?,
            busi_detail: None,
            create_date,
        })
    }

    /// The phone number as the partner holds it; it may be masked.
    #[must_use]
    pub fn with_user_phone(mut self, phone: impl Into<String>) -> Self {
        self.user_phone = Some(phone.into());
        self
    }

    /// The user's name. An empty one is none, and so is [`UNVERIFIED_USER`].
    #[must_use]
    pub fn with_user_name(mut self, name: impl Into<String>) -> Self {
        self.user_name = Some(name.into()).filter(|name| !name.is_empty() && name != UNVERIFIED_USER);
        self
    }

    /// The description.
    #[must_use]
    pub fn with_busi_detail(mut self, detail: impl Into<String>) -> Self {
        self.busi_detail = Some(detail.into());
        self
    }

    /// A record from named texts, as from the columns of a table; `None` for null. Any order.
    ///
    /// # Errors
    /// [`RecordError`], the caller's mistake: it names the first wrong member.
    pub fn from_members<'a>(
        members: impl IntoIterator<Item = (&'a str, Option<String>)>,
    ) -> Result<Self, RecordError> {
        let mut draft = Draft::default();
        for (name, value) in members {
            draft.set(name, value)?;
        }
        draft.finish()
    }

    /// Unique per business event: by it the platform recognises a repeat.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The platform's user id.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The user's phone number, if any.
    #[must_use]
    pub fn user_phone(&self) -> Option<&str> {
        self.user_phone.as_deref()
    }

    /// The user's name, [`UNVERIFIED_USER`] when there is none.
    #[must_use]
    pub fn user_name(&self) -> &str {
        self.user_name.as_deref().unwrap_or(UNVERIFIED_USER)
    }

    /// The item.
    #[must_use]
    pub fn busi_item(&self) -> &str {
        &self.busi_item
    }

    /// The description, if any.
    #[must_use]
    pub fn busi_detail(&self) -> Option<&str> {
        self.busi_detail.as_deref()
    }

    /// When it took place.
    #[must_use]
    pub fn create_date(&self) -> CreateDate {
        self.create_date
    }

    /// The length of all texts in bytes.
    pub(crate) fn text_len(&self) -> usize {
        let optional = [self.user_phone(), Some(self.user_name()), self.busi_detail()];
        self.id.len()
            + self.user_id.len()
            + self.busi_item.len()
            + optional.into_iter().flatten().map(str::len).sum::<usize>()
    }
}

/// The wire form: absent optional members are left out, the user always has a name (`SPEC.md §3`).
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Record", MEMBERS.len())?;
        object.serialize_field("id", &self.id)?;
        object.serialize_field("user_id", &self.user_id)?;
        if let Some(phone) = &self.user_phone {
            object.serialize_field("user_phone", phone)?;
        }
        object.serialize_field("user_name", self.user_name())?;
        object.serialize_field("busi_item", &self.busi_item)?;
        if let Some(detail) = &self.busi_detail {
            object.serialize_field("busi_detail", detail)?;
        }
        object.serialize_field("create_date", &self.create_date)?;
        object.end()
    }
}

/// Shows `id` and `create_date`: the rest is about a person.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} of {}, ‹text {} B›)", self.id.escape_debug(), self.create_date, self.text_len())
    }
}

/// Members as they come in, in any order.
#[derive(Default)]
pub(crate) struct Draft {
    /// One for each of [`MEMBERS`]: `None` not given, `Some(None)` null.
    values: [Option<Option<String>>; MEMBERS.len()],
}

impl Draft {
    pub(crate) fn set(&mut self, name: &str, value: Option<String>) -> Result<(), RecordError> {
        let place = self.values.iter_mut().zip(MEMBERS).find(|(_, member)| *member == name);
        // SPEC.md §3: unknown members make a reject.
        let Some((place, _)) = place else { return Err(RecordError::at(name, RecordFault::Unknown)) };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(RecordError::at(name, RecordFault::Doubled)),
        }
    }

    pub(crate) fn finish(self) -> Result<Record, RecordError> {
        // SPEC.md §3: null and absent are the same.
        let [id, user_id, user_phone, user_name, busi_item, busi_detail, create_date] =
            self.values.map(Option::flatten);
        let required = |name, value: Option<String>| {
            not_empty(name, value.ok_or_else(|| RecordError::at(name, RecordFault::Missing))?)
        };
        let (id, user_id) = (required("id", id)?, required("user_id", user_id)?);
        let busi_item = required("busi_item", busi_item)?;
        let date = required("create_date", create_date)?;
        let date = CreateDate::parse(&date).map_err(|fault| RecordError::at("create_date", fault.into()))?;
        let mut record = Record::new(id, user_id, busi_item, date)?;
        record.user_phone = user_phone;
        record.busi_detail = busi_detail;
        Ok(match user_name {
            Some(name) => record.with_user_name(name),
            None => record,
        })
    }
}

fn not_empty(name: &'static str, value: String) -> Result<String, RecordError> {
    if value.is_empty() { Err(RecordError::at(name, RecordFault::Empty)) } else { Ok(value) }
}

/// Something is no record: the caller's mistake. Names the member, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    member: Option<String>,
    reason: RecordFault,
}

impl RecordError {
    pub(crate) fn at(member: &str, reason: RecordFault) -> Self {
        Self { member: Some(member.to_owned()), reason }
    }

    pub(crate) const fn whole(reason: RecordFault) -> Self {
        Self { member: None, reason }
    }

    /// The wrong member's name; `None` when it is no object to begin with.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &RecordFault {
        &self.reason
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(member) => write!(f, "member `{}` {}", member.escape_debug(), self.reason),
            None => write!(f, "the record {}", self.reason),
        }
    }
}

impl core::error::Error for RecordError {}

/// About the record as a whole.
impl From<RecordFault> for RecordError {
    fn from(reason: RecordFault) -> Self {
        Self::whole(reason)
    }
}

/// What is wrong with a record or with one of its members.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFault {
    /// Not JSON.
    #[error("is not JSON: {what} at column {column} of line {line}")]
    Json {
        /// What the parser stumbled over.
        what: String,
        /// The line within the record's JSON, counted from 1.
        line: usize,
        /// The byte within that line, counted from 1.
        column: usize,
    },
    /// JSON, but not an object.
    #[error("is not a JSON object: write it as `{{\"id\":\"…\",…}}`")]
    NotObject,
    /// A required member is null or not there.
    #[error("is missing: every record needs id, user_id, busi_item and create_date")]
    Missing,
    /// A required member is empty.
    #[error("is empty: every record needs id, user_id, busi_item and create_date")]
    Empty,
    /// The platform has no such member.
    #[error("is unknown: there are id, user_id, user_phone, user_name, busi_item, busi_detail, create_date")]
    Unknown,
    /// The member is there twice.
    #[error("is given twice: give it once")]
    Doubled,
    /// A number that is not written in digits alone: how the platform would spell it is anybody's guess.
    #[error("is a number with fraction or exponent: write it as text")]
    Fraction,
    /// `true` or `false`.
    #[error("is a boolean: write it as text")]
    Boolean,
    /// An object or a list.
    #[error("is an object or a list: write it as text")]
    Nested,
    /// A text that is no Unicode, such as half of a surrogate pair.
    #[error("is not Unicode text: look for a broken `\\u` escape")]
    NotUnicode,
    /// Bytes that are no UTF-8.
    #[error(
        "is not UTF-8 from byte {at} on: save the file as UTF-8, in a spreadsheet as `CSV UTF-8`, otherwise it may be GBK"
    )]
    NotUtf8 {
        /// How many bytes of it are.
        at: usize,
    },
    /// Longer than anybody looks at, or than a batch may be.
    #[error(
        "is longer than {limit} bytes: shorten its texts, or look for a missing quote or line break before it"
    )]
    TooLong {
        /// The longest that is taken, in bytes.
        limit: usize,
    },
    /// Another record of the same file has this id.
    #[error("stands on another record of this file already: give each event its own")]
    Taken,
    /// A row of a table does not fit its header.
    #[error("has {cells} cells under {columns} columns: put a text with commas or quotes between `\"`")]
    Cells {
        /// Columns of the header.
        columns: usize,
        /// Cells of the row.
        cells: usize,
    },
    /// A row of a table opens a quote that nothing closes.
    #[error("opens a quote that is not closed: write a quote within a text twice, as `\"\"`")]
    OpenQuote,
    /// The date.
    #[error(transparent)]
    Date(#[from] DateError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        Record::new("1000", "8a81", "无房证明查询", date).unwrap()
    }

    #[test]
    fn the_wire_form_leaves_out_what_is_absent_and_always_names_the_user() {
        let json = |record: &Record| serde_json::to_string(record).unwrap();
        assert_eq!(
            json(&record()),
            r#"{"id":"1000","user_id":"8a81","user_name":"未认证用户","busi_item":"无房证明查询","create_date":"2021-03-17 18:57:03"}"#
        );
        let full = record().with_user_phone("137*****381").with_user_name("张三").with_busi_detail("");
        assert_eq!(
            json(&full),
            r#"{"id":"1000","user_id":"8a81","user_phone":"137*****381","user_name":"张三","busi_item":"无房证明查询","busi_detail":"","create_date":"2021-03-17 18:57:03"}"#
        );
    }

    #[test]
    fn no_name_in_any_spelling_is_one_and_the_same() {
        assert_eq!(record().with_user_name(""), record());
        assert_eq!(record().with_user_name(UNVERIFIED_USER), record());
        assert_ne!(record().with_user_name("张三"), record());
        assert_ne!(record().with_busi_detail(""), record()); // empty is not absent
    }

    #[test]
    fn what_is_required_may_not_be_empty() {
        let new = |id, user, item| Record::new(id, user, item, record().create_date).unwrap_err();
        assert_eq!(new("", "u", "b"), RecordError::at("id", RecordFault::Empty));
        assert_eq!(new("i", "", "b"), RecordError::at("user_id", RecordFault::Empty));
        assert_eq!(new("i", "u", ""), RecordError::at("busi_item", RecordFault::Empty));
    }

    #[test]
    fn debug_shows_nothing_about_a_person() {
        let shown = format!("{:?}", record().with_user_name("张三").with_user_phone("13700000381"));
        assert_eq!(shown, "Record(1000 of 2021-03-17 18:57:03, ‹text 43 B›)");
    }
}
