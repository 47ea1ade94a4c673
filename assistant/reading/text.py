"""Turn a typed message into normalised words that keep their place in the original text.

One step, no model: Unicode, case, accents, apostrophes, repeated letters, numbers (digits and
words), unambiguous SMS forms and phonetic spellings of words we know. Nothing is guessed: a word
that is not understood stays as it is. The lists live in `assistant/lexique/ecriture.yml`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property

from assistant.reading.lexicon import Lexicon

NUMBER = "#"
YOUNG = "#mineur"
MAX_CHARACTERS = 5000
_CHILDHOOD, _MAJORITY = 9, 18  # between: an age that makes a danger of being alone outside
_YEARS = ("ans", "an")
# « 68a » is an age; « 2a+4e » counts adults.
_YOUNGEST_TOLD = 14
_AROUND = 12
_MOST_CHILDREN = 9
_WRITTEN_YEARS = range(1900, 2100)

_PUNCTUATION = {
    "€": "euros",
    "+": "et",
    "&": "et",
    "!": ".",
    "?": "?",
    ".": ".",
    ";": ".",
    "…": ".",
    ",": ",",
    ":": ",",
    "=": ",",
    "%": "pourcent",
    "(": ",",
    ")": ",",
    "/": ",",
    "|": ",",
}
_TOKEN = (
    r"(?P<telephone>\b0[1-9](?:[ .-]{{0,3}}\d\d){{4}}\b)"
    r"|(?P<jour>(?:(?<=\ble )|(?<=paris )|(?<=\bdu )|(?<=\bau )|(?<=[eu]  ))\d{{1,2}}/(?:0?[1-9]|1[0-2])(?![/\d]))"
    r"|(?P<date>\b\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}})\b)"
    r"|(?P<mois>\b(?:0?[1-9]|1[0-2])/(?:19|20)\d\d\b)"
    r"|(?P<demi>(?<![\d/])1/2(?![\d/]))"
    r"|(?P<heure>\b\d{{1,2}} ?h(?:\d\d)?\b|\b\d{{1,2}}:\d\d\b)"
    r"|(?P<chiffres>{digit_words})"
    r"|(?P<reference>\d{{10,}})"
    r"|(?P<milliers>\d+(?:[.,]\d+)?k\d?(?![a-z]))"
    r"|(?P<nombre>\d{{1,3}}(?:(?: {{1,3}}|\.)\d{{3}})+(?:,\d{{1,2}})?(?!\d)|\d+(?:[.,]\d+)?)"
    r"|(?P<mot>[a-z]+)"
    r"|(?P<signe>[€+&!?.;…,:()/|=%])"
)


@dataclass(frozen=True)
class Word:
    """A normalised word. `start` and `end` are offsets in the original text; `value` for numbers."""

    form: str
    start: int
    end: int
    value: float | None = None


@dataclass(frozen=True)
class Reading:
    """A message once read. `line` is the normalised words joined by one space."""

    text: str
    words: tuple[Word, ...] = field(default=())

    @cached_property
    def line(self) -> str:
        return " ".join(word.form for word in self.words)

    @cached_property
    def learning_forms(self) -> tuple[str, ...]:
        """The words as the learned model sees them: a minor's age is not any number."""
        following = [*(word.form for word in self.words), ""][1:]
        return tuple(
            YOUNG
            if word.value is not None and _CHILDHOOD < word.value < _MAJORITY and after in _YEARS
            else word.form
            for word, after in zip(self.words, following, strict=True)
        )

    @cached_property
    def _offsets(self) -> list[int]:
        offsets, position = [], 0
        for word in self.words:
            offsets.append(position)
            position += len(word.form) + 1
        return offsets

    def word_at(self, offset: int) -> int:
        """Index of the word that holds this offset of `line`."""
        return max(0, bisect_right(self._offsets, offset) - 1)

    def offset_of(self, index: int) -> int:
        """Offset in `line` of the word at this index (the end of the line when past the last)."""
        return self._offsets[index] if index < len(self.words) else len(self.line)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets in the original text of words `first` to `last` (both included)."""
        return self.words[first].start, self.words[last].end


def fold(text: str) -> tuple[str, list[int]]:
    """Lower-case `text` without accents, and for each character its index in `text`."""
    characters, origins = [], []
    for index, character in enumerate(text):
        for piece in unicodedata.normalize("NFKD", _LIGATURES.get(character, character)):
            if unicodedata.combining(piece):
                continue
            for lower in piece.lower():
                characters.append(" " if lower.isspace() else lower)
                origins.append(index)
    return "".join(characters), origins


_TITLES = ("monsieur", "madame")
_AFTER_SHORT_FORM = re.compile(r" *[a-z0-9]")
_PER = re.compile(r" ?(mois|moi|m|mens|an|annee|jour|j|semaine)\b")
_EUROS = re.compile(r" ?(€|e\b|eu)")
# « 300 eu par mois », and not « en 2019 eu un accident ».
_AFTER_EUROS = re.compile(r" *($|[,.;:!?)/+]|(de|d|par|pour|a|et|net|chez|le|du|mais|je|j|on|sur|tt|tout)\b)")
_CODE = re.compile(
    r"\{[^{}]*\}?|\S*_\S*"
)  # nobody writes braces nor underscores: what they hold was not said
_SIGNS = re.compile(r"([^\w\s]{3})[^\w\s]+")  # « !!!!!! » says no more than « !!! »
_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "…": "."}


def plain(text: str) -> str:
    """`text` without accents nor capitals."""
    return fold(text)[0]


def read(text: str, lexicon: Lexicon) -> Reading:
    """Normalise a message. A text of more than 5,000 characters is read up to there."""
    text = text[:MAX_CHARACTERS]
    if _is_binary(text):
        return Reading("")
    shadow, origins = fold(text)
    shadow = _CODE.sub(lambda found: " " * len(found.group()), shadow)
    shadow = _SIGNS.sub(lambda found: found[1] + " " * (len(found[0]) - len(found[1])), shadow)
    words: list[Word] = []
    for match in _tokens(lexicon).finditer(shadow):
        start, end = origins[match.start()], _end(text, origins[match.end() - 1])
        glued = bool(words) and words[-1].end == start
        small_letters = _among_small_letters(text, start, end)
        words.extend(_words(match, text[start:end], start, end, glued, words, small_letters, lexicon))
    return Reading(text, tuple(_elide(_join_numbers(_spoken_numbers(words, lexicon), lexicon), lexicon)))


def _is_binary(text: str) -> bool:
    """A file, not a message: one character in twenty is a control character."""
    controls = sum(
        unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text
    )
    return controls * 20 > len(text)


def _among_small_letters(text: str, start: int, end: int) -> bool:
    """Capital letters mean something where the words around have none: « DE » in « LOYER DE 720 » does not."""
    around = text[max(0, start - _AROUND) : start] + text[end : end + _AROUND]
    return any(character.islower() for character in around)


def _tokens(lexicon: Lexicon) -> re.Pattern:
    return re.compile(_TOKEN.format(digit_words=lexicon.digit_words))


def _end(text: str, last: int) -> int:
    end = last + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _words(match, raw, start, end, glued, before, small_letters, lexicon) -> list[Word]:
    kind, token = match.lastgroup, match.group()
    if kind == "demi":
        return [Word("demi", start, end)]
    if kind in ("telephone", "date", "jour", "mois", "heure", "reference"):
        return [Word(f"<{kind}>", start, end)]
    if kind == "signe" and token == "=" and re.match(r" *\d", match.string[match.end() :]):
        return [Word("soit", start, end)]
    if kind == "signe" and token == "." and glued and _is_short_form(match, before, lexicon):
        return []
    if kind == "signe" and token == "/" and _PER.match(match.string, match.end()):
        return [Word("par", start, end)]
    if kind == "signe":
        return [Word(_PUNCTUATION[token], start, end)]
    if kind == "milliers":
        return [Word(NUMBER, start, end, _thousands(token))]
    if kind == "nombre" and token in lexicon.phone_lines and not _EUROS.match(match.string, match.end()):
        return [Word(token, start, end)]
    if kind == "nombre":
        return [Word(NUMBER, start, end, _digits(token))]
    if kind == "mot" and glued and before[-1].value is not None:
        unit = _unit(token, before[-1].value, lexicon)
        if unit:
            return [Word(form, start, end) for form in unit.split()]
    next_is_apostrophe = match.end() < len(match.string) and match.string[match.end()] in "'’‘`´"
    if len(token) == 1 and next_is_apostrophe:
        return [Word(token, start, end)]
    if raw == "E" and small_letters and _counts_children(before):
        return [Word("enfants", start, end)]
    spaced_euros = raw.lower() in ("e", "eu") and before and before[-1].value is not None
    if spaced_euros and (raw.lower() == "e" or _AFTER_EUROS.match(match.string, match.end())):
        return [Word(_unit(token, before[-1].value, lexicon), start, end)]
    if raw in lexicon.initials and small_letters:
        return [Word(form, start, end) for form in lexicon.initials[raw].split()]
    if raw == "M" and before and before[-1].form in _TITLES:
        return [Word("m", start, end)]
    if raw == "M" and re.match(r" +\d", match.string[match.end() :]):
        return [Word("monsieur", start, end)]
    if raw in ("M", "G") and match.string[match.end() : match.end() + 1] == ".":
        return [Word("monsieur" if raw == "M" else "g", start, end)]
    if token in lexicon.dotted and match.string[match.end() : match.end() + 1] == ".":
        return [Word(lexicon.dotted[token], start, end)]
    accented = unicodedata.normalize("NFC", raw).lower()
    return [Word(form, start, end) for form in lexicon.expand(accented, token).split()]


def _counts_children(before: list[Word]) -> bool:
    """« Mme 44 ans, 3 E »: counter shorthand, unless a district is named (« Paris 3 E »)."""
    if not before or before[-1].value is None or not 1 <= before[-1].value <= _MOST_CHILDREN:
        return False
    return len(before) > 1 and before[-2].form in (",", "et", "seul", "seule", "couple", "ans", "isolee")


def _is_short_form(match, before, lexicon) -> bool:
    """« M. 48 ans », « ress. 0 »: this full stop ends no sentence."""
    shortened = match.string[: match.start()].rpartition(" ")[2]
    if shortened in lexicon.titles:
        return before[-1].form in _TITLES
    return shortened in lexicon.short_forms and _AFTER_SHORT_FORM.match(match.string, match.end()) is not None


def _unit(token: str, value: float, lexicon: Lexicon) -> str | None:
    if token in lexicon.ordinal_suffixes and value == int(value) and 1 <= value <= 20:
        return "eme"
    if token == "a" and value >= _YOUNGEST_TOLD:
        return "ans"
    return lexicon.glued_units.get(token)


def _digits(token: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[ .]+\d{3})+(?:,\d+)?", token):
        token = token.replace(" ", "").replace(".", "")
    value = float(token.replace(",", "."))
    return value


def _thousands(token: str) -> float:
    whole, _, rest = token.partition("k")
    return float(whole.replace(",", ".")) * 1000 + (int(rest) * 100 if rest else 0)


def _elide(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """One writing for « j suis » and « je suis », « je ai » and « j ai », « 4 moi » and « 4 mois »."""
    result = []
    said = False
    for word, following in zip(words, [*words, None][1:], strict=True):
        if said:
            said = False
            continue
        vowel = following is not None and following.form[0] in "aeiouh"
        form = word.form
        if following is not None and (form, following.form) in lexicon.phrases:
            result.append(Word(lexicon.phrases[form, following.form], word.start, following.end))
            said = True
            continue
        if following is not None and (form, following.form) in lexicon.pairs:
            result.extend(
                Word(part, word.start, word.end) for part in lexicon.pairs[form, following.form].split()
            )
            continue
        if form == "j" and following is not None and following.form in lexicon.verbs and not vowel:
            form = "je"
        elif form == "e":
            form = "est" if result and _wants_verb(result[-1], following) else "et"
        elif form == "mais" and word.end - word.start == 2 and _is_mine(following, lexicon):
            form = "mes"
        elif word.value in (1, 2) and word.end - word.start == 1 and _is_plain_word(following, lexicon):
            form = _sound_of_digit(word, result, lexicon)
        elif form == "moi" and result and result[-1].value is not None:
            form = "mois"
        elif form in ("je", "de") and vowel and following.form not in ("onze", "huit", "ou"):
            form = form[0]
        result.append(word if form == word.form else Word(form, word.start, word.end))
    return result


def _is_plain_word(following: Word | None, lexicon: Lexicon) -> bool:
    """A word that a digit before it does not count."""
    return following is not None and following.form.isalpha() and following.form not in lexicon.counted


def _sound_of_digit(digit: Word, before: list[Word], lexicon: Lexicon) -> str:
    """« ché 1 pote » is « un », « pa 2 logement » is « de »; other digits are numbers."""
    previous = before[-1].form if before else ""
    if digit.value == 2:
        return "de" if previous in lexicon.before_de else NUMBER
    said = len(previous) > 1 and previous.isalpha()
    return "un" if said and previous not in lexicon.numbered and previous not in lexicon.numbers else NUMBER


def _wants_verb(subject: Word, following: Word | None) -> bool:
    """« on é dehors »: this « é » is the verb, not « et »."""
    if following is None:
        return False
    return subject.form in ("on", "il", "qui") or subject.form == "elle" and following.value is None


def _is_mine(following: Word | None, lexicon: Lexicon) -> bool:
    """« mé gosses », « mé 2 fille »: this « mé » is « mes »."""
    return following is not None and (following.value is not None or following.form in lexicon.after_my)


def _spoken_numbers(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """« 6 san euro », « vin sis an »: short words that sound like a number, among numbers and before a unit."""
    result = list(words)
    first = 0
    for index, word in enumerate(words):
        inside = word.form in ("un", "une", "et") if index > first else word.value is not None
        if inside or lexicon.number_sound(word.form, word.end - word.start):
            continue
        run = words[first:index]
        known = any(w.value is not None or w.form in lexicon.numbers for w in run)
        if len(run) > 1 and known and word.form in lexicon.number_units:
            result[first:index] = [
                w if w.value is not None else replace(w, form=lexicon.number_sound(w.form, 0) or w.form)
                for w in run
            ]
        first = index + 1
    return result


def _join_numbers(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Replace numbers written in words (« six cents », « dix-huitième ») by one number word."""
    result: list[Word] = []
    index = 0
    while index < len(words):
        if words[index].form == "sept" and _is_year(words[index + 1 : index + 2]):
            result.append(replace(words[index], form="septembre"))
            index += 1
            continue
        length, value, ordinal = _number_at(words, index, lexicon)
        if not length:
            result.append(words[index])
            index += 1
            continue
        start, end = words[index].start, words[index + length - 1].end
        result.append(Word(NUMBER, start, end, value))
        if ordinal:
            result.append(Word("eme", start, end))
        index += length
    return result


def _is_year(following: list[Word]) -> bool:
    """« sept. 2026 » is a month."""
    return bool(following) and following[0].value in _WRITTEN_YEARS


def _number_at(words, index, lexicon) -> tuple[int, float, bool]:
    total, group, length, ordinal = 0.0, 0.0, 0, False
    digits_first = words[index].value is not None
    if digits_first and not (index + 1 < len(words) and words[index + 1].form in lexicon.multipliers):
        return 0, 0.0, False
    while index + length < len(words):
        word = words[index + length]
        form = word.form
        if word.value is not None and length == 0:
            group = word.value
        elif form in ("vingt", "vingts") and group % 100 == 4:
            group += 76
        elif (
            form in ("un", "une", "onze") and length and words[index + length - 1].form in lexicon.after_tens
        ):
            group += 11 if form == "onze" else 1
        elif word.value == 1 and words[index + length - 1].form == "et":
            group += 1
        elif form in lexicon.numbers:
            group += lexicon.numbers[form]
        elif form in lexicon.multipliers:
            factor = lexicon.multipliers[form]
            if factor == 100:
                group = max(group, 1) * 100
            else:
                total, group = total + max(group, 1) * factor, 0.0
        elif form in lexicon.ordinals:
            group, ordinal, length = group + lexicon.ordinals[form], True, length + 1
            break
        elif form == "et" and length and _follows_et(words, index + length, lexicon):
            pass
        else:
            break
        length += 1
    if length == 1 and words[index].form in lexicon.lone_number_exceptions:
        following = words[index + 1].form if index + 1 < len(words) else ""
        if following not in lexicon.number_units and len(words) > 1:
            return 0, 0.0, False
    return length, total + group, ordinal


def _follows_et(words, index, lexicon) -> bool:
    if index + 1 >= len(words) or words[index - 1].form not in lexicon.tens:
        return False
    return words[index + 1].form in ("un", "une", "onze") or words[index + 1].value == 1
