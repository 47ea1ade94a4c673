"""Read data/correspondances.yml: what the words of other directories mean in Jalon's, and the other way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.checks import Places, read_profile
from data.exchange.values import fold
from data.yaml_reader import YamlError, read_yaml
from rules.reading.faults import Fault, Reader
from rules.reading.located import line_of

FILE = "data/correspondances.yml"


@dataclass(frozen=True)
class Meaning:
    """What one word of another directory says of a place. No category: not enough to show it."""

    category: str | None = None
    services: tuple[str, ...] = ()


@dataclass
class Correspondances:
    """`themes` and `types`: word → Meaning, None when it is not taken (« non repris »).

    `publics`: public → (sentence, profile or None). `themes_of`: category → thématiques to export.
    `names`: (folded words, category), in order. `protected`: thématiques of places that may have to be hidden.
    """

    themes: dict[str, Meaning | None] = field(default_factory=dict)
    publics: dict[str, tuple[str, dict | None]] = field(default_factory=dict)
    themes_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: list[tuple[str, str]] = field(default_factory=list)
    protected: frozenset[str] = frozenset()
    types: dict[str, Meaning | None] = field(default_factory=dict)

    def named(self, *names: str | None) -> str | None:
        """The category that a name tells, when one does."""
        told = " ".join(f" {fold(name)} " for name in names if name)
        return next((category for words, category in self.names if f" {words} " in told), None)


def read_correspondances(root: Path, places: Places) -> tuple[Correspondances, list[Fault]]:
    """Read and check the file of the repository `root` against its categories (`places`)."""
    faults: list[Fault] = []
    try:
        document = read_yaml(root / FILE, FILE)
    except YamlError as error:
        return Correspondances(), [Fault(FILE, error.line, error.message)]
    except OSError:
        return Correspondances(), [Fault(FILE, None, "Ce fichier manque.")]
    top = Reader(FILE, document, faults)
    inclusion, paris = top.sub("data_inclusion"), top.sub("paris")
    found = Correspondances(
        themes=_meanings(inclusion, "thematiques", places),
        publics={key: _public(reader) for key, reader in _entries(inclusion.sub("publics"))},
        types=_meanings(paris, "types", places),
        names=[_name(reader, places) for reader in top.children("noms")],
    )
    found.protected = frozenset(inclusion.references("a_proteger", found.themes, "La thématique", []))
    exported = inclusion.sub("categories")
    for key in exported.node:
        if key not in places.categories:
            exported.fault(f"La catégorie « {key} » n'existe pas.", key)
        found.themes_of[key] = exported.references(key, found.themes, "La thématique")
    for key in places.categories:
        if key not in found.themes_of:
            exported.fault(f"La catégorie « {key} » manque.", hint=f"Écrivez {key}: [].")
    for reader in (inclusion, paris, top):
        reader.done()
    return found, sorted(faults, key=lambda fault: fault.line or 0)


def _entries(parent: Reader) -> list[tuple[str, Reader]]:
    return [(key, parent.sub(key)) for key in parent.node]


def _meanings(parent: Reader, key: str, places: Places) -> dict[str, Meaning | None]:
    found: dict[str, Meaning | None] = {}
    for word, reader in _entries(parent.sub(key)):
        category = reader.one_of("categorie", tuple(places.categories), None)
        services = reader.references("services", places.offers, "Le service", [])
        reader.done()
        if not category and not services:
            reader.fault(f"« {word} » ne dit rien.", hint="Mettez-le dans « non_repris ».")
        found[word] = Meaning(category, services)
    listed = parent.items("non_repris")
    for index, word in enumerate(listed):
        if word in found:
            line = line_of(parent.node.get("non_repris"), index) or parent.line
            parent.faults.append(Fault(FILE, line, f"« {word} » est déjà écrit plus haut.", None))
        found.setdefault(word, None)
    return found


def _public(reader: Reader) -> tuple[str, Mapping | None]:
    sentence = reader.text("texte")
    profile = None if reader.get("profil", None) is None else read_profile(reader.sub("profil"))
    reader.done()
    return sentence or "", profile


def _name(reader: Reader, places: Places) -> tuple[str, str]:
    words, category = reader.text("mots"), reader.one_of("categorie", tuple(places.categories))
    reader.done()
    if words and fold(words) != words:
        reader.fault(f"« {words} » : sans accent, ni majuscule, ni signe.", "mots", f"Écrivez {fold(words)}.")
    return words or "", category or ""
