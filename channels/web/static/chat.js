// The conversation. The server writes the answers as HTML (the same cards as the search page); this page sends,
// shows, remembers for this tab only, and keeps the focus where the person is. Without this file the same page
// works as a plain form.
import { behaveInFrame } from "./cadre.js";
import { warnBeforeForgetting } from "./delai.js";
import { forget, Refused, sendWaiting } from "./envoi.js";
import { byId, clear, remember, restore, say, show } from "./fil.js";
import { draw, isForgotten, keepWaiting, newSession, read, session, waiting, write } from "./memoire.js";
import { readAloud } from "./voix.js";

/** @typedef {import("./memoire.js").Envoi} Envoi */

const form = /** @type {HTMLFormElement} */ (byId("conversation"));
const input = /** @type {HTMLTextAreaElement} */ (byId("message"));
const [journal, state, problem] = [byId("journal"), byId("etat"), byId("erreur")];
const IDLE_MS = 1000 * Number(form.dataset.oubli);
const touch = matchMedia("(pointer: coarse)");
const stopReading = readAloud(byId("lire"), journal);
const closeWarning = warnBeforeForgetting(IDLE_MS, state, byId("continuer"), moveFocus);
let busy = false;

/** @param {string} texte @param {string} libelle what was pressed; "" when it was typed */
function send(texte, libelle = "") {
  if (busy) return;
  stopReading();
  if (isForgotten(IDLE_MS)) say("Jalon", "J'ai oublié vos réponses d'avant. Nous reprenons au début.");
  if ((libelle || texte).trim()) say("Vous", libelle || texte).scrollIntoView({ block: "nearest" });
  keepWaiting([...waiting(), { texte, libelle, envoi: draw() }]);
  if (!libelle) input.value = "";
  remember();
  deliver();
}

async function deliver() {
  if (busy || !waiting().length) return;
  busy = true;
  problem.replaceChildren();
  closeWarning();
  state.textContent = "Jalon prépare sa réponse.";
  form.dataset.attente = "oui";
  try {
    await sendWaiting((message, answer) => {
      const questions = journal.querySelectorAll(".de-vous");
      show(answer.html, (message.libelle || message.texte).trim() ? questions[questions.length - 1] : undefined);
      if (answer.givenBack && !message.libelle && !input.value) input.value = message.texte;
      remember();
    });
  } catch (error) {
    if (error instanceof Refused) tell("Votre message n'est pas passé. Écrivez un message plus court.");
    else tell(failure(), "Réessayer");
  } finally {
    busy = false;
    state.textContent = "";
    delete form.dataset.attente;
  }
}

function failure() {
  const kept = "Votre message n'est pas parti. Il est gardé.";
  return navigator.onLine ? kept : `${kept} Il partira au retour du réseau.`;
}

/** Say a problem, with a button when trying again may help. @param {string} text @param {string} [retry] */
function tell(text, retry) {
  const words = document.createElement("p");
  words.textContent = text;
  problem.replaceChildren(words);
  if (!retry) return problem.scrollIntoView({ block: "nearest" });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = retry;
  button.addEventListener("click", () => { moveFocus(); deliver(); });
  problem.append(button);
  problem.scrollIntoView({ block: "nearest" });
}

async function erase() {
  const old = session();
  stopReading();
  newSession();
  keepWaiting([]);
  clear();
  write("dernier", "");
  problem.replaceChildren();
  closeWarning();
  input.value = "";
  state.textContent = "La conversation est effacée.";
  input.focus();
  try {
    await forget(old);
  } catch {
    state.textContent = `Tout est effacé ici. Jalon efface le reste après ${IDLE_MS / 60000} minutes.`;
  }
}

/**
 * The button pressed is about to go: the focus must not fall back to the top of the page. On a touch screen the
 * field would open the keyboard over the answer.
 */
function moveFocus() {
  (touch.matches ? byId("fil") : input).focus({ preventScroll: true });
}

form.addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (button?.name === "dispositif" || button?.id === "donnees") { // a page of its own, for the conversation of this tab
    /** @type {HTMLInputElement} */ (form.elements.namedItem("session")).value = session();
    return;
  }
  event.preventDefault();
  if (button?.id === "effacer") return void erase();
  if (busy) return;
  if (button?.name !== "choix") {
    send(input.value);
    if (!touch.matches) input.focus();
    return;
  }
  const [label, ...value] = button.value.split("|");
  if (button.closest("#choix, #rappel")) moveFocus();
  send(value.join("|"), label);
});

input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(byId("envoyer"));
});

byId("imprimer").addEventListener("click", () => print());
window.addEventListener("online", deliver);

behaveInFrame();
byId("imprimer").hidden = false;
if (isForgotten(IDLE_MS)) {
  newSession();
  keepWaiting([]);
  clear();
  write("dernier", "");
  say("Jalon", "J'ai oublié ce que nous avons dit avant. Vous pouvez repartir du début.");
} else if (read("journal")) {
  restore();
}
form.dataset.pret = "oui";
deliver();
