//! `cargo xtask pictures [BINARY] [NAME]`: what the command shows on a terminal, as SVG under docs/img.
//!
//! The command really runs, on a terminal that `script` (util-linux) makes. Without BINARY it is built for release first;
//! with NAME (`demo`, `doctor`) the other pictures stay as they are.

use std::fmt::Write as _;
use std::fs;

use unicode_width::UnicodeWidthChar as _;

use crate::command::{cargo, program, root};

const FOLDER: &str = "docs/img";
/// The request that 宜昌's document prints, signature included (YC-1), and its secret.
const REQUEST: &str = "http://portal.example/api/syncauth/login?appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1&\
                       deviceType=WEB&nonceStr=6PQfHMIv&timeStamp=1574251924&signature=6FF704C5DF1FB65BE046EC202BE353E0";
const SECRET: &str = "8e85e612698296b4c522bfa7eb0b82a8";
/// Longer lines are cut.
const COLUMNS: usize = 124;
/// Of a character that is one column wide, in pixels.
const WIDTH: f64 = 7.8;
const LINE: f64 = 17.0;
const MARGIN: f64 = 14.0;

pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let (binary, name) = match options {
        [] => (None, ""),
        [binary] => (Some(*binary), ""),
        [binary, name] => (Some(*binary), *name),
        _ => return Err("usage: cargo xtask pictures [BINARY] [NAME]".to_owned()),
    };
    let binary = match binary {
        Some(binary) => binary.to_owned(),
        None => {
            cargo(&["build", "--release", "--locked", "-p", "duijie"]).run()?;
            "target/release/duijie".to_owned()
        }
    };
    fs::create_dir_all(root().join(FOLDER)).map_err(|error| format!("cannot make {FOLDER}: {error}"))?;
    for language in ["en", "zh"] {
        let doctor = format!("doctor yichang '{REQUEST}' --at 1574251924");
        for (file, words) in [("demo", "demo"), ("doctor", &doctor)] {
            if !file.starts_with(name) {
                continue;
            }
            let line = format!("{binary} {words} --lang {language}");
            let terminal = program("script", &["-qec", &line, "/dev/null"]);
            let terminal = terminal.env("TERM", "xterm-256color").without("NO_COLOR");
            let (said, _) = terminal.env("YICHANG_APP_SECRET", SECRET).told()?;
            let path = format!("{FOLDER}/{file}-{language}.svg");
            let typed = format!("$ duijie {}", words.split(" --at").next().unwrap_or(words));
            fs::write(root().join(&path), svg(&typed, &said))
                .map_err(|error| format!("cannot write {path}: {error}"))?;
            println!("{path}");
        }
    }
    Ok(())
}

/// A dark window with the command and what it said.
fn svg(typed: &str, said: &str) -> String {
    let said = said.replace('\r', "");
    let lines: Vec<String> = std::iter::once(typed).chain(said.trim_end().lines()).map(cut).collect();
    let columns = u32::try_from(COLUMNS).map_or(0.0, f64::from);
    let rows = u32::try_from(lines.len()).map_or(0.0, f64::from);
    let (width, height) = (columns * WIDTH + 2.0 * MARGIN, rows * LINE + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e2127\"/>\n\
         <g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Noto Sans Mono CJK SC',monospace\" \
         font-size=\"13\" fill=\"#d7dae0\" xml:space=\"preserve\" style=\"white-space:pre\">\n"
    );
    let mut y = MARGIN + LINE * 0.75;
    for line in &lines {
        write_line(&mut svg, line, y);
        y += LINE;
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Each piece of one style and one character width has its place, so that columns stand under each other in any font.
fn write_line(svg: &mut String, line: &str, y: f64) {
    let (mut column, mut style) = (0_u32, "");
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let styled = pieces.map(|piece| {
        let (code, text) = piece.split_once('m').unwrap_or(("", piece));
        (Some(code.trim_start_matches('[')), text)
    });
    for (code, text) in std::iter::once((None, first)).chain(styled) {
        if let Some(code) = code {
            style = attributes(code);
        }
        let mut rest = text;
        while let Some(wide) = rest.chars().next().map(is_wide) {
            let end = rest.find(|c| is_wide(c) != wide).unwrap_or(rest.len());
            let (piece, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let columns: u32 = piece.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum();
            if !piece.trim().is_empty() {
                let (x, length) = (MARGIN + f64::from(column) * WIDTH, f64::from(columns) * WIDTH);
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\"{style}>{}</text>",
                    escaped(piece)
                );
            }
            column += columns;
            rest = left;
        }
    }
}

/// Of the colours that the command uses.
fn attributes(code: &str) -> &'static str {
    match code {
        "1" => " font-weight=\"bold\"",
        "2" => " fill=\"#8b929e\"",
        "31" => " fill=\"#f07178\"",
        "32" => " fill=\"#98c379\"",
        "33" => " fill=\"#e5c07b\"",
        _ => "",
    }
}

fn is_wide(character: char) -> bool {
    character.width() == Some(2)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line of at most [`COLUMNS`] columns; what turns colours on and off takes none.
fn cut(line: &str) -> String {
    let (mut column, mut escape, mut kept) = (0, false, String::new());
    for character in line.chars() {
        escape |= character == '\u{1b}';
        column += if escape { 0 } else { character.width().unwrap_or(0) };
        if column >= COLUMNS {
            kept.push('…');
            break;
        }
        escape &= character != 'm';
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut svg = String::new();
        write_line(&mut svg, "a\u{1b}[32m宜昌\u{1b}[0m<b>", 1.0);
        let expected = "<text x=\"14.0\" y=\"1.0\" textLength=\"7.8\">a</text>\n\
                        <text x=\"21.8\" y=\"1.0\" textLength=\"31.2\" fill=\"#98c379\">宜昌</text>\n\
                        <text x=\"53.0\" y=\"1.0\" textLength=\"23.4\">&lt;b&gt;</text>\n";
        assert_eq!(svg, expected);
    }

    #[test]
    fn long_lines_are_cut_by_columns() {
        assert_eq!(cut(&"宜".repeat(70)).chars().count(), 62);
        let coloured = format!("\u{1b}[31m{}\u{1b}[0m", "x".repeat(100));
        assert_eq!(cut(&coloured), coloured);
    }
}
