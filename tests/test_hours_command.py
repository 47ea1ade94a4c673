"""`jalon horaires` shows how hours are read, and says what is wrong with those that cannot be."""

import json

import pytest

from cli.main import main


@pytest.fixture
def run(capsys):
    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            main(["horaires", *arguments])
        said = capsys.readouterr()
        return ending.value.code, " ".join(said.out.split()), said.err

    return run_command


def test_the_rules_the_week_the_state_and_the_next_changes_are_shown(run):
    code, out, _ = run("Tu-Sa 08:00-13:00; PH off", "--moment", "2026-12-25T10:00")
    assert code == 0
    assert "1. Tu-Sa 08:00-13:00 2. PH off" in out
    assert "Du mardi au samedi, de 8 heures à 13 heures." in out
    assert "Fermé aujourd'hui, jour férié. Ouvre samedi 26 décembre à 8 heures." in out
    assert "samedi 26 décembre, 8 heures ouvert samedi 26 décembre, 13 heures fermé" in out


def test_what_is_not_said_is_pointed_at(run):
    assert "Les jours fériés ne sont pas dits" in run("Mo-Fr 09:00-12:00")[1]
    assert "zone C" in run("Mo-Fr 09:00-12:00; SH off; PH off")[1]
    assert "écrivez aussi horaires.texte" in run("week 10-20 Tu 09:00-11:00")[1]
    assert "Cela ne change plus." in run("24/7")[1]


def test_the_same_is_given_as_json(run):
    code, out, _ = run(
        "Mo-Fr 09:00-12:00; PH off", "--moment", "2026-11-20T11:45", "--derniere-entree", "30", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert found["ouverture"]["etat"] == "ferme"
    assert found["changements"][0] == {"a": "2026-11-20T12:00:00+01:00", "etat": "fermé", "raison": None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Lun 09:00-12:00"], ("« Lun » n'est pas un jour", "Mo, Tu, We")),
        (["Mo-Fr 9h-12h"], ("« 9h » n'est pas une heure", "09:00")),
        (["Mo-Fr 9-12"], ("illisibles à partir de « 9-12 »", "Exemple")),
        (["Mo-Fr SH 09:00-12:00"], ("au début de leur règle", "SH Mo-Fr")),
        (["Mo-Fr 09:00-12:00", "--moment", "demain"], ("n'est pas un moment", "2026-12-25T10:00")),
    ],
)
def test_errors_say_what_is_wrong_and_how_to_mend_it(run, arguments, said):
    code, _, error = run(*arguments)
    assert code
    assert all(words in error for words in said)
