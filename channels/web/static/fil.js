// The log and the pieces around it: what is shown, kept for a reload, and put back.
import { answersLast, read, write } from "./memoire.js";

const PIECES = ["journal", "choix", "rappel"];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** What the page showed first, to start again from. */
const first = PIECES.map((piece) => byId(piece).innerHTML);

/** One bubble more at the end of the log. @param {"Vous" | "Jalon"} author @param {string} text */
export function say(author, text) {
  const item = document.createElement("li");
  item.className = author === "Vous" ? "bulle de-vous" : "bulle de-jalon";
  const name = document.createElement("span");
  name.className = "cache";
  name.textContent = `${author} : `;
  const words = document.createElement("p");
  words.textContent = text;
  item.append(name, words);
  byId("journal").append(item);
  return item;
}

/**
 * Put the pieces of an answer in their places: the log grows (a screen reader says only what is new), the
 * others are replaced.
 * @param {string} html @param {Element | undefined} question the person's own bubble
 */
export function show(html, question) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  let start = question;
  for (const piece of answer.content.querySelectorAll("[data-place]")) {
    const place = byId(/** @type {string} */ (piece.getAttribute("data-place")));
    if (place.id !== "journal") {
      replace(place, piece);
      continue;
    }
    start ??= piece.firstElementChild ?? undefined;
    place.append(...piece.children);
  }
  // The top of the answer, with the question above it: one reads from the beginning.
  start?.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
}

/** A part that was open stays open. @param {Element} place @param {Element} piece */
function replace(place, piece) {
  const open = place.querySelector("details")?.open;
  place.replaceChildren(...piece.childNodes);
  const details = place.querySelector("details");
  if (open && details) details.open = true;
}

export function remember() {
  for (const piece of PIECES) write(piece, byId(piece).innerHTML);
  answersLast();
}

/** Show again what was remembered, without having it read aloud again. */
export function restore() {
  const live = byId("fil");
  live.setAttribute("aria-busy", "true");
  for (const piece of PIECES) byId(piece).innerHTML = read(piece) ?? "";
  live.removeAttribute("aria-busy");
}

export function clear() {
  PIECES.forEach((piece, index) => { byId(piece).innerHTML = first[index]; });
  remember();
}
