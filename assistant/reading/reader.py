"""All the facts of one message: words, numbers, household, money, places."""

from __future__ import annotations

from datetime import date

from assistant.reading.answers import AnswerReader
from assistant.reading.corrections import Corrector
from assistant.reading.facts import Fact, FactReader
from assistant.reading.household import HouseholdReader
from assistant.reading.lexicon import Lexicon
from assistant.reading.money import MoneyReader
from assistant.reading.numbers import NumberReader
from assistant.reading.patterns import compile_expression, stands_in
from assistant.reading.places import PlaceReader
from assistant.reading.text import Reading

# Longest answer of which a sum may be something else than income.
_SHORT = 6
# Dangers are looked for further (text.MAX_CHARACTERS).
_MOST_CHARACTERS = 3000
NUMBER_FACT = "nombre"
_CURRENCY = {"euro", "euros"}
# Words after a lone number that make it something else than an answer (an hour, a distance, a phone line).
_COUNTED = frozenset(("heures", "heure", "h", "km", "min", "minutes", "fois", "kg", "m2", "eme"))
_STATUS_OF = {"bourse": "etudiant"}
# What brings money every month.
_PAID = ("salarie", "formation", "retraite")
_PHONE_LINES = frozenset((15, 17, 18, 112, 114, 116117))


class MessageReader:
    """Reads the facts of a message. `gazetteer` (data.gazetteer.Gazetteer) is optional: no place without it."""

    def __init__(self, lexicon: Lexicon, gazetteer=None):
        self._corrector = Corrector(lexicon)
        self._words = FactReader(lexicon)
        self._numbers = NumberReader(lexicon)
        self._household = HouseholdReader(lexicon)
        self._money = MoneyReader(lexicon)
        self._answers = AnswerReader(lexicon)
        self._places = PlaceReader(lexicon, self._numbers, gazetteer)
        self._helped_child = compile_expression(lexicon.documents["personne"]["enfant_aide"], lexicon.macros)

    def facts(self, reading: Reading, today: date, asked: str | None = None) -> list[Fact]:
        """Facts in the order of the message, one per fact (several for a multiple choice).

        `asked`: the fact of the question under way, in whose light a short answer is read.
        """
        reading = self._corrector.corrected(_beginning(reading))
        bare = _bare_number(reading) if asked else None
        if bare is not None:
            facts, lone = self._answered(reading, asked, [], [bare], today)
            return [*facts, *self._numbers_left(reading, lone)]
        mentions = self._places.mentions(reading)
        place = self._places.alone(reading, asked, mentions)
        if place:
            return [place]
        said = self._words.read(reading)
        ages, used = self._numbers.age(reading, today)
        age = ages[0].value if ages else None
        places, place_numbers = self._places.read(reading, mentions)
        lengths, length_numbers = self._numbers.durations(reading, today, age)
        sizes, size_numbers = self._numbers.sizes(reading)
        helped_is_child = stands_in(reading, self._helped_child) and (age or 0) >= 18
        household, counted = self._household.read(reading, helped_is_child)
        used |= place_numbers | length_numbers | size_numbers | counted | self._numbers.other_ages(reading)
        sums, paid = self._money.read(reading, used, any(_lives_on(fact) for fact in said))
        facts = _consistent([*said, *ages, *places, *lengths, *sizes, *household, *sums])
        lone = self._lone_numbers(reading, used | paid, facts)
        if asked == "arrondissement":
            lone = self._places.district_numbers(reading, lone)
        if asked:
            facts, lone = self._answered(reading, asked, facts, lone, today)
        facts.extend(self._numbers_left(reading, lone))
        return sorted(facts, key=lambda fact: (fact.start, fact.end, fact.fait))

    def _answered(self, reading, asked, facts, lone, today) -> tuple[list[Fact], list[int]]:
        """The facts and lone numbers once the answer is read: what it explains means nothing else."""
        answer = self._answers.leading(reading, asked)
        if answer is None and not any(fact.fait == asked for fact in facts):
            answer = self._answers.read(reading, asked, lone or _sums(reading, facts), today)
        if self._answers.asks_length(asked):
            lone = []
        if answer is None:
            return facts, lone
        number = isinstance(answer.value, int) and not isinstance(answer.value, bool)
        kept = [
            fact
            for fact in facts
            if fact.fait != asked
            and not (number and fact.start < answer.end and answer.start < fact.end and _is_number(fact))
        ]
        inside = [i for i in lone if answer.start <= reading.words[i].start < answer.end]
        return [*kept, answer], [i for i in lone if i not in inside]

    @staticmethod
    def _numbers_left(reading: Reading, lone: list[int]) -> list[Fact]:
        return [Fact(NUMBER_FACT, int(reading.words[i].value), *reading.span(i, i)) for i in lone]

    def _lone_numbers(self, reading: Reading, used: set[int], facts: list[Fact]) -> list[int]:
        """Indexes of the numbers that only a question can give a meaning to."""
        lone = []
        for index, word in enumerate(reading.words):
            if (
                word.value is None
                or index in used
                or int(word.value) in _PHONE_LINES
                and len(reading.words) > 1
            ):
                continue
            following = reading.words[index + 1].form if index + 1 < len(reading.words) else ""
            inside = any(fact.start <= word.start < fact.end for fact in facts)
            if not inside and following not in _COUNTED:
                lone.append(index)
        return lone


def _beginning(reading: Reading) -> Reading:
    """The part of a message in which facts are read: nobody tells so much, and noise must cost little."""
    if len(reading.text) <= _MOST_CHARACTERS:
        return reading
    kept = tuple(word for word in reading.words if word.end <= _MOST_CHARACTERS)
    return Reading(reading.text[:_MOST_CHARACTERS], kept)


def _bare_number(reading: Reading) -> int | None:
    """The index of the number when the message is that number, with its currency or not."""
    numbers = [index for index, word in enumerate(reading.words) if word.value is not None]
    others = {word.form for word in reading.words if word.value is None}
    return numbers[0] if len(numbers) == 1 and others <= _CURRENCY else None


def _lives_on(fact: Fact) -> bool:
    return (
        fact.fait == "statut" and fact.value in _PAID or fact.fait == "prestation" and fact.value != "aucune"
    )


def _is_number(fact: Fact) -> bool:
    return isinstance(fact.value, int) and not isinstance(fact.value, bool)


def _sums(reading: Reading, facts: list[Fact]) -> list[int]:
    """The only number of the message, when nothing but a guess (« 620 par mois ») says what it is."""
    numbers = [index for index, word in enumerate(reading.words) if word.value is not None]
    guessed = [fact.fait for fact in facts] == ["ressources_mensuelles"]
    return numbers if guessed and len(numbers) == 1 and len(reading.words) <= _SHORT else []


def _consistent(facts: list[Fact]) -> list[Fact]:
    """« aucun revenu » is zero, and back; an amount outweighs « aucune »; who has a grant studies."""
    by_name = {fact.fait: fact for fact in facts}
    benefit, income = by_name.get("prestation"), by_name.get("ressources_mensuelles")
    if benefit and benefit.value == "aucune" and income is None:
        facts.append(Fact("ressources_mensuelles", 0, benefit.start, benefit.end))
    if income and income.value == 0 and benefit is None:
        facts.append(Fact("prestation", "aucune", income.start, income.end))
    if benefit and benefit.value in _STATUS_OF and "statut" not in by_name:
        facts.append(Fact("statut", _STATUS_OF[benefit.value], benefit.start, benefit.end))
    if benefit and benefit.value == "aucune" and income and income.value:
        facts.remove(benefit)
    return facts
