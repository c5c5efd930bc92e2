//! Messages in Chinese or English.

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The one asked for, else the locale's.
    pub(crate) fn choose(asked: Option<Self>, locale: impl Fn(&str) -> Option<String>) -> Self {
        asked.unwrap_or_else(|| {
            // POSIX: the first of these that is set and not empty decides.
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(locale)
                .find(|name| !name.is_empty());
            if set.is_some_and(|name| name.starts_with("zh")) { Self::Zh } else { Self::En }
        })
    }

    /// The same language, as the doctor names it.
    pub(crate) const fn doctors(self) -> sign_doctor::Lang {
        match self {
            Self::Zh => sign_doctor::Lang::Zh,
            Self::En => sign_doctor::Lang::En,
        }
    }

    /// One of two texts.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: Option<Lang>, locale: &[(&str, &str)], expected: Lang) {
        let look_up =
            |name: &str| locale.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(Lang::choose(asked, look_up), expected);
    }

    #[test]
    fn the_flag_goes_before_the_locale() {
        check(None, &[], Lang::En);
        check(None, &[("LANG", "zh_CN.UTF-8")], Lang::Zh);
        check(None, &[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")], Lang::Zh);
        check(None, &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], Lang::En);
        check(Some(Lang::En), &[("LANG", "zh_CN.UTF-8")], Lang::En);
    }
}
