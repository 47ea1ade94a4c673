"""Amounts: what each sum of money is (income, debt of rent or energy, rent). Lists in `nombres.yml`."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import compile_expression, find
from assistant.reading.text import Reading

_REACH = 9
_FAR = 99.0
_BESIDE = 3.4
_PAST = frozenset(("avant", "touchais", "touchait", "gagnais", "gagnait", "avais", "etais", "percevais"))


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
        self._cues = {name: frozenset(str(w) for w in lists[name])
                      for name in ("revenu", "dette", "energie", "loyer", "aide_logement", "autre", "logement", "loyer_dit")}
        self._refused = frozenset(str(word) for word in lists["unites_refusees"])
        self._never = compile_expression(lists["jamais"], lexicon.macros)
        self._fiscal = compile_expression(lists["revenu_fiscal"], lexicon.macros)

    def read(self, reading: Reading, used: set[int]) -> tuple[list[Fact], set[int]]:
        """Facts in euros, and the word indexes of the numbers used."""
        sums: dict[str, list[_Amount]] = {}
        taken: set[int] = set()
        for found in find(reading, [self._fiscal]):
            index = found.last
            sums["revenu_fiscal_reference"] = [_Amount(index, reading.words[index].value, index, index)]
            taken.add(index)
        never = {i for found in find(reading, [self._never]) for i in range(found.first, found.last + 1)}
        for amount in self._amounts(reading, used | taken | never):
            kind = self._kind(reading, amount)
            if kind:
                sums.setdefault(kind, []).append(amount)
                taken.update(i for i in range(amount.first, amount.last + 1) if reading.words[i].value is not None)
        facts = [_fact(reading, kind, amounts) for kind, amounts in sums.items()]
        return facts, taken

    def _amounts(self, reading: Reading, used: set[int]) -> list[_Amount]:
        amounts, skip = [], set()
        for index, word in enumerate(reading.words):
            if word.value is None or index in used or index in skip:
                continue
            product = _product(reading, index)
            if product:
                value, last = product
                skip.update(range(index, last + 1))
                amounts.append(_Amount(index, value, index, last))
                continue
            following = reading.words[index + 1].form if index + 1 < len(reading.words) else ""
            if following == "euros" or (following not in self._refused and (word.value >= 40 or word.value == 0)):
                amounts.append(_Amount(index, word.value, index, index + (following == "euros")))
        return amounts

    def _kind(self, reading: Reading, amount: _Amount) -> str | None:
        near = {
            name: self._distance(reading, amount, cues) for name, cues in self._cues.items() if name not in ("logement", "loyer_dit")
        }
        has_unit = reading.words[amount.last].form == "euros"
        if min(near.values()) > (_REACH if has_unit else 5):
            return self._default(reading, amount)
        if near["aide_logement"] <= 2.6 and near["aide_logement"] <= near["revenu"]:
            return "aide_logement"
        if near["autre"] < min(near["revenu"], near["dette"], near["loyer"], near["energie"]):
            return None
        if _monthly(reading, amount):
            return self._monthly_kind(near)
        if near["dette"] <= near["revenu"] and near["dette"] < _FAR:
            return self._debt(reading, near)
        if near["energie"] < near["revenu"] and near["energie"] <= near["loyer"]:
            return "dette_energie"
        if near["loyer"] < near["revenu"]:
            return "loyer" if self._is_rent(reading, amount) else None
        if near["revenu"] < _FAR:
            return None if self._past(reading, amount) else "ressources_mensuelles"
        return self._default(reading, amount)

    @staticmethod
    def _monthly_kind(near: dict[str, float]) -> str | None:
        """« 1 240 euros par mois » is income unless a rent or a bill is named right beside it."""
        if near["loyer"] <= _BESIDE and near["loyer"] < near["revenu"]:
            return "loyer"
        if min(near["energie"], near["dette"]) <= _BESIDE and near["revenu"] > _BESIDE:
            return None
        return "ressources_mensuelles"

    def _default(self, reading: Reading, amount: _Amount) -> str | None:
        return "ressources_mensuelles" if _monthly(reading, amount) else None

    def _debt(self, reading: Reading, near: dict[str, float]) -> str | None:
        if near["energie"] < near["loyer"]:
            return "dette_energie"
        if near["loyer"] < _FAR:
            return "dette_loyer"
        forms = {word.form for word in reading.words}
        energy, rent = forms & self._cues["energie"], forms & self._cues["loyer"]
        rent |= forms & self._cues["logement"]
        if energy and not rent:
            return "dette_energie"
        return "dette_loyer" if rent and not energy else None

    def _is_rent(self, reading: Reading, amount: _Amount) -> bool:
        around = reading.words[max(0, amount.first - 4) : amount.last + 4]
        return any(word.form in self._cues["loyer_dit"] for word in around)

    def _past(self, reading: Reading, amount: _Amount) -> bool:
        return any(word.form in _PAST for word in reading.words[max(0, amount.first - 4) : amount.first])

    def _distance(self, reading: Reading, amount: _Amount, cues: frozenset[str]) -> float:
        return min(self._walk(reading, amount.first, -1, cues), self._walk(reading, amount.last, 1, cues) + 0.4)

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


def _product(reading: Reading, index: int) -> tuple[float, int] | None:
    """« 3 mois à 550 », « 3 loyers de 612 euros »: (total, last word)."""
    words = reading.words
    if not (1 <= words[index].value <= 60) or index + 3 >= len(words):
        return None
    if words[index + 1].form not in ("mois", "loyers", "mensualites", "echeances", "factures", "quittances", "fois"):
        return None
    cursor = index + 2
    link = False
    while cursor < min(index + 8, len(words)):
        form = words[cursor].form
        if words[cursor].value is not None:
            if not link or words[cursor].value < 40:
                return None
            last = cursor + (cursor + 1 < len(words) and words[cursor + 1].form == "euros")
            return words[index].value * words[cursor].value, last
        if form in ("a", "x", "fois", ","):
            link = True
        elif form == "de":
            link = True
        elif form not in ("loyer", "d", "impayes", "impaye", "retard", "redevance", "chacun", "charges", "loyers", "est", "le", "mon"):
            return None
        cursor += 1
    return None


def _monthly(reading: Reading, amount: _Amount) -> bool:
    after = [word.form for word in reading.words[amount.last + 1 : amount.last + 5]]
    before = [word.form for word in reading.words[max(0, amount.first - 3) : amount.first]]
    for first, second in zip(after, after[1:], strict=False):
        if (first, second) in (("par", "mois"), ("par", "moi"), ("le", "mois"), ("chaque", "mois"), ("par", "m")):
            return True
    return before[-2:] == ["par", "mois"] or before[-3:-1] == ["par", "mois"]


def _yearly(reading: Reading, amount: _Amount) -> bool:
    after = " ".join(word.form for word in reading.words[amount.last + 1 : amount.last + 5])
    return "par an" in after or "l annee" in after


def _fact(reading: Reading, kind: str, amounts: list[_Amount]) -> Fact:
    chosen = amounts
    if kind == "ressources_mensuelles":
        values = [a.value / 12 if _yearly(reading, a) else a.value for a in amounts]
        total = values[-1] if _has_total(reading) else sum(dict.fromkeys(values))
    else:
        total, chosen = amounts[-1].value if _corrected(reading) else amounts[0].value, amounts[:1]
    start, _ = reading.span(chosen[0].first, chosen[0].last)
    _, end = reading.span(chosen[-1].first, chosen[-1].last)
    return Fact(kind, int(total), start, end)


def _has_total(reading: Reading) -> bool:
    return any(word.form in ("soit", "total", "tout") for word in reading.words)


def _corrected(reading: Reading) -> bool:
    line = f" {reading.line} "
    return any(cue in line for cue in (" non pardon ", " en fait ", " je corrige ", " erreur ", " plutot ", " soit "))
