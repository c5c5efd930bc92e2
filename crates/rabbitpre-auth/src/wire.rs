//! What travels: the bodies of the three endpoints and their answers (SPEC.md §1, §2, §3).

mod body;
mod check;
mod condition;
mod reply;
mod save;
mod user;

pub(crate) use body::{CheckBody, ExternalMembers, Given};
pub use check::CheckRequest;
pub(crate) use check::conditions;
pub use condition::Condition;
pub(crate) use reply::json;
pub use reply::{CheckReply, ReplyError, SaveReply};
pub use save::{SaveRequest, SettingItem};
pub use user::{Identity, UserParam};
