//! The paths of the three endpoints, of which the platform is told (SPEC.md, head), and of health and metrics.

/// Where the endpoints are, and where health and metrics are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    conditions: String,
    save: String,
    check: String,
    health: Option<String>,
    metrics: Option<String>,
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
    /// Paths of getAuthConditions, saveNotify and checkUserAuth, each plain and absolute. Health and metrics keep theirs,
    /// `/healthz` and `/metrics`.
    ///
    /// # Errors
    /// [`PathsError`]: one is not plain and absolute, or two are the same.
    pub fn new(conditions: &str, save: &str, check: &str) -> Result<Self, PathsError> {
        let paths = Paths {
            conditions: conditions.to_owned(),
            save: save.to_owned(),
            check: check.to_owned(),
            ..Self::default()
        };
        paths.checked()
    }

    /// Another path for health, or none at all.
    ///
    /// # Errors
    /// [`PathsError`]: it is not plain and absolute, or one of the others.
    pub fn with_health(self, path: Option<&str>) -> Result<Self, PathsError> {
        Paths { health: path.map(str::to_owned), ..self }.checked()
    }

    /// Another path for metrics, or none at all.
    ///
    /// # Errors
    /// [`PathsError`]: it is not plain and absolute, or one of the others.
    pub fn with_metrics(self, path: Option<&str>) -> Result<Self, PathsError> {
        Paths { metrics: path.map(str::to_owned), ..self }.checked()
    }

    fn checked(self) -> Result<Self, PathsError> {
        let mut before = Vec::new();
        for path in self.all() {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
            if !path.starts_with('/') || !path.bytes().all(plain) {
                return Err(PathsError::Unusable(path.to_owned()));
            }
            if before.contains(&path) {
                return Err(PathsError::Doubled(path.to_owned()));
            }
            before.push(path);
        }
        Ok(self)
    }

    /// Every path that is served.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [&self.conditions, &self.save, &self.check]
            .into_iter()
            .chain(&self.health)
            .chain(&self.metrics)
            .map(String::as_str)
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

    /// Path of health; `None` if it is not served.
    #[must_use]
    pub fn health(&self) -> Option<&str> {
        self.health.as_deref()
    }

    /// Path of metrics; `None` if they are not served.
    #[must_use]
    pub fn metrics(&self) -> Option<&str> {
        self.metrics.as_deref()
    }
}

impl Default for Paths {
    /// `/getAuthConditions`, `/saveNotify`, `/checkUserAuth` (RP-10); `/healthz`, `/metrics`.
    fn default() -> Self {
        Paths {
            conditions: "/getAuthConditions".to_owned(),
            save: "/saveNotify".to_owned(),
            check: "/checkUserAuth".to_owned(),
            health: Some("/healthz".to_owned()),
            metrics: Some("/metrics".to_owned()),
        }
    }
}
