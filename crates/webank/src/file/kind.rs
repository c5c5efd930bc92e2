//! What kind of file it is, `SPEC.md §4`: `fileType` and `fileFormat`.

use std::borrow::Cow;

use crate::InputError;

/// `fileType`: three digits. An open set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileType(Cow<'static, str>);

impl FileType {
    /// 身份证.
    pub const ID_CARD: Self = Self(Cow::Borrowed("001"));
    /// 营业执照.
    pub const BUSINESS_LICENCE: Self = Self(Cow::Borrowed("002"));
    /// 开户许可证.
    pub const ACCOUNT_PERMIT: Self = Self(Cow::Borrowed("003"));
    /// 企业授权函.
    pub const AUTHORISATION: Self = Self(Cow::Borrowed("004"));
    /// 发票.
    pub const INVOICE: Self = Self(Cow::Borrowed("005"));
    /// 合同.
    pub const CONTRACT: Self = Self(Cow::Borrowed("006"));
    /// 资金证明文件.
    pub const PROOF_OF_FUNDS: Self = Self(Cow::Borrowed("007"));
    /// 压缩文件.
    pub const ARCHIVE: Self = Self(Cow::Borrowed("008"));
    /// 未知类型.
    pub const UNKNOWN: Self = Self(Cow::Borrowed("999"));

    /// Takes three digits.
    ///
    /// # Errors
    /// [`InputError::FileParameter`] for anything else.
    pub fn new(code: &str) -> Result<Self, InputError> {
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(Cow::Owned(code.to_owned())));
        }
        Err(InputError::FileParameter {
            what: "file type",
            value: code.to_owned(),
            shape: "three digits like `001`",
        })
    }

    /// The three digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `fileFormat`: `jpg`, `png`, `zip`, … (the document's `jgp` is a slip of the pen).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileFormat(String);

impl FileFormat {
    /// Takes 1 to 16 ASCII letters, digits and dots (`tar.gz`).
    ///
    /// # Errors
    /// [`InputError::FileParameter`] for anything else.
    pub fn new(format: &str) -> Result<Self, InputError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
        if (1..=16).contains(&format.len()) && format.bytes().all(plain) {
            return Ok(Self(format.to_owned()));
        }
        let shape = "a file name extension like `png`, without the dot in front";
        Err(InputError::FileParameter { what: "file format", value: format.to_owned(), shape })
    }

    /// The extension.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_types_and_formats_have_a_shape() {
        assert_eq!(FileType::new("001").unwrap(), FileType::ID_CARD);
        for bad in ["", "1", "0001", "00a", "００１"] {
            assert!(
                matches!(FileType::new(bad), Err(InputError::FileParameter { what: "file type", .. })),
                "{bad}"
            );
        }
        assert_eq!(FileFormat::new("tar.gz").unwrap().as_str(), "tar.gz");
        for bad in ["", "p ng", "照片", "a&b"] {
            assert!(
                matches!(FileFormat::new(bad), Err(InputError::FileParameter { what: "file format", .. })),
                "{bad}"
            );
        }
    }
}
