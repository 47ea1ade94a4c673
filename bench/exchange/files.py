"""Files of data·inclusion as large as wished, made of nothing real. The same seed gives the same file."""

from __future__ import annotations

import json
import random
from pathlib import Path

from data_inclusion.schema.v1 import Public, Thematique

# Around Paris, in degrees.
_SOUTH, _WEST, _NORTH, _EAST = 48.82, 2.26, 48.9, 2.41
_WORDS = [
    "accueil",
    "aide",
    "atelier",
    "centre",
    "conseil",
    "droits",
    "espace",
    "maison",
    "permanence",
    "relais",
    "rencontre",
    "service",
]
_STREETS = [
    "des Lilas",
    "de la Paix",
    "du Moulin",
    "des Écoles",
    "de l'Église",
    "du Marché",
    "des Vignes",
    "de la Gare",
]
_TALK = "Une personne vous reçoit et regarde avec vous ce que vous pouvez demander. "


def write(path: Path, services: int, seed: int = 1) -> None:
    """Write `services` services at a third as many structures. Streamed: nothing is held in memory."""
    draw = random.Random(seed)
    structures = max(1, services // 3)
    themes, publics = [one.value for one in Thematique], [one.value for one in Public][1:]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"structures": [\n')
        _lines(file, (_structure(draw, rank) for rank in range(structures)))
        file.write('],\n"services": [\n')
        _lines(file, (_service(draw, rank, structures, themes, publics) for rank in range(services)))
        file.write("]}\n")


def _lines(file, records) -> None:
    for rank, record in enumerate(records):
        file.write(",\n" * (rank > 0) + json.dumps(record, ensure_ascii=False))


def _structure(draw: random.Random, rank: int) -> dict:
    district = draw.randint(1, 20)
    return {
        "source": "banc",
        "id": f"banc--s{rank}",
        "nom": f"{' '.join(draw.sample(_WORDS, 3)).capitalize()} {rank}",
        "date_maj": f"2026-{draw.randint(1, 10):02}-{draw.randint(1, 28):02}",
        "description": _TALK * 3,
        "commune": "Paris",
        "code_postal": f"750{district:02}",
        "code_insee": f"751{district:02}",
        "adresse": f"{draw.randint(1, 200)} rue {draw.choice(_STREETS)}",
        "latitude": round(draw.uniform(_SOUTH, _NORTH), 6),
        "longitude": round(draw.uniform(_WEST, _EAST), 6),
        "telephone": f"+331{draw.randint(40_000_000, 49_999_999)}",
        "horaires_accueil": "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
    }


def _service(draw: random.Random, rank: int, structures: int, themes: list[str], publics: list[str]) -> dict:
    return {
        "source": "banc",
        "structure_id": f"banc--s{draw.randrange(structures)}",
        "id": f"banc--{rank}",
        "nom": f"{draw.choice(_WORDS).capitalize()} {rank}",
        "description": _TALK * draw.randint(2, 14),
        "date_maj": f"2026-{draw.randint(1, 10):02}-{draw.randint(1, 28):02}",
        "type": "accompagnement",
        "thematiques": draw.sample(themes, 2),
        "frais": "gratuit",
        "publics": draw.sample(publics, 2),
        "conditions_acces": "Vous venez sans rendez-vous.",
        "modes_accueil": ["en-presentiel"],
        "modes_mobilisation": ["telephoner"],
        "mobilisable_par": ["usagers", "professionnels"],
        "zone_eligibilite": ["75056"],
        "horaires_accueil": f"Mo-Fr {draw.randint(8, 10):02}:00-{draw.randint(16, 19)}:00; PH off",
    }
