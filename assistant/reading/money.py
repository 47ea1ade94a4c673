"""Amounts: what each sum of money is (income, debt of rent or energy, rent). Lists in `nombres.yml`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from assistant.reading.durations import MONTHS
from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Found, compile_all, compile_expression, find, stands_in
from assistant.reading.text import Reading, Word

_MONTHLY = re.compile(r"(par|le|chaque|les bons) (mois|moi|m)\b")
_REACH = 9
_FAR = 99.0
_BESIDE = 3.4
# A number without « euros » smaller than this is not taken for an amount.
_SMALLEST_BARE = 40
# Smaller, it is a price or what is left in a pocket (« 9 euros la machine, avec l'AAH »), unless said right there.
_SMALLEST_INCOME = 50
_NEXT_TO = 2.5
_MOST_PERIODS = 60
_TEN = 10
_YEARS = range(1940, 2040)
_YEAR_WORDS = ("depuis", "en", "annee", "an", "ete", "hiver", "automne", "printemps")
# « 3 mois, 1 950 euros au total »: the sum is said.
_WHOLE = frozenset(("total", "tout", "totalite"))
# « 4 loyers de retard, 380 euros chacun »: the sum of one.
_APIECE = frozenset(("chacun", "chacune", "chaque"))
_BETWEEN_ADDED = 4


@dataclass(frozen=True)
class _Amount:
    index: int
    value: float
    first: int
    last: int


class MoneyReader:
    """Decides what an amount is from the nearest words that tell. Numbers already used are left alone."""

    def __init__(self, lexicon: Lexicon):
        lists = lexicon.documents["nombres"]["montants"]
        self._cues = {
            name: frozenset(str(w) for w in lists[name])
            for name in (
                "revenu",
                "dette",
                "energie",
                "loyer",
                "aide_logement",
                "autre",
                "logement",
                "loyer_dit",
            )
        }
        self._multiples = tuple(
            frozenset(lists[name]) for name in ("periodes", "liens_produit", "entre_produit")
        )
        self._shared_heating = frozenset(lists["chauffage_commun"])
        self._owing = frozenset(lists["dette_certaine"])
        self._before = frozenset(lists["passe"])
        self._correction = compile_expression(lists["correction"], lexicon.macros)
        self._sum_said = compile_expression(lists["total"], lexicon.macros)
        self._refused = frozenset(str(word) for word in lists["unites_refusees"])
        self._never = compile_expression(lists["jamais"], lexicon.macros)
        self._certain = {kind: compile_all(items, lexicon.macros) for kind, items in lists["certain"].items()}
        self._late = compile_expression(lists["retard"], lexicon.macros)
        self._fiscal = compile_expression(lists["revenu_fiscal"], lexicon.macros)

    def read(
        self, reading: Reading, used: set[int], income_told: bool = False
    ) -> tuple[list[Fact], set[int]]:
        """Facts in euros, and the word indexes of the numbers used.

        `income_told`: the message says what the person lives on (job, benefit).
        """
        sums: dict[str, list[_Amount]] = {}
        taken: set[int] = set()
        for found in find(reading, [self._fiscal]):
            index = found.last
            sums["revenu_fiscal_reference"] = [_Amount(index, reading.words[index].value, index, index)]
            taken.add(index)
        certain = self._certain_kinds(reading)
        never = {i for found in find(reading, [self._never]) for i in range(found.first, found.last + 1)}
        never -= {index for index, kind in certain.items() if kind == "ressources_mensuelles"}
        for amount in self._amounts(reading, used | taken | never, certain):
            kind = certain.get(amount.first) or self._kind(reading, amount, income_told)
            if kind == "loyer" and self._is_product(reading, amount):
                kind = "dette_loyer"
            if kind:
                sums.setdefault(kind, []).append(amount)
                taken.update(
                    i for i in range(amount.first, amount.last + 1) if reading.words[i].value is not None
                )
        facts = [self._fact(reading, kind, amounts) for kind, amounts in sums.items()]
        return [*facts, *self._late_rents(reading, facts)], taken

    def _late_rents(self, reading: Reading, facts: list[Fact]) -> list[Fact]:
        """« loyer de 720 euros. 3 mois de retard »: months late at a rent said apart."""
        rents = {fact.fait: fact.value for fact in facts}
        if "loyer" not in rents or "dette_loyer" in rents:
            return []
        for found in find(reading, [self._late]):
            months = next(word.value for word in reading.words[found.first :] if word.value is not None)
            return [Fact("dette_loyer", int(months * rents["loyer"]), *reading.span(found.first, found.last))]
        return []

    def _fact(self, reading: Reading, kind: str, amounts: list[_Amount]) -> Fact:
        chosen = amounts
        if kind == "ressources_mensuelles":
            values = [a.value / 12 if _yearly(reading, a) else a.value for a in amounts]
            total = values[-1] if stands_in(reading, self._sum_said) else sum(dict.fromkeys(values))
        else:
            chosen = amounts[-1:] if stands_in(reading, self._correction) else _added(reading, amounts)
            total = sum(amount.value for amount in chosen)
        start, _ = reading.span(chosen[0].first, chosen[0].last)
        _, end = reading.span(chosen[-1].first, chosen[-1].last)
        return Fact(kind, int(total), start, end)

    def _amounts(self, reading: Reading, used: set[int], certain: Collection[int]) -> list[_Amount]:
        amounts, skip = [], set()
        for index, word in enumerate(reading.words):
            if word.value is None or index in used or index in skip or _is_year(reading, index):
                continue
            product = self._product(reading, index)
            if product:
                value, last = product
                skip.update(range(index, last + 1))
                amounts.append(_Amount(index, value, index, last))
                continue
            following = reading.words[index + 1].form if index + 1 < len(reading.words) else ""
            plausible = word.value >= _SMALLEST_BARE or word.value == 0
            if following == "euros" or plausible and (index in certain or following not in self._refused):
                last = index + (following == "euros")
                amounts.append(_Amount(index, _spoken_sum(reading, word), index, last))
        return amounts

    def _kind(self, reading: Reading, amount: _Amount, income_told: bool) -> str | None:
        near = {
            name: self._distance(reading, amount, cues)
            for name, cues in self._cues.items()
            if name not in ("logement", "loyer_dit")
        }
        has_unit = reading.words[amount.last].form == "euros"
        if min(near.values()) > (_REACH if has_unit else 5):
            return self._default(reading, amount, income_told)
        if self._past(reading, amount):
            return None
        if near["aide_logement"] <= 2.6 and near["aide_logement"] <= near["revenu"]:
            return "aide_logement"
        if near["autre"] < min(near["revenu"], near["dette"], near["loyer"], near["energie"]):
            return None
        if _monthly(reading, amount) and not self._is_product(reading, amount):
            return self._monthly_kind(near)
        if near["dette"] <= near["revenu"] and near["dette"] < _FAR:
            return self._debt(reading, amount, near)
        if near["energie"] < near["revenu"] and near["energie"] <= near["loyer"]:
            return "dette_energie"
        if near["loyer"] < near["revenu"]:
            if self._is_product(reading, amount):
                return "dette_loyer"
            return "loyer" if self._is_rent(reading, amount) else None
        pocket_money = amount.value < _SMALLEST_INCOME and near["revenu"] > _NEXT_TO
        if near["revenu"] < _FAR and not pocket_money:
            return "ressources_mensuelles"
        return self._default(reading, amount, income_told)

    @staticmethod
    def _monthly_kind(near: dict[str, float]) -> str | None:
        """« 1 240 euros par mois » is income unless a rent or a bill is named right beside it."""
        if near["loyer"] <= _BESIDE and near["loyer"] < near["revenu"]:
            return "loyer"
        if min(near["energie"], near["dette"]) <= _BESIDE and near["revenu"] > _BESIDE:
            return None
        return "ressources_mensuelles"

    def _product(self, reading: Reading, index: int) -> tuple[float, int] | None:
        """« 3 mois à 550 », « 3 loyers de 612 euros »: (total, last word)."""
        periods, links, between = self._multiples
        words = reading.words
        if not 1 <= words[index].value <= _MOST_PERIODS or index + 3 >= len(words):
            return None
        if words[index + 1].form not in periods:
            return None
        linked = False
        for cursor in range(index + 2, min(index + 8, len(words))):
            word = words[cursor]
            if word.value is not None:
                unit = cursor + 1 < len(words) and words[cursor + 1].form == "euros"
                plausible = linked and word.value >= _SMALLEST_BARE
                apiece = cursor + 1 + unit < len(words) and words[cursor + 1 + unit].form in _APIECE
                whole = not apiece and (
                    words[cursor - 1].form == ","
                    or {word.form for word in words[cursor : cursor + 5]} & _WHOLE
                )
                total = word.value if whole else words[index].value * word.value
                return (total, cursor + unit) if plausible or whole or apiece else None
            linked = linked or word.form in links
            if word.form not in links and word.form not in between:
                return None
        return None

    def _default(self, reading: Reading, amount: _Amount, income_told: bool) -> str | None:
        """A sum in a message that speaks of no other money than income."""
        if _monthly(reading, amount) or _yearly(reading, amount):
            return "ressources_mensuelles"
        forms = {word.form for word in reading.words}
        other = any(
            forms & self._cues[name] for name in ("dette", "energie", "loyer", "autre", "aide_logement")
        )
        if 0 < amount.value < _SMALLEST_INCOME:
            return None
        told = reading.words[amount.last].form == "euros" and (income_told or forms & self._cues["revenu"])
        return "ressources_mensuelles" if told and not other else None

    def _debt(self, reading: Reading, amount: _Amount, near: dict[str, float]) -> str | None:
        if near["energie"] < near["loyer"]:
            return "dette_energie"
        forms = {word.form for word in reading.words}
        if near["loyer"] < _FAR:
            heated = forms & self._shared_heating and not forms & self._cues["loyer_dit"]
            return "dette_energie" if heated else "dette_loyer"
        energy, rent = forms & self._cues["energie"], forms & self._cues["loyer"]
        rent |= forms & self._cues["logement"]
        if energy and not rent:
            return "dette_energie"
        due = rent or self._is_product(reading, amount)
        return "dette_loyer" if due and not energy else None

    def _is_product(self, reading: Reading, amount: _Amount) -> bool:
        """« 3 mois à 550 »."""
        return any(word.form in self._multiples[0] for word in reading.words[amount.first : amount.last])

    def _certain_kinds(self, reading: Reading) -> dict[int, str]:
        """Word index -> what the sum is, where the sentence says it outright."""
        return {
            index: kind
            for kind, expressions in self._certain.items()
            for found in find(reading, expressions)
            if kind != "loyer" or not self._owed(reading, found)
            for index in range(found.first, found.last + 1)
        }

    def _owed(self, reading: Reading, found: Found) -> bool:
        """« dette redevance 1 120 », « impayé EDF 930 + loyer 1 410 » are no rent."""
        added = found.first > 0 and reading.words[found.first - 1].form == "et"
        reach = 6 if added else 3
        around = reading.words[max(0, found.first - reach) : found.last + 3]
        late = any(
            number.value is not None and period.form in self._multiples[0]
            for number, period in pairwise(reading.words[max(0, found.first - reach) : found.last])
        )
        return late or any(word.form in self._owing for word in around)

    def _is_rent(self, reading: Reading, amount: _Amount) -> bool:
        around = reading.words[max(0, amount.first - 4) : amount.last + 4]
        return any(word.form in self._cues["loyer_dit"] for word in around)

    def _past(self, reading: Reading, amount: _Amount) -> bool:
        return any(
            word.form in self._before for word in reading.words[max(0, amount.first - 4) : amount.first]
        )

    def _distance(self, reading: Reading, amount: _Amount, cues: frozenset[str]) -> float:
        if any(word.form in cues for word in reading.words[amount.first : amount.last + 1]):
            return 0.0
        return min(
            self._walk(reading, amount.first, -1, cues), self._walk(reading, amount.last, 1, cues) + 0.4
        )

    def _walk(self, reading: Reading, index: int, step: int, cues: frozenset[str]) -> float:
        cost = 0.0
        while True:
            index += step
            if not 0 <= index < len(reading.words):
                return _FAR
            form = reading.words[index].form
            if form == ".":
                return _FAR
            cost += 3.0 if form == "," else 2.0 if form in ("et", "mais", "#") else 1.0
            if form in cues:
                return cost
            if cost > _REACH:
                return _FAR


def _spoken_sum(reading: Reading, word: Word) -> float:
    """« mille deux », « deux mille quatre »: said of money, the last digit counts hundreds."""
    thousands, rest = divmod(word.value, 1000)
    spelled = not any(character.isdigit() for character in reading.text[word.start : word.end])
    return thousands * 1000 + rest * 100 if spelled and thousands and 0 < rest < _TEN else word.value


def _is_year(reading: Reading, index: int) -> bool:
    """« depuis 2021 »."""
    before = reading.words[index - 1].form if index else ""
    return reading.words[index].value in _YEARS and (before in _YEAR_WORDS or before in MONTHS)


def _added(reading: Reading, amounts: list[_Amount]) -> list[_Amount]:
    """« 340 à EDF et 210 à Engie »: the first amount and those added to it."""
    added = amounts[:1]
    for amount in amounts[1:]:
        between = [word.form for word in reading.words[added[-1].last + 1 : amount.first]]
        if len(between) > _BETWEEN_ADDED or not {"et", "plus"} & set(between):
            break
        added.append(amount)
    return added


def _monthly(reading: Reading, amount: _Amount) -> bool:
    after = " ".join(word.form for word in reading.words[amount.last + 1 : amount.last + 5])
    before = " ".join(word.form for word in reading.words[max(0, amount.first - 3) : amount.first])
    return _MONTHLY.search(after) is not None or re.search(r"par mois( \S+)?$", before) is not None


def _yearly(reading: Reading, amount: _Amount) -> bool:
    after = " ".join(word.form for word in reading.words[amount.last + 1 : amount.last + 5])
    return "par an" in after or "l annee" in after
