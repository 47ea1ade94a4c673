// The conversation. The server writes the answers as HTML (the same cards as the search page);
// this file sends, shows, remembers for this tab only, and keeps the focus where the person is.
"use strict";

const byId = (id) => document.getElementById(id);
const [section, live, log, choices, state, alertBox, form, input] =
  ["conversation", "fil", "journal", "choix", "etat", "erreur", "saisie", "message"].map(byId);
const IDLE_MS = 1000 * Number(section.dataset.oubli);
const WAIT_MS = 20000;
const greeting = { log: log.innerHTML, choices: choices.innerHTML };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const touch = matchMedia("(pointer: coarse)");
let busy = false;

const memory = {
  // Private browsing may refuse storage: the conversation then lives as long as the page.
  get: (key) => { try { return sessionStorage.getItem("jalon." + key); } catch { return null; } },
  set: (key, value) => { try { sessionStorage.setItem("jalon." + key, value); } catch { /* kept in the page only */ } },
};

let session = memory.get("session") || newSession();

function newSession() {
  // getRandomValues rather than randomUUID, which browsers give to https pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  memory.set("session", id);
  return id;
}

function remember() {
  memory.set("journal", log.innerHTML);
  memory.set("choix", choices.innerHTML);
  memory.set("dernier", Date.now());
}

function isForgotten() {
  return Date.now() - Number(memory.get("dernier") || 0) > IDLE_MS;
}

function bubble(author, text) {
  const item = document.createElement("li");
  item.className = author === "Vous" ? "bulle de-vous" : "bulle de-jalon";
  const name = document.createElement("span");
  name.className = "cache";
  name.textContent = author + " : ";
  const words = document.createElement("p");
  words.textContent = text;
  item.append(name, words);
  log.append(item);
  return item;
}

function show(html, mine) {
  const piece = document.createElement("template");
  piece.innerHTML = html;
  const parts = [...piece.content.children];
  const items = parts.filter((part) => part.matches("li"));
  choices.replaceChildren(...parts.filter((part) => part.matches("button")));
  log.append(...items);
  // The top of the answer, with the question above it: one reads from the beginning.
  (mine ?? items[0])?.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
}

function fail(text, label) {
  const words = document.createElement("p");
  words.textContent = "Votre message n'est pas parti. Votre texte est gardé.";
  const retry = document.createElement("button");
  retry.type = "button";
  retry.textContent = "Réessayer";
  retry.addEventListener("click", () => send(text === label ? input.value.trim() || text : text, label));
  alertBox.replaceChildren(words, retry);
}

async function send(text, label = text) {
  if (busy) return;
  busy = true;
  const forgotten = memory.get("dernier") && isForgotten();
  alertBox.replaceChildren();
  if (forgotten) bubble("Jalon", "J'ai oublié vos réponses d'avant. Nous reprenons au début.");
  const mine = label.trim() ? bubble("Vous", label) : null;
  mine?.scrollIntoView({ block: "nearest" });
  input.value = "";
  state.textContent = "Jalon prépare sa réponse.";
  section.dataset.attente = "oui";
  try {
    const answer = await fetch("/tour", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ session, texte: text, canal: "web" }),
      signal: AbortSignal.timeout(WAIT_MS),
    });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text(), mine);
    if (answer.headers.get("X-Jalon-Texte") === "garde") input.value = label;
    remember();
  } catch {
    mine?.remove();
    if (text === label) input.value = label;
    fail(text, label);
  } finally {
    busy = false;
    state.textContent = "";
    delete section.dataset.attente;
  }
}

async function restart() {
  const old = session;
  session = newSession();
  log.innerHTML = greeting.log;
  choices.innerHTML = greeting.choices;
  alertBox.replaceChildren();
  input.value = "";
  remember();
  state.textContent = "La conversation est effacée.";
  input.focus();
  await fetch("/api/v1/sessions/" + old, { method: "DELETE" }).catch(() => {});
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(input.value);
  if (!touch.matches) input.focus();
});

input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

choices.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || busy) return;
  // The button is about to go: the focus must not fall back to the top of the page.
  // On a touch screen the field would open the keyboard over the answer.
  (touch.matches ? live : input).focus({ preventScroll: true });
  send(button.value, button.textContent.trim());
});

byId("recommencer").addEventListener("click", restart);

section.hidden = false;
if (memory.get("journal") && !isForgotten()) {
  live.setAttribute("aria-busy", "true");
  log.innerHTML = memory.get("journal");
  choices.innerHTML = memory.get("choix");
  live.removeAttribute("aria-busy");
} else if (memory.get("journal")) {
  session = newSession();
  memory.set("journal", "");
  bubble("Jalon", "J'ai oublié la conversation d'avant. Vous pouvez recommencer.");
}
