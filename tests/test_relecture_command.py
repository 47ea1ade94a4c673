"""`jalon relire`: from a kept sentence to a labelled one, without losing any."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from channels.relecture.kept import kept_sentences, lists, today
from cli import labelling
from cli.labelling import Label, LabelError
from cli.main import main
from tests.built_base import database
from tests.door_server import closed_port

LABELS = labelling.all_labels(database().base)
SENTENCE = "je cherche un [mot] pour ce soir vers [lieu] pour # personnes"
TEXT = "je cherche un pour ce soir vers Paris pour 40 personnes"


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """An empty store and an empty file of labelled sentences; the door is stopped."""
    monkeypatch.setenv("JALON_BASE", database().connection.execute("PRAGMA database_list").fetchone()[2])
    monkeypatch.setenv("JALON_RELECTURE_JOURS", "30")
    monkeypatch.setenv("JALON_RELECTURE_FICHIER", str(tmp_path / "relecture.db"))
    monkeypatch.setenv("JALON_PORT", str(closed_port()))
    monkeypatch.setattr(labelling, "REVIEWED", tmp_path / "relus.yml")
    return kept_sentences(tmp_path / "relecture.db")


@pytest.fixture
def review(kept, monkeypatch, capsys):
    """Run `jalon relire`, typing these lines; what it says."""

    def run(*typed: str, options: tuple[str, ...] = ()) -> str:
        lines: Iterator[str] = iter(typed)

        def read(_prompt: str) -> str:
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)
        with pytest.raises(SystemExit) as ending:
            main(["relire", *options])
        said = capsys.readouterr()
        assert ending.value.code == 0, said.err
        return said.out

    return run


def keep(kept, *sentences: str) -> None:
    for rank, sentence in enumerate(sentences):
        kept.keep(sentence, today(), 10 + rank)


def left(kept) -> list[str]:
    return [sentence.texte for sentence in kept.sentences(today())]


def reviewed() -> dict[str, list[str]]:
    return labelling.read_reviewed(labelling.REVIEWED, LABELS)


def number(name: str) -> int:
    return 1 + next(rank for rank, label in enumerate(LABELS) if label.id == name)


def test_a_labelled_sentence_becomes_a_training_example_and_leaves_the_store(kept, review):
    keep(kept, SENTENCE)
    said = review("hebergement")
    assert f"1/1  « {SENTENCE} »" in said and "Phrases étiquetées : 1. Il en reste 0." in said
    assert reviewed() == {"informer": [f"[{TEXT}](besoin:hebergement)"]}
    assert left(kept) == []


def test_the_door_stopped_is_said_with_what_to_do(kept, review):
    keep(kept, SENTENCE)
    said = review("q")
    assert "Je ne sais pas ce que Jalon comprend" in said and "jalon servir" in said


@pytest.mark.parametrize(
    "typed", ["hebergement, repas", "{hebergement},{repas}", " besoin:hebergement , Repas,"]
)
def test_labels_are_given_by_number_or_name(kept, review, typed):
    keep(kept, SENTENCE)
    review(typed.format(hebergement=number("hebergement"), repas=number("repas")))
    [example] = reviewed()["informer"]
    assert (
        example
        == "[je cherche un pour ce](besoin:hebergement) [soir vers Paris pour 40 personnes](besoin:repas)"
    )


@pytest.mark.parametrize(
    ("typed", "intent", "example"),
    [
        ("violences", "danger", f"[{TEXT}](alerte:violences)"),
        ("hors_sujet", "hors_sujet", TEXT),
        ("hors sujet", "hors_sujet", TEXT),
        ("arrondissement", "informer", TEXT),
    ],
)
def test_each_kind_of_label_has_its_intent(kept, review, typed, intent, example):
    keep(kept, SENTENCE)
    review(typed)
    assert reviewed() == {intent: [example]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hebergment", "Vouliez-vous dire « hebergement » ?"),
        ("999", "Il n'y a pas de numéro 999."),
        ("0", "Il n'y a pas de numéro 0."),
        ("", "Donnez au moins un numéro ou un nom."),
        ("merci, douche", "Un acte va seul"),
        ("xyz", "« l »"),
    ],
)
def test_a_wrong_label_is_explained_and_asked_again(kept, review, typed, said):
    keep(kept, SENTENCE)
    assert said in review(typed, "douche")
    assert reviewed() == {"informer": [f"[{TEXT}](besoin:douche)"]}


def test_the_list_shows_every_label(kept, review):
    keep(kept, SENTENCE)
    said = review("l", "q")
    for rank, label in enumerate(LABELS, 1):
        assert f"{rank:>3}. {label.id} : " in said


def test_skipping_keeps_erasing_erases_quitting_stops(kept, review):
    keep(kept, "phrase une", "phrase deux", "phrase trois", "phrase quatre")
    said = review("p", "e", "q")
    assert left(kept) == ["phrase une", "phrase trois", "phrase quatre"]
    assert reviewed() == {} and "phrase quatre" not in said


def test_a_cut_between_the_two_files_loses_nothing_and_doubles_nothing(kept, review, monkeypatch):
    keep(kept, SENTENCE)

    def cut(*_):
        raise OSError("coupure")

    with monkeypatch.context() as broken, pytest.raises(AssertionError):
        broken.setattr("channels.relecture.kept.Kept.remove", cut)
        review("douche")
    assert left(kept) == [SENTENCE] and reviewed() == {"informer": [f"[{TEXT}](besoin:douche)"]}
    review("douche")
    assert left(kept) == [] and reviewed() == {"informer": [f"[{TEXT}](besoin:douche)"]}


def test_examples_join_those_already_there(kept, review):
    keep(kept, "phrase une simple", "phrase deux simple", "phrase trois simple")
    review("douche", "merci", "repas")
    assert reviewed() == {
        "informer": ["[phrase une simple](besoin:douche)", "[phrase trois simple](besoin:repas)"],
        "merci": ["phrase deux simple"],
    }


def test_listing_asks_nothing_and_clearing_erases(kept, review):
    keep(kept, SENTENCE, "autre phrase")
    said = review(options=("--liste",))
    assert SENTENCE in said and "Phrases gardées : 2." in said and left(kept)
    assert f"{today() + timedelta(10):%d/%m/%Y}" in said
    assert "Phrases effacées : 2." in review(options=("--effacer-tout",))
    assert not kept.path.exists()


def test_expired_sentences_are_not_shown(kept, review):
    kept.keep("vieille phrase", date(2026, 1, 1), 30)
    assert "Phrases gardées : 0." in review(options=("--liste",))
    assert b"vieille" not in kept.path.read_bytes()


def test_with_nothing_to_review_it_says_how_to_begin(kept, review, monkeypatch):
    assert review() == "Rien à relire.\n"
    monkeypatch.delenv("JALON_RELECTURE_JOURS")
    assert "JALON_RELECTURE_JOURS=30" in review()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('version: "3.1"\nnlu:\n- intent: danser\n  examples: |\n    - bonjour\n', "danser"),
        ("nlu:\n- intent: informer\n  examples: |\n    - [un lit](besoin:lit)\n", "besoin:lit"),
        ("nlu:\n- intent: informer\n  examples: |\n    - [un lit(besoin:douche)\n", "crochets"),
        ("nlu: 3\n", "forme attendue"),
        ("nlu: [\n", "YAML illisible"),
    ],
)
def test_a_faulty_file_of_examples_is_refused_before_any_question(kept, monkeypatch, capsys, content, fault):
    keep(kept, SENTENCE)
    labelling.REVIEWED.write_text(content, encoding="utf-8")
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("nothing is asked"))
    with pytest.raises(SystemExit) as ending:
        main(["relire"])
    assert ending.value.code == 1 and fault in capsys.readouterr().err
    assert left(kept) == [SENTENCE]


def test_the_labelled_sentences_of_this_repository_are_valid():
    labelling.read_reviewed(labelling.ROOT / "assistant" / "nlu" / "relus.yml", LABELS)


def test_no_mask_is_left_in_a_training_text():
    text = labelling.training_text("[nom] et [lieu], # [mot] !", lists()["remplacements"])
    assert text == "quelqu'un et Paris, 40 !"


def test_more_labels_than_words_are_refused():
    with pytest.raises(LabelError):
        labelling.training_line("oui", [Label("besoin", "douche", ""), Label("besoin", "repas", "")])


def test_an_id_shared_by_a_need_and_a_fact_names_the_need_unless_said_otherwise():
    assert labelling.read_choice("loyer", LABELS)[0].kind == "besoin"
    assert labelling.read_choice("fait:loyer", LABELS)[0].kind == "fait"


def test_the_command_line_loads_nothing_of_rasa():
    check = (
        "import sys, cli.main;"
        "sys.exit(any(n.startswith(('rasa.', 'spacy', 'assistant.components')) for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check], cwd=labelling.ROOT, check=False).returncode == 0
