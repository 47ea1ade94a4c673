"""Where the person is: places of the gazetteer and arrondissements named in a message."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assistant.reading.durations import MONTHS
from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.numbers import NumberReader
from assistant.reading.patterns import compile_expression
from assistant.reading.text import Reading, Word
from data.gazetteer import Gazetteer, Mention, open_addresses

PLACE_QUESTIONS = ("arrondissement", "lieu")

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def load_gazetteer(root: Path) -> Gazetteer:
    """Places of `root`/data/jalon.db, or of `root`/data/lieux when the base is not built; and imported addresses.

    Raises data.gazetteer.PlaceFilesError when neither can be read.
    """
    base = root / "data" / "jalon.db"
    if base.exists():
        connection = sqlite3.connect(f"file:{base}?mode=ro&immutable=1", uri=True)
        try:
            return Gazetteer.from_database(connection, open_addresses())
        except sqlite3.Error as error:
            logger.warning("Lieux lus dans les fichiers YAML, la base est illisible : %s", error)
        finally:
            connection.close()
    return Gazetteer.from_yaml(root)


class PlaceReader:
    """Reads `lieu` and `arrondissement`. `gazetteer` is optional: no place name without it."""

    def __init__(self, lexicon: Lexicon, numbers: NumberReader, gazetteer: Gazetteer | None):
        lists = lexicon.documents["nombres"]["lieu"]
        self._never, self._elsewhere, self._taken_back = (
            compile_expression(lists[name], lexicon.macros).regex
            for name in ("jamais", "ailleurs", "reprise")
        )
        self._decoys = frozenset(lists["noms"])
        self._around_district = frozenset(lists["autour_du_nombre"])
        self._numbers = numbers
        self._gazetteer = gazetteer

    def mentions(self, reading: Reading) -> list[Mention]:
        """The names of places in the message; both `alone` and `read` start from them."""
        return self._gazetteer.find_in(reading.text) if self._gazetteer else []

    def alone(self, reading: Reading, asked: str | None, mentions: list[Mention]) -> Fact | None:
        """The place of a message that is nothing but its name; an everyday word is one only once `asked`."""
        if self._gazetteer is None:
            return None
        place = self._gazetteer.alone(reading.text, asked in PLACE_QUESTIONS, mentions)
        return (
            Fact("lieu", self._gazetteer.name_of(place, reading.text), *reading.span(0, -1))
            if place
            else None
        )

    def district_numbers(self, reading: Reading, numbers: list[int]) -> list[int]:
        """Those of these numbers that answer « quel arrondissement ? »: among few words, all of which may say where."""
        others = {word.form for word in reading.words if word.value is None and word.form.isalnum()}
        refused = self._numbers.not_districts(reading)
        return [i for i in numbers if i not in refused] if others <= self._around_district else []

    def read(self, reading: Reading, mentions: list[Mention]) -> tuple[list[Fact], set[int]]:
        """Facts, and the indexes of the numbers they use."""
        facts, used = self._numbers.districts(reading)
        if self._gazetteer is None:
            return facts, used
        mentions = [
            mention
            for mention in mentions
            if reading.text[mention.start : mention.end].lower() not in self._decoys
        ]
        dates = [
            index
            for index, word in enumerate(reading.words)
            if word.form.startswith("<") or word.form in MONTHS
        ]
        refused = [reading.words[index] for index in (*self._numbers.not_districts(reading), *dates)]
        districts = [m for m in mentions if m.lieu.type == "arrondissement" and not _touches(m, refused)]
        if districts and not facts:
            first = districts[0]
            facts.append(Fact("arrondissement", first.lieu.arrondissement, first.start, first.end))
        named, here = self._chosen(reading, [m for m in mentions if m.lieu.type != "arrondissement"])
        if named and (here or all(_touches(named, [fact]) for fact in facts)):
            facts.append(Fact("lieu", self._said(reading, named, facts), named.start, named.end))
        for mention in mentions:
            used |= _numbers_in(reading, mention)
        return facts, used

    def _said(self, reading: Reading, mention: Mention, districts: list[Fact]) -> str:
        """What will find the place again: the name said, with its kind when it has namesakes.

        With several meanings left, the words of the message, which have as many.
        """
        words = reading.text[mention.start : mention.end]
        if not mention.ambigu:
            name = self._gazetteer.name_of(mention.lieu, words)
            return mention.lieu.nom if districts and mention.lieu.type == "rue" else name
        sure = self._gazetteer.resolve(mention.lieu.nom) is not None
        return words if sure else mention.lieu.nom

    def _chosen(self, reading: Reading, mentions: list[Mention]) -> tuple[Mention | None, bool]:
        """The place where the person is: the last one when the first is taken back, else the first that fits.

        False with it when the words before say that the person is not there (work, a former home).
        """
        before = [_words_before(reading, mention) for mention in mentions]
        kept = [
            (mention, said)
            for mention, said in zip(mentions, before, strict=True)
            if not self._never.search(said)
        ]
        for mention, said in kept[1:]:
            if self._taken_back.search(said):
                return mention, True
        here = [mention for mention, said in kept if not self._elsewhere.search(said)]
        return next(iter(here or [mention for mention, _ in kept]), None), bool(here)


def _words_before(reading: Reading, mention: Mention, count: int = 5) -> str:
    return " ".join([word.form for word in reading.words if word.end <= mention.start][-count:])


def _touches(mention: Mention, words: Sequence[Word | Fact]) -> bool:
    return any(mention.start < word.end and word.start < mention.end for word in words)


def _numbers_in(reading: Reading, mention: Mention) -> set[int]:
    return {
        index
        for index, word in enumerate(reading.words)
        if word.value is not None and mention.start <= word.start < mention.end
    }
