//! `duijie sandbox --tls`, and WeBank's commands with the client certificates that it writes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use platform_http::system::UnixMillis;
use platform_sandbox::{Authority, ClientCertificate};
use serde_json::Value;

/// The command as a sandbox, with a folder for its certificates.
struct Served {
    child: Child,
    folder: PathBuf,
    webank: Value,
}

impl Served {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("duijie-certificates-{}", std::process::id()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_duijie"))
            .args(["sandbox", "--json", "--tls"])
            .arg(&folder)
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let document = loop {
            text.push_str(&lines.next().unwrap().unwrap());
            if let Ok(document) = serde_json::from_str::<Value>(&text) {
                break document;
            }
        };
        Self { child, folder, webank: document["webank"].clone() }
    }

    fn text(&self, name: &str) -> &str {
        self.webank[name].as_str().unwrap()
    }

    fn put(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn call(&self, flags: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
        let ran = Command::new(env!("CARGO_BIN_EXE_duijie"))
            .args(["webank", "call", "/api/s/yh/10002", "--body", &self.put("body.json", "{}")])
            .args(["--base-url", self.text("base_url"), "--app-id", self.text("app_id")])
            .args(["--ca", self.text("ca")])
            .args(flags)
            .env_clear()
            .env("WEBANK_SECRET", self.text("secret"))
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let shown = |bytes| String::from_utf8(bytes).unwrap();
        (ran.status.code().unwrap(), shown(ran.stdout), shown(ran.stderr))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

#[test]
fn client_certificates() {
    let served = Served::start();
    let (cert, key, p12) = (served.text("cert"), served.text("key"), served.text("p12"));
    #[cfg(unix)]
    for private in [key, p12] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(private).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{private}");
    }

    let passes = |flags: &[&str], environment: &[(&str, &str)]| {
        let (exit, stdout, stderr) = served.call(flags, environment);
        assert_eq!((exit, stdout.contains("66590000")), (0, true), "{stderr}");
    };
    passes(&["--cert", cert, "--key", key], &[]);
    passes(&["--p12", p12], &[("WEBANK_P12_PASSWORD", served.text("p12_password"))]);
    let password = served.put("password", &format!("{}\n", served.text("p12_password")));
    passes(&["--p12", p12, "--p12-password-file", &password], &[]);

    let refused = |flags: &[&str], environment: &[(&str, &str)], says: &str| {
        let (exit, stdout, stderr) = served.call(flags, environment);
        assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
        assert!(!stderr.contains("s3cret"), "{stderr}");
    };
    refused(&["--p12", p12], &[], "WEBANK_P12_PASSWORD or --p12-password-file");
    refused(&["--p12", p12], &[("WEBANK_P12_PASSWORD", "s3cret")], "password of the PKCS#12 file is wrong");
    refused(&["--p12", cert], &[("WEBANK_P12_PASSWORD", "s3cret")], "is PEM, not PKCS#12");
    refused(&["--cert", p12, "--key", p12], &[], "as PKCS#12");
    refused(&["--cert", cert, "--key", cert], &[], "no `BEGIN PRIVATE KEY`");
    refused(&["--cert", cert], &[], "--key");
    refused(&["--p12", p12, "--cert", cert, "--key", key], &[], "cannot be used with");
    refused(&["--p12-password-file", &password], &[], "--p12");
    refused(&["--cert", "nowhere.pem", "--key", key], &[], "nowhere.pem");

    let stranger = Authority::new("stranger").unwrap();
    let other =
        served.put("other.pem", stranger.issue(&ClientCertificate::default()).unwrap().certificate_pem());
    refused(&["--cert", &other, "--key", key], &[], "does not belong");
    let wanted =
        ClientCertificate { not_after: UnixMillis::new(1_600_000_000_000), ..ClientCertificate::default() };
    let expired = stranger.issue(&wanted).unwrap();
    let cert = served.put("expired.pem", expired.certificate_pem());
    let key = served.put("expired-key.pem", expired.key_pem().expose());
    refused(&["--cert", &cert, "--key", &key], &[], "expired at 2020-09-13T12:26:40Z");
}
