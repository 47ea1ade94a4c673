"""Every street of Paris, once imported: found after « rue », « bd »… in a sentence, or alone in a short query.

Thousands of streets bear the name of everyday things (« rue du Jour », « rue Dieu »): in a sentence a street is
looked for only after a street word, and with more care when « la rue » may mean to live outside.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from sys import intern

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from data.gazetteer.addresses import HouseNumber
from data.gazetteer.names import BARE_STREET, VARIANT, PlaceIndex
from data.gazetteer.place import Lieu
from data.gazetteer.sentences import SOUND_PENALTY, Window, scaled
from data.gazetteer.text import Token, sound_of

# Weight of a street named with another street word (« rue Magenta »), by a part of its name (« bd Auriol »), and of
# a square that a known place is named after (« place de la Nation » is the station).
_OTHER_KIND, _PART = 0.85, 0.87
_SAME_AS_KNOWN = 0.9
_BARE = 0.76  # « trousseau »: near enough to the places that have it in their name (0.72) to be asked back
_BADLY_TYPED = 0.8  # below, the query is compared letter by letter with all the names
_LONGEST_NAME = 9  # words after the street word
_LIKENESS, _SHORTEST_LIKE = 84, 5  # out of 100, letters without the street word
_QUERY_LIKENESS = 75
# Share of letters left in place by slips of the finger (one lost, added, or changed places), and shortest name.
_SLIPS, _SHORTEST_SLIP = 0.8, 6
# « zzzyyyxxx » sounds like « Cicé » and shares no letter with it.
_SPELT_AS_HEARD = 35
_SHORTEST_PART = 4  # letters
_FIRST = itemgetter(0)
_HOUSE = re.compile(r"(\d{1,4})(bis|ter|quater|[btq])?")
_SUFFIXES = {"b": "bis", "t": "ter", "q": "quater", "bis": "bis", "ter": "ter", "quater": "quater"}
_BEFORE_NUMBER = frozenset({"au", "numero", "n", "no"})


# (place, weight, place, weight…): a quarter of the memory of a dictionary, for thousands of names that have one place.
_Weights = tuple[float, ...]


@dataclass
class _Keys:
    """Places by the letters and by the sound of a name."""

    letters: dict[str, _Weights] = field(default_factory=dict)
    sounds: dict[str, _Weights] = field(default_factory=dict)
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _groups: dict[tuple, dict] = field(default_factory=dict)

    def add(self, words: list[Token], number: int, weight: float) -> None:
        letters, sound = map(intern, _joined(words))  # the three indexes share most names
        if not letters or not sound:
            return
        for table, key in ((self.letters, letters), (self.sounds, sound)):
            table[key] = _with(table.get(key, ()), number, weight)
        spellings = self.spellings.get(sound, ())
        if letters not in spellings:
            self.spellings[sound] = (*spellings, letters)

    def exact(self, words: list[Token]) -> dict[int, float]:
        letters, sound = _joined(words)
        if letters in self.letters:
            return _read(self.letters[letters])
        spelt = max((fuzz.ratio(letters, other) for other in self.spellings.get(sound, ())), default=0)
        return scaled(_read(self.sounds[sound]), SOUND_PENALTY) if spelt >= _SPELT_AS_HEARD else {}

    def like(self, words: list[Token], minimum: int, same_start: bool = True) -> dict[int, float]:
        """Places whose name looks like these words: mean likeness of sound and letters, or few slips of the finger.

        `same_start`: only names that begin with the same sound or letter; else those of about the same length.
        """
        letters, sound = _joined(words)
        found: dict[int, float] = {}
        near = self._starting if same_start else self._as_long
        heard = near(self.sounds, sound)
        for name, likeness, _ in process.extract(
            sound, heard, scorer=fuzz.ratio, score_cutoff=minimum, limit=6
        ):
            spelling = max(fuzz.ratio(letters, other) for other in self.spellings[name])
            if spelling >= minimum - 10:
                _keep(found, scaled(_read(self.sounds[name]), (likeness + spelling) / 200))
        if len(letters) >= _SHORTEST_SLIP:
            typed = near(self.letters, letters)
            for name, likeness, _ in process.extract(
                letters, typed, scorer=OSA.normalized_similarity, score_cutoff=_SLIPS, limit=6
            ):
                _keep(found, scaled(_read(self.letters[name]), likeness))
        return found

    def _starting(self, table: Mapping[str, object], key: str) -> list[str]:
        """The names of a table that begin as `key` does."""
        return self._sorted_out(table, _FIRST).get(key[:1], [])

    def _as_long(self, table: Mapping[str, object], key: str) -> list[str]:
        """The names of a table whose length allows them to be like `key`."""
        lengths = self._sorted_out(table, len)
        likely = range(math.floor(len(key) * _SLIPS), math.ceil(len(key) / _SLIPS) + 1)
        return [name for length in likely for name in lengths.get(length, ())]

    def _sorted_out(self, table: Mapping[str, object], by: Callable) -> dict:
        """The names of a table by a property, computed once: the names no longer change when this is asked."""
        groups = self._groups.get((id(table), by))
        if groups is None:
            groups = {}
            for name in sorted(table):
                groups.setdefault(by(name), []).append(name)
            self._groups[id(table), by] = groups  # whole at once: other threads may be reading
        return groups


def _with(weights: _Weights, number: int, weight: float) -> _Weights:
    if not weights:
        return number, weight
    found = _read(weights)
    found[number] = max(weight, found.get(number, 0.0))
    return tuple(chain.from_iterable(found.items()))


def _read(weights: _Weights) -> dict[int, float]:
    return dict(zip(weights[::2], weights[1::2], strict=True))


class StreetIndex:
    """Streets by name. Nothing changes once it is built.

    `streets`: number of the place in the gazetteer -> street; `names`: number -> words of its name; `known`: number of a
    square -> that of the place known by its name; `index` reads the words; `lexicon` is that of
    data/lieux/mots_ordinaires.yml.
    """

    def __init__(
        self,
        streets: Mapping[int, Lieu],
        names: Mapping[int, list[Token]],
        index: PlaceIndex,
        lexicon: dict,
        known: Mapping[int, int],
    ):
        self._index = index
        words = lexicon["rues"]
        self._sure_kinds = frozenset(words["voies_sures"])
        self._kinds = self._sure_kinds | frozenset(words["voies_courantes"])
        self._no_kinds = frozenset(words["jamais_voies"])
        self._outside = frozenset(words["devant_dehors"])
        self._everyday = frozenset(words["mots_de_tous_les_jours"]) | index.verbs | index.announcing
        self._common = self._everyday | index.common
        self._misread = self._everyday | index.ordinary
        self._cardinals = {
            word: value
            for value, spellings in enumerate(lexicon["arrondissements"]["cardinaux"], start=1)
            for word in spellings[:1]
        }
        self._full, self._bare, self._typed = _Keys(), _Keys(), _Keys()
        self._kind_sounds = {sound_of(word): word for word in self._kinds if len(word) > 3}
        self._by_last: dict[str, list[int]] = {}
        self._words: dict[int, tuple[str, ...]] = {}
        self._kind_of: dict[int, str] = {}
        for number, street in streets.items():
            weight = _SAME_AS_KNOWN if number in known else 1.0
            self._add(number, names[number], weight)
            for name in street.variantes:
                self._add(number, index.name_tokens(name), VARIANT)
        self._known = frozenset(known.values())
        for square, number in known.items():
            self._add(number, names[square], 1.0)
        self._all_full = sorted(self._full.letters)
        self._all_bare = sorted(self._bare.letters)

    def windows(self, tokens: list[Token], taken: list[bool]) -> Iterator[Window]:
        """Streets named in a sentence, with the house number before or after; `taken` marks words already read."""
        for first, token in enumerate(tokens):
            kind = self._kind(token.word)
            if not kind or taken[first]:
                continue
            window = self._after(tokens, first, kind)
            if window:
                yield self._with_house(window, tokens, taken)

    def score(self, words: list[Token]) -> dict[int, float]:
        """Streets that a short query may mean: by name, without the street word, or by its beginning.

        `words`: all those of the query, articles too.
        """
        content = self._index.content(words)
        if not content:
            return {}
        kind = self._kind(content[0].word)
        scores: dict[int, float] = {}
        if kind and len(content) > 1:
            named = [Token(kind, content[0].start, content[0].end), *content[1:]]
            _keep(scores, self._full.exact(named))
            _keep(scores, scaled(self._bare.exact(content[1:]), _OTHER_KIND))
            _keep(scores, self._part(kind, content[1:]))
            if not scores:
                _keep(scores, self._full.like(named, _QUERY_LIKENESS))
            _keep(scores, _beginnings(self._all_full, self._full, named))
        elif not kind:
            _keep(scores, self._full.exact(content))
            _keep(scores, scaled(self._bare.exact(content), _BARE))
            if not scores:
                _keep(scores, scaled(self._bare.like(content, _LIKENESS), BARE_STREET))
                _keep(scores, scaled(_beginnings(self._all_bare, self._bare, content), BARE_STREET))
        if max(scores.values(), default=0.0) < _BADLY_TYPED:
            _keep(scores, self._typed.like(words, _LIKENESS, same_start=False))
        return scores

    def _add(self, number: int, name: list[Token], weight: float) -> None:
        for tokens in self._spellings(name):
            kind, bare = tokens[0].word, self._index.content(tokens[1:]) or tokens[1:]
            self._full.add([tokens[0], *bare], number, weight)
            self._typed.add(tokens, number, weight)
            if kind not in self._kinds or not bare:  # « Passerelle … »: found by its whole name
                continue
            if bare[0].word in self._kinds:  # « (rue du) faubourg Saint-Denis »
                self._full.add(bare, number, weight * VARIANT)
            self._bare.add(bare, number, weight)
            self._kind_of[number] = kind
            self._words[number] = (*self._words.get(number, ()), *(token.sound for token in bare))
            self._by_last.setdefault(bare[-1].sound, []).append(number)

    def _spellings(self, tokens: list[Token]) -> Iterator[list[Token]]:
        """« Place du Dix-Huit Juin 1940 », and the same with figures."""
        yield tokens
        figures = _in_figures(tokens, self._cardinals)
        if figures != tokens:
            yield figures

    def _kind(self, word: str) -> str | None:
        if word == "r":
            return "rue"
        if word in self._no_kinds:
            return None
        return word if word in self._kinds else self._kind_sounds.get(sound_of(word))

    def _after(self, tokens: list[Token], first: int, kind: str) -> Window | None:
        """The street named after the street word at `first`: written right, then heard, then in part, then alike."""
        spans = list(self._spans(tokens, first))
        kind_token = Token(kind, tokens[first].start, tokens[first].end)
        careful = self._may_be_outside(tokens, first, kind)
        loose = kind in self._sure_kinds and not careful
        for words, last in reversed(spans):
            found = self._full.exact([kind_token, *words])
            if not found and loose and len(_joined(words)[0]) > _SHORTEST_PART:
                found = scaled(self._bare.exact(words), _OTHER_KIND)
                found = {n: score for n, score in found.items() if n not in self._known or kind == "place"}
            if not found and loose and not _all_in(words, self._common):
                found = self._part(kind, words)
            if found and self._runs_on(tokens, words, last):
                continue
            if found and not (careful and _all_in(words, self._everyday)):
                return Window(first, last, dict(found), exact=True)
        if not loose:
            return None
        for words, last in reversed(spans):
            if len(_joined(words)[0]) < _SHORTEST_LIKE or _all_in(words, self._misread):
                continue
            found = self._bare.like(words, _LIKENESS)
            if same_kind := {n: score for n, score in found.items() if self._kind_of[n] == kind}:
                return Window(first, last, same_kind, exact=False)
        return None

    def _runs_on(self, tokens: list[Token], words: list[Token], last: int) -> bool:
        """« rue gare de l'Est » names the station, not the « rue de la Gare »."""
        announces = len(words) == 1 and self._index.is_landmark(words[0].word)
        return announces and last < len(tokens) and not tokens[last].breaks

    def _spans(self, tokens: list[Token], first: int) -> Iterator[tuple[list[Token], int]]:
        """Growing runs of words after the street word, articles left out, with where each run ends."""
        words: list[Token] = []
        for last in range(first + 1, min(first + _LONGEST_NAME, len(tokens) - 1) + 1):
            token = tokens[last]
            if token.breaks:
                return
            if token.word not in self._index.articles:
                words = [*words, token]
                yield words, last + 1

    def _may_be_outside(self, tokens: list[Token], first: int, kind: str) -> bool:
        """« je suis à la rue », « ma rue »: not the beginning of a street name, most often."""
        before = tokens[first - 1].word if first else ""
        return kind == "rue" and before in self._outside

    def _part(self, kind: str, words: list[Token]) -> dict[int, float]:
        """« bd Auriol », « rue Finlay »: some words of the name, its last one among them."""
        sounds = {token.sound for token in words}
        if len(words[-1].word) < _SHORTEST_PART:
            return {}
        return {
            number: _PART
            for number in self._by_last.get(words[-1].sound, ())
            if self._kind_of[number] == kind and sounds.issubset(self._words[number])
        }

    def _with_house(self, window: Window, tokens: list[Token], taken: list[bool]) -> Window:
        """The window grown over the house number: « 12 bis rue … », « rue … au 12 »."""
        first, last = window.first, window.last
        i, suffix = first - 1, ""
        if i > 0 and tokens[i].word in _SUFFIXES:
            suffix, i = _SUFFIXES[tokens[i].word], i - 1
        match = _HOUSE.fullmatch(tokens[i].word) if i >= 0 and not taken[i] else None
        if match:
            house = HouseNumber(int(match[1]), suffix or _SUFFIXES.get(match[2], ""))
            return Window(i, last, window.candidates, window.exact, house)
        if last + 1 < len(tokens) and tokens[last].word in _BEFORE_NUMBER and not taken[last + 1]:
            match = _HOUSE.fullmatch(tokens[last + 1].word)
            if match:
                house = HouseNumber(int(match[1]), _SUFFIXES.get(match[2], ""))
                return Window(first, last + 2, window.candidates, window.exact, house)
        return window


def house_first(tokens: list[Token]) -> tuple[HouseNumber | None, list[Token]]:
    """The number that begins a query such as « 12 bis rue … », and the words after it."""
    match = _HOUSE.fullmatch(tokens[0].word) if len(tokens) > 1 else None
    if not match:
        return None, tokens
    number, rest = int(match[1]), tokens[1:]
    if len(rest) > 1 and rest[0].word in _SUFFIXES:
        return HouseNumber(number, _SUFFIXES[rest[0].word]), rest[1:]
    return HouseNumber(number, _SUFFIXES.get(match[2], "")), rest


def _all_in(words: list[Token], everyday: frozenset[str]) -> bool:
    return all(len(token.word) < _SHORTEST_PART or token.word in everyday for token in words)


def _joined(words: list[Token]) -> tuple[str, str]:
    return "".join(token.word for token in words), "".join(token.sound for token in words)


def _in_figures(tokens: list[Token], cardinals: Mapping[str, int]) -> list[Token]:
    """« vingt cinq » -> 25, « quatre » -> 4."""
    figures: list[Token] = []
    for token in tokens:
        value = cardinals.get(token.word)
        if value and figures and figures[-1].word in ("10", "20", "30") and value < 10:
            value += int(figures.pop().word)
        figures.append(Token(str(value), token.start, token.end, token.breaks) if value else token)
    return figures


def _beginnings(names: list[str], keys: _Keys, words: list[Token]) -> dict[int, float]:
    """Places whose name begins with these words; the nearer to the end, the better."""
    letters, found = _joined(words)[0], {}
    if len(letters) < _SHORTEST_LIKE:
        return found
    for name in names[bisect_left(names, letters) :]:
        if not name.startswith(letters):
            break
        _keep(found, scaled(_read(keys.letters[name]), 0.75 + 0.2 * len(letters) / len(name)))
    return found


def _keep(scores: dict[int, float], new: Mapping[int, float]) -> None:
    for place, score in new.items():
        if score > scores.get(place, 0.0):
            scores[place] = score
