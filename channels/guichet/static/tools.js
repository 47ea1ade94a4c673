// @ts-check
// The tools beside the results: nearest places, two dispositifs side by side, the calculators, a correction.

import { all, byId, clicked, dialog, input, later, notice, select, swap } from "./page.js";
import { ask, Refused } from "./server.js";
import { current, isRefusal, save, situation, told } from "./state.js";
import * as tabs from "./tabs.js";

const list = byId("outils");

/** @returns {string} the tool on the screen */
const shown = () => list.querySelector("[aria-selected=true]")?.id.replace("outil-", "") || "detail";

/** @param {string} name */
export function open(name) {
  tabs.mark(list, byId(`outil-${name}`));
  for (const panel of all("#colonne-outils > [role=tabpanel]")) panel.hidden = panel.id !== `panneau-${name}`;
  refresh();
}

/** @type {Record<string, () => Promise<void>>} */
const refreshers = { lieux: places, comparer: compare, cotation: () => calculate("cotation"), reste: () => calculate("reste") };

/** Ask again for what the tool on the screen shows. */
export async function refresh() {
  try {
    await refreshers[shown()]?.();
    notice("outils", "");
  } catch (error) {
    if (error instanceof Refused) notice("outils", error.message);
  }
}

async function places() {
  const filters = new FormData(/** @type {HTMLFormElement} */ (byId("filtres")));
  const answer = await ask("lieux", {
    ...situation(current()),
    categorie: filters.get("categorie") || null, public: filters.get("public") || null,
    animal: filters.has("animal"), fauteuil: filters.has("fauteuil"), proche: filters.has("proche"), ouvert: filters.has("ouvert"),
  });
  if (!answer) return;
  swap(answer.fragments);
  byId("lieux-annonce").textContent = `${answer.nombre} lieu${answer.nombre > 1 ? "x" : ""}`;
}

/** @param {string} left @param {string} right */
export function compareThese(left, right) {
  current().compared = [left, right];
  save();
  open("comparer");
}

async function compare() {
  const [left, right] = current().compared;
  select("c-gauche").value = left;
  select("c-droite").value = right;
  if (!left || !right) return swap({ comparaison: "" });
  const answer = await ask("comparer", { ...situation(current()), gauche: left, droite: right });
  if (answer) swap(answer.fragments);
}

// --- calculators --------------------------------------------------------------------------------------

/** @param {string} kind */
const entries = (kind) => /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (all(`#${kind}-saisie [data-nom]`).filter((one) => !one.closest(".membre")));

/** Fill the calculators with what is known of the person, then with what was typed in them. */
export function fill() {
  const person = current();
  const known = told(person);
  for (const kind of ["cotation", "reste"]) {
    for (const one of entries(kind)) {
      const typed = person.calculators[kind][one.dataset.nom || ""];
      const fact = known[one.dataset.depuis || ""];
      const value = typed ?? (fact === undefined || isRefusal(fact) ? "" : String(fact));
      if (one !== document.activeElement && one.value !== value) one.value = value;
    }
  }
  members();
}

function members() {
  const person = current();
  const holder = byId("reste-personnes");
  if (holder.contains(document.activeElement) && holder.childElementCount === person.members.length) return;
  const model = /** @type {HTMLTemplateElement} */ (byId("reste-modele"));
  holder.replaceChildren(...person.members.map((member, rank) => {
    const copy = /** @type {HTMLElement} */ (model.content.cloneNode(true)).querySelector("fieldset");
    if (!copy) throw new Error("reste-modele");
    const legend = copy.querySelector("legend");
    if (legend) legend.textContent = `Personne ${rank + 1}`;
    for (const one of /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (all("[data-nom]", copy))) one.value = member[one.dataset.nom || ""] || "";
    return copy;
  }));
}

/** @param {string} text @param {string | undefined} type @returns {unknown} */
function value(text, type) {
  if (type === "bool") return text === "true";
  if (type === "choix" || type === undefined) return text;
  if (type === "rangs") return text.split(/[;,\s]+/).filter(Boolean).map((rank) => ({ rang: number(rank) }));
  return number(text);
}

/** @param {string} text @returns {number | string} what is not a number stays as typed, for the server to say so */
function number(text) {
  const plain = text.replace(/[\s\u202f€]/g, "").replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** @param {object} target @param {string} path @param {unknown} put */
function place(target, path, put) {
  const keys = path.split(".");
  const last = /** @type {string} */ (keys.pop());
  let node = /** @type {Record<string, any>} */ (target);
  for (const key of keys) node = node[key] ??= {};
  node[last] = put;
}

/** @param {string} kind */
async function calculate(kind) {
  fill();
  /** @type {Record<string, unknown>} */
  const request = {};
  for (const one of entries(kind)) if (one.value.trim()) place(request, one.dataset.nom || "", value(one.value.trim(), one.dataset.type));
  if (kind === "reste") {
    request.personnes = current().members.map((member) => Object.fromEntries(
      Object.entries(member).filter(([, text]) => text).map(([key, text]) => [key, key === "age" ? number(text) : text])));
  }
  try {
    const answer = await ask(kind === "reste" ? "reste-pour-vivre" : kind, request);
    if (answer) swap(answer.fragments);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 422) throw error;
    byId(kind).replaceChildren(Object.assign(document.createElement("p"), { className: "erreur", textContent: error.message }));
  }
}

const calculateSoon = later(calculate, 150);

function listenCalculators() {
  for (const kind of ["cotation", "reste"]) {
    byId(`${kind}-saisie`).addEventListener("submit", (event) => event.preventDefault());
    byId(`${kind}-saisie`).addEventListener("input", (event) => {
      const one = /** @type {HTMLInputElement} */ (event.target);
      const member = one.closest(".membre");
      if (member) current().members[all(".membre").indexOf(/** @type {HTMLElement} */ (member))][one.dataset.nom || ""] = one.value;
      else current().calculators[kind][one.dataset.nom || ""] = one.value;
      save();
      calculateSoon(kind);
    });
  }
  byId("reste-ajouter").addEventListener("click", () => {
    current().members.push({});
    members();
    all(".membre input").at(-1)?.focus();
    calculateSoon("reste");
  });
  byId("reste-personnes").addEventListener("click", (event) => {
    const button = clicked(event, "[data-retirer]");
    const member = button?.closest(".membre");
    if (!member) return;
    current().members.splice(all(".membre").indexOf(/** @type {HTMLElement} */ (member)), 1);
    byId("reste-ajouter").focus();
    members();
    save();
    calculateSoon("reste");
  });
}

// --- a correction of a place --------------------------------------------------------------------------

function listenCorrections() {
  const box = dialog("correction");
  let corrected = "";
  byId("personne").addEventListener("click", (event) => {
    const button = clicked(event, "[data-corriger]");
    if (!button) return;
    corrected = button.dataset.corriger || "";
    byId("correction-lieu").textContent = button.dataset.nom || "";
    byId("correction-reponse").textContent = "";
    input("k-valeur").value = input("k-note").value = "";
    ask_value();
    box.showModal();
  });
  const ask_value = () => { byId("k-valeur-bloc").hidden = select("k-champ").value.startsWith("="); };
  byId("k-champ").addEventListener("change", ask_value);
  byId("correction-saisie").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = select("k-champ").value;
    const body = {
      lieu: corrected, champ: field.replace("=", ""), valeur: field.startsWith("=") ? null : input("k-valeur").value,
      preuve: select("k-preuve").value, note: input("k-note").value || null,
    };
    try {
      const answer = await ask("proposition", body);
      if (answer) byId("correction-reponse").textContent = answer.message;
    } catch (error) {
      if (error instanceof Refused) byId("correction-reponse").textContent = error.message;
    }
  });
}

export function listen() {
  tabs.listen(list, (tab) => open(tab.id.replace("outil-", "")));
  byId("filtres").addEventListener("change", refresh);
  byId("filtres").addEventListener("submit", (event) => event.preventDefault());
  for (const side of ["c-gauche", "c-droite"]) {
    byId(side).addEventListener("change", () => compareThese(select("c-gauche").value, select("c-droite").value));
  }
  byId("personne").addEventListener("click", (event) => {
    const button = clicked(event, "[data-comparer]");
    const [left, right] = button?.dataset.comparer?.split(" ") || [];
    if (!left) return;
    compareThese(left, right);
    byId("outil-comparer").focus();
  });
  listenCalculators();
  listenCorrections();
}
