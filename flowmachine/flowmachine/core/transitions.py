"""The states of a query and the moves between them, made by one atomic script in Redis."""

from enum import StrEnum

import attrs


class QueryState(StrEnum):
    """The states of a query."""

    KNOWN = "known"
    QUEUED = "queued"
    EXECUTING = "executing"
    COMPLETED = "completed"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    RESETTING = "resetting"

    @property
    def description(self) -> str:
        """The words that replies use for the state."""
        return _DESCRIPTIONS[self]

    @property
    def in_flight(self) -> bool:
        """Whether somebody is at work on the query."""
        return self in (QueryState.QUEUED, QueryState.EXECUTING, QueryState.RESETTING)


_DESCRIPTIONS = {
    QueryState.KNOWN: "is known, but has not yet been run",
    QueryState.QUEUED: "is queued",
    QueryState.EXECUTING: "is currently running",
    QueryState.COMPLETED: "is ready",
    QueryState.ERRORED: "finished with an error",
    QueryState.CANCELLED: "was cancelled",
    QueryState.RESETTING: "is being reset",
}


@attrs.frozen
class Record:
    """What Redis knows of a query.

    Parameters
    ----------
    state : QueryState
    error : str
        Why it errored.
    orphaned : bool
        Whether it was accepted by a process that died, or stopped, before it ended.
    """

    state: QueryState = QueryState.KNOWN
    error: str = ""
    orphaned: bool = False


# KEYS: records. ARGV: event, owner, lease in ms, error, channel, retention in s, then the id of each record.
# A record in flight whose lease has run out reads as known. Events of "mine" need a record that is this
# owner's, or that Redis has lost: the owner's word is then the only one there is. Without an owner
# is what is presumed because FlowDB says that it was accepted: its owner, if alive, has a lease to claim it.
TRANSITION = """
local moves = {
  queue = {known='queued', errored='queued', cancelled='queued'},
  remake = {completed='queued'},
  execute = {queued='executing'},
  finish = {executing='completed', queued='completed', known='completed'},
  adopt = {known='completed', errored='completed', cancelled='completed'},
  error = {executing='errored', queued='errored', known='errored'},
  cancel = {queued='cancelled', executing='cancelled'},
  presume = {known='queued'},
  release = {queued='queued', executing='executing', resetting='resetting'},
  reset = {completed='resetting', errored='resetting', cancelled='resetting'},
  finish_resetting = {resetting='known'},
  renew_queued = {queued='queued', known='queued'},
  renew_executing = {executing='executing', known='executing', queued='executing'},
  renew_resetting = {resetting='resetting'},
}
local in_flight = {queued=true, executing=true, resetting=true}
local mine = {
  execute=true, error=true, release=true, finish_resetting=true,
  renew_queued=true, renew_executing=true, renew_resetting=true
}
local event, owner, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local replies = {}
for i, key in ipairs(KEYS) do
  local record = redis.call('HMGET', key, 'state', 'owner', 'lease', 'error')
  local state = record[1] or 'known'
  local expired = in_flight[state] and tonumber(record[3] or '0') < now
  local orphaned = (expired and state ~= 'resetting') and 1 or 0
  if expired then state = 'known' end
  local target = moves[event] and moves[event][state]
  if target and mine[event] and record[2] and record[2] ~= owner then target = nil end
  if target and event == 'finish' and in_flight[state] and record[2] and record[2] ~= owner then
    target = nil
  end
  if target then
    local ends = event == 'release' and 0 or now + lease
    redis.call('HSET', key, 'state', target, 'owner', owner, 'lease', ends)
    if event == 'presume' then redis.call('HDEL', key, 'owner') end
    redis.call('EXPIRE', key, ARGV[6])
    if not in_flight[target] or event == 'release' then
      if ARGV[4] ~= '' then redis.call('HSET', key, 'error', ARGV[4]) end
      redis.call('PUBLISH', ARGV[5], ARGV[6 + i])
    elseif string.sub(event, 1, 5) ~= 'renew' then
      redis.call('HDEL', key, 'error')
    end
    replies[#replies + 1] = {target, 1, '', 0}
  else
    replies[#replies + 1] = {state, 0, record[4] or '', orphaned}
  end
end
return replies
"""
