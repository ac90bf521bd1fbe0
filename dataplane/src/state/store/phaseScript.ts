import { storeScript } from './script.ts'

/**
 * All meters of a phase in one step: either each is charged or none is (M8). It is `policy/meter.ts` word for word, in
 * doubles as there, and at the store's time; a test compares the two unit by unit.
 *
 * KEYS: one for each meter. ARGV: `ask`, or `weigh` to take whether it fits or not; then eleven for each meter:
 * algorithm (T, S or F), limit, burst, tick, ticks, cost, most that is taken if more than the cost fits, and for a calendar the
 * number of a period, when it begins, when it ends and when the next one ends; otherwise 0 four times.
 *
 * Returns 1 or 0, passed or not, then for each meter: taken, microseconds to wait, remaining, microseconds until more
 * remains.
 */
export const phaseScript = storeScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
-- mostTime: what is owed can take longer than whole numbers can say.
local mostUsed, mostOwed, mostDays, mostTime = 8e15, 1e12, 34560000000, 8e15

local function meterAt(i)
  local a = 2 + (i - 1) * 11
  local m = { kind = ARGV[a], limit = tonumber(ARGV[a + 1]), burst = tonumber(ARGV[a + 2]), tick = tonumber(ARGV[a + 3]),
    ticks = tonumber(ARGV[a + 4]), cost = tonumber(ARGV[a + 5]), most = tonumber(ARGV[a + 6]) }
  local period = tonumber(ARGV[a + 7])
  if period > 0 then
    local begins, ends, after = tonumber(ARGV[a + 8]), tonumber(ARGV[a + 9]), tonumber(ARGV[a + 10])
    if now < begins then m.window, m.ends = period - 1, begins
    elseif now < ends then m.window, m.ends = period, ends
    else m.window, m.ends = period + 1, after end
    m.length = ends - begins
  else
    m.window = floor(floor(now / m.tick) / m.ticks)
    m.length = m.ticks * m.tick
  end
  return m
end

local function read(key)
  local text = redis.call('GET', key)
  local a, b, c, d
  if text then a, b, c, d = string.match(text, '^(%d+) (%d+) (%d+) (%d+)$') end
  if not a or #text > 70 then return 0, 0, 0, 0 end
  return tonumber(a), tonumber(b), tonumber(c), tonumber(d)
end

local function drain(m)
  local time = floor(now / m.tick)
  local passed = time - m.at
  if passed > 0 then
    m.used = max(0, m.used - passed * m.limit)
    m.at = time
  elseif passed < -m.ticks then m.at = time end
end

local function turn(m, passed)
  local used, owed = m.used, m.owed
  local before = max(0, owed - (passed - 2) * m.limit)
  m.used, m.owed = 0, owed
  if passed ~= 1 then m.owed = max(0, before - m.limit) end
  if m.kind ~= 'S' then return end
  if passed == 1 then m.before = used else m.before = min(before, m.limit) end
end

local function roll(m)
  local passed = m.window - m.at
  if passed ~= 0 and passed ~= -1 then
    m.at = m.window
    if passed > 0 then turn(m, passed) end
  end
  if m.owed > 0 then
    local paid = min(m.owed, max(0, m.limit - m.used))
    m.used, m.owed = m.used + paid, m.owed - paid
  end
end

local function elapsedIn(m) return max(0, floor(now / m.tick) - m.at * m.ticks) end

local function endOf(m)
  if m.ends then return m.ends end
  return (m.at + 1) * m.ticks * m.tick
end

local function waitOf(m)
  local asked = max(1, m.cost)
  if m.kind == 'T' then
    local over = m.used + (asked - m.burst) * m.ticks
    if over <= 0 then return 0 end
    return max(1, (m.at + ceil(over / m.limit)) * m.tick - now)
  end
  local free = m.limit - m.used - asked
  if m.kind == 'F' then
    if free >= 0 then return 0 end
    return max(1, endOf(m) - now)
  end
  if free >= 0 and m.before * (m.ticks - elapsedIn(m)) <= free * m.ticks then return 0 end
  local till = (m.at + 1) * m.ticks
  if free >= 0 then till = till - floor((free * m.ticks) / m.before)
  elseif m.used > 0 then till = till + max(0, m.ticks - floor((max(0, m.limit - asked) * m.ticks) / m.used)) end
  return max(1, till * m.tick - now)
end

local function remainingOf(m)
  if m.kind == 'T' then return max(0, m.burst - ceil(m.used / m.ticks)) end
  if m.kind == 'F' then return max(0, m.limit - m.used) end
  return max(0, m.limit - m.used - ceil((m.before * (m.ticks - elapsedIn(m))) / m.ticks))
end

local function resetOf(m)
  if m.kind ~= 'T' then return max(0, endOf(m) - now) end
  if m.used == 0 then return 0 end
  local over = m.used % m.ticks
  if over == 0 then over = m.ticks end
  return max(0, (m.at + ceil(over / m.limit)) * m.tick - now)
end

local function weigh(m)
  if m.kind == 'T' then
    m.used = min(mostUsed, m.used + m.cost * m.ticks)
    return
  end
  local fits = min(m.cost, max(0, m.limit - m.used))
  m.used = m.used + fits
  m.owed = min(mostOwed, m.owed + m.cost - fits)
end

local function write(key, m)
  local life
  if m.kind == 'T' then life = 2 * m.used / m.limit * m.tick + m.length
  else life = (3 + m.owed / m.limit) * m.length end
  redis.call('SET', key, string.format('%.0f %.0f %.0f %.0f', m.at, m.used, m.owed, m.before),
    'PX', string.format('%.0f', min(mostDays, ceil(life / 1000) + 1)))
end

local asks = ARGV[1] == 'ask'
local meters, passed = {}, 1
for i, key in ipairs(KEYS) do
  local m = meterAt(i)
  m.at, m.used, m.owed, m.before = read(key)
  if m.kind == 'T' then drain(m) else roll(m) end
  if asks then m.wait = min(mostTime, waitOf(m)) else m.wait = 0 end
  if m.wait > 0 then passed = 0 end
  meters[i] = m
end
local answer = { passed }
for i, m in ipairs(meters) do
  local taken = 0
  if not asks then
    weigh(m)
    taken = m.cost
  elseif passed == 1 then
    taken = max(m.cost, min(m.most, remainingOf(m)))
    if m.kind == 'T' then m.used = m.used + taken * m.ticks else m.used = m.used + taken end
  end
  if taken > 0 then write(KEYS[i], m) end
  answer[#answer + 1] = taken
  answer[#answer + 1] = m.wait
  answer[#answer + 1] = remainingOf(m)
  answer[#answer + 1] = min(mostTime, resetOf(m))
end
return answer
`)
