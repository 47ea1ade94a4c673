// @ts-check
// The counter. The server writes every piece of the page; this file sends what changes, puts the pieces in place,
// and keeps several people apart in the memory of this tab.

import { all, blind, byId, clicked, dialog, input, later, notice, swap } from "./page.js";
import { ask, drop, Refused } from "./server.js";
import { current, isStarted, memory, needs, newPerson, restore, save, situation, told } from "./state.js";
import * as form from "./form.js";
import * as keys from "./keys.js";
import * as tabs from "./tabs.js";
import * as tools from "./tools.js";

const main = byId("personne");
const UNDO_MS = 10000;
const NO_DETAIL = byId("detail").innerHTML;

// --- results ------------------------------------------------------------------------------------------

let round = 0;

/** Show the results for what is known now. @param {boolean} wait for the dispositifs that take longer */
async function update(wait = false) {
  const person = current();
  const mine = ++round;
  save();
  if (!wait) tools.refresh();
  try {
    const answer = await ask("orientation", { ...situation(person), choisi: person.chosen, attendre: wait });
    if (!answer || person !== current()) return;
    swap(answer.fragments);
    if (!person.chosen) swap({ detail: NO_DETAIL });
    form.say(answer.champs, answer.lieu, answer.presumes);
    decorate();
    notice("orientation", "");
    tell(answer.compte, answer.en_retard);
    byId("resultats").dataset.tour = String(mine);
    if (answer.en_retard) update(true);
    else byId("resultats").dataset.complet = String(mine);
  } catch (error) {
    if (error instanceof Refused) notice("orientation", error.message);
  }
}

const updateSoon = later(update, 40);

/** @param {{oui: number, a_verifier: number, non: number}} counts @param {number} late */
function tell(counts, late) {
  const text = `${counts.oui} oui, ${counts.a_verifier} à vérifier, ${counts.non} non`;
  byId("bilan").textContent = text;
  if (!late) announce(`Résultats : ${text}.`);
}

/** Said to screen readers once things have settled, not at each key. */
const announce = later((/** @type {string} */ text) => { byId("annonce").textContent = text; }, 700);

/** What the server cannot know: what is chosen, what goes on the sheet, what is searched. */
function decorate() {
  const person = current();
  for (const button of all("[data-choisir]")) button.setAttribute("aria-pressed", String(button.dataset.choisir === person.chosen));
  for (const box of /** @type {HTMLInputElement[]} */ (all("[data-fiche]"))) box.checked = person.sheet.includes(box.dataset.fiche || "");
  byId("fiche-compte").textContent = person.sheet.length ? `(${person.sheet.length})` : "";
  for (const mark of all("[data-champs]")) {
    mark.classList.toggle("corrige", (mark.dataset.champs || "").split(" ").some((name) => name in person.handFacts || person.handNeeds[name.replace("besoin-", "")] === false));
  }
  filter();
}

/** The words that each dispositif is found by. @type {Map<string, string>} */
const searched = new Map(all("#c-gauche option").map((one) => [/** @type {HTMLOptionElement} */ (one).value, one.dataset.cherche || ""]));

function filter() {
  const wanted = blind(input("cherche").value).split(" ").filter(Boolean);
  let count = 0;
  for (const line of all(".ligne")) {
    line.hidden = !wanted.every((word) => (searched.get(line.dataset.dispositif || "") || "").includes(word));
    if (!line.hidden) count += 1;
  }
  if (wanted.length) for (const group of /** @type {HTMLDetailsElement[]} */ (all("details.groupe"))) group.open = Boolean(group.querySelector(".ligne:not([hidden])"));
  byId("cherche-compte").textContent = wanted.length ? `${count} trouvé${count > 1 ? "s" : ""}` : "";
}

/** @param {string} name */
function choose(name) {
  current().chosen = name;
  tools.open("detail");
  update();
}

// --- note and form ------------------------------------------------------------------------------------

async function understand() {
  const person = current();
  const text = person.note;
  if (!text.trim()) {
    drop("comprendre");
    Object.assign(person, { noteFacts: {}, noteNeeds: [], marks: "", dangers: "" });
    return show();
  }
  try {
    const answer = await ask("comprendre", { texte: text });
    if (!answer || person !== current()) return;
    notice("note", answer.arrete || "");
    if (answer.arrete) return;
    Object.assign(person, {
      noteFacts: answer.faits, noteNeeds: answer.besoins, marks: answer.fragments.reperes, dangers: answer.fragments.dangers,
    });
    show();
  } catch (error) {
    if (error instanceof Refused) notice("note", error.message);
  }
}

const understandSoon = later(understand, 600);

/** Put the current person on the screen. */
function show() {
  const person = current();
  if (input("note").value !== person.note) input("note").value = person.note;
  swap({ reperes: person.marks });
  if (byId("dangers").innerHTML.trim() !== person.dangers.trim()) swap({ dangers: person.dangers });
  form.write();
  tools.fill();
  update();
}

/** @param {HTMLElement} block @param {unknown} value */
function tellFact(block, value) {
  const person = current();
  const name = block.dataset.champ || "";
  person.handFacts[name] = value;
  person.subject = block.closest("details")?.id.replace("sujet-", "") || null;
  block.classList.toggle("connu", value !== null);
  form.write();
  tools.fill();
}

function listenForm() {
  const column = byId("colonne-situation");
  input("note").addEventListener("input", () => {
    current().note = input("note").value;
    save();
    understandSoon();
  });
  input("note").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) understand();
  });
  byId("comprendre").addEventListener("click", understand);
  column.addEventListener("input", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.dataset.besoin !== undefined) {
      current().handNeeds[target.value] = target.checked;
      form.write();
      return update();
    }
    const block = /** @type {HTMLElement | null} */ (target.closest("[data-champ]"));
    if (!block) return;
    form.settle(block, target);
    tellFact(block, form.read(block));
    if (target.type === "text") updateSoon(); else update();
  });
  for (const [id, state] of /** @type {[string, boolean][]} */ ([["ouvrir-sujets", true], ["fermer-sujets", false]])) {
    byId(id).addEventListener("click", () => { for (const one of /** @type {HTMLDetailsElement[]} */ (all("details.sujet"))) one.open = state; });
  }
  main.addEventListener("click", (event) => {
    const to = clicked(event, "[data-vers]");
    if (to) form.goTo(to.dataset.vers || "");
    const place = clicked(event, "[data-lieu]");
    if (place) answer("lieu", place.dataset.lieu);
    const reply = clicked(event, "[data-repond]");
    if (reply) {
      answer(reply.dataset.repond || "", JSON.parse(reply.dataset.valeur || "null"));
      byId("resultats-titre").focus({ preventScroll: true });
    }
    const chosen = clicked(event, "[data-choisir]");
    if (chosen) choose(chosen.dataset.choisir || "");
  });
}

/** @param {string} name @param {unknown} value an answer given elsewhere than in its field */
function answer(name, value) {
  const block = /** @type {HTMLElement | null} */ (document.querySelector(`[data-champ="${name}"]`));
  if (!block) return;
  tellFact(block, value);
  update();
}

// --- people -------------------------------------------------------------------------------------------

const list = byId("onglets");
/** @type {{person: import("./state.js").Person, rank: number, timer: number} | null} */
let closed = null;

function drawTabs() {
  list.replaceChildren(...memory.people.map((person, rank) => {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", id: `onglet-${person.id}`, textContent: `Personne ${person.id}` });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", "personne");
    tab.dataset.rang = String(rank);
    return tab;
  }));
  const tab = byId(`onglet-${current().id}`);
  tabs.mark(list, tab);
  main.setAttribute("aria-labelledby", tab.id);
}

/** @param {number} rank */
function goToPerson(rank) {
  memory.current = (rank + memory.people.length) % memory.people.length;
  for (const subject of ["comprendre", "orientation", "lieux", "comparer", "cotation", "reste-pour-vivre"]) drop(subject);
  input("cherche").value = "";
  drawTabs();
  for (const id of ["resultats", "question", "lieux", "comparaison"]) byId(id).replaceChildren();
  show();
}

function addPerson() {
  memory.people.push(newPerson());
  goToPerson(memory.people.length - 1);
  byId("note").focus();
}

function askToClose() {
  if (isStarted(current())) dialog("confirmer").showModal();
  else closePerson();
}

function closePerson() {
  const rank = memory.current;
  const [person] = memory.people.splice(rank, 1);
  if (!memory.people.length) memory.people.push(newPerson());
  forgetClosed();
  if (isStarted(person)) {
    closed = { person, rank, timer: window.setTimeout(forgetClosed, UNDO_MS) };
    byId("defaire").hidden = false;
    byId("defaire-texte").textContent = `Personne ${person.id} est fermée. Vous pouvez annuler pendant 10 secondes.`;
  }
  goToPerson(Math.min(rank, memory.people.length - 1));
  byId(`onglet-${current().id}`).focus();
}

function forgetClosed() {
  if (closed) clearTimeout(closed.timer);
  closed = null;
  if (byId("defaire").contains(document.activeElement)) byId("note").focus();
  byId("defaire").hidden = true;
  byId("defaire-texte").textContent = "";
}

function undoClose() {
  if (!closed) return;
  const { person, rank } = closed;
  if (memory.people.length === 1 && !isStarted(current())) memory.people.pop();
  memory.people.splice(rank, 0, person);
  byId("note").focus();
  forgetClosed();
  goToPerson(Math.min(rank, memory.people.length - 1));
}

function listenPeople() {
  tabs.listen(list, (tab) => goToPerson(Number(tab.dataset.rang)), askToClose);
  byId("nouvelle").addEventListener("click", addPerson);
  byId("fermer").addEventListener("click", askToClose);
  byId("confirmer-oui").addEventListener("click", () => {
    dialog("confirmer").close();
    closePerson();
  });
  byId("defaire-bouton").addEventListener("click", undoClose);
}

// --- sheet, dialogs, start ----------------------------------------------------------------------------

function listenSheet() {
  byId("resultats").addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    const name = box.dataset.fiche;
    if (!name) return;
    const person = current();
    person.sheet = box.checked ? [...person.sheet, name] : person.sheet.filter((one) => one !== name);
    save();
    decorate();
  });
  byId("fiche").addEventListener("submit", (event) => {
    const person = current();
    const asked = situation(person);
    const chosen = person.sheet.length ? person.sheet : person.chosen ? [person.chosen] : [];
    const values = {
      faits: JSON.stringify(asked.faits), besoins: needs(person).join(","), position: String(told(person).lieu || ""),
      dispositifs: chosen.join(","),
    };
    for (const [name, value] of Object.entries(values)) {
      /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem(name)).value = value;
    }
  });
}

function listenDialogs() {
  byId("aide-bouton").addEventListener("click", () => dialog("aide").showModal());
  for (const button of all("[data-fermer]")) button.addEventListener("click", () => button.closest("dialog")?.close());
  input("cherche").addEventListener("input", filter);
}

function focusFirstResult() {
  const first = all("[data-choisir]").find((button) => button.offsetParent);
  (first || byId("resultats-titre")).focus();
}

restore(Number(main.dataset.oubli));
listenForm();
listenPeople();
listenSheet();
listenDialogs();
tools.listen();
keys.listen({
  F2: () => byId("note").focus(),
  F4: () => document.getElementById("r-champ")?.click(),
  F8: focusFirstResult,
  F9: () => { tools.open("lieux"); byId("f-categorie").focus(); },
  "Alt+PageDown": () => goToPerson(memory.current + 1),
  "Alt+PageUp": () => goToPerson(memory.current - 1),
  "Alt+Insert": addPerson,
});
drawTabs();
show();
