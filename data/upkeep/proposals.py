"""Corrections of places: proposed by anyone who knows, kept in a box, accepted or refused by a person.

Accepting writes data/services.yml (only the lines that change, and only when the result has no fault) and adds
an entry to data/historique.yml. Nothing is ever published by a proposal alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from data.checks import read_places
from data.upkeep.boxes import Box, replace
from data.upkeep.editing import EditError, set_value, written
from data.yaml_reader import YamlError, parse_yaml, read_yaml
from rules.reading.faults import near

SERVICES, HISTORY = "data/services.yml", "data/historique.yml"
PROOFS = ("appel", "visite", "courriel")  # how the person knows: by phone, on the spot, in writing
# Facts that carry their own confidence and their own date of verification; the others have the place's.
_WITH_DATE = ("horaires", "telephone", "publics", "animaux")
_FIELDS = (
    "nom", "statut", "adresse", "code_postal", "arrondissement", "commune", "metro", "acces", "conditions", "tarif",
    "gratuit", "accessible", "langues", "a_savoir", "horaires.osm", "horaires.texte",
    "horaires.derniere_entree_min", "telephone.numero", "publics.texte", "animaux.accueil", "animaux.texte",
)  # fmt: skip
_CONFIRMED = ("horaires", "telephone", "publics", "adresse")
_LONGEST = 500
_HEADER = "# Les corrections acceptées et refusées, dans l'ordre. Écrit par « jalon accepter » et « jalon refuser ».\n"


class ProposalError(ValueError):
    """A proposal that cannot be kept, found or applied; the message is French, for who typed it."""


@dataclass(frozen=True)
class Proposal:
    """One correction. `champ` is a field of the place, dotted; `apres` is None when it is right as it is."""

    id: str
    lieu: str
    champ: str
    avant: object
    apres: object
    preuve: str
    par: str
    le: str
    note: str | None = None

    @property
    def confirms(self) -> bool:
        """True when the fact was found right as it is."""
        return self.apres is None

    def __str__(self) -> str:
        told = (
            f"{self.champ} est juste"
            if self.confirms
            else f"{self.champ} : {_shown(self.avant)} → {_shown(self.apres)}"
        )
        return f"{self.id}\n  {self.lieu}, {told}\n  {self.preuve}, par {self.par}, le {self.le}"


def propose(
    root: Path, box: Box, place_id: str, field: str, value: object, proof: str, who: str, day: date,
    note: str | None = None,
) -> Proposal:  # fmt: skip
    """Keep one correction in `box` and return it; the same correction twice is one.

    `field` is a field of a place (« horaires.osm ») or, to confirm what is written, one of horaires, telephone,
    publics, adresse with `value` None. Raises ProposalError when it could not be accepted as it is; like all that
    follows, what the box raises.
    """
    place = _place(root, place_id)
    allowed = _CONFIRMED if value is None else _FIELDS
    if field not in allowed:
        told = "se confirme" if value is None else "se corrige"
        raise ProposalError(f"Le champ « {field} » ne {told} pas ainsi. {near(field, allowed) or ''}".strip())
    if proof not in PROOFS:
        raise ProposalError(f"« {proof} » n'est pas une preuve : {', '.join(PROOFS)}.")
    if not who.strip() or len(who) > 80 or len(note or "") > _LONGEST or len(str(value)) > _LONGEST:
        raise ProposalError("Il faut dire qui propose, en peu de mots.")
    before = None if value is None else _value(place, field)
    if value is not None and before == value:
        raise ProposalError(f"C'est déjà ce qui est écrit : {_shown(before)}.")
    content = {
        "lieu": place_id, "champ": field, "avant": before, "apres": value, "preuve": proof, "par": who.strip(),
        "le": day.isoformat(), "note": note,
    }  # fmt: skip
    mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:6]
    proposal = Proposal(f"{day.isoformat()}-{place_id}-{mark}", **content)
    _applied(root, proposal)  # what could not be accepted is refused now, to the one who knows
    box.put(proposal.id, "".join(f"{key}: {written(one)}\n" for key, one in content.items()))
    return proposal


def pending(box: Box) -> list[Proposal]:
    """Corrections that wait for a person, oldest first. Raises ProposalError for a text that is not one."""
    return [_read(proposal_id, text) for proposal_id, text in box.texts().items()]


def accept(root: Path, box: Box, proposal_id: str, who: str, day: date) -> Proposal:
    """Write one correction in data/services.yml, note it in the history, and remove it from `box`.

    Raises ProposalError when it is not there, when the place has changed since, or when the result has a fault.
    """
    proposal = _find(box, proposal_id)
    place = _place(root, proposal.lieu)
    if not proposal.confirms and _value(place, proposal.champ) not in (proposal.avant, proposal.apres):
        raise ProposalError(
            f"Le lieu a changé depuis : {proposal.champ} vaut maintenant {_shown(_value(place, proposal.champ))}."
        )
    text = _applied(root, proposal)
    replace(root / SERVICES, text)  # first: a cut before the note is mended by accepting again
    _note(root, proposal, "acceptée", who, day, None)
    box.remove(proposal.id)
    return proposal


def refuse(root: Path, box: Box, proposal_id: str, who: str, why: str, day: date) -> Proposal:
    """Note in the history that a correction was refused and why, and remove it from `box`."""
    proposal = _find(box, proposal_id)
    _note(root, proposal, "refusée", who, day, why)
    box.remove(proposal.id)
    return proposal


def history(root: Path, place_id: str | None = None) -> list[dict]:
    """Decisions taken, oldest first; those of one place when `place_id` is given."""
    path = root / HISTORY
    entries = (read_yaml(path, HISTORY) if path.is_file() else None) or []
    return [dict(entry) for entry in entries if place_id in (None, entry["lieu"])]


def _applied(root: Path, proposal: Proposal) -> str:
    """The text of data/services.yml once the correction is in, checked. Raises ProposalError."""
    text = (root / SERVICES).read_text(encoding="utf-8")
    checked = {"verifie_le": proposal.le, "verifie_par": proposal.par}
    group = proposal.champ.partition(".")[0]
    changes: list[tuple[tuple[str, ...], object]] = []
    if not proposal.confirms:
        changes.append((tuple(proposal.champ.split(".")), proposal.apres))
    if group in _WITH_DATE:
        changes += [((group, "confiance"), "haute"), *(((group, key), one) for key, one in checked.items())]
    elif group == "adresse":
        changes.append((("confiance_adresse",), "haute"))
    if group in ("horaires", "telephone") and not proposal.confirms:
        changes.append(((group, "source"), None))  # the document says otherwise
    changes += [((key,), one) for key, one in checked.items()]
    try:
        for path, value in changes:
            text = set_value(text, proposal.lieu, path, value)
    except EditError as error:
        raise ProposalError(str(error)) from None
    with _copy_of(root, text) as copy:
        faults = read_places(copy)[1]
    if faults:
        raise ProposalError(" ".join(f"{fault.message} {fault.hint or ''}".strip() for fault in faults))
    return text


@contextmanager
def _copy_of(root: Path, services: str):
    """A folder with the files of the places, `services` in place of data/services.yml."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        for file in ("categories.yml", "sources.yml"):
            shutil.copy(root / "data" / file, data / file)
        (Path(name) / SERVICES).write_text(services, encoding="utf-8")
        yield Path(name)


def _place(root: Path, place_id: str) -> Mapping:
    places = read_yaml(root / SERVICES, SERVICES)
    by_id = {place["id"]: place for place in places}
    if place_id not in by_id:
        raise ProposalError(f"Le lieu « {place_id} » n'existe pas. {near(place_id, by_id) or ''}".strip())
    return by_id[place_id]


def _value(place: Mapping, field: str) -> object:
    node: object = place
    for key in field.split("."):
        node = node.get(key) if isinstance(node, Mapping) else None
    return list(node) if isinstance(node, list) else node


def _find(box: Box, proposal_id: str) -> Proposal:
    texts = box.texts()
    if proposal_id not in texts:
        raise ProposalError(f"Pas de proposition « {proposal_id} ». {near(proposal_id, texts) or ''}".strip())
    return _read(proposal_id, texts[proposal_id])


def _read(proposal_id: str, text: str) -> Proposal:
    try:
        content = parse_yaml(text, f"{proposal_id}.yml")
        return Proposal(
            proposal_id, **{key: list(one) if isinstance(one, list) else one for key, one in content.items()}
        )
    except (YamlError, TypeError, AttributeError) as error:
        raise ProposalError(f"{proposal_id} n'est pas une proposition lisible ({error}).") from None


def _note(root: Path, proposal: Proposal, decision: str, who: str, day: date, why: str | None) -> None:
    entry = asdict(proposal) | {
        "decision": decision,
        "decide_par": who,
        "decide_le": day.isoformat(),
        "raison": why,
    }
    path = root / HISTORY
    text = path.read_text(encoding="utf-8") if path.is_file() else _HEADER
    lines = [f"{key}: {written(value)}" for key, value in entry.items()]
    added = text + "- " + "\n  ".join(lines) + "\n"
    parse_yaml(added, HISTORY)
    replace(path, added)


def _shown(value: object) -> str:
    return "rien" if value is None else f"« {value} »" if isinstance(value, str) else written(value)
