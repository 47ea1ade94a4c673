"""What is measured when someone asks, rather than counted: versions, parts, old data, the SMS queue."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric

from channels.sms.overview import state as sms_state
from channels.sms.settings import SmsSettings
from data.database import Database
from data.hours import PARIS
from data.sql.errors import StoreError
from data.upkeep.freshness import read_delays, stale
from rules.checking.verification import expired

journal = logging.getLogger("jalon.porte")

_ROOT = Path(__file__).parents[2]
_QUEUES = {"recus": "recu", "a_envoyer": "envoi"}


@dataclass(eq=False)
class Snapshot:
    """A Prometheus collector. `parts`: name -> whether it answers; `model`: that of the dialogue server, if known;
    `asked`: dialogue servers by rank -> whether the door asks them (RasaClient.asked)."""

    db: Database
    parts: Mapping[str, bool]
    model: str
    sms: SmsSettings | None = None
    now: float = field(default_factory=time.time)
    asked: Mapping[str, bool] = field(default_factory=dict)

    def describe(self) -> tuple[Metric, ...]:
        """Nothing: otherwise registering it would measure everything a first time."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "jalon_version", "Ce qui tourne.", ["base", "modele"], {(self.db.version, self.model): 1}
        )
        built = datetime.fromisoformat(self.db.built_on).timestamp()
        yield _gauge("jalon_base_construite_secondes", "Quand la base a été construite.", [], {(): built})
        told = {(name,): float(ready) for name, ready in self.parts.items()}
        yield _gauge("jalon_composant_pret", "1 : ce composant répond.", ["composant"], told)
        told = {(rank,): float(not usual) for rank, usual in self.asked.items()}
        yield _gauge(
            "jalon_circuit_ouvert",
            "1 : la porte laisse ce serveur de dialogue, qui échoue.",
            ["serveur"],
            told,
        )
        yield from self._old_data()
        if self.sms:
            yield from self._queue(self.sms)

    def _old_data(self) -> Iterator[Metric]:
        places, facts, rules = old_data(self.db, datetime.fromtimestamp(self.now, PARIS).date())
        yield _gauge("jalon_lieux", "Lieux de la base.", [], {(): places})
        told = {(fact,): count for fact, count in facts.items()}
        yield _gauge("jalon_lieux_a_revoir", "Lieux dont un fait est trop vieux ou douteux.", ["fait"], told)
        yield _gauge(
            "jalon_regles_expirees",
            "Conditions dont la période, ou celle de leur montant, est finie.",
            [],
            {(): rules},
        )

    def _queue(self, settings: SmsSettings) -> Iterator[Metric]:
        try:
            found = sms_state(settings, self.now)
        except (StoreError, OSError) as error:
            journal.error("file des SMS illisible : %s", type(error).__name__)
            yield _gauge("jalon_sms_lisible", "1 : la file des SMS se lit.", [], {(): 0})
            return
        yield _gauge("jalon_sms_lisible", "1 : la file des SMS se lit.", [], {(): 1})
        states = {(way, one): count for key, way in _QUEUES.items() for one, count in found[key].items()}
        yield _gauge("jalon_sms_messages", "Messages de la file, par sens et état.", ["sens", "etat"], states)
        yield _gauge("jalon_sms_attente_secondes", "Attente du plus ancien.", [], {(): found["attente"]})
        day = found["jour"]
        yield _gauge("jalon_sms_segments_jour", "Segments partis ce jour.", [], {(): day.get("segments", 0)})
        yield _gauge("jalon_sms_recus_jour", "SMS reçus ce jour.", [], {(): day.get("received", 0)})
        yield _gauge("jalon_sms_euros_jour", "Coût des SMS de ce jour.", [], {(): day.get("euros", 0)})
        yield _gauge("jalon_sms_plafond_euros", "Plafond d'un jour.", [], {(): settings.cap})


@lru_cache(maxsize=2)
def old_data(db: Database, today: date, root: Path = _ROOT) -> tuple[int, Counter[str], int]:
    """How many places, how many of them have each fact to check again, and how many rules have expired."""
    delays, faults = read_delays(root, db.categories)
    if faults:
        raise ValueError(str(faults[0]))
    places = db.services()
    facts: Counter[str] = Counter()
    for place in places:
        facts.update(found.fact for found in stale(place, db.sources, delays, today))
    return len(places), facts, len(expired(db.base, today))


def _gauge(name: str, text: str, labels: list[str], values: Mapping[tuple, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for one, value in values.items():
        family.add_metric([str(part) for part in one], value)
    return family
