//! Progress bars on a terminal.

use std::{io::IsTerminal as _, sync::Arc};

use indicatif::{ProgressBar, ProgressStyle};
use webank::Progress;

/// What a bar shows.
const KNOWN: &str = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const UNKNOWN: &str = "{msg} {spinner} {bytes} {bytes_per_sec}";

/// A bar on stderr, where somebody looks at it; it is gone when the transfer is.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(super) fn new(name: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        // A name may hold what moves a terminal's cursor.
        let name = name.chars().filter(|c| !c.is_control()).collect::<String>();
        let bar = ProgressBar::no_length().with_message(name);
        bar.set_style(style(UNKNOWN));
        Self(Some(bar))
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let bar = self.0.clone()?;
        Some(Arc::new(move |done, total| {
            if let Some(total) = total
                && bar.length() != Some(total)
            {
                bar.set_style(style(KNOWN));
                bar.set_length(total);
            }
            bar.set_position(done);
        }))
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that is wrong would show in the test below; the default bar does no harm.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_right() {
        for template in [KNOWN, UNKNOWN] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
