"""Faults found while reading the base: which file and line, what is wrong, what was likely meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from rules.reading.located import line_of

_REQUIRED = object()


@dataclass(frozen=True)
class Fault:
    """One fault. `hint` is the likely fix, when there is one."""

    file: str
    line: int | None
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} : {self.message}" + (f" {self.hint}" if self.hint else "")


class BaseError(ValueError):
    """The base cannot be used. `faults` holds everything that is wrong, not only the first."""

    def __init__(self, faults: Collection[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Reader:
    """Reads the fields of one mapping and notes each fault with its line instead of stopping.

    Every method returns a usable neutral value after a fault, so that one run finds them all.
    """

    def __init__(self, file: str, node: object, faults: list[Fault], line: int | None = None):
        self.file, self.faults = file, faults
        self.line = line_of(node) or line
        self.node: Mapping = node if isinstance(node, Mapping) else {}
        self._read: set = set()
        if not isinstance(node, Mapping):
            self.fault("Il faut ici des clés suivies de « : ».")

    def fault(self, message: str, key: object = None, hint: str | None = None) -> None:
        self.faults.append(Fault(self.file, line_of(self.node, key) or self.line, message, hint))

    def get(self, key: str, default: object = _REQUIRED) -> object:
        """The raw value of a key; a fault when it is required and absent."""
        self._read.add(key)
        if self.node.get(key) is None:
            if default is _REQUIRED:
                self.fault(f"Il manque « {key} ».")
                return None
            return default
        return self.node[key]

    def text(self, key: str, default: object = _REQUIRED) -> str | None:
        value = self.get(key, default)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and value is not default:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            hint = f'Mettez le nombre entre guillemets : "{value}".' if number else None
            self.fault(f"« {key} » doit être un texte non vide.", key, hint)
        return default if isinstance(default, str) else None

    def integer(self, key: str, default: object = _REQUIRED) -> int:
        value = self.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self.fault(f"« {key} » doit être un nombre entier.", key)
        return default if isinstance(default, int) else 0

    def flag(self, key: str, default: bool) -> bool:
        value = as_bool(self.get(key, default))
        if value is None:
            self.fault(f"« {key} » doit être oui ou non.", key)
        return bool(value)

    def one_of(self, key: str, allowed: Collection[str], default: object = _REQUIRED) -> str | None:
        value = self.get(key, default)
        if value is None or value in allowed:
            return value
        self.fault(f"« {value} » n'est pas permis pour « {key} ».", key, near(value, allowed))
        return next(iter(allowed), None)

    def items(self, key: str, default: object = _REQUIRED) -> list:
        """A list; a single value counts as a list of one."""
        value = self.get(key, default)
        if value is None:
            return []
        return list(value) if isinstance(value, (list, tuple)) else [value]

    def references(self, key: str, known: Collection[str], what: str, default: object = _REQUIRED) -> tuple:
        """Identifiers that must exist among `known`."""
        names = [str(item) for item in self.items(key, default)]
        for name in names:
            if name not in known:
                self.fault(f"{what} « {name} » n'existe pas.", key, near(name, known))
        return tuple(name for name in names if name in known)

    def sources(self, known: Collection[str], default: object = _REQUIRED) -> tuple[str, ...]:
        found = self.references("source", known, "La source", default)
        if default is _REQUIRED and self.node.get("source") == []:
            self.fault("Il faut au moins une source.", "source")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty when the key is absent."""
        found = self.items(key, ())
        if any(not isinstance(item, str) or not item.strip() for item in found):
            self.fault(f"« {key} » doit être une liste de textes.", key)
        return tuple(str(item) for item in found)

    def day(self, key: str, required: bool = False) -> date | None:
        value = self.get(key) if required else self.get(key, None)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(f"« {key} » doit être une date comme 2026-11-21.", key)
            return None

    def sub(self, key: str, default: object = _REQUIRED) -> Reader:
        """A reader of the mapping under `key`."""
        node = self.get(key, default)
        return Reader(self.file, {} if node is None else node, self.faults, line_of(self.node, key))

    def children(self, key: str, default: object = _REQUIRED) -> list[Reader]:
        """One reader per item of the list under `key`."""
        return [
            Reader(self.file, item, self.faults, line_of(self.node, key)) for item in self.items(key, default)
        ]

    def done(self) -> None:
        """Note every key that nobody read: a typing mistake must never be silently ignored."""
        for key in self.node:
            if key not in self._read:
                self.fault(f"La clé « {key} » n'est pas connue.", key, near(key, self._read))


def near(word: object, known: Collection[str]) -> str | None:
    """« Vouliez-vous dire … ? » when a known word looks like `word`."""
    found = get_close_matches(str(word), [str(item) for item in known], n=1, cutoff=0.55)
    return f"Vouliez-vous dire « {found[0]} » ?" if found else None


def as_bool(value: object) -> bool | None:
    """True or False for oui/non or a boolean; None for anything else."""
    return (
        {"oui": True, "non": False}.get(value)
        if isinstance(value, str)
        else value
        if isinstance(value, bool)
        else None
    )
