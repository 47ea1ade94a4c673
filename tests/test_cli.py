"""The `jalon` command: in French, with an example each, and errors that say what to do."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from cli.main import FAMILIES, jalon, main
from cli.project import ROOT
from tests.built_base import copy_sources, database

COMMANDS = sorted(jalon.commands)
DOCUMENTATION = (ROOT / "docs" / "running.md").read_text()


@pytest.fixture
def run(capsys, monkeypatch):
    """Run `jalon` on a freshly built base: exit code, standard output, errors."""
    monkeypatch.setenv("JALON_BASE", database().connection.execute("PRAGMA database_list").fetchone()[2])

    def run_command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ending:
            main(list(arguments))
        said = capsys.readouterr()
        return ending.value.code, said.out, said.err

    return run_command


def test_every_command_of_every_module_is_found_and_no_other():
    named = {path.stem for path in (ROOT / "cli").glob("*.py") if "\nCOMMANDS = " in path.read_text()}
    assert set(FAMILIES) == named | {"operations.commands"}
    for module, names in FAMILIES.items():
        assert tuple(one.name for one in import_module(f"cli.{module}").COMMANDS) == names


def test_a_supervisor_holds_neither_the_web_nor_what_builds_a_base():
    check = "import sys; from cli.main import jalon; jalon.commands['servir']; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"data.build", "fastapi", "httpx", "limits", "numpy", "rules", "sqlite_utils"}
    assert not heavy & {*done.stdout.split()}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_in_french_with_an_example_that_parses(run, name):
    code, out, _ = run(name, "--help")
    assert code == 0
    for heading in ("Usage :", "Options :", "Affiche cette aide.", "Exemple :"):
        assert heading in out
    assert not re.search(r"Usage:|Options:|Show this message", out)
    program, command, *arguments = shlex.split(out.split("Exemple :")[1].strip())
    assert (program, command) == ("jalon", name)
    jalon.commands[name].make_context(name, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name):
    for parameter in jalon.commands[name].params:
        assert isinstance(parameter, click.Argument) or parameter.hidden or parameter.help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name):
    assert f"`jalon {name}`" in DOCUMENTATION


def test_every_setting_is_documented_and_every_documented_setting_exists():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    code = [
        ROOT / name for name in listing if name.endswith((".py", ".sh", "/run")) and (ROOT / name).is_file()
    ]
    used = {name for path in code for name in re.findall(r"\bJALON_[A-Z_]+[A-Z]", path.read_text())}
    documented = set(re.findall(r"`(JALON_[A-Z_]+)`", DOCUMENTATION))
    assert used == documented


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["servr"], "Vouliez-vous dire « servir »"),
        (["orienter", "--besion", "douche"], "Vouliez-vous dire « --besoin »"),
        (["orienter", "--besoin", "douch"], "Vouliez-vous dire « douche »"),
        (["orienter", "--fait", "age"], "NOM=VALEUR"),
        (["orienter", "--fait", "age=999"], "entre"),
        (["orienter", "--fait", "age=vieux"], "nombre entier"),
        (["orienter", "--fait", "agge=3"], "Vouliez-vous dire « age »"),
        (["orienter", "--lieu", "zzzyyyxxx"], "n'est pas connu"),
        (["orienter", "--lieu", "saint denis"], "plusieurs lieux"),
        (["orienter", "--date", "demain"], "2026-11-21T10:00"),
        (["orienter", "--limite", "900"], "entre 0 et 50"),
        (["verifier", "--date", "demain"], "2026-11-21"),
        (["lieux", "chercher"], "Il manque"),
    ],
)
def test_a_mistyped_command_is_explained_in_french(run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2
    assert said in err
    assert "--help" in err
    assert "Traceback" not in out + err


def test_orienter_gives_the_orientation_object(run):
    code, out, _ = run(
        "orienter", "--besoin", "douche", "--lieu", "gare du nord", "--fait", "animal=oui", "--json",
        "--date", "2026-11-21T10:00", "--limite", "2",
    )  # fmt: skip
    assert code == 0
    answer = json.loads(out)
    assert answer["version"] == "orientation/1"
    assert datetime.fromisoformat(answer["date"]).isoformat() == "2026-11-21T10:00:00+01:00"
    showers = next(item for item in answer["dispositifs"] if item["id"] == "bains_douches")
    assert showers["statut"] == "oui"
    assert 1 <= len(showers["services"]) <= 2
    assert showers["services"][0]["distance_m"] > 0


def test_orienter_reads_facts_by_their_type(run):
    facts = ["age=22", "enceinte=non", "logement_actuel=rue", "lien_paris=travail,famille"]
    code, out, _ = run("orienter", *(part for fact in facts for part in ("--fait", fact)), "--json")
    assert code == 0
    assert json.loads(out)["dispositifs"]


def test_the_readable_page_says_status_reason_source_and_place(run):
    code, out, _ = run(
        "orienter", "--besoin", "douche", "--lieu", "gare du nord", "--date", "2026-11-21T10:00"
    )
    assert code == 0
    for part in ("Bains-douches", "vous pouvez demander", "✓", "min", "→"):
        assert part in out


def test_lieux_finds_a_misspelt_place_and_says_why(run):
    code, out, _ = run("lieux", "chercher", "porte de la chapel")
    assert code == 0
    assert out.splitlines()[1].split("  ")[0].strip() == "Porte de la Chapelle"
    assert "même son" in out


def test_lieux_asks_back_with_at_most_three_meanings(run):
    code, out, _ = run("lieux", "chercher", "clichy")
    assert code == 0
    question = " ".join(out[out.index("Ce nom désigne") :].split())
    assert question.count("(") == 3 and question.endswith("ou un autre endroit.")


def test_lieux_says_when_nothing_is_near(run):
    code, _, err = run("lieux", "chercher", "zzzyyyxxx")
    assert code == 1
    assert "Aucun lieu" in err


def test_construire_writes_where_it_is_told(run, tmp_path):
    target = tmp_path / "essai.db"
    code, out, _ = run("construire", "--cible", str(target))
    assert code == 0
    assert target.is_file()
    assert str(target) in out


def test_verifier_is_green_today(run):
    code, out, err = run("verifier")
    assert code == 0, err
    assert "La base est juste" in out


def test_verifier_names_file_and_line(run, tmp_path):
    copy_sources(tmp_path)
    file = tmp_path / "rules" / "base" / "dispositifs" / "bains_douches.yml"
    file.write_text(file.read_text().replace("nom:", "nmo:", 1))
    code, _, err = run("verifier", "--racine", str(tmp_path))
    assert code == 1
    assert re.search(r"rules/base/dispositifs/bains_douches\.yml:\d+ : .*nmo", err)
    assert re.search(r"\d+ fautes?$", err.strip())


@pytest.mark.parametrize("arguments", [["comprendre", "je veux me laver"], ["chat"]])
def test_without_a_running_jalon_it_says_how_to_start_one(arguments):
    done = CliRunner().invoke(jalon, [*arguments, "--adresse", "http://127.0.0.1:9"], input="bonjour\n")
    assert done.exit_code == 1
    assert "jalon servir" in done.output


def test_comprendre_shows_what_the_running_jalon_understands(run, pile):
    said = "je dors dehors et je voudrais me laver"
    code, out, _ = run("comprendre", said, "--json", "--adresse", pile.url)
    assert code == 0
    assert "douche" in json.loads(out)["besoins"]
    code, out, _ = run("comprendre", said, "--adresse", pile.url)
    row = next(line for line in out.splitlines() if "douche" in line)
    assert code == 0 and "me laver" in row and ("mots connus" in row or "modèle" in row)


def test_a_conversation_in_the_terminal_ends_with_a_place(pile):
    typed = "bonjour je dors dehors vers gare du nord et je voudrais me laver\nquitter\n"
    done = CliRunner().invoke(jalon, ["chat", "--adresse", pile.url], input=typed)
    assert done.exit_code == 0, done.output
    assert "Bains-douches" in done.output


def test_a_number_chooses_a_button_in_the_terminal(pile):
    done = CliRunner().invoke(jalon, ["chat", "--adresse", pile.url], input="bonjour\n1\nquitter\n")
    assert done.exit_code == 0
    choices = re.findall(r"^  1\. (.+)$", done.output, re.MULTILINE)
    assert choices
    assert len(done.output.split(choices[0])[1]) > 50  # something was answered after the list


def test_the_installed_command_works():
    assert shutil.which("jalon", path=str(ROOT / ".venv" / "bin")) or shutil.which("jalon")
