"""Find places of Paris and its neighbours in what people write, offline.

`Gazetteer.find_in` finds the places named in a sentence, `search` ranks places for a short query and
`resolve` answers only when one place is meant. A name is recognised by its letters, else by its
sound, else by likeness ; the weaker the evidence, the more the words around must announce a place.
"""

from __future__ import annotations

import math
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from rapidfuzz import fuzz, process

from data.place_files import (
    Lieu,
    PlaceFault,
    PlaceFilesError,
    create_tables,
    places_of_database,
    read_places,
    rows_for_build,
)
from data.place_numbers import Arrondissement, ArrondissementReader
from data.place_text import Token, fold, sound_of, tokenize

__all__ = [
    "Gazetteer", "Lieu", "Mention", "PlaceFault", "PlaceFilesError", "SearchResult", "create_tables",
    "rows_for_build",
]  # fmt: skip

MAX_QUERY = 200
# How strongly the words before announce a place.
_NOTHING, _PREPOSITION, _ANNOUNCED, _LANDMARK = range(4)
_LONGEST_NAME = 7
_LONGEST_UNANNOUNCED = 2
_SOUND_PENALTY = 0.97
_AMBIGUITY_MARGIN = 0.05
_RESOLVE_MINIMUM = 0.75
_SEARCH_MINIMUM = 0.6
# Within this distance two places of one name are one place; across the city limit names are vaguer.
_NEAR_METRES, _NEAR_ACROSS_LIMIT = 900, 1300
# Weight of a name: the official one, another one, a part of a compound name, a street without « rue ».
_VARIANT, _PART, _BARE_STREET, _DISTRICT = 0.98, 0.9, 0.83, 0.92
# When one name has several kinds of place on the same spot, the one people mean comes first.
_KIND_ORDER = (
    "gare", "porte", "commune", "station", "lieu", "parc", "hopital", "mairie", "quartier", "rue", "adresse",
    "arrondissement",
)  # fmt: skip
# Shortest sound that is enough, by the strength of what announces the place.
_SHORTEST_SOUND = {_LANDMARK: 3, _ANNOUNCED: 4, _PREPOSITION: 4, _NOTHING: 6}
# Likeness (0 to 100) required by the strength of what announces the place, and shortest sound compared.
_LIKENESS = {_LANDMARK: (82, 5), _ANNOUNCED: (85, 5), _PREPOSITION: (88, 6), _NOTHING: (91, 8)}
# Thousands of streets are not in the data: a near miss is most often another street.
_LIKENESS_OF_STREET = (94, 8)


@dataclass(frozen=True)
class Mention:
    """A place named in a sentence, at [start, end) of the original text.

    `ambigu` is true when the name means several distant places and nothing in the sentence chooses ;
    `autres` are the other meanings. An arrondissement may be mentioned inside a mention of its mairie.
    """

    lieu: Lieu
    start: int
    end: int
    score: float
    ambigu: bool = False
    autres: tuple[Lieu, ...] = ()


@dataclass(frozen=True)
class SearchResult:
    """Places for a query, best first, with their scores (0 to 1). `ambigu`: ask back which one is meant."""

    lieux: tuple[Lieu, ...]
    scores: tuple[float, ...]
    ambigu: bool

    def as_dict(self) -> dict:
        """The answer of `GET /api/v1/lieux`."""
        found = zip(self.lieux, self.scores, strict=True)
        return {"lieux": [place.as_dict(score) for place, score in found], "ambigu": self.ambigu}


@dataclass(frozen=True)
class _Window:
    """Candidate words [first, last) of a sentence, with the places they may name and their scores."""

    first: int
    last: int
    candidates: dict[int, float]
    exact: bool

    @property
    def best(self) -> float:
        return max(self.candidates.values())


@dataclass
class _Index:
    """Names by key. A key maps place numbers to the weight of the name."""

    letters: dict[str, dict[int, float]] = field(default_factory=dict)
    sounds: dict[str, dict[int, float]] = field(default_factory=dict)
    letters_of_sound: dict[str, set[str]] = field(default_factory=dict)
    buckets: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, set[int]] = field(default_factory=dict)

    def add(self, letters: str, sound: str, place: int, weight: float) -> None:
        for table, key in ((self.letters, letters), (self.sounds, sound)):
            weights = table.setdefault(key, {})
            weights[place] = max(weight, weights.get(place, 0.0))
        self.letters_of_sound.setdefault(sound, set()).add(letters)


class Gazetteer:
    """All the known places, indexed once. Safe to share between threads: nothing changes afterwards."""

    def __init__(self, places: Iterable[Lieu], lexicon: dict):
        self.places: tuple[Lieu, ...] = tuple(places)
        self._articles = frozenset(lexicon["articles"])
        self._abbreviations = dict(lexicon["abreviations"])
        self._prefixes = tuple(sorted(lexicon["colles"], key=len, reverse=True))
        self._landmarks = {word: tuple(kinds) for word, kinds in lexicon["reperes"].items()}
        self._landmark_sounds = {sound_of(word): word for word in self._landmarks if len(word) > 3}
        self._streets = frozenset(lexicon["voies"])
        self._announcing = frozenset(lexicon["annonces"])
        self._verbs = frozenset(lexicon["verbes"])
        self._prepositions = frozenset(lexicon["prepositions"])
        self._ordinary = frozenset(lexicon["ordinaires"])
        self._lookalikes = frozenset(lexicon["ressemblances"])
        # Alone, none of these names anything, even when it is a part of a compound name.
        self._empty = self._ordinary | self._lookalikes | self._streets | set(self._landmarks)
        self._common = self._empty | frozenset(lexicon["arrondissements"]["villes"])
        self._expressions = _expressions(lexicon["expressions"])
        self._numbers = ArrondissementReader(lexicon["arrondissements"])
        self._vocabulary: set[str] = set()
        self._index = _Index()
        for number, place in enumerate(self.places):
            self._index_place(number, place)
        self._numbers_of = {place: number for number, place in enumerate(self.places)}
        self._vocabulary -= self._ordinary
        for sound in sorted(self._index.sounds):
            self._index.buckets.setdefault(sound[0], []).append(sound)
        self._all_sounds = sorted(self._index.sounds)
        self._all_letters = sorted(self._index.letters)
        self._folded_names = [fold(place.nom) for place in self.places]
        self._arrondissements = {
            place.arrondissement: place for place in self.places if place.type == "arrondissement"
        }
        self._mairies = {n: place for place in self.places if place.type == "mairie" for n in _mairie_of(place)}

    @classmethod
    def from_yaml(cls, root: Path | str) -> Gazetteer:
        """Read `root`/data/lieux/*.yml. Raises PlaceFilesError (file, line and repair of every fault)."""
        places, lexicon, _ = read_places(root)
        return cls(places, lexicon)

    @classmethod
    def from_database(cls, connection: sqlite3.Connection) -> Gazetteer:
        """Read the tables written by `create_tables`. Raises sqlite3.Error when they are absent."""
        return cls(*places_of_database(connection))

    def arrondissement_position(self, number: int) -> tuple[float, float]:
        """Latitude and longitude (degrees) of the centre of an arrondissement. Raises KeyError."""
        place = self._arrondissements[number]
        return place.lat, place.lon

    def find_in(self, text: str) -> list[Mention]:
        """Places named in a sentence, in order. Offsets count the characters of `text`."""
        tokens = self._tokens(text)
        if not tokens:
            return []
        numbers = self._numbers.read(text, tokens)
        taken = [False] * len(tokens)
        for number in numbers:
            taken[number.first : number.last] = [True] * (number.last - number.first)
        hints = {number.number for number in numbers}
        windows = self._choose(self._windows(tokens, self._blocked(tokens)), taken, tokens)
        mentions = _settled([self._mention_of(window, tokens, hints) for window in windows])
        for number in numbers:
            mentions += self._number_mentions(number, tokens)
        return sorted(mentions, key=lambda mention: (mention.start, -mention.end))

    def search(self, text: str, limit: int = 5) -> SearchResult:
        """Places for a short query, best first. A long query is cut to MAX_QUERY characters."""
        text = text[:MAX_QUERY]
        tokens = self._tokens(text)
        scores: dict[int, float] = {}
        if tokens:
            self._score_names(tokens, scores)
            self._score_mentions(text, tokens, scores)
        ranked = self._rank(scores)
        best = ranked[0][1] if ranked else 0.0
        rivals = [place for place, score in ranked if score >= best - _AMBIGUITY_MARGIN]
        ambiguous = any(_are_apart(rivals[0], place) for place in rivals[1:])
        shown = ranked[: max(0, limit)]
        return SearchResult(
            tuple(place for place, _ in shown), tuple(round(score, 3) for _, score in shown), ambiguous
        )

    def resolve(self, text: str) -> Lieu | None:
        """The place meant by a short text; None when there is none or when several are as likely."""
        result = self.search(text, limit=1)
        if not result.lieux or result.ambigu or result.scores[0] < _RESOLVE_MINIMUM:
            return None
        return result.lieux[0]

    # Index

    def _index_place(self, number: int, place: Lieu) -> None:
        if place.type == "arrondissement":
            return  # read by ArrondissementReader, in all its forms
        parts = place.nom.split(" - ")
        names = [(place.nom, 1.0), *((name, _variant_weight(place, name)) for name in place.variantes)]
        names += [(part, _PART) for part in parts if len(parts) > 1 and not self._is_empty(part)]
        scale = _DISTRICT if place.type == "quartier" else 1.0
        for name, weight in names:
            tokens = tokenize(name, self._abbreviations)
            self._index_words(number, tokens, weight * scale)
            if place.type == "rue" and len(tokens) > 1:
                bare = [token for token in tokens[1:] if token.word not in self._articles]
                faubourg = bool(bare) and bare[0].word == "faubourg"
                self._index_words(number, bare, weight * (_VARIANT if faubourg else _BARE_STREET))

    def _is_empty(self, name: str) -> bool:
        return all(t.word in self._articles | self._empty for t in tokenize(name, self._abbreviations))

    def _index_words(self, number: int, tokens: list[Token], weight: float) -> None:
        content = [token for token in tokens if token.word not in self._articles] or tokens
        for some in {id(content): content, id(tokens): tokens}.values():
            letters, sound = "".join(t.word for t in some), "".join(t.sound for t in some)
            if letters and sound:
                self._index.add(letters, sound, number, weight)
        for token in content:
            self._index.words.setdefault(token.sound, set()).add(number)
            if len(token.word) >= 4:
                self._vocabulary.update((token.word, token.sound))

    # Reading a sentence

    def _tokens(self, text: str) -> list[Token]:
        return tokenize(text, self._abbreviations, self._split)

    def _split(self, word: str) -> list[str]:
        """« dlachapelle » -> dla, chapelle: short words glued to a word of a known name."""
        known = word in self._vocabulary or sound_of(word) in self._index.sounds or word in self._empty
        return [word] if known or len(word) < 6 else self._unglue(word) or [word]

    def _unglue(self, word: str) -> list[str] | None:
        for prefix in self._prefixes:
            rest = word[len(prefix) :]
            if not word.startswith(prefix) or len(rest) < 5:
                continue
            if rest in self._vocabulary or (len(rest) > 5 and sound_of(rest) in self._vocabulary):
                return [prefix, rest]
            pieces = self._unglue(rest) if len(prefix) > 1 else None
            if pieces:
                return [prefix, *pieces]
        return None

    def _blocked(self, tokens: list[Token]) -> list[bool]:
        """Words that belong to an expression which names no place."""
        blocked = [False] * len(tokens)
        words = [token.word for token in tokens]
        for i, word in enumerate(words):
            for expression in self._expressions.get(word, ()):
                if tuple(words[i : i + len(expression)]) == expression:
                    blocked[i : i + len(expression)] = [True] * len(expression)
        return blocked

    def _windows(self, tokens: list[Token], blocked: list[bool]) -> Iterator[_Window]:
        for first, token in enumerate(tokens):
            if token.word in self._articles or blocked[first]:
                continue
            strength, kinds, after_street = self._announcement(tokens, first)
            letters = sound = ""
            for last in range(first + 1, min(first + _LONGEST_NAME, len(tokens)) + 1):
                word = tokens[last - 1]
                if last - 1 > first and (word.breaks or blocked[last - 1]):
                    break
                if word.word in self._articles:
                    continue
                letters, sound = letters + word.word, sound + word.sound
                window = self._window(tokens, first, last, letters, sound, strength)
                candidates = self._allowed(window, tokens, kinds, after_street) if window else {}
                if candidates:
                    yield replace(window, candidates=candidates)

    def _announcement(self, tokens: list[Token], first: int) -> tuple[int, tuple[str, ...], bool]:
        """Strength of the words before, kinds of place they ask for, and whether a street word comes before."""
        i, preposition = first - 1, False
        broken = tokens[first].breaks
        while i >= 0 and not broken and tokens[i].word in self._articles | self._prepositions:
            preposition |= tokens[i].word in self._prepositions
            broken = tokens[i].breaks
            i -= 1
        before = "" if i < 0 or broken else tokens[i].word
        kinds = self._landmarks.get(self._as_landmark(before), ())
        if kinds and not preposition:
            return _LANDMARK, kinds, False
        if before in self._streets and not preposition:
            return _LANDMARK, ("rue",), True
        if before in self._announcing or kinds or (preposition and before in self._verbs):
            return _ANNOUNCED, (), False
        alone = first == 0 or i < 0
        if alone and len([t for t in tokens if t.word not in self._articles]) <= 3:
            return _ANNOUNCED, (), False
        return (_PREPOSITION if preposition else _NOTHING), (), False

    def _as_landmark(self, word: str) -> str:
        return word if word in self._landmarks else self._landmark_sounds.get(sound_of(word), word)

    def _is_landmark(self, word: str) -> bool:
        return self._as_landmark(word) in self._landmarks

    def _window(self, tokens, first, last, letters, sound, strength) -> _Window | None:
        """What the words [first, last) may name, when the evidence is strong enough."""
        words = [t.word for t in tokens[first:last] if t.word not in self._articles]
        telling = self._is_telling(words, strength)
        if letters in self._index.letters:
            if not (telling or strength == _LANDMARK) or len(letters) < (3 if strength else 4):
                return None
            found = dict(self._index.letters[letters])
            if letters in self._ordinary and strength < _LANDMARK:
                found = self._named_with_care(found, tokens, first, strength)
            return _Window(first, last, found, exact=True) if found else None
        uncommon = any(len(w) >= 4 and w not in self._common and not self._is_landmark(w) for w in words)
        starts_name = len(words) > 1 and self._is_landmark(words[0])
        if not (telling and sound and (uncommon or starts_name or len(words) == 1)) or letters in self._ordinary:
            return None
        if letters.isdigit():
            return None
        if letters in self._lookalikes and strength < _LANDMARK:
            return None
        if sound in self._index.sounds and len(sound) >= _SHORTEST_SOUND[strength]:
            return _Window(first, last, _scaled(self._index.sounds[sound], _SOUND_PENALTY), exact=True)
        minimum = self._likeness_needed(words, self._word_before(tokens, first), strength, uncommon)
        return self._like(first, last, letters, sound, *minimum) if minimum else None

    def _likeness_needed(self, words: list[str], before: str, strength: int, uncommon: bool):
        """Likeness and length that a misspelt name must reach; None when no likeness is enough."""
        starts_name = len(words) > 1 and self._is_landmark(words[0])
        if not uncommon:
            return _LIKENESS[_NOTHING] if starts_name and any(len(w) > 4 for w in words[1:]) else None
        if words[0] in self._streets or before in self._streets:
            return _LIKENESS_OF_STREET
        if strength == _NOTHING and not starts_name and len(words) > _LONGEST_UNANNOUNCED:
            return None
        return _LIKENESS[max(strength, _PREPOSITION) if starts_name else strength]

    def _named_with_care(self, found: dict[int, float], tokens, first: int, strength: int) -> dict[int, float]:
        """An everyday word names a place after « vers », « à », or with the article of the name (« à la Défense »)."""
        if strength < _ANNOUNCED:
            return {}
        before = tokens[first - 1].word if first else ""
        if before and before not in self._articles | self._prepositions - {"a"} or before in ("a", "de", "d"):
            return found
        return {n: weight for n, weight in found.items() if fold(self.places[n].nom).startswith(before + " ")}

    def _is_telling(self, words: list[str], strength: int) -> bool:
        """Not only words such as « porte » or « rue » ; when nothing announces a place, one uncommon word."""
        if all(word in self._streets or self._is_landmark(word) for word in words):
            return False
        if strength >= _ANNOUNCED or len(words) == 1:
            return True
        return any(len(w) >= 4 and w not in self._ordinary for w in words) or self._is_landmark(words[0])

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
        return _Window(first, last, candidates, exact=False) if candidates else None

    def _allowed(self, window: _Window, tokens: list[Token], kinds, after_street: bool) -> dict[int, float]:
        """Candidates that the words before accept: « rue de Clignancourt » is not the Porte."""
        before = self._as_landmark(self._word_before(tokens, window.first))
        allowed = {
            number: score
            for number, score in window.candidates.items()
            if not self.places[number].exige or before in self.places[number].exige
        }
        if after_street:
            return {n: s for n, s in allowed.items() if self.places[n].type == "rue"}
        allowed = {n: s for n, s in allowed.items() if s > _BARE_STREET or self.places[n].type != "rue"}
        wanted = {n: s for n, s in allowed.items() if self.places[n].type in kinds}
        return wanted or allowed

    def _word_before(self, tokens: list[Token], first: int) -> str:
        i = first - 1
        while i >= 0 and tokens[i].word in self._articles:
            i -= 1
        return tokens[i].word if i >= 0 else ""

    def _choose(self, windows: Iterable[_Window], taken: list[bool], tokens: list[Token]) -> list[_Window]:
        """Windows that do not overlap: the longest and surest first."""

        def value(window: _Window) -> tuple[float, float]:
            length = sum(len(t.word) for t in tokens[window.first : window.last] if t.word not in self._articles)
            return (length * window.best ** (1 if window.exact else 3), window.best)

        chosen: list[_Window] = []
        for window in sorted(windows, key=value, reverse=True):
            if not any(taken[window.first : window.last]):
                taken[window.first : window.last] = [True] * (window.last - window.first)
                chosen.append(window)
        return chosen

    def _mention_of(self, window: _Window, tokens: list[Token], hints: set[int]) -> Mention:
        ranked = self._rank(_favoured(self.places, window.candidates, hints))
        place, score = ranked[0]
        rivals = [other for other, s in ranked[1:] if s >= score - _AMBIGUITY_MARGIN and _are_apart(place, other)]
        first = window.first
        before = tokens[first - 1].word if first and not tokens[first].breaks else ""
        if before in ("la", "le", "les", "l") and fold(place.nom).startswith((before + " ", before + "'")):
            first -= 1
        start, end = tokens[first].start, tokens[window.last - 1].end
        return Mention(place, start, end, round(score, 3), bool(rivals), tuple(rivals))

    def _number_mentions(self, number: Arrondissement, tokens: list[Token]) -> Iterator[Mention]:
        start, end = tokens[number.first].start, tokens[number.last - 1].end
        yield Mention(self._arrondissements[number.number], start, end, number.score)
        i = number.first - 1
        while i >= 0 and tokens[i].word in self._articles:
            i -= 1
        if i >= 0 and tokens[i].word == "mairie":
            yield Mention(self._mairies[number.number], tokens[i].start, end, number.score)

    # Searching

    def _score_names(self, tokens: list[Token], scores: dict[int, float]) -> None:
        """Compare the whole query with every name: same, same sound, beginning, part, likeness."""
        # Articles typed in full tell « porte de la ch » (Chapelle) from « porte de ch » (Choisy).
        self._score_beginnings("".join(t.word for t in tokens), 1.05, scores)
        for words, trust in self._readings(tokens):
            letters = "".join(t.word for t in words)
            sound = "".join(t.sound for t in words)
            if not sound:
                continue
            _keep(scores, _scaled(self._free(self._index.letters.get(letters, {})), trust))
            _keep(scores, _scaled(self._free(self._index.sounds.get(sound, {})), trust * _SOUND_PENALTY))
            if letters.isdigit():
                continue
            self._score_beginnings(letters, trust, scores)
            self._score_parts(words, scores)
            for name, likeness, _ in process.extract(
                sound, self._all_sounds, scorer=fuzz.ratio, score_cutoff=70, limit=8
            ):
                spelling = max(fuzz.ratio(letters, other) for other in self._index.letters_of_sound[name])
                factor = 0.98 * trust * (likeness + spelling) / 200
                _keep(scores, _scaled(self._index.sounds[name], factor))

    def _free(self, weights: dict[int, float]) -> dict[int, float]:
        """Places that need no word before their name."""
        return {number: weight for number, weight in weights.items() if not self.places[number].exige}

    def _readings(self, tokens: list[Token]) -> Iterator[tuple[list[Token], float]]:
        """The query as it is, then, trusted a little less, without the words that only announce a place."""
        content = [t for t in tokens if t.word not in self._articles]
        yield content or tokens, 1.0
        skip = (self._announcing | self._verbs | self._prepositions | set(self._landmarks)) - self._streets
        rest = [t for t in content if t.word not in skip]
        if rest and len(rest) < len(content):
            yield rest, 0.93

    def _score_beginnings(self, letters: str, trust: float, scores: dict[int, float]) -> None:
        if len(letters) < 3:
            return
        for name in self._all_letters[bisect_left(self._all_letters, letters) :]:
            if not name.startswith(letters):
                break
            nearness = 0.75 + 0.2 * len(letters) / len(name)
            _keep(scores, _scaled(self._free(self._index.letters[name]), trust * nearness))

    def _score_parts(self, words: list[Token], scores: dict[int, float]) -> None:
        """Every word of the query is a word of the name: « martin luther » -> Parc Martin-Luther-King."""
        sounds = [t.sound for t in words if len(t.word) >= 3]
        if not sounds:
            return
        common = set.intersection(*(self._index.words.get(sound, set()) for sound in sounds))
        _keep(scores, {place: 0.72 for place in common})

    def _score_mentions(self, text: str, tokens: list[Token], scores: dict[int, float]) -> None:
        """Places that a longer query names, and the arrondissement it says."""
        whole = self._numbers.whole(tokens)
        if whole:
            self._keep_place(scores, self._arrondissements[whole], 0.95)
        mentions = self.find_in(text)
        hints = {m.lieu.arrondissement for m in mentions if m.lieu.type == "arrondissement"}
        covered = sum(m.end - m.start for m in mentions)
        for mention in mentions:
            is_number = mention.lieu.type == "arrondissement"
            lesser = is_number and len(mentions) > len(hints)
            share = 0.97 if covered else 1.0
            self._keep_place(scores, mention.lieu, mention.score * (0.88 if lesser else share))
            for other in mention.autres:
                self._keep_place(scores, other, mention.score * 0.95)
        if hints:
            for number, score in scores.items():
                near = hints & self.places[number].arrondissements
                scores[number] = min(1.0, score * (1.03 if near else 0.85))

    def _keep_place(self, scores: dict[int, float], place: Lieu, score: float) -> None:
        _keep(scores, {self._numbers_of[place]: score})

    def _rank(self, scores: dict[int, float]) -> list[tuple[Lieu, float]]:
        """Places by score; of two places of one name on one spot only the most telling kind is kept."""
        order = sorted(
            ((number, score) for number, score in scores.items() if score >= _SEARCH_MINIMUM),
            key=lambda item: (-round(item[1], 2), _KIND_ORDER.index(self.places[item[0]].type), item[0]),
        )
        kept: list[tuple[Lieu, float]] = []
        seen: dict[str, list[Lieu]] = {}
        for number, score in order:
            place = self.places[number]
            twins = seen.setdefault(self._folded_names[number], [])
            if all(_are_apart(place, twin) for twin in twins):
                twins.append(place)
                kept.append((place, score))
        return kept


def _expressions(lines: list[str]) -> dict[str, list[tuple[str, ...]]]:
    by_first_word: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        words = tuple(line.split())
        by_first_word.setdefault(words[0], []).append(words)
    return by_first_word


def _variant_weight(place: Lieu, name: str) -> float:
    """« Saint-Ouen » is as good as « Saint-Ouen-sur-Seine »; another variant is a little less."""
    shortened = place.type == "commune" and fold(place.nom).startswith(fold(name))
    return 1.0 if shortened or name.isdigit() else _VARIANT


def _mairie_of(place: Lieu) -> Iterator[int]:
    """Arrondissements served by a mairie: one, or the four of Paris Centre."""
    if place.nom == "Mairie de Paris Centre":
        yield from (1, 2, 3, 4)
    elif place.arrondissement and place.nom.startswith("Mairie du"):
        yield place.arrondissement


def _settled(mentions: list[Mention]) -> list[Mention]:
    """An ambiguous name is settled by another mention of one of its meanings (« Saint-Denis 93200 »)."""
    sure = {mention.lieu for mention in mentions if not mention.ambigu}
    settled: list[Mention] = []
    for mention in mentions:
        meanings = [place for place in (mention.lieu, *mention.autres) if place in sure]
        if mention.ambigu and len(meanings) == 1:
            mention = replace(mention, lieu=meanings[0], ambigu=False, autres=())
        settled.append(mention)
    return settled


def _favoured(places: tuple[Lieu, ...], candidates: dict[int, float], hints: set[int]) -> dict[int, float]:
    """Candidates, those in an arrondissement that the sentence says coming first."""
    if not any(hints & places[number].arrondissements for number in candidates):
        return candidates
    return {n: s if hints & places[n].arrondissements else s * 0.8 for n, s in candidates.items()}


def _scaled(weights: dict[int, float], factor: float) -> dict[int, float]:
    return {place: weight * factor for place, weight in weights.items()}


def _keep(scores: dict[int, float], new: dict[int, float]) -> None:
    for place, score in new.items():
        if score > scores.get(place, 0.0):
            scores[place] = score


def _are_apart(one: Lieu, other: Lieu) -> bool:
    """True for two places that a person would not take for the same spot."""
    if one.commune == other.commune and one.commune != "Paris":
        return False
    if one.arrondissements & other.arrondissements and {one.type, other.type} != {"rue"}:
        return False
    return _metres(one, other) > (_NEAR_METRES if one.commune == other.commune else _NEAR_ACROSS_LIMIT)


def _metres(one: Lieu, other: Lieu) -> float:
    """Distance in metres, good enough within one region (equirectangular)."""
    east = math.radians(other.lon - one.lon) * math.cos(math.radians(one.lat))
    north = math.radians(other.lat - one.lat)
    return 6_371_000 * math.hypot(east, north)
