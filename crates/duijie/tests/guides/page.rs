//! A page's commands, with what it shows below each.

use std::fs;
use std::path::Path;

pub(crate) struct Page {
    /// `en` or `zh`.
    pub(crate) language: &'static str,
    /// The file, as the repository names it.
    pub(crate) file: String,
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
    /// The page, or [`clone`](crate::clone), says why.
    NotRun,
}

impl Page {
    /// `file` is named from the repository's root.
    pub(crate) fn read(language: &'static str, root: &Path, file: &str) -> Self {
        let text = fs::read_to_string(root.join(file)).unwrap();
        Self { language, file: file.to_owned(), commands: commands(&text) }
    }

    /// A page in two languages, one below the other: what stands before this line, and what stands behind it.
    pub(crate) fn read_both(root: &Path, file: &str, between: &str) -> [Self; 2] {
        let whole = Self::read("en", root, file);
        let text = fs::read_to_string(root.join(file)).unwrap();
        let at = text.lines().position(|line| line == between);
        let at = at.unwrap_or_else(|| panic!("{file} has no line `{between}`"));
        let (english, chinese) = whole.commands.into_iter().partition(|command| command.line <= at);
        let page = |language, commands| Self { language, file: file.to_owned(), commands };
        [page("en", english), page("zh", chinese)]
    }

    /// Letters for the name of a test or a folder: `en::webank` of `docs/en/webank.md`.
    pub(crate) fn name(&self) -> String {
        let name = self.file.trim_end_matches(".md").trim_start_matches("docs/");
        let name = name.strip_prefix(self.language).unwrap_or(name).trim_start_matches('/');
        format!("{}::{}", self.language, name.replace('/', "::"))
    }

    /// Is it about a clone of the repository, and followed in one?
    pub(crate) fn is_in_clone(&self) -> bool {
        !self.file.starts_with("docs/")
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
