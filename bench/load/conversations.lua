-- People who talk to the door, for wrk. An opening, then « je ne sais pas »; after 6 turns another person comes.
-- Between an answer and the next message of a connection: CHARGE_PAUSE_MS on average, from a fifth to nine fifths of it. wrk
-- counts a wait from the sending, pauses apart. Prints one JSON line: turns, seconds, errors, p50, p95 and longest wait in milliseconds.

local TURNS = 6
local OPENINGS = {
  "bonjour je dors dehors vers gare du nord et je voudrais me laver",
  "je cherche à manger ce soir vers la porte de la chapelle",
  "je n'ai plus de papiers et je veux voir un médecin",
  "on dort dans la voiture avec 2 enfants, besoin d'un hébergement",
}
local threads, people = {}, tonumber(os.getenv("CHARGE_SESSIONS"))
local erase = os.getenv("CHARGE_EFFACE") == "oui"
local failure, full = os.getenv("CHARGE_PANNE"), os.getenv("CHARGE_PLEIN")
local pause = tonumber(os.getenv("CHARGE_PAUSE_MS"))

function setup(thread)
  thread:set("rank", #threads)
  table.insert(threads, thread)
end

function init()
  asked, failed, told, ring = 0, 0, 0, {}
  math.randomseed(os.time() + 1000 * rank)
  prefix = string.format("charge%08x%d", math.random(0, 2 ^ 30), rank)
end

function request()
  local place = asked % people
  local seen = ring[place] or { turn = 0, session = prefix .. "-" .. asked }
  if seen.turn == TURNS then  -- only when asked to erase: memory then holds the same number of conversations
    ring[place], asked = nil, asked + 1
    return wrk.format("DELETE", "/api/v1/sessions/" .. seen.session, {}, nil)
  end
  local text = seen.turn == 0 and OPENINGS[1 + asked % #OPENINGS] or "je ne sais pas"
  asked, seen.turn = asked + 1, seen.turn + 1
  ring[place] = (seen.turn < TURNS or erase) and seen or nil
  local body = string.format('{"session": "%s", "texte": "%s", "canal": "web"}', seen.session, text)
  local headers = { ["Content-Type"] = "application/json" }
  -- After 5 s the door closes a connection that sends nothing: wrk would count it as a failure.
  if pause >= 1000 then headers["Connection"] = "close" end
  return wrk.format("POST", "/api/v1/messages", headers, body)
end

if pause > 0 then
  function delay()
    return (0.2 + 1.6 * math.random()) * pause
  end
end

function response(status, headers, body)
  if status == 200 and body:find(failure, 1, true) then failed = failed + 1 end
  if status == 503 and body:find(full, 1, true) and body:find("115", 1, true) then told = told + 1 end
end

function done(summary, latency)
  local without_dialogue, refusals_told = 0, 0
  for _, thread in ipairs(threads) do
    without_dialogue = without_dialogue + thread:get("failed")
    refusals_told = refusals_told + thread:get("told")
  end
  local errors = summary.errors
  print(string.format(
    'RESULT {"turns": %d, "seconds": %.2f, "refused": %d, "told": %d, "without_dialogue": %d, "broken": %d, "p50": %.1f, "p95": %.1f, "longest": %.1f}',
    summary.requests, summary.duration / 1e6, errors.status, refusals_told, without_dialogue,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency.max / 1000))
end
