//! The sandbox: all platforms started together, on addresses of their own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use platform_http::system::listen;
use tokio::net::TcpListener;

use crate::doctor::Doctor;
use crate::fault::Drawn;
use crate::log::Log;
use crate::server::{Running, Shared};
use crate::tls::Door;
use crate::webank::{BusinessHost, FileHost};
use crate::{
    Access, Bank, CertificateError, DoctorOptions, Fault, FaultSchedule, Jinlaiban, JinlaibanOptions,
    LogLimits, Operation, Received, SandboxClock, Tls, TlsOptions, Webank, WebankOptions, Yichang,
    YichangOptions,
};

/// The four platforms, running. They stop when this is dropped, or in good order with [`shutdown`](Self::shutdown).
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    seed: u64,
    access: Access,
    urls: Urls,
    tls: Option<Tls>,
    jinlaiban: Jinlaiban,
    yichang: Yichang,
    webank: Webank,
    running: [Running; 4],
}

/// Where the platforms are: base URLs, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urls {
    /// 晋来办.
    pub jinlaiban: String,
    /// 宜昌.
    pub yichang: String,
    /// WeBank's business host.
    pub webank: String,
    /// WeBank's file host.
    pub webank_files: String,
}

/// The sandbox cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address is not free, or not ours.
    #[error("cannot listen on `{address}`: {error}; choose another port, 0 takes free ones")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says: part of the message, and therefore no `source()`.
        error: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] CertificateError),
    /// There are not four ports from here on.
    #[error("port {port} leaves no room for the {hosts} hosts: use 65532 or lower, or 0 for free ones")]
    Ports {
        /// The first port.
        port: u16,
        /// How many are needed.
        hosts: u16,
    },
}

const HOSTS: u16 = 4;

/// What a sandbox is to be like.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    seed: u64,
    listen: SocketAddr,
    clock: SandboxClock,
    faults: FaultSchedule,
    log: LogLimits,
    doctor: DoctorOptions,
    access: Option<Access>,
    tls: Option<TlsOptions>,
    jinlaiban: JinlaibanOptions,
    yichang: YichangOptions,
    webank: WebankOptions,
}

impl Builder {
    /// Credentials, tokens, serial numbers and faults follow from it. Default: 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Where to listen: its port is 晋来办's, the next ones are 宜昌's, WeBank's and WeBank's file host's; port 0
    /// takes free ones. Default: `127.0.0.1:0`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// The clock of all platforms. Default: real time.
    pub fn clock(mut self, clock: SandboxClock) -> Self {
        self.clock = clock;
        self
    }

    /// What goes wrong. Default: nothing.
    pub fn faults(mut self, faults: FaultSchedule) -> Self {
        self.faults = faults;
        self
    }

    /// How much of what is received is kept.
    pub fn log(mut self, limits: LogLimits) -> Self {
        self.log = limits;
        self
    }

    /// How much is done to say what was wrong with a signature.
    pub fn doctor(mut self, options: DoctorOptions) -> Self {
        self.doctor = options;
        self
    }

    /// Other credentials than those of the seed.
    pub fn access(mut self, access: Access) -> Self {
        self.access = Some(access);
        self
    }

    /// WeBank's hosts speak TLS, and its business host asks for a client certificate: see [`Sandbox::tls`]. Default:
    /// all speak plain HTTP.
    pub fn tls(mut self, options: TlsOptions) -> Self {
        self.tls = Some(options);
        self
    }

    /// How 晋来办 behaves.
    pub fn jinlaiban(mut self, options: JinlaibanOptions) -> Self {
        self.jinlaiban = options;
        self
    }

    /// How 宜昌 behaves.
    pub fn yichang(mut self, options: YichangOptions) -> Self {
        self.yichang = options;
        self
    }

    /// How WeBank behaves.
    pub fn webank(mut self, options: WebankOptions) -> Self {
        self.webank = options;
        self
    }

    /// Starts the platforms. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`]: an address is taken.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let access = self.access.unwrap_or_else(|| Access::from_seed(self.seed));
        let shared = Arc::new(Shared {
            clock: self.clock.clone(),
            faults: Drawn::new(self.faults, self.seed),
            log: Log::new(self.log),
            doctor: Doctor::new(self.doctor),
        });
        let jinlaiban = Jinlaiban::new(access.jinlaiban.clone(), self.jinlaiban);
        let yichang = Yichang::new(access.yichang.clone(), self.yichang, self.seed);
        let webank = Webank::new(access.webank.clone(), self.webank, self.clock, self.seed);
        let fails = |error| StartError::Listen { address: self.listen, error };
        let tls = self.tls.map(|options| Tls::new(&options, self.listen, &shared.clock)).transpose()?;
        let door = |host: fn(&Tls) -> Option<Door>| tls.as_ref().and_then(host);
        let [first, second, third, fourth] = bind(self.listen).await?;
        let running = [
            Running::serve(first, door(Tls::for_others), jinlaiban.clone(), shared.clone()).map_err(fails)?,
            Running::serve(second, door(Tls::for_others), yichang.clone(), shared.clone()).map_err(fails)?,
            Running::serve(third, door(Tls::for_business), BusinessHost(webank.clone()), shared.clone())
                .map_err(fails)?,
            Running::serve(fourth, door(Tls::for_files), FileHost(webank.clone()), shared.clone())
                .map_err(fails)?,
        ];
        let [first, second, third, fourth] = running.each_ref().map(|host| host.url.clone());
        let urls = Urls { jinlaiban: first, yichang: second, webank: third, webank_files: fourth };
        Ok(Sandbox { shared, seed: self.seed, access, urls, tls, jinlaiban, yichang, webank, running })
    }
}

async fn bind(first: SocketAddr) -> Result<[TcpListener; 4], StartError> {
    let port = |offset: u16| match first.port() {
        0 => Ok(0),
        port => port.checked_add(offset).ok_or(StartError::Ports { port, hosts: HOSTS }),
    };
    let open = async |offset| {
        let address = SocketAddr::new(first.ip(), port(offset)?);
        listen(address).await.map_err(|error| StartError::Listen { address, error })
    };
    port(HOSTS - 1)?;
    Ok([open(0).await?, open(1).await?, open(2).await?, open(3).await?])
}

impl Sandbox {
    /// Starts the platforms with defaults: free ports on 127.0.0.1, real time, no faults.
    ///
    /// # Errors
    /// [`StartError`]: the system gives no port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Starts with something else than the defaults.
    pub fn builder() -> Builder {
        Builder {
            seed: 1,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: SandboxClock::real(),
            faults: FaultSchedule::none(),
            log: LogLimits::default(),
            doctor: DoctorOptions::default(),
            access: None,
            tls: None,
            jinlaiban: JinlaibanOptions::default(),
            yichang: YichangOptions::default(),
            webank: WebankOptions::default(),
        }
    }

    /// The base URLs.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The authority behind its certificates, and whom it lets in; [`None`] when all hosts speak plain HTTP.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The test credentials.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The clock of all platforms: jump it, or hand it to the client under test.
    #[must_use]
    pub fn clock(&self) -> &SandboxClock {
        &self.shared.clock
    }

    /// The simulated 晋来办.
    #[must_use]
    pub fn jinlaiban(&self) -> &Jinlaiban {
        &self.jinlaiban
    }

    /// The simulated 宜昌.
    #[must_use]
    pub fn yichang(&self) -> &Yichang {
        &self.yichang
    }

    /// The simulated WeBank.
    #[must_use]
    pub fn webank(&self) -> &Webank {
        &self.webank
    }

    /// The bank that calls the partner back, with the salt of [`Access`].
    #[must_use]
    pub fn bank(&self) -> Bank {
        Bank::new(self.access.webank.callback_salt.clone(), self.shared.clock.clone(), self.seed)
    }

    /// The newest requests in the order in which they came, up to [`LogLimits::requests`].
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.log.all()
    }

    /// How many requests came.
    #[must_use]
    pub fn received_count(&self) -> u64 {
        self.shared.log.count()
    }

    /// Lets something go wrong: before the schedule, and in the order of injection.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults.inject(fault);
    }

    /// Ends all faults, scheduled and injected.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// How many requests met a fault.
    #[must_use]
    pub fn faults_met(&self) -> u64 {
        self.shared.faults.fallen_due()
    }

    /// How many requests of one kind met a fault.
    #[must_use]
    pub fn faults_met_at(&self, operation: Operation) -> u64 {
        self.shared.faults.fallen_due_at(operation)
    }

    /// Stops in good order: requests under way are answered, within five seconds.
    pub async fn shutdown(self) {
        let [first, second, third, fourth] = self.running;
        tokio::join!(first.stop(), second.stop(), third.stop(), fourth.stop());
    }
}
