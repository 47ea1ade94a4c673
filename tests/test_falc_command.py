"""`jalon falc`: tells an editor where, what and how to say it better, and fails only when something blocks."""

from __future__ import annotations

import json

import pytest

from cli import falc as command
from cli.main import main
from cli.project import ROOT
from falc import syntax
from falc.gate import CROWDED, rules
from falc.syntax import Reader, Unavailable


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run `jalon falc`, its memory elsewhere: exit code, output, errors."""
    monkeypatch.setattr(command, "_CACHE", tmp_path / "falc.db")
    try:
        Reader().read(["Bonjour."])
    except Unavailable as absent:
        pytest.skip(str(absent))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            main(["falc", *arguments])
        said = capsys.readouterr()
        return ending.value.code, said.out, said.err

    return run_command


def test_a_hard_sentence_fails_with_better_words(run):
    code, out, _ = run("--phrase", "Vous êtes éligible à un repas.")
    assert code == 1
    assert "JARG" in out and "vous pouvez demander" in out


def test_a_plain_sentence_passes(run):
    code, out, _ = run("--phrase", "Vous pouvez prendre une douche.")
    assert code == 0 and "0 fautes qui bloquent" in out


def test_a_draft_is_judged_line_by_line(run, tmp_path):
    draft = tmp_path / "brouillon.txt"
    draft.write_text("Venez le matin.\n\nTu peux venir.\n")
    code, out, _ = run(str(draft), "--json")
    assert code == 1
    assert [(found["ligne"], found["code"]) for found in json.loads(out)] == [(3, "YOU")]


def test_warnings_alone_do_not_fail(run):
    assert run("--phrase", "Vous ne payez pas.")[0] == 0


def test_one_file_of_the_repository(run):
    code, out, _ = run(str(ROOT / "rules" / "base" / "numeros.yml"), "--resume")
    assert code in (0, 1) and "textes." in out
    assert "data/services.yml" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.txt"], "ne peut pas être lu"),
        (["pyproject.toml", "--regle", "XX"], "n'existe pas"),
        ([str(ROOT / "data" / "sources.yml")], "textes.yml"),
    ],
)
def test_a_mistake_is_told_in_french(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 1 and said in err and not out


def test_without_the_libraries_it_says_what_to_run(run, monkeypatch):
    def absent() -> None:
        raise Unavailable

    monkeypatch.setattr(syntax, "_model", absent)
    code, _, err = run("--phrase", "Une phrase que personne n'a lue avant.")
    assert code == 1 and "scripts/bootstrap.sh dev" in err


def test_a_sentence_already_read_needs_no_library(run, monkeypatch):
    phrase = "Vous pouvez venir avec votre chien."
    assert run("--phrase", phrase)[0] == 0
    monkeypatch.setattr(syntax, "_model", lambda: pytest.fail("read again"))
    assert run("--phrase", phrase)[0] == 0


def test_each_rule_is_listed_and_explained_to_editors(run):
    code, out, _ = run("--regles")
    guide = (ROOT / "docs" / "falc.md").read_text()
    assert code == 0
    for name in (*(rule.code for rule in rules()), CROWDED):
        assert name in out
        assert f"| {name} |" in guide
