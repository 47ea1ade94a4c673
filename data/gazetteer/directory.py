"""The streets of data/lieux, or those imported, as one directory: their names, their doors, their corners."""

from __future__ import annotations

from collections.abc import Iterable

from data.gazetteer.addresses import Addresses, HouseNumber
from data.gazetteer.names import AMBIGUITY_MARGIN, PlaceIndex
from data.gazetteer.place import Lieu, metres
from data.gazetteer.sentences import Window
from data.gazetteer.streets import StreetIndex, house_first
from data.gazetteer.text import Token, fold

TRUST = {"numero": 1.0, "numero_voisin": 0.9}  # share of the score of a street kept by a house number in it
# A square and the station of its name.
_SQUARE_METRES = 600


class Directory:
    """Without imported addresses it knows no door and no corner, only `streets`.

    `places`: the known places, in the order of their numbers in the index, then the other streets.
    """

    def __init__(
        self, index: PlaceIndex, lexicon: dict, addresses: Addresses | None, streets: Iterable[Lieu] = ()
    ):
        self._index, self._addresses = index, addresses
        self._keys: dict[int, int] = {}  # number of the place -> key of the street in the addresses
        all_streets = addresses.streets() if addresses else dict(enumerate(streets))
        self.places = self._merged(all_streets)
        self._numbers = {key: number for number, key in self._keys.items()}
        streets = {number: self.places[number] for number in self._keys}
        names = {number: index.name_tokens(street.nom) for number, street in streets.items()}
        index.learn(names.values())
        squares = {n: known for n in streets if (known := self._known_by_name_of(streets[n], names[n]))}
        self._streets = StreetIndex(streets, names, index, lexicon, squares) if streets else None

    def windows(self, tokens: list[Token], taken: list[bool]) -> Iterable[Window]:
        """Streets named in a sentence; see StreetIndex."""
        return self._streets.windows(tokens, taken) if self._streets else ()

    def score(self, tokens: list[Token]) -> dict[int, float]:
        """Streets that a short query may mean; see StreetIndex."""
        if self._streets is None or all(token.word.isdigit() for token in tokens):
            return {}
        return self._streets.score(tokens)

    def doors(self, candidates: dict[int, float], house: HouseNumber) -> list[Lieu]:
        """The doors of this number in the likeliest streets; none when no street has a near number."""
        streets = {number: score for number, score in candidates.items() if number in self._keys}
        least = max(streets.values(), default=0.0) - AMBIGUITY_MARGIN
        likely = [(self._keys[n], self.places[n]) for n, score in streets.items() if score >= least]
        return self._addresses.locate(likely, house) if likely and self._addresses else []

    def typed_doors(self, tokens: list[Token], minimum: float) -> list[tuple[Lieu, float]]:
        """The doors, with their scores, of a query that is a number and the badly typed name of a street."""
        house, words = house_first(tokens)
        streets = self.score(words) if house else {}
        best = max(streets.values(), default=0.0)
        if best < minimum:
            return []
        return [(door, best * TRUST[door.precision]) for door in self.doors(streets, house)]

    def crossing(self, one: Lieu, other: Lieu) -> Lieu | None:
        """The corner of two streets; None when they do not meet, or when one is not a street."""
        parts = self._parts(one), self._parts(other)
        met = self._addresses.crossing(*parts) if self._addresses and all(parts) else None
        if met is None:
            return None
        lat, lon, key = met
        arrondissement = self.places[self._numbers[key]].arrondissement
        name = f"Angle {one.nom} et {other.nom}"
        return Lieu(name, "adresse", arrondissement, "Paris", lat, lon, precision="angle")

    def _merged(self, streets: dict[int, Lieu]) -> tuple[Lieu, ...]:
        """The known places and the imported streets: one that data/lieux knows keeps its names and its number."""
        known = {
            (fold(place.nom), place.arrondissement): number
            for number, place in enumerate(self._index.places)
            if place.type == "rue"
        }
        places = list(self._index.places)
        for key, street in streets.items():
            number = known.get((fold(street.nom), street.arrondissement), len(places))
            if number == len(places):
                places.append(street)
            self._keys[number] = key
        return tuple(places)

    def _known_by_name_of(self, street: Lieu, name: list[Token]) -> int | None:
        """The place that people mean by the name of a square: the station for « place de la Nation »."""
        words = [token.word for token in self._index.content(name)]
        if len(words) < 2 or words[0] != "place":
            return None
        letters = self._index.letters
        found = letters.get("".join(words)) or letters.get("".join(words[1:]), {})
        near = [n for n in found if self._is_beside(self.places[n], street)]
        return max(near, key=lambda n: found[n], default=None)

    def _is_beside(self, place: Lieu, street: Lieu) -> bool:
        return place.type != "rue" and metres(place, street) < _SQUARE_METRES

    def _parts(self, street: Lieu) -> list[int]:
        """The keys of a street in every arrondissement it crosses; none for another kind of place."""
        if street.type != "rue":
            return []
        name = fold(street.nom)
        return [key for number, key in self._keys.items() if fold(self.places[number].nom) == name]
