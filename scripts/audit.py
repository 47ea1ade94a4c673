"""Known faults of the packages: `make audit`. What is found must be written, with its reason, in deploy/audit.yml.

Every version that a lock file may install is looked up, on any system and Python: pip-audit itself would set aside
those of other systems, and would answer « no known vulnerability » of packages that it could not look up.
Exit code: 0, or 1 for a fault that is not written there or must be looked at again, or 2 when the services that
know the faults cannot be asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
ACCEPTED = ROOT / "deploy" / "audit.yml"
LOCKS = ("requirements.lock", "requirements-dev.lock", "assistant/requirements.lock")
NPM = ("bench/rules/versions", "bench/hours/versions")
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_ADVISORY = re.compile(r"(?:GHSA(?:-\w{4}){3}|CVE-\d{4}-\d+)")
_LIMIT_S = 900


class Unreachable(Exception):
    """The service that knows the faults did not answer as it should. The message is for the operator."""


@dataclass(frozen=True, order=True)
class Finding:
    """A fault of one version of one package; `names` are all the identifiers that it is known by."""

    package: str
    version: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Accepted:
    """A fault that is known and kept, why, and the day when that must be thought over again."""

    id: str
    package: str
    version: str
    reason: str
    review: date

    def covers(self, found: Finding) -> bool:
        return (self.package, self.version) == (found.package, found.version) and self.id in found.names


@dataclass(frozen=True)
class Verdict:
    unknown: list[Finding]
    overdue: list[Accepted]
    gone: list[Accepted]

    @property
    def passes(self) -> bool:
        return not (self.unknown or self.overdue)


def compare(found: Iterable[Finding], accepted: Sequence[Accepted], today: date) -> Verdict:
    """What is new, what must be looked at again, and what is written but no longer found."""
    found = sorted(set(found))
    used = {one for one in accepted if any(one.covers(finding) for finding in found)}
    return Verdict(
        unknown=[finding for finding in found if not any(one.covers(finding) for one in accepted)],
        overdue=[one for one in accepted if one in used and one.review < today],
        gone=[one for one in accepted if one not in used],
    )


def read_accepted(path: Path = ACCEPTED) -> tuple[list[Accepted], dict[str, str]]:
    """The accepted faults, and the packages that no service can know, with the reason.

    Raises ValueError, in French, on an entry that lacks something.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    accepted = []
    for rank, entry in enumerate(document["acceptes"], 1):
        try:
            one = Accepted(
                entry["id"], entry["paquet"], str(entry["version"]), entry["raison"], entry["revoir_le"]
            )
        except KeyError as error:
            raise ValueError(f"{path.name}, entrée {rank} : il manque {error}.") from None
        if not (isinstance(one.review, date) and len(one.reason) > 40):
            raise ValueError(f"{path.name}, {one.id} : il faut une vraie raison et une date (AAAA-MM-JJ).")
        accepted.append(one)
    return accepted, {entry["paquet"]: entry["raison"] for entry in document["hors_service"]}


def pinned(lock: str) -> set[tuple[str, str]]:
    """(package, version) of all the lines of a lock file, whatever system or Python they are for."""
    return {(name.lower().replace("_", "-"), version) for name, version in _PINNED.findall(lock)}


def audit_python(locks: Iterable[str], outside: Iterable[str]) -> list[Finding]:
    """The faults of every package of these lock files but those of `outside`. Raises Unreachable."""
    wanted = {pin for lock in locks for pin in pinned((ROOT / lock).read_text(encoding="utf-8"))}
    wanted = {pin for pin in wanted if pin[0] not in set(outside)}
    answer = []
    for together in _one_version_each(wanted):
        answer += _pip_audit(together)["dependencies"]
    silent = [one["name"] for one in answer if "skip_reason" in one]
    if silent or len(answer) < len(wanted):
        raise Unreachable(
            f"Le service des failles ne connaît pas {len(wanted) - len(answer) + len(silent)} paquets sur {len(wanted)}"
            f" ({', '.join(sorted(silent)[:3])}…) : il n'est sans doute pas joignable d'ici. Rien n'a été vérifié."
        )
    return [
        Finding(one["name"], one["version"], tuple(sorted({fault["id"], *fault["aliases"]})))
        for one in answer
        for fault in one["vulns"]
    ]


def _one_version_each(pins: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The pins in lists where each package stands once: pip-audit takes no more."""
    lists: list[dict[str, str]] = []
    for name, version in sorted(pins):
        room = next((one for one in lists if name not in one), None)
        if room is None:
            lists.append(room := {})
        room[name] = version
    return [sorted(one.items()) for one in lists]


def _pip_audit(pins: Sequence[tuple[str, str]]) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{name}=={version}\n" for name, version in pins))
        file.flush()
        options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
        command = [sys.executable, "-m", "pip_audit", "-r", file.name, *options]
        return _json_of(command, ROOT, "dependencies")


def audit_npm(folders: Iterable[str]) -> list[Finding]:
    """The faults of what npm installs for the measurements. Raises Unreachable."""
    found = []
    for folder in folders:
        lock = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))
        answer = _json_of(["npm", "audit", "--json"], ROOT / folder, "vulnerabilities")
        for name, one in answer["vulnerabilities"].items():
            version = lock["packages"][f"node_modules/{name}"]["version"]
            for via in one["via"]:
                if isinstance(via, dict):  # a text only names the package that the fault comes from
                    names = _ADVISORY.findall(via["url"])
                    found.append(Finding(name, version, tuple(names or [str(via["source"])])))
    return found


def _json_of(command: Sequence[str], folder: Path, key: str) -> dict:
    """The JSON that a tool prints, which must have `key`. Its exit code says only that it found something."""
    try:
        done = subprocess.run(
            command, check=False, cwd=folder, capture_output=True, text=True, timeout=_LIMIT_S
        )
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        answer = {}
    if key not in answer:
        raise Unreachable(
            f"« {command[0 if command[0] == 'npm' else 2]} » n'a pas pu interroger le service des failles : "
            "il faut un accès au réseau. Rien n'a été vérifié."
        )
    return answer


def report(verdict: Verdict) -> list[str]:
    """What to say of a verdict, a line each."""
    lines = [
        f"INCONNUE  {one.package} {one.version} : {', '.join(one.names)}. Mettez à jour, ou écrivez pourquoi elle est"
        " hors d'atteinte dans deploy/audit.yml."
        for one in verdict.unknown
    ]
    lines += [
        f"À REVOIR  {one.package} {one.version} : {one.id}, acceptée jusqu'au {one.review}."
        for one in verdict.overdue
    ]
    lines += [
        f"DISPARUE  {one.package} {one.version} : {one.id}. Retirez-la de deploy/audit.yml."
        for one in verdict.gone
    ]
    return lines or ["Aucune faille qui ne soit acceptée et écrite."]


def main() -> int:
    accepted, outside = read_accepted()
    try:
        found = audit_python(LOCKS, outside) + audit_npm(NPM)
    except Unreachable as error:
        print(error, file=sys.stderr)
        return 2
    verdict = compare(found, accepted, date.today())
    print("\n".join(report(verdict)))
    return 0 if verdict.passes else 1


if __name__ == "__main__":
    sys.exit(main())
