"""`make bench-taille`: how many turns a conversation has and what it weighs, for docs/dimensionnement.md.

Turns: the conversations of tests/conversations/, and the invented people of bench/personas.yml (one message to begin,
then one a question). Weight: the same written conversations played through the page of a real city, then their row in
PostgreSQL and their last answer in Redis.
"""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import psycopg
import redis

from bench.personas import people, play
from channels.rasa import RasaClient
from cli.project import ROOT
from data.database import open_database
from tests.city import City, running_city
from tests.conversations import Player, scenarios

RESULTS = ROOT / "bench" / "resultats" / "taille.md"


@dataclass
class Paged(Player):
    """A person who also says everything on the page, in a session of its own: `page`."""

    page: str = field(default_factory=lambda: secrets.token_hex(16))

    def say(self, text: str) -> dict:
        body = {
            "session": self.page,
            "texte": text,
            "canal": self.canal,
            "libelle": "",
            "envoi": secrets.token_hex(16),
        }
        httpx.post(f"{self.url}/tour", json=body, timeout=30).raise_for_status()
        return super().say(text)


@dataclass(frozen=True)
class Weight:
    """One conversation. Bytes: as text, as PostgreSQL keeps it (compressed), and its last answer in Redis."""

    turns: int
    text: int
    row: int
    answer: int


def weighed(city: City) -> Iterator[Weight]:
    """Each written conversation, once played to its end."""
    names = RasaClient(city.settings(*city.dialogues))
    query = "SELECT octet_length(dialogue), pg_column_size(dialogue) FROM conversations WHERE sender = %s"
    with psycopg.connect(city.postgres, autocommit=True) as db, redis.Redis.from_url(city.redis) as shared:
        for _, scenario in scenarios():
            shared.flushdb()
            player = Paged(city.doors[0], scenario.get("canal", "web"))
            player.say(scenario["ouverture"])
            player.answer_questions(scenario["reponses"])
            text, row = db.execute(query, [names.sender(player.page)]).fetchone()
            answer = sum(shared.strlen(name) for name in shared.scan_iter("jalon:reponse:*"))
            yield Weight(len(player.answers), text, row, answer)


def page(weights: Sequence[Weight], whole: Sequence[int], useful: Sequence[int]) -> str:
    """The page of results. `whole`, `useful`: turns of the invented people, to the end and to a first useful answer."""
    rows = {
        "tours, conversations écrites": [one.turns for one in weights],
        "tours, personnes inventées, jusqu'à la première réponse utile": useful,
        "tours, personnes inventées, jusqu'à la dernière question": whole,
        "une conversation, en texte (Ko)": [one.text / 1000 for one in weights],
        "une conversation dans PostgreSQL, compressée (Ko)": [one.row / 1000 for one in weights],
        "une dernière réponse dans Redis, compressée (Ko)": [one.answer / 1000 for one in weights],
        "une conversation dans PostgreSQL, par tour (Ko)": [one.row / 1000 / one.turns for one in weights],
    }
    lines = [
        f"| {name} | {len(some)} | {statistics.mean(some):.1f} | {statistics.median(some):.1f} | {max(some):.1f} |"
        for name, some in rows.items()
    ]
    return "\n".join(
        [
            "# Ce que pèse une conversation",
            "",
            "`make bench-taille`. Les conversations sont celles de `tests/conversations/`, jouées jusqu'à la fin par la page d'une",
            "vraie ville (PostgreSQL, Redis) ; les personnes, celles de `bench/personas.yml`. De vraies personnes s'arrêtent",
            "plus tôt, ou reviennent : `jalon_tours_total` le dira.",
            "",
            "| mesure | nombre | moyenne | médiane | maximum |",
            "|---|---:|---:|---:|---:|",
            *lines,
            "",
        ]
    )


def main() -> None:
    db = open_database()
    courses = [play(db, one) for one in people(db.base)]
    useful = [1 + course.useful for course in courses if course.useful is not None]
    with running_city() as city:
        weights = list(weighed(city))
    told = page(weights, [1 + course.count for course in courses], useful)
    print(told)
    RESULTS.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
