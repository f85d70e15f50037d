/**
 * What has to be done in one step, in Redis's own Lua. Keys, all under one prefix:
 *
 *   gateways              hash   gateway → name of its chain
 *   lease:<gateway>       string until its lease runs out
 *   held:<gateway>        hash   call → its agent
 *   calls:<agent>         hash   call → the call as its gateway has it
 *   where:<id>            string the gateway that has the call or session with this id
 *   wanted:<scope>        string as long as somebody follows the scope, or may come back to it
 *   seq:<scope>           string number of its last event
 *   log:<scope>           list   its last events, "number text"
 *   kept:<key>            string tickets
 *
 * Channels: scope:<scope>, gateway:<gateway>. Scripts name keys that are not among KEYS, so this is for one Redis, or for one
 * behind a sentinel or a proxy; not for a Redis Cluster.
 */
const prefix = 'tonelock:';
export const scopeChannel = (scope: string): string => `${prefix}scope:${scope}`;
export const gatewayChannel = (gateway: string): string => `${prefix}gateway:${gateway}`;
export const keptKey = (key: string): string => `${prefix}kept:${key}`;
export const whereKey = (id: string): string => `${prefix}where:${id}`;

/** Events that are kept for who comes back; as many as a gateway keeps itself. */
const logMax = 256;
/** How long a scope's events are kept after the last word that they are wanted. */
const wantedMs = 60 * 60_000;
/** How long after its last event requests find the gateway of a call or session, and of a call that is over. */
const whereMs = 12 * 60 * 60_000;
const whereAfterMs = 15 * 60_000;

/** What followers hear in place of an event: look at the state again. */
export const anewWord = 'anew';

const lua = (text: string): string => `local p = '${prefix}'\n${text}`;

/** ARGV: gateway, call, held ('gone' | 'untouched' | agent), text of held, only if held, now, number of ids, ids, number of scopes, scopes, entries by two. */
export const appendScript = lua(`
local gateway, call, agent, text, must, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local mine = p .. 'held:' .. gateway
local before = redis.call('HGET', mine, call)
local leased = redis.call('EXISTS', p .. 'lease:' .. gateway) == 1
if must == '1' and (leased or not before) then return 0 end
if must == '0' and not leased then return 2 end
local at = 7
local ids = {}
for i = 1, tonumber(ARGV[at]) do ids[i] = ARGV[at + i] end
at = at + #ids + 1
local scopes = {}
for i = 1, tonumber(ARGV[at]) do scopes[i] = ARGV[at + i] end
at = at + #scopes + 1
if agent ~= 'untouched:' then
  if before and before ~= agent then redis.call('HDEL', p .. 'calls:' .. before, call) end
  if agent == 'gone:' then
    redis.call('HDEL', mine, call)
    for _, id in ipairs(ids) do
      if redis.call('GET', p .. 'where:' .. id) == gateway then redis.call('PEXPIRE', p .. 'where:' .. id, ${whereAfterMs}) end
    end
  else
    redis.call('HSET', mine, call, agent)
    redis.call('HSET', p .. 'calls:' .. agent, call, text)
    for _, id in ipairs(ids) do redis.call('SET', p .. 'where:' .. id, gateway, 'PX', ${whereMs}) end
  end
end
for _, scope in ipairs(scopes) do
  if redis.call('EXISTS', p .. 'wanted:' .. scope) == 1 then
    if at > #ARGV then redis.call('PUBLISH', p .. 'scope:' .. scope, '${anewWord}') end
    for i = at, #ARGV, 2 do
      local own = scope == '*' or agent == 'gone:' or agent == 'untouched:' or scope == agent
      local body = own and ARGV[i] or ARGV[i + 1]
      if redis.call('EXISTS', p .. 'seq:' .. scope) == 0 then redis.call('SET', p .. 'seq:' .. scope, now, 'PX', ${wantedMs}) end
      redis.call('INCR', p .. 'seq:' .. scope)
      local line = redis.call('GET', p .. 'seq:' .. scope) .. ' ' .. body
      if redis.call('RPUSH', p .. 'log:' .. scope, line) == 1 then redis.call('PEXPIRE', p .. 'log:' .. scope, ${wantedMs}) end
      redis.call('LTRIM', p .. 'log:' .. scope, -${logMax}, -1)
      redis.call('PUBLISH', p .. 'scope:' .. scope, line)
    end
  end
end
return 1`);

const callsOf = `
local function calls(scope)
  if scope ~= '*' then return redis.call('HVALS', p .. 'calls:' .. scope) end
  local found = {}
  for _, gateway in ipairs(redis.call('HKEYS', p .. 'gateways')) do
    local held = redis.call('HGETALL', p .. 'held:' .. gateway)
    for i = 1, #held, 2 do
      local text = redis.call('HGET', p .. 'calls:' .. held[i + 1], held[i])
      if text then found[#found + 1] = text end
    end
  end
  return found
end`;

/** ARGV: scope. Calls of the scope. */
export const callsScript = lua(`${callsOf}\nreturn calls(ARGV[1])`);

/**
 * ARGV: scope, at least, now. The last number, the events that are kept, the calls. Numbers are compared as text of one
 * length: they are beyond what Lua writes as a whole number by itself.
 */
export const openScript = lua(`${callsOf}
local scope, least, now = ARGV[1], ARGV[2], ARGV[3]
local seqKey, logKey = p .. 'seq:' .. scope, p .. 'log:' .. scope
local seq = redis.call('GET', seqKey)
local from = tonumber(least) > tonumber(now) and least or now
if not seq then
  redis.call('DEL', logKey)
  seq = from
elseif tonumber(least) > tonumber(seq) then
  redis.call('DEL', logKey)
  seq = least
end
redis.call('SET', seqKey, seq, 'PX', ${wantedMs})
redis.call('SET', p .. 'wanted:' .. scope, 1, 'PX', ${wantedMs})
redis.call('PEXPIRE', logKey, ${wantedMs})
return { seq, redis.call('LRANGE', logKey, 0, -1), calls(scope) }`);

/** ARGV: scopes. */
export const wantScript = lua(`
for _, scope in ipairs(ARGV) do
  redis.call('SET', p .. 'wanted:' .. scope, 1, 'PX', ${wantedMs})
  redis.call('PEXPIRE', p .. 'seq:' .. scope, ${wantedMs})
  redis.call('PEXPIRE', p .. 'log:' .. scope, ${wantedMs})
end
return 1`);

/**
 * ARGV: gateway, chain, lease in ms. Whether it was known, how many are alive, and those that are not by two: gateway, chain.
 * Who had the same chain before is dead: the storage gives a chain to one.
 */
export const beatScript = lua(`
local gateway, chain, lease = ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HEXISTS', p .. 'gateways', gateway)
redis.call('HSET', p .. 'gateways', gateway, chain)
redis.call('SET', p .. 'lease:' .. gateway, 1, 'PX', lease)
local missing, alive = {}, 0
local all = redis.call('HGETALL', p .. 'gateways')
for i = 1, #all, 2 do
  if all[i] ~= gateway and all[i + 1] == chain then redis.call('DEL', p .. 'lease:' .. all[i]) end
  if redis.call('EXISTS', p .. 'lease:' .. all[i]) == 1 then alive = alive + 1 else
    missing[#missing + 1] = all[i]
    missing[#missing + 1] = all[i + 1]
  end
end
return { known, alive, missing }`);

/** ARGV: id, gateway, ms, wanted gateway. Who has the id from now on. */
export const claimScript = lua(`
local key, gateway = p .. 'where:' .. ARGV[1], ARGV[2]
local holder = redis.call('GET', key)
if not holder or redis.call('EXISTS', p .. 'lease:' .. holder) == 0 then holder = ARGV[4] end
if redis.call('EXISTS', p .. 'lease:' .. holder) == 0 then holder = gateway end
redis.call('SET', key, holder, 'PX', ARGV[3])
return holder`);

/** ARGV: gateway. Its calls by two: call, text. */
export const heldScript = lua(`
local found = {}
local held = redis.call('HGETALL', p .. 'held:' .. ARGV[1])
for i = 1, #held, 2 do
  found[#found + 1] = held[i]
  found[#found + 1] = redis.call('HGET', p .. 'calls:' .. held[i + 1], held[i]) or ''
end
return found`);

/** ARGV: gateway. Not one that has calls still, or that lives. */
export const forgetScript = lua(`
if redis.call('EXISTS', p .. 'lease:' .. ARGV[1]) == 1 or redis.call('HLEN', p .. 'held:' .. ARGV[1]) > 0 then return 0 end
return redis.call('HDEL', p .. 'gateways', ARGV[1])`);

/** ARGV: gateway. Gives up its lease: the next beat of another sees to what is left. */
export const leaveScript = lua(`
redis.call('DEL', p .. 'lease:' .. ARGV[1])
if redis.call('HLEN', p .. 'held:' .. ARGV[1]) == 0 then redis.call('HDEL', p .. 'gateways', ARGV[1]) end
return 1`);
