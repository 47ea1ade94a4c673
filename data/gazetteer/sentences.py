"""Find which words of a sentence name a place, and how sure that is.

A name is recognised by its letters, else by its sound, else by likeness. The weaker the evidence, the
more the words before must announce a place: « métro », « vers », « je dors à ».
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from data.gazetteer.addresses import HouseNumber
from data.gazetteer.names import BARE_STREET, PlaceIndex
from data.gazetteer.text import Token, fold

SOUND_PENALTY = 0.97
DEPARTMENTS = ("92", "93", "94")
# How strongly the words before announce a place.
_NOTHING, _PREPOSITION, _ANNOUNCED, _LANDMARK = range(4)
_LONGEST_NAME = 7
_LONGEST_PERSON = 4  # « m'appelle » and a name
_SHORTEST_NAME = 3
_LONGEST_UNANNOUNCED = 2
# A text this short that is only a name answers « où êtes-vous ? ».
_LONGEST_ANSWER = 3
# Shortest sound that is enough, by the strength of what announces the place.
_SHORTEST_SOUND = {_LANDMARK: 3, _ANNOUNCED: 4, _PREPOSITION: 4, _NOTHING: 6}
# Likeness (0 to 100) required by the strength of what announces the place, and shortest name compared.
_LIKENESS = {_LANDMARK: (82, 5), _ANNOUNCED: (85, 5), _PREPOSITION: (88, 6), _NOTHING: (91, 8)}
# Thousands of streets are not in the data: a near miss is most often another street.
_LIKENESS_OF_STREET = (94, 8)


@dataclass(frozen=True)
class Window:
    """Candidate words [first, last) of a sentence, with the places they may name and their scores.

    `house`: the number said with a street.
    """

    first: int
    last: int
    candidates: dict[int, float]
    exact: bool
    house: HouseNumber | None = None

    @property
    def best(self) -> float:
        return max(self.candidates.values())


class WindowFinder:
    """Reads sentences with a PlaceIndex."""

    def __init__(self, index: PlaceIndex):
        self._index = index

    def find(self, tokens: list[Token], taken: list[bool], streets: Iterable[Window] = ()) -> list[Window]:
        """Windows of a sentence that name places, never overlapping; `taken` marks words already read.

        `streets`: windows found otherwise, which compete with those of the index.
        """
        windows = [*self._windows(tokens, self._blocked(tokens)), *streets]
        return self._choose(windows, list(taken), tokens)

    def may_be_a_name(self, tokens: list[Token]) -> bool:
        """False when an everyday word or an expression which names no place is among these words."""
        words = {token.word for token in tokens if not self._index.is_landmark(token.word)}
        return not words & self._index.everyday and not any(self._blocked(tokens))

    def names_nothing(self, tokens: list[Token]) -> bool:
        """True for an expression such as « gare à toi », which is the name of no place."""
        blocked = zip(tokens, self._blocked(tokens), strict=True)
        content = self._index.content(tokens)
        return (
            all(is_blocked for token, is_blocked in blocked if token in content)
            and "".join(token.word for token in content) not in self._index.letters
        )

    def is_uncommon(self, tokens: list[Token]) -> bool:
        """True when one of these words is neither an everyday word nor one that announces a place."""
        common = self._index.common | self._index.everyday | self._index.announcing | self._index.prepositions
        return any(token.word not in common for token in self._index.content(tokens))

    def _blocked(self, tokens: list[Token]) -> list[bool]:
        """Words that belong to an expression which names no place."""
        blocked = [False] * len(tokens)
        words = [token.word for token in tokens]
        for i, word in enumerate(words):
            if word in self._index.naming:
                blocked[i : i + _LONGEST_PERSON] = [True] * len(blocked[i : i + _LONGEST_PERSON])
            for expression in self._index.expressions.get(word, ()):
                if tuple(words[i : i + len(expression)]) == expression:
                    blocked[i : i + len(expression)] = [True] * len(expression)
        return blocked

    def _windows(self, tokens: list[Token], blocked: list[bool]) -> Iterator[Window]:
        for first, token in enumerate(tokens):
            if token.word in self._index.articles or blocked[first]:
                continue
            strength, kinds, after_street = self._announcement(tokens, first)
            letters = sound = ""
            for last in range(first + 1, min(first + _LONGEST_NAME, len(tokens)) + 1):
                word = tokens[last - 1]
                if last - 1 > first and (word.breaks or blocked[last - 1]):
                    break
                if word.word in self._index.articles:
                    continue
                letters, sound = letters + word.word, sound + word.sound
                said_last = letters in self._index.letters and self._kind_said_last(tokens, last)
                announced = _LANDMARK if said_last else strength
                window = self._window(tokens, first, last, letters, sound, announced)
                candidates = self._allowed(window, tokens, kinds, after_street) if window else {}
                if candidates:
                    candidates = self._of_kind_said_after(candidates, tokens, last)
                    yield replace(window, candidates=candidates)

    def _announcement(self, tokens: list[Token], first: int) -> tuple[int, tuple[str, ...], bool]:
        """Strength of the words before, kinds of place they ask for, and whether a street word comes before."""
        i, preposition = first - 1, False
        broken = tokens[first].breaks
        while i >= 0 and not broken and tokens[i].word in self._index.articles | self._index.prepositions:
            preposition |= tokens[i].word in self._index.prepositions
            broken = tokens[i].breaks
            i -= 1
        before = "" if i < 0 or broken else tokens[i].word
        kinds = self._index.landmarks.get(self._index.as_landmark(before), ())
        if kinds and not preposition:
            return _LANDMARK, kinds, False
        if before in self._index.streets and not preposition:
            return _LANDMARK, ("rue",), True
        if before in self._index.announcing or kinds or (preposition and before in self._index.verbs):
            return _ANNOUNCED, (), False
        alone = first == 0 or i < 0
        if alone and len(self._index.content(tokens)) <= _LONGEST_ANSWER:
            return _ANNOUNCED, (), False
        return (_PREPOSITION if preposition else _NOTHING), (), False

    def _window(self, tokens, first, last, letters, sound, strength) -> Window | None:
        """What the words [first, last) may name, when the evidence is strong enough."""
        index = self._index
        words = [token.word for token in index.content(tokens[first:last])]
        if letters in index.letters:
            return self._spelt(tokens, first, last, letters, words, strength)
        if (
            not sound
            or letters.isdigit()
            or letters in index.ordinary
            or not self._is_telling(words, strength)
        ):
            return None
        if len(words) > 1 and words[0] in index.no_landmarks:
            return None
        uncommon = any(len(w) >= 4 and w not in index.common and not index.is_landmark(w) for w in words)
        starts_name = len(words) > 1 and index.is_landmark(words[0])
        if len(words) > 1 and not (uncommon or starts_name):
            return None
        if letters in index.lookalikes and strength < _LANDMARK:
            return None
        if sound in index.sounds and len(sound) >= _SHORTEST_SOUND[strength]:
            return Window(first, last, scaled(index.sounds[sound], SOUND_PENALTY), exact=True)
        minimum = self._likeness_needed(words, self._word_before(tokens, first), strength, uncommon)
        return self._like(first, last, letters, sound, *minimum) if minimum else None

    def _spelt(self, tokens, first, last, letters, words, strength) -> Window | None:
        """A name written as it should be."""
        names_street = len(words) > 1 and words[0] in self._index.streets
        if len(letters) < (_SHORTEST_NAME if strength else _SHORTEST_NAME + 1):
            return None
        if not (names_street or strength == _LANDMARK or self._is_telling(words, strength)):
            return None
        found = dict(self._index.letters[letters])
        if letters in self._index.ordinary and strength < _LANDMARK:
            found = self._named_with_care(found, tokens, first, strength)
        return Window(first, last, found, exact=True) if found else None

    def _likeness_needed(self, words: list[str], before: str, strength: int, uncommon: bool):
        """Likeness and length that a misspelt name must reach; None when no likeness is enough."""
        starts_name = len(words) > 1 and self._index.is_landmark(words[0])
        if not uncommon:
            return _LIKENESS[_NOTHING] if starts_name and any(len(w) > 4 for w in words[1:]) else None
        if words[0] in self._index.streets or before in self._index.streets:
            return _LIKENESS_OF_STREET
        if strength == _NOTHING and not starts_name and len(words) > _LONGEST_UNANNOUNCED:
            return None
        return _LIKENESS[max(strength, _PREPOSITION) if starts_name else strength]

    def _named_with_care(
        self, found: dict[int, float], tokens, first: int, strength: int
    ) -> dict[int, float]:
        """An everyday word names a place after « vers », « à », or with the article of the name (« à la Défense »)."""
        if strength < _ANNOUNCED:
            return {}
        before = tokens[first - 1].word if first else ""
        if (
            before
            and before not in self._index.articles | self._index.prepositions - {"a"}
            or before in ("a", "de", "d")
        ):
            return found
        return {
            n: weight
            for n, weight in found.items()
            if fold(self._index.places[n].nom).startswith(before + " ")
        }

    def _is_telling(self, words: list[str], strength: int) -> bool:
        """Not only words such as « porte » or « rue » ; when nothing announces a place, one uncommon word."""
        if all(word in self._index.streets or self._index.is_landmark(word) for word in words):
            return False
        if strength >= _ANNOUNCED or len(words) == 1:
            return True
        return any(len(w) >= 4 and w not in self._index.ordinary for w in words) or self._index.is_landmark(
            words[0]
        )

    def _like(self, first: int, last: int, letters: str, sound: str, minimum: int, shortest: int):
        """Places whose name looks like these words, or None."""
        if len(letters) < shortest:
            return None
        near = process.extract(
            sound, self._index.buckets.get(sound[0], ()), scorer=fuzz.ratio, score_cutoff=minimum, limit=3
        )
        candidates: dict[int, float] = {}
        for name, likeness, _ in near:
            spelling = max(fuzz.ratio(letters, other) for other in self._index.letters_of_sound[name])
            score = (likeness + spelling) / 200
            if spelling < minimum - 10:
                continue
            for place, weight in self._index.sounds[name].items():
                candidates[place] = max(candidates.get(place, 0.0), weight * score)
        return Window(first, last, candidates, exact=False) if candidates else None

    def _allowed(self, window: Window, tokens: list[Token], kinds, after_street: bool) -> dict[int, float]:
        """Candidates that the words before accept: « rue de Clignancourt » is not the Porte."""
        before = self._index.as_landmark(self._word_before(tokens, window.first))
        allowed = {
            number: score
            for number, score in window.candidates.items()
            if not self._index.places[number].exige or before in self._index.places[number].exige
        }
        glued = self._index.is_landmark(tokens[window.first].word) and (
            tokens[window.first - 1].word in self._index.streets
        )
        if after_street and not glued:  # « rue gare de l'Est » : outside, at the station
            return {n: s for n, s in allowed.items() if self._index.places[n].type == "rue"}
        allowed = {n: s for n, s in allowed.items() if s > BARE_STREET or self._index.places[n].type != "rue"}
        wanted = {n: s for n, s in allowed.items() if self._index.places[n].type in kinds}
        return wanted or allowed

    def _of_kind_said_after(self, candidates: dict[int, float], tokens: list[Token], last: int):
        """« Saint-Maur, métro »: the candidates of the kind that is said after the name, if there are some."""
        kinds = self._kinds_after(tokens, last)
        return {n: s for n, s in candidates.items() if self._index.places[n].type in kinds} or candidates

    def _kinds_after(self, tokens: list[Token], last: int) -> tuple[str, ...]:
        word = tokens[self._after(tokens, last)].word if self._after(tokens, last) < len(tokens) else ""
        return self._index.landmarks[word][:1] if word in self._index.kinds_after else ()

    def _kind_said_last(self, tokens: list[Token], last: int) -> bool:
        """« blanche métro », « auber 93 »: what follows the name ends the sentence, and announces no other name."""
        end = self._after(tokens, last) + 1
        if end > len(tokens) or end < len(tokens) and not tokens[end].breaks:
            return False
        return bool(self._kinds_after(tokens, last)) or tokens[end - 1].word in DEPARTMENTS

    def _after(self, tokens: list[Token], last: int) -> int:
        while last < len(tokens) and tokens[last].word in self._index.articles:
            last += 1
        return last

    def _word_before(self, tokens: list[Token], first: int) -> str:
        i = self._index.before(tokens, first)
        return tokens[i].word if i >= 0 else ""

    def _choose(self, windows: Iterable[Window], taken: list[bool], tokens: list[Token]) -> list[Window]:
        """Windows that do not overlap: the longest and surest first."""

        def value(window: Window) -> tuple[float, float]:
            length = sum(len(token.word) for token in self._index.content(tokens[window.first : window.last]))
            return (length * window.best ** (1 if window.exact else 3), window.best)

        chosen: list[Window] = []
        for window in sorted(windows, key=value, reverse=True):
            if not any(taken[window.first : window.last]):
                taken[window.first : window.last] = [True] * (window.last - window.first)
                chosen.append(window)
        return chosen


def scaled(weights: dict[int, float], factor: float) -> dict[int, float]:
    """The same places with every weight multiplied by `factor`."""
    return {place: weight * factor for place, weight in weights.items()}
