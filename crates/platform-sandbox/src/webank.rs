//! 微众银行 WeBank, simulated (`webank SPEC.md §2` to `§4`): the business host and the file host.

mod business;
mod file;
mod gateway;
mod json_upload;
mod ledger;
mod oauth;
mod pattern;
mod reply;
mod shelf;
mod user;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use ::webank::Code;
use platform_http::system::Clock as _;
use sign_core::Secret;

pub(crate) use self::business::BusinessHost;
pub use self::business::{BusinessAnswer, BusinessCall};
pub(crate) use self::file::FileHost;
use self::ledger::Ledger;
pub use self::ledger::WebankCounts;
pub use self::pattern::Pattern;
use self::shelf::Shelf;
pub use self::shelf::StoredFile;
pub use self::user::UserLogin;
use crate::dice::Dice;
use crate::{SandboxClock, WebankAccess};

/// How WeBank behaves where the document wavers, and how much it keeps.
#[derive(Debug, Clone)]
pub struct WebankOptions {
    /// A new token ends all old tickets at once (WB-12). Default: false, the previous sign ticket lives five more
    /// minutes.
    pub strict: bool,
    /// Default: 3600 s.
    pub token_lifetime: Duration,
    /// Default: 3600 s.
    pub sign_ticket_lifetime: Duration,
    /// Default: 300 s.
    pub user_ticket_lifetime: Duration,
    /// How long the previous sign ticket lives after a new one was fetched. Default: 300 s.
    pub grace: Duration,
    /// Tickets come as a bare object instead of a list, where there is only one (WB-2). Default: false.
    pub ticket_as_object: bool,
    /// Codes and lifetimes are numbers instead of texts. Default: false.
    pub numbers: bool,
    /// The serial number is spelled `ConsumerseqNo`. Default: false.
    pub lower_seq_no: bool,
    /// What `jsonData` is (WB-9). Default: a text.
    pub json_data: JsonDataShape,
    /// The body of uploadJson is signed (WB-7). Default: false.
    pub upload_json_signed: bool,
    /// What `HASH_VALUE` is (WB-13). Default: MD5.
    pub hash: HashValue,
    /// Files up to so many bytes are kept; of longer ones length and hash alone (but see [`Pattern`]). Default: 16 MiB.
    pub keep_file: usize,
    /// All kept files together take so many bytes at most. Default: 256 MiB.
    pub keep_files: usize,
}

impl Default for WebankOptions {
    fn default() -> Self {
        Self {
            strict: false,
            token_lifetime: Duration::from_secs(3600),
            sign_ticket_lifetime: Duration::from_secs(3600),
            user_ticket_lifetime: Duration::from_secs(300),
            grace: Duration::from_secs(300),
            ticket_as_object: false,
            numbers: false,
            lower_seq_no: false,
            json_data: JsonDataShape::Text,
            upload_json_signed: false,
            hash: HashValue::Md5,
            keep_file: 16 * 1024 * 1024,
            keep_files: 256 * 1024 * 1024,
        }
    }
}

/// What `jsonData` is in a business reply (WB-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonDataShape {
    /// A text that holds JSON.
    Text,
    /// The JSON object itself.
    Object,
    /// `null`.
    Null,
}

/// What the platform's hash of a file is (WB-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashValue {
    /// The MD5 of the content, lower-case hex.
    Md5,
    /// 32 hex digits of another origin.
    Other,
}

pub(crate) type Service = Arc<dyn Fn(&BusinessCall) -> BusinessAnswer + Send + Sync>;

/// The simulated WeBank: programmable services, a rival, user tickets, files.
#[derive(Debug, Clone)]
pub struct Webank(Arc<Inner>);

struct Inner {
    access: WebankAccess,
    options: WebankOptions,
    clock: SandboxClock,
    ledger: Mutex<Ledger>,
    shelf: Mutex<Shelf>,
    serials: Dice,
    services: RwLock<HashMap<String, Service>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Webank {
    pub(crate) fn new(access: WebankAccess, options: WebankOptions, clock: SandboxClock, seed: u64) -> Self {
        // Tokens of a sandbox that is started again must not be those of the one before.
        let tokens = Dice::new(seed, &format!("webank tokens {}", clock.now()));
        Self(Arc::new(Inner {
            ledger: Mutex::new(Ledger::new(tokens, access.secret.clone(), &options)),
            shelf: Mutex::new(Shelf::new(Dice::new(seed, "webank files"), options.keep_files)),
            serials: Dice::new(seed, "webank serial numbers"),
            services: RwLock::new(HashMap::new()),
            access,
            options,
            clock,
        }))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partner's credentials, as they were at the start.
    #[must_use]
    pub fn access(&self) -> &WebankAccess {
        &self.0.access
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> WebankCounts {
        self.ledger().counts()
    }

    /// A rival fetches token and sign ticket, and so kicks out whatever the partner holds (`webank SPEC.md §2.3`).
    pub fn kick(&self) {
        self.ledger().rival(self.0.clock.now());
    }

    /// The secret is changed: token and tickets made with the old one are void (`webank SPEC.md §2.3`). Gives the new
    /// one.
    pub fn change_secret(&self) -> Secret {
        self.ledger().change_secret()
    }

    /// The user's browser comes with a user ticket, as it does to the bank's pages. Single use.
    ///
    /// # Errors
    /// [`Code::BAD_TICKET`] for an unknown, used or superseded ticket, [`Code::TICKET_EXPIRED`].
    pub fn redeem(&self, user_ticket: &str) -> Result<UserLogin, Code> {
        self.ledger().redeem(user_ticket, self.0.clock.now())
    }

    /// Answers calls to `path` (`/api/s/{area}/{service_code}`) with `service`, from now on. Other paths are answered
    /// with success and an echo of the request.
    pub fn on_call(
        &self,
        path: impl Into<String>,
        service: impl Fn(&BusinessCall) -> BusinessAnswer + Send + Sync + 'static,
    ) {
        let mut services = self.0.services.write().unwrap_or_else(PoisonError::into_inner);
        services.insert(path.into(), Arc::new(service));
    }

    fn service(&self, path: &str) -> Option<Service> {
        self.0.services.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// The file with this `FILE_ID`.
    #[must_use]
    pub fn file(&self, file_id: &str) -> Option<StoredFile> {
        self.shelf().get(file_id).cloned()
    }

    /// Puts a file of the first `length` bytes of [`Pattern`] there, to be downloaded; it takes no memory.
    #[must_use]
    pub fn plant(&self, name: &str, length: u64) -> StoredFile {
        let mut recorder = shelf::Recorder::new(self.0.options.keep_file, self.0.options.hash);
        for piece in Pattern::pieces(length) {
            recorder.take(&piece);
        }
        self.shelf().put(name.to_owned(), recorder)
    }
}
