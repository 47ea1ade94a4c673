"""What a rules base is made of, as plain immutable values.

Domain words are those of the professionals (dispositif, besoin, fait, barème); everything is
read from YAML by `rules.reading.loading` and nothing here knows how it is stored or shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from rules.engine.formulas import Amount, Comparison, Formula, Period

FORCES = ("ferme", "souple")
CONFIDENCES = ("haute", "moyenne", "basse")
STATUSES = ("oui", "a_verifier", "non")


@dataclass(frozen=True)
class Source:
    """Where a rule, an amount or a place comes from. `date` is ISO, as precise as known, or None."""

    id: str
    title: str
    publisher: str
    date: str | None = None
    address: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Fact:
    """Something a person may tell about themselves. An unknown fact is never zero, never « non »."""

    id: str
    type: str  # entier | bool | choix | choix_multiple | texte
    label: str
    question: str
    why: str
    subject: str
    cost: int = 1
    sensitive: bool = False
    unit: str | None = None
    low: int = 0
    high: int = 10_000_000
    usual: tuple[int, int] | None = None  # where most people are, to weigh questions only
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> range | tuple:
        """Every value that someone may have; of a choix_multiple, every set of choices."""
        if self.type == "entier":
            return range(self.low, self.high + 1)
        if self.type == "choix_multiple":
            sizes = range(1, len(self.choices) + 1)
            return tuple(some for size in sizes for some in combinations(self.choices, size))
        return (True, False) if self.type == "bool" else tuple(self.choices)

    def among_values(self, told: object) -> object:
        """A valid told value as it stands in `values`: several choices may be told in any order."""
        if self.type == "choix_multiple":
            return tuple(choice for choice in self.choices if choice in told)
        return told

    def left(self, facts: Mapping[str, object]) -> range | tuple:
        """The values that someone of whom `facts` are known may still have."""
        if self.id not in facts:
            return self.values
        told = facts[self.id]
        return range(told, told + 1) if self.type == "entier" else (self.among_values(told),)


@dataclass(frozen=True)
class Bareme:
    """An amount that changes with time, and may depend on the household.

    Outside its periods it has no value, hence proves nothing.
    """

    id: str
    label: str
    unit: str
    confidence: str
    sources: tuple[str, ...]
    amount: Amount
    outside: str | None = None  # why some households have no row


@dataclass(frozen=True)
class Calcul:
    """A fact that is worked out from others: a number, or a yes/no notion."""

    id: str
    label: str
    unit: str | None
    confidence: str
    sources: tuple[str, ...]
    formula: Formula


@dataclass(frozen=True)
class Leaf:
    """One condition, with its source, its force, its confidence and its three sentences.

    `test` is None when the machine has nothing to test: either the condition always holds (`always`),
    or someone (`who`) has to check it. `trusted` is False when its confidence, or that of an amount or
    a calculation it uses, is low: it then never decides.
    """

    id: str
    test: Comparison | None
    force: str
    confidence: str
    sources: tuple[str, ...]
    period: Period
    texts: dict[str, str]  # vrai, faux, inconnu
    who: str | None = None
    always: bool = False
    trusted: bool = True
    criterion: int | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The facts that it reads, on any day."""
        return self.test.inputs if self.test else ()


@dataclass(frozen=True)
class Literal:
    """A leaf where it stands in the tree: `negated` when it stands under « aucun »."""

    leaf: Leaf
    negated: bool = False


@dataclass(frozen=True)
class All:
    """True when every child is true (« tous »)."""

    children: tuple[Node, ...]


@dataclass(frozen=True)
class Any:
    """True when at least one child is true (« au_moins_un »)."""

    children: tuple[Node, ...]


Node = Literal | All | Any


def literals(node: Node) -> Iterator[Literal]:
    """Every literal of a tree, in reading order."""
    if isinstance(node, Literal):
        yield node
        return
    for child in node.children:
        yield from literals(child)


@dataclass(frozen=True)
class PlaceRule:
    """Which places serve a dispositif, for the people who meet `condition` (None: everyone)."""

    categories: tuple[str, ...]
    services: tuple[str, ...]
    ids: tuple[str, ...]
    title: str | None
    condition: Node | None = None


@dataclass(frozen=True)
class Sourced:
    """A sentence with the source and confidence that back it."""

    text: str
    sources: tuple[str, ...] = ()
    confidence: str | None = None


@dataclass(frozen=True)
class Gap:
    """Something that was looked for and not found, and who knows it.

    `bareme` names the amount that has no value any more because of it.
    """

    text: str
    who: str
    sources: tuple[str, ...] = ()
    criterion: int | None = None
    bareme: str | None = None


@dataclass(frozen=True)
class Route:
    """The neighbour that is the right door when `when` holds."""

    to: str
    when: Formula
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Dispositif:
    """A right or a service: what it gives, to whom, how to ask, where."""

    id: str
    name: str
    needs: tuple[str, ...]
    text: str
    steps: str
    conditions: Node
    long_name: str | None = None
    run_by: str | None = None
    documents: tuple[Sourced, ...] = ()
    prescriber: str | None = None
    prescriber_text: str | None = None
    notes: dict[str, Sourced] = field(default_factory=dict)
    phone: str | None = None
    phone_text: str | None = None
    places: tuple[PlaceRule, ...] = ()
    routes: tuple[Route, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unreachable: dict[str, str] = field(default_factory=dict)
    history: tuple[Sourced, ...] = ()


@dataclass(frozen=True)
class HumanHelp:
    """A way out towards a person: a sentence and, when there is one, a phone number."""

    text: str
    phone: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """What a person may ask for.

    `order`: every dispositif that answers it, as a professional would say them; empty: in no order.
    """

    id: str
    label: str
    phrase: str
    human_help: HumanHelp | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contact:
    """Who knows what the base does not, and how to reach them. `words`: how the base names them."""

    id: str
    name: str
    words: tuple[str, ...]
    phone: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class EmergencyNumber:
    """A phone number that answers at any time, and the sentence that says what it is for."""

    number: str
    text: str
    name: str | None = None
    confidence: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alert:
    """A danger: what to say first, whom to call (best first), what to do now."""

    id: str
    priority: int
    text: str
    numbers: tuple[EmergencyNumber, ...]
    advice: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Presumption:
    """Facts taken as true until the person says otherwise, once `known` are known and `equal` hold."""

    id: str
    known: tuple[str, ...]
    equal: dict[str, object]
    then: dict[str, object]
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A situation and what the base must answer, written beside the rule it guards.

    `missing`: facts that must be said to be missing; empty: none may be; None: not checked.
    """

    dispositif: str
    title: str
    why: str
    at: date
    facts: dict[str, object]
    status: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...] | None
    file: str
    line: int | None


@dataclass(frozen=True)
class Base:
    """The whole rules base, ready to be asked."""

    needs: dict[str, Need]
    facts: dict[str, Fact]
    sources: dict[str, Source]
    baremes: dict[str, Bareme]
    calculs: dict[str, Calcul]
    alerts: dict[str, Alert]
    numbers: tuple[EmergencyNumber, ...]
    presumptions: tuple[Presumption, ...]
    dispositifs: dict[str, Dispositif]
    cases: tuple[Case, ...]
    contacts: dict[str, Contact] = field(default_factory=dict)
