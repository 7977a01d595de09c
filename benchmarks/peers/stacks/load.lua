-- What wrk sends: the requests of a file in turn, with a number of its own in each body's hole.
--
--     ASKS=FILE wrk -s load.lua URL
--
-- A line of the file is method, path, body and headers, with tabs between them. A file of one line
-- without a hole is sent as it stands, which costs wrk nothing.

local HOLE = "@@@@@@@@@@"
local file = os.getenv("ASKS")
local asks = {}

for line in io.lines(file) do
  local method, path, body, headers = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local given = {}
  for name, value in headers:gmatch("([^:;]+):([^;]*)") do given[name] = value end
  asks[#asks + 1] = { method = method, path = path, body = body, headers = given }
end

local first = asks[1]
wrk.method, wrk.path, wrk.headers = first.method, first.path, first.headers
if first.body ~= "" then wrk.body = first.body end

local heads, tails, at, count = {}, {}, 0, 0

if #asks > 1 or first.body:find(HOLE, 1, true) then
  function init(args)
    for number, ask in ipairs(asks) do
      local body = ask.body ~= "" and ask.body or nil
      local whole = wrk.format(ask.method, ask.path, ask.headers, body)
      local from, to = whole:find(HOLE, 1, true)
      heads[number] = from and whole:sub(1, from - 1) or whole
      tails[number] = from and whole:sub(to + 1) or false
    end
    -- No two runs begin with the same number.
    count = tonumber(os.getenv("FIRST")) or 0
  end

  function request()
    at = at % #heads + 1
    count = count + 1
    if not tails[at] then return heads[at] end
    return heads[at] .. string.format("%010d", count) .. tails[at]
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %.1f, "p99": %.1f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
