"""What the door counts, for those who run it: numbers and words of the vocabulary, never who nor what was said.

Labels are bounded: channels, needs, dangers and categories of the base, routes of the code. With PROMETHEUS_MULTIPROC_DIR
(set by `jalon servir`), the doors of one machine count in the same files and any of them tells the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram

CHANNELS = ("web", "sms", "guichet", "api")
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0, 8.0)

REGISTRY = CollectorRegistry()
_all = {"registry": REGISTRY}
TURNS = Counter("jalon_tours", "Tours de conversation, par canal et issue.", ["canal", "issue"], **_all)
TURN_SECONDS = Histogram(
    "jalon_tour_secondes", "Durée d'un tour, vue de la porte.", ["canal"], buckets=_SECONDS, **_all
)
PART_SECONDS = Histogram(
    "jalon_partie_secondes",
    "Durée des appels au serveur de dialogue (tour, comprendre).",
    ["partie"],
    buckets=_SECONDS,
    **_all,
)
UNAVAILABLE = Counter(
    "jalon_rasa_indisponible", "Appels au serveur de dialogue qui ont échoué.", ["partie"], **_all
)
NEEDS = Counter("jalon_besoins", "Besoins dits, par message ou demande.", ["besoin"], **_all)
ALERTS = Counter("jalon_alertes", "Dangers auxquels Jalon a répondu.", ["alerte"], **_all)
PLACES = Counter("jalon_lieux_proposes", "Lieux proposés dans les réponses.", ["categorie"], **_all)
REQUESTS = Counter(
    "jalon_requetes", "Requêtes reçues par la porte, par route et code.", ["chemin", "code"], **_all
)
REQUEST_SECONDS = Histogram(
    "jalon_requete_secondes", "Durée des requêtes, toutes routes.", buckets=_SECONDS, **_all
)


def count_turn(channel: str, answer: Mapping, seconds: float) -> None:
    """Count a turn from the door's answer to it (channels.conversation)."""
    channel = _channel(channel)
    TURNS.labels(channel, _outcome(answer)).inc()
    TURN_SECONDS.labels(channel).observe(seconds)
    for need in answer.get("entendu", {}).get("besoins", ()):
        NEEDS.labels(need).inc()
    for message in answer["messages"]:
        if message["alerte"]:
            ALERTS.labels(message["alerte"]).inc()
        if message["orientation"]:
            _count_places(message["orientation"])


def count_again(channel: str) -> None:
    """Count a message that came twice and got the same answer again."""
    TURNS.labels(_channel(channel), "redit").inc()


def count_orientation(needs: Iterable[str], orientation: Mapping) -> None:
    """Count an orientation asked without conversation: a form, the API, a sheet."""
    for need in needs:
        NEEDS.labels(need).inc()
    _count_places(orientation)


def count_request(route: str, status: int, seconds: float) -> None:
    """Count a request. `route`: as written in the code."""
    REQUESTS.labels(route, status).inc()
    REQUEST_SECONDS.observe(seconds)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Time a call to the dialogue server, and count it when it fails."""
    start = perf_counter()
    try:
        yield
    except Exception:
        UNAVAILABLE.labels(name).inc()
        raise
    finally:
        PART_SECONDS.labels(name).observe(perf_counter() - start)


def _channel(name: str) -> str:
    return name if name in CHANNELS else "autre"


def _outcome(answer: Mapping) -> str:
    if answer.get("plein"):
        return "plein"
    if answer.get("panne"):
        return "panne"
    if answer.get("repris"):
        return "refuse"
    if "entendu" not in answer:
        return "sans_dialogue"
    return "incompris" if answer["entendu"]["incompris"] else "repondu"


def _count_places(orientation: Mapping) -> None:
    for dispositif in orientation["dispositifs"]:
        for place in dispositif["services"]:
            PLACES.labels(place["categorie"]).inc()
