//! Calls, in any order and with crashes between them, to a journal in memory and to one in a file, with a ledger beside
//! them of what must be true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use platform_state::{
    Claim, Claimed, Enqueued, Item, Journal, MemoryJournal, Most, Owner, SqliteJournal, State, Ticket, Turn,
    Verdict, Writer,
};

/// What happens next.
#[derive(Debug, Clone)]
pub enum Call {
    /// Ids with contents, in a run.
    Enqueue(u64, Vec<(u8, u8)>),
    /// Records, weight, and whether the lease lasts.
    Claim(usize, u64, bool),
    /// Which of the claims so far; what becomes of its records: accepted, refused or neither.
    Settle(usize, Vec<u8>),
    Release(usize, bool),
    Renew(usize),
    Retry(usize),
    Forget(usize),
    /// The process dies and another one comes.
    Crash,
}

const LONG: Duration = Duration::from_secs(3600);

/// What must be true, whatever a journal says.
#[derive(Default)]
struct Ledger {
    /// The newest content of each id that is not forgotten.
    newest: BTreeMap<String, Vec<u8>>,
    /// The batches with what is left of them.
    lent: BTreeMap<u64, Lent>,
}

struct Lent {
    ticket: Ticket,
    ids: BTreeSet<String>,
    /// Does its lease last?
    long: bool,
}

impl Ledger {
    fn claimed(&mut self, claim: &Claim, long: bool) {
        let ids: BTreeSet<_> = claim.items.iter().map(|item| item.id.clone()).collect();
        assert_eq!(ids.len(), claim.items.len(), "an id is twice in a batch");
        let ticket = claim.ticket;
        let before = self.lent.insert(ticket.batch, Lent { ticket, ids, long });
        if let Some(before) = before {
            assert!(!before.long, "lent to two at once");
            assert_eq!(before.ids, self.lent[&ticket.batch].ids, "not the same records");
        }
        let lent: Vec<_> = self.lent.values().flat_map(|lent| &lent.ids).collect();
        assert_eq!(lent.iter().collect::<BTreeSet<_>>().len(), lent.len(), "lent twice");
    }

    /// The batch of a ticket that holds.
    fn held(&mut self, ticket: Ticket) -> Option<&mut Lent> {
        self.lent.get_mut(&ticket.batch).filter(|lent| lent.ticket == ticket)
    }

    fn sending(&self) -> bool {
        self.lent.values().any(|lent| lent.long)
    }
}

/// All records that are not accepted, by id: nothing else may be lost.
async fn all(journal: &dyn Journal, state: State) -> Vec<(String, Option<Vec<u8>>)> {
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = journal.export(state, from, 2).await.unwrap();
        found.extend(page.records.into_iter().map(|record| (record.id, record.content)));
        from = page.next;
        if from.is_none() {
            found.sort();
            return found;
        }
    }
}

async fn look(memory: &dyn Journal, file: &dyn Journal, ledger: &Ledger) {
    let counts = memory.counts().await.unwrap();
    assert_eq!(file.counts().await.unwrap(), counts);
    let mut ids = BTreeSet::new();
    let mut contents: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for state in State::ALL {
        let records = all(memory, state).await;
        assert_eq!(all(file, state).await, records, "{state}");
        assert_eq!(counts.of(state), records.len() as u64, "{state}");
        for (id, content) in records {
            contents.entry(id.clone()).or_default().extend(content);
            ids.insert(id);
        }
    }
    let known: BTreeSet<_> = ledger.newest.keys().cloned().collect();
    assert_eq!(ids, known, "a record is lost, or invented");
    for (id, newest) in &ledger.newest {
        let contents = &contents[id];
        assert!(contents.is_empty() || contents.contains(newest), "the newest content of {id} is lost");
    }
}

/// What a process leaves on the disk that is killed now: the files as they are, nothing written back, nothing closed.
fn left_behind(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["journal.db", "journal.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// Does it, in a folder that nobody else uses.
pub async fn follow(folder: &Path, calls: &[Call]) {
    let owner = Owner::new(Writer { host: "here".to_owned(), pid: 1 }, [1; 16]);
    let memory = MemoryJournal::new();
    let mut lives = 0_u32;
    let mut place = folder.join("0");
    let mut file = SqliteJournal::open(&place).await.unwrap();
    let (mut claims, mut ledger) = (Vec::<Claim>::new(), Ledger::default());
    for call in calls {
        let claim = |n: usize| claims.get(claims.len().wrapping_sub(1 + n)).cloned();
        match call {
            Call::Enqueue(run, pairs) => {
                let items = || -> Vec<_> {
                    let item = |(id, content): &(u8, u8)| {
                        Item::new(format!("号{id}"), vec![*content]).weigh(u32::from(*content) + 1)
                    };
                    pairs.iter().map(item).collect()
                };
                let said = memory.enqueue(*run, items()).await.unwrap();
                assert_eq!(file.enqueue(*run, items()).await.unwrap(), said);
                for ((id, content), said) in pairs.iter().zip(said) {
                    let id = format!("号{id}");
                    match said {
                        Enqueued::New => assert!(ledger.newest.insert(id, vec![*content]).is_none()),
                        Enqueued::Replaced(_) => {
                            assert_ne!(ledger.newest.insert(id, vec![*content]), Some(vec![*content]));
                        }
                        Enqueued::Known(_) | Enqueued::Repeated => {
                            assert_eq!(ledger.newest[&id], vec![*content]);
                        }
                        Enqueued::Taken => assert_ne!(ledger.newest[&id], vec![*content]),
                        other => panic!("{other:?}"),
                    }
                }
            }
            Call::Claim(items, weight, long) => {
                let lease = if *long { LONG } else { Duration::ZERO };
                let most = Most { items: *items, weight: *weight };
                let turn = memory.claim(&owner, most, lease).await.unwrap();
                let other = file.claim(&owner, most, lease).await.unwrap();
                match (turn, other) {
                    (Turn::Batch(claim), other) => {
                        assert_eq!(Turn::Batch(claim.clone()), other);
                        ledger.claimed(&claim, *long);
                        claims.push(claim);
                    }
                    (Turn::Wait(_), Turn::Wait(left)) => assert!(ledger.sending() && left <= LONG),
                    (Turn::Empty, Turn::Empty) => assert!(ledger.lent.is_empty(), "nobody sends it again"),
                    other => panic!("{other:?}"),
                }
            }
            Call::Settle(n, what) => {
                let Some(claim) = claim(*n) else { continue };
                let refused = Verdict::Refused { code: "300".to_owned(), message: "异常".to_owned() };
                let verdicts: Vec<_> = (claim.items.iter().zip(what))
                    .filter_map(|(item, what)| match what {
                        0 => Some((item.place, Verdict::Accepted)),
                        1 => Some((item.place, refused.clone())),
                        _ => None,
                    })
                    .collect();
                let held = memory.settle(claim.ticket, verdicts.clone()).await.unwrap();
                assert_eq!(file.settle(claim.ticket, verdicts.clone()).await.unwrap(), held);
                let lent = ledger.held(claim.ticket);
                assert_eq!(lent.is_some(), held);
                if let Some(lent) = lent {
                    let settled = |item: &Claimed| verdicts.iter().any(|(at, _)| *at == item.place);
                    for item in claim.items.iter().filter(|item| settled(item)) {
                        lent.ids.remove(&item.id);
                    }
                }
            }
            Call::Release(n, sent) => {
                let Some(claim) = claim(*n) else { continue };
                let held = memory.release(claim.ticket, *sent).await.unwrap();
                assert_eq!(file.release(claim.ticket, *sent).await.unwrap(), held);
                let lent = ledger.held(claim.ticket);
                assert_eq!(lent.is_some(), held);
                if let Some(lent) = lent {
                    lent.long = false;
                    // Nobody has it now.
                    lent.ticket.attempt = 0;
                    // What was sent, or may have been, stays together.
                    if !*sent && claim.ticket.attempt == 1 {
                        ledger.lent.remove(&claim.ticket.batch);
                    }
                }
            }
            Call::Renew(n) => {
                let Some(claim) = claim(*n) else { continue };
                let held = memory.renew(claim.ticket, LONG).await.unwrap();
                assert_eq!(file.renew(claim.ticket, LONG).await.unwrap(), held);
                let lent = ledger.held(claim.ticket);
                assert_eq!(lent.is_some(), held);
                if let Some(lent) = lent {
                    lent.long = true;
                }
            }
            Call::Retry(most) => {
                let queued = memory.retry(*most).await.unwrap();
                assert_eq!(file.retry(*most).await.unwrap(), queued);
            }
            Call::Forget(most) => {
                // All were accepted at about the same time, so that either journal may forget others: all or none.
                let most = if *most == 0 { 0 } else { usize::MAX };
                let before = all(&memory, State::Accepted).await;
                let forgotten = memory.forget(Duration::ZERO, most).await.unwrap();
                assert_eq!(file.forget(Duration::ZERO, most).await.unwrap(), forgotten);
                assert_eq!(forgotten, if most == 0 { 0 } else { before.len() });
                if most > 0 {
                    before.iter().for_each(|(id, _)| drop(ledger.newest.remove(id)));
                }
            }
            Call::Crash => {
                lives += 1;
                let next = folder.join(lives.to_string());
                left_behind(&place, &next);
                place = next;
                file = SqliteJournal::open(&place).await.unwrap();
            }
        }
        ledger.lent.retain(|_, lent| !lent.ids.is_empty());
        look(&memory, &file, &ledger).await;
    }
}
