// @ts-check
// Tabs, as the ARIA practices describe them: arrows, Home and End move and choose; one tab is in the tab order.

import { all } from "./page.js";

/** @param {HTMLElement} list @param {(tab: HTMLElement) => void} choose @param {(tab: HTMLElement) => void} [remove] called for Delete */
export function listen(list, choose, remove) {
  list.addEventListener("click", (event) => {
    const tab = event.target instanceof Element ? event.target.closest("[role=tab]") : null;
    if (tab instanceof HTMLElement) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const tabs = all("[role=tab]", list);
    const here = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (there !== undefined) {
      const id = tabs[(there + tabs.length) % tabs.length].id;
      choose(tabs[(there + tabs.length) % tabs.length]);
      document.getElementById(id)?.focus();
    } else if (event.key === "Delete" && remove) remove(tabs[here]);
    else return;
    event.preventDefault();
  });
}

/** @param {HTMLElement} list @param {HTMLElement} chosen */
export function mark(list, chosen) {
  for (const tab of all("[role=tab]", list)) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
  }
}
