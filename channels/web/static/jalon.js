// Jalon on another site: <script src="https://…/jalon.js" defer></script> adds a button that opens the
// conversation in a dialog. It reads nothing of the page, and neither takes its styles nor changes them: all is in
// its own shadow tree, styled by a constructed sheet, which a strict policy of the host site allows (it must allow our
// address in script-src and frame-src, and nothing else).
"use strict";
(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script) return;
  const origin = new URL(script.src).origin;
  const TITLE = "Trouver une aide à Paris";
  // em and not rem: the size of the root is the site's, that of the host is the reader's.
  const STYLE = `
    :host { all: initial !important; position: fixed !important; z-index: 2147483647 !important;
      right: 1em !important; bottom: 1em !important; display: block !important; }
    button, h2 { margin: 0; font: bold 1.1875em/1.3 Arial, "Helvetica Neue", system-ui, sans-serif; }
    button { min-width: 2.75em; min-height: 2.4em; padding: .4em .9em; border: 2px solid #fff; border-radius: .4em;
      color: #fff; background: #0b3d5c; cursor: pointer; }
    button:focus-visible { outline: 3px solid #0b3d5c; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
    dialog { position: fixed; inset: 0; box-sizing: border-box; width: min(60em, 100vw); height: min(60em, 100dvh);
      max-width: none; max-height: none; margin: auto; padding: 0; border: 0; overflow: hidden;
      color: #1a1a1f; background: #fff; }
    dialog[open] { display: flex; flex-direction: column; }
    dialog::backdrop { background: #000a; }
    header { display: flex; align-items: center; justify-content: space-between; gap: 1em; padding: .5em .75em; }
    iframe { flex: 1; width: 100%; border: 0; border-top: 1px solid #767680; }
    @media print { :host { display: none !important; } }`;

  /** @template {keyof HTMLElementTagNameMap} K @param {K} tag @param {Partial<HTMLElementTagNameMap[K]>} properties */
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const host = document.createElement("div");
  host.lang = "fr";
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  const opener = make("button", { type: "button", textContent: TITLE });
  opener.setAttribute("aria-haspopup", "dialog");
  const title = make("h2", { id: "titre", textContent: TITLE });
  const closer = make("button", { type: "button", textContent: "Fermer" });
  const header = make("header", {});
  header.append(title, closer);
  const dialog = make("dialog", {});
  dialog.setAttribute("aria-labelledby", "titre");
  const frame = make("iframe", { title: "Conversation avec Jalon", referrerPolicy: "no-referrer" });
  dialog.append(header, frame);
  shadow.append(opener, dialog);

  opener.addEventListener("click", () => {
    if (!frame.src) frame.src = `${origin}/`; // nothing is loaded before it is asked for
    dialog.showModal();
  });
  closer.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => opener.focus());
  window.addEventListener("message", (event) => {
    if (event.source === frame.contentWindow && event.data === "jalon:fermer") dialog.close();
  });

  const install = () => document.body.append(host);
  if (document.body) install();
  else document.addEventListener("DOMContentLoaded", install);
})();
