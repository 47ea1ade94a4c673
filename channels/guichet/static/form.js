// @ts-check
// The facts and needs: from the fields to the person, and back.

import { all, byId } from "./page.js";
import { current, isRefusal, needs, told } from "./state.js";

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/** @returns {HTMLElement[]} */
const blocks = () => all("[data-champ]", byId("colonne-situation"));

/** @param {HTMLElement} block @returns {Field | null} */
const field = (block) => block.querySelector("[data-valeur]");

/** @param {HTMLElement} block @returns {HTMLSelectElement | null} */
const refusal = (block) => block.querySelector("[data-refus]");

/** @param {HTMLElement} block @returns {unknown} null: unknown */
export function read(block) {
  if (block.dataset.type === "choix_multiple") {
    const boxes = /** @type {HTMLInputElement[]} */ (all("input:checked", block)).map((box) => box.value);
    return boxes.length ? boxes : refusal(block)?.value || null;
  }
  const text = field(block)?.value.trim() || refusal(block)?.value || "";
  if (!text) return null;
  if (isRefusal(text)) return text;
  if (block.dataset.type === "bool") return text === "true";
  if (block.dataset.type !== "entier") return text;
  const digits = text.replace(/[\s\u202f€]/g, "");
  return /^\d{1,9}$/.test(digits) ? Number(digits) : text;
}

/** Show what is known of the person in every field but the one being typed in. */
export function write() {
  const person = current();
  const known = told(person);
  for (const block of blocks()) {
    const value = known[block.dataset.champ || ""];
    block.classList.toggle("connu", value !== undefined);
    if (!block.contains(document.activeElement) || !same(read(block), value)) set(block, value);
  }
  const wanted = needs(person);
  for (const box of /** @type {HTMLInputElement[]} */ (all("[data-besoin]"))) box.checked = wanted.includes(box.value);
  count();
}

/** @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** @param {HTMLElement} block @param {unknown} value */
function set(block, value) {
  const refused = isRefusal(value) ? String(value) : "";
  const none = refusal(block);
  if (none) {
    none.value = refused;
    none.classList.toggle("dit-refus", Boolean(refused));
  }
  if (block.dataset.type === "choix_multiple") {
    const chosen = Array.isArray(value) ? value : [];
    for (const box of /** @type {HTMLInputElement[]} */ (all("input", block))) box.checked = chosen.includes(box.value);
    return;
  }
  const one = field(block);
  if (one) one.value = value === undefined || value === null || (none && refused) ? "" : String(value);
}

/** Give up a refusal when something is typed, and what was typed when there is a refusal. @param {HTMLElement} block @param {EventTarget | null} from */
export function settle(block, from) {
  const none = refusal(block);
  if (!none) return;
  if (from !== none) none.value = "";
  else if (none.value) {
    const one = field(block);
    if (one) one.value = "";
    for (const box of /** @type {HTMLInputElement[]} */ (all("input:checked", block))) box.checked = false;
  }
  none.classList.toggle("dit-refus", Boolean(none.value));
}

/** How many answers each subject has. */
function count() {
  for (const subject of all("details.sujet")) {
    const known = all(".connu", subject).length + all("[data-besoin]:checked", subject).length;
    const place = subject.querySelector(".compte");
    if (place) place.textContent = known ? `${known} connu${known > 1 ? "s" : ""}` : "";
  }
}

/**
 * What the server says of fields: a fault, the place understood, what is presumed.
 * @param {Record<string, string>} faults @param {{texte: string, choix: string[]} | null} place @param {Record<string, string>} presumed
 */
export function say(faults, place, presumed) {
  for (const block of blocks()) {
    const name = block.dataset.champ || "";
    const line = block.querySelector(".dit");
    if (!line) continue;
    line.classList.toggle("faute", name in faults);
    field(block)?.setAttribute("aria-invalid", String(name in faults));
    const text = faults[name] || (name === "lieu" && place ? place.texte : "") || (presumed[name] ? `présumé : ${presumed[name]}` : "");
    const shown = name === "lieu" && place && !faults[name] ? place.choix : [];
    if (line.textContent === text + shown.join("")) continue;
    line.textContent = text;
    line.append(...shown.map((choice) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.lieu = button.textContent = choice;
      return button;
    }));
  }
}

/** Go to the field of a fact or a need. @param {string} name */
export function goTo(name) {
  const target = document.getElementById(`champ-${name}`) || document.getElementById(name);
  if (!target) return;
  const subject = target.closest("details");
  if (subject) subject.open = true;
  target.focus();
  target.scrollIntoView({ block: "center" });
  if (target instanceof HTMLInputElement && target.type === "text") target.select();
}
