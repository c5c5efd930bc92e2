//! The text that Prometheus reads, version 0.0.4. By hand, because the crates for it write OpenMetrics, or keep their
//! counters behind locks and registries.

use std::fmt::{Display, Write as _};

/// The content type of this text.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family of samples is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Writes families, one after the other, each with its samples.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

impl Exposition {
    /// Begins a family; its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.0.push_str("# HELP ");
        self.0.push_str(name);
        self.0.push(' ');
        escape(&mut self.0, help, false);
        // A text grows, it does not fail.
        let _ = writeln!(self.0, "\n# TYPE {name} {kind}");
    }

    /// One sample of the family.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            self.0.push_str(label);
            self.0.push_str("=\"");
            escape(&mut self.0, text, true);
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// `\` and line feed, in label values the quote too.
fn escape(out: &mut String, text: &str, quotes: bool) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '"' if quotes => out.push_str("\\\""),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_as_the_format_says() {
        let mut out = Exposition::default();
        out.family("a_total", Kind::Counter, "A \"b\" \\ and\na line.");
        out.sample("a_total", &[("x", "q\"u\\o\nte"), ("y", "")], 1);
        out.single("b", Kind::Gauge, "B.", 2.5);
        assert_eq!(
            out.finish(),
            "# HELP a_total A \"b\" \\\\ and\\na line.\n# TYPE a_total counter\n\
             a_total{x=\"q\\\"u\\\\o\\nte\",y=\"\"} 1\n# HELP b B.\n# TYPE b gauge\nb 2.5\n"
        );
    }
}
