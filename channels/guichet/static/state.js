// @ts-check
// What the page knows of the people received. In the memory of this tab only: nothing is sent to be kept.

/**
 * One person. `note*` come from the note, `hand*` from the form; what the hand says wins, `null` meaning unknown.
 * A value that starts with « ? » says why there is none: ?ne_sait_pas, ?ne_veut_pas.
 * @typedef {{
 *   id: number, note: string, noteFacts: Record<string, unknown>, noteNeeds: string[], marks: string, dangers: string,
 *   handFacts: Record<string, unknown>, handNeeds: Record<string, boolean>, chosen: string | null, sheet: string[],
 *   subject: string | null, compared: [string, string], calculators: Record<string, Record<string, string>>,
 *   members: Record<string, string>[],
 * }} Person
 */

const KEY = "jalon.guichet";

/** @type {{people: Person[], current: number, next: number, seen: number}} */
export const memory = { people: [], current: 0, next: 1, seen: Date.now() };

/** @returns {Person} */
export function newPerson() {
  return {
    id: memory.next++, note: "", noteFacts: {}, noteNeeds: [], marks: "", dangers: "", handFacts: {}, handNeeds: {},
    chosen: null, sheet: [], subject: null, compared: ["", ""], calculators: { cotation: {}, reste: {} }, members: [{}],
  };
}

/** @returns {Person} the person on the screen */
export function current() {
  return memory.people[memory.current];
}

/** @param {Person} person @returns {Record<string, unknown>} all that is said, refusals included */
export function told(person) {
  const all = { ...person.noteFacts, ...person.handFacts };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== ""));
}

/** @param {unknown} value */
export function isRefusal(value) {
  return typeof value === "string" && value.startsWith("?");
}

/** @param {Person} person @returns {string[]} */
export function needs(person) {
  const all = new Set(person.noteNeeds);
  for (const [need, wanted] of Object.entries(person.handNeeds)) {
    if (wanted) all.add(need); else all.delete(need);
  }
  return [...all];
}

/** @param {Person} person what the server is asked about */
export function situation(person) {
  const entries = Object.entries(told(person));
  return {
    faits: Object.fromEntries(entries.filter(([, value]) => !isRefusal(value))),
    ecartes: entries.filter(([, value]) => isRefusal(value)).map(([name]) => name),
    besoins: needs(person),
    sujet: person.subject,
  };
}

/** @param {Person} person whether closing it would lose something */
export function isStarted(person) {
  return Boolean(person.note.trim() || Object.keys(told(person)).length || needs(person).length || person.sheet.length);
}

/** Keep everything through a reload of this tab. */
export function save() {
  memory.seen = Date.now();
  try { sessionStorage.setItem(KEY, JSON.stringify(memory)); } catch { /* kept in the page only */ }
}

/** @param {number} idle seconds after which what was left is forgotten */
export function restore(idle) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    if (kept && kept.people.length && Date.now() - kept.seen < idle * 1000) Object.assign(memory, kept);
  } catch { /* nothing readable: start anew */ }
  if (!memory.people.length) memory.people.push(newPerson());
}

export function forget() {
  memory.people = [];
  try { sessionStorage.removeItem(KEY); } catch { /* nothing was kept */ }
}
