// What this tab remembers, and for how long. Nothing is kept once the tab is closed: no cookie, no other storage.

/** @typedef {{texte: string, libelle: string, envoi: string}} Envoi a message, with the id of its sending */

const PREFIX = "jalon.";
/** @type {Map<string, string>} Private browsing may refuse storage: the conversation then lives as long as the page. */
const page = new Map();

/** @param {string} key */
export function read(key) {
  try { return sessionStorage.getItem(PREFIX + key); } catch { return page.get(key) ?? null; }
}

/** @param {string} key @param {string} value */
export function write(key, value) {
  try { sessionStorage.setItem(PREFIX + key, value); } catch { page.set(key, value); }
}

/** An identifier that nobody can guess. getRandomValues: randomUUID is given to https pages only. */
export function draw() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The session of this tab; drawn the first time. */
export function session() {
  const known = read("session");
  return known || newSession();
}

export function newSession() {
  const id = draw();
  write("session", id);
  return id;
}

/** From now on the server keeps the answers for its whole delay. */
export function answersLast() {
  write("dernier", String(Date.now()));
}

/** Milliseconds before the server forgets; Infinity when nothing was said. @param {number} idleMs */
export function msLeft(idleMs) {
  const last = Number(read("dernier"));
  return last > 0 ? last + idleMs - Date.now() : Infinity;
}

/** Whether something was said so long ago that the server has forgotten it. @param {number} idleMs */
export function isForgotten(idleMs) {
  return msLeft(idleMs) < 0;
}

/** The messages not answered yet, oldest first. @returns {Envoi[]} */
export function waiting() {
  try { return JSON.parse(read("attente") || "[]"); } catch { return []; }
}

/** @param {Envoi[]} messages */
export function keepWaiting(messages) {
  write("attente", JSON.stringify(messages));
}
