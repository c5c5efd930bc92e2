//! `duijie rabbitpre serve` as a child process; part of the tests that name it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs,
    reason = "tests fail by panicking; each takes what it needs"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform_sandbox::{CheckRequest, Editor, Page, PartnerUrls, Setting};
use serde_json::{Value, json};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("duijie-rabbitpre-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.join(name), content).unwrap();
        self.path(name)
    }

    /// Conditions and attributes that need no more.
    pub(crate) fn usual(&self) -> [String; 4] {
        let conditions = r#"[{"label":"年龄","name":"age","type":"number","value":"","children":[]}]"#;
        let attributes = r#"{"1":{"age":30},"2":{"age":10}}"#;
        let files = [self.file("conditions.json", conditions), self.file("attributes.json", attributes)];
        let [conditions, attributes] = files;
        ["--conditions".to_owned(), conditions, "--attributes".to_owned(), attributes]
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // left behind at worst
    }
}

pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the command to its end.
pub(crate) async fn run(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.args(args).env_clear().envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The serving process, ended with the test.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    stderr: Arc<Mutex<String>>,
}

impl Serving {
    pub(crate) async fn start(args: &[impl AsRef<str>], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.args(["rabbitpre", "serve", "--listen", "127.0.0.1:0"]);
        command
            .args(args.iter().map(AsRef::as_ref))
            .env_clear()
            .env("RUST_LOG", "trace")
            .envs(environment.iter().copied());
        tokio::task::spawn_blocking(move || {
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let (stderr, mut errors) = (Arc::<Mutex<String>>::default(), child.stderr.take().unwrap());
            let kept = Arc::clone(&stderr);
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = errors.read(&mut buffer) {
                    kept.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
                }
            });
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert!(line.starts_with("http"), "{}", stderr.lock().unwrap());
            Self { child, url: line.trim().to_owned(), stderr }
        })
        .await
        .unwrap()
    }

    pub(crate) fn urls(&self) -> PartnerUrls {
        PartnerUrls::below(&self.url)
    }

    pub(crate) fn page(&self) -> Page {
        Page::new(self.urls()).patience(Duration::from_secs(30))
    }

    pub(crate) fn editor(&self) -> Editor {
        Editor::new(self.urls()).patience(Duration::from_secs(30))
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub(crate) fn address(&self) -> &str {
        self.url.rsplit('/').next().unwrap()
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a supervisor does.
    pub(crate) fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    pub(crate) async fn ended(mut self) -> i32 {
        loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return ended.code().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

pub(crate) fn adult() -> Value {
    json!({ "chineseName": "年龄", "englishName": "age", "paramType": "number", "operator": "GTEQ", "values": 18 })
}

/// Saves that users whose `age` is this are let in.
pub(crate) fn aged(age: usize) -> Setting {
    Setting::new("designer", vec![json!({ "label": "年龄", "name": "age", "type": "number", "value": age })])
}

/// Is somebody of this age let in by the saved setting?
pub(crate) async fn lets_in(page: &Page, id: &str, age: usize) -> bool {
    let mut request = CheckRequest::user("nobody").saved(id);
    request.user = json!({ "audid": "nobody", "age": age });
    page.check(&request).await.allowed
}

/// Saves until the process dies of kill -9 in the middle; every id that was answered is there after a restart.
pub(crate) async fn survives_kill(state: &str) {
    let folder = Folder::new(&format!("kill-{}", state.split(':').next().unwrap()));
    let args = [&folder.usual()[..], &["--state".to_owned(), state.to_owned()]].concat();
    let mut answered = Vec::new();
    for round in 0..3_usize {
        let mut serving = Serving::start(&args, &[]).await;
        let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel();
        for worker in 0..4_usize {
            let (editor, sender) = (serving.editor(), sender.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let age = round * 1_000_000 + worker * 100_000 + number;
                    match editor.save(&aged(age)).await {
                        Ok(id) => sender.send((id, age)).unwrap(),
                        Err(_) => return,
                    }
                }
            });
        }
        drop(sender);
        // In the middle: some are answered, and others under way.
        for _ in 0..20 {
            answered.push(answers.recv().await.unwrap());
        }
        serving.kill();
        while let Some(answer) = answers.recv().await {
            answered.push(answer);
        }
    }
    let serving = Serving::start(&args, &[]).await;
    let page = serving.page();
    assert!(answered.len() >= 60);
    let ids: std::collections::HashSet<_> = answered.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), answered.len(), "each id is given once");
    for (id, age) in &answered {
        assert!(lets_in(&page, id, *age).await, "{id} of {} was answered, and is lost", answered.len());
        assert!(!lets_in(&page, id, age + 1).await);
    }
}

/// Two processes on one state: what one saves, the other sees within a second.
pub(crate) async fn two_see_each_other(state: &str) {
    let folder = Folder::new(&format!("two-{}", state.split(':').next().unwrap()));
    let args = [&folder.usual()[..], &["--state".to_owned(), state.to_owned()]].concat();
    let (one, other) = (Serving::start(&args, &[]).await, Serving::start(&args, &[]).await);
    let id = one.editor().save(&aged(30)).await.unwrap();
    assert!(lets_in(&other.page(), &id, 30).await, "a new setting is seen at once");
    let replaced = Setting { config_id: Some(id.clone()), ..aged(40) };
    assert_eq!(other.editor().save(&replaced).await.unwrap(), id);
    assert!(lets_in(&other.page(), &id, 40).await, "one's own save is seen at once");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(lets_in(&one.page(), &id, 40).await && !lets_in(&one.page(), &id, 30).await);
}
