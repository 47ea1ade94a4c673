"""What the gazetteer knows of one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

TYPES = (
    "station", "arrondissement", "quartier", "gare", "porte", "rue", "commune", "adresse", "hopital",
    "parc", "mairie", "lieu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lieu:
    """A place. `proches`: other arrondissements it touches. `exige`: words one of which must come before it.

    `precision`, of an address only: `numero` (the very door), `numero_voisin` or `angle` (of two streets).
    """

    nom: str
    type: str
    arrondissement: int | None
    commune: str
    lat: float
    lon: float
    variantes: tuple[str, ...] = ()
    proches: tuple[int, ...] = ()
    exige: tuple[str, ...] = ()
    precision: str | None = field(default=None, compare=False)

    @property
    def arrondissements(self) -> frozenset[int]:
        """Every arrondissement in which a person standing there may be."""
        return frozenset(self.proches) | ({self.arrondissement} if self.arrondissement else frozenset())

    @property
    def label(self) -> str:
        """A name that tells the place from its namesakes: « Clichy (commune, Clichy) »."""
        where = self.commune
        if self.arrondissement and self.commune == "Paris":
            where = f"Paris {self.arrondissement}{'er' if self.arrondissement == 1 else 'e'}"
        return f"{self.nom} ({self.type}, {where})"

    def as_dict(self, score: float) -> dict:
        """The place as `GET /api/v1/lieux` gives it."""
        return {
            "nom": self.nom,
            "type": self.type,
            "arrondissement": self.arrondissement,
            "commune": self.commune,
            "lat": self.lat,
            "lon": self.lon,
            "score": round(score, 2),
        }


def metres(one: Lieu, other: Lieu) -> float:
    """Distance in metres, good enough within one region (equirectangular)."""
    east = math.radians(other.lon - one.lon) * math.cos(math.radians(one.lat))
    north = math.radians(other.lat - one.lat)
    return 6_371_000 * math.hypot(east, north)
