"""`make falc`: the texts that only exist once composed, over thousands of invented situations.

Bubbles of the chat, texts of SMS, opening hours, dangers: they are made by the product's own code, then each different
text is judged once by the gate.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random

from actions import conversation, rendering
from actions.conversation import State
from actions.orientation import PARIS
from actions.rendering import Message
from channels.sms import composer
from cli.project import ROOT
from data.database import Database, open_database
from falc.collecting import collect
from falc.gate import judge
from falc.lexicon import Lexicon, lexicon
from falc.model import BLOCKS, Finding, Text
from falc.syntax import Reader
from falc.waivers import apply, waivers
from rules import check_facts
from rules.model import Base, Fact

SITUATIONS = 5_000
_MOST_TOLD = 100
FIRST_DAY = datetime(2026, 11, 21, tzinfo=PARIS)
_DAYS = (0, 1, 2, 3, 4, 9, 34, 41, 160, 265)  # after it: a week of days, Christmas, New Year, May 1st, August
_PLACES = (
    "gare du Nord",
    "porte de la Chapelle",
    "place de la République",
    "18e",
    "gare de Lyon",
    "Montreuil",
)


@dataclass(frozen=True)
class Situation:
    """Someone invented, at a moment of one of a few days: the engine prepares each day once."""

    number: int
    state: State
    alerts: tuple[str, ...]
    at: datetime


def situations(base: Base, count: int, seed: int = 1) -> Iterator[Situation]:
    """`count` situations, always the same for a seed: 1 to 3 needs, some facts known, some refused."""
    rng = Random(seed)
    for number in range(count):
        known = rng.sample(list(base.facts), rng.randrange(len(base.facts)))
        facts: dict[str, object] = {}
        for name in known:
            facts[name] = _value(rng, base.facts[name])
            if check_facts(base, facts):
                del facts[name]
        rest = [name for name in base.facts if name not in facts]
        state = State(
            faits=facts,
            besoins=tuple(rng.sample(list(base.needs), rng.randint(1, 3))),
            ecartes=tuple(rng.sample(rest, rng.randrange(len(rest) + 1))),
        )
        at = FIRST_DAY + timedelta(days=rng.choice(_DAYS), minutes=rng.randrange(24 * 60))
        alerts = rng.sample(list(base.alerts), rng.choice((0, 0, 0, 1, 2)))
        yield Situation(number, state, tuple(alerts), at)


def _value(rng: Random, fact: Fact) -> object:
    if fact.type == "bool":
        return rng.random() < 0.5
    if fact.type == "texte":
        return rng.choice(_PLACES)
    if fact.type == "entier":
        return rng.randint(fact.low, min(fact.high, rng.choice((5, 40, 3_000)) + fact.low))
    if fact.type == "choix_multiple":
        return rng.sample(list(fact.choices), 1)
    return rng.choice(list(fact.choices))


def texts_of(db: Database, situation: Situation) -> Iterator[Text]:
    """What the chat and the SMS say to this person, at this moment."""
    if situation.alerts:
        spoken = rendering.danger(db.base, situation.alerts)
        yield from _bubbles("danger", spoken)
        yield from _sms("danger", spoken, situation.state)
    state = conversation.decide(db, situation.state, situation.at)
    step = conversation.ask if state.question else conversation.conclude
    for channel in ("web", "sms"):
        turn = step(db, state, channel, situation.at)
        if channel == "sms":
            yield from _sms("sms", turn.messages, turn.state)
            continue
        yield from _bubbles("chat", turn.messages)
        orientation = next((message.orientation for message in turn.messages if message.orientation), None)
        yield from _of_places(orientation["dispositifs"] if orientation else ())


def _bubbles(origin: str, messages: Sequence[Message]) -> Iterator[Text]:
    for message in messages:
        kind = "resultat" if message.dispositif or message.alerte else "bulle"
        yield _text(
            f"compose:{origin}:{message.dispositif or message.alerte or ''}", "web", kind, message.texte
        )
        for button in message.boutons:
            yield _text("compose:bouton", "web", "bouton", button.texte)


def _of_places(dispositifs: Iterable[Mapping]) -> Iterator[Text]:
    """What a card says of a place and that is written nowhere: its week, and whether it is open."""
    for dispositif in dispositifs:
        for service in dispositif["services"]:
            for words in (service["ouverture"]["texte"], service["horaires_texte"]):
                if words:
                    yield _text(f"compose:lieu:{service['id']}", "web", "lieu", words)


def _sms(origin: str, messages: Sequence[Message], state: State) -> Iterator[Text]:
    turn = {
        "messages": [asdict(message) for message in messages],
        "etat": {"faits": state.faits, "besoins": list(state.besoins)},
    }
    for words in composer.compose([turn], presented=False).texts:
        yield _text(f"compose:{origin}", "sms", "resultat", words)


def _text(id_: str, channel: str, kind: str, words: str) -> Text:
    return Text(id_, id_, None, channel, kind, words)


def different(db: Database, count: int, seed: int = 1) -> list[Text]:
    """Each different text of `count` situations, once."""
    found: dict[tuple, Text] = {}
    for situation in situations(db.base, count, seed):
        for text in texts_of(db, situation):
            found.setdefault((text.channel, text.kind, text.words), text)
    return list(found.values())


def check(db: Database, count: int, reader: Reader, seed: int = 1) -> tuple[list[Text], list[Finding]]:
    """The different texts of `count` situations, and what the gate finds in them beyond what was excused."""
    texts = different(db, count, seed)
    found, _ = apply(judge([*collect(ROOT), *texts], told_names(db), reader), waivers())
    composed = {text.id for text in texts}
    return texts, [finding for finding in found if finding.text.id in composed]


def told_names(db: Database) -> Lexicon:
    """The lexicon where names of places and of dispositifs are names: each was judged once, as a title."""
    places = [name for place in db.services() for name in (place["nom"], place.get("nom_public")) if name]
    return lexicon().with_names([*places, *(dispositif.name for dispositif in db.base.dispositifs.values())])


def main(arguments: Sequence[str]) -> int:
    """Judge the texts of 5,000 situations (or of as many as said); 1 when one of them is blocked."""
    count = int(arguments[0]) if arguments else SITUATIONS
    db = open_database(ROOT / "data" / "jalon.db")
    texts, findings = check(db, count, Reader(ROOT / ".cache" / "falc.db"))
    # The same sentence stands in many answers: it is told once.
    blocked = list({(one.code, one.sentence): one for one in findings if one.level == BLOCKS}.values())
    for finding in blocked[:_MOST_TOLD]:
        print(f"{finding.text.id} {finding.code} : {finding.problem}\n    {finding.sentence}")
    for code, total in Counter(finding.code for finding in blocked).most_common():
        print(f"{code:8} {total:6}")
    print(f"{count} situations, {len(texts)} textes différents, {len(blocked)} fautes qui bloquent.")
    return 1 if blocked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
