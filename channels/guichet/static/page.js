// @ts-check
// Small helpers on the document.

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id}`);
  return found;
}

/** @param {string} id @returns {HTMLInputElement} */
export const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** @param {string} id @returns {HTMLSelectElement} */
export const select = (id) => /** @type {HTMLSelectElement} */ (byId(id));

/** @param {string} id @returns {HTMLDialogElement} */
export const dialog = (id) => /** @type {HTMLDialogElement} */ (byId(id));

/**
 * @template {HTMLElement} T
 * @param {string} selector @param {ParentNode} [root] @returns {T[]}
 */
export const all = (selector, root = document) => /** @type {T[]} */ ([...root.querySelectorAll(selector)]);

/** @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function clicked(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/** Change a part of the page for what the server wrote; the focus and what was open stay as they were. @param {Record<string, string>} fragments */
export function swap(fragments) {
  for (const [id, html] of Object.entries(fragments)) {
    const target = byId(id);
    const piece = document.createElement("template");
    piece.innerHTML = html;
    const held = document.activeElement && target.contains(document.activeElement) ? document.activeElement.id : "";
    for (const details of all("details[id]", target)) {
      const again = piece.content.getElementById(details.id);
      if (again instanceof HTMLDetailsElement) again.open = /** @type {HTMLDetailsElement} */ (details).open;
    }
    target.replaceChildren(piece.content);
    if (held) focusAgain(document.getElementById(held) || target.closest("section")?.querySelector("[tabindex='-1']"));
  }
}

/** What had the focus may now stand in a group that is closed. @param {Element | null | undefined} element */
function focusAgain(element) {
  const closed = element?.closest("details:not([open])");
  if (closed instanceof HTMLDetailsElement) closed.open = true;
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}

/** @type {Map<string, string>} */
const notices = new Map();

/** Say something that concerns the whole page. @param {string} subject @param {string} text "" takes it away */
export function notice(subject, text) {
  notices.set(subject, text);
  const said = [...new Set(notices.values())].filter(Boolean).join(" ");
  if (byId("avis").textContent !== said) byId("avis").textContent = said;
}

/** @template {unknown[]} A @param {(...given: A) => void} action @param {number} delay in milliseconds @returns {(...given: A) => void} */
export function later(action, delay) {
  /** @type {number | undefined} */
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => action(...given), delay);
  };
}

/** Accents, signs and capitals do not count when searching. @param {string} text */
export function blind(text) {
  return text.toLowerCase().replace(/œ/g, "oe").normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
