-- Asks for the paths behind `--` in turn, and ends with one line of JSON.
local requests = {}
local last = 0

function init(args)
  for index = 1, #args do
    requests[index] = wrk.format('GET', args[index])
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests":%d,"bytes":%d,"seconds":%f,"failures":%d}\n',
    summary.requests, summary.bytes, summary.duration / 1e6, failures))
end
