//! The scripts of a journal, which make each change atomic.
//!
//! Its keys begin with `duijie:{journal}`:
//!
//! - `:meta`, a hash: `f`ormat (1), `target`, the last `place` and batch `number`, how many are `queued`, `accepted`,
//!   `refused`; where forgetting goes on (`sweep`), the earliest acceptance that it has seen (`seen`), and a moment before
//!   which nothing that is known was accepted (`oldest`);
//! - `:queue`, a stream with one entry a record, `{place}-0` with `i`d, `c`ontent, `w`eight; its group `push` has one
//!   consumer for each batch, named by its number, so that what is pending for it is what is left of the batch;
//! - `:batches`, a hash: number → attempt, length and end of the lease, doubt, owner;
//! - `:known`, a hash: id → 32 hex digits of the newest content's fingerprint, 16 of the run, then `w` and a place, `r`
//!   and a place, or `a` and the time;
//! - `:held`, a hash: id → newer content and weight, which follow what is being sent;
//! - `:refused`, a hash: place → id, content, weight, code, message; `:refusals`, their places in order.

use std::sync::LazyLock;

use ::redis::{Script, ScriptInvocation};

const PREFIX: &str = "duijie:{journal}";

/// What the scripts share. Answers `{'!', format}` where the journal is not ours.
const COMMON: &str = r"
local P = KEYS[1]
local META, QUEUE, BATCHES, KNOWN = P .. ':meta', P .. ':queue', P .. ':batches', P .. ':known'
local HELD, REFUSED, REFUSALS = P .. ':held', P .. ':refused', P .. ':refusals'
local call = redis.call
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local format = call('HGET', META, 'f')
if not format then
  if call('EXISTS', META, QUEUE, KNOWN) > 0 then return {'!', '?'} end
  call('HSET', META, 'f', '1', 'oldest', string.format('%.0f', now))
  call('XGROUP', 'CREATE', QUEUE, 'push', '0', 'MKSTREAM')
elseif format ~= '1' then return {'!', format} end
local function text(n) return string.format('%.0f', n) end
-- Lua writes a negative zero, which is no number to the server.
local function count(name, by) return call('HINCRBY', META, name, text(by + 0 == 0 and 0 or by)) end
local function batch(number)
  local row = call('HGET', BATCHES, number)
  if not row then return nil end
  local it = cmsgpack.unpack(row)
  local left = it.till - now
  it.sending = left > 0 and left <= it.length
  return it
end
local function keep(number, it)
  it.sending = nil
  call('HSET', BATCHES, number, cmsgpack.pack(it))
end
local function put(id, content, weight)
  local place = text(count('place', 1))
  call('XADD', QUEUE, place .. '-0', 'i', id, 'c', content, 'w', weight)
  return place
end
local function known(id)
  local row = call('HGET', KNOWN, id)
  if not row then return nil end
  return {print = row:sub(1, 32), run = row:sub(33, 48), at = row:sub(49, 49), where = row:sub(50)}
end
local function know(id, print, run, at, where) call('HSET', KNOWN, id, print .. run .. at .. where) end
local function pending(place)
  local found = call('XPENDING', QUEUE, 'push', place .. '-0', place .. '-0', 1)
  return found[1] and found[1][2]
end
local function fields(entry)
  local f = {}
  for i = 1, #entry[2], 2 do f[entry[2][i]] = entry[2][i + 1] end
  return f.i, f.c, f.w
end
local function take(place)
  call('XACK', QUEUE, 'push', place .. '-0')
  call('XDEL', QUEUE, place .. '-0')
end
local function entries(number)
  local got = call('XREADGROUP', 'GROUP', 'push', number, 'COUNT', 1000000, 'STREAMS', QUEUE, '0')
  return got and got[1] and got[1][2] or {}
end
local function done(number)
  call('HDEL', BATCHES, number)
  call('XGROUP', 'DELCONSUMER', QUEUE, 'push', number)
end
";

/// Argument: the target, or nothing.
static SERVE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"if ARGV[1] ~= '' then call('HSETNX', META, 'target', ARGV[1]) end
return call('HGET', META, 'target')",
    )
});

/// Arguments: the run, then id, fingerprint, content and weight of each record. Answers a word for each.
static ENQUEUE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local run, said = ARGV[1], {}
for i = 2, #ARGV, 4 do
  local id, print, content, weight = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local it = known(id)
  local word
  if not it then
    know(id, print, run, 'w', put(id, content, weight))
    count('queued', 1)
    word = 'new'
  elseif it.run == run then
    word = it.print == print and 'repeated' or 'taken'
  else
    local state
    if it.at == 'a' then state = 'accepted'
    elseif it.at == 'r' then state = 'refused'
    else
      local number = pending(it.where)
      if not number then state = 'queued'
      else
        local lent = batch(number)
        state = lent and lent.sending and 'sending' or 'unknown'
      end
    end
    if it.print == print then
      know(id, print, run, it.at, it.where)
      word = 'known ' .. state
    else
      word = 'replaced ' .. state
      if state == 'sending' or state == 'unknown' then
        if call('HSET', HELD, id, cmsgpack.pack({content, weight})) == 1 then count('queued', 1) end
        know(id, print, run, 'w', it.where)
      else
        if state == 'queued' then call('XDEL', QUEUE, it.where .. '-0') else count('queued', 1) end
        if state == 'accepted' then count('accepted', -1) end
        if state == 'refused' then
          count('refused', -1)
          call('HDEL', REFUSED, it.where)
          call('ZREM', REFUSALS, it.where)
        end
        know(id, print, run, 'w', put(id, content, weight))
      end
    end
  end
  said[#said + 1] = word
end
return said",
    )
});

/// Arguments: records, weight, milliseconds of the lease, owner. Answers number, attempt and entries; or how long
/// others' leases last; or nothing.
static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local length = tonumber(ARGV[3])
local first, soonest
for _, number in ipairs(call('HKEYS', BATCHES)) do
  local it = batch(number)
  if not it.sending then
    if not first or tonumber(number) < tonumber(first) then first = number end
  elseif not soonest or it.till - now < soonest then soonest = it.till - now end
end
if first then
  local it = batch(first)
  it.attempt, it.length, it.till, it.doubt, it.owner = it.attempt + 1, length, now + length, 1, ARGV[4]
  keep(first, it)
  return {first, text(it.attempt), entries(first)}
end
local number = text(count('number', 1))
local got = call('XREADGROUP', 'GROUP', 'push', number, 'COUNT', ARGV[1], 'STREAMS', QUEUE, '>')
local all = got and got[1] and got[1][2] or {}
if #all == 0 then
  call('XGROUP', 'DELCONSUMER', QUEUE, 'push', number)
  if soonest then return {text(soonest)} end
  return {}
end
local weight, items = 0, {}
for i = 1, #all do
  local _, _, w = fields(all[i])
  weight = weight + tonumber(w)
  if i > 1 and weight > tonumber(ARGV[2]) then break end
  items[i] = all[i]
end
-- What is too much is delivered to the next one.
for i = #items + 1, #all do call('XACK', QUEUE, 'push', all[i][1]) end
if #items < #all then call('XGROUP', 'SETID', QUEUE, 'push', items[#items][1]) end
keep(number, {attempt = 1, length = length, till = now + length, doubt = 0, owner = ARGV[4]})
count('queued', -#items)
return {number, '1', items}",
    )
});

/// Arguments: number, attempt, milliseconds of the lease.
static RENEW: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local it = batch(ARGV[1])
if not it or text(it.attempt) ~= ARGV[2] then return 0 end
it.length = tonumber(ARGV[3])
it.till = now + it.length
keep(ARGV[1], it)
return 1",
    )
});

/// Arguments: number, attempt, then place, `a` or `r`, code and message of each record.
static SETTLE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local number = ARGV[1]
local it = batch(number)
if not it or text(it.attempt) ~= ARGV[2] then return 0 end
for i = 3, #ARGV, 4 do
  local place, verdict, code, message = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if pending(place) == number then
    local entry = call('XRANGE', QUEUE, place .. '-0', place .. '-0')[1]
    local id, content, weight = fields(entry)
    local record = known(id)
    take(place)
    local newer = call('HGET', HELD, id)
    if newer then
      newer = cmsgpack.unpack(newer)
      call('HDEL', HELD, id)
      know(id, record.print, record.run, 'w', put(id, newer[1], newer[2]))
    elseif verdict == 'a' then
      know(id, record.print, record.run, 'a', text(now))
      count('accepted', 1)
    else
      call('HSET', REFUSED, place, cmsgpack.pack({id, content, weight, code, message}))
      call('ZADD', REFUSALS, place, place)
      know(id, record.print, record.run, 'r', place)
      count('refused', 1)
    end
  end
end
if #call('XPENDING', QUEUE, 'push', '-', '+', 1, number) == 0 then done(number) end
return 1",
    )
});

/// Arguments: number, attempt, 1 if it was sent.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local number = ARGV[1]
local it = batch(number)
if not it or text(it.attempt) ~= ARGV[2] then return 0 end
if ARGV[3] == '1' or it.doubt == 1 then
  -- The ticket is void: a renewal that comes late must not bring the lease back.
  it.till, it.attempt = 0, it.attempt + 1
  keep(number, it)
  return 1
end
for _, entry in ipairs(entries(number)) do
  local id, content, weight = fields(entry)
  local record = known(id)
  take(entry[1]:match('^%d+'))
  local newer = call('HGET', HELD, id)
  if newer then
    newer = cmsgpack.unpack(newer)
    call('HDEL', HELD, id)
    content, weight = newer[1], newer[2]
  else
    count('queued', 1)
  end
  know(id, record.print, record.run, 'w', put(id, content, weight))
end
done(number)
return 1",
    )
});

/// Answers how many are queued, sending, unknown, accepted, refused.
static COUNTS: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local sending, unknown = 0, 0
for _, consumer in ipairs(call('XINFO', 'CONSUMERS', QUEUE, 'push')) do
  local f = {}
  for i = 1, #consumer, 2 do f[consumer[i]] = consumer[i + 1] end
  local it = batch(f.name)
  if it and it.sending then sending = sending + f.pending else unknown = unknown + f.pending end
end
local function of(name) return tonumber(call('HGET', META, name) or '0') end
return {of('queued'), sending, unknown, of('accepted'), of('refused')}",
    )
});

/// Arguments: state, cursor, how many. Answers the next cursor or nothing, then id, content, code and message of each.
static EXPORT: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local state, from, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local answer = {''}
local function add(id, content, code, message)
  for _, value in ipairs({id, content or '', code or '', message or ''}) do answer[#answer + 1] = value end
end
if state == 'accepted' then
  local scanned = call('HSCAN', KNOWN, from == '' and '0' or from, 'COUNT', most)
  for i = 1, #scanned[2], 2 do
    if scanned[2][i + 1]:sub(49, 49) == 'a' then add(scanned[2][i]) end
  end
  if scanned[1] ~= '0' then answer[1] = scanned[1] end
elseif state == 'refused' then
  local places = call('ZRANGEBYSCORE', REFUSALS, from == '' and '-inf' or '(' .. from, '+inf', 'LIMIT', 0, most + 1)
  for i = 1, math.min(most, #places) do
    local it = cmsgpack.unpack(call('HGET', REFUSED, places[i]))
    add(it[1], it[2], it[4], it[5])
  end
  if #places > most then answer[1] = places[most] end
elseif state == 'queued' then
  if from == '' then
    for _, group in ipairs(call('XINFO', 'GROUPS', QUEUE)) do
      for i = 1, #group, 2 do if group[i] == 'last-delivered-id' then from = group[i + 1] end end
    end
  end
  local number, sequence = from:match('^(%d+)-(%d+)$')
  local start = sequence and number .. '-' .. text(tonumber(sequence) + 1) or '-'
  local all = call('XRANGE', QUEUE, start, '+', 'COUNT', most + 1)
  for i = 1, math.min(most, #all) do add(fields(all[i])) end
  -- A weight is no code.
  for i = 4, #answer, 4 do answer[i] = '' end
  if #all > most then answer[1] = all[most][1] end
else
  local last
  for _, row in ipairs(call('XPENDING', QUEUE, 'push', '-', '+', 1000000)) do
    local place = row[1]:match('^%d+')
    local it = batch(row[2])
    if (state == 'sending') == (it ~= nil and it.sending) and (from == '' or tonumber(place) > tonumber(from)) then
      if #answer >= most * 4 then
        answer[1] = last
        break
      end
      local id, content = fields(call('XRANGE', QUEUE, row[1], row[1])[1])
      add(id, content)
      last = place
    end
  end
end
return answer",
    )
});

/// Argument: how many.
static RETRY: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local places = call('ZRANGEBYSCORE', REFUSALS, '-inf', '+inf', 'LIMIT', 0, ARGV[1])
for _, place in ipairs(places) do
  local it = cmsgpack.unpack(call('HGET', REFUSED, place))
  local record = known(it[1])
  call('HDEL', REFUSED, place)
  call('ZREM', REFUSALS, place)
  know(it[1], record.print, record.run, 'w', put(it[1], it[2], it[3]))
end
count('refused', -#places)
count('queued', #places)
return #places",
    )
});

/// Arguments: milliseconds, how many. Walks on where the last one stopped, a little way, so that no call takes long.
/// Answers how many it forgot, where it began, and where the next one goes on; `0` is the beginning of a sweep.
///
/// A journal of a million records is not walked through each time a process begins: where nothing can be as old as that,
/// this is said at once. Where days count, an hour does not.
static FORGET: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"local age, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local began = call('HGET', META, 'sweep') or '0'
local oldest = tonumber(call('HGET', META, 'oldest') or '0')
local slack = age >= 86400000 and 3600000 or 0
if began == '0' and oldest + slack > now - age then return {0, '0', '0'} end
local cursor, forgotten = began, 0
local seen = began ~= '0' and tonumber(call('HGET', META, 'seen')) or now
for _ = 1, 5 do
  local scanned = call('HSCAN', KNOWN, cursor, 'COUNT', 1000)
  local left = false
  for i = 1, #scanned[2], 2 do
    local row = scanned[2][i + 1]
    if row:sub(49, 49) == 'a' then
      local at = tonumber(row:sub(50))
      if at > now - age then seen = math.min(seen, at)
      elseif forgotten < most then forgotten = forgotten + call('HDEL', KNOWN, scanned[2][i])
      else left = true end
    end
  end
  -- What is left of these comes again.
  if left then break end
  cursor = scanned[1]
  if cursor == '0' then call('HSET', META, 'oldest', text(seen)) end
  if cursor == '0' or forgotten >= most then break end
end
call('HSET', META, 'sweep', cursor, 'seen', text(seen))
count('accepted', -forgotten)
return {forgotten, began, cursor}",
    )
});

fn script(body: &str) -> Script {
    Script::new(&format!("{COMMON}{body}"))
}

/// Which script.
#[derive(Clone, Copy)]
pub(super) enum Task {
    Serve,
    Enqueue,
    Claim,
    Renew,
    Settle,
    Release,
    Counts,
    Export,
    Retry,
    Forget,
}

pub(super) fn task(task: Task) -> ScriptInvocation<'static> {
    let script: &'static Script = match task {
        Task::Serve => &SERVE,
        Task::Enqueue => &ENQUEUE,
        Task::Claim => &CLAIM,
        Task::Renew => &RENEW,
        Task::Settle => &SETTLE,
        Task::Release => &RELEASE,
        Task::Counts => &COUNTS,
        Task::Export => &EXPORT,
        Task::Retry => &RETRY,
        Task::Forget => &FORGET,
    };
    script.key(PREFIX)
}
