//! What was wrong with a signature, for those who learn. Real platforms never say.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use sign_doctor::{Case, Diagnosis, Lang, NamedSecret, Platform, Request, Search, Verdict};
use tokio::sync::Semaphore;

/// The header in which the sandbox says which mistake makes the signature that it refused: English sentences in ASCII.
/// Whatever else a parameter's name brings with it is percent-encoded, and so is `%` itself. Absent where nothing was
/// examined. Real platforms say nothing of the kind.
pub const DIAGNOSIS_HEADER: &str = "x-sandbox-diagnosis";

/// How much the sandbox does to say what was wrong with a signature. The platform's answer is the same in any case.
///
/// ```
/// use platform_sandbox::{DoctorOptions, Sandbox};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// // For a load test of refusals: none is examined.
/// let sandbox = Sandbox::builder().doctor(DoctorOptions { at_once: 0, ..DoctorOptions::default() });
/// # sandbox.start().await
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoctorOptions {
    /// So many signatures are examined at the same time; the answers to further ones go out at once, without the
    /// header. Default: 2.
    pub at_once: usize,
    /// How long an answer waits for its header at most; an examination takes some milliseconds. Default: 500 ms.
    pub patience: Duration,
}

impl Default for DoctorOptions {
    fn default() -> Self {
        Self { at_once: 2, patience: Duration::from_millis(500) }
    }
}

/// All pairs of mistakes are fewer.
const CANDIDATES: u64 = 20_000;

/// Two mistakes at once are looked for in texts up to so many bytes.
const SHORT: usize = 4 * 1024;

/// Texts that are longer are not examined: each candidate digests the whole.
const LONGEST: usize = 64 * 1024;

/// The header's length, in characters.
const LENGTH: usize = 800;

/// A shorter secret is part of every other word.
const SHORTEST_SECRET: usize = 4;

/// Examines signatures that were refused, a few at a time, beside the threads that answer.
#[derive(Debug)]
pub(crate) struct Doctor {
    room: Arc<Semaphore>,
    patience: Duration,
}

/// A signature that was refused, and what the platform knows about it.
#[derive(Debug)]
pub(crate) struct Suspect {
    platform: Platform,
    request: Request,
    /// The right one first.
    secrets: Vec<NamedSecret>,
    got: String,
}

impl Doctor {
    pub(crate) fn new(options: DoctorOptions) -> Self {
        let room = options.at_once.min(Semaphore::MAX_PERMITS);
        Self { room: Arc::new(Semaphore::new(room)), patience: options.patience }
    }

    /// Says what was wrong; nothing where there is no room, no time, or too much text.
    pub(crate) async fn examine(&self, suspect: Suspect) -> Option<String> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let search = tokio::task::spawn_blocking(move || {
            // Held until the end, whether or not anybody still waits for it.
            let _room = room;
            suspect.examine()
        });
        tokio::time::timeout(self.patience, search).await.ok()?.ok()?
    }
}

impl Suspect {
    /// The signature `got` over these parameters, under their names and in their order.
    pub(crate) fn new<'a>(
        platform: Platform,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        secrets: Vec<NamedSecret>,
        got: &str,
    ) -> Self {
        // A long text that is not signed would be copied for the one mistake of signing it.
        let selection = platform.recipe().selection;
        let short = |(name, value): &(&str, &str)| selection.takes(name) || value.len() <= SHORT;
        let request = Request::texts(parameters.into_iter().filter(short));
        Self { platform, request, secrets, got: got.to_owned() }
    }

    fn examine(&self) -> Option<String> {
        let length =
            self.request.parameters().iter().filter_map(|it| it.value.text()).map(str::len).sum::<usize>();
        if length > LONGEST {
            return None;
        }
        let recipe = self.platform.recipe();
        let case = Case::new(&recipe, &self.request, &self.secrets).ok()?.of(self.platform);
        let most = if length > SHORT { 1 } else { 2 };
        let said = match case.diagnose(&self.got, &Search::default().mistakes(most).candidates(CANDIDATES)) {
            Ok(diagnosis) => self.told(&diagnosis),
            Err(not_a_signature) => not_a_signature.to_string(),
        };
        Some(self.masked(said))
    }

    fn told(&self, diagnosis: &Diagnosis) -> String {
        let Some(explanation) = diagnosis.explanations.first() else {
            if diagnosis.verdict == Verdict::Right {
                return "the signature is the one that the document asks for".to_owned();
            }
            let tried = diagnosis.excluded.first().map_or("", |words| words.get(Lang::En));
            return format!(
                "none of these mistakes makes this signature: {tried}; is it made of other values?"
            );
        };
        let sentences = explanation.mistakes.iter().map(|mistake| {
            let section = mistake.section.map_or(String::new(), |section| format!(" ({section})"));
            format!("{}: {}{section}", mistake.message.get(Lang::En), mistake.fix.get(Lang::En))
        });
        let mut said = sentences.collect::<Vec<_>>().join("; and ");
        let others =
            diagnosis.explanations.iter().filter(|other| !other.same_text).count() + diagnosis.omitted;
        if others > 0 {
            let _ = write!(said, "; {others} other explanations would do"); // a text takes everything
        }
        said
    }

    /// Senders put secrets everywhere, even into names.
    fn masked(&self, said: String) -> String {
        let secrets = self.secrets.iter().map(|named| named.secret.expose());
        secrets
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .fold(said, |said, secret| said.replace(secret, "(secret)"))
    }
}

/// A diagnosis as the header's value: see [`DIAGNOSIS_HEADER`].
pub(crate) fn header_value(diagnosis: &str) -> String {
    let mut value = String::new();
    for character in diagnosis.replace('§', "section ").replace('…', "...").chars().take(LENGTH) {
        if (character.is_ascii_graphic() && character != '%') || character == ' ' {
            value.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(value, "%{byte:02X}"); // a text takes everything
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_ascii_and_can_be_read_back() {
        let check = |text: &str, expected: &str| assert_eq!(header_value(text), expected);
        check("the digest is MD5, not SHA-1", "the digest is MD5, not SHA-1");
        check("`yichang SPEC.md §2.3`", "`yichang SPEC.md section 2.3`");
        check("at the end as `…SECRET`", "at the end as `...SECRET`");
        check("`姓名` is signed\r\n", "`%E5%A7%93%E5%90%8D` is signed%0D%0A");
        check("(`%2f` for `%2F`)", "(`%252f` for `%252F`)");
        assert_eq!(header_value(&"😀".repeat(2000)).len(), LENGTH * 12);
        let decoded = sign_core::form::decode("%E5%A7%93%25").unwrap();
        assert_eq!(header_value(&decoded), "%E5%A7%93%25");
    }

    fn secret(name: &str, text: &str) -> NamedSecret {
        NamedSecret::new(name, text).unwrap()
    }

    #[track_caller]
    fn check(parameters: &[(&str, &str)], got: &str, expected: Option<&str>) {
        let secrets = vec![secret("JINLAIBAN_APPSECRET", "58b31d465652be856d7ed80977aa4ce4")];
        let suspect = Suspect::new(Platform::Jinlaiban, parameters.iter().copied(), secrets, got);
        let said = suspect.examine();
        match expected {
            Some(words) => assert!(said.as_deref().is_some_and(|said| said.contains(words)), "{said:?}"),
            None => assert_eq!(said, None),
        }
    }

    #[test]
    fn what_is_examined_and_what_is_not() {
        let known = [("uid", "1000"), ("timestamp", "1548047628")];
        check(&known, "15540d3398e5ed2a37533e3fc032e1a0", Some("the one that the document asks for"));
        check(&known, "15540D3398E5ED2A37533E3FC032E1A0", Some("upper-case letters: write it in lower-case"));
        check(&known, "00000000000000000000000000000000", Some("none of these mistakes"));
        check(&known, "15540d3398e5ed2a", Some("none of these mistakes"));
        check(&known, "15540d3398e5ed2a37", Some("18 characters and is neither"));
        check(&known, "", Some("0 characters"));
        let long = "x".repeat(LONGEST + 1);
        // Not signed, and therefore left out.
        check(&[known[0], known[1], ("data", &long)], "15540D3398E5ED2A37533E3FC032E1A0", Some("upper-case"));
        check(&[known[0], ("remark", &long)], "15540D3398E5ED2A37533E3FC032E1A0", None);
    }

    #[test]
    fn a_secret_in_a_name_is_hidden() {
        let secrets = || vec![secret("S", "8e85e612698296b4c522bfa7eb0b82a8")];
        let name = "8e85e612698296b4c522bfa7eb0b82a8";
        let parameters = [
            ("appId", "a"),
            ("deviceId", "d"),
            ("deviceType", "t"),
            ("nonceStr", "n"),
            ("timeStamp", "1"),
            (name, "x"),
        ];
        let recipe = Platform::YichangMd5.recipe();
        let all = sign_doctor::Recipe { selection: sign_doctor::Selection::All, ..recipe };
        let request = Request::texts(parameters);
        let made = Case::new(&all, &request, &secrets()).unwrap().sign_wrongly(&[]);
        let said = Suspect::new(Platform::YichangMd5, parameters, secrets(), &made).examine().unwrap();
        assert!(said.starts_with("`(secret)` is signed, but takes no part: leave `(secret)` out"), "{said}");
    }

    #[tokio::test]
    async fn without_room_nothing_is_said() {
        let suspect = || {
            let secrets = vec![secret("S", "58b31d465652be856d7ed80977aa4ce4")];
            Suspect::new(Platform::Jinlaiban, [("uid", "1000")], secrets, "")
        };
        let patient = DoctorOptions { at_once: 1, patience: Duration::from_secs(60) };
        let doctor = Doctor::new(patient);
        let taken = Arc::clone(&doctor.room).try_acquire_owned().unwrap();
        assert_eq!(doctor.examine(suspect()).await, None);
        drop(taken);
        assert!(doctor.examine(suspect()).await.is_some());
        assert_eq!(doctor.room.available_permits(), 1);
        assert_eq!(Doctor::new(DoctorOptions { at_once: 0, ..patient }).examine(suspect()).await, None);
        let _ = Doctor::new(DoctorOptions { at_once: usize::MAX, ..patient });
    }
}
