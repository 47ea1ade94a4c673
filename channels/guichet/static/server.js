// @ts-check
// Questions to the server. Of two answers on the same subject, only the one to the last question is used.

import { byId } from "./page.js";

/** @type {Map<string, AbortController>} */
const asked = new Map();

/** A refusal of the server, said in French. */
export class Refused extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path after /guichet/
 * @param {object} body
 * @param {string} [subject] questions on the same subject replace one another
 * @returns {Promise<any | null>} null when a later question took its place
 */
export async function ask(path, body, subject = path) {
  asked.get(subject)?.abort();
  const control = new AbortController();
  asked.set(subject, control);
  try {
    const response = await fetch(`/guichet/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-Jalon-Jeton": byId("personne").dataset.jeton || "" },
      body: JSON.stringify(body),
      signal: control.signal,
    });
    const answer = await response.json();
    if (asked.get(subject) !== control) return null;
    if (!response.ok) throw new Refused(answer.erreurs.map((/** @type {{message: string}} */ one) => one.message).join(" "), response.status);
    return answer;
  } catch (error) {
    if (control.signal.aborted) return null;
    if (error instanceof Refused) throw error;
    throw new Refused("La connexion avec Jalon est coupée. Ce que vous avez écrit est gardé dans cet onglet.", 0);
  }
}

/** @param {string} subject forget a question under way */
export function drop(subject) {
  asked.get(subject)?.abort();
  asked.delete(subject);
}
