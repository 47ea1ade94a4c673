"""Faults that a test already injects: it is played again, and the table says whether it passed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.faults.seen import Row
from cli.project import ROOT

_LIMIT_S = 600
_SMS = "tests/test_sms_worker.py::"
_KEPT = "son SMS, plus tard, une seule fois"
_PROVED = {
    f"{_SMS}test_killed_between_receipt_and_answer_the_door_answers_everyone_once": (
        "porte tuée (kill -9) entre la réception d'un SMS et sa réponse", _KEPT,
    ),
    f"{_SMS}test_a_provider_down_for_a_minute_loses_nothing_and_repeats_nothing": (
        "opérateur de SMS arrêté ou trop lent", _KEPT,
    ),
    f"{_SMS}test_an_answer_taken_by_the_provider_whose_receipt_is_lost_is_not_sent_again": (
        "accusé de l'opérateur perdu", "un SMS, pas deux",
    ),
    f"{_SMS}test_rasa_down_for_long_everyone_gets_the_emergency_numbers_once": (
        "dialogue arrêté longtemps, par SMS", "une excuse et les numéros, une fois",
    ),
    f"{_SMS}test_a_danger_is_answered_at_once_when_rasa_is_down": (
        "dialogue arrêté, danger dit par SMS", "le numéro du danger, tout de suite",
    ),
    "tests/test_sms_store.py::test_a_full_queue_asks_the_provider_to_come_back_and_keeps_nothing_of_the_call": (
        "file des SMS pleine", "son SMS, quand l'opérateur le présente encore (503)",
    ),
    "tests/test_sms_doors.py::test_while_postgresql_is_down_the_provider_is_asked_to_come_back_and_the_door_lives": (
        "PostgreSQL arrêté à l'arrivée d'un SMS", "son SMS, quand l'opérateur le présente encore (503)",
    ),
    "tests/test_sms_doors.py::test_a_door_that_lost_its_turn_begins_no_sending": (
        "porte figée puis réveillée, une autre a repris la file", "un SMS, pas deux",
    ),
    "tests/test_ville.py::test_a_door_killed_between_the_dialogue_and_its_own_answer_does_not_count_a_message_twice": (
        "porte tuée entre la réponse du dialogue et la sienne", "la réponse, quand sa page renvoie ; comptée une fois",
    ),
    "tests/test_build.py::test_a_crash_while_writing_leaves_the_good_base_in_place": (
        "arrêt pendant la construction de la base", "la réponse : l'ancienne base sert",
    ),
    "tests/test_build.py::test_a_base_of_another_version_is_refused": (
        "base d'une autre version au démarrage", "rien : la porte refuse de démarrer et dit quoi faire",
    ),
    "tests/test_dialogue_server.py": (
        "modèle absent, changé ou d'ailleurs", "la page, les lieux et les numéros ; le dialogue refuse de démarrer",
    ),
    "tests/test_replacement.py::test_a_truncated_model_does_not_serve": (
        "nouveau modèle coupé au milieu", "la réponse : l'ancien modèle sert",
    ),
    "tests/test_replacement.py::test_a_base_that_forgot_a_danger_does_not_serve_and_is_put_away": (
        "nouvelle base à laquelle il manque des lieux", "la réponse : l'ancienne base sert",
    ),
    "tests/test_replacement.py::test_killed_in_the_middle_it_starts_again_with_the_good_files": (
        "« jalon servir » tué pendant un remplacement", "rien, puis la réponse : il repart avec les anciens fichiers",
    ),
    "tests/test_replacement.py::test_several_doors_and_dialogue_servers_are_replaced_while_people_talk": (
        "une des portes tuée après un remplacement", "la réponse : celle qui la remplace sert la nouvelle base",
    ),
    "tests/test_backup.py::test_a_restore_cut_in_the_middle_is_seen_and_can_be_ended": (
        "arrêt pendant une restauration", "rien avant la fin : « restaurer --reprendre »",
    ),
    "tests/test_serve.py::test_nothing_survives_a_supervisor_that_is_killed_or_whose_terminal_is_closed": (
        "« jalon servir » tué : tout s'arrête en 2 s, rien ne reste", "rien : la page garde le message",
    ),
    "tests/test_overload.py::test_a_circuit_outlives_a_clock_that_goes_back": (
        "l'horloge recule d'une heure pendant une panne", "la réponse dès que le serveur revient",
    ),
    "tests/test_sms_worker.py::test_a_clock_that_jumps_loses_and_repeats_nothing": (
        "l'horloge saute d'une heure, dans un sens puis dans l'autre", _KEPT,
    ),
}  # fmt: skip


def rows() -> Iterator[Row]:
    """One row for each test."""
    for test, (fault, person) in _PROVED.items():
        begun = time.monotonic()
        passed = _passes(test)
        name = (
            f"{fault} (`{test.rpartition('::')[2].removeprefix('tests/')}`, {time.monotonic() - begun:.0f} s)"
        )
        yield Row(name, person, "rien" if passed else "?", held=passed)


def _passes(test: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and " passed" in done.stdout
