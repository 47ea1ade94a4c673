"""What could stop this person at the door of a place: its public, an animal, a wheelchair, being sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

ADULT = 18


def obstacles_of(
    place: Mapping, facts: Mapping[str, object], arrondissement: int | None = None
) -> int | None:
    """How many things could stop this person at the door; None when the place is certainly not for them.

    Only known facts count against a place, and a public that is not well sourced never excludes.
    `arrondissement` is where the person is, used as a doubtful answer to « where do you live? ».
    """
    count = 0
    publics = place["publics"]
    if publics and publics["profils"]:
        fit = fits(publics["profils"], facts, arrondissement)
        if fit is False and publics["confiance"] != "basse":
            return None
        count += {True: 0, None: 1, False: 2}[fit]
    if facts.get("animal") is True:
        welcome = (place["animaux"] or {}).get("accueil")
        count += {"oui": 0, "dehors": 1, None: 1, "non": 2}[welcome]
    if facts.get("mobilite_reduite") is True:
        count += {True: 0, None: 1, False: 2}[place["accessible"]]
    if place["acces"] == "orientation" and facts.get("suivi_social") is not True:
        count += 1
    return count


def fits(profiles: Iterable[Mapping], facts: Mapping[str, object], here: int | None = None) -> bool | None:
    """Whether the person is one of the `profiles` of a place; None when a missing fact decides."""
    return _any([_all(_criteria(profile, facts, here)) for profile in profiles])


def _criteria(profile: Mapping, facts: Mapping[str, object], here: int | None) -> list[bool | None]:
    answers: list[bool | None] = []
    age, children = facts.get("age"), facts.get("enfants")
    if "genre" in profile:
        answers.append(None if facts.get("genre") is None else facts["genre"] == profile["genre"])
    if "age_min" in profile:
        # Most people who ask are adults: an unsaid age does not stop anybody at the door of adults.
        unsaid = True if profile["age_min"] <= ADULT else None
        answers.append(unsaid if age is None else age >= profile["age_min"])
    if "age_max" in profile:
        answers.append(None if age is None else age <= profile["age_max"])
    if profile.get("sans_enfant"):
        answers.append(None if children is None else children == 0)
    if "avec" in profile:
        minor = None if age is None else age < ADULT  # a child who asks for themselves is the child
        has = {
            "enfant": _any([None if children is None else children > 0, minor]),
            "grossesse": facts.get("enceinte"),
        }
        answers.append(_any([has[one] for one in profile["avec"]]))
    if "arrondissements" in profile:
        home = facts.get("arrondissement")
        if home is None:
            answers.append(True if here in profile["arrondissements"] else None)
        else:
            answers.append(home in profile["arrondissements"])
    return answers


def _all(answers: Collection[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(answers: Collection[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False
