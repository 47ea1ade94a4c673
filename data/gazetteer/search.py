"""Find places of Paris and its neighbours in what people write, offline.

`Gazetteer.find_in` finds the places named in a sentence, `search` ranks places for a short query and
`resolve` answers only when one place is meant.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz import fuzz, process

from data.gazetteer.addresses import Addresses
from data.gazetteer.arrondissements import Arrondissement, ArrondissementReader
from data.gazetteer.directory import TRUST, Directory
from data.gazetteer.files import read_places, read_streets
from data.gazetteer.names import AMBIGUITY_MARGIN, PlaceIndex
from data.gazetteer.place import Lieu, metres
from data.gazetteer.sentences import DEPARTMENTS, SOUND_PENALTY, Window, WindowFinder, scaled
from data.gazetteer.tables import places_of_database, streets_of_database
from data.gazetteer.text import Token, fold

MAX_QUERY = 200
_RESOLVE_MINIMUM = 0.75  # below, the text is only near a known name
_NAMESAKES = 10  # results among which a label is looked for
# A text that is nothing but a name: its most words, its fewest letters, and how sure its place must be.
_LONGEST_ALONE, _SHORTEST_ALONE, _ALONE_MINIMUM = 5, 4, 0.85
_ALONE_EXACT = 0.97  # of everyday words only, or very short, it must be the name itself
_SEARCH_MINIMUM = 0.6
# Within this distance two places of one name are one place; across the city limit names are vaguer.
_NEAR_METRES, _NEAR_ACROSS_LIMIT = 900, 1300
_PRECISIONS = {
    "numero": "numéro exact",
    "numero_voisin": "numéro absent, voisin",
    "angle": "angle des rues",
}
_SAID_KINDS = ("station", "quartier", "parc")
_SHORTENED = ("station", "commune", "lieu")
_CROSSING_WORDS = frozenset({"angle", "croisement", "intersection", "carrefour", "coin"})
_WELL_TYPED = 0.95  # below, a house number is also looked for in the streets that the query looks like
# A street that the whole query looks like this much is preferred to a place named by less than that of its letters.
_WHOLE, _MOST = 0.85, 0.7
# When one name has several kinds of place on the same spot, the one people mean comes first.
_KIND_ORDER = (
    "gare", "porte", "commune", "hopital", "station", "lieu", "parc", "mairie", "quartier", "rue", "adresse",
    "arrondissement",
)  # fmt: skip


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
    """Places for a query, best first, with their scores (0 to 1).

    `ambigu`: ask back which one is meant, among `choix`.
    """

    lieux: tuple[Lieu, ...]
    scores: tuple[float, ...]
    ambigu: bool
    choix: tuple[Lieu, ...] = ()

    def as_dict(self) -> dict:
        """The answer of `GET /api/v1/lieux`."""
        found = zip(self.lieux, self.scores, strict=True)
        return {"lieux": [place.as_dict(score) for place, score in found], "ambigu": self.ambigu}


class Gazetteer:
    """All the known places, indexed once. Safe to share between threads: nothing changes afterwards."""

    def __init__(
        self,
        places: Iterable[Lieu],
        lexicon: dict,
        addresses: Addresses | None = None,
        streets: Iterable[Lieu] = (),
    ):
        self._index = PlaceIndex(places, lexicon)
        self._directory = Directory(self._index, lexicon, addresses, streets)
        self.places = self._directory.places
        self._number_of = {place: number for number, place in enumerate(self.places)}
        self._folded_names = [fold(place.nom) for place in self.places]
        self._windows = WindowFinder(self._index)
        self._names_found: dict[tuple, str] = {}
        self._with_kind = {fold(name): place for place in self.places for name in _with_kind(place)}
        self._numbers = ArrondissementReader(lexicon["arrondissements"])
        self._arrondissements = {
            place.arrondissement: place for place in self.places if place.type == "arrondissement"
        }
        self._mairies = {
            n: place for place in self.places if place.type == "mairie" for n in _mairie_of(place)
        }

        self._departments = {
            place.commune: frozenset({int(code[:2])})
            for place in self.places
            if place.type == "commune"
            for code in place.variantes
            if code.isdigit()
        }

    @classmethod
    def from_yaml(cls, root: Path | str, addresses: Addresses | None = None) -> Gazetteer:
        """Read `root`/data/lieux/*.yml. Raises PlaceFilesError (file, line and repair of every fault)."""
        places, lexicon, _ = read_places(root)
        return cls(places, lexicon, addresses, read_streets(root))

    @classmethod
    def from_database(cls, connection: sqlite3.Connection, addresses: Addresses | None = None) -> Gazetteer:
        """Read the tables written by `create_tables`. Raises sqlite3.Error when they are absent."""
        return cls(*places_of_database(connection), addresses, streets_of_database(connection))

    def arrondissement_position(self, number: int) -> tuple[float, float]:
        """Latitude and longitude (degrees) of the centre of an arrondissement. Raises KeyError."""
        place = self._arrondissements[number]
        return place.lat, place.lon

    def find_in(self, text: str) -> list[Mention]:
        """Places named in a sentence, in order. Offsets count the characters of `text`."""
        tokens = self._index.tokens(text)
        if not tokens:
            return []
        numbers = self._numbers.read(text, tokens)
        taken = [False] * len(tokens)
        for number in numbers:
            taken[number.first : number.last] = [True] * (number.last - number.first)
        hints = {number.number for number in numbers}
        hints |= {int(token.word) for token in tokens if token.word in DEPARTMENTS}
        windows = self._windows.find(tokens, taken, self._directory.windows(tokens, taken))
        mentions = _settled([self._mention_of(window, tokens, hints) for window in windows])
        if _CROSSING_WORDS.intersection(token.word for token in tokens):
            mentions = self._crossings(sorted(mentions, key=lambda mention: mention.start))
        for number in numbers:
            mentions += self._number_mentions(number, tokens)
        return sorted(mentions, key=lambda mention: (mention.start, -mention.end))

    def search(self, text: str, limit: int = 5) -> SearchResult:
        """Places for a short query, best first. A long query is cut to MAX_QUERY characters."""
        text = text[:MAX_QUERY]
        tokens = self._index.tokens(text)
        scores: dict[int, float] = {}
        doors: list[tuple[Lieu, float]] = []
        if tokens and not self._windows.names_nothing(tokens):
            self._score_names(tokens, scores)
            streets = self._directory.score(tokens)
            _keep(scores, streets)
            doors = self._score_mentions(text, tokens, scores, max(streets.values(), default=0.0))
            if not doors or doors[0][1] < _WELL_TYPED:
                typed = self._directory.typed_doors(tokens, _RESOLVE_MINIMUM)
                doors = max(doors, typed, key=lambda found: found[0][1] if found else 0.0)
        ranked = doors or self._rank(scores)
        best = ranked[0][1] if ranked else 0.0
        rivals = [place for place, score in ranked if score >= best - AMBIGUITY_MARGIN]
        ambiguous = any(_are_apart(rivals[0], place) for place in rivals[1:])
        shown = ranked[: max(0, limit)]
        return SearchResult(
            tuple(place for place, _ in shown),
            tuple(round(score, 2) for _, score in shown),
            ambiguous,
            tuple(rivals) if ambiguous else (),
        )

    def reason(self, text: str, place: Lieu) -> str:
        """Why `search` gives this place for this text, in a few French words."""
        if place.precision:
            return _PRECISIONS[place.precision]
        if place.type == "arrondissement":
            return "arrondissement dit"
        words = self._index.content(self._index.tokens(text))
        said = "".join(token.word for token in words)
        for rank, name in enumerate((place.nom, *place.variantes)):
            tokens = self._index.content(self._index.name_tokens(name))
            if "".join(token.word for token in tokens) == said:
                return f"autre nom : {name}" if rank else "nom exact"
            if "".join(token.sound for token in tokens) == "".join(token.sound for token in words):
                return "même son"
        tokens = self._index.content(self._index.name_tokens(place.nom))
        if "".join(token.word for token in tokens).startswith(said):
            return "début du nom"
        sounds = {token.sound for token in tokens}
        if {token.sound for token in words} <= sounds:
            return "partie du nom"
        return "dans la phrase" if sounds <= {token.sound for token in words} else "ressemblant"

    def resolve(self, text: str) -> Lieu | None:
        """The place meant by a short text, by what `name_of` gives or by a label (`Lieu.label`).

        None when none or several are as likely.
        """
        if fold(text) in self._with_kind:
            return self._with_kind[fold(text)]
        name = text.partition(" (")[0]
        result = self.search(name, limit=_NAMESAKES)
        labelled = next((place for place in result.lieux if place.label == text), None)
        if labelled or not result.lieux:
            return labelled
        if not result.ambigu and result.scores[0] >= _RESOLVE_MINIMUM:
            return result.lieux[0]
        return _named_in_full(name, result.lieux)

    def name_of(self, place: Lieu, said: str = "") -> str:
        """A name that finds the place again: the one nearest to what was `said`, else its own, else with its kind.

        « Barbès » stays « Barbès », not « Barbès - Rochechouart ». The label when no name is enough.
        """
        names = [place.nom, *(_shorter_names(place) if place.type in _SHORTENED else ())]
        nearest = sorted(names, key=lambda name: -fuzz.ratio(fold(said), fold(name))) if said else names
        return self._found_again(place, tuple(nearest))

    def _found_again(self, place: Lieu, names: tuple[str, ...]) -> str:
        key = place, names
        if key not in self._names_found:
            ways = [*names, *_with_kind(place)]
            found = next((name for name in ways if _is_same_spot(self.resolve(name), place)), place.label)
            self._names_found[key] = found  # whole at once: other threads may be reading
        return self._names_found[key]

    def alone(self, text: str, asked: bool = False, mentions: Sequence[Mention] | None = None) -> Lieu | None:
        """The place named by a text that is nothing but a name which `find_in` misses; None when unsure.

        `asked`: the text answers « où êtes-vous ? », so that an everyday word (« Commerce ») may be a name.
        `mentions`: what `find_in` gave, when it was asked already.
        """
        tokens = self._index.tokens(text[:MAX_QUERY])
        letters = sum(len(token.word) for token in tokens)
        if len(tokens) > _LONGEST_ALONE or letters < _SHORTEST_ALONE:
            return None
        announced = asked or tokens[-1].word in self._index.kinds_after
        if (self.find_in(text) if mentions is None else mentions) or not (
            announced or self._windows.may_be_a_name(tokens)
        ):
            return None
        found = self.search(text, limit=1)
        telling = letters > _SHORTEST_ALONE and self._windows.is_uncommon(tokens)
        minimum = _ALONE_MINIMUM if telling or announced and not asked else _ALONE_EXACT
        if not found.lieux or found.ambigu or found.scores[0] < minimum:
            return None
        return found.lieux[0] if found.lieux[0].type != "arrondissement" else None

    def _mention_of(self, window: Window, tokens: list[Token], hints: set[int]) -> Mention:
        candidates = self._favoured(window.candidates, hints)
        ranked = self._rank(candidates, minimum=0.0)
        place, score = ranked[0]
        rivals = [
            other for other, s in ranked[1:] if s >= score - AMBIGUITY_MARGIN and _are_apart(place, other)
        ]
        first = window.first
        before = tokens[first - 1].word if first and not tokens[first].breaks else ""
        if before in ("la", "le", "les", "l") and fold(place.nom).startswith((before + " ", before + "'")):
            first -= 1
        start, end = tokens[first].start, tokens[window.last - 1].end
        doors = self._directory.doors(candidates, window.house) if window.house else []
        if doors:
            place, *rivals = doors
            score *= TRUST[place.precision]
        return Mention(place, start, end, round(score, 3), bool(rivals), tuple(rivals))

    def _favoured(self, candidates: dict[int, float], hints: set[int]) -> dict[int, float]:
        """Candidates, those in an arrondissement or a department that the sentence says coming first."""
        said = {number for number in candidates if hints & self._areas_of(self.places[number])}
        return {n: s if n in said else s * 0.8 for n, s in candidates.items()} if said else candidates

    def _areas_of(self, place: Lieu) -> frozenset[int]:
        """Its arrondissements, or the number of its department."""
        return place.arrondissements or self._departments.get(place.commune, frozenset())

    def _crossings(self, mentions: list[Mention]) -> list[Mention]:
        """« à l'angle de la rue X et de la rue Y »: two streets in a row become the place where they meet."""
        joined: list[Mention] = []
        for mention in mentions:
            corner = self._directory.crossing(joined[-1].lieu, mention.lieu) if joined else None
            if corner:
                first = joined.pop()
                mention = Mention(corner, first.start, mention.end, min(first.score, mention.score))
            joined.append(mention)
        return joined

    def _number_mentions(self, number: Arrondissement, tokens: list[Token]) -> Iterator[Mention]:
        start, end = tokens[number.first].start, tokens[number.last - 1].end
        yield Mention(self._arrondissements[number.number], start, end, number.score)
        i = self._index.before(tokens, number.first)
        if i >= 0 and tokens[i].word == "mairie":
            yield Mention(self._mairies[number.number], tokens[i].start, end, number.score)

    def _score_names(self, tokens: list[Token], scores: dict[int, float]) -> None:
        """Compare the whole query with every name: same, same sound, beginning, part, likeness."""
        # Articles typed in full tell « porte de la ch » (Chapelle) from « porte de ch » (Choisy).
        self._score_beginnings("".join(t.word for t in tokens), 1.05, scores)
        for words, trust in self._readings(tokens):
            letters = "".join(t.word for t in words)
            sound = "".join(t.sound for t in words)
            if not sound:
                continue
            _keep(scores, scaled(self._free(self._index.letters.get(letters, {})), trust))
            _keep(scores, scaled(self._free(self._index.sounds.get(sound, {})), trust * SOUND_PENALTY))
            if letters.isdigit():
                continue
            self._score_beginnings(letters, trust, scores)
            self._score_parts(words, scores)
            for name, likeness, _ in process.extract(
                sound, self._index.all_sounds, scorer=fuzz.ratio, score_cutoff=70, limit=8
            ):
                spelling = max(fuzz.ratio(letters, other) for other in self._index.letters_of_sound[name])
                factor = 0.98 * trust * (likeness + spelling) / 200
                _keep(scores, scaled(self._index.sounds[name], factor))

    def _free(self, weights: dict[int, float]) -> dict[int, float]:
        """Places that need no word before their name."""
        return {number: weight for number, weight in weights.items() if not self.places[number].exige}

    def _readings(self, tokens: list[Token]) -> Iterator[tuple[list[Token], float]]:
        """The query as it is, then, trusted a little less, without the words that only announce a place."""
        content = self._index.content(tokens)
        yield content or tokens, 1.0
        if len(content) > 1 and content[-1].word in self._index.kinds_after:
            yield [content[-1], *content[:-1]], 1.0  # « saint louis hôpital »
        skip = (
            self._index.announcing | self._index.verbs | self._index.prepositions | set(self._index.landmarks)
        ) - self._index.streets
        rest = [t for t in content if t.word not in skip]
        if rest and len(rest) < len(content):
            yield rest, 0.93

    def _score_beginnings(self, letters: str, trust: float, scores: dict[int, float]) -> None:
        if len(letters) < 3:
            return
        for name in self._index.all_letters[bisect_left(self._index.all_letters, letters) :]:
            if not name.startswith(letters):
                break
            nearness = 0.75 + 0.2 * len(letters) / len(name)
            _keep(scores, scaled(self._free(self._index.letters[name]), trust * nearness))

    def _score_parts(self, words: list[Token], scores: dict[int, float]) -> None:
        """Every word of the query is a word of the name: « martin luther » -> Parc Martin-Luther-King."""
        sounds = [t.sound for t in words if len(t.word) >= 3]
        if not sounds:
            return
        common = set.intersection(*(self._index.by_word.get(sound, set()) for sound in sounds))
        _keep(scores, {place: 0.72 for place in common})

    def _score_mentions(
        self, text: str, tokens: list[Token], scores: dict[int, float], whole: float
    ) -> list[tuple[Lieu, float]]:
        """Places that a longer query names, and the arrondissement it says. Returns the house numbers it says.

        `whole`: how much the whole query looks like a street.
        """
        number = self._numbers.whole(tokens)
        if number:
            self._keep_place(scores, self._arrondissements[number], 0.95)
        mentions = self.find_in(text)
        hints = {m.lieu.arrondissement for m in mentions if m.lieu.type == "arrondissement"}
        covered = sum(m.end - m.start for m in mentions)
        letters = tokens[-1].end - tokens[0].start
        for mention in mentions:
            if mention.lieu.type == "adresse":
                continue
            is_number = mention.lieu.type == "arrondissement"
            lesser = is_number and len(mentions) > len(hints)
            share = 0.97 if whole < _WHOLE or covered > _MOST * letters else 0.85
            self._keep_place(scores, mention.lieu, mention.score * (0.88 if lesser else share))
            for other in mention.autres:
                self._keep_place(scores, other, mention.score * 0.95)
        if hints:
            for number, score in scores.items():
                near = hints & self.places[number].arrondissements
                scores[number] = min(1.0, score * (1.03 if near else 0.85))
        return [
            (door, mention.score)
            for mention in mentions
            for door in (mention.lieu, *mention.autres)
            if door.type == "adresse"
        ]

    def _keep_place(self, scores: dict[int, float], place: Lieu, score: float) -> None:
        _keep(scores, {self._number_of[place]: score})

    def _rank(self, scores: dict[int, float], minimum: float = _SEARCH_MINIMUM) -> list[tuple[Lieu, float]]:
        """Places by score; of two places of one name on one spot only the most telling kind is kept."""
        order = sorted(
            ((number, score) for number, score in scores.items() if score >= minimum),
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


def _shorter_names(place: Lieu) -> Iterator[str]:
    """The other names that its own name holds: « Barbès » in « Barbès - Rochechouart »."""
    words = set(re.findall(r"\w+", fold(place.nom)))
    for name in dict.fromkeys((*place.variantes, *place.nom.split(" - "))):
        if name != place.nom and set(re.findall(r"\w+", fold(name))) < words:
            yield name


def _with_kind(place: Lieu) -> Iterator[str]:
    """« Station Auber », « Quartier Belleville », « Ville d'Antony »: a name that has namesakes, with its kind."""
    if place.type == "commune":
        yield f"Ville d'{place.nom}" if fold(place.nom)[0] in "aeiouy" else f"Ville de {place.nom}"
    elif place.type in _SAID_KINDS:
        yield f"{place.type.capitalize()} {place.nom}"


def _is_same_spot(found: Lieu | None, place: Lieu) -> bool:
    return found == place or (
        found is not None
        and found.arrondissement == place.arrondissement
        and not _are_apart(found, place)
        and metres(found, place) < _NEAR_METRES
    )


def _named_in_full(name: str, places: Iterable[Lieu]) -> Lieu | None:
    """The place of exactly this name, unless another one's name holds it (« Clichy », « Place de Clichy »)."""
    named = [place for place in places if name.casefold() in place.nom.casefold()]
    return named[0] if len(named) == 1 and named[0].nom.casefold() == name.casefold() else None


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
    return metres(one, other) > (_NEAR_METRES if one.commune == other.commune else _NEAR_ACROSS_LIMIT)
