//! Colours, on a terminal alone. Nothing is said by colour only.

use std::io::IsTerminal as _;

/// Paints, or leaves texts as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// No colours.
    Plain,
    /// With the colours of a terminal.
    Colours,
}

impl Paint {
    /// Colours where stdout is a terminal that has them and nobody asked for none (<https://no-color.org>).
    pub(crate) fn for_stdout() -> Self {
        Self::choose(std::io::stdout().is_terminal(), |name| std::env::var(name).ok())
    }

    fn choose(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let refused = variable("NO_COLOR").is_some_and(|it| !it.is_empty());
        let dumb = variable("TERM").is_some_and(|it| it == "dumb");
        if terminal && !refused && !dumb { Self::Colours } else { Self::Plain }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(crate) fn odd(self, text: &str) -> String {
        self.with("33", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Self::Colours if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Colours | Self::Plain => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(terminal: bool, variables: &[(&str, &str)], expected: Paint) {
        let variable =
            |name: &str| variables.iter().find(|(it, _)| *it == name).map(|(_, it)| (*it).to_owned());
        assert_eq!(Paint::choose(terminal, variable), expected, "{variables:?}");
    }

    #[test]
    fn colours_are_for_terminals_whose_owner_wants_them() {
        check(true, &[], Paint::Colours);
        check(true, &[("NO_COLOR", "")], Paint::Colours);
        check(true, &[("NO_COLOR", "1")], Paint::Plain);
        check(true, &[("TERM", "dumb")], Paint::Plain);
        check(true, &[("TERM", "xterm")], Paint::Colours);
        check(false, &[], Paint::Plain);
        assert_eq!(
            (Paint::Colours.bad("x"), Paint::Plain.bad("x")),
            ("\u{1b}[31mx\u{1b}[0m".into(), "x".into())
        );
        assert_eq!(Paint::Colours.bold(""), "");
    }
}
