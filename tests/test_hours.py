"""« Ouvert » must be true to the minute, and what is not known must be said so."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from built_base import database
from hypothesis import given, settings
from hypothesis import strategies as st

from data.hours import describe, fault_in, is_public_holiday, opening_state

PARIS = ZoneInfo("Europe/Paris")
BATHS = "Tu-Sa 12:00-18:00; Jan 01 off; May 01 off; Jul 14 off; Aug 15 off; Dec 25 off"
minutes = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(
    lambda day: day.replace(microsecond=0)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def state(osm, moment, confidence="haute", last_entry=None, can_call=True):
    return opening_state(osm, at(moment), confidence, last_entry, can_call)


@pytest.mark.parametrize(
    ("moment", "etat", "texte"),
    [
        ("2026-11-21T11:59", "ferme", "Fermé maintenant. Ouvre aujourd'hui à 12 heures."),
        (
            "2026-11-21T12:00",
            "ouvert",
            "Ouvert aujourd'hui jusqu'à 18 heures. Dernière entrée à 17 heures 30.",
        ),
        (
            "2026-11-21T17:30:59",
            "ouvert",
            "Ouvert aujourd'hui jusqu'à 18 heures. Dernière entrée à 17 heures 30.",
        ),
        (
            "2026-11-21T17:31",
            "ferme",
            "Trop tard pour entrer. La dernière entrée était à 17 heures 30. Ouvre mardi 24 novembre à 12 heures.",
        ),
        ("2026-11-21T18:00", "ferme", "Fermé maintenant. Ouvre mardi 24 novembre à 12 heures."),
        ("2026-11-22T13:00", "ferme", "Fermé aujourd'hui. Ouvre mardi 24 novembre à 12 heures."),
        ("2026-11-23T13:00", "ferme", "Fermé aujourd'hui. Ouvre mardi 24 novembre à 12 heures."),
    ],
)
def test_open_and_closed_are_true_to_the_minute(moment, etat, texte):
    found = state(BATHS, moment, last_entry=30)
    assert (found["etat"], found["texte"]) == (etat, texte)


def test_the_machine_reads_when_it_closes_and_when_it_opens_next():
    assert state(BATHS, "2026-11-21T13:00")["jusqua"] == "2026-11-21T18:00:00+01:00"
    assert state(BATHS, "2026-11-22T13:00")["prochaine"] == "2026-11-24T12:00:00+01:00"
    assert state(BATHS, "2026-07-10T13:00")["jusqua"] == "2026-07-10T18:00:00+02:00"


def test_the_year_is_said_when_it_changes():
    text = state("Tu-Sa 12:00-18:00; Dec 20-Jan 05 off; PH off", "2026-12-22T13:00")["texte"]
    assert text == "Fermé jusqu'au 5 janvier 2027. Ouvre mercredi 6 janvier 2027 à 12 heures."


@pytest.mark.parametrize("day", ["2027-01-01", "2026-05-01", "2026-07-14", "2026-08-15", "2026-12-25"])
def test_every_bains_douches_is_closed_on_its_five_holidays(day):
    places = database().services(categories=["bains_douches"])
    with_hours = [place for place in places if place["horaires"]]
    assert len(with_hours) >= 15
    for place in with_hours:
        for hour in range(24):
            moment = at(day).replace(hour=hour, minute=15)
            assert opening_state(place["horaires"]["osm"], moment, "haute", 30)["etat"] == "ferme", place[
                "id"
            ]


def test_hours_silent_about_holidays_are_unknown_on_a_holiday_and_promise_none():
    armistice = state("Mo-Fr 09:00-17:00", "2026-11-11T10:00")
    assert armistice["etat"] == "inconnu"
    assert armistice["texte"].startswith("Aujourd'hui est un jour férié.")
    eve = state("Mo-Fr 09:00-17:00", "2026-11-10T18:00")
    assert eve["prochaine"] == "2026-11-12T09:00:00+01:00"
    assert state("Mo-Fr 09:00-17:00; PH off", "2026-11-11T10:00")["etat"] == "ferme"
    assert state("Mo-Su 07:00-09:00; PH 07:00-09:00", "2026-11-11T08:00")["etat"] == "ouvert"


def test_the_eleven_french_holidays_are_known():
    days = [datetime(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [f"{day:%m-%d}" for day in days if is_public_holiday(day.date())] == (
        ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"]
    )


def test_unknown_hours_are_unknown_and_not_closed():
    assert state(None, "2026-11-21T10:00", None) == {
        "etat": "inconnu",
        "jusqua": None,
        "prochaine": None,
        "texte": "Heures à vérifier. Appelez avant.",
        "confiance": "basse",
    }
    assert (
        state(None, "2026-11-21T10:00", None, can_call=False)["texte"] == "Heures à vérifier avant d'y aller."
    )


def test_an_opening_without_end_is_not_called_open():
    found = state("Mo-Sa 16:45+", "2026-11-21T22:00", "moyenne")
    assert found["etat"] == "inconnu"
    assert found["texte"] == "Ouvre à 16 heures 45. L'heure de fin n'est pas connue. Appelez avant."


def test_old_hours_always_ask_to_call_before():
    for moment in ("2026-11-21T13:00", "2026-11-22T13:00", "2026-11-21T03:00"):
        assert state("Tu-Sa 12:00-18:00", moment, "basse")["texte"].endswith(
            "Heures à vérifier. Appelez avant."
        )
        assert "vérifier" not in state("Tu-Sa 12:00-18:00", moment, "moyenne")["texte"]


def test_a_night_opening_runs_past_midnight():
    osm = "We-Fr 21:00-00:30"
    assert state(osm, "2026-11-20T23:00")["texte"] == "Ouvert maintenant jusqu'à minuit 30."
    assert state(osm, "2026-11-21T00:29")["etat"] == "ouvert"
    assert state(osm, "2026-11-21T00:30")["etat"] == "ferme"
    assert (
        state("Mo-Su 20:00-24:00; PH off", "2026-11-20T21:00")["texte"]
        == "Ouvert aujourd'hui jusqu'à minuit."
    )
    assert state("24/7", "2026-11-20T21:00")["texte"] == "Ouvert jour et nuit, tous les jours."


def test_a_moment_without_zone_is_in_paris_and_another_zone_is_converted():
    in_paris = state(BATHS, "2026-11-21T12:30")
    assert in_paris == state(BATHS, "2026-11-21T11:30+00:00") == state(BATHS, "2026-11-21T06:30-05:00")
    assert in_paris["etat"] == "ouvert"


@given(minutes)
@settings(max_examples=300, deadline=None)
def test_opening_agrees_with_a_calendar_made_by_hand(moment):
    closed_dates = {(1, 1), (5, 1), (7, 14), (8, 15), (12, 25)}
    is_open = (
        moment.weekday() in (1, 2, 3, 4, 5)
        and (moment.month, moment.day) not in closed_dates
        and time(12) <= moment.time() < time(18)
    )
    admitted = is_open and moment.time() < time(17, 31)
    assert opening_state(BATHS, moment, "haute")["etat"] == ("ouvert" if is_open else "ferme")
    assert opening_state(BATHS, moment, "haute", 30)["etat"] == ("ouvert" if admitted else "ferme")


hours_of_the_base = st.deferred(
    lambda: st.sampled_from(
        sorted(
            {p["horaires"]["osm"] for p in database().services() if p["horaires"] and p["horaires"]["osm"]}
        )
    )
)


@given(hours_of_the_base, minutes, st.sampled_from(["haute", "moyenne", "basse"]))
@settings(max_examples=400, deadline=None)
def test_what_is_announced_comes_true(osm, moment, confidence):
    found = opening_state(osm, moment, confidence)
    if found["jusqua"]:
        closing = at(found["jusqua"])
        assert opening_state(osm, closing - timedelta(minutes=1), confidence)["etat"] == "ouvert"
        assert opening_state(osm, closing, confidence)["etat"] != "ouvert"
    if found["prochaine"]:
        opening = at(found["prochaine"])
        assert opening > moment.replace(tzinfo=PARIS)
        assert opening_state(osm, opening, confidence)["etat"] == ("inconnu" if "+" in osm else "ouvert")
        assert opening_state(osm, opening - timedelta(minutes=1), confidence)["etat"] != "ouvert"


@given(
    hours_of_the_base,
    minutes,
    st.sampled_from(["haute", "basse"]),
    st.sampled_from([None, 30]),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_opening_texts_are_easy_to_read(osm, moment, confidence, last_entry, can_call):
    text = opening_state(osm, moment, confidence, last_entry, can_call)["texte"]
    assert not re.search(r"[:;()/–]|\d[hH]\b|None", text)
    assert all(len(sentence.split()) <= 15 for sentence in re.split(r"(?<=\.) ", text))


@pytest.mark.parametrize(
    ("osm", "text"),
    [
        ("Mo-Su 09:00-17:00; PH off", "Tous les jours, de 9 heures à 17 heures. Fermé les jours fériés."),
        ("Mo,We-Su 07:00-13:00", "Le lundi et du mercredi au dimanche, de 7 heures à 13 heures. Fermé le mardi."),
        ("Mo-Fr 07:30-13:00; Sa,Su 08:00-12:00",
         "Du lundi au vendredi, de 7 heures 30 à 13 heures. Le samedi et le dimanche, de 8 heures à 12 heures."),
        ("Mo-Su 07:00-09:00,20:00-22:00", "Tous les jours, de 7 heures à 9 heures. Puis de 20 heures à 22 heures."),
        ("Th 17:00-20:00", "Le jeudi, de 17 heures à 20 heures. Fermé les autres jours."),
        ("Mo-Su 08:30-12:30; Th[3] off", "Tous les jours, de 8 heures 30 à 12 heures 30. Fermé le 3e jeudi du mois."),
        ("Tu,Th 12:00+", "Le mardi et le jeudi, à partir de 12 heures. Fermé les autres jours."),
        ("24/7", "Ouvert jour et nuit, tous les jours."),
        ("Dec 01-Mar 31: Mo-Su 19:30-20:15", None),
    ],
)  # fmt: skip
def test_a_week_is_said_in_sentences(osm, text):
    assert describe(osm) == text


def test_a_closure_with_dates_ends_by_itself():
    osm = "Tu-Sa 08:00-13:00; PH off; 2027 Aug 01-2027 Aug 31 off"
    assert state(osm, "2027-07-31T10:00")["etat"] == "ouvert"
    assert state(osm, "2027-08-03T10:00")["prochaine"] == "2027-09-01T08:00:00+02:00"
    assert state(osm, "2027-09-01T10:00")["etat"] == state(osm, "2028-08-03T10:00")["etat"] == "ouvert"
    assert describe(osm).endswith("Fermé du 1er août 2027 au 31 août 2027.")


def test_closed_dates_and_last_entry_are_said():
    text = describe(BATHS, 30)
    assert "Fermé le 1er janvier, le 1er mai et le 14 juillet. Fermé le 15 août et le 25 décembre." in text
    assert text.endswith("Dernière entrée 30 minutes avant la fermeture.")


@pytest.mark.parametrize(
    "osm",
    ["Lun 08:00-12:00", "mardi 08:00-12:00", "Mo 8-99", "Mo 08:00-25:30", "Mo off", "Mo-Fr off; Jan 01 off; PH off", "Fr 21:00-02:00; Sa 10:00-12:00",
     "Mo-Fr 09:00-12:00; 14:00-15:00", "Mo-Fr 9h-17h",
     'Mo 08:00-12:00 "sur rendez-vous', 'Mo 08:00-12:00 "Appelez le 01 (soir)."', "Mo-Fr SH 08:00-12:00",
     "sunrise-sunset", "Mo 08.00-12.00", "", "n'importe quoi"],
)  # fmt: skip
def test_impossible_hours_are_refused_with_a_way_to_mend_them(osm):
    message, hint = fault_in(osm)
    assert message and hint


def test_good_hours_are_accepted():
    for osm in (BATHS, "24/7", "We-Fr 21:00-00:30", "Mo-Fr 21:00-24:00", "Sep 16-Jul 13: Mo-Sa 11:45-12:45"):
        assert fault_in(osm) is None
