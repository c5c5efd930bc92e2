//! A guide's commands, with what it shows below each.

use std::fs;
use std::path::Path;

pub(crate) struct Page {
    /// `en` or `zh`.
    pub(crate) language: String,
    pub(crate) name: String,
    pub(crate) commands: Vec<Command>,
}

pub(crate) struct Command {
    /// From 1.
    pub(crate) line: usize,
    /// Without the remark behind it.
    pub(crate) text: String,
    pub(crate) way: Way,
    /// What the guide shows that it says; nothing where it shows nothing.
    pub(crate) says: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Run,
    KeepsRunning,
    /// It says why.
    NotRun,
}

impl Page {
    pub(crate) fn read(language: &str, file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        Self { language: language.to_owned(), name, commands: commands(&text) }
    }

    pub(crate) fn needs_redis(&self) -> bool {
        self.commands.iter().any(|command| command.text.contains("REDIS_URL"))
    }

    pub(crate) fn not_run(&self) -> usize {
        self.commands.iter().filter(|command| command.way == Way::NotRun).count()
    }
}

fn commands(text: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut inside = false;
    while let Some((index, line)) = lines.next() {
        if line.starts_with("```") {
            inside = !inside && ["```console", "```sh"].contains(&line);
        } else if let Some(start) = line.strip_prefix("$ ").filter(|_| inside) {
            let mut whole = start.to_owned();
            while whole.ends_with('\\') {
                whole.push('\n');
                whole.push_str(lines.next().unwrap().1);
            }
            if let Some(end) = here_document(&whole) {
                loop {
                    let (_, line) = lines.next().unwrap();
                    whole.push('\n');
                    whole.push_str(line);
                    if line == end {
                        break;
                    }
                }
            }
            let (text, way) = remarked(&whole, index + 1);
            commands.push(Command { line: index + 1, text, way, says: Vec::new() });
        } else if inside {
            let last = commands.last_mut().unwrap_or_else(|| panic!("line {}: no command", index + 1));
            last.says.push(line.to_owned());
        }
    }
    commands
}

/// The word that ends the text which a command brings along: `cat > FILE <<'END'`.
fn here_document(command: &str) -> Option<String> {
    let word = command.split_once("<<")?.1.split_whitespace().next()?;
    Some(word.trim_matches('\'').to_owned())
}

fn remarked(command: &str, line: usize) -> (String, Way) {
    let Some((text, remark)) = command.rsplit_once("  # ") else { return (command.to_owned(), Way::Run) };
    let way = if ["keeps running", "保持运行"].iter().any(|word| remark.starts_with(word)) {
        Way::KeepsRunning
    } else if let Some(reason) = ["not run: ", "不运行："].iter().find_map(|word| remark.strip_prefix(word))
    {
        assert!(reason.chars().count() > 5, "line {line}: a command that is not run says why");
        Way::NotRun
    } else {
        Way::Run
    };
    (text.trim_end().to_owned(), way)
}
