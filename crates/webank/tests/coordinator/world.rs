//! A bank, a shared cell with its lease, and processes that each run a coordinator; all on one clock that the test holds.

use std::sync::Arc;
use std::time::Duration;

use webank::credentials::{Coordinator, FetchFault, Policy, Published, Shared, Step, Verdict, Want, Writer};
use webank::{Credentials, Granted, Secret, UnixMillis, read_tickets, read_token};

pub const HOUR: Duration = Duration::from_secs(3600);
pub const GRACE: Duration = Duration::from_secs(300);

/// What the simulated bank knows.
#[derive(Default)]
pub struct Bank {
    made: u64,
    token: String,
    current: (String, u64),
    previous: (String, u64),
    /// WB-12: a new token ends all tickets at once.
    pub strict: bool,
    pub fetches: Vec<UnixMillis>,
}

impl Bank {
    fn new_token(&mut self, now: UnixMillis) -> String {
        self.made += 1;
        self.token = format!("token-{}", self.made);
        if self.strict {
            (self.current, self.previous) = Default::default();
        }
        self.fetches.push(now);
        self.token.clone()
    }

    fn new_ticket(&mut self, now: UnixMillis) -> String {
        self.made += 1;
        let (old, until) = std::mem::take(&mut self.current);
        self.previous = (old, until.min(now.saturating_add(GRACE).get()));
        let ticket = format!("ticket-{}", self.made);
        self.current = (ticket.clone(), now.saturating_add(HOUR).get());
        ticket
    }

    pub fn rival(&mut self, now: UnixMillis) {
        self.new_token(now);
        self.new_ticket(now);
        self.fetches.pop();
    }

    pub fn accepts(&self, ticket: &Secret, now: UnixMillis) -> bool {
        [&self.current, &self.previous]
            .iter()
            .any(|(known, until)| known == ticket.expose() && *until > now.get())
    }
}

pub struct Process {
    pub coordinator: Coordinator<&'static str>,
    name: usize,
}

/// What goes wrong next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The request never arrives.
    Before,
    /// It is carried out, and the answer is lost.
    After,
}

pub struct World {
    pub now: UnixMillis,
    pub bank: Bank,
    pub cell: Option<(u64, Secret)>,
    pub lease: Option<(usize, UnixMillis)>,
    pub store_down: bool,
    pub processes: Vec<Process>,
    pub policy: Policy,
    born: usize,
}

fn granted(kind: &str, value: &str) -> Granted {
    match kind {
        "token" => {
            read_token(format!(r#"{{"code":"60850000","access_token":"{value}"}}"#).as_bytes()).unwrap()
        }
        _ => {
            let body = format!(r#"{{"code":"60850000","tickets":[{{"value":"{value}"}}]}}"#);
            read_tickets(body.as_bytes(), HOUR).unwrap().remove(0)
        }
    }
}

impl World {
    pub fn new(processes: usize) -> Self {
        let mut world = Self {
            now: UnixMillis::new(1_700_000_000_000),
            bank: Bank::default(),
            cell: None,
            lease: None,
            store_down: false,
            processes: Vec::new(),
            policy: Policy::default(),
            born: 0,
        };
        (0..processes).for_each(|_| {
            let process = world.born();
            world.processes.push(process);
        });
        world
    }

    fn born(&mut self) -> Process {
        self.born += 1;
        let writer = Writer { host: "test".into(), pid: u32::try_from(self.born).unwrap() };
        let draw = u32::try_from(self.born).unwrap().wrapping_mul(0x9e37_79b9);
        Process { coordinator: Coordinator::new(self.policy.clone(), writer, draw), name: self.born }
    }

    /// kill -9: what the process knew is gone, its lease stays.
    pub fn crash(&mut self, process: usize) {
        self.processes[process] = self.born();
    }

    pub fn advance(&mut self, by: Duration) {
        self.now = self.now.saturating_add(by);
    }

    fn shared(&self) -> Option<Shared> {
        self.cell.as_ref().map(|(version, text)| Shared::read(*version, text).unwrap())
    }

    /// Lets a process do one thing; `false` when it has nothing to do.
    pub fn step(&mut self, process: usize, fault: Fault) -> bool {
        let (now, name) = (self.now, self.processes[process].name);
        let step = self.processes[process].coordinator.step(now);
        // A driver knows how old its lease is.
        let held = self.lease.is_some_and(|(owner, until)| owner == name && until > now);
        if matches!(step, Step::FetchToken | Step::FetchTicket(_)) && !held {
            self.processes[process].coordinator.lease_ended();
            return true;
        }
        let lost = fault != Fault::None;
        let down = if self.store_down { Err("store down") } else { Ok(()) };
        match step {
            Step::Wait { .. } => return false,
            Step::Read => {
                let found = down.map(|()| self.shared());
                self.processes[process].coordinator.read(found, now);
            }
            Step::Acquire => {
                let free = self.lease.is_none_or(|(owner, until)| owner == name || until <= now);
                if free && down.is_ok() {
                    self.lease = Some((name, now.saturating_add(self.policy.lease)));
                }
                let holder = Writer {
                    host: "test".into(),
                    pid: u32::try_from(self.lease.map_or(0, |(owner, _)| owner)).unwrap(),
                };
                self.processes[process].coordinator.acquired(down.map(|()| (!free).then_some(holder)));
            }
            Step::FetchToken => {
                let token = if fault == Fault::Before { String::new() } else { self.bank.new_token(now) };
                // No two tokens are granted at one instant, not even of a clock that a test holds.
                self.advance(Duration::from_millis(1));
                let result =
                    if lost { Err((FetchFault::Passing, "lost")) } else { Ok(granted("token", &token)) };
                self.processes[process].coordinator.token(result, now);
            }
            Step::FetchTicket(token) => {
                let result = if token.expose() != self.bank.token {
                    Err((FetchFault::TokenRefused, "60851002"))
                } else if fault == Fault::Before {
                    Err((FetchFault::Passing, "lost"))
                } else {
                    let ticket = self.bank.new_ticket(now);
                    if lost { Err((FetchFault::Passing, "lost")) } else { Ok(granted("ticket", &ticket)) }
                };
                self.processes[process].coordinator.ticket(result, now);
            }
            Step::Publish { expected, text } => {
                let version = self.cell.as_ref().map_or(0, |(version, _)| *version);
                let result = match down {
                    Err(error) => Err(error),
                    Ok(()) if version == expected => {
                        self.cell = Some((expected + 1, text));
                        if lost { Err("lost") } else { Ok(Published::Done(expected + 1)) }
                    }
                    Ok(()) => Ok(Published::Moved(self.shared())),
                };
                self.processes[process].coordinator.published(result, now);
            }
            Step::Release => {
                if self.lease.is_some_and(|(owner, _)| owner == name) && down.is_ok() {
                    self.lease = None;
                }
                self.processes[process].coordinator.released();
            }
            Step::Pause(_) => self.processes[process].coordinator.paused(),
        }
        true
    }

    /// Lets everybody work until nobody has anything to do at this instant; a process that waits for a lease that its
    /// dead owner still holds goes on for ever, so time passes in between.
    pub fn settle(&mut self) {
        for round in 0..10_000 {
            let busy = (0..self.processes.len()).filter(|&process| self.step(process, Fault::None)).count();
            if busy == 0 {
                return;
            }
            if round % 50 == 49 {
                self.advance(Duration::from_secs(1));
            }
        }
        panic!("it never comes to rest");
    }

    pub fn want(&mut self, process: usize, refused: Option<&Credentials>) -> Want {
        self.processes[process].coordinator.want(refused)
    }

    pub fn verdict(&mut self, process: usize, want: Want) -> Verdict<&'static str> {
        let now = self.now;
        self.processes[process].coordinator.verdict(want, now)
    }

    /// Waits for credentials as a call does.
    pub fn wait(&mut self, process: usize, want: Want) -> Result<Arc<Credentials>, String> {
        let ended = self.wait_on(process, want);
        self.processes[process].coordinator.left();
        ended
    }

    fn wait_on(&mut self, process: usize, want: Want) -> Result<Arc<Credentials>, String> {
        for round in 0..10_000 {
            match self.verdict(process, want) {
                Verdict::Ready(credentials) => return Ok(credentials),
                Verdict::Failed(failure) => return Err(format!("{failure:?}")),
                Verdict::Wait => {}
            }
            (0..self.processes.len()).for_each(|one| {
                self.step(one, Fault::None);
            });
            if round % 50 == 49 {
                self.advance(Duration::from_secs(1));
            }
        }
        panic!("it waits for ever");
    }

    /// Makes a call: with what there is, and once more after a refusal; where that was another process's, with our own.
    /// Says whether the bank accepted it.
    pub fn call(&mut self, process: usize) -> Result<bool, String> {
        let want = self.want(process, None);
        let mut used = self.wait(process, want)?;
        for _ in 0..2 {
            if self.bank.accepts(&used.ticket, self.now) {
                return Ok(true);
            }
            let now = self.now;
            self.processes[process].coordinator.refused(&used, now);
            let want = self.want(process, Some(&used));
            let newer = self.wait(process, want)?;
            assert_ne!(newer.ticket.expose(), used.ticket.expose(), "the retry sees the value that failed");
            used = newer;
            if usize::try_from(used.writer.pid) == Ok(self.processes[process].name) {
                break;
            }
        }
        Ok(self.bank.accepts(&used.ticket, self.now))
    }
}
