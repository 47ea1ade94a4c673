"""What must survive this machine: where each thing is, and under which name a backup holds it.

Not kept: what is built or imported again (jalon.db, the model, adresses.db), conversations under way, and secrets
(JALON_* variables, run/*.cle): these are kept apart, or whoever takes a backup could read what it holds.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.exchange.store import path_of

# Files that a city writes, by hand or by « jalon accepter » and « jalon relire ».
_WRITTEN = (
    "data/*.yml",
    "rules/base/*.yml",
    "rules/base/dispositifs/*.yml",
    "assistant/nlu/relus.yml",
    "actions/textes.yml",
)
_FILES, _PROPOSALS = "fichiers", "propositions"
POSTGRES = "postgres.dump"
QUEUE = "sms.db"


@dataclass(frozen=True)
class Kept:
    """Where everything is. `root`: the project; `postgres`: address of the database of a city, "" without one."""

    root: Path
    sms: Path
    review: Path
    statistics: Path
    proposals: Path
    postgres: str = ""
    sms_key: str = ""

    @property
    def bases(self) -> dict[str, Path]:
        """SQLite files by name in a backup; some may be absent."""
        return {
            QUEUE: self.sms,
            "relecture.db": self.review,
            "statistiques.db": self.statistics,
            "apports.db": path_of(self.root),
        }

    def files(self) -> Iterator[tuple[str, Path]]:
        """The other files by name in a backup. Proposals first: one accepted meanwhile is then there twice, not lost."""
        for path in sorted(self.proposals.glob("*.yml")):
            yield f"{_PROPOSALS}/{path.name}", path
        for pattern in _WRITTEN:
            for path in sorted(self.root.glob(pattern)):
                yield f"{_FILES}/{path.relative_to(self.root).as_posix()}", path

    def target(self, name: str) -> Path:
        """Where a backup's `name` goes back. Raises ValueError for a name that no backup of ours holds."""
        if name in self.bases:
            return self.bases[name]
        kind, _, rest = name.partition("/")
        if ".." not in PurePosixPath(rest).parts and "\\" not in rest:
            if kind == _PROPOSALS and PurePosixPath(rest).match("*.yml") and "/" not in rest:
                return self.proposals / rest
            if kind == _FILES and any(_same_shape(rest, pattern) for pattern in _WRITTEN):
                return self.root / rest
        raise ValueError(name)

    def key_mark(self) -> str:
        """What tells one key of the SMS queue from another, without telling the key; "" without a key."""
        key = self.sms_key
        if not key:
            file = self.sms.with_suffix(".cle")
            key = file.read_text(encoding="ascii").strip() if file.is_file() else ""
        return hmac.new(key.encode(), b"sauvegarde", hashlib.sha256).hexdigest()[:16] if key else ""


def read_kept(root: Path, environment: Mapping[str, str] = os.environ) -> Kept:
    """Where everything is, as the door would read it from the environment."""
    run = root / "run"
    return Kept(
        root,
        sms=Path(environment.get("JALON_SMS_FICHIER") or run / "sms.db"),
        review=Path(environment.get("JALON_RELECTURE_FICHIER") or run / "relecture.db"),
        statistics=Path(environment.get("JALON_STATISTIQUES_FICHIER") or run / "statistiques.db"),
        proposals=Path(environment.get("JALON_PROPOSITIONS") or root / "data" / "propositions"),
        postgres=environment.get("JALON_POSTGRES", "").strip(),
        sms_key=environment.get("JALON_SMS_CLE", ""),
    )


def _same_shape(name: str, pattern: str) -> bool:
    """Whether `name` is one of `pattern`, folder by folder: a star is never a slash."""
    parts, wanted = PurePosixPath(name).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(
        PurePosixPath(part).match(one) for part, one in zip(parts, wanted, strict=True)
    )
