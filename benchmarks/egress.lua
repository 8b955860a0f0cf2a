-- wrk: asks for the objects of one size in turn, and prints what it measured as one line of JSON.
local requests, at = {}, 0

function init(args)
  local size, count = args[1], tonumber(args[2])
  for i = 0, count - 1 do
    requests[i] = wrk.format("GET", "/bytes/" .. size .. "/object-" .. i)
  end
  requests.count = count
end

function request()
  at = (at + 1) % requests.count
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "bytes": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "errors": %d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
