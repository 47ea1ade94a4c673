"""What a person still has to check before a launch, and with whom: a list that an agent can work through.

A gap is not a fault: the base says so itself, and decides nothing on it. A condition that someone always has to
check (`a_verifier`) is normal work, not a gap, unless its confidence is low.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules.engine.formulas import Amount, Calculation
from rules.model import Bareme, Base, Contact, Dispositif, Gap, Leaf, Source, literals
from rules.reading.located import find_leaf, line_of

SOON = timedelta(days=365)  # an amount that ends within this time must be looked for now
_AUTHORS = "Les auteurs des sources"  # each wrote one page: together they are one search to do
_BAREMES, _SOURCES, _NUMBERS = "baremes.yml", "sources.yml", "numeros.yml"


@dataclass(frozen=True)
class ToCheck:
    """One thing to check. `kind`: lacune, confiance, bareme, source, statut, numero or lieux.

    `who` is written in the base, `contact` is who that is (None: not known by the base). `subject` is the
    dispositif, or the part of the base, and `title` its name. `web` are the addresses of the sources.
    """

    kind: str
    subject: str
    title: str
    file: str
    line: int | None
    what: str
    who: str
    contact: Contact | None = None
    phone: str | None = None
    web: tuple[str, ...] = ()
    criterion: int | None = None

    @property
    def group(self) -> str:
        """Who must be asked, under one name however the base writes it."""
        if self.contact:
            return self.contact.name
        return _AUTHORS if self.kind == "source" else self.who

    def as_row(self) -> dict[str, object]:
        """The same, flat, with the headings of a table."""
        return {
            "a_demander_a": self.group,
            "qui": self.who,
            "telephone": self.phone,
            "adresse_web": " ".join(self.web) or None,
            "dispositif": self.subject,
            "nom": self.title,
            "genre": self.kind,
            "critere": self.criterion,
            "a_verifier": self.what,
            "fichier": self.file,
            "ligne": self.line,
        }


def gaps(base: Base, at: date, documents: Mapping[str, object]) -> list[ToCheck]:
    """Everything to check in a base that stands on the day `at`; `documents` gives the line numbers."""
    return in_order(_Gaps(base, at, documents).all())


def in_order(found: Iterator[ToCheck] | Sequence[ToCheck]) -> list[ToCheck]:
    """By who must be asked (the longest list first), then by dispositif, then as the files are read."""
    found = list(found)
    size: dict[str, int] = {}
    for item in found:
        size[item.group] = size.get(item.group, 0) + 1
    return sorted(
        found, key=lambda item: (-size[item.group], item.group, item.subject, item.file, item.line or 0)
    )


class _Gaps:
    def __init__(self, base: Base, at: date, documents: Mapping[str, object]):
        self.base, self.at, self.documents = base, at, documents
        self.unsure = {
            item.id for item in (*base.baremes.values(), *base.calculs.values()) if item.confidence == "basse"
        }

    def all(self) -> Iterator[ToCheck]:
        for dispositif in self.base.dispositifs.values():
            file = f"dispositifs/{dispositif.id}.yml"
            yield from self._admitted(dispositif, file)
            yield from self._conditions(dispositif, file)
            yield from self._texts(dispositif, file)
            yield from self._statuses(dispositif, file)
        for bareme in self.base.baremes.values():
            yield from self._bareme(bareme)
        for calcul in self.base.calculs.values():
            if calcul.confidence == "basse":
                what = f"Le calcul « {calcul.label} » n'est pas sûr."
                line = self._line("calculs.yml", calcul.id)
                yield self._item(
                    "confiance", "calculs", "Calculs", "calculs.yml", line, what, None, calcul.sources
                )
        for source in self.base.sources.values():
            yield from self._source(source)
        yield from self._numbers()

    def _admitted(self, dispositif: Dispositif, file: str) -> Iterator[ToCheck]:
        written = self._part(file, "lacunes")
        for index, gap in enumerate(dispositif.gaps):
            yield self._of(
                dispositif,
                "lacune",
                file,
                line_of(written, index),
                self._with_value(gap),
                gap.who,
                gap.sources,
                gap.criterion,
            )

    def _with_value(self, gap: Gap) -> str:
        bareme = self.base.baremes.get(gap.bareme) if gap.bareme else None
        if bareme and bareme.amount.on(self.at) is None:
            return f"{gap.text} Le barème « {bareme.id} » n'a pas de valeur le {self.at}."
        return gap.text

    def _conditions(self, dispositif: Dispositif, file: str) -> Iterator[ToCheck]:
        trees = [dispositif.conditions, *(rule.condition for rule in dispositif.places if rule.condition)]
        for leaf in (literal.leaf for tree in trees for literal in literals(tree)):
            if leaf.trusted:
                continue
            line = find_leaf(self.documents.get(file), leaf.id)
            what = f"Condition peu sûre « {leaf.id} » : {self._why(leaf)}"
            yield self._of(dispositif, "confiance", file, line, what, leaf.who, leaf.sources, leaf.criterion)

    def _why(self, leaf: Leaf) -> str:
        parts = leaf.test.walk() if leaf.test else ()
        names = {part.name for part in parts if isinstance(part, (Amount, Calculation))} & self.unsure
        if names:
            return f"elle se sert de « {'», « '.join(sorted(names))} », à confirmer."
        return leaf.texts.get("inconnu") or leaf.texts.get("vrai", "à confirmer.")

    def _texts(self, dispositif: Dispositif, file: str) -> Iterator[ToCheck]:
        written = self._part(file, "documents")
        shown = [(item, line_of(written, index)) for index, item in enumerate(dispositif.documents)]
        shown += [(note, self._line(file, key)) for key, note in dispositif.notes.items()]
        for text, line in shown:
            if text.confidence == "basse":
                what = f"Phrase montrée, peu sûre : {text.text}"
                yield self._of(dispositif, "confiance", file, line, what, None, text.sources)

    def _statuses(self, dispositif: Dispositif, file: str) -> Iterator[ToCheck]:
        written = self._part(file, "statuts_inatteignables")
        for status, reason in dispositif.unreachable.items():
            what = f"Jalon ne répond jamais « {status} » : {reason} À confirmer."
            sources = next(literals(dispositif.conditions)).leaf.sources
            line = line_of(written, status)
            yield self._of(dispositif, "statut", file, line, what, dispositif.run_by, sources)

    def _bareme(self, bareme: Bareme) -> Iterator[ToCheck]:
        last = max((period.end or date.max for period, _ in bareme.amount.values), default=date.min)
        reasons = []
        if bareme.confidence == "basse":
            reasons.append("n'est pas sûr")
        if bareme.amount.on(self.at) is None:
            reasons.append(f"n'a pas de valeur le {self.at}")
        elif last <= min(self.at, date.max - SOON) + SOON:
            reasons.append(f"s'arrête le {last}")
        if not reasons:
            return
        asked = next(
            (
                gap.who
                for one in self.base.dispositifs.values()
                for gap in one.gaps
                if gap.bareme == bareme.id
            ),
            None,
        )
        what = f"« {bareme.label} » {' et '.join(reasons)}."
        line = self._line(_BAREMES, bareme.id)
        yield self._item("bareme", "baremes", "Barèmes", _BAREMES, line, what, asked, bareme.sources)

    def _source(self, source: Source) -> Iterator[ToCheck]:
        lacking = [
            word for word, value in (("date", source.date), ("adresse", source.address)) if value is None
        ]
        if lacking:
            what = f"« {source.title} » : source sans {' et sans '.join(lacking)}."
            line = self._line(_SOURCES, source.id)
            yield self._item("source", "sources", "Sources", _SOURCES, line, what, None, (source.id,))

    def _numbers(self) -> Iterator[ToCheck]:
        """Numbers for emergencies: each must be sure, one call is enough to know."""
        written = self.documents.get(_NUMBERS)
        for index, number in enumerate(self.base.numbers):
            if number.confidence != "haute":
                what = f"Appelez une fois le {number.number} : {number.text}"
                line = line_of(written, index)
                yield self._item(
                    "numero", "numeros", "Numéros d'urgence", _NUMBERS, line, what, None, number.sources
                )

    def _of(
        self,
        dispositif: Dispositif,
        kind: str,
        file: str,
        line: int | None,
        what: str,
        who: str | None,
        sources: tuple[str, ...],
        criterion: int | None = None,
    ) -> ToCheck:
        return self._item(kind, dispositif.id, dispositif.name, file, line, what, who, sources, criterion)

    def _item(
        self,
        kind: str,
        subject: str,
        title: str,
        file: str,
        line: int | None,
        what: str,
        who: str | None,
        sources: tuple[str, ...],
        criterion: int | None = None,
    ) -> ToCheck:
        """`who` is None when nobody is named: then it is the publisher of the first source."""
        read = [self.base.sources[name] for name in sources]
        asked = who or (read[0].publisher if read else "Personne n'est nommé")
        contact = contact_of(self.base, asked)
        web = dict.fromkeys(source.address for source in read if source.address)
        if contact and not web:
            named = (self.base.sources[name].address for name in contact.sources)
            web = dict.fromkeys(address for address in named if address)
        phone = contact.phone if contact else None
        return ToCheck(kind, subject, title, file, line, what, asked, contact, phone, tuple(web), criterion)

    def _part(self, file: str, key: str) -> object:
        document = self.documents.get(file)
        return document.get(key) if isinstance(document, Mapping) else None

    def _line(self, file: str, key: str) -> int | None:
        return line_of(self.documents.get(file), key)


def contact_of(base: Base, who: str) -> Contact | None:
    """The contact that `who` names: the first one with one of its words in it."""
    named = who.casefold()
    found = (one for one in base.contacts.values() if any(word.casefold() in named for word in one.words))
    return next(found, None)
