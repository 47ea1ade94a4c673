"""The word lists of `assistant/lexique/`, and how one typed word becomes normalised words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from assistant.reading.phonetic import phonetic_key
from data.yaml_reader import read_yaml

FOLDER = Path(__file__).resolve().parent.parent / "lexique"

_SHORT_WORD = 3


class Lexicon:
    """Read-only word lists. Build it once with `load_lexicon()` and share it."""

    def __init__(self, documents: dict[str, dict]):
        self.documents = documents
        writing = documents["ecriture"]
        self.forms: dict[str, str] = {str(k): str(v) for k, v in writing["formes"].items()}
        self.digit_words = "|".join(
            re.escape(form) + r"(?![a-z0-9])"
            for form in sorted(self.forms, key=len, reverse=True)
            if any(c.isdigit() for c in form)
        )
        self.verbs = frozenset(writing["verbes_apres_j"])
        self.ordinal_suffixes = frozenset(writing["suffixes_ordinaux"])
        self.glued_units = dict(writing["unites_collees"])
        self.numbers = dict(writing["nombres"])
        self.tens = frozenset(form for form, value in self.numbers.items() if value >= 20 and value % 10 == 0)
        self.after_tens = self.tens | {"et", "cent", "cents", "mille"}
        self.multipliers = dict(writing["multiplicateurs"])
        self.ordinals = dict(writing["ordinaux"])
        self.lone_number_exceptions = frozenset(writing["nombres_ambigus_seuls"])
        self.number_units = frozenset(writing["unites_apres_nombre"])
        self.after_my = frozenset(writing["apres_mes"])
        self.titles = frozenset(writing["titres"])
        self.short_forms = frozenset(writing["abreviations"])
        self.dotted = dict(writing["point_final"])
        self.phone_lines = frozenset(writing["numeros_dits"])
        self.pairs = {tuple(pair.split()): str(form) for pair, form in writing["paires"].items()}
        self.phrases = {tuple(pair.split()): str(form) for pair, form in writing["locutions"].items()}
        self.before_de = frozenset(writing["deux_est_de"])
        self.numbered = frozenset(writing["chiffre_apres"])
        self.counted = frozenset(writing["comptes"])
        self._no_numbers = frozenset(writing["jamais_nombres"])
        self.initials = {str(k): str(v) for k, v in writing["sigles"].items()}
        self.macros = {name: str(value) for name, value in documents["macros"].items()}
        self._never = frozenset(writing["jamais_corriger"])
        self._verb_by_sound = {phonetic_key(verb): verb for verb in reversed(writing["verbes_apres_j"])}
        self._expand = lru_cache(maxsize=20000)(self._expand_uncached)

    def expand(self, accented: str, token: str) -> str:
        """Normalised words for one typed word (`accented`: lower case with accents, `token`: without)."""
        return self._expand(accented, token)

    def _expand_uncached(self, accented: str, token: str) -> str:
        for form in (accented, token, squeeze(accented, 1), squeeze(token, 1), squeeze(token, 2)):
            if form in self.forms:
                return self.forms[form]
        token = token if self._known(token) else _best_squeeze(token, self.vocabulary)
        if self._known(token) or len(token) < 3:
            return token
        return (
            self._unglue(token, accented)
            or self._correct(token, accented)
            or self._elided(token)
            or self._number(token)
            or token
        )

    def _known(self, token: str) -> bool:
        return token in self.vocabulary or (token[-1] in "sx" and token[:-1] in self.vocabulary)

    def _unglue(self, token: str, accented: str) -> str | None:
        if token[0] == "j" and (token[1:] in self.verbs or token[1:] in self.forms and len(token) > 3):
            return "je " + self.forms.get(token[1:], token[1:])
        if token[0] == "j" and token[1] == "e" and token[2:] in self.verbs:
            return "je " + token[2:]
        if token[0] == "j" and self._verb_by_sound.get(phonetic_key(token[1:])):
            return "je " + self._verb_by_sound[phonetic_key(token[1:])]
        for prefix in ("qu", "l", "d", "m", "t", "s", "n", "c", "j"):
            rest = token[len(prefix) :]
            shortest = 3 if prefix in ("qu", "l", "d", "j") else 5
            if token.startswith(prefix) and len(rest) >= shortest and rest[0] in "aeiouyh":
                if rest in self.vocabulary:
                    return f"{prefix} {rest}"
                if len(rest) > 3 and rest in self.forms:
                    return f"{prefix} {self.forms[rest]}"
        if token[0] == "z" and token[1] in "aeiouh":
            liaison = self.expand(token[1:], token[1:])
            if liaison != token[1:] or self._known(liaison):
                return liaison
        if accented.startswith("dé"):
            return None
        for article in ("le", "la", "les", "de", "du", "des", "un", "une", "mon", "ma", "mes", "a"):
            rest = token[len(article) :]
            if token.startswith(article) and len(rest) >= 5 and rest in self.vocabulary:
                return f"{article} {rest}"
        return None

    def _correct(self, token: str, accented: str = "") -> str | None:
        """The word that sounds like `token`, if only one does. The accent of the last letters tells their sound."""
        if len(token) < 3 or token in self._never:
            return None
        final = [token + ending for mark, ending in (("é", "r"), ("èr", "e")) if accented.endswith(mark)]
        for spelling in (token, *final):
            key = phonetic_key(spelling)
            if len(key) > 2 and key in self._by_sound:
                return _alike(self._by_sound[key], token)
        return None

    def _elided(self, token: str) -> str | None:
        """« lékol »: an article glued to a word known by its sound."""
        rest = self._correct(token[1:]) if token[0] in "ldsmn" and len(token) > 4 else None
        return f"{token[0]} {rest}" if rest and rest[0] == token[1] and rest[0] in "aeiouyh" else None

    def _number(self, token: str) -> str | None:
        """« vintroi »: two numbers written as one word."""
        for cut in range(3, len(token) - 2):
            tens, units = (self._number_by_sound.get(phonetic_key(p)) for p in (token[:cut], token[cut:]))
            if tens in (*self.tens, "dix") and units:
                return f"{tens} {units}"
        return None

    def number_sound(self, form: str, typed: int) -> str | None:
        """The number that `form` is, or sounds like when no more than three letters were typed."""
        if form in self.numbers or form in self.multipliers:
            return form
        heard = typed <= _SHORT_WORD and form not in self._no_numbers
        return self._number_by_sound.get(phonetic_key(form)) if heard else None

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every full word that the lists use, plus the common words that must not be changed."""
        return self._vocabulary

    def finish(self) -> Lexicon:
        """Compute the vocabulary from all the lists. Called once by `load_lexicon`."""
        known: set[str] = set()
        for name, document in self.documents.items():
            if name != "ecriture":
                known.update(_literal_words(document))
        known.update(self.documents["ecriture"]["mots_courants"].split())
        known.update(word for value in self.forms.values() for word in value.split())
        known.update(self.numbers, self.multipliers, self.ordinals)
        self._vocabulary = frozenset(known)
        self._by_sound = _by_sound(known, self.forms)
        numbers = [*self.numbers, *self.multipliers]
        self._number_by_sound = {phonetic_key(number): number for number in reversed(numbers)}
        return self


def _by_sound(words: Iterable[str], forms: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Sound -> forms of the only word that sounds so. A listed spelling lends its sound to the others."""
    sounds: dict[str, set[str]] = {}
    for word in words:
        if len(word) >= 4:
            sounds.setdefault(phonetic_key(word), set()).add(word)
        if len(word) > 5 and word.endswith("ent"):
            sounds.setdefault(phonetic_key(word[:-2]), set()).add(word)
    listed: dict[str, set[str]] = {}
    for form, value in forms.items():
        if len(form) >= 5 and form.isascii() and form.isalpha() and phonetic_key(form) not in sounds:
            listed.setdefault(phonetic_key(form), set()).add(value)
    one_word = {key: tuple(sorted(found)) for key, found in sounds.items() if _one_word(found)}
    return one_word | {key: tuple(found) for key, found in listed.items() if len(found) == 1}


def _one_word(words: set[str]) -> bool:
    """All are forms of the same word."""
    return len({re.sub(r"((?<=...)ent|es|e|s|x)$", "", word).removesuffix("t") for word in words}) == 1


def _alike(words: tuple[str, ...], token: str) -> str:
    """The form that ends like the word typed, else the shortest."""
    return min(words, key=lambda word: (word[-1] != token[-1], len(word), word))


def squeeze(word: str, keep: int) -> str:
    """« troooop » with runs of three or more letters reduced to `keep`."""
    return re.sub(r"(.)\1{2,}", lambda match: match.group(1) * keep, word)


def _best_squeeze(token: str, vocabulary: frozenset[str]) -> str:
    double = squeeze(token, 2)
    return double if double in vocabulary else squeeze(token, 1)


def _literal_words(node: object):
    if isinstance(node, dict):
        for value in node.values():
            yield from _literal_words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _literal_words(value)
    elif isinstance(node, str):
        bare = re.sub(r"\{\w+\}|\\\w", " ", node)
        for word, optional in re.findall(r"(?<![\w*])([a-z]{3,})(?![\w*\[])(\??)", bare):
            yield word
            if optional and len(word) > 3:
                yield word[:-1]


@lru_cache(maxsize=2)
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """Read every YAML list of `folder`. Raises data.yaml_reader.YamlError, OSError, KeyError."""
    documents = {path.stem: read_yaml(path) for path in sorted(folder.glob("*.yml"))}
    return Lexicon(documents).finish()
