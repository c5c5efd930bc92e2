//! The platforms and the operations of theirs that a partner calls.

use std::fmt;

/// A platform that the partner calls. (兔展 calls the partner: see [`Editor`](crate::Editor) and
/// [`Page`](crate::Page).)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// 晋来办.
    Jinlaiban,
    /// 宜昌.
    Yichang,
    /// 微众银行, both hosts.
    Webank,
}

impl Platform {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Jinlaiban, Self::Yichang, Self::Webank];

    /// Its name in fault specifications and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jinlaiban => "jinlaiban",
            Self::Yichang => "yichang",
            Self::Webank => "webank",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that a partner can ask a platform to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// 晋来办: push of a batch.
    Push,
    /// 宜昌: login.
    Login,
    /// 宜昌: to-do list.
    Todo,
    /// WeBank: access token.
    Token,
    /// WeBank: tickets.
    Ticket,
    /// WeBank: business call.
    Call,
    /// WeBank: upload (`webank SPEC.md §4.1`).
    Upload,
    /// WeBank: download (`webank SPEC.md §4.2`).
    Download,
    /// WeBank: upload with notice, one file in JSON (`webank SPEC.md §4.3`).
    UploadJson,
    /// WeBank: upload with notice, several files as a form (`webank SPEC.md §4.3`).
    UploadForm,
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Push,
        Self::Login,
        Self::Todo,
        Self::Token,
        Self::Ticket,
        Self::Call,
        Self::Upload,
        Self::Download,
        Self::UploadJson,
        Self::UploadForm,
    ];

    /// Its name in fault specifications and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Login => "login",
            Self::Todo => "todo",
            Self::Token => "token",
            Self::Ticket => "ticket",
            Self::Call => "call",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::UploadJson => "upload-json",
            Self::UploadForm => "upload-form",
        }
    }

    /// Whose it is.
    #[must_use]
    pub const fn platform(self) -> Platform {
        match self {
            Self::Push => Platform::Jinlaiban,
            Self::Login | Self::Todo => Platform::Yichang,
            _ => Platform::Webank,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
