-- wrk: sends prebuilt raw requests in turn (file named by REQUESTS: "<length>\n<bytes>" records) and prints one line of figures.
local requests, i = {}, 0
local f = assert(io.open(os.getenv("REQUESTS"), "rb"))
while true do
  local n = f:read("*l")
  if not n then break end
  requests[#requests + 1] = f:read(tonumber(n))
end
f:close()
request = function()
  i = i % #requests + 1
  return requests[i]
end
done = function(summary, latency)
  io.write(string.format("FIGURES requests=%d us=%d bytes=%d status=%d socket=%d p50=%d p99=%d\n", summary.requests, summary.duration,
    summary.bytes, summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
