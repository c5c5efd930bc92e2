//! What can keep a check from being decided, or a setting from being saved (SPEC.md §3, §4.10).

use std::error::Error;

use crate::json::ReadError;

/// Why a check could not be decided. The answer is deny, with a code other than 200.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Undecidable {
    /// The caller's body is not JSON, too large or too deep.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The caller's body is JSON, but no object.
    #[error("a check is a JSON object; the body is something else")]
    NotAnObject,
    /// `userParam` is missing or no object.
    #[error("`userParam` is missing or no object; send who asks to take part")]
    NoUserParam,
    /// `userParam.audid` is missing, empty, or neither text nor integer.
    #[error("`userParam.audid` is missing, empty, or neither text nor integer; send the user's id")]
    NoAudid,
    /// `authParams` is no list of objects.
    #[error("`authParams` is no list of objects; send a list, or leave it out")]
    ConditionsUnreadable,
    /// `checkType` is none of true, false, 1, 0.
    #[error("`checkType` is none of true, false, 1, 0; send one of them, or leave it out")]
    CheckTypeUnknown,
    /// The caller's body broke off while it was read.
    #[error("the body broke off while it was read; send it again")]
    BodyBrokeOff,
    /// Our attribute source answered with an error.
    #[error("the attribute source failed; look after it, the check can be repeated")]
    SourceFailed(#[source] Box<dyn Error + Send + Sync>),
    /// Our settings store answered with an error.
    #[error("the settings store failed; look after it, the check can be repeated")]
    StoreFailed(#[source] Box<dyn Error + Send + Sync>),
    /// Not everything needed was there before the deadline, or deciding would take longer than there is time for.
    #[error(
        "no time was left to decide the check; look at the attribute source, the body and the number of conditions"
    )]
    TooLate,
    /// More checks at a time than this server takes.
    #[error("too many checks at a time; repeat it later")]
    Overloaded,
    /// A mistake of ours.
    #[error("a mistake of this server's: it panicked; see its stderr, and report it")]
    Internal,
}

impl Undecidable {
    /// `code` of the answer: `400` the request, `500` our side, `503` not in time.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SourceFailed(_) | Self::StoreFailed(_) | Self::Internal => "500",
            Self::TooLate | Self::Overloaded => "503",
            _ => "400",
        }
    }

    /// `errorCode` of the answer.
    #[must_use]
    pub const fn error_code(&self) -> &'static str {
        match self {
            Self::Unreadable(ReadError::TooLarge) => "BODY_TOO_LARGE",
            Self::Unreadable(_) | Self::BodyBrokeOff => "UNREADABLE_BODY",
            Self::SourceFailed(_) => "ATTRIBUTE_SOURCE_FAILED",
            Self::StoreFailed(_) => "SETTINGS_STORE_FAILED",
            Self::TooLate => "TIMEOUT",
            Self::Overloaded => "OVERLOADED",
            Self::Internal => "INTERNAL_ERROR",
            _ => "BAD_REQUEST",
        }
    }

    /// HTTP status of the answer: 200 but for bodies that are unreadable or over the limit (SPEC.md §3).
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Unreadable(ReadError::TooLarge) => 413,
            Self::Unreadable(_) | Self::BodyBrokeOff => 400,
            _ => 200,
        }
    }

    /// `msg` of the answer.
    #[must_use]
    pub const fn chinese(&self) -> &'static str {
        match self {
            Self::Unreadable(error) => unreadable(error),
            Self::BodyBrokeOff => "请求体不完整",
            Self::NotAnObject => "请求体不是JSON对象",
            Self::NoUserParam => "缺少userParam",
            Self::NoAudid => "缺少userParam.audid",
            Self::ConditionsUnreadable => "authParams不是条件列表",
            Self::CheckTypeUnknown => "checkType取值无法识别",
            Self::SourceFailed(_) => "用户属性查询失败，请稍后重试",
            Self::StoreFailed(_) => "外部配置读取失败，请稍后重试",
            Self::TooLate => "鉴权超时，请稍后重试",
            Self::Overloaded => "请求过多，请稍后重试",
            Self::Internal => "鉴权服务内部错误",
        }
    }
}

/// Why a setting was not saved. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The caller's body is not JSON, too large or too deep.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// The caller's body is JSON, but no object.
    #[error("a setting is a JSON object; the body is something else")]
    NotAnObject,
    /// `userId` is missing, empty, or neither text nor number.
    #[error("`userId` is missing, empty, or neither text nor number; send the editor's user id")]
    NoUserId,
    /// `settingData` is no list of objects.
    #[error("`settingData` is no list of objects; send the conditions as a list")]
    NoSettingData,
    /// `externalConfigId` is neither text nor number.
    #[error("`externalConfigId` is neither text nor number; send the id that save answered, or leave it out")]
    UnreadableId,
    /// The caller's body broke off while it was read.
    #[error("the body broke off while it was read; send it again")]
    BodyBrokeOff,
    /// No setting is saved under `externalConfigId`.
    #[error("no setting is saved under this `externalConfigId`; leave it out to create one")]
    UnknownId,
    /// Our settings store answered with an error.
    #[error("the settings store failed; look after it, then save again")]
    StoreFailed(#[source] Box<dyn Error + Send + Sync>),
    /// The store had not answered before the deadline; whether the setting is saved is unknown.
    #[error("the settings store did not answer in time; look whether the setting is there, then save again")]
    TooLate,
    /// More requests at a time than this server takes.
    #[error("too many requests at a time; save again later")]
    Overloaded,
    /// A mistake of ours; whether the setting is saved is unknown.
    #[error(
        "a mistake of this server's: it panicked; see its stderr, report it, and look whether the setting is there"
    )]
    Internal,
}

impl SaveError {
    /// `code` of the answer.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::UnknownId => 404,
            Self::StoreFailed(_) | Self::Internal => 500,
            Self::TooLate | Self::Overloaded => 503,
            _ => 400,
        }
    }

    /// HTTP status of the answer: 200 but for bodies that are unreadable or over the limit.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Unreadable(ReadError::TooLarge) => 413,
            Self::Unreadable(_) | Self::BodyBrokeOff => 400,
            _ => 200,
        }
    }

    /// `msg` of the answer.
    #[must_use]
    pub const fn chinese(&self) -> &'static str {
        match self {
            Self::Unreadable(error) => unreadable(error),
            Self::BodyBrokeOff => "请求体不完整",
            Self::NotAnObject => "请求体不是JSON对象",
            Self::NoUserId => "缺少userId",
            Self::NoSettingData => "settingData不是条件列表",
            Self::UnreadableId => "externalConfigId格式不对",
            Self::UnknownId => "外部配置不存在",
            Self::StoreFailed(_) => "保存失败，请稍后重试",
            Self::TooLate => "保存超时，请确认后重试",
            Self::Overloaded => "请求过多，请稍后重试",
            Self::Internal => "保存服务内部错误，请确认后重试",
        }
    }
}

#[cfg(feature = "server")]
impl SaveError {
    /// For counters.
    pub(crate) const fn outcome(&self) -> &'static str {
        match self {
            Self::UnknownId => "unknown-id",
            Self::StoreFailed(_) => "store-failed",
            Self::TooLate => "timeout",
            Self::Overloaded => "overloaded",
            Self::Internal => "internal-error",
            _ => "bad-request",
        }
    }
}

const fn unreadable(error: &ReadError) -> &'static str {
    match error {
        ReadError::TooLarge => "请求体过大",
        ReadError::TooDeep { .. } => "请求体嵌套过深",
        ReadError::DoubledMember { .. } => "请求体中有重复的成员",
        ReadError::LoneSurrogate { .. } | ReadError::NotJson { .. } => "请求体不是有效的JSON",
    }
}
