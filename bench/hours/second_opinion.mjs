// The reference implementation of the opening_hours syntax, asked about lines of JSON: {"osm", "at", "until"}.
// Answers one line each: {"state", "change"} (when the state next changes before `until`, or null), or {"error"}.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const require = createRequire(join(process.env.PEERS, "package.json"));
const OpeningHours = require("opening_hours");
const PARIS = {
  lat: 48.85,
  lon: 2.35,
  address: { country_code: "fr", country: "France", state: "Île-de-France", county: "Paris", city: "Paris" },
};
const STATES = { open: "open", close: "closed", closed: "closed", unknown: "unknown" };

function answer({ osm, at, until }) {
  const hours = new OpeningHours(osm, PARIS, { mode: 0, locale: "fr" }).getIterator(new Date(at));
  const state = STATES[hours.getStateString()];
  const last = new Date(until);
  while (hours.advance(last)) {
    if (hours.getDate() >= last) break;
    if (STATES[hours.getStateString()] !== state) return { state, change: hours.getDate().toISOString() };
  }
  return { state, change: null };
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(answer(JSON.parse(line))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error).slice(0, 200) }));
  }
}
