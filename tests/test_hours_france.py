"""What France and the field add to hours: holidays, school, works, appointments, days that nobody checked."""

from datetime import date, datetime

import pytest

from data.hours import describe, fault_in, opening_state
from data.hours.calendar import clock, instant, public_holidays, school_holidays, school_known_until
from data.hours.expression import effective

WORKS = 'Tu-Sa 08:00-13:00; PH off; 2026 Nov 01-2027 Jan 15 off "travaux"'
SCHOOL = "Mo-Fr 09:00-17:00; SH off; PH off"
APPOINTMENT = 'Mo-Fr 09:00-12:00 "sur rendez-vous"; PH off'
UNSURE = "Mo-Fr 09:00-12:00; Sa unknown; PH off"


def said(osm, moment, last_entry=None, can_call=True):
    found = opening_state(osm, datetime.fromisoformat(moment), "haute", last_entry, can_call)
    return found["etat"], found["texte"]


@pytest.mark.parametrize(
    ("osm", "moment", "etat", "texte"),
    [
        ("Tu-Sa 07:30-13:00; PH off", "2025-11-11T10:00", "ferme",
         "Fermé aujourd'hui, jour férié. Ouvre mercredi 12 novembre à 7 heures 30."),
        ("Tu-Sa 07:30-13:00; Dec 25 off", "2026-12-25T10:00", "ferme",
         "Fermé aujourd'hui, jour férié. Ouvre samedi 26 décembre à 7 heures 30."),
        ("Mo-Fr 09:00-17:00", "2026-11-11T10:00", "inconnu",
         "Aujourd'hui est un jour férié. Heures à vérifier. Appelez avant."),
        (WORKS, "2026-11-21T10:00", "ferme",
         "Fermé pour travaux jusqu'au 15 janvier 2027. Ouvre samedi 16 janvier 2027 à 8 heures."),
        (WORKS, "2026-12-25T10:00", "ferme",
         "Fermé pour travaux jusqu'au 15 janvier 2027. Ouvre samedi 16 janvier 2027 à 8 heures."),
        ("Tu-Sa 08:00-13:00; PH off; Aug off", "2026-08-04T12:00", "ferme",
         "Fermé jusqu'au 31 août. Ouvre mardi 1er septembre à 8 heures."),
        ('Mo-Sa 10:00-12:00; 2026 Nov 01-2040 Jun 30 off "travaux"', "2026-11-18T10:00", "ferme",
         "Fermé pour travaux. La réouverture n'est pas connue."),
        ('Tu-Sa 08:00-13:00; Dec 24 off "inventaire"', "2026-12-24T12:00", "ferme",
         "Fermé aujourd'hui, inventaire. Ouvre samedi 26 décembre à 8 heures."),
        (SCHOOL, "2026-10-20T10:00", "ferme",
         "Fermé pendant les vacances scolaires, jusqu'au 1er novembre. Ouvre lundi 2 novembre à 9 heures."),
        (SCHOOL, "2026-10-16T10:00", "ouvert", "Ouvert aujourd'hui jusqu'à 17 heures."),
        (APPOINTMENT, "2026-11-20T10:00", "inconnu", "Sur rendez-vous. Appelez avant."),
        (APPOINTMENT, "2026-11-20T20:00", "ferme", "Fermé maintenant. Sur rendez-vous. Appelez avant."),
        (UNSURE, "2026-11-21T10:00", "inconnu", "Les heures d'aujourd'hui ne sont pas connues. Appelez avant."),
        (UNSURE, "2026-11-22T10:00", "ferme", "Fermé aujourd'hui. Ouvre lundi 23 novembre à 9 heures."),
        ("Mo-Sa 20:00+; PH off", "2026-11-21T21:30", "inconnu",
         "Ouvre à 20 heures. L'heure de fin n'est pas connue. Appelez avant."),
        ("Mo-Sa 20:00+; PH off", "2026-11-22T01:30", "inconnu",
         "A ouvert hier à 20 heures. L'heure de fin n'est pas connue. Appelez avant."),
        ("Mo-Sa 10:00-16:00+; PH off", "2026-11-21T17:30", "inconnu",
         "L'heure de fermeture n'est pas connue. Appelez avant."),
    ],
)  # fmt: skip
def test_every_state_is_said_with_its_reason(osm, moment, etat, texte):
    assert said(osm, moment) == (etat, texte)


def test_nobody_is_told_to_call_a_place_without_phone():
    for osm in (APPOINTMENT, UNSURE, "Mo-Fr 09:00-17:00", "Mo-Sa 09:00+", None):
        for day in ("2026-11-11T10:00", "2026-11-20T10:00", "2026-11-21T10:00"):
            assert "Appelez" not in said(osm, day, can_call=False)[1]


def test_a_holiday_changes_nothing_on_a_day_when_the_place_never_opens():
    assert said("Mo-Fr 09:00-17:00", "2026-08-15T10:00")[0] == "ferme"
    assert (
        said("Fr 21:00-02:00", "2026-08-15T01:00")[0] == "ouvert"
    )  # the night of Friday to a Saturday holiday


def test_after_the_last_published_school_holidays_nothing_is_promised():
    after = datetime(school_known_until().year, 9, 20, 10)
    assert date(2027, 1, 1) < school_known_until() < after.date()
    assert opening_state(SCHOOL, after, "haute")["etat"] == "inconnu"
    assert opening_state(SCHOOL, after.replace(year=after.year + 4), "haute")["etat"] == "inconnu"
    last_days = datetime.combine(school_known_until(), datetime.min.time())
    assert opening_state(SCHOOL, last_days, "haute")["prochaine"] is None


def test_school_holidays_are_those_of_paris():
    assert (date(2026, 2, 21), date(2026, 3, 8)) in school_holidays()
    assert (date(2026, 10, 17), date(2026, 11, 1)) in school_holidays()


def test_the_weekdays_after_a_holiday_narrow_it():
    osm = "We 14:00-17:00; SH Mo-Fr 10:00-12:00; PH off"
    assert said(osm, "2026-10-24T11:00")[0] == "ferme"  # a Saturday of the holidays
    assert said(osm, "2026-10-23T11:00")[0] == "ouvert"
    assert said("PH Mo-Fr 10:00-12:00", "2026-11-10T11:00")[0] == "ferme"


def test_a_comment_that_speaks_of_the_first_of_may_is_no_mention_of_holidays():
    assert said('Mo-Fr 09:00-17:00; Sa 10:00-11:00 "sauf PH"', "2026-11-11T10:00")[0] == "inconnu"
    assert said("Mo-Fr 09:00-17:00; May 01-10 off", "2026-11-11T10:00")[0] == "inconnu"


def test_hours_said_otherwise_are_read():
    osm = 'Mo-Fr 10:00-12:00; PH off || "sur rendez-vous"'
    assert said(osm, "2026-11-20T11:00")[0] == "ouvert"
    assert said(osm, "2026-11-20T13:00")[0] == "inconnu"
    assert said(osm, "2026-11-23T10:00")[0] == "ouvert"


def test_the_hour_that_does_not_exist_and_the_hour_said_twice():
    until = opening_state("Mo-Su 01:00-02:30", datetime(2026, 3, 29, 1, 30), "haute")["jusqua"]
    assert until == "2026-03-29T03:00:00+02:00"
    night = "Mo-Su 22:00-02:30"
    assert opening_state(night, datetime(2026, 10, 25, 1), "haute")["jusqua"] == "2026-10-25T02:30:00+02:00"
    assert said(night, "2026-10-25T02:15+02:00")[0] == "ouvert"
    assert said(night, "2026-10-25T02:15+01:00")[0] == "ferme"  # it closed 45 minutes ago
    assert instant(datetime(2026, 3, 29, 2, 30)).isoformat() == "2026-03-29T01:00:00+00:00"
    assert clock(instant(datetime(2026, 10, 25, 2, 30))) == datetime(2026, 10, 25, 2, 30)


def test_last_entry_of_a_short_opening_is_not_before_it_opens():
    found = opening_state("Mo 09:00-09:20; PH off", datetime(2026, 11, 23, 9, 0), "haute", 30)
    assert found["etat"] == "ouvert"
    assert "Dernière entrée à 9 heures." in found["texte"]


def test_the_expression_that_is_evaluated_can_be_read():
    (expression,) = effective("Tu 10:00-12:00,14:00+; PH off", 2026)
    assert expression == (
        'Tu 10:00-12:00, Tu 14:00-24:00 unknown "heure de fin inconnue"; PH off "jour férié"'
    )
    assert len(public_holidays(2026)) == 11


@pytest.mark.parametrize(
    ("osm", "text"),
    [
        (APPOINTMENT, ("Du lundi au vendredi, de 9 heures à 12 heures, sur rendez-vous. "
                      "Fermé le samedi et le dimanche. Fermé les jours fériés.")),
        (UNSURE, ("Du lundi au vendredi, de 9 heures à 12 heures. Les heures ne sont pas connues le samedi. "
                 "Fermé le dimanche. Fermé les jours fériés.")),
        ("Mo-Su 10:00-16:00+; Aug off", "Tous les jours, de 10 heures à 16 heures au moins. Fermé en août."),
        ('Mo-Su 10:00-16:00; SH off; 2026 Nov 01-2027 Jan 15 off "travaux"',
         ("Tous les jours, de 10 heures à 16 heures. Fermé pendant les vacances scolaires. "
         "Fermé pour travaux du 1er novembre 2026 au 15 janvier 2027.")),
        ("Su 22:00-02:00", "Le dimanche, de 22 heures à 2 heures. Fermé les autres jours."),
        ("Mo-Fr 00:00-24:00", None),
        ("week 01-53/2 Mo 09:00-12:00", None),
        ('Mo 09:00-12:00 || "sur rendez-vous"', None),
    ],
)  # fmt: skip
def test_a_week_says_what_is_special(osm, text):
    assert describe(osm) == text


def test_hours_that_can_be_used_are_accepted():
    for osm in (WORKS, SCHOOL, APPOINTMENT, UNSURE, "week 10-20 Tu 09:00-11:00", "Mo 09:00-12:00 || unknown"):
        assert fault_in(osm) is None


def test_a_night_belongs_to_the_day_when_it_starts_whatever_the_order_of_the_rules():
    for osm in (
        "Sa 10:00-12:00; Fr 21:00-02:00; PH off",
        "Fr 21:00-02:00, Sa 10:00-12:00; PH off",
        "Mo-Su 10:00-12:00; Fr 21:00-02:00; PH off",
    ):
        assert said(osm, "2026-11-21T01:59")[0] == "ouvert"
        assert said(osm, "2026-11-21T02:00")[0] == "ferme"
        assert said(osm, "2026-11-21T11:00")[0] == "ouvert"
    message, hint = fault_in("Fr 21:00-02:00; Sa 10:00-12:00; PH off")
    assert "coupe à minuit" in message
    assert fault_in(hint.split('"')[1]) is None


def test_the_end_of_the_night_of_a_holiday_is_closed_when_the_hours_say_so():
    """As in the reference implementation, `PH off` alone closes the holiday until midnight and not after."""
    osm = "Fr 21:00-02:00; PH off; PH +1 day 00:00-02:00 off"
    assert said(osm, "2026-12-25T22:00") == (
        "ferme",
        "Fermé aujourd'hui, jour férié. Ouvre vendredi 8 janvier 2027 à 21 heures.",
    )
    assert said(osm, "2026-12-26T01:00")[0] == "ferme"
    assert said(osm, "2026-12-12T01:00")[0] == "ouvert"
