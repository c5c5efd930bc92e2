//! Opens a jump URL in the browser of whoever sits here.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use yichang::JumpUrl;

use crate::exit::Failure;

/// The system's way to open a URL, which follows as one argument of its own: no shell reads it.
#[cfg(target_os = "macos")]
const OPENER: &[&str] = &["open"];
#[cfg(windows)]
const OPENER: &[&str] = &["rundll32", "url.dll,FileProtocolHandler"];
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: &[&str] = &["xdg-open"];

/// An opener that has not ended by then has become the browser itself.
const PATIENCE: Duration = Duration::from_secs(3);
const GLANCE: Duration = Duration::from_millis(50);

/// Hands the URL to the browser. No error holds it: it signs a person in.
pub(super) async fn open(url: &JumpUrl) -> Result<(), Failure> {
    let [opener, arguments @ ..] = OPENER else { return Ok(()) };
    let url = url.expose();
    // The URL is the platform's: an option for the opener, or a program on this machine, is none to open.
    if !is_web(url) {
        return Err(Failure::failed("the jump URL is no http or https address: it was not opened"));
    }
    let child = Command::new(opener)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            Failure::failed(format!("cannot open a browser: `{opener}`: {error}; open the jump URL by hand"))
        })?;
    wait(opener, child).await
}

async fn wait(opener: &str, mut child: Child) -> Result<(), Failure> {
    let mut left = PATIENCE;
    while !left.is_zero() {
        match child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) if !status.success() => {
                return Err(Failure::failed(format!(
                    "cannot open a browser: `{opener}` ended with {status}; open the jump URL by hand"
                )));
            }
            Ok(Some(_)) | Err(_) => return Ok(()),
        }
        tokio::time::sleep(GLANCE).await;
        left = left.saturating_sub(GLANCE);
    }
    Ok(())
}

fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let plain = !url.chars().any(char::is_control);
    plain && (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        for web in ["http://a.cn:81/i.html?t=1&u=;|`$(x)", "HTTPS://a.cn", "https://a.cn/中"] {
            assert!(is_web(web), "{web}");
        }
        for other in [
            "",
            "a.cn",
            "-e",
            "--http://a",
            "file:///etc/passwd",
            "calc.exe",
            "javascript:1",
            "http:a",
            "http://a\nb",
        ] {
            assert!(!is_web(other), "{other}");
        }
    }
}
