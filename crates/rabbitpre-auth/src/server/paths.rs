//! The paths of the three endpoints; the platform is told them (SPEC.md, head).

/// Where the endpoints are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    conditions: String,
    save: String,
    check: String,
}

/// Paths that cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathsError {
    /// Not a plain absolute path.
    #[error("the path `{0}` is not usable; begin with `/` and use letters, digits and `-._~/` only")]
    Unusable(String),
    /// Two endpoints under one path.
    #[error("the path `{0}` is given twice; each endpoint has its own")]
    Doubled(String),
}

impl Paths {
    /// Paths of getAuthConditions, saveNotify and checkUserAuth, each plain and absolute.
    ///
    /// # Errors
    /// [`PathsError`]: one is not plain and absolute, or two are the same.
    pub fn new(conditions: &str, save: &str, check: &str) -> Result<Self, PathsError> {
        for path in [conditions, save, check] {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
            if !path.starts_with('/') || !path.bytes().all(plain) {
                return Err(PathsError::Unusable(path.to_owned()));
            }
        }
        if conditions == save || conditions == check {
            return Err(PathsError::Doubled(conditions.to_owned()));
        }
        if save == check {
            return Err(PathsError::Doubled(save.to_owned()));
        }
        Ok(Paths { conditions: conditions.to_owned(), save: save.to_owned(), check: check.to_owned() })
    }

    /// Path of getAuthConditions.
    #[must_use]
    pub fn conditions(&self) -> &str {
        &self.conditions
    }

    /// Path of saveNotify.
    #[must_use]
    pub fn save(&self) -> &str {
        &self.save
    }

    /// Path of checkUserAuth.
    #[must_use]
    pub fn check(&self) -> &str {
        &self.check
    }
}

impl Default for Paths {
    /// `/getAuthConditions`, `/saveNotify`, `/checkUserAuth` (RP-10).
    fn default() -> Self {
        Paths {
            conditions: "/getAuthConditions".to_owned(),
            save: "/saveNotify".to_owned(),
            check: "/checkUserAuth".to_owned(),
        }
    }
}
