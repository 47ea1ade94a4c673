// « Lire à voix haute »: the last answer, one sentence at a time. Some browsers stop a long speech by themselves.

import { said } from "./diction.js";

const READ = "p, h3, h4, li, summary";
const START = "Lire à voix haute";
const STOP = "Arrêter la lecture";

/** @returns {SpeechSynthesisVoice | undefined} */
function frenchVoice() {
  const voices = speechSynthesis.getVoices().filter((voice) => voice.lang.toLowerCase().startsWith("fr"));
  return voices.find((voice) => voice.localService) ?? voices[0];
}

/** What was said after the person's last message. @param {Element} journal @returns {HTMLElement[]} */
function lastAnswer(journal) {
  const items = [...journal.children];
  const mine = items.findLastIndex((item) => item.matches(".de-vous"));
  const sentences = items.slice(mine + 1).flatMap((item) => [...item.querySelectorAll(READ)]);
  return /** @type {HTMLElement[]} */ (sentences.filter((one) => !one.querySelector(READ) && one.checkVisibility()));
}

/** The words on the screen, without those that only screen readers get. @param {HTMLElement} element */
function words(element) {
  const copy = /** @type {HTMLElement} */ (element.cloneNode(true));
  copy.querySelectorAll(".cache").forEach((hidden) => hidden.remove());
  return (copy.textContent ?? "").trim();
}

/**
 * Make the button work; it stays hidden while there is no French voice.
 * @param {HTMLElement} button @param {Element} journal @returns {() => void} what stops the reading
 */
export function readAloud(button, journal) {
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  /** @type {HTMLElement[]} */
  let left = [];

  const stop = () => {
    left = [];
    journal.querySelector(".lu")?.classList.remove("lu");
    label.textContent = START;
    speechSynthesis.cancel();
  };

  const next = () => {
    journal.querySelector(".lu")?.classList.remove("lu");
    const sentence = left.shift();
    const voice = frenchVoice();
    if (!sentence || !voice) return stop();
    const speech = new SpeechSynthesisUtterance(said(words(sentence)));
    speech.voice = voice;
    speech.lang = voice.lang; // some phones read the language here and not in the voice
    speech.onend = () => { if (label.textContent === STOP) next(); };
    speech.onerror = stop;
    sentence.classList.add("lu");
    sentence.scrollIntoView({ block: "nearest" });
    speechSynthesis.speak(speech);
  };

  const offer = () => { button.hidden = !frenchVoice(); };
  if (!("speechSynthesis" in window)) return () => {};
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer); // the list comes after the page
  button.addEventListener("click", () => {
    if (label.textContent === STOP) return stop();
    left = lastAnswer(journal);
    label.textContent = STOP;
    next();
  });
  window.addEventListener("pagehide", stop);
  return stop;
}
