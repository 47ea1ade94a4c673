// @ts-check
// Shortcuts. None is a letter or a sign alone, and all can be turned off (WCAG 2.1.4).

import { input } from "./page.js";

const KEY = "jalon.guichet.raccourcis";

/** @param {Record<string, () => void>} actions by key, « Alt+ » before when it is needed */
export function listen(actions) {
  const active = input("raccourcis-actifs");
  try { active.checked = localStorage.getItem(KEY) !== "non"; } catch { /* on by default */ }
  active.addEventListener("change", () => {
    try { localStorage.setItem(KEY, active.checked ? "oui" : "non"); } catch { /* for this page only */ }
  });
  document.addEventListener("keydown", (event) => {
    if (!active.checked || event.ctrlKey || event.metaKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    const action = actions[(event.altKey ? "Alt+" : "") + event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
