// Sending, on a line that may fall: a message is kept until it is answered, and is answered once.
// The server knows a message sent a second time by the id of its sending.
import { keepWaiting, session, waiting } from "./memoire.js";

const WAIT_MS = 20000;
/** @typedef {import("./memoire.js").Envoi} Envoi */
/** @typedef {{html: string, givenBack: boolean}} Answer `givenBack`: the text was not taken and can be changed */

/** The server refuses this message for good: sending it again would change nothing. */
export class Refused extends Error {}

/** @param {Envoi} message @returns {Promise<Answer>} */
async function post(message) {
  const answer = await fetch("/tour", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ session: session(), canal: "web", ...message }),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  const givenBack = answer.headers.get("X-Jalon-Texte") === "garde";
  if (givenBack) return { html: await answer.text(), givenBack };
  if (answer.status >= 400 && answer.status < 500) throw new Refused(String(answer.status));
  if (!answer.ok) throw new Error(String(answer.status));
  return { html: await answer.text(), givenBack };
}

/** The server no longer knows this conversation. */
export class Gone extends Error {}

/** Ask the server to keep the conversation for its whole delay again. Throws Gone. */
export async function goOn() {
  const answer = await fetch("/continuer", {
    method: "POST",
    body: new URLSearchParams({ session: session() }),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  if (answer.status === 410) throw new Gone();
  if (!answer.ok) throw new Error(String(answer.status));
}

/** Ask the server to forget the session `id`. @param {string} id */
export async function forget(id) {
  const answer = await fetch(`/api/v1/sessions/${id}`, { method: "DELETE", signal: AbortSignal.timeout(WAIT_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
}

/**
 * Send what waits, oldest first; stops and throws at the first failure. What failed still waits, unless refused.
 * @param {(message: Envoi, answer: Answer) => void} answered
 */
export async function sendWaiting(answered) {
  for (let [message] = waiting(); message; [message] = waiting()) {
    try {
      const answer = await post(message);
      keepWaiting(waiting().slice(1));
      answered(message, answer);
    } catch (error) {
      if (error instanceof Refused) keepWaiting(waiting().slice(1));
      throw error;
    }
  }
}
