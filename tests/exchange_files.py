"""Files of other directories made for the tests, and a repository to import them into."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from data.exchange import store
from data.exchange.fiche import Context
from data.exchange.importing import Origin, import_files
from data.exchange.report import Report
from tests.built_base import copy_sources

STRUCTURE = {
    "source": "essai",
    "id": "essai--s1",
    "nom": "Point d'accès au droit",
    "date_maj": "2026-03-01",
    "siret": "73282932000074",
    "commune": "Paris",
    "code_postal": "75012",
    "adresse": "22 rue de la Saïda",
    "latitude": 48.8412,
    "longitude": 2.3881,
    "telephone": "+33142764040",
    "horaires_accueil": "Mo-Fr 09:00-12:00; PH off",
}


def service(number: int, **fields: object) -> dict:
    """A right service of data·inclusion, with some fields replaced."""
    return {
        "source": "essai",
        "structure_id": "essai--s1",
        "id": f"essai--{number}",
        "nom": f"Permanence numéro {number}",
        "description": "Une personne vous aide à connaître vos droits.",
        "date_maj": "2026-05-12",
        "thematiques": ["difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"],
        "frais": "gratuit",
        "publics": ["tous-publics"],
        "conditions_acces": "Vous venez sans rendez-vous.",
        "commune": "Paris",
        "code_postal": "75012",
        "adresse": f"{number} rue de Reuilly",
        "latitude": 48.8462,
        "longitude": 2.3872,
        "telephone": "01 42 76 40 40",
        "modes_accueil": ["en-presentiel"],
        "horaires_accueil": "Tu-Sa 08:00-13:00; PH off",
    } | fields


def repository(folder: Path, hand_kept: bool = False) -> Path:
    """A copy of the files that importing and building read; without its places unless `hand_kept`."""
    copy_sources(folder)
    if not hand_kept:
        (folder / "data" / "services.yml").write_text("[]\n", encoding="utf-8")
    return folder


def write_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def inclusion(path: Path, services: list[dict], structures: list[dict] | None = None) -> Path:
    return write_json(path, {"structures": structures or [STRUCTURE], "services": services})


def bring(
    root: Path, kind: str, path: Path, source: str = "essai", write: bool = True
) -> tuple[Report, int | None]:
    return import_files(root, kind, [path], Origin(source), write)


def content(root: Path) -> list[str]:
    """Everything the imported places hold, as SQL, and a check that the file is sound."""
    opened = store.open_store(store.path_of(root))
    try:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(opened.iterdump())
    finally:
        opened.close()


def sourced(context: Context) -> Context:
    """The context of an import of the source « essai », on a day that does not move."""
    places = replace(context.places, sources={"apport_essai": {"date": None}}, services=[])
    return replace(context, places=places, source="apport_essai", today=date(2026, 11, 21))


def silent(*_args: object) -> None:
    """A note that nobody reads."""
