//! The scripts, which make each change atomic, and their answers.

use std::sync::LazyLock;
use std::time::Duration;

use ::redis::{Script, ScriptInvocation, Value, from_redis_value_ref};
use sign_core::Secret;

use super::fault::Fault;
use crate::span;
use crate::{Entry, Key, Lease, Owner, Put, Swap, Writer};

/// A cell is a hash of `f`ormat (1), `v`ersion, `d`ata, `h`ost, `p`id and `t`ime of the put in milliseconds. Leaves the
/// fields in `cell`, followed by the server's time; the format is `?` where the key is not ours.
const CELL: &str = r"
local cell = redis.call('HMGET', KEYS[1], 'f', 'v', 'd', 'h', 'p', 't')
local clock = redis.call('TIME')
cell[7] = string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000))
if not cell[1] and redis.call('EXISTS', KEYS[1]) == 1 then cell[1] = '?' end
";

static READ: LazyLock<Script> = LazyLock::new(|| Script::new(&format!("{CELL} return cell")));

/// Arguments: expected version, new version, value, host, pid, milliseconds to keep it or nothing. Everything is
/// overwritten by one command, so that a server out of memory refuses before anything has changed.
static SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{CELL}
if (cell[2] or '0') ~= ARGV[1] or (cell[1] and cell[1] ~= '1') then return cell end
redis.call('HSET', KEYS[1], 'f', '1', 'v', ARGV[2], 'd', ARGV[3], 'h', ARGV[4], 'p', ARGV[5], 't', cell[7])
if ARGV[6] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return 1"
    ))
});

/// A lease is a hash of the `o`wner's id, `h`ost and `p`id, and of its `l`ength in milliseconds, with an end. Arguments:
/// the same four. With more time left than its length it is from before the clock was set back: it is cut to its length,
/// and does not end at once, because its owner may be at work.
static ACQUIRE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local lease = redis.call('HMGET', KEYS[1], 'o', 'h', 'p', 'l')
local left = redis.call('PTTL', KEYS[1])
local length = tonumber(lease[4] or '0')
if lease[1] and lease[1] ~= ARGV[1] and left > 0 and length > 0 then
  if left > length then
    redis.call('PEXPIRE', KEYS[1], length)
    left = length
  end
  return {lease[2], lease[3], left}
end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'h', ARGV[2], 'p', ARGV[3], 'l', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1",
    )
});

/// Argument: the owner's id.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('HGET', KEYS[1], 'o') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1",
    )
});

/// The braces are for clusters and their proxies: cell and lease lie together.
fn cell(key: &Key) -> String {
    format!("duijie:{{{key}}}")
}

fn lease_of(key: &Key) -> String {
    format!("duijie:{{{key}}}:lease")
}

/// Changes nothing, but needs what the others need.
pub(super) fn probe() -> ScriptInvocation<'static> {
    READ.key("duijie:{platform-state/probe}")
}

pub(super) fn read(key: &Key) -> ScriptInvocation<'static> {
    READ.key(cell(key))
}

pub(super) fn swap(key: &Key, expected: u64, version: u64, put: Put<'_>) -> ScriptInvocation<'static> {
    let keep = put.keep.map(|keep| span::millis(keep).to_string()).unwrap_or_default();
    let mut script = SWAP.key(cell(key));
    script.arg(expected).arg(version).arg(put.value.expose());
    script.arg(&put.writer.host).arg(put.writer.pid).arg(keep);
    script
}

pub(super) fn acquire(key: &Key, owner: &Owner, time: Duration) -> ScriptInvocation<'static> {
    let mut script = ACQUIRE.key(lease_of(key));
    script.arg(owner.id()).arg(&owner.writer().host).arg(owner.writer().pid).arg(span::millis(time));
    script
}

pub(super) fn release(key: &Key, owner: &Owner) -> ScriptInvocation<'static> {
    let mut script = RELEASE.key(lease_of(key));
    script.arg(owner.id());
    script
}

/// The seven fields that [`CELL`] leaves, as an entry.
pub(super) fn entry(answer: &Value) -> Result<Option<Entry>, Fault> {
    let Value::Array(fields) = answer else { return Err(Fault::foreign()) };
    let [format, version, value, host, pid, put, now] = fields.as_slice() else {
        return Err(Fault::foreign());
    };
    match take::<Option<String>>(format)?.as_deref() {
        None => return Ok(None),
        Some("1") => {}
        Some(other) => return Err(other.parse().map_or_else(|_| Fault::foreign(), Fault::newer)),
    }
    let value = Secret::new(take::<String>(value)?).map_err(|_| Fault::foreign())?;
    let writer = Writer { host: take(host)?, pid: take(pid)? };
    // A clock that was set back makes a cell look new.
    let age = take::<u64>(now)?.saturating_sub(take(put)?);
    Ok(Some(Entry::new(take(version)?, value, writer, Duration::from_millis(age))))
}

/// What a swap to `version` has answered.
pub(super) fn swapped(answer: &Value, version: u64) -> Result<Swap, Fault> {
    if let Value::Int(1) = answer { Ok(Swap::Done(version)) } else { entry(answer).map(Swap::Moved) }
}

/// What asking for a lease has answered.
pub(super) fn lease(answer: &Value) -> Result<Lease, Fault> {
    match answer {
        Value::Int(1) => Ok(Lease::Held),
        Value::Array(fields) => match fields.as_slice() {
            [host, pid, left] => Ok(Lease::Busy {
                by: Writer { host: take(host)?, pid: take(pid)? },
                remaining: Duration::from_millis(take(left)?),
            }),
            _ => Err(Fault::foreign()),
        },
        _ => Err(Fault::foreign()),
    }
}

pub(super) fn take<T: ::redis::FromRedisValue>(value: &Value) -> Result<T, Fault> {
    from_redis_value_ref(value).map_err(|_| Fault::foreign())
}
