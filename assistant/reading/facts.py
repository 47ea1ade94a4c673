"""Facts said in words (housing, benefit, stage of eviction, animal...), from `lexique/faits.yml`."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Expression, Found, compile_all, find
from assistant.reading.text import Reading, Word

_WINDOW = 5
_EVERY = "toutes"
_SUBJECTS = frozenset(("je", "j", "on", "il", "elle", "ils", "elles"))
_LACKING = frozenset(("de", "d", "rien", "un", "une", "mon", "ma", "mes", "personne", "aucun", "aucune"))
_BOOLEAN = {"oui": True, "non": False}


@dataclass(frozen=True)
class Fact:
    """One fact read in a message. `start` and `end` are offsets in the original text."""

    fait: str
    value: object
    start: int
    end: int


@dataclass(frozen=True)
class _Rule:
    fait: str
    values: dict[str, list[Expression]]
    exceptions: dict[str, list[Expression]]
    denied: str | None
    wish_excluded: frozenset[str]
    future_excluded: bool
    order: list[str]
    several: bool


class Context:
    """Tells whether words around a match deny it, put it in the past, wish it or foresee it."""

    def __init__(self, lexicon: Lexicon):
        words = lexicon.documents["contexte"]
        self._sets = {name: frozenset(str(word) for word in listed) for name, listed in words.items()}

    def clause_start(self, reading: Reading, first: int, window: int = _WINDOW) -> int:
        """First word of the clause that holds word `first`, at most `window` words before it."""
        index = first
        if reading.words[first].form in self._sets["fin_de_clause"]:
            return first
        while index > 0 and first - index < window:
            before = reading.words[index - 1].form
            if before in self._sets["fin_de_clause"]:
                break
            if before == "et" and reading.words[index].form in self._sets["pronoms"]:
                break
            index -= 1
        return index

    def denied(self, reading: Reading, found: Found) -> bool:
        """A negation stands in the clause, before or inside the match."""
        start = self._subject(reading, self.clause_start(reading, found.first), found.first)
        for index in range(start, found.last + 1):
            if self._is_negation(reading, index, found):
                return True
        return False

    @staticmethod
    def _subject(reading: Reading, first: int, last: int) -> int:
        """The nearest subject before word `last`: « je marche pas bien j'ai une canne » denies no cane."""
        subjects = (index for index in range(last, first, -1) if reading.words[index].form in _SUBJECTS)
        return next(subjects, first)

    def _is_negation(self, reading: Reading, index: int, found: Found) -> bool:
        form = reading.words[index].form
        before = reading.words[index - 1].form if index else ""
        after = reading.words[index + 1].form if index + 1 < len(reading.words) else ""
        if form == "plus" and after == "que":
            return False
        if form == "plus":
            if before in self._sets["plus_jamais_negation_apres"]:
                return False
            return before in self._sets["plus_apres"] or (index == 0 and after in ("de", "d", "au"))
        if form == "non":
            return index == found.first - 1 or after == "pas"
        if form == "pas" and after in ("que", "seulement", "mal", "loin"):
            return False
        return form in self._sets["negation"]

    def past(self, reading: Reading, found: Found) -> bool:
        """A word of the past stands in the clause, before or inside the match."""
        start = max(0, self.clause_start(reading, found.first))
        return any(
            word.form in self._sets["passe"] and not self._is_former_partner(reading, index)
            for index, word in enumerate(reading.words[start : found.last + 1], start)
        )

    def _is_former_partner(self, reading: Reading, index: int) -> bool:
        """« mon ex m'héberge » is no past; « ex locataire » is."""
        before = reading.words[index - 1].form if index else ""
        return reading.words[index].form == "ex" and before in self._sets["une_personne"]

    def wished(self, reading: Reading, found: Found) -> bool:
        """The sentence asks for it or waits for it, or says that it has stopped."""
        start = self.clause_start(reading, found.first)
        near = max(start, found.first - 2)
        return (
            self._any(reading, start, found.first, "souhait")
            or self._any(reading, near, found.first - 1, "souhait_proche")
            or self._stopped(reading, found.last + 1)
        )

    def _stopped(self, reading: Reading, first: int) -> bool:
        """« RSA suspendu »; not « mon salaire 1 200 plus 300 de prime », nor « en CHU, plus de lait »."""
        for index in range(first, min(first + 2, len(reading.words))):
            after = reading.words[index + 1 : index + 2]
            of_another = reading.words[index].form == "plus" and after and not self._ends_there(after[0])
            if reading.words[index].form in self._sets["arret"] and not of_another:
                return True
        return False

    @staticmethod
    def _ends_there(word: Word) -> bool:
        """What follows « plus » does not say what is added or lacking."""
        return word.value is None and word.form not in _LACKING

    def foreseen(self, reading: Reading, found: Found) -> bool:
        """The sentence fears it or announces it."""
        start = self.clause_start(reading, found.first, window=6)
        return self._any(reading, start, found.first, "futur")

    def _any(self, reading: Reading, first: int, last: int, name: str) -> bool:
        return any(word.form in self._sets[name] for word in reading.words[max(0, first) : last + 1])


class FactReader:
    """Reads the facts of `faits.yml` in a message."""

    def __init__(self, lexicon: Lexicon):
        self._context = Context(lexicon)
        self._rules = [_rule(fait, entry, lexicon) for fait, entry in lexicon.documents["faits"].items()]

    def read(self, reading: Reading) -> list[Fact]:
        """Facts said in words, one per fact (several for a multiple choice)."""
        facts: list[Fact] = []
        for rule in self._rules:
            facts.extend(self._read_rule(reading, rule))
        return facts

    def _read_rule(self, reading: Reading, rule: _Rule) -> list[Fact]:
        kept: list[tuple[str, Found, bool]] = []
        for value, expressions in rule.values.items():
            matches = list(find(reading, expressions))
            # Most messages say nothing of most facts: exceptions are only looked for when something was found.
            barred = [*rule.exceptions.get(_EVERY, ()), *rule.exceptions.get(value, ())] if matches else ()
            exceptions = [(found.first, found.last) for found in find(reading, barred)]
            for found in matches:
                if any(first <= found.last and found.first <= last for first, last in exceptions):
                    continue
                said = self._in_context(reading, rule, value, found)
                if said is not None:
                    kept.append((said, found, said == value))
        kept = [item for item in kept if not any(_outweighs(other, item) for other in kept)]
        if not kept:
            return []
        if rule.several:
            return [_fact(reading, rule, value, found) for value, found in {v: f for v, f, _ in kept}.items()]
        if rule.order:
            value, found, _ = min(kept, key=lambda item: rule.order.index(item[0]))
        else:
            # « avec mon chien, le 115 ne veut pas du chien »: what is affirmed outweighs what is denied.
            value, found, _ = max(kept, key=lambda item: (item[2], item[1].last, item[1].expression.literal))
        return [_fact(reading, rule, value, found)]

    def _in_context(self, reading: Reading, rule: _Rule, value: str, found: Found) -> str | None:
        if found.expression.literal:
            return value
        if self._context.denied(reading, found):
            return rule.denied
        if self._context.past(reading, found):
            return None
        if value in rule.wish_excluded and self._context.wished(reading, found):
            return None
        if rule.future_excluded and self._context.foreseen(reading, found):
            return None
        return value


def _outweighs(one: tuple[str, Found, bool], other: tuple[str, Found, bool]) -> bool:
    """« jamais été à l'ASE » holds « à l'ASE » and says something else."""
    (said, wide, _), (value, narrow, _) = one, other
    inside = wide.first <= narrow.first and narrow.last <= wide.last
    return (
        said != value
        and wide.expression.literal
        and inside
        and wide.last - wide.first > narrow.last - narrow.first
    )


def _rule(fait: str, entry: dict, lexicon: Lexicon) -> _Rule:
    values = {str(value): compile_all(items, lexicon.macros) for value, items in entry["valeurs"].items()}
    listed = entry.get("sauf") or []
    exceptions = listed if isinstance(listed, dict) else {_EVERY: listed}
    wish = entry.get("sans_souhait") or []
    return _Rule(
        fait=fait,
        values=values,
        exceptions={name: compile_all(items, lexicon.macros) for name, items in exceptions.items()},
        denied=entry.get("nie"),
        wish_excluded=frozenset(values if wish == "oui" else wish if wish != "non" else []),
        future_excluded=entry.get("sans_futur") == "oui",
        order=[str(value) for value in entry.get("ordre") or []],
        several=entry.get("plusieurs") == "oui",
    )


def _fact(reading: Reading, rule: _Rule, value: str, found: Found) -> Fact:
    start, end = reading.span(found.first, found.last)
    boolean = set(rule.values) <= set(_BOOLEAN)
    return Fact(rule.fait, _BOOLEAN[value] if boolean else value, start, end)
