//! The figures for people, for documents and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::benchmarks::times;
use super::figure::{Limit, Round, Row, median};
use super::targets::PIVOTS;

/// All that was measured.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) targets: Vec<Row>,
    pub(super) peers: Vec<Row>,
    pub(super) pivots: Vec<Pivot>,
}

/// Who needs how long for what.
#[derive(Debug)]
pub(super) struct Pivot {
    title: &'static str,
    columns: &'static [&'static str],
    /// The name, and what it needs in each column.
    rows: Vec<(String, Vec<Cell>)>,
}

/// Nanoseconds, and how often ours fits in; [`None`] if there is nothing to measure.
type Cell = Option<(f64, f64)>;

/// The peers' times, sorted by the first column.
pub(super) fn pivots(rounds: &[Round]) -> Vec<Pivot> {
    let times = times(rounds);
    let time = |group: &str, name: &str| median(times.get(format!("peers/{group}/{name}").as_str())?.clone());
    let pivot = |(title, ours, columns): &(&'static str, &str, &'static [&'static str])| {
        let mut names: Vec<&str> = Vec::new();
        for column in *columns {
            let of = |id: &&str| {
                id.strip_prefix("peers/").and_then(|id| id.split_once('/')).map(|it| it.0) == Some(*column)
            };
            let found = times.keys().copied().filter(of).filter_map(|id| id.rsplit_once('/').map(|it| it.1));
            names.extend(found);
        }
        names.sort_unstable();
        names.dedup();
        let cell =
            |group: &&str, name: &str| Some((time(group, name)?, time(group, name)? / time(group, ours)?));
        let mut rows: Vec<_> = names
            .into_iter()
            .map(|name| (name.to_owned(), columns.iter().map(|group| cell(group, name)).collect::<Vec<_>>()))
            .collect();
        let first =
            |row: &(String, Vec<Cell>)| row.1.first().copied().flatten().map_or(f64::INFINITY, |cell| cell.0);
        rows.sort_by(|one, other| first(one).total_cmp(&first(other)));
        Pivot { title, columns, rows }
    };
    PIVOTS.iter().map(pivot).collect()
}

/// Three figures that count, and a unit that fits.
pub(super) fn shown(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns => (ns / 1e6, "ms"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

fn figure(row: &Row) -> String {
    let Some(figure) = row.figure else { return "not measured".to_owned() };
    match row.unit {
        "×" => {
            let (low, high) = row.range.unwrap_or((figure, figure));
            format!("{figure:.2} × ({low:.2}–{high:.2})")
        }
        "ns" => shown(figure),
        "ms" => format!("{figure:.1} ms"),
        "lines/s" => format!("{figure:.0} lines/s"),
        _ => format!("{figure}"),
    }
}

fn limit(row: &Row) -> String {
    let (sign, limit) = match row.limit {
        Limit::AtMost(limit) => ("≤", limit),
        Limit::AtLeast(limit) => ("≥", limit),
    };
    match row.unit {
        "×" => format!("{sign} {limit:.2} ×"),
        "ns" => format!("{sign} {}", shown(limit)),
        "ms" => format!("{sign} {limit} ms"),
        "lines/s" => format!("{sign} {limit} lines/s"),
        _ => format!("{sign} {limit}"),
    }
}

/// A path with target, figure and ✓ or ✗; what was not measured is ✗.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut table = String::from(
        "| path | target | figure (rounds) | | time | allocations |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let mark = if row.holds() { '✓' } else { '✗' };
        let time = row.time.map_or_else(String::new, shown);
        let allocations = row.allocations.map_or_else(String::new, |count| count.to_string());
        let (path, limit, figure) = (row.path, limit(row), figure(row));
        let _ = writeln!(table, "| {path} | {limit} | {figure} | {mark} | {time} | {allocations} |");
    }
    table
}

/// Each name with its times, and how many times ours they are.
pub(super) fn pivot_markdown(pivot: &Pivot) -> String {
    let mut table = format!("| {} | {} |\n|---|", pivot.title, pivot.columns.join(" | "));
    let _ = writeln!(table, "{}", "---|".repeat(pivot.columns.len()));
    for (name, cells) in &pivot.rows {
        let cells = cells.iter().map(|cell| {
            cell.map_or_else(|| "–".to_owned(), |(time, ratio)| format!("{} ({ratio:.1} ×)", shown(time)))
        });
        let _ = writeln!(table, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn document(row: &Row) -> Value {
    let (kind, limit) = match row.limit {
        Limit::AtMost(limit) => ("at_most", limit),
        Limit::AtLeast(limit) => ("at_least", limit),
    };
    json!({
        "path": row.path, "figure": row.figure, "unit": row.unit, kind: limit, "holds": row.holds(),
        "low": row.range.map(|range| range.0), "high": row.range.map(|range| range.1),
        "nanoseconds": row.time, "allocations": row.allocations,
    })
}

impl Tables {
    pub(super) fn json(&self) -> String {
        let rows = |rows: &[Row]| rows.iter().map(document).collect::<Vec<_>>();
        let pivot = |pivot: &Pivot| {
            let rows = pivot.rows.iter().map(|(name, cells)| {
                let times = pivot
                    .columns
                    .iter()
                    .zip(cells)
                    .map(|(column, cell)| ((*column).to_owned(), json!(cell.map(|cell| cell.0))));
                (name.clone(), Value::Object(times.collect()))
            });
            json!({ "title": pivot.title, "nanoseconds": rows.collect::<serde_json::Map<_, _>>() })
        };
        let pivots: Vec<_> = self.pivots.iter().map(pivot).collect();
        json!({ "targets": rows(&self.targets), "peers": rows(&self.peers), "tables": pivots }).to_string()
    }

    /// What is there, as tables that read well in a terminal too.
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for rows in [&self.targets, &self.peers].into_iter().filter(|rows| !rows.is_empty()) {
            parts.push(aligned(&markdown(rows)));
        }
        parts.extend(self.pivots.iter().map(|pivot| aligned(&pivot_markdown(pivot))));
        let rows = || self.targets.iter().chain(&self.peers);
        let missed = rows().filter(|row| !row.holds()).count();
        parts.push(format!("{} of {} targets are met", rows().count() - missed, rows().count()));
        parts.join("\n")
    }
}

/// Pads the cells of a Markdown table. A Chinese character is two columns wide.
fn aligned(table: &str) -> String {
    let lines = table.lines().enumerate().filter(|(index, _)| *index != 1);
    let rows: Vec<Vec<&str>> =
        lines.map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |text: &str| {
        text.chars().map(|character| 1 + usize::from(('⺀'..='￯').contains(&character))).sum::<usize>()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell}{}  ", " ".repeat(wide.saturating_sub(width(cell))));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(figure: Option<f64>, unit: &'static str, limit: Limit) -> Row {
        Row {
            path: "签名",
            limit,
            unit,
            figure,
            range: figure.map(|it| (it - 0.01, it + 0.01)),
            time: Some(150.0),
            allocations: Some(0),
        }
    }

    #[track_caller]
    fn check(row: Row, expected: &str) {
        assert_eq!(markdown(&[row]).lines().nth(2), Some(expected));
    }

    #[test]
    fn rows_say_what_is_met() {
        let at_most = |limit| Limit::AtMost(limit);
        check(
            row(Some(1.05), "×", at_most(1.08)),
            "| 签名 | ≤ 1.08 × | 1.05 × (1.04–1.06) | ✓ | 150 ns | 0 |",
        );
        check(
            row(Some(2.0), "×", Limit::AtLeast(3.0)),
            "| 签名 | ≥ 3.00 × | 2.00 × (1.99–2.01) | ✗ | 150 ns | 0 |",
        );
        check(row(None, "ns", at_most(5000.0)), "| 签名 | ≤ 5.00 µs | not measured | ✗ | 150 ns | 0 |");
        check(row(Some(9.46), "ms", at_most(10.0)), "| 签名 | ≤ 10 ms | 9.5 ms | ✓ | 150 ns | 0 |");
    }

    #[test]
    fn peers_are_compared_with_ours() {
        let round: Round = [
            ("peers/json body/rabbitpre-auth", 2000.0),
            ("peers/json body/serde_json", 7000.0),
            ("other/json body/x", 1.0),
        ]
        .map(|(id, time)| (id.to_owned(), time))
        .into();
        let pivots = pivots(&[round]);
        let table = pivot_markdown(pivots.last().unwrap());
        assert!(
            table.ends_with("| rabbitpre-auth | 2.00 µs (1.0 ×) |\n| serde_json | 7.00 µs (3.5 ×) |\n"),
            "{table}"
        );
    }

    #[test]
    fn columns_stand_below_each_other() {
        assert_eq!(aligned("| a | b |\n|---|---|\n| 签名 | x |\n"), "a     b\n签名  x\n");
    }
}
