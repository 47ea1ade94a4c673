// Before the server forgets: say so, and give more time to whoever asks for it (reading slowly, called away).
import { Gone, goOn } from "./envoi.js";
import { answersLast, msLeft } from "./memoire.js";

const LOOK_MS = 5000;
const WARN_MS = 120000; // « moins de 2 minutes » below
const GONE = "Jalon a oublié vos réponses. Vous pouvez repartir du début.";

/**
 * @param {number} idleMs how long the server keeps answers
 * @param {HTMLElement} state where it is said @param {HTMLElement} button gives the whole delay again
 * @param {() => void} moveFocus called before the button goes
 * @returns {() => void} what takes the warning away, once the person has written
 */
export function warnBeforeForgetting(idleMs, state, button, moveFocus) {
  const minutes = idleMs / 60000;
  const notice = Math.min(WARN_MS, idleMs / 2);

  const close = () => { button.hidden = true; };

  const look = () => {
    const left = msLeft(idleMs);
    if (left > notice || button.hidden === (left <= 0)) return;
    button.hidden = left <= 0;
    state.textContent = left > 0
      ? "Jalon va oublier vos réponses dans moins de 2 minutes. Pour les garder, appuyez sur « Continuer »."
      : GONE;
    state.scrollIntoView({ block: "nearest" });
  };

  button.addEventListener("click", async () => {
    moveFocus();
    close();
    try {
      await goOn();
      answersLast();
      state.textContent = `Jalon garde vos réponses ${minutes} minutes de plus.`;
    } catch (error) {
      const gone = error instanceof Gone;
      button.hidden = gone;
      state.textContent = gone ? GONE : "Le réseau ne répond pas. Essayez encore.";
    }
  });
  setInterval(look, LOOK_MS);
  return close;
}
