"""Faults accepted, each with its reason: dispenses.yml. A waiver that excuses nothing any more is a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.yaml_reader import YamlError, read_yaml
from falc.checks import RULES
from falc.gate import CROWDED
from falc.model import Finding
from rules.reading.located import line_of

FILE = Path(__file__).with_name("dispenses.yml")
_KEYS = ("texte", "code", "raison", "par", "le")


@dataclass(frozen=True)
class Waiver:
    """`text`: id of a text (file#keys). `by`, `on`: who accepted it and when (ISO date)."""

    text: str
    code: str
    reason: str
    by: str
    on: str
    line: int | None


def waivers(file: Path = FILE) -> list[Waiver]:
    """Raises YamlError with the line at fault."""
    content = read_yaml(file, "falc/dispenses.yml") or []
    return [_waiver(entry, line_of(content, index)) for index, entry in enumerate(content)]


def apply(findings: Iterable[Finding], accepted: Iterable[Waiver]) -> tuple[list[Finding], list[Waiver]]:
    """The findings that no waiver excuses, and the waivers that excuse nothing.

    A sentence excused in its own text is excused wherever it is shown again.
    """
    findings = list(findings)
    waived = {(waiver.text, waiver.code): waiver for waiver in accepted}
    direct = [finding for finding in findings if (finding.text.id, finding.code) in waived]
    served = {(finding.text.id, finding.code) for finding in direct}
    excused = {(finding.code, finding.sentence) for finding in direct}
    kept = [finding for finding in findings if (finding.code, finding.sentence) not in excused]
    return kept, [waiver for key, waiver in waived.items() if key not in served]


def _waiver(entry: object, line: int | None) -> Waiver:
    if not isinstance(entry, Mapping) or set(entry) != set(_KEYS):
        raise YamlError("falc/dispenses.yml", line, f"il faut exactement : {', '.join(_KEYS)}.")
    if not all(isinstance(value, str) and value for value in entry.values()):
        raise YamlError("falc/dispenses.yml", line, "chaque valeur est un texte.")
    if entry["code"] not in RULES and entry["code"] != CROWDED:
        raise YamlError(
            "falc/dispenses.yml", line_of(entry, "code"), f"« {entry['code']} » n'est pas une règle."
        )
    return Waiver(entry["texte"], entry["code"], entry["raison"], entry["par"], entry["le"], line)
