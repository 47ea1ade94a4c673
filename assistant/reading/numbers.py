"""Facts said with a number other than money: age, arrondissement, durations. Lists in `nombres.yml`."""

from __future__ import annotations

import re
from datetime import date

from assistant.reading.durations import age_from_birth, months_before
from assistant.reading.facts import Fact
from assistant.reading.lexicon import Lexicon
from assistant.reading.patterns import Found, compile_all, compile_expression, find, stands_in
from assistant.reading.text import Reading

_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
    "xiii": 13,
    "xiv": 14,
    "xv": 15,
    "xvi": 16,
    "xvii": 17,
    "xviii": 18,
    "xix": 19,
    "xx": 20,
}
_ROMAN_WORD = re.compile(r"([xvi]{2,})(?:e|eme|ieme)")
_DURATIONS = (
    "anciennete_paris_mois",
    "duree_france_mois",
    "attente_hlm_mois",
    "duree_hebergement_mois",
    "anciennete_logement_mois",
    "mois_sans_emploi",
)
_HOME = re.compile(r"[tTfF]([1-5])")
_HOME_SIZES = {1: "t1", 2: "t2_t3", 3: "t2_t3", 4: "t4_plus", 5: "t4_plus"}
_RANK_WORDS = frozenset(("le", "du", "au", "paris", "eme", "arrondissement"))
_AGE_RANGE = range(14, 111)
_ADULT_AGES = range(18, 111)
_SAID_AGES = range(10, 111)


class NumberReader:
    """Reads ages, arrondissements and durations. Each method returns facts and the word indexes it used."""

    def __init__(self, lexicon: Lexicon):
        lists, macros = lexicon.documents["nombres"], lexicon.macros
        age, district = lists["age"], lists["arrondissement"]
        self._birth = compile_expression(age["naissance"], macros)
        self._birth_alone = compile_expression(age["date_seule"], macros)
        self._age = compile_all(age["mention"], macros)
        self._not_age = compile_all(age["jamais"], macros)
        self._certain_age = compile_expression(age["certaine"], macros)
        self._helped_age = compile_expression(age["tiers_aide"], macros)
        self._next_age = compile_expression(age["a_venir"], macros)
        self._majority = compile_expression(age["majeur"], macros)
        self._new_majority = compile_expression(age["majeur_recent"], macros)
        self._district = compile_all(district["mention"], macros)
        self._not_district = compile_all(district["jamais"], macros)
        self._since = compile_expression("{depuis_quand}", macros)
        self._paris = lists["anciennete_paris_mois"]
        self._durations = {fait: compile_all(lists[fait]["duree"], macros) for fait in _DURATIONS}
        self._paris_never = compile_expression(self._paris["jamais"], macros)
        self._paris_zero = compile_expression(self._paris["zero"], macros)
        self._paris_birth = compile_expression(self._paris["naissance"], macros)
        self._home_wished = compile_expression(lists["logement_demande"], macros)
        self._surface = compile_expression(lists["surface_m2"], macros)
        grown = lists["enfants_majeurs_a_charge"]
        self._grown_one, self._grown_count = (
            compile_expression(grown[name], macros) for name in ("un", "compte")
        )
        self._hlm = compile_expression(lists["attente_hlm_mois"]["seulement_si"], macros)

    def age(self, reading: Reading, today: date) -> tuple[list[Fact], set[int]]:
        """Age in years of the person helped."""
        births = [(found, found.last + 1) for found in find(reading, [self._birth])]
        births += [(found, found.last - 2) for found in find(reading, [self._birth_alone])]
        for found, start in births:
            birth = age_from_birth(reading, max(start, found.first), today)
            if birth and 0 < birth[0] < 120:
                return self._one("age", birth[0], reading, found.first, birth[1])
        for found in find(reading, [self._new_majority]):
            return self._one("age", 18, reading, found.first, found.last)
        for found in find(reading, [self._majority]):
            said = reading.words[found.first].value
            since = None if said else months_before(reading, found.first, found.last, today)
            return self._one("age", int(said or 18) + (since or 0) // 12, reading, found.first, found.last)
        for found in find(reading, [self._certain_age, self._helped_age]):
            index = _numbers(reading, found)[-1]
            child = any(word.form in ("fils", "fille") for word in reading.words[found.first : index])
            if reading.words[index].value in (_ADULT_AGES if child else _SAID_AGES):
                return self._one("age", int(reading.words[index].value), reading, index, found.last)
        for found in find(reading, [self._next_age]):
            index = _numbers(reading, found)[0]
            if reading.words[index].value in _AGE_RANGE:
                return self._one("age", int(reading.words[index].value) - 1, reading, found.first, found.last)
        taken = self.other_ages(reading)
        for found in sorted(find(reading, self._age), key=lambda item: item.start):
            for index in _numbers(reading, found):
                value = reading.words[index].value
                if index not in taken and value is not None and int(value) in _AGE_RANGE:
                    return self._one("age", int(value), reading, found.first, found.last)
        return [], set()

    def other_ages(self, reading: Reading) -> set[int]:
        """Numbers before « ans » or « mois » that are not the age of the person helped."""
        return {index for found in find(reading, self._not_age) for index in _numbers(reading, found)}

    def not_districts(self, reading: Reading) -> set[int]:
        """Numbers that look like an arrondissement and are a floor, a rank, a university..."""
        return {index for found in find(reading, self._not_district) for index in _numbers(reading, found)}

    def districts(self, reading: Reading) -> tuple[list[Fact], set[int]]:
        """The first arrondissement of Paris said (1 to 20)."""
        refused = self.not_districts(reading)
        places: list[tuple[int, int, int]] = []
        for index, word in enumerate(reading.words):
            roman = _ROMAN_WORD.fullmatch(word.form)
            if word.value is not None and (75001 <= word.value <= 75020 or word.value == 75116):
                places.append((index, index, 16 if word.value == 75116 else int(word.value) - 75000))
            elif (
                roman
                and roman.group(1) in _ROMAN
                and (word.form != "vie" or _follows_article(reading, index))
            ):
                places.append((index, index, _ROMAN[roman.group(1)]))
            elif (
                word.form == "premier"
                and index + 1 < len(reading.words)
                and (reading.words[index + 1].form.startswith("arr"))
            ):
                places.append((index, index + 1, 1))
        for found in find(reading, self._district):
            for index in _numbers(reading, found):
                value = reading.words[index].value
                if index not in refused and value in range(1, 21) and self._is_rank(reading, index):
                    places.append((index, max(index, found.last), int(value)))
        if not places:
            return [], set()
        used = {place[0] for place in places}
        first, last, value = min(places)
        return self._one("arrondissement", value, reading, first, last)[0], used

    @staticmethod
    def _is_rank(reading: Reading, index: int) -> bool:
        """« le dix-huit », « 18 » may be an arrondissement; « à deux » is a quantity."""
        word = reading.words[index]
        if any(character.isdigit() for character in reading.text[word.start : word.end]):
            return True
        around = {reading.words[i].form for i in (index - 1, index + 1) if 0 <= i < len(reading.words)}
        return bool(around & _RANK_WORDS)

    def durations(self, reading: Reading, today: date, age: int | None) -> tuple[list[Fact], set[int]]:
        """Months in Paris, in France, waiting for social housing, staying with someone."""
        facts, used = [], set()
        for fait, expressions in self._durations.items():
            if fait == "attente_hlm_mois" and not stands_in(reading, self._hlm):
                continue
            fact, words = self._duration(fait, reading, expressions, today)
            facts.extend(fact)
            used |= words
        if not any(fact.fait == "anciennete_paris_mois" for fact in facts):
            fact, words = self._paris_without_number(reading, age)
            facts.extend(fact)
            used |= words
        return facts, used

    def sizes(self, reading: Reading) -> tuple[list[Fact], set[int]]:
        """Square metres of the home and grown-up children who live on the household's money."""
        facts, used = [], set()
        for fait, expression in (
            ("surface_m2", self._surface),
            ("enfants_majeurs_a_charge", self._grown_count),
        ):
            for found in find(reading, [expression]):
                index = _numbers(reading, found)[0]
                one, words = self._one(
                    fait, int(reading.words[index].value), reading, found.first, found.last
                )
                facts, used = [*facts, *one], used | words
                break
        home = home_size(reading)
        if home and stands_in(reading, self._home_wished):
            facts.append(Fact("taille_logement_demande", home[0], *reading.span(home[1], home[1])))
        found = next(find(reading, [self._grown_one]), None)
        if found and not any(fact.fait == "enfants_majeurs_a_charge" for fact in facts):
            facts.extend(self._one("enfants_majeurs_a_charge", 1, reading, found.first, found.last)[0])
        return facts, used

    def _duration(self, fait, reading, expressions, today) -> tuple[list[Fact], set[int]]:
        never = [self._paris_never] if fait == "anciennete_paris_mois" else []
        barred = [(found.first, found.last) for found in find(reading, never)]
        for found in find(reading, expressions):
            if any(first <= found.last and found.first <= last for first, last in barred):
                continue
            for match in self._since.regex.finditer(reading.line, found.start, found.end):
                first, last = reading.word_at(match.start()), reading.word_at(match.end() - 1)
                months = months_before(reading, first, last, today)
                if months is not None and months <= 1320:
                    return self._one(fait, months, reading, found.first, found.last)
        return [], set()

    def _paris_without_number(self, reading, age) -> tuple[list[Fact], set[int]]:
        for found in find(reading, [self._paris_zero]):
            return self._one("anciennete_paris_mois", 0, reading, found.first, found.last)
        for found in find(reading, [self._paris_birth]):
            if age is not None:
                return self._one("anciennete_paris_mois", age * 12, reading, found.first, found.last)
        return [], set()

    @staticmethod
    def _one(fait, value, reading, first, last) -> tuple[list[Fact], set[int]]:
        start, end = reading.span(first, last)
        used = {index for index in range(first, last + 1) if reading.words[index].value is not None}
        return [Fact(fait, value, start, end)], used


def home_size(reading: Reading) -> tuple[str, int] | None:
    """(size of the home named « T3 », « F2 », index of the word), if any."""
    for index, word in enumerate(reading.words):
        size = _HOME.fullmatch(reading.text[word.start : word.end])
        if size:
            return _HOME_SIZES[int(size.group(1))], index
    return None


def _follows_article(reading: Reading, index: int) -> bool:
    """« le VIe », and not « la vie »."""
    return index > 0 and reading.words[index - 1].form in ("le", "du", "au")


def _numbers(reading: Reading, found: Found) -> list[int]:
    return [i for i in range(found.first, found.last + 1) if reading.words[i].value is not None]
