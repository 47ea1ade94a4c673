// How a text is said aloud: numbers to call by pairs, hours, arrondissements and units as words, no address of a site.

const RANKS = [
  "premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième", "huitième", "neuvième",
  "dixième", "onzième", "douzième", "treizième", "quatorzième", "quinzième", "seizième", "dix-septième",
  "dix-huitième", "dix-neuvième", "vingtième",
];

const SITE = /(?:https?:\/\/|www\.)\S*[^\s.,;:!?»)]|\b[\w-]+(?:\.[\w-]+)*\.(?:fr|com|org|net|eu|paris)\b(?:\/\S*[^\s.,;:!?»)])?/gi;
const MAIL = /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const LONG_NUMBER = /(?<!\d)0(?: ?\d){9}(?!\d)/g;
const FREE_NUMBER = /(?<!\d)0 ?8\d\d(?: ?\d){6}(?!\d)/g;
const FOUR_DIGITS = /(?<![\d,.] ?)3[0-9] ?\d\d(?!\d| ?(?:\d|€|euros?|%|m\b|mètres?|heures?|ans))/g;
const HELP_LINE = /(?<!\d)116 ?(\d{3})(?!\d)/g;
const TIME = /(?<!\d)(\d{1,2}) ?h(?: ?(\d\d))?(?![\wÀ-ÿ])/g;
const RANK = /(?<!\d)(\d{1,2})(?:er|re|e|ème)(?![\wÀ-ÿ])/g;
const SAID = /** @type {[RegExp, string][]} */ ([
  [/€/g, " euros"],
  [/(?<=\d) ?km(?![\wÀ-ÿ])/g, " kilomètres"],
  [/(?<=\d) ?m(?![\wÀ-ÿ²])/g, " mètres"],
  [/(?<=\d) ?min(?![\wÀ-ÿ])/g, " minutes"],
  [/(?<![\wÀ-ÿ])Tél\./g, "Téléphone"],
  [/(?<![\wÀ-ÿ])n°/gi, "numéro"],
  [/[«»]/g, ""],
  [/\s+/g, " "],
]);

/** « 07 » is said « zéro sept », « 00 » « zéro zéro ». @param {string} digits */
const pair = (digits) => (digits.startsWith("0") ? digits.split("").join(" ") : digits);

/** @param {string} digits */
const pairs = (digits) => (digits.match(/\d\d/g) ?? []).map(pair).join(", ");

/** « 0 805 16 00 75 » has a middle of three digits. @param {string} number */
function freeNumber(number) {
  const digits = number.replace(/ /g, "");
  return `0, ${digits.slice(1, 4)}, ${pairs(digits.slice(4))}`;
}

/** @param {string} hours @param {string | undefined} minutes */
function time(hours, minutes) {
  const unit = Number(hours) > 1 ? "heures" : "heure";
  return `${Number(hours)} ${unit}${minutes && minutes !== "00" ? ` ${Number(minutes)}` : ""}`;
}

/**
 * The words to give to a voice for a sentence of the page.
 * @param {string} text @returns {string}
 */
export function said(text) {
  let words = text.replace(/\u00a0|\u202f/g, " ")
    .replace(MAIL, "l'adresse écrite sur la page")
    .replace(SITE, "le site écrit sur la page")
    .replace(FREE_NUMBER, freeNumber)
    .replace(LONG_NUMBER, (number) => pairs(number.replace(/ /g, "")))
    .replace(HELP_LINE, (_, end) => `116, ${end.split("").join(" ")}`)
    .replace(FOUR_DIGITS, (number) => pairs(number.replace(/ /g, "")))
    .replace(TIME, (_, hours, minutes) => time(hours, minutes))
    .replace(RANK, (written, number) => RANKS[Number(number) - 1] ?? written);
  for (const [written, spoken] of SAID) words = words.replace(written, spoken);
  return words.trim();
}
