//! Everything that `duijie webank` does, at its most talkative: no secret, ticket, token, salt, ID number, phone number or
//! name appears in any output, but for what a command exists to obtain.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use platform_sandbox::{Fault, FaultKind, Mistake, Operation, Sandbox};
use platform_state::{Address, Key};

const ID_NO: &str = "411528199110024452";
const MOBILE: &str = "13812345678";
const NAME: &str = "张三丰";
const PERSON: &str =
    r#"{"USER_ID":"u-1","ID_NO":"411528199110024452","MOBILE":"13812345678","USER_NAME":"张三丰"}"#;

struct Stage {
    sandbox: Sandbox,
    folder: PathBuf,
    state: String,
    /// Everything that was said, with who said it.
    said: Vec<(String, String)>,
    hidden: BTreeSet<String>,
}

impl Stage {
    async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("duijie-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let sandbox = Sandbox::start().await.unwrap();
        let access = &sandbox.access().webank;
        let mut hidden: BTreeSet<_> = [ID_NO, MOBILE, NAME, "wrong-secret"].map(str::to_owned).into();
        hidden.insert(access.secret.expose().to_owned());
        hidden.insert(access.callback_salt.expose().to_owned());
        let state = format!("sqlite:{}", folder.join("state.db").display());
        Self { sandbox, folder, state, said: Vec::new(), hidden }
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let (urls, access) = (self.sandbox.urls(), &self.sandbox.access().webank);
        let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
        command.args(["-vv", "webank"]).args(args).env_clear().envs([
            ("WEBANK_BASE_URL", urls.webank.as_str()),
            ("WEBANK_FILES_URL", &urls.webank_files),
            ("WEBANK_APP_ID", &access.app_id),
            ("WEBANK_SECRET", access.secret.expose()),
            ("WEBANK_CALLBACK_SALT", access.callback_salt.expose()),
            ("DUIJIE_STATE", &self.state),
            ("RUST_LOG", "trace"),
        ]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command and keeps what it says; its exit code must be one of these.
    async fn run(&mut self, args: &[&str], exits: &[i32]) -> String {
        self.run_as(args, exits, &[]).await
    }

    async fn run_as(&mut self, args: &[&str], exits: &[i32], environment: &[(&str, &str)]) -> String {
        let mut command = self.command(args);
        command.envs(environment.iter().copied());
        let output = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let _ = child.stdin.take().unwrap().write_all(PERSON.as_bytes()); // it may end without reading
            child.wait_with_output().unwrap()
        })
        .await
        .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let exit = output.status.code().unwrap();
        assert!(exits.contains(&exit), "{args:?} exits with {exit}: {stderr}");
        // Looking at what is there sends nothing.
        let silent = args.contains(&"--dry-run") || args[0] == "token";
        assert!(silent || !stderr.is_empty(), "{args:?} says nothing at trace level");
        self.said.push((format!("{args:?} stderr"), stderr));
        // SPEC.md §2.2: the ticket is what this one exists to obtain; and a reply is the bank's own words.
        if !matches!(args[0], "user-ticket" | "call") {
            self.said.push((format!("{args:?} stdout"), stdout.clone()));
        }
        self.learn().await;
        stdout
    }

    /// Token and ticket are in the shared cell; older ones have been in there before.
    async fn learn(&mut self) {
        let store = self.state.parse::<Address>().unwrap().open().await.unwrap();
        let host = self.sandbox.urls().webank.replace("http://", "");
        let key = Key::new("webank", &format!("{}@{host}", self.sandbox.access().webank.app_id)).unwrap();
        if let Some(entry) = store.read(&key).await.unwrap() {
            let cell: serde_json::Value = serde_json::from_str(entry.value.expose()).unwrap();
            for name in ["token", "ticket"] {
                self.hidden.insert(cell[name].as_str().unwrap().to_owned());
            }
        }
    }

    fn check(&self) {
        let secrets = self.hidden.len();
        assert!(secrets > 10, "{secrets} secrets are too few to have seen the tokens and tickets of a kick");
        for (who, said) in &self.said {
            for hidden in &self.hidden {
                // A form-encoded one is the same secret.
                let encoded = sign_core::form::encode(hidden);
                for shape in [hidden, &encoded] {
                    assert!(
                        !said.contains(shape.as_str()),
                        "{who} shows what begins with {:.2}: {said}",
                        hidden
                    );
                }
            }
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder); // left behind at worst
    }
}

#[tokio::test]
async fn nothing_secret_is_ever_shown() {
    let mut stage = Stage::new().await;
    calls(&mut stage).await;
    files(&mut stage).await;
    tickets(&mut stage).await;
    callbacks(&mut stage).await;
    stage.check();
}

async fn calls(stage: &mut Stage) {
    let call = ["call", "/api/s/demo/10002", "--body", "-"];
    stage.run(&call, &[0]).await;
    // Kicked out from outside: the log names the last writer.
    for _ in 0..2 {
        stage.sandbox.webank().kick();
    }
    stage.run(&call, &[0]).await;
    assert!(stage.said.iter().any(|(_, said)| said.contains("foreign kick")), "the kick was not told");
    for kind in [
        FaultKind::CutBefore,
        FaultKind::CutAfter,
        FaultKind::Half,
        FaultKind::NotJson,
        FaultKind::Empty,
        FaultKind::Status(502),
        FaultKind::Code("60846999".into()),
        FaultKind::Code("60841018".into()),
    ] {
        stage.sandbox.inject(Fault::always(Operation::Call, kind));
        stage.run(&call, &[1, 4]).await;
        stage.sandbox.clear_faults();
    }
    // From here on without shared credentials, so that tokens are asked for.
    let alone = [("DUIJIE_STATE", "")];
    for kind in [FaultKind::CutAfter, FaultKind::NotJson, FaultKind::Code("60851009".into())] {
        stage.sandbox.inject(Fault::always(Operation::Token, kind));
        stage.run_as(&call, &[1], &alone).await;
        stage.sandbox.clear_faults();
    }
    stage.run_as(&call, &[1], &[("DUIJIE_STATE", ""), ("WEBANK_SECRET", "wrong-secret")]).await;
    stage.hidden.insert("store-password".to_owned());
    let down = [("DUIJIE_STATE", "redis://:store-password@127.0.0.1:1")];
    stage.run_as(&call, &[1], &down).await;
    stage.run(&["call", "/api/s/demo/10002", "--body", "-", "--dry-run"], &[0]).await;
}

async fn files(stage: &mut Stage) {
    let file = stage.file("a.png", PERSON);
    let kind = ["--file-type", "001", "--file-format", "png", "--json"];
    let uploaded = stage.run(&[&["upload", &file], &kind[..]].concat(), &[0]).await;
    let uploaded: serde_json::Value = serde_json::from_str(&uploaded).unwrap();
    let back = stage.folder.join("back.png").to_str().unwrap().to_owned();
    let (id, hash) = (uploaded["fileId"].as_str().unwrap(), uploaded["hash"].as_str().unwrap());
    let download = ["download", id, hash, "-o", &back, "--content-type", "image/png"];
    stage.run(&download, &[0]).await;
    for shape in ["form", "json"] {
        let notify = ["upload-notify", "loan", &file, "--as", shape, "--biz-content", &file];
        stage.run(&[&notify[..], &kind[..]].concat(), &[0]).await;
    }
    for (operation, fault) in [
        (Operation::Upload, FaultKind::CutUp(10)),
        (Operation::Upload, FaultKind::Code("60846999".into())),
        (Operation::Upload, FaultKind::NotJson),
    ] {
        stage.sandbox.inject(Fault::always(operation, fault));
        stage.run(&[&["upload", &file], &kind[..]].concat(), &[1, 4]).await;
        stage.sandbox.clear_faults();
    }
    stage.sandbox.inject(Fault::always(Operation::Download, FaultKind::CutDown(10)));
    stage.run(&download, &[1, 4]).await;
    stage.sandbox.clear_faults();
}

async fn tickets(stage: &mut Stage) {
    let user = stage.file("user.json", PERSON);
    let ticket = stage.run(&["user-ticket", "--user-data", &user, "--merchant", "m1"], &[0]).await;
    stage.hidden.insert(ticket.trim().to_owned());
    stage.run(&["user-ticket", "--user-data", &user, "--merchant", "m1", "--dry-run"], &[0]).await;
    let broken = stage.file("broken.json", &PERSON.replace("}", ""));
    stage.run(&["user-ticket", "--user-data", &broken, "--merchant", "m1"], &[2]).await;
    stage.run(&["token"], &[0]).await;
    stage.run(&["token", "--json"], &[0]).await;
}

async fn callbacks(stage: &mut Stage) {
    // The route's application is not there: that, too, is told.
    let mut serve = stage.command(&[
        "callback",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--route",
        "T=http://127.0.0.1:1/query",
    ]);
    let (mut child, url, stderr) = tokio::task::spawn_blocking(move || {
        let mut child = serve.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let mut pipe = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut stderr = String::new();
            pipe.read_to_string(&mut stderr).unwrap();
            stderr
        });
        (child, line.trim().to_owned(), stderr)
    })
    .await
    .unwrap();
    let bank = stage.sandbox.bank();
    bank.call(&url, "T", PERSON).await.unwrap();
    bank.call(&url, "U", PERSON).await.unwrap();
    for mistake in Mistake::ALL {
        bank.send(&url, &bank.seal_with(*mistake, "T", PERSON)).await.unwrap();
    }
    stage.run(&["callback", "probe", &url, "--trans-name", "T"], &[0, 1]).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let stderr = stderr.join().unwrap();
    assert!(stderr.contains("0099") || stderr.contains("handler"), "{stderr}");
    stage.said.push(("callback serve".to_owned(), stderr));
}
